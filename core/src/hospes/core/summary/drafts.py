"""Drafts: what each type of resource states, in the terms of `facts`.

Dates prefer when something began or happened over when it was written down; sources prefer who vouches for it over who
wrote it. A part that the resource does not give stays empty; nothing is inferred.

Source: FHIR R4, the page of each resource.
"""

from collections.abc import Iterable
from functools import singledispatch

from hospes.core.summary.datatypes import CodeableConcept
from hospes.core.summary.facts import Detail, Draft, Label
from hospes.core.summary.narrative import clean
from hospes.core.summary.reader import View, meaning_of, own_name
from hospes.core.summary.resources import (
    AllergyIntolerance,
    AnyResource,
    CarePlan,
    Condition,
    Consent,
    Device,
    DeviceUseStatement,
    DiagnosticReport,
    DocumentReference,
    Flag,
    Immunization,
    MedicationAdministration,
    MedicationStatement,
    MedicationUse,
    Observation,
    ObservedValue,
    Procedure,
    ProtocolApplied,
    Reaction,
    ReferenceRange,
    Resource,
)
from hospes.core.summary.wording import (
    age,
    amount_range,
    concept,
    concepts,
    day,
    dosage,
    joined,
    notes,
    period,
    quantity,
    ratio,
    state,
    timing,
)


@singledispatch
def draft(resource: Resource, view: View) -> Draft:
    """Return what a resource states.

    Parameters
    ----------
    resource : Resource
    view : View
        From the entry that holds it.
    """
    del view
    meaning = meaning_of(resource)
    return Draft(text=own_name(resource) or concept(meaning), codings=meaning.coding)


@draft.register
def _(resource: AnyResource, view: View) -> Draft:
    meaning = next(filter(concept, (resource.code, resource.type, *resource.category)), CodeableConcept())
    return Draft(
        text=concept(meaning) or clean(resource.title) or clean(resource.description),
        codings=meaning.coding,
        status=clean(resource.status),
        date=day(resource.date) or period(resource.period) or day(resource.created),
        source=view.who(*resource.author),
        details=_details((Label.NOTE, notes(resource.note))),
    )


@draft.register
def _(resource: AllergyIntolerance, view: View) -> Draft:
    substances = [reaction.substance for reaction in resource.reaction]
    meaning = next(filter(concept, (resource.code, *substances)), CodeableConcept())
    started = day(resource.onset_date_time) or clean(resource.onset_string)
    return Draft(
        text=concept(meaning),
        codings=meaning.coding,
        status=state(resource.clinical_status),
        date=started or age(resource.onset_age) or period(resource.onset_period) or day(resource.recorded_date),
        source=view.who(resource.asserter, resource.recorder),
        details=_details(
            (Label.CRITICALITY, clean(resource.criticality)),
            *((Label.REACTION, _reaction(reaction)) for reaction in resource.reaction),
            (Label.CATEGORY, joined((clean(resource.type), *(clean(one or "") for one in resource.category)))),
            (Label.CERTAINTY, state(resource.verification_status)),
            (Label.NOTE, notes(resource.note)),
        ),
    )


@draft.register
def _(resource: Condition, view: View) -> Draft:
    started = day(resource.onset_date_time) or clean(resource.onset_string)
    ended = day(resource.abatement_date_time) or clean(resource.abatement_string)
    return Draft(
        text=concept(resource.code),
        codings=resource.code.coding,
        status=state(resource.clinical_status),
        date=started or age(resource.onset_age) or period(resource.onset_period) or day(resource.recorded_date),
        source=view.who(resource.asserter, resource.recorder),
        details=_details(
            (Label.SEVERITY, concept(resource.severity)),
            (Label.BODY_SITE, concepts(resource.body_site)),
            (Label.END, ended or age(resource.abatement_age) or period(resource.abatement_period)),
            (Label.CERTAINTY, state(resource.verification_status)),
            (Label.NOTE, notes(resource.note)),
        ),
    )


@draft.register
def _(resource: MedicationUse, view: View) -> Draft:
    text, codings = concept(resource.medication_codeable_concept), resource.medication_codeable_concept.coding
    if not text:
        text, codings = view.thing(resource.medication_reference)
    dosages = [*resource.dosage_instruction]
    if isinstance(resource, MedicationStatement):
        dosages += resource.dosage
    if isinstance(resource, MedicationAdministration):
        dosages.append(resource.dosage)
    written = day(resource.authored_on) or day(resource.date_asserted) or day(resource.when_handed_over)
    return Draft(
        text=text,
        codings=codings,
        status=clean(resource.status),
        date=period(resource.effective_period) or day(resource.effective_date_time) or written,
        source=view.who(resource.information_source, resource.requester),
        details=_details(
            *((Label.DOSAGE, dosage(one)) for one in dosages),
            (Label.REASON, concepts(resource.reason_code)),
            (Label.NOTE, notes(resource.note)),
        ),
    )


@draft.register
def _(resource: Immunization, view: View) -> Draft:
    return Draft(
        text=concept(resource.vaccine_code),
        codings=resource.vaccine_code.coding,
        status=clean(resource.status),
        date=day(resource.occurrence_date_time) or clean(resource.occurrence_string) or day(resource.date),
        source=view.who(*(performer.actor for performer in resource.performer)),
        details=_details(
            *((Label.SERIES, _series(protocol)) for protocol in resource.protocol_applied),
            (Label.LOT, clean(resource.lot_number)),
            (Label.NOTE, notes(resource.note)),
        ),
    )


@draft.register
def _(resource: Procedure, view: View) -> Draft:
    performed = day(resource.performed_date_time) or clean(resource.performed_string)
    devices = [*(device.manipulated for device in resource.focal_device), *resource.used_reference]
    return Draft(
        text=concept(resource.code),
        codings=resource.code.coding,
        status=clean(resource.status),
        date=performed or period(resource.performed_period) or age(resource.performed_age),
        source=view.who(*(performer.actor for performer in resource.performer), resource.asserter, resource.recorder),
        details=_details(
            (Label.BODY_SITE, concepts(resource.body_site)),
            (Label.REASON, concepts(resource.reason_code)),
            (Label.OUTCOME, joined((concept(resource.outcome), concepts(resource.complication)))),
            (Label.DEVICE, joined(view.thing(device)[0] for device in devices)),
            (Label.NOTE, notes(resource.note)),
        ),
    )


@draft.register
def _(resource: Device, view: View) -> Draft:
    del view
    names = [clean(device.name) for device in resource.device_name]
    return Draft(
        text=concept(resource.type) or joined(names),
        codings=resource.type.coding,
        status=clean(resource.status),
        details=_details((Label.MODEL, _model(resource)), (Label.NOTE, notes(resource.note))),
    )


@draft.register
def _(resource: DeviceUseStatement, view: View) -> Draft:
    text, codings = view.thing(resource.device)
    found = view.follow(resource.device)
    device = found[0] if found and isinstance(found[0], Device) else Device()
    used = day(resource.timing_date_time) or period(resource.timing_period) or timing(resource.timing_timing)
    return Draft(
        text=text,
        codings=codings,
        status=clean(resource.status),
        date=used or day(resource.recorded_on),
        source=view.who(resource.source),
        details=_details(
            (Label.BODY_SITE, concept(resource.body_site)),
            (Label.MODEL, _model(device)),
            (Label.NOTE, joined((notes(resource.note), notes(device.note)), " / ")),
        ),
    )


@draft.register
def _(resource: Observation, view: View) -> Draft:
    happened = day(resource.effective_date_time) or period(resource.effective_period) or day(resource.effective_instant)
    members = (view.follow(member) for member in resource.has_member)
    parts = [*resource.component, *(found[0] for found in members if found and isinstance(found[0], Observation))]
    return Draft(
        text=concept(resource.code),
        codings=resource.code.coding,
        status=clean(resource.status),
        date=happened or day(resource.issued),
        source=view.who(*resource.performer),
        details=_details(
            (Label.VALUE, _value(resource)),
            *((Label.PART, _part(part)) for part in parts),
            (Label.INTERPRETATION, concepts(resource.interpretation)),
            (Label.USUAL, joined(_usual(one) for one in resource.reference_range)),
            (Label.NOTE, joined((notes(resource.note), clean(resource.comment)), " / ")),
        ),
    )


@draft.register
def _(resource: DiagnosticReport, view: View) -> Draft:
    results = (view.follow(result) for result in resource.result)
    parts = [found[0] for found in results if found and isinstance(found[0], Observation)]
    return Draft(
        text=concept(resource.code),
        codings=resource.code.coding,
        status=clean(resource.status),
        date=day(resource.effective_date_time) or period(resource.effective_period) or day(resource.issued),
        source=view.who(*resource.performer),
        details=_details(
            (Label.CONCLUSION, joined((clean(resource.conclusion), concepts(resource.conclusion_code)))),
            *((Label.PART, _part(part)) for part in parts),
        ),
    )


@draft.register
def _(resource: Consent, view: View) -> Draft:
    meaning = next(filter(concept, (*resource.provision.code, *resource.category, resource.scope)), CodeableConcept())
    return Draft(
        text=concept(meaning),
        codings=meaning.coding,
        status=clean(resource.status),
        date=day(resource.date_time),
        source=view.who(*resource.organization),
        details=_details(
            (Label.DIRECTIVE, joined((concepts(resource.provision.code), concepts(resource.category)))),
            (Label.DOCUMENT, view.thing(resource.source_reference)[0]),
        ),
    )


@draft.register
def _(resource: DocumentReference, view: View) -> Draft:
    meaning = next(filter(concept, (resource.type, *resource.category)), CodeableConcept())
    return Draft(
        text=clean(resource.description) or concept(meaning),
        codings=meaning.coding,
        status=clean(resource.status),
        date=day(resource.date),
        source=view.who(*resource.author),
    )


@draft.register
def _(resource: Flag, view: View) -> Draft:
    return Draft(
        text=concept(resource.code),
        codings=resource.code.coding,
        status=clean(resource.status),
        date=period(resource.period),
        source=view.who(resource.author),
        details=_details((Label.CATEGORY, concepts(resource.category))),
    )


@draft.register
def _(resource: CarePlan, view: View) -> Draft:
    steps = (activity.detail for activity in resource.activity)
    return Draft(
        text=clean(resource.title) or clean(resource.description) or concepts(resource.category),
        codings=tuple(coding for category in resource.category for coding in category.coding),
        status=clean(resource.status),
        date=period(resource.period) or day(resource.created),
        source=view.who(resource.author),
        details=_details(
            *((Label.PLAN, clean(step.description) or concept(step.code)) for step in steps),
            (Label.NOTE, joined((clean(resource.description), notes(resource.note)), " / ")),
        ),
    )


def _details(*pairs: tuple[Label, str]) -> tuple[Detail, ...]:
    return tuple(Detail(label, text) for label, text in pairs if text)


def _reaction(reaction: Reaction) -> str:
    what = concepts(reaction.manifestation) or clean(reaction.description)
    how = joined((clean(reaction.severity), day(reaction.onset)))
    return f"{what} ({how})" if what and how else what or how


def _series(protocol: ProtocolApplied) -> str:
    number = str(protocol.dose_number_positive_int or "") or clean(protocol.dose_number_string)
    against = concepts(protocol.target_disease)
    return joined((number, clean(protocol.series), f"against {against}" if against else ""))


def _model(device: Device) -> str:
    serial = clean(device.serial_number)
    numbers = (clean(device.model_number), f"serial {serial}" if serial else "")
    return joined((clean(device.manufacturer), *numbers))


def _value(value: ObservedValue) -> str:
    """Return the value in whichever form it has, else why there is none."""
    forms: Iterable[str] = (
        quantity(value.value_quantity),
        concept(value.value_codeable_concept),
        clean(value.value_string),
        "" if value.value_boolean is None else ("yes" if value.value_boolean else "no"),
        "" if value.value_integer is None else str(value.value_integer),
        amount_range(value.value_range),
        ratio(value.value_ratio),
        clean(value.value_time),
        day(value.value_date_time),
        period(value.value_period),
        concept(value.data_absent_reason),
    )
    return next(filter(None, forms), "")


def _part(part: ObservedValue) -> str:
    return joined((concept(part.code), _value(part), concepts(part.interpretation)), " ")


def _usual(one: ReferenceRange) -> str:
    low, high = quantity(one.low), quantity(one.high)
    if low and high:
        return f"{low} to {high}"
    return f"from {low}" if low else f"up to {high}" if high else clean(one.text)
