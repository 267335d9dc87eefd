"""The rhythm of beats: features of intervals between beats that tell atrial fibrillation from other rhythms.

It takes intervals and names no rhythm; that is the learned model's. It looks at regularity alone, not at P waves: a
flutter with regular conduction looks regular here, and frequent extra beats look irregular.

Sources: Tateno and Glass 2001 (doi:10.1007/BF02345439) for irregularity of successive intervals; Dash et al. 2009
(doi:10.1007/s10439-009-9740-z) for the normalised successive difference, Shannon entropy without the eight longest and
shortest of 128 intervals, and turning points; Lake and Moorman 2011 (doi:10.1152/ajpheart.00561.2010) for the
coefficient of sample entropy; Lian et al. 2011 (doi:10.1016/j.amjcard.2010.12.019) for the cells of intervals by their
changes; Clifford et al. 2002 (doi:10.1109/TBME.2002.800774 discusses extra beats) for leaving early beats countable.
"""

import math
from typing import Final

import numpy as np

from hospes.risk.windows import Floats, Truths

BEATS: Final = 128
"""Intervals that are looked at: the window of Dash et al. 2009."""

FEWEST: Final = 64
"""Usable intervals below which nothing is said of a rhythm."""

SHORTEST_MS: Final = 240.0
LONGEST_MS: Final = 2400.0
"""Intervals outside, 250 and 25 beats a minute, are a beat too many or a beat missed."""

NAMES: Final = (
    "mean",
    "variation",
    "successive",
    "median_change",
    "changes_over_50ms",
    "shannon_entropy",
    "sample_entropy",
    "turning_points",
    "autocorrelation",
    "scatter",
    "early_beats",
    "artefacts",
)
"""What `measure` returns, in this order."""

_BINS: Final = 16
_CELL_MS: Final = 25.0
_TOLERANCE_MS: Final = 30
_MATCHES: Final = 5
"""Fewest matching pairs from which sample entropy is estimated; the tolerance doubles until there are as many."""

_WIDEST_MS: Final = 1920
_EARLY: Final = 0.8


def measure(intervals_ms: Floats, fewest: int = FEWEST) -> Floats:
    """Return the features of intervals in the order of time.

    Parameters
    ----------
    intervals_ms : Floats
        Shape (n,); the last 128 count.
    fewest : int
        Usable intervals that are needed.

    Returns
    -------
    Floats
        Shape (12,), in the order of `NAMES`; all NaN with too few usable intervals.
    """
    given = intervals_ms[-BEATS:]
    usable = (given >= SHORTEST_MS) & (given <= LONGEST_MS)
    kept = given[usable]
    if len(kept) < fewest:
        return np.full(len(NAMES), np.nan)
    mean = float(kept.sum()) / len(kept)
    changes = kept[1:] - kept[:-1]
    centred, sizes = kept - mean, np.abs(changes)
    ordered = np.sort(kept)
    median = float(ordered[len(ordered) // 2])
    values = (
        mean,
        math.sqrt(float(np.dot(centred, centred)) / len(kept)) / mean,
        math.sqrt(float(np.dot(changes, changes)) / len(changes)) / mean,
        float(np.partition(sizes, len(sizes) // 2)[len(sizes) // 2]) / median,
        np.count_nonzero(sizes > 50) / len(sizes),  # noqa: PLR2004 - as its name says
        shannon_entropy(ordered),
        sample_entropy(kept, mean),
        np.count_nonzero(changes[1:] * changes[:-1] < 0) / (len(changes) - 1),
        autocorrelation(centred),
        scatter(kept, changes),
        np.count_nonzero(kept < _EARLY * _local_median(kept)) / len(kept),
        1 - len(kept) / len(given),
    )
    return np.array(values)


def shannon_entropy(ordered: Floats) -> float:
    """Return the entropy, 0 to 1, of 16 equal bins between the extremes, the outer sixteenths left out.

    Parameters
    ----------
    ordered : Floats
        Intervals in ascending order.
    """
    outer = len(ordered) // _BINS
    inner = ordered[outer : len(ordered) - outer]
    span = inner[-1] - inner[0]
    if span <= 0:
        return 0.0
    bins = np.minimum((inner - inner[0]) * (_BINS / span), _BINS - 1).astype(np.int64)
    counts = np.bincount(bins).tolist()
    information = math.fsum(count * math.log(count) for count in counts if count)
    return (math.log(len(inner)) - information / len(inner)) / math.log(_BINS)


def sample_entropy(intervals: Floats, mean: float) -> float:
    """Return the coefficient of sample entropy, templates of one interval (Lake and Moorman 2011, equation 5).

    Intervals count in whole milliseconds here: a quarter of the memory, which is what takes the time.
    """
    whole = np.rint(intervals).astype(np.int16)
    distances = whole[:, None] - whole
    np.abs(distances, out=distances)
    tolerance = _TOLERANCE_MS
    ones, twos = _matches(distances <= tolerance)
    while twos < _MATCHES and tolerance < _WIDEST_MS:
        tolerance *= 2
        ones, twos = _matches(distances <= tolerance)
    return -math.log(max(twos, 1) / max(ones, 1)) + math.log(2 * tolerance) - math.log(mean)


def _matches(near: Truths) -> tuple[int, int]:
    """Return how many pairs of intervals, the last one left out, are near each other, and of how many also the next.

    Parameters
    ----------
    near : Truths
        Shape (n, n), symmetrical, true on the diagonal. Both counts go along its memory, whose place n + 1 further on
        is the pair of the followers; the pairs that this takes past the end of a row are subtracted.
    """
    count = len(near)
    flat = near.reshape(-1)
    ones = np.count_nonzero(flat) - 2 * np.count_nonzero(near[-1]) + 1
    past_the_end = np.count_nonzero(near[:-2, -1] & near[2:, 0])
    twos = np.count_nonzero(flat[: -count - 1] & flat[count + 1 :]) - past_the_end
    itself = count - 1
    return (ones - itself) // 2, (twos - itself) // 2


def autocorrelation(centred: Floats) -> float:
    """Return the correlation of each interval with the next; 0 where all are equal."""
    power = float(np.dot(centred, centred))
    return float(np.dot(centred[1:], centred[:-1])) / power if power > 0 else 0.0


def scatter(intervals: Floats, changes: Floats) -> float:
    """Return the share of beats that stand alone in a cell of 25 ms of interval by 25 ms of change."""
    cells = np.floor(intervals[1:] / _CELL_MS) * 1024 + np.floor(changes / _CELL_MS)
    cells.sort()
    differs = cells[1:] != cells[:-1]
    alone = np.count_nonzero(differs[1:] & differs[:-1]) + int(differs[0]) + int(differs[-1])
    return alone / len(cells)


def _local_median(intervals: Floats) -> Floats:
    """Return the median of the five intervals around each, fewer at the ends."""
    first, last = intervals[:1], intervals[-1:]
    padded = np.concatenate((first, first, intervals, last, last))
    count = len(intervals)
    one, two, three, four, five = (padded[shift : shift + count] for shift in range(5))
    # The third of five is the third of: the larger lesser and the lesser larger of two pairs, and the fifth.
    low = np.maximum(np.minimum(one, two), np.minimum(four, five))
    high = np.minimum(np.maximum(one, two), np.maximum(four, five))
    middle: Floats = np.maximum(np.minimum(low, high), np.minimum(np.maximum(low, high), three))
    return middle
