"""The commands: what somebody types, reads and can script, and what a bad file gives."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, strategies as st

from hospes.core.errors import ConfigurationError, HospesError, MalformedError
from hospes.risk.commands import risk
from hospes.risk.errors import TooFewCasesError, UnknownVariableError
from hospes.risk.history import CONDITION_WORDS, MEDICINE_WORDS
from hospes.risk.requests import EXAMPLE, Request


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(risk, [str(argument) for argument in arguments])


@pytest.fixture
def request_file(tmp_path: Path) -> Path:
    """The request of the README."""
    file = tmp_path / "request.json"
    file.write_text(EXAMPLE)
    return file


def test_score_prints_one_object_with_all_that_it_must_say(request_file: Path) -> None:
    """Probability, outcome, population, horizon, reasons, missing inputs, scores and the notice."""
    result = _run("score", request_file)
    assert result.exit_code == 0, result.output
    answer = json.loads(result.output)
    assert answer["notice"] == "Not a diagnosis. Not validated in patients."
    (assessment,) = answer["assessments"]
    assert {"outcome", "population", "horizon", "probability", "reasons", "missing", "model", "version"} < set(
        assessment
    )
    assert {score["name"] for score in answer["scores"]} == {"NEWS2", "qSOFA", "CHA2DS2-VASc"}
    assert "respiratory_rate.last" in answer["missing"]


def test_the_screen_says_what_is_missing_and_that_it_is_no_diagnosis(request_file: Path) -> None:
    """A reader sees the notice first, the reasons, and what was not known."""
    screen = _run("score", request_file, "--screen").output
    assert screen.startswith("Not a diagnosis. Not validated in patients.\n")
    assert "of 150 features are known" in screen
    assert "Death in hospital: " in screen
    assert "as among adults in intensive care" in screen
    assert "inputs are missing" in screen
    assert "NEWS2: at least 3 of 20, not known: parts are missing" in screen
    assert "qSOFA: at least 0 of 3, not known: parts are missing" in screen
    assert "not known: respiratory rate, supplemental oxygen, consciousness, temperature" in screen


def test_impossible_values_are_said_and_not_judged(tmp_path: Path) -> None:
    """A heart rate of nought is a sensor that fell off."""
    file = tmp_path / "request.json"
    file.write_text('{"now": 1000, "readings": [{"variable": "heart_rate", "at": 999, "value": 0}]}')
    answer = json.loads(_run("score", file).output)
    assert answer["refused"] == [{"variable": "heart_rate", "reason": "outside its range", "count": 1}]
    assert answer["assessments"] == []
    screen = _run("score", file, "--screen").output
    assert "Set aside: heart rate, 1 outside its range." in screen
    assert "Too little is known for any learned model." in screen


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", MalformedError),
        ("{", MalformedError),
        ("{}", MalformedError),
        ('{"now": "noon"}', MalformedError),
        ('{"now": 1, "pulse": 80}', MalformedError),
        ('{"now": 1, "person": {"age": 72}}', MalformedError),
        ('{"now": 1, "readings": [{"variable": "pulse", "at": 1, "value": 80}]}', UnknownVariableError),
    ],
)
def test_a_bad_request_is_a_typed_error(tmp_path: Path, text: str, error: type[HospesError]) -> None:
    """What does not fit is named, and nothing is scored."""
    file = tmp_path / "request.json"
    file.write_text(text)
    result = _run("score", file)
    assert isinstance(result.exception, error)
    assert result.output == ""


@pytest.mark.parametrize(
    ("name", "allowed", "wrong"),
    [("conditions", CONDITION_WORDS, "hypertention"), ("medicines", MEDICINE_WORDS, "Anticoagulant")],
)
def test_a_misspelled_illness_is_refused_with_all_words_that_are_allowed(
    tmp_path: Path, name: str, allowed: tuple[str, ...], wrong: str
) -> None:
    """It never counts as one that she does not have; every right word is taken, and the README has them all."""
    file = tmp_path / "request.json"
    file.write_text(json.dumps({"now": 1, "person": {name: [allowed[0], wrong]}}))
    result = _run("score", file)
    assert isinstance(result.exception, MalformedError)
    assert result.exception.where == f"person.{name}"
    assert ", ".join(allowed) in result.exception.reason
    assert result.output == ""
    taken = Request.decode(json.dumps({"now": 1, "person": {name: allowed}}).encode())
    assert getattr(taken.person, name) == set(allowed)
    readme = (Path(__file__).parents[2] / "risk" / "README.md").read_text("utf-8")
    assert all(f"`{word}`" in readme for word in allowed)


@given(st.binary(max_size=60))
def test_whatever_the_bytes_a_request_is_read_or_refused(data: bytes) -> None:
    """No bytes break the reader."""
    try:
        Request.decode(data)
    except MalformedError as error:
        assert error.what == "request"  # noqa: PT017 - either way is right


@pytest.mark.parametrize("command", ["score", "evaluate-stays", "evaluate-rhythm"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, command: str) -> None:
    """The message has the path and the system's reason."""
    nothing = tmp_path / "nothing"
    result = _run(command, *([nothing] if command == "score" else [nothing, nothing]))
    assert isinstance(result.exception, ConfigurationError)
    assert str(nothing) in str(result.exception)


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    """Half a compressed file, and a compressed file that is text in no encoding we know."""
    file, other = tmp_path / "observations.csv.gz", tmp_path / "outcomes.csv"
    file.write_bytes(b"\x1f\x8bhalf")
    other.write_bytes(b"RecordID,In-hospital_death\n\xff\xfe,1\n")
    assert "observations.csv.gz" in str(_run("evaluate-stays", file, other).exception)
    file.write_text("record,minute,parameter,value\n1,0,HR,80\n")
    result = _run("evaluate-stays", file, other)
    assert isinstance(result.exception, MalformedError)
    assert "UTF-8" in str(result.exception)


def test_damaged_recordings_are_named(tmp_path: Path) -> None:
    """The error names the recordings, not the labels that are fine."""
    recordings, labels = tmp_path / "recordings.npz", tmp_path / "labels.csv"
    recordings.write_bytes(b"PK half an archive")
    labels.write_text("recording,label\na,A\n")
    assert "recordings.npz" in str(_run("evaluate-rhythm", recordings, labels).exception)


def test_cases_of_one_kind_alone_cannot_be_evaluated(tmp_path: Path) -> None:
    """Without a death there is nothing to rank, and it says so."""
    observations, outcomes = tmp_path / "observations.csv", tmp_path / "outcomes.csv"
    observations.write_text("record,minute,parameter,value\n1,0,HR,80\n")
    outcomes.write_text("RecordID,In-hospital_death\n1,0\n")
    assert isinstance(_run("evaluate-stays", observations, outcomes).exception, TooFewCasesError)


def test_help_says_what_it_is_not() -> None:
    """Whoever asks for help reads that no model is validated."""
    assert "no model here has been validated in patients" in _run("--help").output.replace("\n  ", " ")
