"""The typed messages of the protocol: what travellers and members sign, and what every commitment stands for.

Each class quotes its type from PROTOCOL section 1 and refuses values that the section forbids: unsorted, repeated,
empty or giant lists, unknown words. What a message means for a release is decided elsewhere (`nodes.keeper`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import Final

from hospes.core.errors import MalformedError
from hospes.core.identities import Address, Country, Hash, MemberId, RecordId, country, from_hex, member_id
from hospes.core.typed_data import Message, hash_list, hash_struct, hash_words

MAX_LIST: Final = 64
"""Items of any list of a message (PROTOCOL section 1)."""
MAX_KEEPERS: Final = 16
MAX_ORACLES: Final = 8
"""That one device speaks to (firmware/SPEC.md section 1)."""
MAX_TEXT_BYTES: Final = 256
"""Of a practitioner's name and the like: one line on a screen. Ours, so that every message has a bound."""
ANY_HOSPITAL: Final = "hospital:*"


class RecordClass(IntEnum):
    """The classes of records, numbered in the order of ARCHITECTURE section 2; `label` is the wire's word."""

    EMERGENCY_SUMMARY = 0
    PATIENT_SUMMARY = 1
    MEDICATION = 2
    LABORATORY = 3
    IMAGING = 4
    DISCHARGE = 5
    MENTAL_HEALTH = 6
    DEVICE_READINGS = 7

    @property
    def label(self) -> str:
        """The word in messages and on screens, such as ``emergency-summary``."""
        return self.name.lower().replace("_", "-")


CLASSES: Final = {kind.label: kind for kind in RecordClass}
TREATMENT: Final = "treatment"
EMERGENCY: Final = "emergency"
"""The purpose of a break-glass access."""
RESEARCH: Final = "research"
PURPOSES: Final = (TREATMENT, EMERGENCY, RESEARCH)


@dataclass(frozen=True, slots=True)
class Grant(Message):
    """Who may read what, why, where, when.

    Attributes
    ----------
    who : str
        ``member:<id>``, ``country:<code>`` or ``hospital:*``.
    what, why, where : tuple of str
        Classes, purposes and countries; sorted, unique, non-empty.
    not_before, not_after : int
        Unix seconds; the grant holds for ``not_before <= time < not_after``.
    gate : Hash
        Hash of the card's secret; zero for none, which ``hospital:*`` may not have.
    salt : Hash
        32 random bytes, never used twice.
    """

    TYPE = (
        "Grant(string who,string[] what,string[] why,string[] where,"
        "uint64 notBefore,uint64 notAfter,bytes32 gate,bytes32 salt)"
    )

    who: str
    what: tuple[str, ...]
    why: tuple[str, ...]
    where: tuple[Country, ...]
    not_before: int
    not_after: int
    gate: Hash
    salt: Hash

    def __post_init__(self) -> None:
        """Refuse what PROTOCOL section 1 forbids."""
        Message.__post_init__(self)
        check_who(self.who)
        check_words("Grant", "what", self.what, CLASSES)
        check_words("Grant", "why", self.why, PURPOSES)
        check_list("Grant", "where", [code.encode() for code in self.where])
        for code in self.where:
            country(code)
        if self.not_before >= self.not_after:
            raise MalformedError("Grant", "notAfter", "the grant ends before it begins")
        if self.who == ANY_HOSPITAL and not any(self.gate):
            raise MalformedError("Grant", "gate", "a grant to hospital:* must have a gate")


@dataclass(frozen=True, slots=True)
class Consent(Message):
    """A signed list of grants, sorted by struct hash; `deadline` is when it must have reached the chain."""

    TYPE = "Consent(Grant[] grants,uint64 deadline)"
    REFERS = (Grant,)

    grants: tuple[Grant, ...]
    deadline: int

    def __post_init__(self) -> None:
        """Refuse an unsorted, repeated, empty or giant list."""
        Message.__post_init__(self)
        check_list("Consent", "grants", [hash_struct(grant) for grant in self.grants])

    @property
    def grants_hash(self) -> Hash:
        """What the chain sees of the list."""
        return hash_list(self.grants)


@dataclass(frozen=True, slots=True)
class Withdrawal(Message):
    """The end of one consent."""

    TYPE = "Withdrawal(Grant[] grants)"
    REFERS = (Grant,)

    grants: tuple[Grant, ...]

    def __post_init__(self) -> None:
        """Refuse an unsorted, repeated, empty or giant list."""
        Message.__post_init__(self)
        check_list("Withdrawal", "grants", [hash_struct(grant) for grant in self.grants])


@dataclass(frozen=True, slots=True)
class Ending(Message):
    """The end of every consent given in a block up to `through`."""

    TYPE = "Ending(uint64 through)"

    through: int


@dataclass(frozen=True, slots=True)
class Access(Message):
    """One request to read; its digest is the entry's hash, so it stays secret until shown.

    Attributes
    ----------
    journey : Address
        Whose record.
    member, practitioner : str
        The hospital's id; who asks there, as the hospital states it.
    what : tuple of str
        Classes wanted, sorted.
    why, where : str
        One purpose, and the hospital's country.
    recipient_key : bytes
        ``uint16 KEM id || public key`` that answers are sealed to; serves this access alone.
    evidence : Hash
        Hash of an alert, or zero.
    requested_at : int
        Unix seconds by the requester's clock; information only.
    salt : Hash
        32 random bytes.
    """

    TYPE = (
        "Access(address journey,string member,string practitioner,string[] what,string why,string where,"
        "bytes recipientKey,bytes32 evidence,uint64 requestedAt,bytes32 salt)"
    )

    journey: Address
    member: MemberId
    practitioner: str
    what: tuple[str, ...]
    why: str
    where: Country
    recipient_key: bytes
    evidence: Hash
    requested_at: int
    salt: Hash

    def __post_init__(self) -> None:
        """Refuse what PROTOCOL section 1 forbids."""
        Message.__post_init__(self)
        member_id(self.member)
        check_text("Access", "practitioner", self.practitioner)
        check_words("Access", "what", self.what, CLASSES)
        check_words("Access", "why", (self.why,), PURPOSES)
        country(self.where)

    @property
    def break_glass(self) -> bool:
        """Whether this is a break-glass: an access with purpose `emergency`."""
        return self.why == EMERGENCY


@dataclass(frozen=True, slots=True)
class DepositBody(Message):
    """What a journey binds to one record.

    Attributes
    ----------
    record : RecordId
        32 random bytes.
    what : str
        The record's class.
    manifest : Hash
        sha2-256 of the sealed manifest's block.
    keeper_epoch, threshold : int
        Which keepers hold the shares, and how many are needed.
    share_hashes : tuple of Hash
        In keeper order; each ``keccak256(salt || share)``.
    key_check : Hash
        ``HMAC-SHA256(key, "hospes/key-check/1")``.
    deposited_at : int
        Unix seconds by the wallet's clock.
    salt : Hash
        32 random bytes.
    """

    TYPE = (
        "DepositBody(bytes32 record,string what,bytes32 manifest,uint32 keeperEpoch,uint8 threshold,"
        "bytes32[] shareHashes,bytes32 keyCheck,uint64 depositedAt,bytes32 salt)"
    )

    record: RecordId
    what: str
    manifest: Hash
    keeper_epoch: int
    threshold: int
    share_hashes: tuple[Hash, ...]
    key_check: Hash
    deposited_at: int
    salt: Hash

    def __post_init__(self) -> None:
        """Refuse what PROTOCOL sections 1 and 4 forbid."""
        Message.__post_init__(self)
        check_words("DepositBody", "what", (self.what,), CLASSES)
        if not 1 <= self.threshold <= len(self.share_hashes) <= MAX_KEEPERS:
            raise MalformedError("DepositBody", "shareHashes", "expected threshold to 16 of them")


@dataclass(frozen=True, slots=True)
class Deposit(Message):
    """One record's deposit; its digest is the entry's hash and the context of every box of it."""

    TYPE = "Deposit(address journey,DepositBody body)"
    REFERS = (DepositBody,)

    journey: Address
    body: DepositBody


@dataclass(frozen=True, slots=True)
class Accepted(Message):
    """A keeper's word that it holds its share durably."""

    TYPE = "Accepted(bytes32 depositHash)"

    deposit_hash: Hash


@dataclass(frozen=True, slots=True)
class Answer(Message):
    """A keeper's signature under one answer: which entry, which box, seen at which final block."""

    TYPE = "Answer(bytes32 entryHash,uint64 number,bytes32 boxHash,bytes32 finalBlock)"

    entry_hash: Hash
    number: int
    box_hash: Hash
    final_block: Hash


@dataclass(frozen=True, slots=True)
class Blocks(Message):
    """A journey's permission to put these blocks, named by their sha2-256 digests."""

    TYPE = "Blocks(bytes32[] digests,uint64 deadline,bytes32 salt)"

    digests: tuple[Hash, ...]
    deadline: int
    salt: Hash

    def __post_init__(self) -> None:
        """Refuse an unsorted, repeated, empty or giant list."""
        Message.__post_init__(self)
        check_list("Blocks", "digests", self.digests)


@dataclass(frozen=True, slots=True)
class Erasure(Message):
    """The end of deposits and of their blocks."""

    TYPE = "Erasure(bytes32[] records,bytes32[] digests,uint64 deadline,bytes32 salt)"

    records: tuple[RecordId, ...]
    digests: tuple[Hash, ...]
    deadline: int
    salt: Hash

    def __post_init__(self) -> None:
        """Refuse unsorted, repeated, empty or giant lists."""
        Message.__post_init__(self)
        check_list("Erasure", "records", self.records)
        check_list("Erasure", "digests", self.digests)


@dataclass(frozen=True, slots=True)
class Receipt(Message):
    """A keeper's or store's word on what it deleted; the list may be empty."""

    TYPE = "Receipt(bytes32 erasureHash,bytes32[] deleted,uint64 at)"

    erasure_hash: Hash
    deleted: tuple[Hash, ...]
    at: int

    def __post_init__(self) -> None:
        """Refuse an unsorted, repeated or giant list."""
        Message.__post_init__(self)
        if self.deleted:
            check_list("Receipt", "deleted", self.deleted)


@dataclass(frozen=True, slots=True)
class Inquiry(Message):
    """A traveller's question to one keeper: which accesses it was shown."""

    TYPE = "Inquiry(address journey,address keeper,uint64 fromNumber,uint64 at)"

    journey: Address
    keeper: Address
    from_number: int
    at: int


@dataclass(frozen=True, slots=True)
class Fetch(Message):
    """A member's request for one block of one store, so that only members read (ADR 0003)."""

    TYPE = "Fetch(bytes32 digest,address store,uint64 at)"

    digest: Hash
    store: Address
    at: int


@dataclass(frozen=True, slots=True)
class Mailbox(Message):
    """A journey's word on the key that notices are sealed to, so that nobody else can name one (ADR 0003)."""

    TYPE = "Mailbox(address journey,bytes noticeKey)"

    journey: Address
    notice_key: bytes


@dataclass(frozen=True, slots=True)
class Issued(Message):
    """An issuer's signature under a document, so that a reader abroad knows who wrote it."""

    TYPE = "Issued(string issuer,string what,bytes32 documentHash,uint64 issuedAt)"

    issuer: MemberId
    what: str
    document_hash: Hash
    issued_at: int

    def __post_init__(self) -> None:
        """Refuse an unknown class or an id that no member can have."""
        Message.__post_init__(self)
        member_id(self.issuer)
        check_words("Issued", "what", (self.what,), CLASSES)


@dataclass(frozen=True, slots=True)
class Alert(Message):
    """What the oracle raises from frames; only its hash stands on the chain."""

    TYPE = (
        "Alert(address journey,string addressee,uint8 severity,uint64 raisedAt,uint64 deadline,"
        "bytes32 detail,bytes32 salt)"
    )

    journey: Address
    addressee: MemberId
    severity: int
    raised_at: int
    deadline: int
    detail: Hash
    salt: Hash

    def __post_init__(self) -> None:
        """Refuse an addressee that no member can be."""
        Message.__post_init__(self)
        member_id(self.addressee)


@dataclass(frozen=True, slots=True)
class Attestation(Message):
    """One oracle's word for an alert."""

    TYPE = "Attestation(bytes32 alertHash,uint32 oracleEpoch)"

    alert_hash: Hash
    oracle_epoch: int


@dataclass(frozen=True, slots=True)
class Enrolment(Message):
    """A journey's word to one oracle: judge the frames of this device until then (ADR 0007).

    Attributes
    ----------
    journey, oracle : Address
    device : int
        As its frames name it.
    stream : int
        The oracle's index at the device.
    frame_key_hash : Hash
        keccak256 of the frame key, which is used for this enrolment and nothing else.
    gate : Hash
        Of the card.
    where : Country
        Where the traveller is going: whom to ask while the device knows no position.
    not_after, at : int
        Unix seconds: when it ends by itself, and when it was signed.
    """

    TYPE = (
        "Enrolment(address journey,address oracle,uint32 device,uint8 stream,bytes32 frameKeyHash,bytes32 gate,"
        "string where,uint64 notAfter,uint64 at)"
    )

    journey: Address
    oracle: Address
    device: int
    stream: int
    frame_key_hash: Hash
    gate: Hash
    where: Country
    not_after: int
    at: int

    def __post_init__(self) -> None:
        """Refuse an oracle that the device cannot have, no gate, and an end before the beginning."""
        Message.__post_init__(self)
        country(self.where)
        if self.stream >= MAX_ORACLES:
            raise MalformedError("Enrolment", "stream", f"a device has {MAX_ORACLES} oracles at most")
        if not any(self.gate):
            raise MalformedError("Enrolment", "gate", "an alert without a gate helps nobody")
        if self.not_after <= self.at:
            raise MalformedError("Enrolment", "notAfter", "the enrolment ends before it begins")


@dataclass(frozen=True, slots=True)
class Unenrolment(Message):
    """A journey's word to one oracle: forget me, my device and every reading (ADR 0007)."""

    TYPE = "Unenrolment(address journey,address oracle,uint64 at)"

    journey: Address
    oracle: Address
    at: int


def sorted_grants(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """Return grants in the order that messages need: by struct hash."""
    return tuple(sorted(grants, key=hash_struct))


def share_hash(salt: Hash, share: bytes) -> Hash:
    """Return what a deposit says of one share (PROTOCOL section 4)."""
    return hash_words((salt, share))


def check_who(who: str) -> None:
    """Refuse a `who` that is not one of the three forms; ``carer:`` is reserved."""
    scheme, _, name = who.partition(":")
    if who == ANY_HOSPITAL:
        return
    if scheme == "member":
        member_id(name)
    elif scheme == "country":
        country(name)
    elif scheme == "carer":
        from_hex(name, 20, "who")
        raise MalformedError("Grant", "who", "carer: is reserved")
    else:
        raise MalformedError("Grant", "who", "expected member:<id>, country:<code> or hospital:*")


def check_list(what: str, where: str, items: Sequence[bytes]) -> None:
    """Refuse a list that is not sorted bytewise, unique, and 1 to 64 items long."""
    if not 1 <= len(items) <= MAX_LIST:
        raise MalformedError(what, where, f"expected 1 to {MAX_LIST} items, got {len(items)}")
    if any(left >= right for left, right in pairwise(items)):
        raise MalformedError(what, where, "expected sorted items without repetition")


def check_words(what: str, where: str, words: Sequence[str], allowed: Iterable[str]) -> None:
    """Refuse a list with a word that the protocol does not know."""
    check_list(what, where, [word.encode() for word in words])
    if not set(words) <= set(allowed):
        raise MalformedError(what, where, "a word that the protocol does not know")


def check_text(what: str, where: str, text: str) -> None:
    """Refuse free text that is empty, too long, or would break a line or a terminal."""
    if not text or len(text.encode()) > MAX_TEXT_BYTES or not text.isprintable():
        raise MalformedError(what, where, f"expected 1 to {MAX_TEXT_BYTES} bytes of printable text")
