"""NEWS2, the National Early Warning Score of 2017: seven vital signs to points, points to a response.

Exact by the published chart; nothing here is learned or adjusted. Scale 2 for oxygen saturation is only for patients in
whom a clinician has confirmed hypercapnic respiratory failure, so it is never chosen from a record: the caller says so.
Not for people under 16 or pregnant, whom the score excludes.

Source: Royal College of Physicians, National Early Warning Score (NEWS) 2: Standardising the assessment of
acute-illness severity in the NHS, updated report of a working party, London 2017 (ISBN 978-1-86016-682-2), chart 1
(points), chart 2 (thresholds and triggers).
"""

from dataclasses import dataclass
from enum import IntEnum
from math import floor
from typing import Final

from hospes.risk.assessment import Score

NAME: Final = "NEWS2"
HIGHEST: Final = 20
SOURCE: Final = "Royal College of Physicians 2017, ISBN 978-1-86016-682-2"


class Consciousness(IntEnum):
    """ACVPU; the numbers of the variable `consciousness`."""

    ALERT = 0
    NEW_CONFUSION = 1
    VOICE = 2
    PAIN = 3
    UNRESPONSIVE = 4


@dataclass(frozen=True, slots=True)
class Observations:
    """One set of vital signs; `None` is not known.

    Attributes
    ----------
    respiratory_rate : float | None
        Breaths a minute.
    oxygen_saturation : float | None
        In percent.
    supplemental_oxygen : bool | None
        Whether the patient is given oxygen.
    systolic_pressure : float | None
        In mm[Hg].
    heart_rate : float | None
        Beats a minute.
    consciousness : Consciousness | None
    temperature : float | None
        In degrees Celsius.
    """

    respiratory_rate: float | None = None
    oxygen_saturation: float | None = None
    supplemental_oxygen: bool | None = None
    systolic_pressure: float | None = None
    heart_rate: float | None = None
    consciousness: Consciousness | None = None
    temperature: float | None = None


Steps = tuple[tuple[float, int], ...]

# Each row: up to and including this value, these points. Read from the chart from left to right.
_RESPIRATORY_RATE: Final[Steps] = ((8, 3), (11, 1), (20, 0), (24, 2), (float("inf"), 3))
_SATURATION_1: Final[Steps] = ((91, 3), (93, 2), (95, 1), (float("inf"), 0))
_SATURATION_2_AIR: Final[Steps] = ((83, 3), (85, 2), (87, 1), (float("inf"), 0))
_SATURATION_2_OXYGEN: Final[Steps] = ((83, 3), (85, 2), (87, 1), (92, 0), (94, 1), (96, 2), (float("inf"), 3))
_SYSTOLIC_PRESSURE: Final[Steps] = ((90, 3), (100, 2), (110, 1), (219, 0), (float("inf"), 3))
_HEART_RATE: Final[Steps] = ((40, 3), (50, 1), (90, 0), (110, 1), (130, 2), (float("inf"), 3))
_TEMPERATURE: Final[Steps] = ((35.0, 3), (36.0, 1), (38.0, 0), (39.0, 1), (float("inf"), 2))

_OXYGEN_POINTS: Final = 2
_NOT_ALERT_POINTS: Final = 3
_RED: Final = 3
_HIGH: Final = 7
_MEDIUM: Final = 5


def news2(observations: Observations, *, hypercapnic: bool = False) -> Score:
    """Return the score of one set of vital signs.

    Parameters
    ----------
    observations : Observations
        Values between two steps of the chart count as the nearest one that it prints: whole numbers, temperature in
        tenths.
    hypercapnic : bool
        Whether a clinician has prescribed a target of 88 to 92 %: scale 2. It needs to know if oxygen is given.

    Returns
    -------
    Score
        With parts missing, its value is the least that it can be, and so is its band, which then says "at least"; a
        low one is none, since the missing parts could raise it.

    Examples
    --------
    >>> news2(Observations(24, 92, True, 105, 112, Consciousness.ALERT, 38.4)).value
    10
    """
    points = {
        "respiratory_rate": _points(_RESPIRATORY_RATE, observations.respiratory_rate),
        "oxygen_saturation": _saturation(observations, hypercapnic=hypercapnic),
        "supplemental_oxygen": _flag(observations.supplemental_oxygen, _OXYGEN_POINTS),
        "systolic_pressure": _points(_SYSTOLIC_PRESSURE, observations.systolic_pressure),
        "heart_rate": _points(_HEART_RATE, observations.heart_rate),
        "consciousness": _flag(observations.consciousness, _NOT_ALERT_POINTS),
        "temperature": _points(_TEMPERATURE, observations.temperature, 10),
    }
    known = tuple((part, value) for part, value in points.items() if value is not None)
    missing = tuple(part for part, value in points.items() if value is None)
    total, red = sum(value for _, value in known), any(value == _RED for _, value in known)
    return Score(
        name=NAME,
        value=total,
        highest=HIGHEST,
        band=_least_band(total, red=red) if missing else band(total, red=red),
        parts=known,
        missing=missing,
        source=SOURCE,
    )


def band(total: int, *, red: bool) -> str:
    """Return the clinical risk of chart 2.

    Parameters
    ----------
    total : int
    red : bool
        Whether any one parameter has three points.
    """
    if total >= _HIGH:
        return "high: emergency response"
    if total >= _MEDIUM:
        return "medium: urgent response"
    if red:
        return "low to medium: urgent ward-based response"
    return "low: ward-based response"


def _least_band(total: int, *, red: bool) -> str | None:
    """Return the band of a lower bound; none for a low one, which nobody may take for reassurance."""
    return f"at least {band(total, red=red)}" if total >= _MEDIUM or red else None


def _points(steps: Steps, value: float | None, parts: int = 1) -> int | None:
    if value is None:
        return None
    # Half a step rounds up, as people do; the small amount is for tenths that binary fractions miss by a hair.
    nearest = floor(value * parts + 0.5 + 1e-9) / parts
    return next(points for highest, points in steps if nearest <= highest)


def _saturation(observations: Observations, *, hypercapnic: bool) -> int | None:
    if not hypercapnic:
        return _points(_SATURATION_1, observations.oxygen_saturation)
    if observations.supplemental_oxygen is None:
        return None
    steps = _SATURATION_2_OXYGEN if observations.supplemental_oxygen else _SATURATION_2_AIR
    return _points(steps, observations.oxygen_saturation)


def _flag(value: int | None, points: int) -> int | None:
    return None if value is None else points * bool(value)
