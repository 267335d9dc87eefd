"""Assessing and published scores: which model is asked, what it says, and what the scores make of it."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from hospes.risk import Person, Reading, Travel, Windows, assess, extract, scores
from hospes.risk.assessing import MOST_REASONS, deterioration_model
from hospes.risk.assessment import Direction
from hospes.risk.models import model
from hospes.risk.vector import FeatureVector

NOW = 1_800_000_000.0
SIGNS = {
    "heart_rate": 80.0,
    "respiratory_rate": 16.0,
    "oxygen_saturation": 97.0,
    "temperature": 37.0,
    "systolic_pressure": 130.0,
    "diastolic_pressure": 80.0,
}
WOMAN = Person(age_y=72, sex=0)
LABORATORY = {"creatinine": 1.0, "urea_nitrogen": 15.0, "potassium": 4.2, "sodium": 140.0, "platelets": 220.0}


def _vector(
    given: dict[str, float],
    person: Person = WOMAN,
    hours: float = 0.0,
) -> FeatureVector:
    rows = [Reading(name, NOW - 3600 * (hours + back), value) for name, value in given.items() for back in (0, 2, 4)]
    return extract(Windows.of(rows), person, Travel(), NOW)


def _beating(row: NDArray[np.float64]) -> FeatureVector:
    rows = [Reading("beat_interval", NOW - 200 + second, float(beat)) for second, beat in enumerate(row)]
    return extract(Windows.of(rows), WOMAN, Travel(), NOW)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, ""),
        ({"heart_rate": 80.0}, ""),
        ({"heart_rate": 80.0, "temperature": 37.0}, "deterioration_wearable"),
        (SIGNS, "deterioration_wearable"),
        (SIGNS | {"coma_score": 15.0}, "deterioration_bedside"),
        (SIGNS | LABORATORY, "deterioration"),
        (LABORATORY, ""),
    ],
)
def test_the_model_is_that_of_what_is_known(given: dict[str, float], name: str) -> None:
    """Laboratory values, a bedside and a wearable each have their model; too little has none."""
    vector = _vector(given)
    assert deterioration_model(vector) == name
    assert [one.model for one in assess(vector)] == ([name] if name else [])


def test_an_assessment_says_all_that_it_must() -> None:
    """Outcome, population, horizon, reasons, missing inputs, model and version are there."""
    (one,) = assess(_vector(SIGNS))
    assert one.outcome == "death in hospital"
    assert "intensive care" in one.population
    assert "discharge" in one.horizon
    assert 0 < one.probability < 1
    assert 0 < len(one.reasons) <= MOST_REASONS
    assert one.used + len(one.missing) == len(model(one.model).used)
    assert one.version == "1"
    sizes = [abs(reason.contribution) for reason in one.reasons]
    assert sizes == sorted(sizes, reverse=True)
    for reason in one.reasons:
        assert (reason.direction is Direction.RAISES) == (reason.contribution > 0)
        assert (reason.value is None) == (reason.feature in one.missing)


def test_fibrillation_is_assessed_from_beats_alone() -> None:
    """An irregular heart is told from a regular one, with reasons from the beats."""
    random = np.random.default_rng(2)
    wild, calm = (
        _beating(row)
        for row in (random.uniform(400, 1000, 128), np.array([800 + 20 * math.sin(beat) for beat in range(128)]))
    )
    (irregular,), (regular,) = assess(wild), assess(calm)
    assert irregular.outcome == regular.outcome == "atrial fibrillation"
    assert irregular.probability > 0.9
    assert regular.probability < 0.1
    assert all(reason.feature.startswith("beat_interval.") for reason in irregular.reasons)


@pytest.mark.parametrize(
    ("name", "better", "worse"),
    [
        ("oxygen_saturation", 97, 82),
        ("respiratory_rate", 16, 34),
        ("heart_rate", 75, 135),
        ("systolic_pressure", 125, 78),
    ],
)
def test_a_worse_sign_does_not_look_better(name: str, better: float, worse: float) -> None:
    """With all else equal, a clearly worse vital sign does not lower the risk of deterioration."""
    (calm,), (ill,) = (assess(_vector(SIGNS | {name: value})) for value in (better, worse))
    assert ill.probability >= calm.probability


def test_worse_age_and_consciousness_raise_the_risk() -> None:
    """Age and coma are the two strongest things that a bedside knows."""
    signs = SIGNS | {"coma_score": 15.0}
    (young,) = assess(_vector(signs, Person(age_y=40, sex=0)))
    (old,) = assess(_vector(signs, Person(age_y=88, sex=0)))
    (comatose,) = assess(_vector(signs | {"coma_score": 4.0}, Person(age_y=40, sex=0)))
    assert old.probability > young.probability
    assert comatose.probability > young.probability


def test_scores_come_from_fresh_signs_alone() -> None:
    """A vital sign of thirteen hours ago is not one of now."""
    fresh = {score.name: score for score in scores(_vector(SIGNS))}
    assert fresh["NEWS2"].value == 0
    assert fresh["NEWS2"].missing == ("supplemental_oxygen", "consciousness")
    assert scores(_vector(SIGNS, Person(), 13.0)) == ()


def test_no_score_reassures_while_parts_are_missing() -> None:
    """Unknown consciousness is not "below two", and two signs are a warning; with all known, both are plain."""
    breathing = SIGNS | {"respiratory_rate": 26.0}
    for given, band in (
        (SIGNS, None),
        (breathing | {"systolic_pressure": 95.0}, "at least two or more: with an infection, look for failing organs"),
        (SIGNS | {"consciousness": 0.0}, "below two"),
        (breathing | {"consciousness": 1.0}, "two or more: with an infection, look for failing organs"),
    ):
        found = {score.name: score for score in scores(_vector(given))}
        assert found["qSOFA"].band == band
        assert (found["CHA2DS2-VASc"].band or "").startswith("at least this, for people with atrial fibrillation only")
    known = scores(_vector({}, Person(age_y=72, sex=0, conditions=frozenset())))
    assert [(score.name, (score.band or "")[:10]) for score in known] == [("CHA2DS2-VASc", "for people")]


def test_news2_from_features_is_news2() -> None:
    """A fast heart, fast breathing and new confusion give the points of the chart."""
    ill = SIGNS | {"heart_rate": 118.0, "respiratory_rate": 26.0, "consciousness": 1.0, "supplemental_oxygen": 1.0}
    (score,) = (one for one in scores(_vector(ill)) if one.name == "NEWS2")
    assert score.value == 2 + 3 + 3 + 2
    assert score.band == "high: emergency response"


def test_scale_2_is_used_only_when_a_clinician_says_so() -> None:
    """90 % counts three points, unless it is what a clinician aims for."""
    low = SIGNS | {"oxygen_saturation": 90.0, "supplemental_oxygen": 0.0}
    first, second = (scores(_vector(low), hypercapnic=flag)[0].value for flag in (False, True))
    assert (first, second) == (3, 0)


def test_qsofa_by_hand() -> None:
    """Breathing from 22, pressure to 100 and any altered mentation count one each."""

    def of(**given: float) -> int:
        (score,) = (one for one in scores(_vector(given)) if one.name == "qSOFA")
        return score.value

    assert of(respiratory_rate=21, systolic_pressure=101, consciousness=0) == 0
    assert of(respiratory_rate=22, systolic_pressure=100, consciousness=1) == 3
    assert of(respiratory_rate=22, systolic_pressure=101, coma_score=14) == 2
    assert of(respiratory_rate=12, coma_score=15) == 0


@pytest.mark.parametrize(
    ("age", "sex", "conditions", "value"),
    [
        (64, 1, (), 0),
        (65, 1, (), 1),
        (75, 1, (), 2),
        (75, 0, (), 3),
        (50, 1, ("stroke",), 2),
        (50, 1, ("coronary_disease", "vascular_disease"), 1),
        (80, 0, ("heart_failure", "hypertension", "diabetes", "stroke", "vascular_disease"), 9),
    ],
)
def test_cha2ds2_vasc_by_hand(age: float, sex: float, conditions: tuple[str, ...], value: int) -> None:
    """Each condition has the points of Lip et al. 2010, and all together are nine."""
    vector = extract(Windows.of([]), Person(age, sex, conditions=frozenset(conditions)), Travel(), NOW)
    (score,) = scores(vector)
    assert (score.name, score.value, score.missing) == ("CHA2DS2-VASc", value, ())


def test_without_a_list_of_conditions_the_score_is_a_lower_bound() -> None:
    """What is not known of is named, and not counted as absent."""
    (score,) = scores(extract(Windows.of([]), Person(age_y=80), Travel(), NOW))
    assert score.value == 2
    assert set(score.missing) == {"heart_failure", "hypertension", "diabetes", "stroke", "vascular_disease", "sex"}
