"""Assessing: which learned models fit what is known of a traveller, and what they say, with reasons.

It says nothing where too little is known, and it decides nothing about alerts. Of the models of deterioration it asks
the one whose kind of input is there, because each has learned what absence means among its own kind.
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hospes.risk.assessment import Assessment, Direction, Reason
from hospes.risk.features import position
from hospes.risk.models import Model, model
from hospes.risk.reference import Floats, Singles
from hospes.risk.vector import FeatureVector

MOST_REASONS: Final = 6

LABORATORY: Final = (
    "creatinine.last",
    "urea_nitrogen.last",
    "potassium.last",
    "sodium.last",
    "bicarbonate.last",
    "platelets.last",
    "white_cells.last",
    "haematocrit.last",
)
"""Of these, three or more make it worth asking the model with laboratory values."""

BEDSIDE: Final = "coma_score.last"
"""This, which no wearable gives, makes it worth asking the bedside model."""

SIGNS: Final = (
    "heart_rate.last",
    "respiratory_rate.last",
    "oxygen_saturation.last",
    "temperature.last",
    "systolic_pressure.last",
)
"""Of these, two or more are needed to speak of deterioration at all."""

_FEWEST_LABORATORY: Final = 3
_FEWEST_SIGNS: Final = 2
_LABORATORY_PLACES: Final = np.array([position(name) for name in LABORATORY])
_SIGN_PLACES: Final = np.array([position(name) for name in SIGNS])


def assess(vector: FeatureVector) -> tuple[Assessment, ...]:
    """Return what the learned models say of a traveller.

    Parameters
    ----------
    vector : FeatureVector

    Returns
    -------
    tuple[Assessment, ...]
        At most one of each outcome; none of an outcome about which too little is known.

    Raises
    ------
    DamagedModelError
        If a model's file in this installation is not the one that its manifest names.
    """
    found: list[Assessment] = []
    name = deterioration_model(vector)
    if name:
        found.append(assess_with(name, vector))
    if vector.has("beat_interval.mean"):
        found.append(assess_with("fibrillation", vector))
    return tuple(found)


def deterioration_model(vector: FeatureVector) -> str:
    """Return the name of the model of deterioration that fits what is known; nothing if too little is."""
    if _known(vector, _SIGN_PLACES) < _FEWEST_SIGNS:
        return ""
    if _known(vector, _LABORATORY_PLACES) >= _FEWEST_LABORATORY:
        return "deterioration"
    return "deterioration_bedside" if vector.has(BEDSIDE) else "deterioration_wearable"


def assess_with(name: str, vector: FeatureVector) -> Assessment:
    """Return what one model says of a traveller, however little is known.

    Raises
    ------
    UnknownVariableError
        Without a model of that name.
    DamagedModelError
    """
    asked = model(name)
    return assessment_of(asked, vector.values[_places(name)].astype(np.float32))


def assessment_of(asked: Model, inputs: Singles) -> Assessment:
    """Return what a model says of one case; shape (number of inputs,)."""
    described = asked.description
    missing = np.isnan(inputs)
    places: list[int] = asked.used[missing[asked.used]].tolist()
    absent = tuple(described.inputs[index] for index in places)
    return Assessment(
        outcome=described.outcome,
        population=described.population,
        horizon=described.horizon,
        probability=asked.probability(inputs),
        reasons=_reasons(described.inputs, inputs, asked.contributions(inputs)),
        missing=absent,
        used=len(asked.used) - len(absent),
        model=described.name,
        version=described.version,
    )


def _reasons(names: tuple[str, ...], inputs: Singles, contributions: Floats) -> tuple[Reason, ...]:
    largest = np.argsort(-np.abs(contributions), kind="stable")[:MOST_REASONS]
    places: list[int] = largest.tolist()
    return tuple(
        Reason(
            feature=names[place],
            value=None if value != value else value,  # noqa: PLR0124 - NaN is not itself
            direction=Direction.RAISES if contribution > 0 else Direction.LOWERS,
            contribution=contribution,
        )
        for place, value, contribution in zip(
            places, inputs[largest].tolist(), contributions[largest].tolist(), strict=True
        )
        if contribution
    )


def _known(vector: FeatureVector, places: NDArray[np.int64]) -> int:
    return len(places) - int(np.count_nonzero(np.isnan(vector.values[places])))


@cache
def _places(name: str) -> NDArray[np.int64]:
    """Return where a model's inputs stand in a feature vector."""
    return np.array([position(one) for one in model(name).description.inputs], np.int64)
