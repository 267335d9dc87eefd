"""Persons: what a patient summary says that risk can use, as `Person` and as readings.

It reads codes and units, never words, and infers nothing: a summary without a list of problems leaves the conditions
unknown, one that states "no known problems" makes them none. A value in a unit that is not known here is left out.

Sources: FHIR R4 (4.0.1) Condition, MedicationStatement and Observation; International Patient Summary 2.0.0, code
system absent-unknown-uv-ips; factors between mass and amount from the molar masses of glucose (180.16 g/mol),
creatinine (113.12), urea nitrogen (28.01), bilirubin (584.66), cholesterol (386.65) and magnesium (24.305).
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from hospes.core.summary import Coding, Fact, Json, Label, SectionKind, Summary
from hospes.risk.history import CONDITIONS, MEDICINES, Group
from hospes.risk.readings import Person, Reading
from hospes.risk.variables import VARIABLES, Kind, Variable

SNOMED: Final = "http://snomed.info/sct"
LOINC: Final = "http://loinc.org"
CLASSIFICATION: Final = re.compile(
    r"(?i:https?://\S*/(icd-10(-(cm|gm|ca|se|fi|es|am))?|atc)/?)|urn:oid:2\.16\.840\.1\.113883\.6\.(3|73|90)"
)
"""Addresses of ICD-10, of its national editions, and of ATC."""

ABSENT: Final = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
NONE_KNOWN: Final = frozenset({"no-known-problems", "no-known-medications"})
NOT_SO: Final = frozenset({"refuted", "entered-in-error"})
NOT_TAKEN: Final = frozenset({"completed", "stopped", "entered-in-error", "not-taken", "cancelled"})

FACTORS: Final[dict[tuple[str, str], float]] = {
    ("glucose", "mmol/L"): 18.016,
    ("creatinine", "umol/L"): 0.011312,
    ("urea_nitrogen", "mmol/L"): 2.801,
    ("bilirubin", "umol/L"): 0.058466,
    ("cholesterol", "mmol/L"): 38.665,
    ("magnesium", "mmol/L"): 2.4305,
    ("albumin", "g/L"): 0.1,
    ("sodium", "meq/L"): 1.0,
    ("potassium", "meq/L"): 1.0,
    ("troponin_i", "ng/L"): 0.001,
    ("troponin_t", "ng/L"): 0.001,
    ("platelets", "10*9/L"): 1.0,
    ("white_cells", "10*9/L"): 1.0,
    ("arterial_oxygen", "kPa"): 7.50062,
    ("arterial_carbon_dioxide", "kPa"): 7.50062,
    ("height", "m"): 100.0,
    ("weight", "g"): 0.001,
    ("inspired_oxygen", "%"): 0.01,
    ("heart_rate", "{beats}/min"): 1.0,
    ("respiratory_rate", "{breaths}/min"): 1.0,
}
"""What a value in a unit is multiplied by to be in its variable's unit; the variable's own unit needs none."""

_SEXES: Final = {"female": 0.0, "male": 1.0}
_BY_CODE: Final = {code: one for one in VARIABLES if one.kind is not Kind.CODES for code in one.loinc}


def person_of(summary: Summary, on: date) -> Person:
    """Return what a summary says of the person.

    Parameters
    ----------
    summary : Summary
    on : date
        The day for which the age is wanted.
    """
    measured = {name: value for name, _, value in sorted(_measured(summary), key=lambda row: row[1])}
    problems = (*summary.of(SectionKind.PROBLEMS), *summary.of(SectionKind.PAST_ILLNESS))
    return Person(
        age_y=age_on(summary.patient.birth_date, on),
        sex=_SEXES.get(summary.patient.gender),
        height_cm=measured.get("height"),
        weight_kg=measured.get("weight"),
        conditions=_groups(problems, CONDITIONS, NOT_SO),
        medicines=_groups(summary.of(SectionKind.MEDICATIONS), MEDICINES, NOT_TAKEN),
    )


def readings_of(summary: Summary) -> tuple[Reading, ...]:
    """Return the measurements that a summary lists with a time, in the order of the document."""
    series = {one.name for one in VARIABLES if one.kind is Kind.SERIES}
    return tuple(Reading(name, at, value) for name, at, value in _measured(summary) if name in series)


def age_on(birth_date: str, on: date) -> float | None:
    """Return the completed years from a FHIR date to a day; a missing month or day counts as the year's middle.

    Examples
    --------
    >>> age_on("1972-05-01", date(2027, 4, 30))
    54.0
    """
    parts = birth_date.split("-")
    try:
        born = date.fromisoformat("-".join((*parts, *("07", "01")[len(parts) - 1 :]))[:10])
    except ValueError:
        return None
    return float(on.year - born.year - ((on.month, on.day) < (born.month, born.day)))


def _groups(facts: Iterable[Fact], table: tuple[Group, ...], excluded: frozenset[str]) -> frozenset[str] | None:
    """Return the groups that are listed; `None` where nothing is listed and nothing says that there is nothing."""
    counted = [fact for fact in facts if fact.status not in excluded and fact.detail(Label.CERTAINTY) not in excluded]
    stated = [coding for fact in counted for coding in fact.codings]
    told = [coding for coding in stated if coding.system == ABSENT]
    if len(told) == len(counted) and not any(coding.code in NONE_KNOWN for coding in told):
        return None
    return frozenset(group.name for group in table if any(_belongs(coding, group) for coding in stated))


def _belongs(coding: Coding, group: Group) -> bool:
    if coding.system == SNOMED:
        return coding.code in group.concepts
    if CLASSIFICATION.fullmatch(coding.system):
        return coding.code.replace(".", "").upper().startswith(group.prefixes)
    return False


def _measured(summary: Summary) -> Iterator[tuple[str, float, float]]:
    """Return name, Unix time and value of what was measured, in the variables' units."""
    for fact in summary.facts:
        known = next((_BY_CODE[one.code] for one in fact.codings if one.system == LOINC and one.code in _BY_CODE), None)
        resource = _at(summary.document, fact.pointer)
        if known is None or not isinstance(resource, dict):
            continue
        at, value = _moment(resource.get("effectiveDateTime")), _amount(resource.get("valueQuantity"), known)
        if at is not None and value is not None:
            yield known.name, at, value


def _at(document: Json, pointer: str) -> Json:
    """Return what a JSON pointer leads to; nothing if it leads nowhere."""
    for token in pointer.split("/")[1:]:
        if isinstance(document, list) and token.isdecimal() and int(token) < len(document):
            document = document[int(token)]
        elif isinstance(document, dict):
            document = document.get(token)
        else:
            return None
    return document


def _moment(text: Json) -> float | None:
    """Return the Unix time of a FHIR dateTime that gives at least the day; a day alone counts from its start in UTC."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _amount(quantity: Json, known: Variable) -> float | None:
    """Return a quantity in its variable's unit; nothing for a bound, or in a unit that is not known here."""
    if not isinstance(quantity, dict) or quantity.get("comparator"):
        return None
    value, unit = quantity.get("value"), quantity.get("code") or quantity.get("unit")
    factor = 1.0 if unit == known.unit else FACTORS.get((known.name, str(unit)))
    if factor is None or isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return float(value) * factor
