"""Reasons: the contributions of all inputs at once, fast enough for every assessment.

It computes what `reference.contributions` defines, all trees in step and all linear effects together, and nothing else.
"""

from dataclasses import dataclass

import numpy as np

from hospes.risk.reference import Floats, Indices, Parameters, Singles


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
    split : Indices
        Shape (n,): the feature of each node; of a leaf 0, where it never counts.
    """

    parameters: Parameters
    inputs: int
    depth: int
    split: Indices

    @classmethod
    def of(cls, parameters: Parameters, inputs: int) -> "Explainer":
        """Arrange the parameters of a model with a number of inputs."""
        return cls(parameters, inputs, _depth(parameters), np.maximum(parameters.feature, 0))

    def contributions(self, inputs: Singles) -> Floats:
        """Return what each input adds to the log-odds; shape (number of inputs,)."""
        total = self._linear(inputs)
        one = self.parameters
        node = one.root
        missing = np.isnan(inputs)
        for _ in range(self.depth):
            split = self.split[node]
            goes = np.where(missing[split], one.absent_yes[node] != 0, inputs[split] <= one.threshold[node])
            below = np.where(goes, one.yes[node], one.no[node])
            total += np.bincount(split, one.value[below] - one.value[node], self.inputs)
            node = below
        return total

    def _linear(self, inputs: Singles) -> Floats:
        one = self.parameters
        values = inputs[one.column]
        missing = np.isnan(values)
        bounded = np.minimum(np.maximum(np.where(missing, one.fill, values), one.low), one.high)
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
