"""Recordings: both forms of labelled rhythm, and what is wrong with a file."""

# The hints of pytest.approx and of numpy 1.26 are partly unknown.
# pyright: reportUnknownMemberType=false

import io
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from hospes.core.errors import MalformedError
from hospes.risk.commands import risk
from hospes.risk.recordings import read_arrays, read_beats, read_strips

CHANGES = "record,sample_250hz,rhythm"
LABELS = "recording,label"


def _archive(**arrays: NDArray[np.generic]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _beats(count: int, seed: int = 0) -> NDArray[np.int32]:
    positions: NDArray[np.int32] = np.cumsum(np.random.default_rng(seed).integers(150, 250, count)).astype(np.int32)
    return positions


def test_windows_are_labelled_by_the_rhythm_of_most_of_their_beats() -> None:
    """128 intervals a window, what is left over is dropped, and flutter is not fibrillation."""
    positions = _beats(129 + 128 + 128 + 40)
    half = int(positions[128 + 60])
    changes = [CHANGES, "1,0,(N", f"1,{half},(AFIB", f"1,{int(positions[128 * 2 + 10])},(AFL"]
    found = read_beats(_archive(**{"1": positions}), changes)
    assert found.inputs.shape == (3, 12)
    assert found.fibrillation.tolist() == [False, True, False]
    assert found.records == ("1", "1", "1")


def test_beats_before_the_first_change_are_in_no_fibrillation() -> None:
    """What is not labelled is not what is looked for."""
    positions = _beats(129)
    found = read_beats(_archive(a=positions), [CHANGES, f"a,{int(positions[-1]) + 1},(AFIB"])
    assert found.fibrillation.tolist() == [False]


def test_windows_of_artefacts_are_counted_and_left_out() -> None:
    """A window without usable intervals is not judged, and not lost in silence."""
    found = read_beats(_archive(a=np.arange(0, 129 * 10, 10)), [CHANGES, "a,0,(N"])
    assert (len(found.inputs), found.unusable) == (0, 1)


def test_strips_keep_their_labels() -> None:
    """Each recording has its label, whatever the order of the table."""
    archive = _archive(a=np.zeros(900, np.int16), b=np.ones(900, np.int16))
    found = read_strips(archive, [LABELS, "b,~", "a,A"])
    assert found.labels == ("A", "~")
    assert found.inputs.shape == (2, 27)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([LABELS, "a,A"], "1 recordings have no label"),
        ([LABELS, "a,A", "b,N", "c,O"], "1 labels no recording"),
        ([LABELS, "a,A", "b,X"], "expected the labels A, N, O, ~"),
        (["recording", "a"], "expected the columns"),
    ],
)
def test_labels_must_fit_the_recordings(lines: list[str], reason: str) -> None:
    """An evaluation loses no case in silence."""
    with pytest.raises(MalformedError, match=reason):
        read_strips(_archive(a=np.zeros(900), b=np.zeros(900)), lines)


def test_a_change_without_a_number_is_named_by_its_line() -> None:
    """The error leads to the place."""
    with pytest.raises(MalformedError, match="line 2"):
        read_beats(_archive(a=_beats(10)), [CHANGES, "a,soon,(N"])


@pytest.mark.parametrize("array", [np.zeros((2, 2)), np.array(["x"]), np.array([True])])
def test_arrays_are_rows_of_numbers(array: NDArray[np.generic]) -> None:
    """Tables, words and truths are no recordings."""
    with pytest.raises(MalformedError, match="one row of numbers"):
        read_arrays(_archive(a=array), "beats")


def test_pickled_objects_are_refused() -> None:
    """An archive cannot run code here."""
    buffer = io.BytesIO()
    np.savez(buffer, a=np.array([{"x": 1}], dtype=object))
    with pytest.raises(MalformedError):
        read_arrays(buffer.getvalue(), "beats")


@given(st.binary(max_size=200))
def test_whatever_the_bytes_there_are_arrays_or_a_typed_error(data: bytes) -> None:
    """A damaged archive is malformed, and nothing else."""
    try:
        read_arrays(data, "beats")
    except MalformedError as error:
        assert error.what == "beats"  # noqa: PT017 - either way is right


@pytest.mark.slow
def test_the_command_judges_the_shared_beats(shared_data: Path) -> None:
    """On windows of the beat database fibrillation is told from all else."""
    folder = shared_data / "rhythm"
    arguments = ["evaluate-rhythm", str(folder / "af_beats_250hz.npz"), str(folder / "af_rhythm.csv")]
    answer = json.loads(CliRunner().invoke(risk, arguments).output)
    assert (answer["cases"], answer["recordings"]) == (5153, 13)
    assert answer["auroc"] > 0.98


@pytest.mark.slow
def test_the_command_judges_the_shared_strips(shared_data: Path) -> None:
    """On hand-held recordings fibrillation is told from normal, and from all that is not noise."""
    folder = shared_data / "rhythm"
    arguments = ["evaluate-rhythm", str(folder / "ecg_300hz.npz"), str(folder / "ecg_labels.csv")]
    answer = json.loads(CliRunner().invoke(risk, arguments).output)
    assert answer["cases"] == 260
    assert answer["auroc"] > 0.95
    assert answer["comparisons"]["A against N and O"]["auroc"] > 0.9
