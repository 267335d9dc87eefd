"""``hospes risk``: evaluate the learned models on data that they have not seen, and score one traveller.

It reads files and prints; all judging is in the modules beside it. Standard output is one JSON object, unless a screen
is asked for.
"""

import gzip
import io
import json
import zlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import numpy as np

from hospes.core.errors import ConfigurationError, MalformedError, TooLargeError
from hospes.risk import stays
from hospes.risk.assessing import assess
from hospes.risk.assessment import NOTICE
from hospes.risk.extraction import extract
from hospes.risk.metrics import quality
from hospes.risk.models import Model, model
from hospes.risk.published import scores
from hospes.risk.recordings import read_arrays, read_beats, read_strips
from hospes.risk.reference import Floats
from hospes.risk.requests import Request
from hospes.risk.screen import lines
from hospes.risk.windows import Truths, Windows

T = TypeVar("T")

MODELS: Final = {
    "all": "deterioration",
    "bedside": "deterioration_bedside",
    "wearable": "deterioration_wearable",
}
"""The model of each kind of inputs."""

MAX_REQUEST_BYTES: Final = 64 * 2**20
_GZIP: Final = b"\x1f\x8b"
_DIGITS: Final = 6
_PATH: Final = click.Path(path_type=Path)


@click.group()
def risk() -> None:
    """Score risk, and measure how good the learned models are.

    Nothing here is a diagnosis, and no model here has been validated in patients.
    """


@risk.command("evaluate-stays")
@click.argument("observations", type=_PATH)
@click.argument("outcomes", type=_PATH)
@click.option("--inputs", type=click.Choice(list(MODELS)), default="all", help="What the model may look at.")
def evaluate_stays(observations: Path, outcomes: Path, inputs: str) -> None:
    """Judge the model of deterioration on intensive-care stays.

    OBSERVATIONS has the columns record, minute, parameter, value; OUTCOMES has RecordID and In-hospital_death (the
    PhysioNet Challenge 2012). Either may be compressed with gzip.
    """
    found = _parsed(observations, lambda data: stays.read_observations(_text(data)))
    ended = _parsed(outcomes, lambda data: stays.read_outcomes(_text(data)))
    judged = [stay for stay in found.stays if stay.record in ended]
    asked = model(MODELS[inputs])
    vectors = np.array([stay.vector().values for stay in judged], np.float32).reshape(len(judged), -1)
    truth = np.array([ended[stay.record] for stay in judged], bool)
    _print(
        {
            **_head(asked),
            **_measured(_probabilities(asked, vectors), truth),
            "stays_without_outcome": len(found.stays) - len(judged),
            "outcomes_without_stay": len(ended) - len(judged),
            "ignored_parameters": list(found.ignored),
        }
    )


@risk.command("evaluate-rhythm")
@click.argument("recordings", type=_PATH)
@click.argument("labels", type=_PATH)
def evaluate_rhythm(recordings: Path, labels: Path) -> None:
    """Judge the models of atrial fibrillation on recordings.

    RECORDINGS is a NumPy archive. With LABELS of the columns record, sample_250hz, rhythm it holds beat positions, and
    windows of 128 beats are judged; with LABELS of the columns recording, label it holds single-lead recordings of 300
    samples a second, and each is judged as a whole: A against N, and A against N and O.
    """
    data = _read(recordings)
    _parsed(recordings, lambda whole: read_arrays(whole, "recordings"))  # so that an error in it names it
    heading = _parsed(labels, lambda text: next(iter(_text(text)), ""))
    if "sample_250hz" in heading:
        _print(_of_beats(data, labels))
    else:
        _print(_of_strips(data, labels))


@risk.command()
@click.argument("request", type=_PATH)
@click.option("--screen", is_flag=True, help="Print for a reader instead of JSON.")
@click.option("--hypercapnic", is_flag=True, help="A clinician has prescribed 88 to 92 % saturation (NEWS2 scale 2).")
def score(request: Path, *, screen: bool, hypercapnic: bool) -> None:
    """Score the traveller whose readings and facts are in REQUEST.

    REQUEST is JSON: now (Unix seconds), readings (variable, at, value), person and travel; risk/README.md shows one.
    """
    size = len(_read(request))
    if size > MAX_REQUEST_BYTES:
        raise TooLargeError(str(request), size, MAX_REQUEST_BYTES)
    asked = _parsed(request, Request.decode)
    windows = Windows.of(asked.readings)
    vector = extract(windows, asked.person, asked.travel, asked.now)
    assessments, published = assess(vector), scores(vector, hypercapnic=hypercapnic)
    if screen:
        click.echo("\n".join(lines(vector, assessments, published)))
        return
    _print(
        {
            "notice": NOTICE,
            "assessments": [asdict(one) for one in assessments],
            "scores": [{**asdict(one), "parts": dict(one.parts)} for one in published],
            "missing": list(vector.missing),
            "refused": [asdict(one) for one in vector.refused],
        }
    )


def _of_beats(data: bytes, labels: Path) -> dict[str, Any]:
    windowed = _parsed(labels, lambda text: read_beats(data, _text(text)))
    asked = model("fibrillation")
    return {
        **_head(asked),
        **_measured(_probabilities(asked, windowed.inputs), windowed.fibrillation),
        "recordings": len(set(windowed.records)),
        "unusable_windows": windowed.unusable,
    }


def _of_strips(data: bytes, labels: Path) -> dict[str, Any]:
    strips = _parsed(labels, lambda text: read_strips(data, _text(text)))
    asked = model("fibrillation_recording")
    probabilities = _probabilities(asked, strips.inputs)
    label = np.array(strips.labels, str)
    compared = {
        name: _measured(probabilities[among], label[among] == "A")
        for name, among in (
            ("A against N", np.isin(label, ("A", "N"))),
            ("A against N and O", np.isin(label, ("A", "N", "O"))),
        )
    }
    return {**_head(asked), "compared": "A against N", **compared["A against N"], "comparisons": compared}


def _head(asked: Model) -> dict[str, Any]:
    described = asked.description
    return {
        "model": described.name,
        "version": described.version,
        "outcome": described.outcome,
        "population": described.population,
        "horizon": described.horizon,
        "notice": NOTICE,
    }


def _probabilities(asked: Model, inputs: Any) -> Floats:  # noqa: ANN401 - an array with no row has no shape to speak of
    return asked.probabilities(inputs) if len(inputs) else np.zeros(0)


def _measured(probabilities: Floats, truth: Truths) -> dict[str, Any]:
    numbers = asdict(quality(probabilities, truth))
    return {name: round(value, _DIGITS) if isinstance(value, float) else value for name, value in numbers.items()}


def _print(answer: dict[str, Any]) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False, allow_nan=False))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError(str(file), f"the file cannot be read ({error.strerror})") from error


def _parsed(file: Path, parse: Callable[[bytes], T]) -> T:
    """Parse a file, and let an error in what it says name the file."""
    try:
        return parse(_unpacked(_read(file)))
    except MalformedError as error:
        raise MalformedError(f"{error.what} in {file}", error.where, error.reason) from error


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise MalformedError("archive", "", "the compressed file is damaged") from error


def _text(data: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="")
