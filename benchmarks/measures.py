"""Measures: one object for each number, how it stands to its bar and to its peer, and how long something takes.

It prints a spread where it is taken; what is measured, and against whom, is said by the module of each subject.

Source: STYLE, "Tests": machine, versions, count, median, p95, p99 and the peer of the same run.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

MS: Final = 1e3
WHOLE_FROM: Final = 1e4
DIGITS: Final = 5
"""Significant ones of what is written: no clock here is better."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One number.

    Attributes
    ----------
    what : str
    value : float or None
        None where it could not be measured; `peer` then says why.
    unit : str
        ``1`` for a share.
    bar : float
        What it must reach.
    holds : bool or None
        Whether it does.
    peer : str
        What it is compared with, measured in the same run.
    peer_value : float or None
        In the same unit.
    ratio : float or None
        How many times better than the peer: above 1 it is better, whichever direction is.
    """

    what: str
    value: float | None
    unit: str
    bar: float
    holds: bool | None
    peer: str
    peer_value: float | None
    ratio: float | None


@dataclass(frozen=True, slots=True)
class Spread:
    """What some runs took, in one unit."""

    count: int
    p50: float
    p95: float
    p99: float

    def __str__(self) -> str:
        """Give all four."""
        return f"n {self.count}, p50 {shown(self.p50)}, p95 {shown(self.p95)}, p99 {shown(self.p99)}"


def shown(value: float) -> str:
    """Return a number for a reader: four digits, or a whole number."""
    return f"{value:.4g}" if abs(value) < WHOLE_FROM else f"{value:,.0f}"


def spread(taken: Sequence[float]) -> Spread:
    """Return the spread of what some runs took."""
    p50, p95, p99 = (float(np.quantile(taken, share)) for share in (0.5, 0.95, 0.99))
    return Spread(len(taken), p50, p95, p99)


def timed(action: Callable[[], object], count: int, warm: int, scale: float) -> list[float]:
    """Return how long each of some runs took, in seconds times `scale`, after some that do not count."""
    for _ in range(warm):
        action()
    taken: list[float] = []
    for _ in range(count):
        before = time.perf_counter_ns()
        action()
        taken.append((time.perf_counter_ns() - before) / 1e9 * scale)
    return taken


def at_most(what: str, value: float, unit: str, bar: float, peer: tuple[str, float | None]) -> Measure:
    """Return a measure that is the better the smaller it is."""
    other = peer[1]
    return _measure(what, value, unit, bar, peer, holds=value <= bar, ratio=None if other is None else other / value)


def at_least(what: str, value: float, unit: str, bar: float, peer: tuple[str, float | None]) -> Measure:
    """Return a measure that is the better the greater it is."""
    other = peer[1]
    return _measure(what, value, unit, bar, peer, holds=value >= bar, ratio=None if other is None else value / other)


def not_measured(what: str, unit: str, bar: float, why: str) -> Measure:
    """Return what could not be measured here, and why."""
    return Measure(what, None, unit, bar, None, f"not measured: {why}", None, None)


def _measure(
    what: str, value: float, unit: str, bar: float, peer: tuple[str, float | None], *, holds: bool, ratio: float | None
) -> Measure:
    name, other = peer
    return Measure(what, _short(value), unit, bar, holds, name, _short(other), _short(ratio))


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")
