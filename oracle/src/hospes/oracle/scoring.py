"""Scoring: from windows to the measures that the policy asks for; pure.

What is older than the policy's `stale_s` says nothing of now: a variable that was not read since is missing altogether,
and a published score is of fresh parts only. It keeps no reading and compares with no threshold.

Sources: `hospes.risk` (features, scores, models and theirs); ``policy.toml``.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from hospes.oracle.deciding import MS, Judgement
from hospes.oracle.policy import HELP_WANTED, Policy, Row
from hospes.risk import FEATURES, Assessment, FeatureVector, Person, Score, Travel
from hospes.risk.extraction import extract
from hospes.risk.windows import Truths, Windows

Assess = Callable[[FeatureVector], Iterable[Assessment]]
Scores = Callable[[FeatureVector], Iterable[Score]]

NOBODY: Final = Person()
"""An enrolment says nothing of the person (ADR 0007)."""
NOWHERE: Final = Travel()
_FEATURES: Final = {feature.name: feature for feature in FEATURES}


@dataclass(frozen=True, slots=True)
class Scorer:
    """Judges a traveller's windows.

    Attributes
    ----------
    policy : Policy
    assess : callable
        `hospes.risk.assess`.
    scores : callable
        `hospes.risk.scores`.
    """

    policy: Policy
    assess: Assess
    scores: Scores

    def judge(self, windows: Windows, at_ms: int, *, help_wanted: bool = False) -> Judgement:
        """Return what the policy asks for, as of a time of the device.

        Parameters
        ----------
        windows : Windows
            Readings that are later than `at_ms` do not count.
        at_ms : int
            Unix milliseconds.
        help_wanted : bool
            Whether the button was pressed in what is judged.
        """
        current, fresh = self.vectors(windows, at_ms)
        found = {name: current[name] for name in self._features if current.has(name)}
        found |= {score.name.lower(): float(score.value) for score in self.scores(fresh) if score.parts}
        found |= {measure_of(one.outcome): one.probability for one in self.assess(current)}
        found[HELP_WANTED] = float(help_wanted)
        return Judgement(at_ms, {name: value for name, value in found.items() if name in self._asked})

    def vectors(self, windows: Windows, at_ms: int) -> tuple[FeatureVector, FeatureVector]:
        """Return what is judged as of a time of the device: what the models get, and what the published scores get.

        The first holds all readings of the variables that were read lately, the second only the late ones.
        """
        at = at_ms / MS
        past = _between(windows, -math.inf, at)
        fresh = _between(past, at - self.policy.stale_s, at)
        return _vector(_lately_read(past, fresh), at), _vector(fresh, at)

    @property
    def _asked(self) -> frozenset[str]:
        return frozenset(row.measure for row in self.policy.rows)

    @property
    def _features(self) -> frozenset[str]:
        return self._asked & frozenset(_FEATURES)


def measure_of(outcome: str) -> str:
    """Return how the policy calls a model's probability.

    >>> measure_of("atrial fibrillation")
    'atrial_fibrillation_probability'
    """
    return "_".join(outcome.lower().replace("-", " ").split()) + "_probability"


def unit_of(row: Row) -> str:
    """Return the unit of a row's measure, in UCUM; empty for a plain number."""
    feature = _FEATURES.get(row.measure)
    return "" if feature is None or feature.unit == "1" else feature.unit


def _between(windows: Windows, first: float, last: float) -> Windows:
    return _kept(windows, (windows.times > first) & (windows.times <= last))


def _lately_read(past: Windows, fresh: Windows) -> Windows:
    """Return all readings of the variables of which there is a fresh one."""
    return _kept(past, (np.diff(fresh.starts) > 0)[past.places])


def _kept(windows: Windows, kept: Truths) -> Windows:
    if kept.all():
        return windows
    starts = np.concatenate(([0], np.cumsum(kept)))[windows.starts]
    return Windows(windows.times[kept], windows.values[kept], starts, windows.refused)


def _vector(windows: Windows, at: float) -> FeatureVector:
    return extract(windows, NOBODY, NOWHERE, at)
