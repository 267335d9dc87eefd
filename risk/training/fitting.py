"""Fitting: learn an additive model, trees and piecewise linear effects, and judge it on cases it has not seen.

It reads no data and writes no file. What it judges is what is shipped: every fold becomes an ONNX graph and is run.

Sources: scikit-learn's histogram gradient boosting (after Ke et al. 2017, LightGBM), which sends missing values down
the branch that fits; ridge logistic regression; Platt 1999 for the calibration of log-odds, cross-fitted as in nested
validation, so that no case is calibrated by a line that saw its outcome.
"""

# Packages of the training environment (requirements/training.txt), which the project's own does not have.
# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call"
# pyright: basic, reportMissingImports=false, reportMissingModuleSource=false
# ruff: noqa: INP001

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from risk.training.graph import graph_of
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from hospes.risk.metrics import calibration
from hospes.risk.models import session
from hospes.risk.reference import Floats, Parameters, Singles, contributions

Truths = NDArray[np.bool_]
Fold = tuple[NDArray[np.int64], NDArray[np.int64]]
Shape = tuple[float, float, float, list[float], float, bool]
Effect = tuple[int, Shape]

QUANTILES: Final = (0.05, 0.35, 0.65, 0.95)
"""Where a piecewise linear effect begins, bends and ends: Harrell 2015 (doi:10.1007/978-3-319-19425-7), table 2.3."""

FEWEST: Final = 60
"""Known values below which a feature is not learned from."""

RARELY_ABSENT: Final = 0.02
"""Share of missing values below which absence gets no effect of its own."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model is fitted; the values, and how they were chosen, stand in its card.

    Attributes
    ----------
    trees, depth : int
        Number of trees, 0 for none, and branches from root to leaf.
    rate : float
        Shrinkage of each tree.
    leaf : int
        Fewest cases in a leaf.
    ridge : float
        Penalty of the leaves' values.
    share : float
        Of the features that each branch may choose from.
    linear : float
        Weight of the linear part, 0 to 1; the trees have the rest.
    strength : float
        Inverse penalty of the linear part.
    bends : bool
        Whether linear effects bend at the inner quantiles.
    calibrate : bool
        Whether a line through the log-odds of unseen cases corrects the model's.
    copies : int
        Copies of each case, beside itself, in which groups of inputs are missing by chance, so that absence comes to
        say little. With copies, absence gets no effect of its own in the linear part.
    dropped : float
        Probability that a group is missing in a copy.
    """

    trees: int = 500
    depth: int = 3
    rate: float = 0.03
    leaf: int = 25
    ridge: float = 10.0
    share: float = 0.2
    linear: float = 0.5
    strength: float = 0.03
    bends: bool = True
    calibrate: bool = True
    copies: int = 0
    dropped: float = 0.0


@dataclass(frozen=True, slots=True)
class Judged:
    """A model fitted to all cases, and what models that had not seen them said of each.

    Attributes
    ----------
    parameters : Parameters
        Calibrated.
    probabilities : Floats
        Shape (n,): out of fold, calibrated by the other folds.
    slope, intercept : float
        Of the calibration that is in the parameters.
    """

    parameters: Parameters
    probabilities: Floats
    slope: float
    intercept: float


def judge(
    inputs: Singles,
    outcomes: Truths,
    columns: list[int],
    folds: list[Fold],
    settings: Settings,
    groups: Truths | None = None,
) -> Judged:
    """Fit a model to all cases, and judge it fold by fold.

    Parameters
    ----------
    inputs, outcomes : Singles, Truths
        Shapes (n, number of inputs) and (n,).
    columns : list[int]
        Inputs that the model may use.
    folds : list[Fold]
    settings : Settings
    groups : Truths | None
        Shape (g, number of inputs): which inputs go missing together; needed with copies.
    """
    raw = np.zeros(len(outcomes))
    for learned, kept in folds:
        fitted = fit(inputs[learned], outcomes[learned], columns, settings, groups)
        raw[kept] = log_odds(fitted, inputs[kept])
    whole = fit(inputs, outcomes, columns, settings, groups)
    if not settings.calibrate:
        return Judged(centred(whole, inputs), _sigmoid(raw), 1.0, 0.0)
    probabilities = np.zeros(len(outcomes))
    for learned, kept in folds:
        slope, intercept = calibration(_sigmoid(raw[learned]), outcomes[learned])
        probabilities[kept] = _sigmoid(slope * raw[kept] + intercept)
    slope, intercept = calibration(_sigmoid(raw), outcomes)
    return Judged(centred(scaled(whole, slope, intercept), inputs), probabilities, slope, intercept)


def fit(
    inputs: Singles, outcomes: Truths, columns: list[int], settings: Settings, groups: Truths | None = None
) -> Parameters:
    """Fit one model, uncalibrated, to cases of shape (n, number of inputs)."""
    if groups is not None and settings.copies:
        outcomes = np.tile(outcomes, 1 + settings.copies)
        inputs = _thinned(inputs, groups, settings)
    parts = [_linear(inputs, outcomes, columns, settings)] if settings.linear else []
    if settings.trees:
        parts.append(_boosted(inputs, outcomes, columns, settings))
    return _joined(parts)


def _thinned(inputs: Singles, groups: Truths, settings: Settings) -> Singles:
    """Return the cases and their copies, in which groups of inputs are missing by chance."""
    random = np.random.default_rng(0)
    copies = [inputs]
    for _ in range(settings.copies):
        gone = random.random((len(inputs), len(groups))) < settings.dropped
        missing = gone.astype(np.float32) @ groups.astype(np.float32) > 0
        copies.append(np.where(missing, np.float32(np.nan), inputs))
    return np.concatenate(copies)


def log_odds(parameters: Parameters, inputs: Singles) -> Floats:
    """Return the log-odds of cases by the model's ONNX graph."""
    graph = graph_of(parameters, inputs.shape[1], probability=False)
    (answer,) = session("fold", graph).run(None, {"inputs": inputs})
    found: Floats = answer.reshape(-1).astype(np.float64)
    return found


def scaled(parameters: Parameters, slope: float, intercept: float) -> Parameters:
    """Return the model whose log-odds are ``slope * log_odds + intercept``."""
    times = np.float32(slope)
    return replace(
        parameters,
        base=parameters.base * times + np.float32(intercept),
        absent=parameters.absent * times,
        weight=parameters.weight * times,
        value=parameters.value * times,
    )


def centred(parameters: Parameters, inputs: Singles) -> Parameters:
    """Return the model with the mean of each linear effect noted, so that contributions compare with the cases."""
    if not len(parameters.column):
        return parameters
    effects_alone = replace(parameters, root=parameters.root[:0], centre=np.zeros_like(parameters.centre))
    means = np.mean([contributions(effects_alone, case) for case in inputs[:: max(1, len(inputs) // 1000)]], axis=0)
    return replace(parameters, centre=means[parameters.column].astype(np.float32))


def _linear(inputs: Singles, outcomes: Truths, columns: list[int], settings: Settings) -> Parameters:
    """Fit the piecewise linear part: ridge logistic regression on hinges of standardised features."""
    shapes = ((column, _shape(inputs[:, column], settings)) for column in columns)
    effects: list[Effect] = [(column, shape) for column, shape in shapes if shape is not None]
    design: list[Floats] = []
    for column, (fill, low, high, knots, spread, flagged) in effects:
        absent = np.isnan(inputs[:, column])
        bounded = np.clip(np.where(absent, fill, inputs[:, column]), low, high)
        design += [(np.maximum(bounded - knot, 0) - max(fill - knot, 0)) / spread for knot in knots]
        if flagged:
            design.append(absent.astype(np.float64))
    table = np.array(design).T
    learner = LogisticRegression(C=settings.strength, max_iter=1000).fit(table, outcomes)
    return _hinges(effects, learner.coef_[0] * settings.linear, float(learner.intercept_[0]) * settings.linear)


def _shape(values: Singles, settings: Settings) -> Shape | None:
    """Return fill, low, high, knots, spread and whether absence counts; nothing for a feature that says nothing."""
    known = values[~np.isnan(values)].astype(np.float64)
    if len(known) < FEWEST or known.std() == 0:
        return None
    points = np.unique(np.quantile(known, QUANTILES).astype(np.float32))
    if len(points) == 1:
        points = np.unique(known)[[0, -1]].astype(np.float32)
    knots = points[:-1] if settings.bends else points[:1]
    flagged = not settings.copies and bool(np.isnan(values).mean() > RARELY_ABSENT)
    return float(np.median(known)), float(points[0]), float(points[-1]), knots.tolist(), float(known.std()), flagged


def _hinges(effects: list[Effect], weights: Floats, base: float) -> Parameters:
    """Turn the regression's weights into parameters on the features' own scale."""
    rest: Iterator[float] = iter(weights)
    column, fill, low, high, absent, term_effect, knot, weight = [], [], [], [], [], [], [], []
    for index, (which, (filled, lowest, highest, knots, spread, flagged)) in enumerate(effects):
        for one in knots:
            slope = next(rest) / spread
            base -= slope * max(filled - one, 0)
            term_effect.append(index)
            knot.append(one)
            weight.append(slope)
        column.append(which)
        fill.append(filled)
        low.append(lowest)
        high.append(highest)
        absent.append(next(rest) if flagged else 0.0)
    return parameters_of(
        base=[base],
        column=column,
        fill=fill,
        low=low,
        high=high,
        absent=absent,
        centre=[0.0] * len(column),
        term_effect=term_effect,
        knot=knot,
        weight=weight,
    )


def _boosted(inputs: Singles, outcomes: Truths, columns: list[int], settings: Settings) -> Parameters:
    """Fit the trees."""
    learner = HistGradientBoostingClassifier(
        learning_rate=settings.rate,
        max_iter=settings.trees,
        max_depth=settings.depth,
        max_leaf_nodes=2**settings.depth,
        min_samples_leaf=settings.leaf,
        l2_regularization=settings.ridge,
        max_features=settings.share,
        early_stopping=False,
        random_state=0,
    ).fit(inputs[:, columns].astype(np.float64), outcomes)
    weight = 1 - settings.linear
    stages = learner._predictors  # noqa: SLF001 - the only way to the trees
    parts = [_tree(stage[0].nodes, columns, weight) for stage in stages]
    offsets = np.cumsum([0, *(len(part["value"]) for part in parts)])
    joined = {
        name: np.concatenate([part[name] for part in parts]) for name in ("feature", "threshold", "absent_yes", "value")
    }
    for side in ("yes", "no"):
        joined[side] = np.concatenate([part[side] + offset for part, offset in zip(parts, offsets, strict=False)])
    base = [float(learner._baseline_prediction[0, 0]) * weight]  # noqa: SLF001 - as above
    return parameters_of(base=base, root=offsets[:-1], **joined)


def _tree(nodes: NDArray[np.void], columns: list[int], weight: float) -> dict[str, NDArray[np.float64]]:
    """Turn one of scikit-learn's trees into the form of `Parameters`, with expected values at its branches."""
    leaf = nodes["is_leaf"].astype(bool)
    itself = np.arange(len(nodes))
    value = np.where(leaf, nodes["value"], 0.0) * weight
    for index in np.flatnonzero(~leaf)[::-1]:
        sides = nodes["left"][index], nodes["right"][index]
        shares = np.array([nodes["count"][side] for side in sides], np.float64)
        value[index] = np.dot(shares, [value[side] for side in sides]) / shares.sum()
    return {
        "feature": np.where(leaf, -1, np.array(columns)[nodes["feature_idx"]]),
        "threshold": np.where(leaf, 0.0, _not_above(nodes["num_threshold"])),
        "absent_yes": np.where(leaf, 0, nodes["missing_go_to_left"]),
        "value": value,
        "yes": np.where(leaf, itself, nodes["left"]),
        "no": np.where(leaf, itself, nodes["right"]),
    }


def _not_above(thresholds: Floats) -> Singles:
    """Round to single precision without ever rounding up, so that no case changes sides."""
    rounded = thresholds.astype(np.float32)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)


def parameters_of(**given: object) -> Parameters:
    """Return parameters; what is not given is empty."""
    whole = {"column", "term_effect", "root", "feature", "yes", "no", "absent_yes"}
    names = Parameters.__dataclass_fields__
    arrays: dict[str, Any] = {
        name: np.asarray(given.get(name, []), np.int32 if name in whole else np.float32) for name in names
    }
    return Parameters(**arrays)


def _joined(parts: list[Parameters]) -> Parameters:
    """Add the models of disjoint parts: one with effects, one with trees."""
    names = [name for name in Parameters.__dataclass_fields__ if name != "base"]
    arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Parameters(base=np.sum([part.base for part in parts], axis=0, dtype=np.float32), **arrays)


def _sigmoid(log_odds_of_cases: Floats) -> Floats:
    return 1 / (1 + np.exp(-log_odds_of_cases))
