"""Extraction: each feature where it should be, missing where it cannot be known, whatever comes in."""

# The hints of pytest.approx and of numpy 1.26 are partly unknown.
# pyright: reportUnknownMemberType=false

import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, strategies as st

from hospes.risk import FEATURES, Person, Reading, Travel, Windows, extract
from hospes.risk.errors import UnknownVariableError
from hospes.risk.history import CONDITIONS, MEDICINES
from hospes.risk.refusals import NOT_A_NUMBER, OUTSIDE, Refusal
from hospes.risk.variables import SERIES

NOW = 1_800_000_000.0
HOUR = 3600.0
NOBODY, NOWHERE = Person(), Travel()
NOTHING = Windows.of([])


def _of(*rows: tuple[str, float, float]) -> Windows:
    return Windows.of(Reading(name, NOW - hours * HOUR, value) for name, hours, value in rows)


def test_of_nothing_everything_is_missing() -> None:
    """Without an input there are 150 names and no value."""
    vector = extract(NOTHING, NOBODY, NOWHERE, NOW)
    assert vector.missing == tuple(feature.name for feature in FEATURES)
    assert repr(vector) == "<FeatureVector with 0 of 150 features>"


def test_statistics_of_a_series_by_hand() -> None:
    """Four readings of a heart over two days."""
    vector = extract(
        _of(("heart_rate", 40, 60), ("heart_rate", 30, 70), ("heart_rate", 5, 100), ("heart_rate", 1, 90)),
        NOBODY,
        NOWHERE,
        NOW,
    )
    expected = {"last": 90, "min": 60, "max": 100, "mean": 80, "age": 1, "mean_6h": 95}
    for kind, value in expected.items():
        assert vector[f"heart_rate.{kind}"] == pytest.approx(value), kind
    assert vector["heart_rate.sd"] == pytest.approx(math.sqrt((400 + 100 + 400 + 100) / 4))
    # Hours -40, -30, -5, -1 with mean -19; beats 60, 70, 100, 90 with mean 80.
    assert vector["heart_rate.slope"] == pytest.approx(
        (21 * 20 + 11 * 10 + 14 * 20 + 18 * 10) / (441 + 121 + 196 + 324)
    )


def test_sums_and_shorter_spans_by_hand() -> None:
    """Urine is added up, the worst coma score of a day is that of this day."""
    vector = extract(
        _of(("urine", 30, 400), ("urine", 10, 200), ("urine", 2, 50), ("coma_score", 30, 15), ("coma_score", 3, 9)),
        NOBODY,
        NOWHERE,
        NOW,
    )
    assert vector["urine.sum"] == 650
    assert vector["urine.sum_24h"] == 250
    assert vector["urine.sum_6h"] == 50
    assert vector["coma_score.max_24h"] == 9
    assert vector["coma_score.max"] == 15


def test_a_slope_needs_an_hour() -> None:
    """Two readings within a minute do not make a trend."""
    short = extract(
        _of(("temperature", 0.01, 37), ("heart_rate", 0.01, 70), ("heart_rate", 0, 75)), NOBODY, NOWHERE, NOW
    )
    assert not short.has("heart_rate.slope")
    assert short["heart_rate.sd"] == 2.5
    assert not short.has("temperature.sd")


def test_features_of_several_variables_by_hand() -> None:
    """Body mass index, shock index, pulse pressure and the oxygen ratio are what they are defined to be."""
    vector = extract(
        _of(
            ("heart_rate", 0, 120),
            ("systolic_pressure", 0, 100),
            ("diastolic_pressure", 0, 60),
            ("arterial_oxygen", 0, 80),
            ("inspired_oxygen", 0, 0.4),
        ),
        Person(height_cm=160, weight_kg=64),
        NOWHERE,
        NOW,
    )
    assert vector["person.body_mass_index"] == pytest.approx(25)
    assert vector["pressure.shock_index"] == pytest.approx(1.2)
    assert vector["pressure.pulse"] == 40
    assert vector["oxygen.ratio"] == pytest.approx(200)


def test_person_and_travel_are_features_as_they_are() -> None:
    """What a summary and the travel say stands in the vector."""
    person = Person(72, 0, 160, 64, frozenset({"hypertension", "stroke"}), frozenset())
    vector = extract(NOTHING, person, Travel(310, 28.5, -1, 6), NOW)
    assert vector["person.age"] == 72
    assert vector["person.sex"] == 0
    assert vector["travel.altitude"] == 310
    assert vector["travel.ambient_temperature"] == 28.5
    assert vector["travel.time_zone_shift"] == -1
    assert vector["travel.days_away"] == 6
    assert {group.name for group in CONDITIONS if vector[f"conditions.{group.name}"]} == {"hypertension", "stroke"}
    assert vector["conditions.count"] == 2
    assert vector["medicines.count"] == 0
    assert all(vector[f"medicines.{group.name}"] == 0 for group in MEDICINES)


def test_no_list_is_not_an_empty_list() -> None:
    """Of a traveller whose conditions are not known, no condition is absent."""
    vector = extract(NOTHING, Person(medicines=frozenset()), NOWHERE, NOW)
    assert not vector.has("conditions.stroke")
    assert not vector.has("conditions.count")
    assert vector["medicines.anticoagulant"] == 0


def test_impossible_facts_are_missing_and_said() -> None:
    """A height in metres, or an age that is no number, is set aside like a faulty sensor's reading."""
    vector = extract(_of(("heart_rate", 0, 0)), Person(age_y=math.nan, height_cm=1.6), Travel(altitude_m=9e9), NOW)
    assert not vector.has("person.age")
    assert not vector.has("person.height")
    assert vector.refused == (
        Refusal("age", NOT_A_NUMBER, 1),
        Refusal("altitude", OUTSIDE, 1),
        Refusal("heart_rate", OUTSIDE, 1),
        Refusal("height", OUTSIDE, 1),
    )


def test_every_field_of_person_and_travel_has_its_feature() -> None:
    """No fact is taken in and dropped."""
    given = Person(50, 1, 170, 70, frozenset(), frozenset()), Travel(1, 1, 1, 1)
    empty = extract(NOTHING, NOBODY, NOWHERE, NOW).missing
    whole = extract(NOTHING, *given, NOW).missing
    facts = sum(len(fields(one)) for one in given) - 2
    groups = len(CONDITIONS) + len(MEDICINES) + 2
    assert len(empty) - len(whole) == facts + groups + 1  # and the body mass index


def test_beats_fill_the_features_of_rhythm() -> None:
    """128 intervals are enough, and are in the order of their times whatever the order of their arrival."""
    rows = [Reading("beat_interval", NOW - second, 800 + 10 * (second % 7)) for second in range(128)]
    forward, backward = (extract(Windows.of(given), NOBODY, NOWHERE, NOW) for given in (rows, rows[::-1]))
    assert forward["beat_interval.mean"] == pytest.approx(830, abs=1)
    assert np.array_equal(forward.values, backward.values, equal_nan=True)


def test_a_vector_cannot_be_changed_and_knows_its_names() -> None:
    """What was extracted stays as it was."""
    vector = extract(NOTHING, NOBODY, NOWHERE, NOW)
    with pytest.raises(ValueError, match="read-only"):
        vector.values[0] = 1
    with pytest.raises(UnknownVariableError):
        _ = vector["heart_rate.median"]


@given(
    st.lists(
        st.builds(
            Reading,
            st.sampled_from([one.name for one in SERIES]),
            st.floats(NOW - 60 * HOUR, NOW + HOUR),
            st.floats(allow_nan=True, allow_infinity=True) | st.floats(0, 500),
        ),
        max_size=40,
    ),
    st.builds(
        Person, age_y=st.none() | st.floats(), height_cm=st.none() | st.floats(0, 300), weight_kg=st.floats(1, 400)
    ),
)
def test_whatever_comes_in_every_feature_is_missing_or_in_its_range(given: list[Reading], person: Person) -> None:
    """No input, however broken, gives a value that the table does not allow."""
    vector = extract(Windows.of(given), person, NOWHERE, NOW)
    for feature, value in zip(FEATURES, vector.values, strict=True):
        tolerance = 1e-9 * max(1.0, abs(feature.low), abs(feature.high))
        allowed = feature.low - tolerance <= value <= feature.high + tolerance
        assert math.isnan(value) or allowed, (feature.name, value)
