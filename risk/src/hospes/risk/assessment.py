"""What risk says: assessments of learned models, and published scores. Their form; not how they come about.

A probability is only as good as its population: every assessment therefore names outcome, population and horizon, and
none of them is a diagnosis. No model here has been validated in patients; `NOTICE` says so and goes on every screen.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

NOTICE: Final = "Not a diagnosis. Not validated in patients."
"""Goes wherever an assessment or a score is shown."""

NO_BAND: Final = "not known: parts are missing"
"""What a screen says in place of a band that the missing parts could still change from reassuring to alarming."""


class Direction(StrEnum):
    """What a reason does to the probability, compared with the model's population."""

    RAISES = "raises"
    LOWERS = "lowers"


@dataclass(frozen=True, slots=True)
class Reason:
    """One feature's part in a probability.

    Attributes
    ----------
    feature : str
        Name in `hospes.risk.features.FEATURES`.
    value : float | None
        In the feature's unit; `None` when it is the absence of the value that counts.
    direction : Direction
    contribution : float
        In log-odds; the contributions of all features and the model's base sum to its output before calibration.
    """

    feature: str
    value: float | None
    direction: Direction
    contribution: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one learned model says of one traveller.

    Attributes
    ----------
    outcome : str
        What the probability is of, such as ``"atrial fibrillation"``.
    population : str
        Of whom the model has learned.
    horizon : str
        Within what time, such as ``"before discharge from hospital"`` or ``"during these beats"``.
    probability : float
        0 to 1, calibrated in the population.
    reasons : tuple[Reason, ...]
        The largest contributions first, at most six.
    missing : tuple[str, ...]
        Features that the model could have used and did not have.
    used : int
        Features that it had.
    model, version : str
        Which model; its card is ``risk/cards/<model>.md``.
    """

    outcome: str
    population: str
    horizon: str
    probability: float
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    used: int
    model: str
    version: str


@dataclass(frozen=True, slots=True)
class Score:
    """What a published score says of one traveller.

    Attributes
    ----------
    name : str
    value : int
        Of the parts that are known; with parts missing it is a lower bound.
    highest : int
        The largest value that the score can have.
    band : str | None
        The response that the publication attaches to it. With parts missing it begins with "at least"; where it would
        then reassure it is `None`, and `response` says so in words.
    parts : tuple[tuple[str, int], ...]
        Points of each part that is known.
    missing : tuple[str, ...]
        Parts that are not known.
    source : str
        Publication.
    """

    name: str
    value: int
    highest: int
    band: str | None
    parts: tuple[tuple[str, int], ...]
    missing: tuple[str, ...]
    source: str

    @property
    def response(self) -> str:
        """The band in words that a reader can be shown."""
        return NO_BAND if self.band is None else self.band
