"""NEWS2: every boundary of the published chart, published examples, and what missing parts mean."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from hospes.risk.news2 import Consciousness, Observations, band, news2

WELL = Observations(16, 97, False, 120, 70, Consciousness.ALERT, 37.0)

# Chart 1 of the Royal College of Physicians 2017, from the left: the first and the last value of each box.
CHART = {
    "respiratory_rate": "3-8:3 9-11:1 12-20:0 21-24:2 25-80:3",
    "oxygen_saturation": "40-91:3 92-93:2 94-95:1 96-100:0",
    "systolic_pressure": "30-90:3 91-100:2 101-110:1 111-219:0 220-300:3",
    "heart_rate": "20-40:3 41-50:1 51-90:0 91-110:1 111-130:2 131-300:3",
    "temperature": "25.0-35.0:3 35.1-36.0:1 36.1-38.0:0 38.1-39.0:1 39.1-45.0:2",
}
SCALE_2 = {
    False: "40-83:3 84-85:2 86-87:1 88-92:0 93-100:0",
    True: "40-83:3 84-85:2 86-87:1 88-92:0 93-94:1 95-96:2 97-100:3",
}


def _boxes(row: str) -> list[tuple[float, int]]:
    boxes = (box.partition(":") for box in row.split())
    return [(float(edge), int(points)) for edges, _, points in boxes for edge in edges.split("-")]


def _with(**changed: Any) -> Observations:  # noqa: ANN401 - each field has its own type
    return replace(WELL, **changed)


@pytest.mark.parametrize(
    ("name", "value", "points"), [(name, *box) for name, row in CHART.items() for box in _boxes(row)]
)
def test_every_box_of_the_chart_begins_and_ends_where_it_is_printed(name: str, value: float, points: int) -> None:
    """Both edges of each box give its points, and all else being normal nothing more."""
    score = news2(_with(**{name: value}))
    assert dict(score.parts)[name] == points == score.value
    assert score.missing == ()


@pytest.mark.parametrize(
    ("oxygen", "value", "points"), [(oxygen, *box) for oxygen, row in SCALE_2.items() for box in _boxes(row)]
)
def test_scale_2_depends_on_oxygen(*, oxygen: bool, value: float, points: int) -> None:
    """With hypercapnic failure 88 to 92 % is the aim, and more counts against a patient who is given oxygen."""
    score = news2(_with(oxygen_saturation=value, supplemental_oxygen=oxygen), hypercapnic=True)
    assert dict(score.parts)["oxygen_saturation"] == points
    assert score.value == points + 2 * oxygen


@pytest.mark.parametrize("state", Consciousness)
def test_whoever_is_not_alert_has_three_points(state: Consciousness) -> None:
    """New confusion counts as much as no response."""
    score = news2(_with(consciousness=state))
    assert score.value == (0 if state is Consciousness.ALERT else 3)
    assert score.band == ("low" if score.value == 0 else "low to medium") + (
        ": ward-based response" if score.value == 0 else ": urgent ward-based response"
    )


def test_the_published_example_of_the_emergency_department_guide() -> None:
    """HL7 UK's example observations: breathing 21, pulse 95, saturation 93 % on air, pressure 120, alert.

    Its temperature of 37.5 is printed there with one point; the college's chart gives none, and the chart counts.
    """
    score = news2(Observations(21, 93, False, 120, 95, Consciousness.ALERT, 37.5))
    assert dict(score.parts) == {
        "respiratory_rate": 2,
        "oxygen_saturation": 2,
        "supplemental_oxygen": 0,
        "systolic_pressure": 0,
        "heart_rate": 1,
        "consciousness": 0,
        "temperature": 0,
    }
    assert score.band == "medium: urgent response"


def test_the_published_example_of_the_highest_score() -> None:
    """HL7 Norway's example: every part at its most, oxygen given, scale 2, twenty points."""
    worst = Observations(25, 97, True, 90, 40, Consciousness.UNRESPONSIVE, 35.0)
    score = news2(worst, hypercapnic=True)
    assert score.value == score.highest == 20
    assert score.band == "high: emergency response"


@pytest.mark.parametrize(
    ("total", "red", "words"),
    [
        (0, False, "low:"),
        (4, False, "low:"),
        (3, True, "low to medium:"),
        (4, True, "low to medium:"),
        (5, False, "medium:"),
        (6, True, "medium:"),
        (7, False, "high:"),
        (20, True, "high:"),
    ],
)
def test_the_thresholds_are_those_of_chart_2(*, total: int, red: bool, words: str) -> None:
    """Five, seven, and a single three change the response."""
    assert band(total, red=red).startswith(words)


@pytest.mark.parametrize(
    ("name", "value", "points"),
    [
        ("respiratory_rate", 20.4, 0),
        ("respiratory_rate", 20.5, 2),
        ("temperature", 38.04, 0),
        ("temperature", 38.05, 1),
        ("temperature", 35.05, 1),
        ("oxygen_saturation", 95.5, 0),
    ],
)
def test_a_value_between_two_boxes_counts_as_the_nearest_that_is_printed(name: str, value: float, points: int) -> None:
    """The chart prints whole numbers and tenths; half a step rounds up."""
    assert news2(_with(**{name: value})).value == points


def test_missing_parts_are_named_and_make_the_score_a_lower_bound() -> None:
    """Nothing that is not known counts as normal without being said."""
    score = news2(Observations(respiratory_rate=25))
    assert score.value == 3
    assert score.missing == (
        "oxygen_saturation",
        "supplemental_oxygen",
        "systolic_pressure",
        "heart_rate",
        "consciousness",
        "temperature",
    )
    assert news2(Observations()).parts == ()


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"heart_rate": 70.0}, None),
        ({"heart_rate": 115.0, "systolic_pressure": 95.0}, None),
        ({"respiratory_rate": 25.0}, "at least low to medium: urgent ward-based response"),
        ({"respiratory_rate": 25.0, "heart_rate": 115.0}, "at least medium: urgent response"),
        (
            {"respiratory_rate": 25.0, "systolic_pressure": 85.0, "heart_rate": 140.0},
            "at least high: emergency response",
        ),
    ],
)
def test_with_missing_parts_no_band_reassures(known: dict[str, float], words: str | None) -> None:
    """A low lower bound has no band, and a reader is told why; a higher one says that it is the least."""
    score = news2(Observations(**known))  # type: ignore[arg-type]
    assert score.band == words
    assert score.response == (words or "not known: parts are missing")
    assert news2(WELL).band == news2(WELL).response == "low: ward-based response"


def test_scale_2_cannot_be_read_without_knowing_about_oxygen() -> None:
    """97 % is good on air and bad on oxygen, so without knowing which it is neither."""
    score = news2(Observations(oxygen_saturation=97), hypercapnic=True)
    assert "oxygen_saturation" in score.missing


@given(
    st.sampled_from(list(CHART)),
    st.floats(25, 45) | st.floats(30, 300),
    st.integers(0, 1),
    st.sampled_from(Consciousness),
)
def test_a_score_is_between_its_bounds_and_never_below_its_parts(
    name: str,
    value: float,
    oxygen: int,
    state: Consciousness,
) -> None:
    """Knowing more can only raise it, and at most to twenty."""
    some = news2(_with(**{name: None, "supplemental_oxygen": bool(oxygen), "consciousness": state}))
    more = news2(_with(**{name: value, "supplemental_oxygen": bool(oxygen), "consciousness": state}))
    assert 0 <= some.value <= more.value <= 20
