"""The 47 variables that risk is judged from: what each is, its unit, what values it can have, who can give it.

It holds no value of anybody, converts no unit and decides nothing. A value outside a variable's range cannot be true of
a living adult and is treated as missing, never clipped: a sensor that fell off must not read as a dying patient.

Sources: ranges are wider than any the literature reports in survivors, so that only faults fall outside; the hospital's
variables are those of the PhysioNet/Computing in Cardiology Challenge 2012 (Silva et al. 2012, PMID 24678516); codes
are LOINC's, given only where the code's component, system and property match the unit here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hospes.risk.errors import UnknownVariableError


class Source(StrEnum):
    """Who can give a variable."""

    WEARABLE = "wearable"
    SUMMARY = "summary"
    CONTEXT = "context"
    HOSPITAL = "hospital"


class Kind(StrEnum):
    """In which form a variable comes."""

    SERIES = "series"
    """Readings with a time: `hospes.risk.readings.Reading`."""

    FACT = "fact"
    """One number about the person or the travel."""

    CODES = "codes"
    """A set of groups: conditions, or medicines."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One thing that can be known of a traveller.

    Attributes
    ----------
    name : str
        Unique; in `snake_case`.
    unit : str
        In UCUM; ``"1"`` for a number without a unit, ``"{group}"`` for a set of groups.
    low, high : float
        The plausible range, both included, in `unit`. Outside it a value is missing, and is counted as refused.
    kind : Kind
    sources : tuple[Source, ...]
        Who can give it, the likeliest first.
    loinc : tuple[str, ...]
        Codes under which a record may hold it in this meaning; empty where none is certain.
    meaning : str
        One line for a reader, with the meaning of coded numbers.
    """

    name: str
    unit: str
    low: float
    high: float
    kind: Kind
    sources: tuple[Source, ...]
    loinc: tuple[str, ...]
    meaning: str


_W, _S, _C, _H = Source.WEARABLE, Source.SUMMARY, Source.CONTEXT, Source.HOSPITAL


def _fact(name: str, unit: str, low: float, high: float, *sources: Source, loinc: str = "", meaning: str) -> Variable:
    return Variable(name, unit, low, high, Kind.FACT, sources, tuple(loinc.split()), meaning)


def _series(name: str, unit: str, low: float, high: float, *sources: Source, loinc: str = "", meaning: str) -> Variable:
    return Variable(name, unit, low, high, Kind.SERIES, sources, tuple(loinc.split()), meaning)


def _laboratory(name: str, unit: str, low: float, high: float, *, loinc: str, meaning: str) -> Variable:
    return Variable(name, unit, low, high, Kind.SERIES, (_H, _S), tuple(loinc.split()), meaning)


def _codes(name: str, meaning: str) -> Variable:
    return Variable(name, "{group}", 0, 1, Kind.CODES, (_S,), (), meaning)


VARIABLES: Final[tuple[Variable, ...]] = (
    # The person
    _fact("age", "a", 16, 120, _S, _H, loinc="30525-0", meaning="age in completed years"),
    _fact("sex", "1", 0, 1, _S, _H, loinc="46098-0", meaning="0 female, 1 male, as recorded for clinical use"),
    _fact("height", "cm", 100, 230, _S, _H, loinc="8302-2", meaning="body height"),
    _fact("weight", "kg", 25, 350, _S, _H, loinc="29463-7", meaning="body weight, the latest known"),
    _codes("conditions", "long-term conditions, in the groups of `hospes.risk.history`"),
    _codes("medicines", "current medicines, in the groups of `hospes.risk.history`"),
    # What a wearable can measure
    _series("heart_rate", "/min", 20, 300, _W, _H, loinc="8867-4", meaning="heart rate"),
    _series("beat_interval", "ms", 200, 3000, _W, meaning="time from the beat before to this beat"),
    _series("respiratory_rate", "/min", 3, 80, _W, _H, loinc="9279-1", meaning="breaths"),
    _series(
        "oxygen_saturation", "%", 40, 100, _W, _H, loinc="59408-5 2708-6", meaning="of arterial blood, or by pulse"
    ),
    _series("temperature", "Cel", 25, 45, _W, _H, loinc="8310-5", meaning="of the body's core"),
    _series("systolic_pressure", "mm[Hg]", 30, 300, _W, _H, loinc="8480-6", meaning="arterial, by cuff or line"),
    _series("diastolic_pressure", "mm[Hg]", 10, 200, _W, _H, loinc="8462-4", meaning="arterial, by cuff or line"),
    _series("mean_pressure", "mm[Hg]", 20, 250, _W, _H, loinc="8478-0", meaning="arterial, by cuff or line"),
    _series("movement", "mg", 0, 16_000, _W, meaning="mean deviation of acceleration from gravity over one minute"),
    # What is seen at a bedside
    _series("consciousness", "1", 0, 4, _H, _W, meaning="0 alert, 1 new confusion, 2 voice, 3 pain, 4 unresponsive"),
    _series("coma_score", "1", 3, 15, _H, loinc="9269-2", meaning="Glasgow coma score, the sum"),
    _series("supplemental_oxygen", "1", 0, 1, _H, _W, meaning="0 breathing air, 1 given oxygen"),
    _series("inspired_oxygen", "1", 0.21, 1, _H, meaning="fraction of oxygen in the air breathed in"),
    _series("ventilation", "1", 0, 1, _H, meaning="1 while a machine ventilates"),
    _series("urine", "mL", 0, 5000, _H, loinc="9187-6", meaning="volume since the reading before"),
    # What a laboratory measures
    _laboratory("alkaline_phosphatase", "U/L", 5, 5000, loinc="6768-6", meaning="in serum"),
    _laboratory("alanine_transaminase", "U/L", 1, 20_000, loinc="1742-6", meaning="in serum"),
    _laboratory("aspartate_transaminase", "U/L", 1, 30_000, loinc="1920-8", meaning="in serum"),
    _laboratory("albumin", "g/dL", 0.5, 7, loinc="1751-7", meaning="in serum"),
    _laboratory("urea_nitrogen", "mg/dL", 1, 300, loinc="3094-0", meaning="in serum"),
    _laboratory("bilirubin", "mg/dL", 0, 80, loinc="1975-2", meaning="total, in serum"),
    _laboratory("cholesterol", "mg/dL", 20, 1000, loinc="2093-3", meaning="total, in serum"),
    _laboratory("creatinine", "mg/dL", 0.1, 40, loinc="2160-0", meaning="in serum"),
    _laboratory("glucose", "mg/dL", 10, 2000, loinc="2345-7 2339-0", meaning="in blood or serum"),
    _laboratory("bicarbonate", "mmol/L", 2, 60, loinc="1963-8", meaning="in serum"),
    _laboratory("haematocrit", "%", 5, 75, loinc="4544-3 20570-8", meaning="volume fraction of red cells"),
    _laboratory("potassium", "mmol/L", 1, 12, loinc="2823-3", meaning="in serum"),
    _laboratory("lactate", "mmol/L", 0.1, 40, loinc="2524-7", meaning="in serum or plasma"),
    _laboratory("magnesium", "mg/dL", 0.3, 12, loinc="19123-9", meaning="in serum"),
    _laboratory("sodium", "mmol/L", 90, 200, loinc="2951-2", meaning="in serum"),
    _laboratory("arterial_carbon_dioxide", "mm[Hg]", 8, 200, loinc="2019-8", meaning="partial pressure"),
    _laboratory("arterial_oxygen", "mm[Hg]", 15, 700, loinc="2703-7", meaning="partial pressure"),
    _laboratory("platelets", "10*3/uL", 1, 2500, loinc="777-3", meaning="in blood"),
    _laboratory("troponin_i", "ug/L", 0, 200, loinc="10839-9", meaning="in serum or plasma"),
    _laboratory("troponin_t", "ug/L", 0, 50, loinc="6598-7", meaning="in serum or plasma"),
    _laboratory("white_cells", "10*3/uL", 0.05, 500, loinc="6690-2", meaning="in blood"),
    _laboratory("arterial_acidity", "[pH]", 6.5, 8, loinc="2744-1", meaning="pH of arterial blood"),
    # The travel
    _fact("altitude", "m", -450, 6500, _C, _W, meaning="where the traveller is, above the sea"),
    _fact("ambient_temperature", "Cel", -60, 60, _C, _W, meaning="of the air outside"),
    _fact("time_zone_shift", "h", -12, 12, _C, meaning="local time less the time at home"),
    _fact("days_away", "d", 0, 3660, _C, meaning="since the traveller left home"),
)
"""All variables, in the order of the documents."""

SERIES: Final[tuple[Variable, ...]] = tuple(variable for variable in VARIABLES if variable.kind is Kind.SERIES)
"""Those that come as readings."""

_BY_NAME: Final[dict[str, Variable]] = {variable.name: variable for variable in VARIABLES}


def variable(name: str) -> Variable:
    """Return the variable of a name.

    Raises
    ------
    UnknownVariableError
    """
    try:
        return _BY_NAME[name]
    except KeyError:
        raise UnknownVariableError(name, "variable") from None


def of(source: Source) -> Iterator[Variable]:
    """Return the variables that a source can give."""
    return (one for one in VARIABLES if source in one.sources)
