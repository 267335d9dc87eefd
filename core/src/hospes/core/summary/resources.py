"""The resources of FHIR R4 that the International Patient Summary names, as far as they are shown.

A resource of another type is read as `AnyResource`, by the elements that most types share. Members that are not named
here are not lost: they stay in `Summary.document`. A few members of FHIR STU3 are read beside their R4 successors,
since documents made of older records still carry them.

Sources: FHIR R4 (4.0.1), the page of each resource; International Patient Summary 2.0.0, the list of its profiles.
"""

from typing import Final

from hospes.core.summary.datatypes import (
    Address,
    Annotation,
    CodeableConcept,
    ContactPoint,
    Dosage,
    Element,
    HumanName,
    Identifier,
    Narrative,
    Period,
    Quantity,
    Range,
    Ratio,
    Reference,
    Timing,
)


class Resource(Element, frozen=True):
    """Any resource: its type, its id and its own text for a reader."""

    resource_type: str = ""
    id: str = ""
    text: Narrative = Narrative()


class AnyResource(Resource, frozen=True):
    """A resource of a type that has no reader of its own."""

    status: str = ""
    code: CodeableConcept = CodeableConcept()
    type: CodeableConcept = CodeableConcept()
    category: tuple[CodeableConcept, ...] = ()
    title: str = ""
    description: str = ""
    date: str = ""
    created: str = ""
    period: Period = Period()
    author: tuple[Reference, ...] = ()
    note: tuple[Annotation, ...] = ()


class SectionPart(Element, frozen=True):
    """A section of a composition, without its entries and inner sections: those are read one by one."""

    title: str = ""
    code: CodeableConcept = CodeableConcept()
    text: Narrative = Narrative()
    empty_reason: CodeableConcept = CodeableConcept()


class Attester(Element, frozen=True):
    """Somebody who stands for the document."""

    mode: str = ""
    time: str = ""
    party: Reference = Reference()


class Composition(Resource, frozen=True):
    """The head of a document."""

    language: str = ""
    status: str = ""
    type: CodeableConcept = CodeableConcept()
    subject: Reference = Reference()
    date: str = ""
    author: tuple[Reference, ...] = ()
    title: str = ""
    confidentiality: str = ""
    attester: tuple[Attester, ...] = ()
    custodian: Reference = Reference()


class Communication(Element, frozen=True):
    """A language that the patient speaks."""

    language: CodeableConcept = CodeableConcept()
    preferred: bool = False


class PatientContact(Element, frozen=True):
    """Somebody to turn to."""

    relationship: tuple[CodeableConcept, ...] = ()
    name: HumanName = HumanName()
    telecom: tuple[ContactPoint, ...] = ()
    organization: Reference = Reference()


class Patient(Resource, frozen=True):
    """The person whom the summary is about."""

    identifier: tuple[Identifier, ...] = ()
    name: tuple[HumanName, ...] = ()
    telecom: tuple[ContactPoint, ...] = ()
    gender: str = ""
    birth_date: str = ""
    deceased_boolean: bool = False
    deceased_date_time: str = ""
    address: tuple[Address, ...] = ()
    contact: tuple[PatientContact, ...] = ()
    communication: tuple[Communication, ...] = ()
    general_practitioner: tuple[Reference, ...] = ()


class Practitioner(Resource, frozen=True):
    """A professional."""

    name: tuple[HumanName, ...] = ()
    telecom: tuple[ContactPoint, ...] = ()


class PractitionerRole(Resource, frozen=True):
    """What a professional is in an organisation."""

    practitioner: Reference = Reference()
    organization: Reference = Reference()
    code: tuple[CodeableConcept, ...] = ()


class Organization(Resource, frozen=True):
    """An organisation."""

    name: str = ""
    telecom: tuple[ContactPoint, ...] = ()


class RelatedPerson(Resource, frozen=True):
    """Somebody close to the patient."""

    relationship: tuple[CodeableConcept, ...] = ()
    name: tuple[HumanName, ...] = ()
    telecom: tuple[ContactPoint, ...] = ()


class Reaction(Element, frozen=True):
    """What happened once when the patient met the substance."""

    substance: CodeableConcept = CodeableConcept()
    manifestation: tuple[CodeableConcept, ...] = ()
    description: str = ""
    severity: str = ""
    onset: str = ""


class AllergyIntolerance(Resource, frozen=True):
    """An allergy or intolerance, or the statement that there is none."""

    clinical_status: CodeableConcept = CodeableConcept()
    verification_status: CodeableConcept = CodeableConcept()
    type: str = ""
    category: tuple[str | None, ...] = ()
    criticality: str = ""
    code: CodeableConcept = CodeableConcept()
    patient: Reference = Reference()
    onset_date_time: str = ""
    onset_age: Quantity = Quantity()
    onset_period: Period = Period()
    onset_string: str = ""
    recorded_date: str = ""
    last_occurrence: str = ""
    recorder: Reference = Reference()
    asserter: Reference = Reference()
    reaction: tuple[Reaction, ...] = ()
    note: tuple[Annotation, ...] = ()


class Condition(Resource, frozen=True):
    """A problem or diagnosis, or the statement that there is none."""

    clinical_status: CodeableConcept = CodeableConcept()
    verification_status: CodeableConcept = CodeableConcept()
    category: tuple[CodeableConcept, ...] = ()
    severity: CodeableConcept = CodeableConcept()
    code: CodeableConcept = CodeableConcept()
    body_site: tuple[CodeableConcept, ...] = ()
    subject: Reference = Reference()
    onset_date_time: str = ""
    onset_age: Quantity = Quantity()
    onset_period: Period = Period()
    onset_string: str = ""
    abatement_date_time: str = ""
    abatement_age: Quantity = Quantity()
    abatement_period: Period = Period()
    abatement_string: str = ""
    recorded_date: str = ""
    recorder: Reference = Reference()
    asserter: Reference = Reference()
    note: tuple[Annotation, ...] = ()


class MedicationUse(Resource, frozen=True):
    """What a patient takes, was prescribed, was given or was handed: the four resources of FHIR as one.

    MedicationStatement has `dosage` as a list, MedicationAdministration as one element; `fit` makes the one a list.
    """

    status: str = ""
    medication_codeable_concept: CodeableConcept = CodeableConcept()
    medication_reference: Reference = Reference()
    subject: Reference = Reference()
    effective_date_time: str = ""
    effective_period: Period = Period()
    authored_on: str = ""
    date_asserted: str = ""
    when_handed_over: str = ""
    information_source: Reference = Reference()
    requester: Reference = Reference()
    reason_code: tuple[CodeableConcept, ...] = ()
    dosage_instruction: tuple[Dosage, ...] = ()
    note: tuple[Annotation, ...] = ()


class MedicationStatement(MedicationUse, frozen=True):
    """What a patient takes, also of a MedicationDispense, whose dosage goes by the other name."""

    dosage: tuple[Dosage, ...] = ()


class MedicationAdministration(MedicationUse, frozen=True):
    """What a patient was given."""

    dosage: Dosage = Dosage()


class Ingredient(Element, frozen=True):
    """A part of a medicine."""

    item_codeable_concept: CodeableConcept = CodeableConcept()


class Medication(Resource, frozen=True):
    """A medicine."""

    code: CodeableConcept = CodeableConcept()
    form: CodeableConcept = CodeableConcept()
    ingredient: tuple[Ingredient, ...] = ()


class ProtocolApplied(Element, frozen=True):
    """Which dose of which series."""

    series: str = ""
    target_disease: tuple[CodeableConcept, ...] = ()
    dose_number_positive_int: int = 0
    dose_number_string: str = ""


class Performer(Element, frozen=True):
    """Who did it."""

    actor: Reference = Reference()


class Immunization(Resource, frozen=True):
    """A vaccination; `date` is its name for the occurrence in STU3."""

    status: str = ""
    vaccine_code: CodeableConcept = CodeableConcept()
    patient: Reference = Reference()
    occurrence_date_time: str = ""
    occurrence_string: str = ""
    date: str = ""
    lot_number: str = ""
    performer: tuple[Performer, ...] = ()
    note: tuple[Annotation, ...] = ()
    protocol_applied: tuple[ProtocolApplied, ...] = ()


class FocalDevice(Element, frozen=True):
    """A device that a procedure put in, changed or took out."""

    manipulated: Reference = Reference()


class Procedure(Resource, frozen=True):
    """Something that was done to or for the patient."""

    status: str = ""
    code: CodeableConcept = CodeableConcept()
    subject: Reference = Reference()
    performed_date_time: str = ""
    performed_period: Period = Period()
    performed_string: str = ""
    performed_age: Quantity = Quantity()
    recorder: Reference = Reference()
    asserter: Reference = Reference()
    performer: tuple[Performer, ...] = ()
    reason_code: tuple[CodeableConcept, ...] = ()
    body_site: tuple[CodeableConcept, ...] = ()
    outcome: CodeableConcept = CodeableConcept()
    complication: tuple[CodeableConcept, ...] = ()
    note: tuple[Annotation, ...] = ()
    focal_device: tuple[FocalDevice, ...] = ()
    used_reference: tuple[Reference, ...] = ()


class DeviceName(Element, frozen=True):
    """What a device is called."""

    name: str = ""


class Device(Resource, frozen=True):
    """A device."""

    status: str = ""
    type: CodeableConcept = CodeableConcept()
    device_name: tuple[DeviceName, ...] = ()
    manufacturer: str = ""
    model_number: str = ""
    serial_number: str = ""
    lot_number: str = ""
    patient: Reference = Reference()
    note: tuple[Annotation, ...] = ()


class DeviceUseStatement(Resource, frozen=True):
    """A device that the patient uses or carries inside."""

    status: str = ""
    subject: Reference = Reference()
    timing_date_time: str = ""
    timing_period: Period = Period()
    timing_timing: Timing = Timing()
    recorded_on: str = ""
    source: Reference = Reference()
    device: Reference = Reference()
    body_site: CodeableConcept = CodeableConcept()
    note: tuple[Annotation, ...] = ()


class ObservedValue(Resource, frozen=True):
    """A value in one of the forms that an observation or its component may have."""

    code: CodeableConcept = CodeableConcept()
    value_quantity: Quantity = Quantity()
    value_codeable_concept: CodeableConcept = CodeableConcept()
    value_string: str = ""
    value_boolean: bool | None = None
    value_integer: int | None = None
    value_range: Range = Range()
    value_ratio: Ratio = Ratio()
    value_time: str = ""
    value_date_time: str = ""
    value_period: Period = Period()
    data_absent_reason: CodeableConcept = CodeableConcept()
    interpretation: tuple[CodeableConcept, ...] = ()


class ReferenceRange(Element, frozen=True):
    """What is usual."""

    low: Quantity = Quantity()
    high: Quantity = Quantity()
    text: str = ""


class Observation(ObservedValue, frozen=True):
    """Something measured or observed; `comment` is the name of a note in STU3."""

    status: str = ""
    category: tuple[CodeableConcept, ...] = ()
    subject: Reference = Reference()
    effective_date_time: str = ""
    effective_period: Period = Period()
    effective_instant: str = ""
    issued: str = ""
    performer: tuple[Reference, ...] = ()
    note: tuple[Annotation, ...] = ()
    comment: str = ""
    reference_range: tuple[ReferenceRange, ...] = ()
    has_member: tuple[Reference, ...] = ()
    component: tuple[ObservedValue, ...] = ()


class DiagnosticReport(Resource, frozen=True):
    """A report on results."""

    status: str = ""
    code: CodeableConcept = CodeableConcept()
    subject: Reference = Reference()
    effective_date_time: str = ""
    effective_period: Period = Period()
    issued: str = ""
    performer: tuple[Reference, ...] = ()
    result: tuple[Reference, ...] = ()
    conclusion: str = ""
    conclusion_code: tuple[CodeableConcept, ...] = ()


class Provision(Element, frozen=True):
    """What a consent is about."""

    code: tuple[CodeableConcept, ...] = ()


class Consent(Resource, frozen=True):
    """An advance directive, in FHIR's words a consent. Not a consent of this system."""

    status: str = ""
    scope: CodeableConcept = CodeableConcept()
    category: tuple[CodeableConcept, ...] = ()
    patient: Reference = Reference()
    date_time: str = ""
    organization: tuple[Reference, ...] = ()
    source_reference: Reference = Reference()
    provision: Provision = Provision()


class DocumentReference(Resource, frozen=True):
    """Another document."""

    status: str = ""
    type: CodeableConcept = CodeableConcept()
    category: tuple[CodeableConcept, ...] = ()
    subject: Reference = Reference()
    date: str = ""
    author: tuple[Reference, ...] = ()
    description: str = ""


class Flag(Resource, frozen=True):
    """A warning to whoever treats the patient."""

    status: str = ""
    category: tuple[CodeableConcept, ...] = ()
    code: CodeableConcept = CodeableConcept()
    subject: Reference = Reference()
    period: Period = Period()
    author: Reference = Reference()


class ActivityDetail(Element, frozen=True):
    """What is planned."""

    code: CodeableConcept = CodeableConcept()
    description: str = ""


class Activity(Element, frozen=True):
    """One step of a plan."""

    detail: ActivityDetail = ActivityDetail()


class CarePlan(Resource, frozen=True):
    """What is intended for the patient."""

    status: str = ""
    title: str = ""
    description: str = ""
    category: tuple[CodeableConcept, ...] = ()
    subject: Reference = Reference()
    period: Period = Period()
    created: str = ""
    author: Reference = Reference()
    activity: tuple[Activity, ...] = ()
    note: tuple[Annotation, ...] = ()


RESOURCES: Final[dict[str, type[Resource]]] = {
    "AllergyIntolerance": AllergyIntolerance,
    "CarePlan": CarePlan,
    "Composition": Composition,
    "Condition": Condition,
    "Consent": Consent,
    "Device": Device,
    "DeviceUseStatement": DeviceUseStatement,
    "DiagnosticReport": DiagnosticReport,
    "DocumentReference": DocumentReference,
    "Flag": Flag,
    "Immunization": Immunization,
    "Medication": Medication,
    "MedicationAdministration": MedicationAdministration,
    "MedicationDispense": MedicationUse,
    "MedicationRequest": MedicationUse,
    "MedicationStatement": MedicationStatement,
    "Observation": Observation,
    "Organization": Organization,
    "Patient": Patient,
    "Practitioner": Practitioner,
    "PractitionerRole": PractitionerRole,
    "Procedure": Procedure,
    "RelatedPerson": RelatedPerson,
}
"""How each type is read; every other type as `AnyResource`."""
