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

PARTS_H: Final = (6, 24)
"""Shorter spans, in hours up to now, of the statistics whose names end in them: those that follow a change."""


LIMIT: Final = 4096
"""Most readings of one variable that count; the newest are kept. A reading a minute for 48 hours is 2,880."""


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
    Statistic.SLOPE: Definition(
        "slope of the least-squares line through readings that span an hour or more, per hour, at most the range", 2
    ),
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


def range_of(statistic: Statistic, variable: Variable) -> tuple[float, float]:
    """Return the smallest and the largest value that a statistic can have.

    Parameters
    ----------
    statistic : Statistic
    variable : Variable
    """
    span = variable.high - variable.low
    match statistic:
        case Statistic.COUNT:
            return 0, LIMIT
        case Statistic.AGE:
            return 0, WINDOW_H
        case Statistic.SD:
            return 0, span / 2
        case Statistic.SLOPE:
            return -span, span
        case Statistic.SUM:
            return min(0, variable.low) * LIMIT, variable.high * LIMIT
        case _:
            return variable.low, variable.high
