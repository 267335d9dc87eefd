"""The statistics that turn the readings of one variable within a window into numbers.

Each is defined here once in words, with its unit and range, and computed in `hospes.risk.windows` for all variables at
once. None of them fills a gap: without the readings that it needs, a statistic is missing.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hospes.risk.variables import Variable

WINDOW_H: Final = 48
"""Hours that count: the span of the stays from which the models have learned (Silva et al. 2012)."""

RECENT_H: Final = 6
"""Hours that count for the statistics named `..._6h`, those that follow a change."""


class Statistic(StrEnum):
    """What is computed from a window's readings, in the order of time."""

    LAST = "last"
    FIRST = "first"
    MIN = "min"
    MAX = "max"
    MEAN = "mean"
    SD = "sd"
    SLOPE = "slope"
    SUM = "sum"
    COUNT = "count"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Definition:
    """One statistic in words.

    Attributes
    ----------
    how : str
        The computation.
    needs : int
        Readings without which it is missing.
    """

    how: str
    needs: int = 1


DEFINITIONS: Final[dict[Statistic, Definition]] = {
    Statistic.LAST: Definition("the latest reading"),
    Statistic.FIRST: Definition("the earliest reading"),
    Statistic.MIN: Definition("the smallest reading"),
    Statistic.MAX: Definition("the largest reading"),
    Statistic.MEAN: Definition("the arithmetic mean of the readings"),
    Statistic.SD: Definition("the standard deviation of the readings, divided by their number", 2),
    Statistic.SLOPE: Definition("the slope of the least-squares line through the readings, per hour", 2),
    Statistic.SUM: Definition("the sum of the readings"),
    Statistic.COUNT: Definition("the number of readings"),
    Statistic.AGE: Definition("hours from the latest reading to now"),
}


def unit_of(statistic: Statistic, variable: Variable) -> str:
    """Return the unit of a statistic of a variable, in UCUM."""
    match statistic:
        case Statistic.COUNT:
            return "1"
        case Statistic.AGE:
            return "h"
        case Statistic.SLOPE:
            return f"{variable.unit.strip('/') if variable.unit == '1' else variable.unit}/h"
        case _:
            return variable.unit


def range_of(statistic: Statistic, variable: Variable, window_h: float, limit: int) -> tuple[float, float]:
    """Return the smallest and the largest value that a statistic can have.

    Parameters
    ----------
    statistic : Statistic
    variable : Variable
    window_h : float
        Length of the window, in hours.
    limit : int
        Most readings of one variable that a window holds.
    """
    span = variable.high - variable.low
    match statistic:
        case Statistic.COUNT:
            return 0, limit
        case Statistic.AGE:
            return 0, window_h
        case Statistic.SD:
            return 0, span / 2
        case Statistic.SLOPE:
            # Two readings a second apart can differ by the whole range.
            return -span * 3600, span * 3600
        case Statistic.SUM:
            return min(0, variable.low) * limit, variable.high * limit
        case _:
            return variable.low, variable.high
