"""What the traveller can show an auditor: the openings of their own entries, all that this wallet knows.

The log and its completeness are proven without it; openings say what entries stand for. Showing them is the traveller's
choice, and cannot be taken back.

Sources: PROTOCOL section 9 ("the openings the holder chooses to show"); `core.audit`.
"""

from hospes.clients.wallet.accesses import Accesses
from hospes.clients.wallet.history import history
from hospes.clients.wallet.pages import JourneyPage
from hospes.clients.wallet.wallet import Wallet
from hospes.core.audit import Evidence, Opening, ShownGrants
from hospes.core.chain import EntryKind


async def evidence(wallet: Wallet, journey: JourneyPage, found: Accesses) -> Evidence:
    """Return the openings of every entry that the wallet can explain."""
    past = await history(wallet, journey)
    accesses = [Opening(access=look.opening) for look in found.looks if look.opening]
    deposits = [Opening(deposit=page.deposit) for page in journey.deposits if past.deposited(page)]
    consents = [
        Opening(grants=ShownGrants(page.consent.grants, ()))
        for page in journey.consents
        if past.entry(EntryKind.GIVEN, page.grants_hash) or past.entry(EntryKind.WITHDRAWN, page.grants_hash)
    ]
    return Evidence(wallet.network, journey.address, (*accesses, *deposits, *consents), (), ())
