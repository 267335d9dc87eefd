"""Inputs: the data from which the models learn, where ``HOSPES_SHARED_DATA`` says they are.

It reads with the project's own code, so that a model learns from exactly what it will be asked.

Sources: PhysioNet/CinC Challenge 2012 set a and 2017, MIT-BIH Atrial Fibrillation Database, all ODC-BY 1.0.
"""

# ruff: noqa: INP001

import gzip
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hospes.risk.recordings import Strips, Windowed, read_beats, read_strips
from hospes.risk.reference import Singles
from hospes.risk.stays import read_observations, read_outcomes


def directory() -> Path:
    """Return the directory of the shared data."""
    return Path(os.environ.get("HOSPES_SHARED_DATA", "../shared/data"))


@dataclass(frozen=True, slots=True)
class Stays:
    """All stays as cases: inputs of shape (n, 150), and which ended in death."""

    inputs: Singles
    deaths: NDArray[np.bool_]


def stays() -> Stays:
    """Read the stays in intensive care."""
    folder = directory() / "icu2012"
    with gzip.open(folder / "observations.csv.gz", "rt", encoding="utf-8") as lines:
        found = read_observations(lines).stays
    with (folder / "outcomes.csv").open(encoding="utf-8") as lines:
        outcomes = read_outcomes(lines)
    vectors = np.array([stay.vector().values for stay in found], np.float32)
    return Stays(vectors, np.array([outcomes[stay.record] for stay in found]))


def windows_of_beats() -> Windowed:
    """Read the long recordings, in windows of 128 beats."""
    folder = directory() / "rhythm"
    with (folder / "af_rhythm.csv").open(encoding="utf-8") as lines:
        return read_beats((folder / "af_beats_250hz.npz").read_bytes(), lines)


def strips() -> Strips:
    """Read the recordings of the hand-held device."""
    folder = directory() / "rhythm"
    with (folder / "ecg_labels.csv").open(encoding="utf-8") as lines:
        return read_strips((folder / "ecg_300hz.npz").read_bytes(), lines)
