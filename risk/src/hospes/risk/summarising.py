"""The statistics of every variable of a window, computed at once.

It gives a table and names nothing; `extraction` picks the features from it. Definitions: `hospes.risk.statistics`.
"""

from typing import Final

import numpy as np

from hospes.risk.features import STATISTICS
from hospes.risk.statistics import PARTS_H, Statistic
from hospes.risk.variables import SERIES
from hospes.risk.windows import HOUR_S, Floats, Integers, Truths, Windows

SLOPE_SPAN_H: Final = 1.0
"""Shortest time, in hours, over which a slope says something."""

PARTIAL: Final = (Statistic.MAX, Statistic.MEAN, Statistic.SUM)
"""What is computed of the shorter spans too."""

ROWS: Final[dict[str, int]] = {
    name: row for row, name in enumerate((*Statistic, *(f"{one}_{hours}h" for hours in PARTS_H for one in PARTIAL)))
}
"""Row of each statistic in the table."""

NEEDED: Final = np.array(
    [[f"{hours}h" in STATISTICS.get(variable.name, "") for variable in SERIES] for hours in PARTS_H]
)
"""Of which variables a feature looks at which shorter span: without one of them there, the span is not computed."""

_SPANS: Final = np.array([variable.high - variable.low for variable in SERIES])


def summarise(windows: Windows, now: float) -> Floats:
    """Return the statistics of trimmed windows.

    Returns
    -------
    Floats
        Shape (16, 37): rows as in `ROWS`, columns as in `hospes.risk.windows.PLACES`; NaN where missing.
        A shorter span may be missing where no feature needs it.
    """
    table = np.full((len(ROWS), len(SERIES)), np.nan)
    lengths = np.diff(windows.starts)
    there = np.flatnonzero(lengths)
    if not len(there):
        return table
    starts, counts = windows.starts[there], lengths[there]
    hours = (windows.times - now) / HOUR_S
    rows = _whole(windows.values, hours, starts, counts, _SPANS[there])
    table[: len(Statistic), there] = rows
    for part, span in enumerate(PARTS_H):
        if NEEDED[part, there].any():
            first = len(Statistic) + part * len(PARTIAL)
            table[first : first + len(PARTIAL), there] = _part(windows.values, hours > -span, starts)
    return table


def _whole(values: Floats, hours: Floats, starts: Integers, counts: Integers, spans: Floats) -> list[Floats]:
    """Return the rows of the whole window, in the order of `Statistic`."""
    ends = starts + counts - 1
    sums = np.add.reduceat(values, starts)
    means = sums / counts
    centred = values - np.repeat(means, counts)
    moments = hours - np.repeat(np.add.reduceat(hours, starts) / counts, counts)
    squares = np.add.reduceat(centred * centred, starts)
    spread = np.add.reduceat(moments * moments, starts)
    products = np.add.reduceat(moments * centred, starts)
    long_enough = hours[ends] - hours[starts] >= SLOPE_SPAN_H
    slopes = np.divide(products, spread, out=np.full(len(starts), np.nan), where=long_enough)
    return [
        values[ends],
        values[starts],
        np.minimum.reduceat(values, starts),
        np.maximum.reduceat(values, starts),
        means,
        np.where(counts > 1, np.sqrt(squares / counts), np.nan),
        np.maximum(np.minimum(slopes, spans), -spans),
        sums,
        counts.astype(np.float64),
        np.maximum(-hours[ends], 0),
    ]


def _part(values: Floats, inside: Truths, starts: Integers) -> list[Floats]:
    """Return the rows of a shorter span, in the order of `PARTIAL`."""
    counts = np.add.reduceat(inside, starts, dtype=np.int64)
    some = counts > 0
    sums = np.where(some, np.add.reduceat(values * inside, starts), np.nan)
    highest = np.maximum.reduceat(np.where(inside, values, -np.inf), starts)
    return [np.where(some, highest, np.nan), sums / counts, sums]
