"""The sections of an International Patient Summary: their codes, and the order in which a clinician reads them.

A section is known by its LOINC code. One without a code of the standard is known by its title if that speaks of
allergies, else by what it lists if all of that is at home in one section; else it stands last, under its own title.

Source: International Patient Summary 2.0.0, Composition-uv-ips (section codes; which are mandatory). The order is ours.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from hospes.core.summary.datatypes import CodeableConcept
from hospes.core.summary.words import speaks_of_allergy

LOINC: Final = "http://loinc.org"


class SectionKind(StrEnum):
    """What a section is about, in the order in which a clinician reads."""

    ALLERGIES = "allergies"
    ALERTS = "alerts"
    PROBLEMS = "problems"
    MEDICATIONS = "medications"
    DEVICES = "devices"
    ADVANCE_DIRECTIVES = "advance-directives"
    PROCEDURES = "procedures"
    PAST_ILLNESS = "past-illness"
    PREGNANCY = "pregnancy"
    RESULTS = "results"
    VITAL_SIGNS = "vital-signs"
    IMMUNIZATIONS = "immunizations"
    FUNCTIONAL_STATUS = "functional-status"
    SOCIAL_HISTORY = "social-history"
    PLAN_OF_CARE = "plan-of-care"
    PATIENT_STORY = "patient-story"
    OTHER = "other"


ORDER: Final = {kind: place for place, kind in enumerate(SectionKind)}

CODES: Final[dict[SectionKind, tuple[str, str]]] = {
    SectionKind.ALLERGIES: ("48765-2", "Allergies and intolerances"),
    SectionKind.ALERTS: ("104605-1", "Alerts"),
    SectionKind.PROBLEMS: ("11450-4", "Problems"),
    SectionKind.MEDICATIONS: ("10160-0", "Medications"),
    SectionKind.DEVICES: ("46264-8", "Medical devices"),
    SectionKind.ADVANCE_DIRECTIVES: ("42348-3", "Advance directives"),
    SectionKind.PROCEDURES: ("47519-4", "Procedures"),
    SectionKind.PAST_ILLNESS: ("11348-0", "Past illness"),
    SectionKind.PREGNANCY: ("10162-6", "Pregnancy"),
    SectionKind.RESULTS: ("30954-2", "Results"),
    SectionKind.VITAL_SIGNS: ("8716-3", "Vital signs"),
    SectionKind.IMMUNIZATIONS: ("11369-6", "Immunizations"),
    SectionKind.FUNCTIONAL_STATUS: ("47420-5", "Functional status"),
    SectionKind.SOCIAL_HISTORY: ("29762-2", "Social history"),
    SectionKind.PLAN_OF_CARE: ("18776-5", "Plan of care"),
    SectionKind.PATIENT_STORY: ("81338-6", "Patient story"),
}
"""LOINC code and default title of each kind; `SectionKind.OTHER` has none."""

MANDATORY: Final = (SectionKind.ALLERGIES, SectionKind.PROBLEMS, SectionKind.MEDICATIONS)

HOMES: Final[dict[str, SectionKind]] = {
    "AllergyIntolerance": SectionKind.ALLERGIES,
    "Flag": SectionKind.ALERTS,
    "Condition": SectionKind.PROBLEMS,
    "MedicationStatement": SectionKind.MEDICATIONS,
    "MedicationRequest": SectionKind.MEDICATIONS,
    "MedicationAdministration": SectionKind.MEDICATIONS,
    "MedicationDispense": SectionKind.MEDICATIONS,
    "Device": SectionKind.DEVICES,
    "DeviceUseStatement": SectionKind.DEVICES,
    "Consent": SectionKind.ADVANCE_DIRECTIVES,
    "Procedure": SectionKind.PROCEDURES,
    "Immunization": SectionKind.IMMUNIZATIONS,
    "Observation": SectionKind.RESULTS,
    "DiagnosticReport": SectionKind.RESULTS,
    "CarePlan": SectionKind.PLAN_OF_CARE,
}
"""Where a fact of a type belongs if no section lists it."""

_KINDS: Final = {code: kind for kind, (code, _) in CODES.items()}


def kind_of(code: CodeableConcept, title: str, listed: Iterable[str]) -> SectionKind:
    """Return what a section is about.

    Parameters
    ----------
    code, title
        As the section gives them; both may be empty.
    listed : iterable of str
        The types of the resources that it lists.
    """
    for coding in code.coding:
        if coding.system in {LOINC, ""} and coding.code in _KINDS:
            return _KINDS[coding.code]
    if speaks_of_allergy(f"{title} {code.text}"):
        return SectionKind.ALLERGIES
    homes = {HOMES.get(resource_type, SectionKind.OTHER) for resource_type in listed}
    return homes.pop() if len(homes) == 1 else SectionKind.OTHER
