"""Stays in intensive care, in the form of the PhysioNet/Computing in Cardiology Challenge 2012, as inputs of risk.

It reads text that is passed in, and opens no file. What the Challenge writes for "unknown" is missing here; parameters
that risk has no variable for are counted and left out.

Sources: Silva et al. 2012, "Predicting in-hospital mortality of ICU patients" (PMID 24678516); names and units of the
parameters as in the Challenge's description.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from hospes.core.errors import MalformedError
from hospes.risk.extraction import extract
from hospes.risk.readings import Person, Travel
from hospes.risk.statistics import WINDOW_H
from hospes.risk.tables import rows_of
from hospes.risk.vector import FeatureVector
from hospes.risk.windows import HOUR_S, PLACES, Windows

PARAMETERS: Final[dict[str, str]] = {
    "ALP": "alkaline_phosphatase",
    "ALT": "alanine_transaminase",
    "AST": "aspartate_transaminase",
    "Albumin": "albumin",
    "BUN": "urea_nitrogen",
    "Bilirubin": "bilirubin",
    "Cholesterol": "cholesterol",
    "Creatinine": "creatinine",
    "DiasABP": "diastolic_pressure",
    "FiO2": "inspired_oxygen",
    "GCS": "coma_score",
    "Glucose": "glucose",
    "HCO3": "bicarbonate",
    "HCT": "haematocrit",
    "HR": "heart_rate",
    "K": "potassium",
    "Lactate": "lactate",
    "MAP": "mean_pressure",
    "MechVent": "ventilation",
    "Mg": "magnesium",
    "NIDiasABP": "diastolic_pressure",
    "NIMAP": "mean_pressure",
    "NISysABP": "systolic_pressure",
    "Na": "sodium",
    "PaCO2": "arterial_carbon_dioxide",
    "PaO2": "arterial_oxygen",
    "Platelets": "platelets",
    "RespRate": "respiratory_rate",
    "SaO2": "oxygen_saturation",
    "SysABP": "systolic_pressure",
    "Temp": "temperature",
    "TroponinI": "troponin_i",
    "TroponinT": "troponin_t",
    "Urine": "urine",
    "WBC": "white_cells",
    "pH": "arterial_acidity",
}
"""The variable that each parameter gives: pressures by cuff and by line give the same."""

COLUMNS: Final = ("record", "minute", "parameter", "value")

PERSON: Final = ("Age", "Gender", "Height", "Weight")
"""Parameters about the person; of several weights the latest counts, of the others the first."""

UNUSED: Final = frozenset({"RecordID", "ICUType"})
"""Parameters without a variable, known and left out."""

UNKNOWN: Final = -1.0
"""What the Challenge writes for a value that was not recorded."""

OLDEST_A: Final = 90.0
"""Ages above 89 years stand in the source as 200 or more, to protect the people; they count as 90."""

_MASKED_A: Final = 150.0
_MINUTES_PER_HOUR: Final = 60.0
END_S: Final = WINDOW_H * HOUR_S
"""The moment, in seconds from admission, for which a stay is judged."""


@dataclass(slots=True)
class _Gathered:
    """What was read of one stay so far."""

    places: list[int] = field(default_factory=list[int])
    minutes: list[float] = field(default_factory=list[float])
    values: list[float] = field(default_factory=list[float])
    person: dict[str, float] = field(default_factory=dict[str, float])
    weighed: float = -1.0


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay: the first 48 hours of it, as risk sees them.

    Attributes
    ----------
    record : str
        The source's number.
    windows : Windows
        In seconds from admission.
    person : Person
    """

    record: str
    windows: Windows
    person: Person

    def vector(self) -> FeatureVector:
        """Return the features at the end of the 48 hours."""
        return extract(self.windows, self.person, Travel(), END_S)


@dataclass(frozen=True, slots=True)
class Observations:
    """All stays of a file.

    Attributes
    ----------
    stays : tuple[Stay, ...]
        In the order of the file.
    ignored : tuple[str, ...]
        Parameters without a variable.
    """

    stays: tuple[Stay, ...]
    ignored: tuple[str, ...]


def read_observations(lines: Iterable[str]) -> Observations:
    """Read observations: a table of the columns `COLUMNS`.

    Raises
    ------
    MalformedError
        Naming the line.
    """
    gathered: dict[str, _Gathered] = {}
    ignored = Counter[str]()
    for record, parameter, minute, value in _rows(lines):
        stay = gathered.setdefault(record, _Gathered())
        if parameter in PARAMETERS:
            if value != UNKNOWN:
                stay.places.append(PLACES[PARAMETERS[parameter]])
                stay.minutes.append(minute)
                stay.values.append(value)
        elif parameter in PERSON:
            _note(stay, parameter, minute, value)
        elif parameter not in UNUSED:
            ignored[parameter] += 1
    stays = tuple(_stay(record, stay) for record, stay in gathered.items())
    return Observations(stays, tuple(sorted(ignored)))


def read_outcomes(lines: Iterable[str]) -> dict[str, bool]:
    """Read outcomes: which stays ended in death in hospital, from the columns ``RecordID`` and ``In-hospital_death``.

    Raises
    ------
    MalformedError
    """
    outcomes: dict[str, bool] = {}
    for line, (record, death) in rows_of(lines, ("RecordID", "In-hospital_death"), "outcomes"):
        if death.strip() not in {"0", "1"}:
            raise MalformedError("outcomes", f"line {line}", "In-hospital_death is neither 0 nor 1")
        outcomes[record.strip()] = death.strip() == "1"
    return outcomes


def _rows(lines: Iterable[str]) -> Iterator[tuple[str, str, float, float]]:
    for line, (record, minute, parameter, value) in rows_of(lines, COLUMNS, "observations"):
        try:
            yield record, parameter, float(minute), float(value)
        except ValueError as error:
            raise MalformedError("observations", f"line {line}", "minute and value must be numbers") from error


def _note(stay: _Gathered, parameter: str, minute: float, value: float) -> None:
    """Keep the first of each, and the latest weight."""
    if value == UNKNOWN:
        return
    if parameter == "Weight":
        if minute >= stay.weighed:
            stay.person[parameter], stay.weighed = value, minute
    else:
        stay.person.setdefault(parameter, value)


def _stay(record: str, stay: _Gathered) -> Stay:
    age = stay.person.get("Age")
    person = Person(
        age_y=OLDEST_A if age is not None and age > _MASKED_A else age,
        sex=stay.person.get("Gender"),
        height_cm=stay.person.get("Height"),
        weight_kg=stay.person.get("Weight"),
    )
    times = np.array(stay.minutes) / _MINUTES_PER_HOUR * HOUR_S
    windows = Windows.of_arrays(np.array(stay.places, np.int64), times, np.array(stay.values))
    return Stay(record, windows, person)
