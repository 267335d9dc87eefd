"""The benchmarks run, and what they write has one form; the numbers themselves are no test."""

import json
from dataclasses import fields
from pathlib import Path

import pytest
from benchmarks.__main__ import NAMES, main, subject
from benchmarks.measures import Measure, at_least, at_most, not_measured, spread

from tests.simulators import devtools

KEYS = ["what", "value", "unit", "bar", "holds", "peer", "peer_value", "ratio"]


def test_a_measure_knows_which_direction_is_better() -> None:
    """Short times and high rates hold, long times and low rates do not; above 1 the ratio speaks for us in both."""
    quick, slow = (at_most("", value, "ms", 2.0, ("other", 4.0)) for value in (1.0, 8.0))
    many, few = (at_least("", value, "1/s", 2.0, ("other", 4.0)) for value in (8.0, 1.0))
    assert [one.holds for one in (quick, slow, many, few)] == [True, False, True, False]
    assert [one.ratio for one in (quick, slow, many, few)] == [4.0, 0.5, 2.0, 0.25]


def test_what_was_not_measured_says_why() -> None:
    """Without a value a bar neither holds nor fails, and without a peer's value there is no ratio."""
    absent = not_measured("", "us", 100.0, "no browser")
    assert (absent.value, absent.holds, absent.peer) == (None, None, "not measured: no browser")
    assert at_least("", 1.0, "1", 1.0, ("not there", None)).ratio is None


def test_a_spread_has_its_count() -> None:
    """The median and the tail are those of the runs that were taken."""
    found = spread([float(value) for value in range(101)])
    assert (found.count, found.p50, found.p95, found.p99) == (101, 50.0, 95.0, 99.0)


def test_the_results_are_written_in_the_form_that_the_readme_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Machine, versions and date, and one object a measure; a browser that is not there is no number and no failure."""
    monkeypatch.setattr(devtools, "find_chromium", lambda: None)
    output = tmp_path / "results.json"
    main(["--only", "risk", "--only", "translator", "--count", "1", "--output", str(output)])
    written = json.loads(output.read_text("utf-8"))
    assert list(written) == ["machine", "versions", "date", "measures"]
    assert written["machine"]["cores"] >= 1
    assert "python" in written["versions"]
    assert all(list(one) == KEYS for one in written["measures"])
    (phrase,) = [one for one in written["measures"] if one["what"].startswith("a phrase")]
    assert (phrase["value"], phrase["holds"], phrase["peer"]) == (None, None, "not measured: Chromium is not installed")
    assert [field.name for field in fields(Measure)] == KEYS


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name != "risk"])
def test_every_subject_still_runs(name: str) -> None:
    """Compiler, browser and network included, each gives its measures; where Chromium is missing, all but one."""
    measures = subject(name).measure(2)
    assert measures
    without = [one.what for one in measures if one.value is None]
    assert without == [] or (name == "translator" and devtools.find_chromium() is None)
