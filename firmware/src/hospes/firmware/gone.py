"""Gone messages: what a device does not hold and never will. It does not know which of it the oracle has already.

Sources: firmware/SPEC.md section 4.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Self

from hospes.core.errors import MalformedError
from hospes.firmware.spans import Span

_RANGES_MAX: Final = 4
_TIME_LEN: Final = 6
_RANGE: Final = struct.Struct("<6s6sB")


class Reason(IntEnum):
    """Why messages are gone."""

    FULL = 1
    """They were overwritten to make room before every oracle had them."""
    RESTART = 2
    """The power went: they were never written, or never used."""


@dataclass(frozen=True, slots=True)
class GoneRange:
    """Numbers of one lane that will not come."""

    span: Span
    reason: Reason


@dataclass(frozen=True, slots=True)
class Gone:
    """The payload of kind 2.

    Attributes
    ----------
    at_ms : int
        When the device found it, Unix milliseconds.
    ranges : tuple of GoneRange
        One to four; they may overlap.
    """

    at_ms: int
    ranges: tuple[GoneRange, ...]

    def to_bytes(self) -> bytes:
        """Return the payload."""
        return self.at_ms.to_bytes(_TIME_LEN, "little") + b"".join(
            _RANGE.pack(r.span.first.to_bytes(6, "little"), r.span.last.to_bytes(6, "little"), r.reason)
            for r in self.ranges
        )

    @classmethod
    def from_bytes(cls, payload: bytes, number: int) -> Self:
        """Read the payload of the message with this number.

        Raises
        ------
        MalformedError
            Wrong length, unknown reason, an empty range, or one that reaches the message itself.
        """
        at, rest = payload[:_TIME_LEN], payload[_TIME_LEN:]
        count, odd = divmod(len(rest), _RANGE.size)
        if len(at) != _TIME_LEN or odd or not 1 <= count <= _RANGES_MAX:
            raise MalformedError("gone message", "", f"not a time and 1 to {_RANGES_MAX} ranges")
        ranges = tuple(_range(first, last, reason, number) for first, last, reason in _RANGE.iter_unpack(rest))
        return cls(int.from_bytes(at, "little"), ranges)


def _range(first: bytes, last: bytes, reason: int, number: int) -> GoneRange:
    if not Reason.FULL <= reason <= Reason.RESTART:
        raise MalformedError("gone message", "reason", "unknown")
    span = Span(int.from_bytes(first, "little"), int.from_bytes(last, "little"))
    if span.last >= number:
        raise MalformedError("gone message", "last", "reaches the message itself")
    return GoneRange(span, Reason(reason))
