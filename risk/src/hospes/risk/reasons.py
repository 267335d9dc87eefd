"""Reasons: the contributions of all inputs at once, fast enough for every assessment.

It computes what `reference.contributions` defines, all trees in step and all linear effects together, and nothing else.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from hospes.risk.reference import Floats, Parameters, Singles

Integers: TypeAlias = NDArray[np.int64]
Truths: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Explainer:
    """A model's parameters, arranged for speed.

    Attributes
    ----------
    parameters : Parameters
    inputs : int
        Number of inputs of the model.
    depth : int
        Branches on the longest way to a leaf.
    split, threshold, absent_yes : Integers, Singles, Truths
        Shape (n + 1,): as in the parameters; a leaf, and the one node more that all leaves lead to, have feature 0.
    below : Integers
        Shape (2n + 2,): at twice a node the one that is not `yes`, behind it the one that is; of a leaf the last node.
    gain : Floats
        Shape (n + 1,): a node's value less that of the one above it; 0 for the last.
    """

    parameters: Parameters
    inputs: int
    depth: int
    split: Integers
    threshold: Singles
    absent_yes: Truths
    below: Integers
    gain: Floats

    @classmethod
    def of(cls, parameters: Parameters, inputs: int) -> "Explainer":
        """Arrange the parameters of a model with a number of inputs."""
        last = len(parameters.feature)
        leaf = parameters.feature < 0
        below = np.full(2 * last + 2, last, np.int64)
        gain = np.zeros(last + 1)
        for place, side in enumerate((parameters.no, parameters.yes)):
            below[place : 2 * last : 2][~leaf] = side[~leaf]
            gain[side[~leaf]] = parameters.value[side[~leaf]].astype(np.float64) - parameters.value[~leaf]
        return cls(
            parameters,
            inputs,
            _depth(parameters),
            np.append(np.maximum(parameters.feature, 0), 0).astype(np.int64),
            np.append(parameters.threshold, np.float32(0)),
            np.append(parameters.absent_yes != 0, values=False),
            below,
            gain,
        )

    def contributions(self, inputs: Singles) -> Floats:
        """Return what each input adds to the log-odds; shape (number of inputs,)."""
        missing = np.isnan(inputs)
        total = self._linear(inputs, missing)
        if not self.depth:
            return total
        node = self.parameters.root
        splits: list[Integers] = []
        gains: list[Floats] = []
        for _ in range(self.depth):
            split = self.split[node]
            goes = inputs[split] <= self.threshold[node]  # never for a missing value
            goes |= missing[split] & self.absent_yes[node]
            node = self.below[2 * node + goes]
            splits.append(split)
            gains.append(self.gain[node])
        return total + np.bincount(np.concatenate(splits), np.concatenate(gains), self.inputs)

    def _linear(self, inputs: Singles, absent: Truths) -> Floats:
        one = self.parameters
        missing = absent[one.column]
        bounded = np.minimum(np.maximum(np.where(missing, one.fill, inputs[one.column]), one.low), one.high)
        terms = one.weight * np.maximum(bounded[one.term_effect] - one.knot, 0)
        effects = np.bincount(one.term_effect, terms, len(one.column)) + one.absent * missing - one.centre
        return np.bincount(one.column, effects, self.inputs).astype(np.float64, copy=False)


def _depth(parameters: Parameters) -> int:
    """Return the number of branches on the longest way."""
    node, depth = parameters.root, 0
    levels = set(node.tolist())
    while any(parameters.feature[index] >= 0 for index in levels):
        inner = [index for index in levels if parameters.feature[index] >= 0]
        levels = {int(side[index]) for index in inner for side in (parameters.yes, parameters.no)}
        depth += 1
    return depth
