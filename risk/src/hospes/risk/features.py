"""The 150 features: what each is, from which variables it comes, and what its absence does.

The order is that of every feature vector and is part of each learned model's contract. Nothing is computed here; the
statistics are computed in `windows`, those of the beats in `rhythm`, and put together in `extraction`.

Sources: `statistics` for what each statistic is; `rhythm` and `history` for the papers behind theirs.
"""

from dataclasses import dataclass
from typing import Final

from hospes.risk.errors import UnknownVariableError
from hospes.risk.history import CONDITIONS, MEDICINES, Group
from hospes.risk.statistics import DEFINITIONS, WINDOW_H, Statistic, range_of, unit_of
from hospes.risk.variables import Source, variable


@dataclass(frozen=True, slots=True)
class Feature:
    """One number that risk is judged from.

    Attributes
    ----------
    name : str
        Unique: the variable, a dot, and what is computed.
    unit : str
        In UCUM.
    low, high : float
        What it can be, both included.
    variables : tuple[str, ...]
        What it is computed from.
    how : str
        The computation, for a reader.
    window_h : int
        Hours before now that count; 0 where time plays no part.
    sources : tuple[Source, ...]
        Who can fill it.
    missing : str
        When it is missing, and what that does.
    """

    name: str
    unit: str
    low: float
    high: float
    variables: tuple[str, ...]
    how: str
    window_h: int
    sources: tuple[Source, ...]
    missing: str


STATISTICS: Final[dict[str, str]] = {
    "heart_rate": "last min max mean sd slope age mean_6h",
    "respiratory_rate": "last min max mean sd slope age mean_6h",
    "oxygen_saturation": "last min mean sd slope age mean_6h",
    "temperature": "last min max mean sd age mean_6h",
    "systolic_pressure": "last min max mean sd slope age mean_6h",
    "diastolic_pressure": "last min mean",
    "mean_pressure": "last min mean mean_6h",
    "movement": "last mean mean_6h",
    "consciousness": "last age",
    "coma_score": "last min max mean slope mean_6h max_24h",
    "supplemental_oxygen": "last age",
    "inspired_oxygen": "last mean age",
    "ventilation": "count age",
    "urine": "mean sum sum_24h sum_6h",
    "urea_nitrogen": "last mean_24h slope",
    "creatinine": "last max slope",
    "glucose": "last max mean sd",
    "bicarbonate": "last mean",
    "arterial_acidity": "last min",
    "lactate": "last min max_24h count",
    "bilirubin": "last",
    "albumin": "last",
    "platelets": "last slope",
    "white_cells": "last mean_24h",
    "haematocrit": "last min",
    "potassium": "last",
    "sodium": "last",
    "magnesium": "last",
    "arterial_carbon_dioxide": "last mean",
    "arterial_oxygen": "last",
    "alkaline_phosphatase": "last",
    "alanine_transaminase": "last",
    "aspartate_transaminase": "last",
    "cholesterol": "last",
    "troponin_i": "last",
    "troponin_t": "last",
}
"""The statistics of each series: over 48 hours, or over the last 6 or 24 where it says so."""

BEATS: Final[tuple[tuple[str, str, float, float, str], ...]] = (
    ("mean", "ms", 200, 3000, "mean interval"),
    ("variation", "1", 0, 7, "standard deviation of the intervals over their mean"),
    ("successive", "1", 0, 14, "root mean square of the differences between neighbours, over the mean interval"),
    ("median_change", "1", 0, 14, "median size of the differences between neighbours, over the median interval"),
    ("changes_over_50ms", "1", 0, 1, "share of differences between neighbours above 50 ms"),
    ("shannon_entropy", "1", 0, 1, "Shannon entropy of 16 equal bins between the extremes, over its maximum"),
    ("sample_entropy", "1", -12, 12, "coefficient of sample entropy: template of one interval, 30 ms, less log mean"),
    ("turning_points", "1", 0, 1, "share of intervals that exceed, or fall below, both neighbours"),
    ("autocorrelation", "1", -1, 1, "correlation of each interval with the next"),
    ("scatter", "1", 0, 1, "share of 25 ms cells of intervals by their changes that a beat stands alone in"),
    ("early_beats", "1", 0, 1, "share of intervals below 0.8 of the median of the five around"),
    ("artefacts", "1", 0, 1, "share of intervals that were set aside"),
)
"""Of the last 128 intervals: name, unit, low, high, how."""

DERIVED: Final[tuple[tuple[str, str, float, float, str, str], ...]] = (
    ("person.body_mass_index", "kg/m2", 2, 350, "weight height", "weight over the square of height"),
    (
        "pressure.shock_index",
        "1",
        0,
        10,
        "heart_rate systolic_pressure",
        "latest heart rate over latest systolic pressure",
    ),
    (
        "pressure.pulse",
        "mm[Hg]",
        -170,
        290,
        "systolic_pressure diastolic_pressure",
        "latest systolic less latest diastolic",
    ),
    (
        "oxygen.ratio",
        "mm[Hg]",
        15,
        3400,
        "arterial_oxygen inspired_oxygen",
        "latest arterial oxygen over latest fraction",
    ),
)
"""Of several variables: name, unit, low, high, variables, how."""

FACTS: Final = ("age", "sex", "height", "weight", "altitude", "ambient_temperature", "time_zone_shift", "days_away")
"""Variables that are features as they are."""


def _said(what: str) -> str:
    return f"Missing without {what}; models then follow the branch that they learned for absence, scores omit the part."


def _of_series(name: str, kind: str) -> Feature:
    one = variable(name)
    statistic, _, recent = kind.partition("_")
    what, window_h = Statistic(statistic), int(recent.removesuffix("h") or WINDOW_H)
    low, high = range_of(what, one)
    definition = DEFINITIONS[what]
    needs = "a reading" if definition.needs == 1 else f"{definition.needs} readings at different times"
    return Feature(
        name=f"{name}.{kind}",
        unit=unit_of(what, one),
        low=low,
        high=high,
        variables=(name,),
        how=definition.how,
        window_h=window_h,
        sources=one.sources,
        missing=_said(f"{needs} within {window_h} hours"),
    )


def _of_beats(name: str, unit: str, low: float, high: float, how: str) -> Feature:
    return Feature(
        name=f"beat_interval.{name}",
        unit=unit,
        low=low,
        high=high,
        variables=("beat_interval",),
        how=how,
        window_h=WINDOW_H,
        sources=variable("beat_interval").sources,
        missing="Missing with fewer than 64 usable intervals; the rhythm is then not assessed.",
    )


def _of_several(name: str, unit: str, low: float, high: float, variables: str, how: str) -> Feature:
    parts = tuple(variables.split())
    sources = tuple(dict.fromkeys(source for part in parts for source in variable(part).sources))
    window_h = 0 if name.startswith("person.") else WINDOW_H
    return Feature(name, unit, low, high, parts, how, window_h, sources, _said("each of its variables"))


def _of_fact(name: str) -> Feature:
    one = variable(name)
    owner = "travel" if Source.CONTEXT in one.sources else "person"
    missing = _said("the fact")
    return Feature(f"{owner}.{name}", one.unit, one.low, one.high, (name,), one.meaning, 0, one.sources, missing)


def _of_group(name: str, group: Group) -> Feature:
    missing = _said(f"a list of {name}; without the group in a list that is there it is 0")
    return Feature(
        f"{name}.{group.name}", "1", 0, 1, (name,), f"1 if listed: {group.meaning}", 0, (Source.SUMMARY,), missing
    )


def _of_count(name: str) -> Feature:
    missing = _said(f"a list of {name}")
    return Feature(f"{name}.count", "1", 0, 50, (name,), "number of groups listed", 0, (Source.SUMMARY,), missing)


FEATURES: Final[tuple[Feature, ...]] = (
    *(_of_fact(name) for name in FACTS),
    *(_of_series(name, kind) for name, kinds in STATISTICS.items() for kind in kinds.split()),
    *(_of_beats(*row) for row in BEATS),
    *(_of_several(*row) for row in DERIVED),
    *(_of_group("conditions", group) for group in CONDITIONS),
    *(_of_group("medicines", group) for group in MEDICINES),
    _of_count("conditions"),
    _of_count("medicines"),
)
"""All features, in the order of every feature vector."""

_POSITIONS: Final[dict[str, int]] = {feature.name: index for index, feature in enumerate(FEATURES)}


def position(name: str) -> int:
    """Return a feature's place in every vector.

    Raises
    ------
    UnknownVariableError
    """
    try:
        return _POSITIONS[name]
    except KeyError:
        raise UnknownVariableError(name, "feature") from None
