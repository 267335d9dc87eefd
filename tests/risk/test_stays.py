"""Stays: the Challenge's form, its ways of saying nothing, and what is wrong with a file."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from hospes.core.errors import MalformedError
from hospes.risk.commands import risk
from hospes.risk.stays import read_observations, read_outcomes

HEAD = "record,minute,parameter,value"


def test_a_stay_becomes_features() -> None:
    """Readings of cuff and line are one pressure, in the order of time, up to the end of the 48 hours."""
    (stay,) = read_observations(
        [
            HEAD,
            "7,0,Age,81",
            "7,0,Gender,1",
            "7,60,NISysABP,120",
            "7,2820,SysABP,90",
            "7,2820,Urine,40",
            "7,0,ICUType,2",
        ]
    ).stays
    vector = stay.vector()
    assert vector["person.age"] == 81
    assert vector["person.sex"] == 1
    assert vector["systolic_pressure.last"] == 90
    assert vector["systolic_pressure.max"] == 120
    assert vector["systolic_pressure.age"] == 1
    assert vector["urine.sum_6h"] == 40


def test_unknown_is_missing_and_masked_ages_are_ninety() -> None:
    """Minus one is no height, and an age of 200 is a way to hide one above 89."""
    (stay,) = read_observations([HEAD, "7,0,Age,200", "7,0,Height,-1", "7,0,Gender,-1", "7,0,Weight,-1"]).stays
    assert stay.person.age_y == 90
    assert (stay.person.height_cm, stay.person.sex, stay.person.weight_kg) == (None, None, None)


def test_the_first_age_and_the_latest_weight_count() -> None:
    """Where the source gives several, one rule decides."""
    rows = [HEAD, "7,0,Age,74", "7,0,Age,68", "7,0,Weight,80", "7,900,Weight,82", "7,300,Weight,81"]
    (stay,) = read_observations(rows).stays
    assert (stay.person.age_y, stay.person.weight_kg) == (74, 82)


def test_parameters_without_a_variable_are_named() -> None:
    """What is left out is said, so that a new export does not pass for the old one."""
    assert read_observations([HEAD, "7,0,Mood,3", "7,5,HR,80"]).ignored == ("Mood",)


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        ([], "line 1"),
        (["record,minute,parameter"], "line 1"),
        ([HEAD, "7,0,HR"], "line 2"),
        ([HEAD, "7,zero,HR,80"], "line 2"),
        ([HEAD, "7,0,HR,80", "7,1,HR,high"], "line 3"),
        ([HEAD, "7,0,HR," + "8" * 200_000], "line 2"),
    ],
)
def test_a_malformed_line_is_named(rows: list[str], where: str) -> None:
    """The error says which line, and does not quote it."""
    with pytest.raises(MalformedError) as caught:
        read_observations(rows)
    assert caught.value.where == where
    assert "high" not in str(caught.value)


@pytest.mark.parametrize("rows", [["RecordID,Survival", "1,0"], ["RecordID,In-hospital_death", "1,2"], []])
def test_outcomes_are_nought_or_one(rows: list[str]) -> None:
    """An outcome that is neither is an error, not a survivor."""
    with pytest.raises(MalformedError):
        read_outcomes(rows)


def test_outcomes_may_have_more_columns() -> None:
    """Columns are found by their names."""
    assert read_outcomes(["SOFA,RecordID,In-hospital_death", "3,7,1", "4,8,0"]) == {"7": True, "8": False}


@pytest.mark.slow
@pytest.mark.parametrize(("inputs", "bar"), [("all", 0.86), ("bedside", 0.82), ("wearable", 0.70)])
def test_the_command_judges_the_shared_stays(shared_data: Path, inputs: str, bar: float) -> None:
    """On the stays from which the model learned, its figures are at least those of cross-validation."""
    folder = shared_data / "icu2012"
    arguments = [str(folder / "observations.csv.gz"), str(folder / "outcomes.csv"), "--inputs", inputs]
    result = CliRunner().invoke(risk, ["evaluate-stays", *arguments])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.output)
    assert answer["cases"] == 3996
    assert answer["outcomes_without_stay"] == 4
    assert answer["ignored_parameters"] == []
    assert answer["auroc"] > bar
    assert {"auprc", "min_sensitivity_precision", "brier", "calibration_slope"} < set(answer)


def test_the_command_takes_a_small_file_of_either_kind(tmp_path: Path) -> None:
    """Two stays, one compressed file, one plain: one JSON object, and what has no partner is counted."""
    rows = [HEAD, *(f"{record},{60 * hour},HR,{70 + 3 * record}" for record in (1, 2, 3) for hour in range(5))]
    (tmp_path / "observations.csv.gz").write_bytes(gzip.compress("\n".join(rows).encode()))
    (tmp_path / "outcomes.csv").write_text("RecordID,In-hospital_death\n1,0\n2,1\n9,0\n")
    arguments = ["evaluate-stays", str(tmp_path / "observations.csv.gz"), str(tmp_path / "outcomes.csv")]
    answer = json.loads(CliRunner().invoke(risk, arguments).output)
    assert (answer["cases"], answer["events"]) == (2, 1)
    assert (answer["stays_without_outcome"], answer["outcomes_without_stay"]) == (1, 1)
    assert "Not a diagnosis" in answer["notice"]
    assert np.isfinite(answer["auroc"])
