"""Emergency: which facts a stranger must know who treats the patient now, and cannot ask.

The rules, in the order in which they are applied. The first that holds decides.

1. Carried: every allergy or intolerance, whatever its status, and anything that speaks of one or is coded as one,
   wherever it stands; anything that names penicillin, except medicines, vaccines and laboratory results.
2. Carried: every advance directive.
3. Withheld: whatever is coded as or named a mental illness, which is a class of record of its own (`mental-health`).
   Medicines are never withheld: leaving out a psychotropic drug can kill. Nor are dementia, delirium and dependence.
4. Carried: a condition that is not inactive, in remission, resolved, refuted or entered in error, if a section for
   problems or alerts lists it or none does; one of the past only if it is said to be active.
5. Carried: a medicine that is not completed, stopped, cancelled, not taken, a draft or entered in error.
6. Carried: a device that is not inactive, removed, only intended or entered in error.
7. Carried: a procedure that was done and left something in the body, took something out, or concerned heart, brain or
   vessels; one of the 365 days before the document; one without a date.
8. Carried: an alert that is active. A pregnancy that lasts.
9. Carried: anything else that a section for problems, medicines, devices or alerts lists.
10. Left out: everything else.

What is doubtful is carried, except in rule 3. A missing status counts as doubtful.

They are rules of thumb, stated so that they can be criticised; no clinical body has approved them.
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from hospes.core.summary.dates import is_before
from hospes.core.summary.facts import Fact, Label
from hospes.core.summary.narrative import sentences
from hospes.core.summary.sections import LOINC, SectionKind
from hospes.core.summary.tree import Json, JsonObject, as_object, as_text, items
from hospes.core.summary.words import (
    SNOMED,
    codes_allergy,
    codes_grave_procedure,
    codes_mental_illness,
    codes_penicillin,
    speaks_of_allergy,
    speaks_of_grave_procedure,
    speaks_of_mental_illness,
    speaks_of_penicillin,
)

MEDICINES: Final = frozenset({
    "MedicationAdministration", "MedicationDispense", "MedicationRequest", "MedicationStatement",
})  # fmt: skip
_NAMES_MEDICINES: Final = MEDICINES | {"DiagnosticReport", "Immunization", "Medication", "Observation"}
"""Types in which the name of penicillin alone is no allergy: it is taken, or a germ is tested against it."""
_NEVER_WITHHELD: Final = MEDICINES | {"AllergyIntolerance", "Consent", "Device", "DeviceUseStatement", "Medication"}
_DEVICES: Final = frozenset({"Device", "DeviceUseStatement"})
_LISTS: Final = frozenset({
    SectionKind.ALERTS, SectionKind.PROBLEMS, SectionKind.MEDICATIONS, SectionKind.DEVICES,
})  # fmt: skip
"""Sections whose every entry counts, whatever its type."""
ALWAYS: Final = _LISTS | {SectionKind.ALLERGIES, SectionKind.ADVANCE_DIRECTIVES, SectionKind.PROCEDURES}
"""Sections that the cut has if the document has them."""

_ERROR: Final = "entered-in-error"
_OVER: Final = frozenset({"inactive", "remission", "resolved"})
_ACTIVE: Final = frozenset({"active", "recurrence", "relapse"})
_NOT_TAKEN: Final = frozenset({"completed", "stopped", "cancelled", "not-taken", "draft", _ERROR})
_NOT_WORN: Final = frozenset({"inactive", "completed", "stopped", "intended", _ERROR})
_NOT_DONE: Final = frozenset({"not-done", "preparation", _ERROR})
_RECENT: Final = timedelta(days=365)

_PREGNANT: Final = frozenset({(SNOMED, "77386006"), (LOINC, "LA15173-0")})
_DUE_DATES: Final = frozenset({"11778-8", "11779-6", "11780-4"})
"""LOINC: delivery date estimated; from last menstrual period; from ovulation."""


class Verdict(StrEnum):
    """What becomes of a fact in the cut."""

    CARRIED = "carried"
    LEFT_OUT = "left out"
    WITHHELD = "withheld"
    """Left out, and no reference may bring it back in."""


def judge(fact: Fact, kind: SectionKind, resource: JsonObject, today: str) -> Verdict:
    """Decide about one fact.

    Parameters
    ----------
    fact : Fact
    kind : SectionKind
        Of the section that lists it, or in which it is shown.
    resource : JsonObject
        What states it; empty for a reference that leads nowhere.
    today : str
        The document's date, by which a procedure is recent and a pregnancy lasts.
    """
    if is_allergy(fact, kind) or kind is SectionKind.ADVANCE_DIRECTIVES or fact.resource_type == "Consent":
        return Verdict.CARRIED
    if is_mental_illness(fact):
        return Verdict.WITHHELD
    return Verdict.CARRIED if _matters(fact, kind, resource, today) else Verdict.LEFT_OUT


def is_allergy(fact: Fact, kind: SectionKind) -> bool:
    """Whether a fact is or names an allergy, or penicillin where that can mean nothing else (rule 1)."""
    if kind is SectionKind.ALLERGIES or fact.resource_type == "AllergyIntolerance" or codes_allergy(fact.codings):
        return True
    words = " ".join((fact.text, *_displays(fact), *(detail.text for detail in fact.details)))
    if speaks_of_allergy(words):
        return True
    named = speaks_of_penicillin(words) or codes_penicillin(fact.codings)
    return named and fact.resource_type not in _NAMES_MEDICINES


def is_mental_illness(fact: Fact) -> bool:
    """Whether a fact belongs to the class `mental-health` (rule 3)."""
    if fact.resource_type in _NEVER_WITHHELD:
        return False
    return codes_mental_illness(fact.codings) or any(map(speaks_of_mental_illness, (fact.text, *_displays(fact))))


def mentions_of_allergy(block: str, resource_type: str) -> list[str]:
    """Return the sentences of a block that speak of an allergy, or of penicillin where that can mean nothing else."""
    medicine = resource_type in _NAMES_MEDICINES
    if not speaks_of_allergy(block) and (medicine or not speaks_of_penicillin(block)):
        return []  # as nearly all do: no sentence of it can
    return [
        part for part in sentences(block) if speaks_of_allergy(part) or (not medicine and speaks_of_penicillin(part))
    ]


def names_mental_illness(block: str) -> bool:
    """Whether a block of narrative names a mental illness and no allergy."""
    return not speaks_of_allergy(block) and any(map(speaks_of_mental_illness, sentences(block)))


def _matters(fact: Fact, kind: SectionKind, resource: JsonObject, today: str) -> bool:
    status = fact.status.casefold()
    match fact.resource_type:
        case "Condition":
            return _condition_matters(fact, status, kind)
        case medicine if medicine in MEDICINES:
            return status not in _NOT_TAKEN
        case device if device in _DEVICES:
            return status not in _NOT_WORN
        case "Procedure":
            return status not in _NOT_DONE and _procedure_matters(fact, today)
        case "Flag":
            return status not in {"inactive", _ERROR}
        case _:
            return kind in _LISTS or _is_pregnancy(resource, today)


def _condition_matters(fact: Fact, status: str, kind: SectionKind) -> bool:
    if fact.detail(Label.CERTAINTY).casefold() in {"refuted", _ERROR}:
        return False
    if kind in {SectionKind.PROBLEMS, SectionKind.ALERTS} or not fact.listed_at:
        over = status in _OVER or (not status and bool(fact.detail(Label.END)))
        return not over
    return kind in {SectionKind.PAST_ILLNESS, SectionKind.OTHER} and status in _ACTIVE


def _procedure_matters(fact: Fact, today: str) -> bool:
    words = (fact.text, *_displays(fact))
    grave = codes_grave_procedure(fact.codings) or any(map(speaks_of_grave_procedure, words))
    return grave or bool(fact.detail(Label.DEVICE)) or not fact.date or _is_recent(fact.date, today)


def _is_recent(when: str, today: str) -> bool:
    """Whether a date, or the end of a period, lies in the year before the document; unknown counts as recent."""
    last = when.removeprefix("since ").removeprefix("until ").rpartition(" to ")[2]
    try:
        limit = (date.fromisoformat(today.partition("T")[0]) - _RECENT).isoformat()
    except (ValueError, OverflowError):
        return True
    return not is_before(last, limit)


def _is_pregnancy(resource: JsonObject, today: str) -> bool:
    """Whether an observation says that the patient is pregnant, or when the child is due."""
    if resource.get("resourceType") != "Observation":
        return False
    if _codes(resource.get("valueCodeableConcept")) & _PREGNANT:
        return True
    due = {code for system, code in _codes(resource.get("code")) if system == LOINC} & _DUE_DATES
    expected = as_text(resource.get("valueDateTime"))
    return bool(due and expected) and not is_before(expected, today)


def _codes(concept: Json) -> set[tuple[str, str]]:
    found = (as_object(coding) for _, coding in items(as_object(concept).get("coding"), ""))
    return {(as_text(coding.get("system")), as_text(coding.get("code"))) for coding in found}


def _displays(fact: Fact) -> tuple[str, ...]:
    return tuple(coding.display for coding in fact.codings)
