"""What travellers and oracles, and oracles among themselves, send: enrolments, their end, and requests to attest.

It only says what crosses; what an oracle does about it is `hospes.oracle`'s.

Sources: PROTOCOL sections 5 and 7, docs/adr/0007-oracle.md.
"""

from dataclasses import dataclass, field
from typing import Final

from hospes.core.alert_box import AlertDetail
from hospes.core.cards import GATE_SECRET_BYTES, gate_of
from hospes.core.errors import MalformedError
from hospes.core.identities import ADDRESS_BYTES, HASH_BYTES, SIGNATURE_BYTES, Address, Hash, keccak
from hospes.core.messages import Alert, Enrolment, Unenrolment

FRAME_KEY_BYTES: Final = 32
"""firmware/SPEC.md section 1."""
MAX_ROW_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class EnrolRequest:
    """``POST /v1/enrol``: the journey stands outside, since it is part of the box's context."""

    journey: Address
    box: bytes

    def __post_init__(self) -> None:
        """Refuse a journey of another size."""
        if len(self.journey) != ADDRESS_BYTES:
            raise MalformedError("EnrolRequest", "journey", f"expected {ADDRESS_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class EnrolBox:
    """Plaintext of the box of an `EnrolRequest`.

    Attributes
    ----------
    enrolment : Enrolment
    signature : bytes
        The journey's.
    frame_key : bytes
        The one whose hash the enrolment holds.
    gate : bytes
        The 16 bytes of the card's secret.
    """

    enrolment: Enrolment
    signature: bytes
    frame_key: bytes = field(repr=False)
    gate: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse secrets of another size, and those that the enrolment does not stand for."""
        if len(self.frame_key) != FRAME_KEY_BYTES or keccak(self.frame_key) != self.enrolment.frame_key_hash:
            raise MalformedError("EnrolBox", "frameKey", "it is not the one whose hash was signed")
        if len(self.gate) != GATE_SECRET_BYTES or gate_of(self.gate) != self.enrolment.gate:
            raise MalformedError("EnrolBox", "gate", "it is not the one whose hash was signed")


@dataclass(frozen=True, slots=True)
class EnrolReply:
    """The oracle has the enrolment on its disk.

    Attributes
    ----------
    enrolment_hash : Hash
        Digest of the `Enrolment`.
    frames_port : int
        TCP port, on the host of the oracle's services, where it takes the device's frames.
    """

    enrolment_hash: Hash
    frames_port: int


@dataclass(frozen=True, slots=True)
class UnenrolRequest:
    """``POST /v1/unenrol``."""

    unenrolment: Unenrolment
    signature: bytes


@dataclass(frozen=True, slots=True)
class UnenrolReply:
    """The keys of all that the oracle kept of the journey are destroyed."""

    journey: Address


@dataclass(frozen=True, slots=True)
class AttestRequest:
    """``POST /v1/attest``: the hash stands outside, since it is part of the box's context."""

    alert_hash: Hash
    box: bytes

    def __post_init__(self) -> None:
        """Refuse a hash of another size."""
        if len(self.alert_hash) != HASH_BYTES:
            raise MalformedError("AttestRequest", "alertHash", f"expected {HASH_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class AttestBox:
    """Plaintext of the box of an `AttestRequest`.

    Attributes
    ----------
    alert : Alert
    detail : AlertDetail
        The one that the alert stands for.
    row : str
        The line of the policy that fired.
    as_of : int
        Up to which time of the device, Unix milliseconds, the raising oracle had judged.
    oracle_epoch : int
    attestation : bytes
        The raising oracle's own: who asks is an oracle in office, and answers for the alert itself.
    previous : Hash, optional
        The alert that nobody acknowledged.
    """

    alert: Alert
    detail: AlertDetail = field(repr=False)
    row: str
    as_of: int
    oracle_epoch: int
    attestation: bytes
    previous: Hash | None = None

    def __post_init__(self) -> None:
        """Refuse a detail that the alert does not stand for, and values of another size."""
        if self.detail.hash != self.alert.detail:
            raise MalformedError("AttestBox", "detail", "it is not the one whose hash the alert holds")
        if not 0 < len(self.row) <= MAX_ROW_NAME:
            raise MalformedError("AttestBox", "row", f"expected 1 to {MAX_ROW_NAME} characters")
        if not 0 <= self.as_of < 1 << 48:
            raise MalformedError("AttestBox", "asOf", "expected Unix milliseconds")
        if len(self.attestation) != SIGNATURE_BYTES:
            raise MalformedError("AttestBox", "attestation", f"expected {SIGNATURE_BYTES} bytes")
        if self.previous is not None and len(self.previous) != HASH_BYTES:
            raise MalformedError("AttestBox", "previous", f"expected {HASH_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class AttestReply:
    """An oracle's signature over the `Attestation` of the alert that it was asked for."""

    attestation: bytes

    def __post_init__(self) -> None:
        """Refuse a signature of another size."""
        if len(self.attestation) != SIGNATURE_BYTES:
            raise MalformedError("AttestReply", "attestation", f"expected {SIGNATURE_BYTES} bytes")
