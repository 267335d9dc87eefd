"""What the wallet remembers, as values: its journeys, and for each its card secret, consents, deposits and endings.

It says nothing that the chain says better: whether a consent was given or a deposit logged is read there each time, by
hash. So a page is never wrong, only incomplete, and a wallet that was killed finds out by looking.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from hospes.clients.wallet.errors import NoConsentError, NoJourneyError, NoRecordError
from hospes.core.cards import Card
from hospes.core.identities import Address, Hash, MemberId, RecordId
from hospes.core.messages import Consent, Deposit, Erasure, Receipt

T = TypeVar("T")

FOR_GOOD: Final = (1 << 64) - 1
"""The largest `through`: no consent of the journey will ever hold again."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A keeper's signed word that it holds its share of one deposit."""

    keeper: Address
    signature: bytes


@dataclass(frozen=True, slots=True)
class DepositPage:
    """One deposit.

    Attributes
    ----------
    deposit : Deposit
        Its opening.
    signature : bytes
        The journey's.
    document : Hash
        keccak256 of the document: tells a repetition from another document.
    digests : tuple of Hash
        sha2-256 of all its blocks, needed to erase them.
    stores : tuple of MemberId
        Those that hold all blocks.
    accepted : tuple of Acceptance
    shares : tuple of bytes
        In keeper order, only until the entry is final; then nothing here can open the record.
    given_up : bool
        It was left unfinished for good: its keepers have dropped it, or the traveller erased it.
    """

    deposit: Deposit
    signature: bytes
    document: Hash
    digests: tuple[Hash, ...]
    stores: tuple[MemberId, ...]
    accepted: tuple[Acceptance, ...]
    shares: tuple[bytes, ...]
    given_up: bool

    @property
    def record(self) -> RecordId:
        """The record's id."""
        return self.deposit.body.record

    @property
    def unfinished(self) -> bool:
        """Whether it is not known to be logged and not given up."""
        return bool(self.shares)

    def keepers(self) -> set[Address]:
        """Return the keepers that accepted."""
        return {acceptance.keeper for acceptance in self.accepted}


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """One consent, whole, so that it can be shown and withdrawn exactly.

    Attributes
    ----------
    consent : Consent
    signature : bytes
        The journey's.
    standing : bool
        Whether keepers hold it.
    signed_at : int
        Unix seconds.
    holders : tuple of Address
        Keepers that said they hold it.
    withdrawal : bytes
        The journey's signature under its withdrawal; empty until the traveller withdrew.
    """

    consent: Consent
    signature: bytes
    standing: bool
    signed_at: int
    holders: tuple[Address, ...]
    withdrawal: bytes

    @property
    def grants_hash(self) -> Hash:
        """What the chain knows it by."""
        return self.consent.grants_hash


@dataclass(frozen=True, slots=True)
class EndingPage:
    """One ending: every consent given in a block up to `through` is over."""

    through: int
    signature: bytes


@dataclass(frozen=True, slots=True)
class BrakePage:
    """That a brake was signed: enough to know it again, too little to pull it.

    Attributes
    ----------
    through : int
    signature_hash : Hash
        keccak256 of the journey's signature, which only the file has.
    """

    through: int
    signature_hash: Hash


@dataclass(frozen=True, slots=True)
class HeldReceipt:
    """A member's signed word on what it deleted under one erasure."""

    signer: Address
    receipt: Receipt
    signature: bytes


@dataclass(frozen=True, slots=True)
class ErasurePage:
    """The end of one record.

    Attributes
    ----------
    erasure : Erasure
    signature : bytes
        The journey's.
    receipts : tuple of HeldReceipt
    """

    erasure: Erasure
    signature: bytes
    receipts: tuple[HeldReceipt, ...]

    def signers(self) -> set[Address]:
        """Return who has signed a receipt."""
        return {receipt.signer for receipt in self.receipts}


@dataclass(frozen=True, slots=True)
class JourneyPage:
    """One journey.

    Attributes
    ----------
    network : Hash
        Pin of its genesis: demonstrations share a chain id, and are still different networks.
    chain_id, index : int
        Together with the root secret they give its keys.
    address : Address
    name : str
        The traveller's own word for it; leaves the wallet on no wire.
    gate_secret : bytes
        On the card.
    begun_at : int
        Unix seconds.
    deposits, consents, endings, erasures : tuple
        In the order they were made.
    mailbox : ConsentPage, optional
        A consent to nobody that brings keepers the notice key while they hold no standing one (`standing`).
    brake : BrakePage, optional
        Of the ending that was signed in advance, once it was.
    """

    network: Hash
    chain_id: int
    index: int
    address: Address
    name: str
    gate_secret: bytes
    begun_at: int
    deposits: tuple[DepositPage, ...] = ()
    consents: tuple[ConsentPage, ...] = ()
    endings: tuple[EndingPage, ...] = ()
    erasures: tuple[ErasurePage, ...] = ()
    mailbox: ConsentPage | None = None
    brake: BrakePage | None = None

    @property
    def card(self) -> Card:
        """The journey's card."""
        return Card(self.chain_id, self.address, self.gate_secret)

    def deposit(self, number: int, among: "Sequence[JourneyPage]" = ()) -> DepositPage:
        """Return a deposit by its number in the wallet, from 1, or raise `NoRecordError`.

        The error names the journeys of `among` that have one of this number.
        """
        if not 1 <= number <= len(self.deposits):
            elsewhere = (page.index for page in among if 1 <= number <= len(page.deposits))
            raise NoRecordError(number, self.index, elsewhere)
        return self.deposits[number - 1]

    def consent(self, number: int, among: "Sequence[JourneyPage]" = ()) -> ConsentPage:
        """Return a consent by its number in the wallet, from 1, or raise `NoConsentError`, likewise."""
        if not 1 <= number <= len(self.consents):
            elsewhere = (page.index for page in among if 1 <= number <= len(page.consents))
            raise NoConsentError(f"consent {number}", self.index, elsewhere)
        return self.consents[number - 1]

    def with_deposit(self, page: DepositPage) -> "JourneyPage":
        """Return the journey with one more deposit, or with a later state of one it has."""
        return replace(self, deposits=_with(self.deposits, page, lambda old: old.record == page.record))

    def with_consent(self, page: ConsentPage) -> "JourneyPage":
        """Return the journey with one more consent, or with a later state of one it has."""
        return replace(self, consents=_with(self.consents, page, lambda old: old.grants_hash == page.grants_hash))

    def with_ending(self, page: EndingPage) -> "JourneyPage":
        """Return the journey with one more ending."""
        return replace(self, endings=_with(self.endings, page, lambda old: old.through == page.through))

    def with_erasure(self, page: ErasurePage) -> "JourneyPage":
        """Return the journey with one more erasure, or with a later state of one it has."""
        return replace(self, erasures=_with(self.erasures, page, lambda old: old.erasure == page.erasure))


@dataclass(frozen=True, slots=True)
class KnownKeeper:
    """A keeper as the registry had it: where it is reached, and whose signature is its own.

    Attributes
    ----------
    account : Address
    id : MemberId
    service : str
        Address (URL) of its services.
    """

    account: Address
    id: MemberId
    service: str


@dataclass(frozen=True, slots=True)
class KeepersPage:
    """The keepers of one epoch as they were last proven, for when no ledger answers.

    Attributes
    ----------
    network : Hash
        Pin of the genesis that they were proven against.
    epoch : int
    block, time : int
        Of the final block that they were proven at; Unix seconds.
    keepers : tuple of KnownKeeper
        In the epoch's order.
    """

    network: Hash
    epoch: int
    block: int
    time: int
    keepers: tuple[KnownKeeper, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """All that the wallet remembers.

    Attributes
    ----------
    version : int
    journeys : tuple of JourneyPage
    keepers : tuple of KeepersPage, optional
        Absent in books of before they were remembered.
    """

    version: int = 1
    journeys: tuple[JourneyPage, ...] = ()
    keepers: tuple[KeepersPage, ...] | None = None

    def on(self, network: Hash) -> tuple[JourneyPage, ...]:
        """Return the journeys of one network, in the order they began."""
        return tuple(page for page in self.journeys if page.network == network)

    def elsewhere(self, network: Hash) -> int:
        """Return how many journeys are on other networks."""
        return len(self.journeys) - len(self.on(network))

    def journey(self, network: Hash, index: int | None = None) -> JourneyPage:
        """Return a journey, the latest when none is named.

        Raises
        ------
        NoJourneyError
            When the wallet has no such journey on this network.
        """
        found = [page for page in self.on(network) if index in (None, page.index)]
        if not found:
            raise NoJourneyError(index, self.elsewhere(network))
        return found[-1]

    def next_index(self, chain_id: int) -> int:
        """Return an index that no journey on a network of this chain id has used."""
        return max((page.index for page in self.journeys if page.chain_id == chain_id), default=-1) + 1

    def keepers_on(self, network: Hash) -> tuple[KeepersPage, ...]:
        """Return the keepers that are remembered of one network, by epoch as they were first met."""
        return tuple(page for page in self.keepers or () if page.network == network)

    def with_keepers(self, page: KeepersPage) -> "Pages":
        """Return the pages with the keepers of one more epoch, or with a later state of theirs."""

        def same(old: KeepersPage) -> bool:
            return (old.network, old.epoch) == (page.network, page.epoch)

        return replace(self, keepers=_with(self.keepers or (), page, same))

    def with_journey(self, page: JourneyPage) -> "Pages":
        """Return the pages with one more journey, or with a later state of one they have."""
        return replace(self, journeys=_with(self.journeys, page, lambda old: old.address == page.address))


def _with(pages: tuple[T, ...], page: T, same: Callable[[T], bool]) -> tuple[T, ...]:
    places = [i for i, old in enumerate(pages) if same(old)]
    if not places:
        return (*pages, page)
    return (*pages[: places[0]], page, *pages[places[0] + 1 :])
