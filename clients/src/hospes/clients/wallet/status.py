"""Where everything stands: each journey's consents and deposits beside its proven log, and what needs the traveller.

It changes nothing. What the log holds and the book does not know is shown, since it may mean a stolen key.

Sources: PROTOCOL section 2 ("Removed keepers go on serving old deposits until the wallet has made new ones; the wallet
warns").
"""

from dataclasses import dataclass

from hospes.clients.wallet.history import ConsentState, DepositState, History, history
from hospes.clients.wallet.keepers import Keepers, keepers_in_office
from hospes.clients.wallet.pages import ConsentPage, DepositPage, JourneyPage
from hospes.clients.wallet.wallet import Wallet
from hospes.core.chain import Entry, EntryKind
from hospes.core.identities import Address, RecordId


@dataclass(frozen=True, slots=True)
class ConsentStatus:
    """One consent.

    Attributes
    ----------
    number : int
        In the wallet, from 1; what `withdraw` and `grant-file` name it by.
    who : tuple of str
        Of its grants.
    state : ConsentState
    standing : bool
    holders, keepers : int
        Keepers in office that hold it, of how many.
    """

    number: int
    who: tuple[str, ...]
    state: ConsentState
    standing: bool
    holders: int
    keepers: int


@dataclass(frozen=True, slots=True)
class DepositStatus:
    """One deposit.

    Attributes
    ----------
    index : int
        In the wallet, from 1; what `erase` names it by.
    record : RecordId
    what : str
    state : DepositState
    number : int
        Of its entry; 0 when it has none.
    accepted, keepers, threshold : int
        Keepers that hold a share, of how many, and how many are needed.
    outdated : bool
        Its keepers are not those in office: it should be made anew.
    """

    index: int
    record: RecordId
    what: str
    state: DepositState
    number: int
    accepted: int
    keepers: int
    threshold: int
    outdated: bool


@dataclass(frozen=True, slots=True)
class ForeignEntry:
    """An entry that the journey's key signed and this wallet did not bring into the log."""

    number: int
    kind: str
    time: int


@dataclass(frozen=True, slots=True)
class JourneyStatus:
    """One journey, at one final block.

    Attributes
    ----------
    index, name, address, begun_at
        As in `JourneyPage`.
    accesses : int
        In the log.
    consents, deposits : tuple
    foreign : tuple of ForeignEntry
    block, time : int
    braked : ForeignEntry, optional
        The ending that this wallet signed in advance and somebody used.
    """

    index: int
    name: str
    address: Address
    begun_at: int
    accesses: int
    consents: tuple[ConsentStatus, ...]
    deposits: tuple[DepositStatus, ...]
    foreign: tuple[ForeignEntry, ...]
    block: int
    time: int
    braked: ForeignEntry | None


async def status(wallet: Wallet, page: JourneyPage) -> JourneyStatus:
    """Return where a journey stands."""
    keepers = await keepers_in_office(wallet)
    past = await history(wallet, page)
    braked = past.braked()
    return JourneyStatus(
        index=page.index,
        name=page.name,
        address=page.address,
        begun_at=page.begun_at,
        accesses=len(past.journal.of_kind(EntryKind.ACCESS)),
        consents=tuple(_consent(past, keepers, n, consent) for n, consent in enumerate(page.consents, start=1)),
        deposits=tuple(_deposit(past, keepers, n, deposit) for n, deposit in enumerate(page.deposits, start=1)),
        foreign=tuple(_entry(entry) for entry in past.foreign()),
        block=past.journal.header.number,
        time=past.journal.header.time,
        braked=_entry(braked) if braked else None,
    )


def _entry(entry: Entry) -> ForeignEntry:
    return ForeignEntry(entry.number, entry.kind.name.lower(), entry.time)


def _consent(past: History, keepers: Keepers, number: int, page: ConsentPage) -> ConsentStatus:
    who = tuple(grant.who for grant in page.consent.grants)
    holders = len(set(page.holders) & set(keepers.epoch.accounts))
    return ConsentStatus(number, who, past.consent_state(page), page.standing, holders, len(keepers.members))


def _deposit(past: History, keepers: Keepers, index: int, page: DepositPage) -> DepositStatus:
    body, entry = page.deposit.body, past.deposited(page)
    return DepositStatus(
        index=index,
        record=page.record,
        what=body.what,
        state=past.deposit_state(page),
        number=entry.number if entry else 0,
        accepted=len(page.accepted),
        keepers=len(body.share_hashes),
        threshold=body.threshold,
        outdated=body.keeper_epoch != keepers.epoch.number,
    )
