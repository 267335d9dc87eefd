"""Make ``metrics.json``: what scikit-learn computes of random probabilities and outcomes, ties included.

Run in the environment of requirements/training.txt: ``python tests/vectors/risk/make_metrics.py``.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, precision_recall_curve, roc_auc_score


def case(random: np.random.Generator, size: int, digits: int) -> dict[str, Any]:
    """Return random probabilities and outcomes, and what scikit-learn says of them."""
    outcomes = random.random(size) < random.uniform(0.1, 0.6)
    outcomes[:2] = (True, False)
    log_odds = random.normal(size=size) + outcomes * random.uniform(0, 2)
    probabilities = np.clip(np.round(1 / (1 + np.exp(-log_odds)), digits), 0.01, 0.99)
    precision, sensitivity, _ = precision_recall_curve(outcomes, probabilities)
    given = np.log(probabilities / (1 - probabilities))[:, None]
    line = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000).fit(given, outcomes)
    return {
        "probabilities": probabilities.tolist(),
        "outcomes": outcomes.tolist(),
        "auroc": roc_auc_score(outcomes, probabilities),
        "auprc": average_precision_score(outcomes, probabilities),
        "min_sensitivity_precision": float(np.minimum(precision, sensitivity).max()),
        "brier": brier_score_loss(outcomes, probabilities),
        "calibration_slope": float(line.coef_[0, 0]),
        "calibration_intercept": float(line.intercept_[0]),
    }


if __name__ == "__main__":
    random = np.random.default_rng(20120101)
    cases = [case(random, size, digits) for size in (20, 60, 200) for digits in (1, 2, 6)]
    Path(__file__).with_name("metrics.json").write_text(json.dumps(cases, indent=1) + "\n", "utf-8")
