"""The bodies of HTTP calls and the plaintexts of boxes between travellers, hospitals, keepers and stores.

They only say what crosses; who may send what is decided by the receiver. A body's fields are named as in PROTOCOL
sections 1 and 5; `core.wire` reads and writes them.
"""

from dataclasses import dataclass
from typing import Final

from hospes.core.cards import GATE_SECRET_BYTES
from hospes.core.errors import MalformedError
from hospes.core.identities import ADDRESS_BYTES, HASH_BYTES, Address, Hash, RecordId
from hospes.core.messages import (
    MAX_LIST,
    Access,
    Alert,
    Consent,
    Deposit,
    DepositBody,
    Erasure,
    Grant,
    Inquiry,
    Receipt,
    RecordClass,
)
from hospes.core.shares import SHARE_BYTES
from hospes.core.typed_data import hash_struct, hash_words

MAX_SHOWN_GRANTS: Final = 8
"""Grants that one access can show, and consents that a keeper looks up for each (PROTOCOL section 6)."""
SLOT_BYTES: Final = 1024
SLOTS: Final = 64
"""One answer: 8 classes times 8 deposits."""
ANSWER_BYTES: Final = SLOT_BYTES * SLOTS
CALLS: Final = ("deposit", "end", "erase", "give", "withdraw")


@dataclass(frozen=True, slots=True)
class DepositRequest:
    """``POST /v1/deposit``: the deposit, the journey's signature, and this keeper's share in a box."""

    deposit: Deposit
    signature: bytes
    box: bytes


@dataclass(frozen=True, slots=True)
class ShareBox:
    """Plaintext of the box of a `DepositRequest`."""

    share: bytes

    def __post_init__(self) -> None:
        """Refuse a share of another size."""
        if len(self.share) != SHARE_BYTES:
            raise MalformedError("ShareBox", "share", f"expected {SHARE_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class AcceptedReply:
    """The keeper's signed `Accepted`."""

    deposit_hash: Hash
    signature: bytes


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """``POST /v1/access``: everything is inside the box."""

    box: bytes


@dataclass(frozen=True, slots=True)
class StandingRequest:
    """``POST /v1/standing``: the journey stands outside, since it is part of the box's context (ADR 0003)."""

    journey: Address
    box: bytes

    def __post_init__(self) -> None:
        """Refuse a journey of another size."""
        if len(self.journey) != ADDRESS_BYTES:
            raise MalformedError("StandingRequest", "journey", "expected 20 bytes")


@dataclass(frozen=True, slots=True)
class StandingBox:
    """Plaintext of ``POST /v1/standing``: a consent that keepers hold, and where to seal notices to.

    Attributes
    ----------
    consent : Consent
    signature : bytes
        The journey's, over the `Consent`.
    notice_key : bytes
    notice_signature : bytes
        The journey's, over the `Mailbox` of journey and notice key: a consent that somebody else came to know does not
        let them redirect the notices.
    """

    consent: Consent
    signature: bytes
    notice_key: bytes
    notice_signature: bytes


@dataclass(frozen=True, slots=True)
class StandingReply:
    """The keeper holds this consent durably."""

    grants_hash: Hash


@dataclass(frozen=True, slots=True)
class ShownGrant:
    """One grant shown without the others of its consent.

    Attributes
    ----------
    grant : Grant
    siblings : tuple of Hash
        Struct hashes of the other grants, sorted; with the grant's own they give ``grantsHash``.
    deadline : int
        Of the consent.
    """

    grant: Grant
    siblings: tuple[Hash, ...]
    deadline: int

    def __post_init__(self) -> None:
        """Refuse siblings of the wrong size or number, and a grant that the list would hold twice."""
        if len(self.siblings) >= MAX_LIST or any(len(sibling) != HASH_BYTES for sibling in self.siblings):
            raise MalformedError("ShownGrant", "siblings", "expected at most 63 hashes of 32 bytes")
        if len({hash_struct(self.grant), *self.siblings}) <= len(self.siblings):
            raise MalformedError("ShownGrant", "siblings", "a grant stands twice")

    @classmethod
    def of(cls, consent: Consent, grant: Grant) -> "ShownGrant":
        """Return what the wallet hands out for one grant of a consent."""
        others = tuple(hash_struct(other) for other in consent.grants if other != grant)
        return cls(grant, others, consent.deadline)

    @property
    def grants_hash(self) -> Hash:
        """The hash that the chain knows the consent by."""
        return hash_words(sorted((hash_struct(self.grant), *self.siblings)))


@dataclass(frozen=True, slots=True)
class GrantFile:
    """A shown grant on its way to a hospital, as a file or QR code: whose it is, and what it shows."""

    journey: Address
    shown: ShownGrant

    def __post_init__(self) -> None:
        """Refuse a journey of another size."""
        if len(self.journey) != ADDRESS_BYTES:
            raise MalformedError("GrantFile", "journey", f"expected {ADDRESS_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class AccessBox:
    """Plaintext of ``POST /v1/access``.

    Attributes
    ----------
    access : Access
        What the entry's hash stands for.
    number : int
        The entry's number.
    grants : tuple of ShownGrant
        At most 8.
    gate : bytes
        The 16 bytes of the card's secret; empty when the hospital has none.
    alert : Alert, optional
    """

    access: Access
    number: int
    grants: tuple[ShownGrant, ...]
    gate: bytes
    alert: Alert | None = None

    def __post_init__(self) -> None:
        """Refuse too many grants or a gate of another size."""
        if len(self.grants) > MAX_SHOWN_GRANTS:
            raise MalformedError("AccessBox", "grants", f"expected at most {MAX_SHOWN_GRANTS}")
        if len(self.gate) not in (0, GATE_SECRET_BYTES):
            raise MalformedError("AccessBox", "gate", f"expected {GATE_SECRET_BYTES} bytes or none")
        if not 1 <= self.number < 1 << 64:
            raise MalformedError("AccessBox", "number", "entries are numbered from 1")


@dataclass(frozen=True, slots=True)
class AnswerReply:
    """A keeper's answer: a box of always the same size, the final block it stands on, the keeper's signature."""

    box: bytes
    final_block: Hash
    signature: bytes


@dataclass(frozen=True, slots=True)
class ReleasedShare:
    """One used slot of an answer.

    Attributes
    ----------
    number : int
        Entry number of the deposit.
    deposit : Deposit
        Its whole opening.
    share : bytes
    """

    number: int
    deposit: Deposit
    share: bytes


@dataclass(frozen=True, slots=True)
class InquiryRequest:
    """``POST /v1/notices``."""

    inquiry: Inquiry
    signature: bytes


@dataclass(frozen=True, slots=True)
class SealedNotice:
    """A notice as a keeper holds it: only the traveller can open it."""

    number: int
    box: bytes


@dataclass(frozen=True, slots=True)
class NoticesReply:
    """What a keeper was shown from the asked number on."""

    notices: tuple[SealedNotice, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Plaintext of a notice.

    Attributes
    ----------
    access : Access
    released : tuple of str
        The classes that the keeper released; empty for a refusal.
    time : int
        Unix seconds by the keeper's clock.
    """

    access: Access
    released: tuple[str, ...]
    time: int


@dataclass(frozen=True, slots=True)
class RelayArguments:
    """Arguments of a relayed call; each call uses the ones its name needs and no others."""

    journey: Address
    grants_hash: Hash | None = None
    deadline: int | None = None
    through: int | None = None
    body_hash: Hash | None = None
    erasure: Erasure | None = None

    def __post_init__(self) -> None:
        """Refuse values of the wrong size."""
        sizes: dict[str, tuple[bytes | None, int]] = {"journey": (self.journey, ADDRESS_BYTES)}
        sizes |= {"grantsHash": (self.grants_hash, HASH_BYTES), "bodyHash": (self.body_hash, HASH_BYTES)}
        for where, (value, size) in sizes.items():
            if value is not None and len(value) != size:
                raise MalformedError("RelayArguments", where, f"expected {size} bytes")


@dataclass(frozen=True, slots=True)
class RelayRequest:
    """``POST /v1/relay``: a call that carries the journey's own signature, for a member to send and pay for."""

    call: str
    arguments: RelayArguments
    signature: bytes

    def __post_init__(self) -> None:
        """Refuse a call that no contract has, or arguments that do not belong to it."""
        needed = {
            "deposit": {"body_hash"},
            "end": {"through"},
            "erase": {"erasure"},
            "give": {"grants_hash", "deadline"},
            "withdraw": {"grants_hash"},
        }
        if self.call not in needed:
            raise MalformedError("RelayRequest", "call", f"expected one of {', '.join(CALLS)}")
        optional = ("grants_hash", "deadline", "through", "body_hash", "erasure")
        given = {name for name in optional if getattr(self.arguments, name) is not None}
        if given != needed[self.call]:
            raise MalformedError("RelayRequest", "arguments", f"not those of {self.call}")


@dataclass(frozen=True, slots=True)
class RelayReply:
    """The transaction that carries the call."""

    transaction: Hash


@dataclass(frozen=True, slots=True)
class ReceiptReply:
    """What a keeper or store signs for having deleted."""

    receipt: Receipt
    signature: bytes


@dataclass(frozen=True, slots=True)
class InboxRequest:
    """``POST /v1/inbox``: an alert for a hospital; the hash stands outside, since it is part of the box's context.

    Attributes
    ----------
    alert_hash : Hash
        Digest of the `Alert` in the box, as the chain has it.
    box : bytes
        Of an `alert_box.AlertBox`.
    """

    alert_hash: Hash
    box: bytes

    def __post_init__(self) -> None:
        """Refuse a hash of another size."""
        if len(self.alert_hash) != HASH_BYTES:
            raise MalformedError("InboxRequest", "alertHash", f"expected {HASH_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class InboxReply:
    """The hospital has this alert on its disk; that somebody saw it is said on the chain."""

    alert_hash: Hash


def pack_answer(shares: tuple[tuple[RecordClass, ReleasedShare], ...]) -> bytes:
    """Return the plaintext of an answer: 64 slots, zero-padded, the same size whatever was released.

    A slot is ``uint8 class || uint64 number || record || manifest || uint32 keeperEpoch || uint8 threshold ||
    uint8 n || n share hashes || keyCheck || uint64 depositedAt || salt || share``; number 0 marks an empty one.
    """
    if len(shares) > SLOTS:
        raise MalformedError("answer", "", f"more than {SLOTS} deposits")
    slots = b"".join(_pack_slot(kind, released).ljust(SLOT_BYTES, b"\0") for kind, released in shares)
    return slots.ljust(ANSWER_BYTES, b"\0")


def unpack_answer(journey: Address, plaintext: bytes) -> tuple[ReleasedShare, ...]:
    """Return the used slots of an answer.

    Raises
    ------
    MalformedError
        For any other size, an unknown class, a slot that is cut off, or bytes where zeros belong.
    """
    if len(plaintext) != ANSWER_BYTES:
        raise MalformedError("answer", "", f"expected {ANSWER_BYTES} bytes, got {len(plaintext)}")
    slots = (plaintext[i : i + SLOT_BYTES] for i in range(0, ANSWER_BYTES, SLOT_BYTES))
    return tuple(_unpack_slot(journey, i, slot) for i, slot in enumerate(slots) if any(slot))


def _pack_slot(kind: RecordClass, released: ReleasedShare) -> bytes:
    body = released.deposit.body
    head = kind.to_bytes(1) + released.number.to_bytes(8) + body.record + body.manifest
    epoch = body.keeper_epoch.to_bytes(4) + body.threshold.to_bytes(1)
    hashes = len(body.share_hashes).to_bytes(1) + b"".join(body.share_hashes)
    return head + epoch + hashes + body.key_check + body.deposited_at.to_bytes(8) + body.salt + released.share


def _unpack_slot(journey: Address, index: int, slot: bytes) -> ReleasedShare:
    take = _Reader(slot, f"slot {index}")
    kind, number = take.integer(1), take.integer(8)
    if kind >= len(RecordClass) or number == 0:
        raise MalformedError("answer", f"slot {index}", "an unknown class or number")
    record, manifest = RecordId(take.bytes(32)), Hash(take.bytes(32))
    epoch, threshold = take.integer(4), take.integer(1)
    hashes = tuple(Hash(take.bytes(32)) for _ in range(take.integer(1)))
    check, at, salt = Hash(take.bytes(32)), take.integer(8), Hash(take.bytes(32))
    share = take.bytes(SHARE_BYTES)
    take.finish()
    what = RecordClass(kind).label
    body = DepositBody(record, what, manifest, epoch, threshold, hashes, check, at, salt)
    return ReleasedShare(number, Deposit(journey, body), share)


class _Reader:
    """Takes fields off the front of a slot."""

    def __init__(self, data: bytes, where: str) -> None:
        self._data, self._at, self._where = data, 0, where

    def bytes(self, size: int) -> bytes:
        if self._at + size > len(self._data):
            raise MalformedError("answer", self._where, "it is cut off")
        self._at += size
        return self._data[self._at - size : self._at]

    def integer(self, size: int) -> int:
        return int.from_bytes(self.bytes(size))

    def finish(self) -> None:
        if any(self._data[self._at :]):
            raise MalformedError("answer", self._where, "bytes where zeros belong")
