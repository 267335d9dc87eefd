"""The feature vector: 150 numbers of one traveller at one time, and what kept some of them from being known.

It is made by `hospes.risk.extraction.extract` alone, and prints without its values: they are somebody's health.
"""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from hospes.risk.features import FEATURES, position
from hospes.risk.refusals import Refusal

Values: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FeatureVector:
    """All features of one traveller.

    Attributes
    ----------
    values : Values
        Shape (150,), float64, read-only, in the order of `hospes.risk.features.FEATURES`; NaN where missing.
    now : float
        Unix time in seconds for which it was made.
    refused : tuple[Refusal, ...]
        What was given and set aside.
    """

    values: Values
    now: float
    refused: tuple[Refusal, ...] = ()

    def __getitem__(self, name: str) -> float:
        """Return one feature's value, NaN where it is missing.

        Raises
        ------
        UnknownVariableError
        """
        return float(self.values[position(name)])

    def has(self, name: str) -> bool:
        """Return whether a feature is known."""
        return not math.isnan(self[name])

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the features that are missing, in their order."""
        places: list[int] = np.flatnonzero(np.isnan(self.values)).tolist()
        return tuple(FEATURES[place].name for place in places)

    def __repr__(self) -> str:
        """Give the count of what is known, never a value."""
        return f"<FeatureVector with {len(FEATURES) - len(self.missing)} of {len(FEATURES)} features>"
