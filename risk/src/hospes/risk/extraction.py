"""Extraction: from readings, person and travel to the 150 features.

It computes nothing twice and guesses nothing: what is not known is NaN. Impossible facts are missing and said, like
impossible readings.
"""

import math
from typing import Final

import numpy as np

from hospes.risk import rhythm
from hospes.risk.features import BEATS, DERIVED, FACTS, FEATURES, STATISTICS, position
from hospes.risk.history import CONDITIONS, MEDICINES, Group
from hospes.risk.readings import Person, Travel
from hospes.risk.refusals import NOT_A_NUMBER, OUTSIDE, Refusal, merged
from hospes.risk.summarising import ROWS, summarise
from hospes.risk.variables import variable
from hospes.risk.vector import FeatureVector
from hospes.risk.windows import PLACES, Floats, Windows

_SERIES_FEATURES: Final = [(name, kind) for name, kinds in STATISTICS.items() for kind in kinds.split()]
_CELLS: Final = np.array([ROWS[kind] * len(PLACES) + PLACES[name] for name, kind in _SERIES_FEATURES])
"""Cell of the flat table of statistics that each feature of a series is."""

_FACT: Final = slice(0, len(FACTS))
_SERIES: Final = slice(_FACT.stop, _FACT.stop + len(_SERIES_FEATURES))
_BEATS: Final = slice(_SERIES.stop, _SERIES.stop + len(BEATS))
_DERIVED: Final = slice(_BEATS.stop, _BEATS.stop + len(DERIVED))
_CONDITIONS: Final = slice(_DERIVED.stop, _DERIVED.stop + len(CONDITIONS))
_MEDICINES: Final = slice(_CONDITIONS.stop, _CONDITIONS.stop + len(MEDICINES))
_COUNTS: Final = slice(_MEDICINES.stop, len(FEATURES))
"""Where each kind of feature stands: the order in which `FEATURES` is put together."""

_FACT_VARIABLES: Final = tuple(variable(name) for name in FACTS)
_AT: Final = {
    name: position(name)
    for name in (
        "heart_rate.last",
        "systolic_pressure.last",
        "diastolic_pressure.last",
        "arterial_oxygen.last",
        "inspired_oxygen.last",
    )
}
_CM_PER_M: Final = 100.0


def extract(windows: Windows, person: Person, travel: Travel, now: float) -> FeatureVector:
    """Return all features of one traveller at one time.

    Parameters
    ----------
    windows : Windows
        Readings; what is older than 48 hours, or later than `now`, does not count.
    person : Person
    travel : Travel
    now : float
        Unix time in seconds.

    Returns
    -------
    FeatureVector
        150 values, NaN where missing, and what was refused.
    """
    counted = windows.trimmed(now)
    values = np.full(len(FEATURES), np.nan)
    facts, refused = _facts(person, travel)
    values[_FACT] = facts
    values[_SERIES] = summarise(counted, now).ravel()[_CELLS]
    values[_BEATS] = rhythm.measure(counted.of_variable("beat_interval")[1])
    values[_DERIVED] = _derived(values, facts)
    values[_CONDITIONS] = _listed(person.conditions, CONDITIONS)
    values[_MEDICINES] = _listed(person.medicines, MEDICINES)
    values[_COUNTS] = (_count(person.conditions), _count(person.medicines))
    values.flags.writeable = False
    return FeatureVector(values, now, merged((*counted.refused, *refused)) if refused else counted.refused)


def _facts(person: Person, travel: Travel) -> tuple[list[float], list[Refusal]]:
    """Return the facts in the order of `FACTS`, and the impossible ones among them."""
    given = (
        person.age_y,
        person.sex,
        person.height_cm,
        person.weight_kg,
        travel.altitude_m,
        travel.ambient_temperature_c,
        travel.time_zone_shift_h,
        travel.days_away,
    )
    values: list[float] = []
    refused: list[Refusal] = []
    for one, value in zip(_FACT_VARIABLES, given, strict=True):
        possible = value is not None and one.low <= value <= one.high
        values.append(float(value) if value is not None and possible else math.nan)
        if value is not None and not possible:
            refused.append(Refusal(one.name, OUTSIDE if math.isfinite(value) else NOT_A_NUMBER, 1))
    return values, refused


def _derived(values: Floats, facts: list[float]) -> tuple[float, float, float, float]:
    """Return the features of several variables, in the order of `DERIVED`; NaN goes through every one of them."""
    heart_rate, systolic, diastolic, arterial, inspired = (float(values[index]) for index in _AT.values())
    height_m, weight_kg = facts[2] / _CM_PER_M, facts[3]
    return (
        weight_kg / (height_m * height_m),
        heart_rate / systolic,
        systolic - diastolic,
        arterial / inspired,
    )


def _listed(groups: frozenset[str] | None, table: tuple[Group, ...]) -> list[float] | float:
    return math.nan if groups is None else [float(group.name in groups) for group in table]


def _count(groups: frozenset[str] | None) -> float:
    return math.nan if groups is None else float(len(groups))
