"""Heading: who the patient is and who answers for the document, from the patient and the composition."""

from hospes.core.summary.datatypes import Identifier
from hospes.core.summary.model import Contact, DocumentHeader, PatientHeader
from hospes.core.summary.narrative import clean
from hospes.core.summary.reader import Reader, View
from hospes.core.summary.resources import Communication, Composition, Patient, PatientContact, RelatedPerson
from hospes.core.summary.wording import address, concept, concepts, day, identifier, joined, name, telecom


def patient_header(reader: Reader) -> PatientHeader:
    """Return the head of a screen: the patient."""
    entry = reader.document.patient
    resource, view = reader.resource(entry.resource, entry.pointer), View(reader, entry)
    patient = resource if isinstance(resource, Patient) else Patient()
    return PatientHeader(
        name=name(patient.name),
        birth_date=clean(patient.birth_date),
        gender=clean(patient.gender),
        deceased=day(patient.deceased_date_time) or ("yes" if patient.deceased_boolean else ""),
        identifiers=tuple(filter(None, (identifier(one) for one in patient.identifier))),
        languages=_languages(patient.communication),
        addresses=tuple(filter(None, (address(one) for one in patient.address))),
        telecom=telecom(patient.telecom),
        contacts=(*(_contact(contact, view) for contact in patient.contact), *_relatives(reader)),
        practitioners=tuple(filter(None, (view.who(one) for one in patient.general_practitioner))),
        pointer=entry.pointer,
    )


def document_header(reader: Reader) -> DocumentHeader:
    """Return the head of a screen: the document."""
    entry = reader.document.composition
    resource, view = reader.resource(entry.resource, entry.pointer), View(reader, entry)
    composition = resource if isinstance(resource, Composition) else Composition()
    own = reader.fit(reader.document.bundle.get("identifier") or {}, Identifier, "/identifier")
    attesters = (joined((view.who(one.party), clean(one.mode), day(one.time))) for one in composition.attester)
    return DocumentHeader(
        title=clean(composition.title) or concept(composition.type),
        date=day(composition.date),
        status=clean(composition.status),
        language=clean(composition.language),
        custodian=view.who(composition.custodian),
        identifier=clean(own.value),
        authors=tuple(filter(None, (view.who(author) for author in composition.author))),
        attesters=tuple(filter(None, attesters)),
        pointer=entry.pointer,
    )


def _languages(spoken: tuple[Communication, ...]) -> tuple[str, ...]:
    ranked = sorted(spoken, key=lambda one: not one.preferred)
    return tuple(filter(None, (concept(one.language) for one in ranked)))


def _contact(contact: PatientContact, view: View) -> Contact:
    called = name((contact.name,)) or view.who(contact.organization)
    return Contact(called, concepts(contact.relationship), telecom(contact.telecom))


def _relatives(reader: Reader) -> list[Contact]:
    """Return the related persons among the entries: a carer may stand there rather than in the patient's resource."""
    read = (reader.resource(entry.resource, entry.pointer) for entry in reader.document.entries)
    people = (resource for resource in read if isinstance(resource, RelatedPerson))
    return [Contact(name(one.name), concepts(one.relationship), telecom(one.telecom)) for one in people]
