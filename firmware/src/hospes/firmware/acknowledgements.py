"""Acknowledgements: what an oracle has settled, lane by lane. It neither seals them nor decides when one is due.

Sources: firmware/SPEC.md section 5.
"""

from dataclasses import dataclass
from typing import Final, Self

from hospes.core.errors import MalformedError
from hospes.firmware.frames import NUMBER_MAX, Lane
from hospes.firmware.spans import Span, Spans, check_spans, without_spans

GAPS_MAX: Final = 8
_GAP_LENGTH_MAX: Final = 0xFFFF
_RECEIPT_LEN: Final = 13
_GAP_LEN: Final = 8


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is settled in one lane.

    Attributes
    ----------
    through : int
        Every number up to it is received or known to be lost; 0 for none.
    upto : int
        Up to it, the gaps are all that has not arrived.
    gaps : tuple of Span
        At most 8, each of at most 65,535 numbers.
    """

    through: int
    upto: int
    gaps: Spans

    def __post_init__(self) -> None:
        """Refuse what does not fit together."""
        check_spans(self.gaps, "acknowledgement")
        if not 0 <= self.through <= self.upto <= NUMBER_MAX or len(self.gaps) > GAPS_MAX:
            raise MalformedError("acknowledgement", "upto", "before through, or too many gaps")
        if (self.through == self.upto) != (not self.gaps):
            raise MalformedError("acknowledgement", "gaps", "there are gaps exactly when something arrived behind one")
        if self.gaps and (self.gaps[0].first != self.through + 1 or self.gaps[-1].last >= self.upto):
            raise MalformedError("acknowledgement", "gaps", "they begin behind through and end before upto")

    @classmethod
    def of(cls, settled: Spans) -> Self:
        """Return the receipt for a set of settled numbers, cut short where it cannot be told."""
        through = settled[0].last if settled and settled[0].first == 1 else 0
        highest = settled[-1].last if settled else 0
        gaps = without_spans(Span(1, highest), settled) if highest else ()
        told = next((i for i, gap in enumerate(gaps) if len(gap) > _GAP_LENGTH_MAX or i == GAPS_MAX), len(gaps))
        upto = highest if told == len(gaps) else gaps[told].first - 1
        return cls(through, upto, gaps[:told])

    def to_bytes(self) -> bytes:
        """Return the bytes of this lane."""
        head = self.through.to_bytes(6, "little") + self.upto.to_bytes(6, "little") + bytes([len(self.gaps)])
        gaps = (gap.first.to_bytes(6, "little") + len(gap).to_bytes(2, "little") for gap in self.gaps)
        return head + b"".join(gaps)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The payload of kind 3: a receipt for each lane."""

    routine: Receipt
    emergency: Receipt

    def __getitem__(self, lane: Lane) -> Receipt:
        return self.emergency if lane is Lane.EMERGENCY else self.routine

    def to_bytes(self) -> bytes:
        """Return the payload."""
        return self.routine.to_bytes() + self.emergency.to_bytes()

    @classmethod
    def from_bytes(cls, payload: bytes) -> Self:
        """Read a payload.

        Raises
        ------
        MalformedError
            It ends early or late, or a receipt does not fit together.
        """
        routine, rest = _receipt(payload)
        emergency, rest = _receipt(rest)
        if rest:
            raise MalformedError("acknowledgement", "", "bytes follow the second lane")
        return cls(routine, emergency)


def _receipt(data: bytes) -> tuple[Receipt, bytes]:
    """Return the first receipt and what follows it."""
    count = data[_RECEIPT_LEN - 1] if len(data) >= _RECEIPT_LEN else 0
    end = _RECEIPT_LEN + count * _GAP_LEN
    if len(data) < end or count > GAPS_MAX:
        raise MalformedError("acknowledgement", "", "it ends early, or has too many gaps")
    gaps = tuple(_gap(data[at : at + _GAP_LEN]) for at in range(_RECEIPT_LEN, end, _GAP_LEN))
    return Receipt(int.from_bytes(data[:6], "little"), int.from_bytes(data[6:12], "little"), gaps), data[end:]


def _gap(data: bytes) -> Span:
    first, length = int.from_bytes(data[:6], "little"), int.from_bytes(data[6:], "little")
    return Span(first, first + length - 1)
