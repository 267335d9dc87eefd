"""Frames: the header's bits, sealing and opening. Written beside the C core, from the same specification, to judge it.

It does not know which numbers were used (`receiver`) nor what a payload says (`readings`, `gone`, `acknowledgements`).
A step takes only what the step before gives: bytes, then `Frame`, then `AuthenticFrame`.

Sources: firmware/SPEC.md section 2; RFC 8439 section 2.8.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NewType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from hospes.core.errors import MalformedError
from hospes.firmware.errors import ForgedFrameError

DeviceId = NewType("DeviceId", int)
"""A device, as its frames name it: 0 to 2^32 - 1."""

VERSION: Final = 1
HEADER_LEN: Final = 16
TAG_LEN: Final = 16
PAYLOAD_MAX: Final = 208
FRAME_MAX: Final = HEADER_LEN + PAYLOAD_MAX + TAG_LEN
KEY_LEN: Final = 32
ORACLES_MAX: Final = 8
NUMBER_MAX: Final = (1 << 48) - 1
"""Greatest number of a message, and greatest time in milliseconds."""

_HEADER: Final = struct.Struct("<BBBBIBBHI")
"""Version, kind, payload length, zero, device, stream, zero, number (low 16 bits, high 32 bits)."""
_NONCE_AT: Final = 4
_LANE_BIT: Final = 0x10
_TO_DEVICE_BIT: Final = 0x80


class Kind(IntEnum):
    """What a frame carries."""

    READINGS = 1
    GONE = 2
    ACKNOWLEDGEMENT = 3


class Lane(IntEnum):
    """Which of the two sequences of numbers a frame belongs to."""

    ROUTINE = 0
    EMERGENCY = 1


@dataclass(frozen=True, slots=True)
class Header:
    """The sixteen clear bytes of a frame.

    Attributes
    ----------
    kind : Kind
        Says the direction too: only acknowledgements run to the device.
    device : DeviceId
        Whose frame it is.
    oracle : int
        Index of the oracle, 0 to 7.
    lane : Lane
        Routine for acknowledgements.
    number : int
        Of the message, from 1; for an acknowledgement, the revision of the receiving state.
    payload_len : int
        In bytes, at most 208.
    """

    kind: Kind
    device: DeviceId
    oracle: int
    lane: Lane
    number: int
    payload_len: int

    def __post_init__(self) -> None:
        """Refuse a field that has no place in the header."""
        if not 0 <= self.device < 1 << 32:
            raise MalformedError("frame", "device", "not an unsigned number of 32 bits")
        if not 0 <= self.oracle < ORACLES_MAX:
            raise MalformedError("frame", "oracle", f"not below {ORACLES_MAX}")
        if not 0 < self.number <= NUMBER_MAX:
            raise MalformedError("frame", "number", "zero, or above 48 bits")
        if not 0 <= self.payload_len <= PAYLOAD_MAX:
            raise MalformedError("frame", "payload length", f"above {PAYLOAD_MAX}")
        if self.kind is Kind.ACKNOWLEDGEMENT and self.lane is not Lane.ROUTINE:
            raise MalformedError("frame", "lane", "an acknowledgement speaks for both lanes and names none")

    def to_bytes(self) -> bytes:
        """Return the sixteen bytes."""
        stream = self.oracle | (_LANE_BIT if self.lane else 0)
        stream |= _TO_DEVICE_BIT if self.kind is Kind.ACKNOWLEDGEMENT else 0
        low, high = self.number & 0xFFFF, self.number >> 16
        return _HEADER.pack(VERSION, self.kind, self.payload_len, 0, self.device, stream, 0, low, high)


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of the right form. Nothing in it is authentic yet, the header neither."""

    header: Header
    data: bytes
    """The whole frame."""


@dataclass(frozen=True, slots=True)
class AuthenticFrame:
    """A frame that was sealed under the key it was opened with."""

    header: Header
    payload: bytes


def cipher_for(key: bytes) -> ChaCha20Poly1305:
    """Return the cipher of one device and one oracle; making it costs as much as opening a frame, so keep it.

    Raises
    ------
    MalformedError
        The key is not 32 bytes.
    """
    if len(key) != KEY_LEN:
        raise MalformedError("frame key", "", f"not {KEY_LEN} bytes")
    return ChaCha20Poly1305(key)


def parse(data: bytes) -> Frame:
    """Read the header of a frame and check everything that needs no key.

    Parameters
    ----------
    data : bytes
        One whole frame, as a transport with boundaries or `StreamDecoder` gives it.

    Raises
    ------
    MalformedError
        Wrong length, version, kind, or a bit that must be zero.
    """
    if not HEADER_LEN + TAG_LEN <= len(data) <= FRAME_MAX:
        raise MalformedError("frame", "", f"not {HEADER_LEN + TAG_LEN} to {FRAME_MAX} bytes long")
    version, kind, payload_len, _, device, stream, _, low, high = _HEADER.unpack_from(data)
    if version != VERSION:
        raise MalformedError("frame", "version", f"not {VERSION}")
    if not Kind.READINGS <= kind <= Kind.ACKNOWLEDGEMENT:
        raise MalformedError("frame", "kind", "unknown")
    lane = Lane.EMERGENCY if stream & _LANE_BIT else Lane.ROUTINE
    number = high << 16 | low
    header = Header(Kind(kind), DeviceId(device), stream & ORACLES_MAX - 1, lane, number, payload_len)
    if header.to_bytes() != data[:HEADER_LEN]:
        raise MalformedError("frame", "header", "a bit is set that must be zero, or the direction is wrong")
    if len(data) != HEADER_LEN + payload_len + TAG_LEN:
        raise MalformedError("frame", "payload length", "not that of the frame")
    return Frame(header, bytes(data))


def open_frame(frame: Frame, cipher: ChaCha20Poly1305) -> AuthenticFrame:
    """Check the tag and decrypt.

    Raises
    ------
    ForgedFrameError
        Sealed under another key, or changed on the way.
    """
    clear, sealed = frame.data[:HEADER_LEN], frame.data[HEADER_LEN:]
    try:
        return AuthenticFrame(frame.header, cipher.decrypt(clear[_NONCE_AT:], sealed, clear))
    except InvalidTag as error:
        raise ForgedFrameError(frame.header.device, frame.header.number) from error


def seal(header: Header, payload: bytes, cipher: ChaCha20Poly1305) -> bytes:
    """Return the frame with this header and payload.

    The caller answers for the number: two different payloads under one header and key give both of them away.

    Raises
    ------
    MalformedError
        The payload has not the length that the header says.
    """
    if len(payload) != header.payload_len:
        raise MalformedError("frame", "payload length", "not that of the payload")
    clear = header.to_bytes()
    return clear + cipher.encrypt(clear[_NONCE_AT:], payload, clear)
