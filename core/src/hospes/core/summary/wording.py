"""Wording: data types of FHIR as short text for a reader.

It translates nothing and rounds nothing; a date is shown as it was written, up to the day.

Source: FHIR R4, section 2.24 (data types: "text" of a concept is what its author meant, so it goes before a display).
"""

import re
from collections.abc import Iterable
from typing import Final

from hospes.core.summary.datatypes import (
    Address,
    Annotation,
    CodeableConcept,
    Coding,
    ContactPoint,
    Dosage,
    HumanName,
    Identifier,
    Period,
    Quantity,
    Range,
    Ratio,
    Timing,
)
from hospes.core.summary.narrative import clean

SYSTEMS: Final[dict[str, str]] = {
    "http://snomed.info/sct": "SNOMED CT",
    "http://loinc.org": "LOINC",
    "http://www.whocc.no/atc": "ATC",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://hl7.org/fhir/sid/cvx": "CVX",
    "http://hl7.org/fhir/sid/ndc": "NDC",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
}
"""Short names of the code systems that summaries use most."""

_OWN: Final = ("http://terminology.hl7.org/", "http://hl7.org/fhir/ValueSet/", "urn:ietf:bcp:47")
"""Systems whose codes are words that need no system to be understood."""
_TIME: Final = re.compile(r"(?<=^\d{4}-\d\d-\d\d)T.*", re.DOTALL)
_PERIOD_UNITS: Final = {"s": "s", "min": "min", "h": "h", "d": "day", "wk": "week", "mo": "month", "a": "year"}


def concept(value: CodeableConcept) -> str:
    """Return a concept's text, else its first display, else its first code with the system's name."""
    if text := clean(value.text):
        return text
    displays = (clean(coding.display) for coding in value.coding)
    codes = (_code(coding) for coding in value.coding)
    return next(filter(None, displays), "") or next(filter(None, codes), "")


def concepts(values: Iterable[CodeableConcept]) -> str:
    """Return several concepts, parted by commas, each once."""
    return joined(concept(value) for value in values)


def joined(parts: Iterable[str], separator: str = ", ") -> str:
    """Return the parts that are not empty, each once."""
    return separator.join(dict.fromkeys(filter(None, parts)))


def day(date: str) -> str:
    """Return a date without its time; what is no date stays as it is."""
    return clean(_TIME.sub("", date))


def period(value: Period) -> str:
    """Return a period: ``2020 to 2021``, ``since 2020``, ``until 2021`` or nothing."""
    start, end = day(value.start), day(value.end)
    if start and end:
        return start if start == end else f"{start} to {end}"
    return f"since {start}" if start else f"until {end}" if end else ""


def quantity(value: Quantity) -> str:
    """Return an amount with its comparator and unit."""
    if value.value is None:
        return ""
    unit = value.unit or value.code
    return clean(f"{value.comparator} {value.value} {'' if unit == '1' else unit}")


def amount_range(value: Range) -> str:
    """Return a range."""
    return joined((quantity(value.low), quantity(value.high)), " to ")


def ratio(value: Ratio) -> str:
    """Return a ratio."""
    return joined((quantity(value.numerator), quantity(value.denominator)), " / ")


def age(value: Quantity) -> str:
    """Return an age."""
    text = quantity(value)
    return f"at {text}" if text else ""


def name(values: Iterable[HumanName]) -> str:
    """Return the first usable name; an official one goes before others, an old or maiden one behind."""
    order = {"official": 0, "usual": 1, "": 2, "old": 8, "maiden": 8}
    ranked = sorted(values, key=lambda value: order.get(value.use, 3))
    return next(filter(None, (_one_name(value) for value in ranked)), "")


def notes(values: Iterable[Annotation]) -> str:
    """Return remarks."""
    return joined((clean(value.text) for value in values), " / ")


def telecom(values: Iterable[ContactPoint]) -> str:
    """Return telephone numbers and the like."""
    return joined(clean(value.value) for value in values)


def address(value: Address) -> str:
    """Return an address on one line."""
    if text := clean(value.text):
        return text
    town = clean(f"{value.postal_code} {value.city}")
    return joined((*(clean(line or "") for line in value.line), town, clean(value.state), clean(value.country)))


def identifier(value: Identifier) -> str:
    """Return an identifier with what kind it is, else with its system."""
    number = clean(value.value)
    kind = concept(value.type) or clean(value.system)
    return f"{number} ({kind})" if number and kind else number


def dosage(value: Dosage) -> str:
    """Return how a medicine is taken: the author's sentence, else one made of amount, timing and route."""
    if text := clean(value.text) or clean(value.patient_instruction):
        return text
    doses = (quantity(dose.dose_quantity) or amount_range(dose.dose_range) for dose in value.dose_and_rate)
    needed = value.as_needed_boolean or concept(value.as_needed_codeable_concept)
    reason = concept(value.as_needed_codeable_concept)
    as_needed = f"as needed {reason}".strip() if needed else ""
    return joined((*doses, timing(value.timing), concept(value.route), as_needed))


def timing(value: Timing) -> str:
    """Return how often something happens."""
    if text := concept(value.code):
        return text
    repeat = value.repeat
    unit = _PERIOD_UNITS.get(repeat.period_unit, clean(repeat.period_unit))
    every = "" if repeat.period is None or not unit else f"per {repeat.period} {unit}".replace("per 1 ", "per ")
    times = f"{repeat.frequency or 1} x" if every else ""
    events = (day(event or "") for event in value.event)
    return joined((f"{times} {every}".strip(), *(clean(when or "") for when in repeat.when), *events))


def state(value: CodeableConcept) -> str:
    """Return a status as the standard's own code, else as any concept."""
    own = (clean(coding.code) for coding in value.coding if coding.system.startswith(_OWN))
    return next(filter(None, own), "") or concept(value)


def _code(coding: Coding) -> str:
    system = clean(coding.system)
    known = "" if system.startswith(_OWN) else SYSTEMS.get(system, system)
    return clean(f"{known} {coding.code}") if coding.code else ""


def _one_name(value: HumanName) -> str:
    if text := clean(value.text):
        return text
    parts = (*value.prefix, *value.given, value.family, *value.suffix)
    return " ".join(filter(None, (clean(part or "") for part in parts)))
