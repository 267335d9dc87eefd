"""Cards: what a model is, learned from whom, how good, and what it must not be used for, as a page and for programs.

It writes down what it is given and measures nothing.

Source: Mitchell et al. 2019, "Model cards for model reporting" (doi:10.1145/3287560.3287596).
"""

# Packages of the training environment (requirements/training.txt), which the project's own does not have.
# mypy: disable-error-code="import-not-found,import-untyped"
# pyright: basic, reportMissingImports=false
# ruff: noqa: INP001

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from risk.training.fitting import Judged, Settings, Truths
from risk.training.graph import graph_of

from hospes.risk.metrics import Quality, quality
from hospes.risk.reference import Floats, Parameters

PART: Final = Path(__file__).resolve().parents[1]
LEARNED: Final = PART / "src" / "hospes" / "risk" / "learned"
CARDS: Final = PART / "cards"
GENERATOR: Final = "risk/training/train.py"
DRAWS: Final = 500
"""Bootstrap samples of an interval."""

DIGITS: Final = 4
HEADING: Final = (
    "| cases | number | outcome | AUROC (95 % interval) | AUPRC | min(Se, P+) | Brier | calibration slope |"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is said of a model apart from its numbers.

    Attributes
    ----------
    name, version, title : str
    outcome, population, horizon : str
    inputs : tuple[str, ...]
        Names, in the order of the model's input.
    data, use, limits, choices : str
        Paragraphs of the card.
    validation : str
        How the figures came about, in a sentence.
    """

    name: str
    version: str
    title: str
    outcome: str
    population: str
    horizon: str
    inputs: tuple[str, ...]
    data: str
    use: str
    limits: str
    choices: str
    validation: str


@dataclass(frozen=True, slots=True)
class Figures:
    """One line of a card's table.

    Attributes
    ----------
    what : str
        Which cases, or which comparison.
    quality : Quality
    low, high : float
        95 % interval of the AUROC, drawing groups with replacement.
    """

    what: str
    quality: Quality
    low: float
    high: float


def figures(what: str, probabilities: Floats, outcomes: Truths, groups: NDArray[np.generic] | None = None) -> Figures:
    """Measure probabilities, with an interval from drawing whole groups (patients) with replacement."""
    owners = np.arange(len(outcomes)) if groups is None else np.unique(groups, return_inverse=True)[1]
    members = [np.flatnonzero(owners == owner) for owner in range(owners.max() + 1)]
    random = np.random.default_rng(0)
    areas: list[float] = []
    while len(areas) < DRAWS:
        drawn = np.concatenate([members[index] for index in random.integers(len(members), size=len(members))])
        if 0 < outcomes[drawn].sum() < len(drawn):
            areas.append(quality(probabilities[drawn], outcomes[drawn]).auroc)
    low, high = np.quantile(areas, (0.025, 0.975))
    return Figures(what, quality(probabilities, outcomes), float(low), float(high))


def write(subject: Subject, judged: Judged, settings: Settings, table: list[Figures]) -> dict[str, Any]:
    """Write a model's two files and its card; return its row of the manifest."""
    graph = graph_of(judged.parameters, len(subject.inputs))
    numbers = judged.parameters.encode()
    (LEARNED / f"{subject.name}.onnx").write_bytes(graph)
    (LEARNED / f"{subject.name}.npz").write_bytes(numbers)
    row = {
        "name": subject.name,
        "version": subject.version,
        "outcome": subject.outcome,
        "population": subject.population,
        "horizon": subject.horizon,
        "inputs": list(subject.inputs),
        "uses": [subject.inputs[index] for index in used(judged.parameters)],
        "onnx_sha256": hashlib.sha256(graph).hexdigest(),
        "parameters_sha256": hashlib.sha256(numbers).hexdigest(),
        "figures": [{"what": line.what, **_rounded(line)} for line in table],
    }
    (CARDS / f"{subject.name}.md").write_text(_page(subject, judged, settings, table, row, len(graph)), "utf-8")
    return row


def write_manifest(rows: list[dict[str, Any]]) -> None:
    """Write the manifest of all models."""
    text = json.dumps({"generator": GENERATOR, "models": rows}, indent=1) + "\n"
    (LEARNED / "manifest.json").write_text(text, "utf-8")


def used(parameters: Parameters) -> list[int]:
    """Return the inputs on which a model's output can depend."""
    return sorted({*parameters.column.tolist(), *parameters.feature[parameters.feature >= 0].tolist()})


def _rounded(line: Figures) -> dict[str, Any]:
    numbers = {**asdict(line.quality), "auroc_low": line.low, "auroc_high": line.high}
    return {name: round(value, DIGITS) if isinstance(value, float) else value for name, value in numbers.items()}


def _page(
    subject: Subject, judged: Judged, settings: Settings, table: list[Figures], row: dict[str, Any], size: int
) -> str:
    lines = [
        f"| {line.what} | {line.quality.cases:,} | {line.quality.events:,} | "
        f"{line.quality.auroc:.3f} ({line.low:.3f} to {line.high:.3f}) | {line.quality.auprc:.3f} | "
        f"{line.quality.min_sensitivity_precision:.3f} | {line.quality.brier:.4f} | "
        f"{line.quality.calibration_slope:.2f} |"
        for line in table
    ]
    trees, effects = len(judged.parameters.root), len(judged.parameters.column)
    line = judged.slope, judged.intercept
    fitted = ", ".join(f"{name} {value}" for name, value in asdict(settings).items())
    return "\n".join(
        (
            f"# {subject.title}",
            "",
            f"Written by {GENERATOR}; do not edit. **Not a diagnosis. Not validated in patients.**",
            "",
            "| | |",
            "| --- | --- |",
            f"| model | `{subject.name}`, version {subject.version} |",
            f"| outcome | {subject.outcome} |",
            f"| population | {subject.population} |",
            f"| horizon | {subject.horizon} |",
            f"| inputs | {len(row['uses'])} of {len(subject.inputs)}; any of them may be missing |",
            f"| form | {trees} trees, {effects} piecewise linear effects, added in log-odds; {size:,} bytes of ONNX |",
            f"| ONNX, SHA-256 | `{row['onnx_sha256']}` |",
            f"| parameters, SHA-256 | `{row['parameters_sha256']}` |",
            "",
            "## Data",
            "",
            subject.data,
            "",
            "## How good",
            "",
            subject.validation,
            "",
            HEADING,
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
            *lines,
            "",
            "## Choices",
            "",
            subject.choices,
            "",
            f"Settings: {fitted}. Calibrated by log-odds times {line[0]:.3f} plus {line[1]:.3f}.",
            "",
            "## Intended use",
            "",
            subject.use,
            "",
            "## Limits",
            "",
            subject.limits,
            "",
        )
    )
