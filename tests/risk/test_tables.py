"""The tables: 47 variables, 150 features, each of them complete."""

import math
from pathlib import Path

import pytest

from hospes.risk.errors import UnknownVariableError
from hospes.risk.features import BEATS, FEATURES, STATISTICS, position
from hospes.risk.requests import EXAMPLE
from hospes.risk.rhythm import NAMES
from hospes.risk.variables import SERIES, VARIABLES, Kind, Source, of, variable


def test_there_are_47_variables_and_150_features() -> None:
    """The numbers that the architecture promises, without a name twice."""
    assert len({one.name for one in VARIABLES}) == len(VARIABLES) == 47
    assert len({one.name for one in FEATURES}) == len(FEATURES) == 150


@pytest.mark.parametrize("one", VARIABLES, ids=lambda one: one.name)
def test_a_variable_is_complete(one: object) -> None:
    """A variable has a unit, a range, a source and a meaning."""
    known = variable(one.name)  # type: ignore[attr-defined]
    assert known.unit
    assert known.meaning
    assert known.sources
    assert known.low < known.high
    assert math.isfinite(known.low)
    assert math.isfinite(known.high)


def test_every_variable_is_used_and_every_feature_comes_from_variables() -> None:
    """No variable is there for nothing, and no feature comes from nowhere."""
    used = {name for feature in FEATURES for name in feature.variables}
    assert used == {one.name for one in VARIABLES}


def test_a_feature_is_complete() -> None:
    """A feature says how it is computed, from whom it comes, and what its absence does."""
    for feature in FEATURES:
        assert all((feature.unit, feature.how, feature.sources, feature.missing)), feature.name
        assert feature.low < feature.high, feature.name
        assert feature.window_h in {0, 6, 24, 48}, feature.name
        assert set(feature.sources) <= {source for name in feature.variables for source in variable(name).sources}


def test_every_series_has_its_statistics_and_the_beats_theirs() -> None:
    """The beats are described by their rhythm, everything else that is measured by statistics."""
    assert set(STATISTICS) == {one.name for one in SERIES} - {"beat_interval"}
    assert tuple(name for name, *_ in BEATS) == NAMES


def test_each_source_can_fill_features() -> None:
    """A wearable, a summary, the travel and a hospital each give something."""
    for source in Source:
        assert any(of(source))
        assert any(source in feature.sources for feature in FEATURES)


def test_codes_are_of_loinc_and_name_one_variable() -> None:
    """A code has LOINC's form and its check digit, and leads to one variable."""
    codes = [code for one in VARIABLES for code in one.loinc]
    assert len(set(codes)) == len(codes)
    for code in codes:
        number, _, digit = code.partition("-")
        assert _check_digit(number) == int(digit), code


def test_a_name_that_no_table_has_is_refused() -> None:
    """A mistyped name is an error with the name and the table in it."""
    with pytest.raises(UnknownVariableError, match=r"variable 'pulse'"):
        variable("pulse")
    with pytest.raises(UnknownVariableError, match=r"feature 'pulse\.last'"):
        position("pulse.last")
    assert FEATURES[position("heart_rate.last")].name == "heart_rate.last"


def test_sets_of_groups_come_from_summaries_alone() -> None:
    """Conditions and medicines are known from a summary, and from nothing else."""
    assert {one.name for one in VARIABLES if one.kind is Kind.CODES} == {"conditions", "medicines"}
    assert all(one.sources == (Source.SUMMARY,) for one in VARIABLES if one.kind is Kind.CODES)


def _check_digit(number: str) -> int:
    """Return LOINC's check digit: Luhn, modulus 10."""
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(number))]
    return -sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10


def test_the_example_of_the_readme_is_the_one_that_is_tested() -> None:
    """What the README shows can be scored."""
    readme = (Path(__file__).parents[2] / "risk" / "README.md").read_text("utf-8")
    assert EXAMPLE in readme
