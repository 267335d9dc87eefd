"""Recordings of rhythm with the labels of experts, in the two forms that PhysioNet's databases take here.

It reads bytes and lines that are passed in, and opens no file. A recording without a label, or a label without a
recording, is an error: an evaluation must not lose cases in silence.

Sources: MIT-BIH Atrial Fibrillation Database (Moody and Mark 1983), whose rhythm changes are ``(AFIB``, ``(AFL``,
``(J`` and ``(N``; PhysioNet/CinC Challenge 2017 (Clifford et al. 2017), labels A, N, O and ~.
"""

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hospes.core.errors import MalformedError
from hospes.risk import recording, rhythm
from hospes.risk.reference import Singles
from hospes.risk.tables import rows_of
from hospes.risk.windows import Floats, Truths

Arrays: TypeAlias = dict[str, NDArray[np.generic]]

BEATS_HZ: Final = 250.0
STRIPS_HZ: Final = 300.0
LABELS: Final = ("A", "N", "O", "~")
FIBRILLATION: Final = "(AFIB"
_MS: Final = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class Windowed:
    """Windows of 128 beats of long recordings.

    Attributes
    ----------
    inputs : Singles
        Shape (n, 12): features of `hospes.risk.rhythm`.
    fibrillation : Truths
        Shape (n,): whether most of the beats are in atrial fibrillation.
    records : tuple[str, ...]
        The recording of each window.
    unusable : int
        Windows with too few usable intervals, left out.
    """

    inputs: Singles
    fibrillation: Truths
    records: tuple[str, ...]
    unusable: int


@dataclass(frozen=True, slots=True, eq=False)
class Strips:
    """Short recordings.

    Attributes
    ----------
    inputs : Singles
        Shape (n, 27): features of `hospes.risk.recording`.
    labels : tuple[str, ...]
        ``A``, ``N``, ``O`` or ``~`` of each.
    """

    inputs: Singles
    labels: tuple[str, ...]


def read_arrays(data: bytes, what: str) -> Arrays:
    """Read a NumPy archive of one-dimensional arrays of numbers.

    Raises
    ------
    MalformedError
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise MalformedError(what, "", "expected a NumPy archive (.npz) of numbers") from error
    for name, array in arrays.items():
        if array.ndim != 1 or array.dtype.kind not in "iuf":
            raise MalformedError(what, name, "expected one row of numbers")
    return arrays


def read_beats(data: bytes, lines: Iterable[str]) -> Windowed:
    """Read beat positions and rhythm changes: ``record,sample_250hz,rhythm``.

    Raises
    ------
    MalformedError
    """
    arrays = read_arrays(data, "beats")
    changes = _changes(lines)
    _same_names("rhythm", set(arrays), set(changes))
    inputs: list[Floats] = []
    truths: list[bool] = []
    records: list[str] = []
    unusable = 0
    for name, positions in arrays.items():
        for features, fibrillating in _windows(positions.astype(np.float64), changes[name]):
            if np.isnan(features[0]):
                unusable += 1
                continue
            inputs.append(features)
            truths.append(fibrillating)
            records.append(name)
    table = np.array(inputs, np.float32).reshape(-1, len(rhythm.NAMES))
    return Windowed(table, np.array(truths, bool), tuple(records), unusable)


def read_strips(data: bytes, lines: Iterable[str]) -> Strips:
    """Read recordings and their labels: ``recording,label``.

    Raises
    ------
    MalformedError
    """
    arrays = read_arrays(data, "recordings")
    labels = {name: label.strip() for _, (name, label) in rows_of(lines, ("recording", "label"), "labels")}
    _same_names("labels", set(arrays), set(labels))
    unknown = sorted(set(labels.values()) - set(LABELS))
    if unknown:
        raise MalformedError("labels", "", f"expected the labels {', '.join(LABELS)}")
    inputs = [recording.measure(array.astype(np.float64), STRIPS_HZ) for array in arrays.values()]
    table = np.array(inputs, np.float32).reshape(-1, len(recording.NAMES))
    return Strips(table, tuple(labels[name] for name in arrays))


def _windows(positions: Floats, changes: list[tuple[float, str]]) -> Iterable[tuple[Floats, bool]]:
    """Return features and label of each whole window of 128 intervals."""
    starts = np.array([start for start, _ in changes])
    fibrillating = np.array([False, *(kind == FIBRILLATION for _, kind in changes)])
    each = fibrillating[np.searchsorted(starts, positions[1:], side="right")]
    intervals = np.diff(positions) * (_MS / BEATS_HZ)
    for first in range(0, len(intervals) - rhythm.BEATS + 1, rhythm.BEATS):
        part = slice(first, first + rhythm.BEATS)
        yield rhythm.measure(intervals[part]), bool(2 * np.count_nonzero(each[part]) >= rhythm.BEATS)


def _changes(lines: Iterable[str]) -> dict[str, list[tuple[float, str]]]:
    changes: dict[str, list[tuple[float, str]]] = {}
    for line, (record, sample, kind) in rows_of(lines, ("record", "sample_250hz", "rhythm"), "rhythm"):
        try:
            changes.setdefault(record, []).append((float(sample), kind.strip()))
        except ValueError as error:
            raise MalformedError("rhythm", f"line {line}", "sample_250hz is not a number") from error
    return {record: sorted(rows) for record, rows in changes.items()}


def _same_names(what: str, recorded: set[str], labelled: set[str]) -> None:
    if recorded != labelled:
        without, beyond = len(recorded - labelled), len(labelled - recorded)
        raise MalformedError(what, "", f"{without} recordings have no label, and {beyond} labels no recording")
