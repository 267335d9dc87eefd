"""Risk: how long an assessment of one traveller takes, and how well the models tell who has an outcome.

The peer of the times is the reference that judges the models in the tests, run on the same vectors in the same
process; the peers of the models are what a ward has without them: normalised RMSSD for the rhythm, SAPS-I for
deterioration. Those need the shared data (``HOSPES_SHARED_DATA``); without it their objects have no peer, and say so.
The models' figures are those of their training (cross-validated), read and not measured again.
"""

import csv
import json
import os
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.measures import MS, Measure, at_least, at_most, spread, timed
from hospes.risk import Assessment, FeatureVector, Person, Reading, Travel, Windows, assess, extract
from hospes.risk.metrics import quality
from hospes.risk.models import model
from hospes.risk.recordings import read_beats
from hospes.risk.reference import contributions, log_odds
from hospes.risk.rhythm import NAMES

NOW: Final = 1_800_000_000.0
WARM: Final = 200
COUNT: Final = 2000
PEER_COUNT: Final = 20
HOURS: Final = 48

SIGNS: Final = {
    "heart_rate": (5, 84.0, 9.0),
    "respiratory_rate": (15, 17.0, 2.0),
    "oxygen_saturation": (15, 95.0, 1.2),
    "temperature": (15, 37.1, 0.3),
    "systolic_pressure": (30, 148.0, 12.0),
    "diastolic_pressure": (30, 84.0, 7.0),
    "movement": (5, 30.0, 8.0),
}
"""Minutes between readings, mean and standard deviation; beats come one by one."""


def traveller() -> Windows:
    """Return 48 hours of a wearable: seven signs, each every 5, 15 or 30 minutes, and the last 128 beats."""
    random = np.random.default_rng(72)
    readings = [
        Reading(name, NOW - 60 * minute, float(random.normal(mean, spread)))
        for name, (every, mean, spread) in SIGNS.items()
        for minute in range(0, HOURS * 60, every)
    ]
    readings += [Reading("beat_interval", NOW - second, float(random.uniform(500, 900))) for second in range(128)]
    return Windows.of(readings).trimmed(NOW)


def measure(count: int | None = None) -> list[Measure]:
    """Return one object for each measure."""
    return [assessment(count or COUNT), *models()]


def assessment(count: int) -> Measure:
    """Measure readings to assessments: 150 features, two models, reasons and missing inputs."""
    windows, person, travel = traveller(), Person(72, 0, 160, 64, frozenset({"hypertension"}), frozenset()), Travel(310)

    def whole() -> tuple[Assessment, ...]:
        return assess(extract(windows, person, travel, NOW))

    vector, warm = extract(windows, person, travel, NOW), min(count, WARM)
    taken = spread(timed(whole, count, warm, MS))
    print(f"assessment of one traveller, {len(windows.values)} readings: ms, {taken}")
    for name, part in (("features", lambda: extract(windows, person, travel, NOW)), ("models", lambda: assess(vector))):
        print(f"  {name} alone: ms, {spread(timed(part, count, warm, MS))}")
    peer = spread(timed(lambda: slow(vector), min(count, PEER_COUNT), 1, MS))
    print(f"  the reference, models alone: ms, {peer}")
    return at_most(
        "assessment of one traveller, p50: 150 features, two models, reasons",
        taken.p50,
        "ms",
        0.3,
        ("the reference, models alone", peer.p50),
    )


def slow(vector: FeatureVector) -> list[float]:
    """Compute what the two models say, one tree at a time."""
    said: list[float] = []
    for name in ("deterioration_wearable", "fibrillation"):
        asked = model(name)
        inputs = np.array([vector[one] for one in asked.description.inputs], np.float32)
        parameters = asked.explainer.parameters
        said += [log_odds(parameters, inputs), float(contributions(parameters, inputs).sum())]
    return said


def models() -> list[Measure]:
    """Return the models' cross-validated figures, as their training left them, beside what there is without them."""
    manifest = json.loads((files("hospes.risk") / "learned" / "manifest.json").read_text("utf-8"))
    figures = {(row["name"], line["what"]): line["auroc"] for row in manifest["models"] for line in row["figures"]}
    directory = Path(os.environ.get("HOSPES_SHARED_DATA", "../shared/data"))
    return [
        _figure(
            "rhythm AUROC, leaving one record out", figures["fibrillation", "all windows"], 0.95, _nrmssd(directory)
        ),
        _figure(
            "deterioration AUROC, bedside signs, ten-fold",
            figures["deterioration_bedside", "all"],
            0.83,
            _saps(directory),
        ),
        _figure(
            "deterioration AUROC, all variables, ten-fold", figures["deterioration", "all"], 0.86, _saps(directory)
        ),
    ]


def _figure(what: str, value: float, bar: float, peer: tuple[str, float | None]) -> Measure:
    name, peer_value = peer
    print(f"{what}: {value:.3f}; {name}: {'not measured here' if peer_value is None else f'{peer_value:.3f}'}")
    said = name if peer_value is not None else f"{name}, not measured: no shared data"
    return at_least(what, value, "1", bar, (said, peer_value))


def _nrmssd(directory: Path) -> tuple[str, float | None]:
    folder = directory / "rhythm"
    if not folder.is_dir():
        return "normalised RMSSD", None
    with (folder / "af_rhythm.csv").open(encoding="utf-8") as lines:
        windows = read_beats((folder / "af_beats_250hz.npz").read_bytes(), lines)
    irregular = windows.inputs[:, NAMES.index("successive")].astype(np.float64)
    return "normalised RMSSD", round(quality(irregular / irregular.max(), windows.fibrillation).auroc, 4)


def _saps(directory: Path) -> tuple[str, float | None]:
    outcomes = directory / "icu2012" / "outcomes.csv"
    if not outcomes.is_file():
        return "SAPS-I", None
    with outcomes.open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if int(row["SAPS-I"]) >= 0]
    points = np.array([float(row["SAPS-I"]) for row in rows])
    deaths = np.array([row["In-hospital_death"] == "1" for row in rows])
    return "SAPS-I", round(quality(points / points.max(), deaths).auroc, 4)
