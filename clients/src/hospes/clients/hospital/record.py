"""From released shares to records: grouped, checked against the log, put together, fetched, opened, attributed.

Shares are right or wrong by their hash in a deposit that the log has, so who sent them need not be trusted. It shows
nothing and keeps nothing.

Sources: PROTOCOL sections 3, 4 and 6.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hospes.clients.hospital.quorum import Answered, Lying, Outcome
from hospes.clients.hospital.stores import Stores
from hospes.core.bodies import ReleasedShare
from hospes.core.chain import Entry, EntryKind, Epoch, Member
from hospes.core.errors import HospesError, SealingError
from hospes.core.identities import Address, MemberId, keccak, require_signer
from hospes.core.messages import Deposit, share_hash
from hospes.core.proof import FinalHeader, Journal
from hospes.core.sealing import Manifest, RecordContext, check_key, open_document, open_manifest
from hospes.core.shares import combine
from hospes.core.typed_data import Domain, digest
from hospes.service.chain import ChainReader

BY_THE_TRAVELLER = "cut by the traveller"
"""What a document without its issuer's signature shows as."""


@dataclass(frozen=True, slots=True)
class FoundDeposit:
    """A deposit of the log with the right shares that were released of it.

    Attributes
    ----------
    entry : Entry
    deposit : Deposit
    shares : mapping of Address to bytes
        By keeper; each has the hash that the deposit gives to this keeper.
    """

    entry: Entry
    deposit: Deposit
    shares: Mapping[Address, bytes] = field(repr=False)

    @property
    def what(self) -> str:
        """The record's class."""
        return self.deposit.body.what

    @property
    def missing(self) -> int:
        """How many more shares are needed to open it."""
        return max(0, self.deposit.body.threshold - len(self.shares))


@dataclass(frozen=True, slots=True)
class Origin:
    """Who answers for a document.

    Attributes
    ----------
    issuer : MemberId or None
        Whose signature it carries; None when it was cut by the traveller.
    issued_at : int
        Unix seconds, as the issuer says; 0 without issuer.
    text : str
        The same in words, with the reason when a signature did not hold.
    """

    issuer: MemberId | None
    issued_at: int
    text: str

    def __str__(self) -> str:
        """Return the words."""
        return self.text


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """One record in clear.

    Attributes
    ----------
    what : str
        Its class.
    number : int
        Entry of its deposit.
    deposited_at : int
        Unix seconds by the wallet's clock.
    media_type : str
    document : bytes
        Personal data: show it, and let it go.
    origin : Origin
        Who answers for it.
    """

    what: str
    number: int
    deposited_at: int
    media_type: str
    document: bytes = field(repr=False)
    origin: Origin


@dataclass(frozen=True, slots=True)
class Unopened:
    """A deposit that was released and that did not open, and why."""

    what: str
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What a released share is measured against, all of it proven.

    Attributes
    ----------
    domain : Domain
    what : tuple of str
        The classes that were asked for.
    journal : Journal
    epochs : mapping of int to Epoch
        Keeper epochs by number.
    """

    domain: Domain
    what: tuple[str, ...]
    journal: Journal
    epochs: Mapping[int, Epoch]


def sort_shares(
    outcomes: Sequence[Outcome], yardstick: Yardstick
) -> tuple[tuple[FoundDeposit, ...], tuple[Outcome, ...]]:
    """Group the released shares by deposit, newest first, and find out who lied.

    Returns
    -------
    tuple
        The deposits, and the outcomes with each keeper that gave a wrong share, or a deposit that the log does not
        have, as `Lying`. Its right shares count nevertheless: they are right.
    """
    found: dict[int, FoundDeposit] = {}
    judged: list[Outcome] = []
    for outcome in outcomes:
        if not isinstance(outcome, Answered):
            judged.append(outcome)
            continue
        faults: list[str] = []
        for released in outcome.shares:
            fault = _fault(released, outcome.keeper, yardstick)
            if fault:
                faults.append(fault)
            else:
                _add(found, yardstick.journal.entry(released.number), released, outcome.keeper)
        judged.append(Lying(outcome.keeper, "; ".join(faults)) if faults else outcome)
    newest_first = sorted(found.values(), key=lambda deposit: -deposit.entry.number)
    return tuple(newest_first), tuple(judged)


async def open_record(found: FoundDeposit, stores: Stores, chain: ChainReader, at: FinalHeader) -> OpenedRecord:
    """Put the key together, fetch and open the record, and check who answers for it.

    Raises
    ------
    ShareError
        When shares are missing.
    SealingError, MalformedError
        When right shares give a wrong key, or a block is not what the deposit promised: a bad deposit.
    BlockUnavailableError
        When no store has a block.
    """
    body = found.deposit.body
    context = RecordContext(found.deposit.journey, body.record, body.what)
    key = combine(sorted(found.shares.values()), body.threshold)
    check_key(key, body.key_check)
    manifest = open_manifest(context, key, await stores.fetch(body.manifest))
    document = open_document(context, key, manifest, await stores.fetch_all(manifest.segments))
    return OpenedRecord(
        what=body.what,
        number=found.entry.number,
        deposited_at=body.deposited_at,
        media_type=manifest.media_type,
        document=document,
        origin=await find_origin(manifest, document, chain, at),
    )


async def open_newest(
    deposits: Iterable[FoundDeposit], stores: Stores, chain: ChainReader, at: FinalHeader
) -> tuple[tuple[OpenedRecord, ...], tuple[Unopened, ...]]:
    """Open the newest record of each class; an older one only when the newer did not open, which is told."""
    opened: dict[str, OpenedRecord] = {}
    unopened: list[Unopened] = []
    for found in deposits:
        if found.what in opened:
            continue
        try:
            opened[found.what] = await open_record(found, stores, chain, at)
        except HospesError as error:
            unopened.append(Unopened(found.what, found.entry.number, str(error)))
    return tuple(opened[what] for what in sorted(opened)), tuple(unopened)


async def find_origin(manifest: Manifest, document: bytes, chain: ChainReader, at: FinalHeader) -> Origin:
    """Return who answers for a document: its issuer, if the issuer's registered account signed these very bytes."""
    if manifest.issued is None:
        return Origin(None, 0, BY_THE_TRAVELLER)
    issued = manifest.issued.issued
    try:
        if issued.document_hash != keccak(document):
            raise SealingError("the document", "its issuer signed another one")
        if issued.what != manifest.what:
            raise SealingError("the document", f"its issuer signed it as {issued.what}")
        member = await chain.member_named(issued.issuer, at)
        require_signer(digest(chain.domain, issued), manifest.issued.signature, member.account, "the issuer")
    except HospesError as error:
        return Origin(None, 0, f"{BY_THE_TRAVELLER}; that {issued.issuer} issued it could not be confirmed ({error})")
    return Origin(issued.issuer, issued.issued_at, f"issued and signed by {issued.issuer}")


def _fault(released: ReleasedShare, keeper: Member, yardstick: Yardstick) -> str:
    """Return what an honest keeper would not have sent; empty for a right share of a logged deposit."""
    body, number, journal = released.deposit.body, released.number, yardstick.journal
    if body.what not in yardstick.what:
        return f"it released {body.what}, which nobody asked for"
    if number > len(journal.entries):
        return f"it showed a deposit as entry {number}, and the log ends with entry {len(journal.entries)}"
    entry = journal.entry(number)
    if entry.kind is not EntryKind.DEPOSITED or entry.entry_hash != digest(yardstick.domain, released.deposit):
        return f"it showed a deposit that is not entry {number}"
    return _share_fault(released, keeper, yardstick.epochs.get(body.keeper_epoch))


def _share_fault(released: ReleasedShare, keeper: Member, epoch: Epoch | None) -> str:
    """Return what is wrong with a share; the deposit tells each keeper's x and hash."""
    body, number = released.deposit.body, released.number
    if epoch is None or keeper.account not in epoch.accounts:
        return f"it is no keeper of the deposit in entry {number}"
    place = epoch.accounts.index(keeper.account)
    if place >= len(body.share_hashes) or released.share[0] != place + 1:
        return f"its share for entry {number} is another keeper's"
    if share_hash(body.salt, released.share) != body.share_hashes[place]:
        return f"its share for entry {number} is wrong"
    return ""


def _add(found: dict[int, FoundDeposit], entry: Entry, released: ReleasedShare, keeper: Member) -> None:
    known = found.get(entry.number, FoundDeposit(entry, released.deposit, {}))
    found[entry.number] = replace(known, shares={**known.shares, keeper.account: released.share})
