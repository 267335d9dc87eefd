"""Unbroken runs of message numbers, and ordered sets of them. It does not know why a number is in a set.

Sources: firmware/SPEC.md sections 4 and 5.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from hospes.core.errors import MalformedError
from hospes.firmware.frames import NUMBER_MAX


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The numbers from `first` to `last`, both included."""

    first: int
    last: int

    def __post_init__(self) -> None:
        """Refuse an empty run, and numbers that no message has."""
        if not 0 < self.first <= self.last <= NUMBER_MAX:
            raise MalformedError("span", "", "not 0 < first <= last < 2^48")

    def __contains__(self, number: int) -> bool:
        return self.first <= number <= self.last

    def __len__(self) -> int:
        return self.last - self.first + 1


Spans = tuple[Span, ...]
"""In rising order; no two touch."""


def check_spans(spans: Iterable[Span], what: str) -> None:
    """Raise `MalformedError` unless the spans rise and do not touch."""
    last = -1
    for span in spans:
        if span.first <= last + 1:
            raise MalformedError(what, "", "spans overlap, touch or are out of order")
        last = span.last


def contains(spans: Spans, number: int) -> bool:
    """Return whether a number is in one of the spans."""
    return any(number in span for span in spans)


def with_span(spans: Spans, added: Span) -> Spans:
    """Return the spans with all numbers of one more.

    >>> with_span((Span(1, 2), Span(9, 9)), Span(3, 4))
    (Span(first=1, last=4), Span(first=9, last=9))
    """
    first, last = added.first, added.last
    apart: list[Span] = []
    for span in spans:
        if span.last + 1 < first or last + 1 < span.first:
            apart.append(span)
        else:
            first, last = min(first, span.first), max(last, span.last)
    return tuple(sorted([*apart, Span(first, last)]))


def without_spans(whole: Span, spans: Spans) -> Spans:
    """Return what is left of `whole` when all numbers of the spans are taken out.

    >>> without_spans(Span(1, 9), (Span(1, 2), Span(5, 5)))
    (Span(first=3, last=4), Span(first=6, last=9))
    """
    left: list[Span] = []
    first = whole.first
    for span in spans:
        if span.first > whole.last:
            break
        if first < span.first:
            left.append(Span(first, span.first - 1))
        first = max(first, span.last + 1)
    if first <= whole.last:
        left.append(Span(first, whole.last))
    return tuple(left)
