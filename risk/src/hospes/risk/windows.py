"""Windows: a traveller's readings, cleaned and in order, and the statistics of all variables at once.

It does not know the time: `now` comes in. It fills no gap and smooths nothing. The order in which readings arrive, and
how often the same one arrives, change nothing; two different values of one variable at one time both count.

All variables lie in one flat array, one after the other, so that a statistic of all of them is one call of numpy; the
obvious version, one variable at a time, is in the tests and judges this one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hospes.risk.errors import UnknownVariableError
from hospes.risk.readings import Reading
from hospes.risk.refusals import LATER, NOT_A_NUMBER, OUTSIDE, Refusal, merged
from hospes.risk.statistics import LIMIT, WINDOW_H
from hospes.risk.variables import SERIES

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Truths: TypeAlias = NDArray[np.bool_]

HOUR_S: Final = 3600.0

AHEAD_S: Final = 300.0
"""How far a device's clock may be ahead of ours, in seconds: as for an `Inquiry` (PROTOCOL section 5)."""

PLACES: Final[dict[str, int]] = {variable.name: place for place, variable in enumerate(SERIES)}
"""Place of each series in a window."""

_LOW: Final = np.array([variable.low for variable in SERIES])
_HIGH: Final = np.array([variable.high for variable in SERIES])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Windows:
    """Readings of one traveller, by variable, then by time.

    Attributes
    ----------
    times : Floats
        Shape (n,), Unix seconds.
    values : Floats
        Shape (n,), each in its variable's unit and range.
    starts : Integers
        Shape (38,): readings of the variable at place i are those from ``starts[i]`` to ``starts[i + 1]``.
    refused : tuple[Refusal, ...]
        What was set aside on the way.
    """

    times: Floats
    values: Floats
    starts: Integers
    refused: tuple[Refusal, ...] = ()

    @classmethod
    def of(cls, readings: Iterable[Reading]) -> "Windows":
        """Return the windows of readings in any order.

        Raises
        ------
        UnknownVariableError
            If a reading is of no series.
        """
        listed = tuple(readings)
        places = np.fromiter((_place(reading.variable) for reading in listed), np.int64, len(listed))
        times = np.fromiter((reading.at for reading in listed), np.float64, len(listed))
        values = np.fromiter((reading.value for reading in listed), np.float64, len(listed))
        return cls.of_arrays(places, times, values)

    @classmethod
    def of_arrays(cls, places: Integers, times: Floats, values: Floats) -> "Windows":
        """Return the windows of readings that are arrays already.

        Parameters
        ----------
        places : Integers
            Shape (n,): each reading's place in `PLACES`.
        times, values : Floats
            Shape (n,).
        """
        unreadable = ~(np.isfinite(times) & np.isfinite(values))
        outside = ~unreadable & ((values < _LOW[places]) | (values > _HIGH[places]))
        refused = (*_counted(places[unreadable], NOT_A_NUMBER), *_counted(places[outside], OUTSIDE))
        kept = ~(unreadable | outside)
        return _ordered(places[kept], times[kept], values[kept], merged(refused))

    def adding(self, readings: Iterable[Reading]) -> "Windows":
        """Return windows that hold these readings too.

        Raises
        ------
        UnknownVariableError
        """
        more = Windows.of(readings)
        places = np.concatenate((self.places, more.places))
        times = np.concatenate((self.times, more.times))
        values = np.concatenate((self.values, more.values))
        return _ordered(places, times, values, merged((*self.refused, *more.refused)))

    def trimmed(self, now: float) -> "Windows":
        """Return the windows of what counts at a time: the last 48 hours, at most 4,096 readings of each variable.

        What is later than `now` by more than a clock may differ is refused.
        """
        later = self.times > now + AHEAD_S
        kept = ~later & (self.times > now - WINDOW_H * HOUR_S)
        if kept.all() and np.diff(self.starts).max() <= LIMIT:
            return self
        refused = merged((*self.refused, *_counted(self.places[later], LATER)))
        kept &= _newest(self.places, kept)
        starts = np.concatenate(([0], np.cumsum(kept)))[self.starts]
        return Windows(self.times[kept], self.values[kept], starts, refused)

    @property
    def places(self) -> Integers:
        """Shape (n,): the place of each reading's variable."""
        return np.repeat(np.arange(len(SERIES)), np.diff(self.starts))

    def of_variable(self, name: str) -> tuple[Floats, Floats]:
        """Return times and values of one variable.

        Raises
        ------
        UnknownVariableError
        """
        place = _place(name)
        part = slice(self.starts[place], self.starts[place + 1])
        return self.times[part], self.values[part]

    def __repr__(self) -> str:
        """Give the count, never a value."""
        return f"<Windows of {len(self.times)} readings>"


def _place(name: str) -> int:
    try:
        return PLACES[name]
    except KeyError:
        raise UnknownVariableError(name, "series") from None


def _counted(places: Integers, reason: str) -> tuple[Refusal, ...]:
    if not len(places):
        return ()
    found, counts = np.unique(places, return_counts=True)
    rows: list[list[int]] = np.stack((found, counts), axis=1).tolist()
    return tuple(Refusal(SERIES[place].name, reason, count) for place, count in rows)


def _ordered(places: Integers, times: Floats, values: Floats, refused: tuple[Refusal, ...]) -> Windows:
    """Sort by variable, time and value, and keep one of equal readings."""
    order = np.lexsort((values, times, places))
    places, times, values = places[order], times[order], values[order]
    same = (np.diff(places) == 0) & (np.diff(times) == 0) & (np.diff(values) == 0)
    kept = np.concatenate((np.ones(min(len(order), 1), bool), ~same))
    starts = np.searchsorted(places[kept], np.arange(len(SERIES) + 1))
    return Windows(times[kept], values[kept], starts, refused)


def _newest(places: Integers, kept: Truths) -> Truths:
    """Return which readings are among the newest of their variable, counting only those that are kept."""
    following = np.cumsum(kept[::-1])[::-1]  # kept readings from this one on, of this variable and of later ones
    totals = np.bincount(places[kept], minlength=len(SERIES))
    after = totals.sum() - np.cumsum(totals)  # kept readings of later variables
    newest: Truths = following - after[places] <= LIMIT
    return newest
