"""Refusals: what was given and cannot be true, counted by variable and reason, and never quoted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

OUTSIDE: Final = "outside its range"
NOT_A_NUMBER: Final = "not a number"
LATER: Final = "later than now"


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """Values that were treated as missing.

    Attributes
    ----------
    variable : str
    reason : str
        `OUTSIDE`, `NOT_A_NUMBER` or `LATER`.
    count : int
    """

    variable: str
    reason: str
    count: int


def merged(refusals: Iterable[Refusal]) -> tuple[Refusal, ...]:
    """Return refusals with the counts of equal ones added, in a fixed order."""
    counts = Counter[tuple[str, str]]()
    for refusal in refusals:
        counts[refusal.variable, refusal.reason] += refusal.count
    return tuple(Refusal(variable, reason, count) for (variable, reason), count in sorted(counts.items()))
