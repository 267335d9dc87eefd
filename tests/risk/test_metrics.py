"""Metrics: what scikit-learn computes, and what can be counted by hand."""

# The hints of pytest.approx and of numpy 1.26 are partly unknown.
# pyright: reportUnknownMemberType=false

import json
from pathlib import Path

import numpy as np
import pytest

from hospes.risk.errors import TooFewCasesError
from hospes.risk.metrics import quality

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "risk" / "metrics.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{len(vector['outcomes'])}")
def test_every_measure_is_that_of_scikit_learn(vector: dict[str, list[float] | float]) -> None:
    """Ranks, precision, error and calibration agree, with ties and without."""
    found = quality(np.array(vector["probabilities"]), np.array(vector["outcomes"], bool))
    for name in ("auroc", "auprc", "min_sensitivity_precision", "brier"):
        assert getattr(found, name) == pytest.approx(vector[name], abs=1e-12), name
    for name in ("calibration_slope", "calibration_intercept"):
        assert getattr(found, name) == pytest.approx(vector[name], abs=1e-4), name


def test_four_cases_by_hand() -> None:
    """Of the four pairs of one with and one without the outcome three are in order; best are 2 of 3."""
    found = quality(np.array([0.9, 0.7, 0.4, 0.2]), np.array([True, False, True, False]))
    assert found.auroc == 0.75
    assert found.auprc == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert found.min_sensitivity_precision == pytest.approx(2 / 3)
    assert found.brier == pytest.approx((0.01 + 0.49 + 0.36 + 0.04) / 4)


def test_probabilities_that_say_nothing_rank_nothing() -> None:
    """One and the same probability for all is chance."""
    found = quality(np.full(10, 0.3), np.arange(10) < 3)
    assert found.auroc == 0.5
    assert found.auprc == pytest.approx(0.3)


def test_certainties_do_not_break_the_calibration() -> None:
    """Zero and one are probabilities too."""
    found = quality(np.array([0.0, 1.0, 0.0, 1.0, 0.5]), np.array([False, True, True, False, True]))
    assert np.isfinite(found.calibration_slope)


@pytest.mark.parametrize("outcomes", [[], [True, True], [False]])
def test_one_kind_of_case_is_too_few(outcomes: list[bool]) -> None:
    """Without both kinds there is nothing to tell apart, and it says how many there were."""
    with pytest.raises(TooFewCasesError, match="at least one of each"):
        quality(np.full(len(outcomes), 0.5), np.array(outcomes, bool))
