"""What the traveller can show an auditor: the openings of their own entries, all that this wallet knows.

The log and its completeness are proven without it; openings say what entries stand for. Showing them is the traveller's
choice, and cannot be taken back.

Sources: PROTOCOL section 9 ("the openings the holder chooses to show"); `core.audit`.
"""

from hospes.clients.wallet.accesses import Accesses
from hospes.clients.wallet.history import history
from hospes.clients.wallet.pages import JourneyPage
from hospes.clients.wallet.wallet import Wallet
from hospes.core.audit import Evidence, Opening, ShownGrants, SignedReceipt
from hospes.core.chain import EntryKind


async def evidence(wallet: Wallet, journey: JourneyPage, found: Accesses) -> Evidence:
    """Return the openings of every entry that the wallet can explain, and the receipts that it holds."""
    past = await history(wallet, journey)
    accesses = [Opening(access=look.opening) for look in found.looks if look.opening]
    deposits = [Opening(deposit=page.deposit) for page in journey.deposits if past.deposited(page)]
    consents = [
        Opening(grants=ShownGrants(page.consent.grants, ()))
        for page in journey.consents
        if past.entry(EntryKind.GIVEN, page.grants_hash) or past.entry(EntryKind.WITHDRAWN, page.grants_hash)
    ]
    erasures = [Opening(erasure=page.erasure) for page in journey.erasures if past.erased(page)]
    openings = (*accesses, *deposits, *consents, *erasures)
    held = [receipt for page in journey.erasures if past.erased(page) for receipt in page.receipts]
    receipts = tuple(SignedReceipt(each.signer, each.receipt, each.signature) for each in held)
    return Evidence(wallet.network, journey.address, openings, (), receipts)
