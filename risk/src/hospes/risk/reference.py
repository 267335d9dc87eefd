"""The reference of the learned models: what they compute, one case and one tree at a time, from their parameters.

It is the obvious version: it judges ONNX Runtime in the tests and gives each feature's contribution where a probability
needs reasons. It does not learn; `risk/training` does, and writes these parameters and the ONNX file from one object.

A model is additive: a base, a piecewise linear effect of some features, and an ensemble of small trees, in log-odds.
The contribution of a feature in a tree is what each of its branches on the way adds to the expected value, after Saabas
2014 ("Interpreting random forests"); its contribution in the linear part is its effect less the effect's mean in the
data that the model learned from.
"""

import io
import math
import zipfile
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from hospes.risk.errors import DamagedModelError

Singles: TypeAlias = NDArray[np.float32]
Indices: TypeAlias = NDArray[np.int32]
Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """All numbers of one model. Inputs are single precision; NaN is missing.

    Attributes
    ----------
    base : Singles
        Shape (1,): log-odds to which everything else is added.
    column, fill, low, high : Indices, Singles, Singles, Singles
        Shape (m,): input of each linear effect, what stands for it where it is missing, and where it is cut off.
    absent, centre : Singles
        Shape (m,): what its absence adds, and the mean of the whole effect in the learning data.
    term_effect, knot, weight : Indices, Singles, Singles
        Shape (t,): ``weight * max(x - knot, 0)`` belongs to the effect ``term_effect``.
    root : Indices
        Shape (r,): first node of each tree.
    feature, threshold : Indices, Singles
        Shape (n,): at a branch, the case goes to `yes` if ``x[feature] <= threshold``. A leaf has feature -1.
    yes, no : Indices
        Shape (n,); of a leaf itself.
    absent_yes : Indices
        Shape (n,): 1 where a missing value goes to `yes`.
    value : Singles
        Shape (n,): of a leaf its part of the sum; of a branch the expected value below it.
    """

    base: Singles
    column: Indices
    fill: Singles
    low: Singles
    high: Singles
    absent: Singles
    centre: Singles
    term_effect: Indices
    knot: Singles
    weight: Singles
    root: Indices
    feature: Indices
    threshold: Singles
    yes: Indices
    no: Indices
    absent_yes: Indices
    value: Singles

    @classmethod
    def decode(cls, name: str, data: bytes) -> "Parameters":
        """Read the parameters of a model from the bytes of an ``.npz`` file.

        Raises
        ------
        DamagedModelError
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                return cls(**{field.name: arrays[field.name] for field in fields(cls)})
        except (ValueError, OSError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise DamagedModelError(name, "its parameters cannot be read") from error

    def encode(self) -> bytes:
        """Return the bytes of an ``.npz`` file, always the same for the same parameters."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **{field.name: getattr(self, field.name) for field in fields(self)})
        return buffer.getvalue()


def log_odds(parameters: Parameters, inputs: Singles) -> float:
    """Return the log-odds of one case.

    Parameters
    ----------
    parameters : Parameters
    inputs : Singles
        Shape (number of inputs,); NaN is missing.
    """
    effects = (_effect(parameters, index, inputs) for index in range(len(parameters.column)))
    leaves = (_leaf(parameters, int(root), inputs) for root in parameters.root)
    return math.fsum((float(parameters.base[0]), *effects, *leaves))


def probability(log_odds_of_case: float) -> float:
    """Return the probability of log-odds, without overflow."""
    if log_odds_of_case >= 0:
        return 1 / (1 + math.exp(-log_odds_of_case))
    return math.exp(log_odds_of_case) / (1 + math.exp(log_odds_of_case))


def contributions(parameters: Parameters, inputs: Singles) -> Floats:
    """Return what each input adds to the log-odds, compared with the learning data.

    Returns
    -------
    Floats
        Shape (number of inputs,). Its sum is the log-odds less `expected`.
    """
    total = np.zeros(len(inputs))
    for index, column in enumerate(parameters.column):
        total[column] += _effect(parameters, index, inputs) - float(parameters.centre[index])
    for root in parameters.root:
        node = int(root)
        while parameters.feature[node] >= 0:
            below = _step(parameters, node, inputs)
            total[parameters.feature[node]] += float(parameters.value[below]) - float(parameters.value[node])
            node = below
    return total


def expected(parameters: Parameters) -> float:
    """Return the log-odds of a case of which nothing is known to differ from the learning data."""
    roots = parameters.value[parameters.root].astype(np.float64)
    return math.fsum((float(parameters.base[0]), *parameters.centre.astype(np.float64), *roots))


def _effect(parameters: Parameters, index: int, inputs: Singles) -> float:
    """Return the linear part of one input."""
    value = inputs[parameters.column[index]]
    absent = bool(np.isnan(value))
    filled = parameters.fill[index] if absent else value
    bounded = min(max(filled, parameters.low[index]), parameters.high[index])
    total = float(parameters.absent[index]) if absent else 0.0
    for term in np.flatnonzero(parameters.term_effect == index):
        total += float(parameters.weight[term]) * max(float(bounded) - float(parameters.knot[term]), 0.0)
    return total


def _leaf(parameters: Parameters, node: int, inputs: Singles) -> float:
    """Return the value of the leaf to which a case falls."""
    while parameters.feature[node] >= 0:
        node = _step(parameters, node, inputs)
    return float(parameters.value[node])


def _step(parameters: Parameters, node: int, inputs: Singles) -> int:
    value = inputs[parameters.feature[node]]
    goes = bool(parameters.absent_yes[node]) if np.isnan(value) else bool(value <= parameters.threshold[node])
    return int(parameters.yes[node] if goes else parameters.no[node])
