"""Telling: the sections of a document with the facts that they list, and with those that none lists.

A reference that leads nowhere still makes a fact, of what the reference itself says; and an allergy, a condition or
anything else that stands in the document without being listed is told in the section of its kind. Nothing is dropped.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from hospes.core.summary.datatypes import Reference
from hospes.core.summary.document import Document, Entry, Target
from hospes.core.summary.drafts import draft
from hospes.core.summary.facts import Fact
from hospes.core.summary.findings import Code, Ledger
from hospes.core.summary.model import Section
from hospes.core.summary.narrative import blocks, clean
from hospes.core.summary.reader import Reader, View
from hospes.core.summary.resources import SectionPart
from hospes.core.summary.sections import CODES, HOMES, ORDER, SectionKind, kind_of
from hospes.core.summary.tree import JsonObject, as_text, items, join, objects
from hospes.core.summary.wording import concept

_INFRASTRUCTURE: Final = frozenset({
    "Binary", "Bundle", "Composition", "Encounter", "Endpoint", "Group", "HealthcareService", "Location", "Medication",
    "Organization", "Patient", "Practitioner", "PractitionerRole", "Provenance", "RelatedPerson", "Specimen",
    "Substance",
})  # fmt: skip
"""Types that say nothing of the patient's health by themselves."""
_PARTS: Final = frozenset({
    "CarePlan", "Device", "DeviceUseStatement", "DiagnosticReport", "Immunization", "MedicationAdministration",
    "MedicationDispense", "MedicationRequest", "MedicationStatement", "Observation", "Procedure",
})  # fmt: skip
"""Types that may be told as part of the fact that refers to them. An allergy or a condition is always told itself."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A section as it stands in the composition.

    Attributes
    ----------
    pointer : str
    body : JsonObject
    depth : int
        0 for a section of the composition, 1 for one inside of such a section, and so on.
    """

    pointer: str
    body: JsonObject
    depth: int


def outline(holder: JsonObject, pointer: str, depth: int = 0) -> Iterator[Outline]:
    """Yield the sections below a composition or section, outer ones first, in the order of the document."""
    for place, item in items(holder.get("section"), join(pointer, "section")):
        if isinstance(item, dict):
            yield Outline(place, item, depth)
            yield from outline(item, place, depth + 1)


def tell_sections(reader: Reader, ledger: Ledger) -> tuple[Section, ...]:
    """Return all sections with all facts, in the order in which a clinician reads."""
    composition = reader.document.composition
    sections = [_tell(reader, ledger, part) for part in outline(composition.resource, composition.pointer)]
    strays: dict[SectionKind, list[Fact]] = {}
    for entry in _unlisted(reader.document, sections, ledger):
        fact = state(reader, ledger, Target(entry, entry.pointer, entry.resource), "")
        strays.setdefault(HOMES.get(entry.resource_type, SectionKind.OTHER), []).append(fact)
    for kind, facts in strays.items():
        _file(sections, kind, facts)
    return tuple(sorted(sections, key=lambda section: ORDER[section.kind]))


def _tell(reader: Reader, ledger: Ledger, part: Outline) -> Section:
    facts = tuple(_listed(reader, ledger, part))
    typed = reader.fit(part.body, SectionPart, part.pointer)
    kind = kind_of(typed.code, typed.title, (fact.resource_type for fact in facts))
    return Section(
        kind=kind,
        code=next((clean(coding.code) for coding in typed.code.coding), ""),
        title=clean(typed.title) or concept(typed.code) or _default(kind)[1],
        facts=facts,
        narrative=blocks(typed.text.div),
        empty_reason=concept(typed.empty_reason),
        pointer=part.pointer,
    )


def _listed(reader: Reader, ledger: Ledger, part: Outline) -> Iterator[Fact]:
    composition = reader.document.composition
    view = View(reader, composition)
    for place, item in items(part.body.get("entry"), join(part.pointer, "entry")):
        reference = reader.fit(item, Reference, place)
        target = view.target(reference)
        yield _promise(reference, place) if target is None else state(reader, ledger, target, place)


def state(reader: Reader, ledger: Ledger, target: Target, listed_at: str) -> Fact:
    """Return the fact that a resource states.

    Parameters
    ----------
    reader : Reader
    ledger : Ledger
        Takes a finding if there is nothing to show.
    target : Target
        The resource.
    listed_at : str
        Pointer of the section's reference to it, or nothing.
    """
    resource = reader.resource(target.resource, target.pointer)
    drafted = draft(resource, View(reader, target.entry))
    text = drafted.text or " / ".join(blocks(resource.text.div))
    if not text:
        ledger.add(Code.FACT_WITHOUT_TEXT, target.pointer)
    return Fact(
        resource_type=clean(target.resource_type),
        text=text or f"({clean(target.resource_type)} without text or code)",
        codings=drafted.codings,
        status=drafted.status,
        date=drafted.date,
        source=drafted.source,
        details=drafted.details,
        pointer=target.pointer,
        listed_at=listed_at,
        entry=target.entry.index,
    )


def _promise(reference: Reference, place: str) -> Fact:
    """Return what a reference says that leads nowhere."""
    resource_type = clean(reference.type) or next(filter(HOMES.__contains__, reference.reference.split("/")), "")
    said = clean(reference.display) or clean(reference.identifier.value)
    text = said or f"({resource_type or 'an entry'} that is not in this document)"
    return Fact(resource_type=resource_type, text=text, pointer=place, listed_at=place)


def _unlisted(document: Document, sections: list[Section], ledger: Ledger) -> Iterator[Entry]:
    """Yield the entries that no section lists and that are not told as part of another fact."""
    listed = {fact.entry for section in sections for fact in section.facts}
    parts = _parts(document, listed)
    for entry in document.entries:
        if entry.index in listed or entry.resource_type in _INFRASTRUCTURE:
            continue
        if entry.index not in parts:
            ledger.add(Code.ENTRY_UNLISTED, entry.pointer)
            yield entry
        elif entry.resource_type in HOMES and entry.resource_type not in _PARTS:
            yield entry


def _parts(document: Document, listed: set[int]) -> set[int]:
    """Return the indices of the entries that listed facts refer to, directly or by way of other parts.

    What only the head of the document, an encounter or the like refers to is part of no fact.
    """
    found: set[int] = set()
    waiting = [entry for entry in document.entries if entry.index in listed]
    while waiting:
        entry = waiting.pop()
        for _, reference in references(entry.resource):
            target = document.resolve(reference, entry)
            if target is not None and target.entry.index not in found:
                found.add(target.entry.index)
                waiting += [target.entry] if target.entry.resource_type in _PARTS else []
    return found


def references(resource: JsonObject, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield every literal reference in a resource with the pointer of the object that holds it."""
    for place, found in objects(resource, pointer):
        if reference := as_text(found.get("reference")):
            yield place, reference


def _file(sections: list[Section], kind: SectionKind, facts: list[Fact]) -> None:
    """Add facts to the first section of a kind, which is made if there is none."""
    for place, section in enumerate(sections):
        if section.kind is kind:
            sections[place] = replace(section, facts=(*section.facts, *facts))
            return
    code, title = _default(kind)
    sections.append(Section(kind=kind, code=code, title=title, facts=tuple(facts)))


def _default(kind: SectionKind) -> tuple[str, str]:
    return CODES.get(kind, ("", "Other"))
