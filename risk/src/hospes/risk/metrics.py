"""How good probabilities are: discrimination, precision, error and calibration.

It knows no model and no data. Ties are handled exactly: equal probabilities are one threshold.

Sources: Hanley and McNeil 1982 (doi:10.1148/radiology.143.1.7063747) for the area under the receiver operating
characteristic as a rank statistic; Davis and Goadrich 2006 (doi:10.1145/1143844.1143874) for why precision is not
interpolated, hence the area as average precision; min(Se, P+) is event 1 of the PhysioNet Challenge 2012 (Silva et al.
2012); Brier 1950 (doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2); Cox 1958 (doi:10.1093/biomet/45.3-4.562) for
slope and intercept of calibration.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from hospes.risk.errors import TooFewCasesError
from hospes.risk.windows import Floats, Integers, Truths

_CERTAIN: Final = 1e-9
"""How near to 0 and 1 a probability may come before its log-odds are taken."""

_STEPS: Final = 50
_SMALL: Final = 1e-10


@dataclass(frozen=True, slots=True)
class Quality:
    """How well probabilities fit what happened.

    Attributes
    ----------
    cases, events : int
        All cases, and those with the outcome.
    auroc : float
        Probability that a case with the outcome ranks above one without.
    auprc : float
        Average precision.
    min_sensitivity_precision : float
        The largest value, over all thresholds, of the smaller of sensitivity and precision.
    brier : float
        Mean squared error.
    calibration_slope, calibration_intercept : float
        Of the logistic regression of the outcome on the log-odds; 1 and 0 are perfect. The slope is below 1 where
        probabilities are too extreme.
    """

    cases: int
    events: int
    auroc: float
    auprc: float
    min_sensitivity_precision: float
    brier: float
    calibration_slope: float
    calibration_intercept: float


def quality(probabilities: Floats, outcomes: Truths) -> Quality:
    """Return how well probabilities fit outcomes.

    Parameters
    ----------
    probabilities : Floats
        Shape (n,), each from 0 to 1.
    outcomes : Truths
        Shape (n,).

    Raises
    ------
    TooFewCasesError
        Without a case of each kind.
    """
    events = int(np.count_nonzero(outcomes))
    if not 0 < events < len(outcomes):
        raise TooFewCasesError(events, len(outcomes) - events)
    hits, flagged = _thresholds(probabilities, outcomes)
    precision, sensitivity = hits / flagged, hits / events
    slope, intercept = calibration(probabilities, outcomes)
    return Quality(
        cases=len(outcomes),
        events=events,
        auroc=_area(hits, flagged, events),
        auprc=float((np.diff(sensitivity, prepend=0) * precision).sum()),
        min_sensitivity_precision=float(np.minimum(precision, sensitivity).max()),
        brier=float(((probabilities - outcomes) ** 2).mean()),
        calibration_slope=slope,
        calibration_intercept=intercept,
    )


def calibration(probabilities: Floats, outcomes: Truths) -> tuple[float, float]:
    """Return slope and intercept of the logistic regression of outcomes on log-odds, by Newton's method.

    Where the outcomes are perfectly separated no finite slope fits best; the last step's is returned.
    """
    bounded = np.clip(probabilities, _CERTAIN, 1 - _CERTAIN)
    inputs = np.stack((np.log(bounded / (1 - bounded)), np.ones(len(bounded))))
    weights = np.array([1.0, 0.0])
    for _ in range(_STEPS):
        fitted = 1 / (1 + np.exp(-np.clip(weights @ inputs, -40, 40)))
        curvature = (inputs * (fitted * (1 - fitted))) @ inputs.T + _SMALL * np.eye(2)
        step = np.linalg.solve(curvature, inputs @ (outcomes - fitted))
        weights = weights + step
        if float(np.abs(step).max()) < _SMALL:
            break
    return float(weights[0]), float(weights[1])


def _thresholds(probabilities: Floats, outcomes: Truths) -> tuple[Integers, Integers]:
    """Return, for each distinct probability from the highest on, how many cases reach it: with the outcome, and all."""
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order]
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], values=True))
    return np.cumsum(outcomes[order], dtype=np.int64)[last], last + 1


def _area(hits: Integers, flagged: Integers, events: int) -> float:
    """Return the area under sensitivity by false positive rate, by trapezia."""
    true_rate = np.concatenate(([0.0], hits / events))
    false_rate = np.concatenate(([0.0], (flagged - hits) / (flagged[-1] - events)))
    return float((np.diff(false_rate) * (true_rate[1:] + true_rate[:-1])).sum() / 2)
