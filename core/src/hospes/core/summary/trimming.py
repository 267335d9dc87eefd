"""Trimming: the composition of an emergency summary, with what is left of its sections.

The text of a section is kept as it came if the section lost no entry and the text names nothing that is withheld. Else
it would smuggle in what was cut, and is made anew from the carried entries; for a section that never had entries, from
those blocks of its text that name nothing withheld. The text of the whole composition is dropped.

The author stays; attesters go, since they stand for the whole, and so does what tells the occasion of its writing.

Source: FHIR R4, composition (cmp-1, cmp-2); value set list-empty-reason (code ``withheld``).
"""

import uuid
from enum import StrEnum
from hashlib import sha256
from typing import Final

from hospes.core.summary.document import Entry
from hospes.core.summary.emergency import ALWAYS, names_mental_illness
from hospes.core.summary.facts import Fact, Label
from hospes.core.summary.model import Section, Summary
from hospes.core.summary.narrative import blocks, to_xhtml
from hospes.core.summary.quoting import TITLE, Quotes
from hospes.core.summary.sections import CODES, LOINC, SectionKind
from hospes.core.summary.sifting import Sieve
from hospes.core.summary.telling import references
from hospes.core.summary.tree import Json, JsonObject, as_object, as_text, items, join
from hospes.core.summary.wording import joined

_NAMESPACE: Final = uuid.UUID("6f6c2e1c-6d2b-5c55-9f0e-0f5f3f0b7a10")
"""Ours, for identifiers that follow from the bytes of the full record."""
_NOT_CARRIED: Final = frozenset({
    "attester", "encounter", "event", "identifier", "relatesTo", "section", "text", "title",
})  # fmt: skip
_WITHHELD: Final[JsonObject] = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/list-empty-reason", "code": "withheld"}],
    "text": "Left out of the emergency summary; the full record holds it.",
}
_NAMING_MEDICINES: Final = {
    SectionKind.MEDICATIONS: "MedicationStatement",
    SectionKind.IMMUNIZATIONS: "Immunization",
    SectionKind.RESULTS: "Observation",
}
"""Sections whose text names penicillin without meaning an allergy, by a type for which the same holds."""


class Text(StrEnum):
    """What became of a section's text."""

    KEPT = "kept"
    REPLACED = "replaced"
    DROPPED = "dropped"
    NONE = "none"
    """There was none, and there is none."""


class Trimmer:
    """Makes the composition.

    Parameters
    ----------
    summary : Summary
        The full record.
    sieve : Sieve
        What becomes of its facts.
    quotes : Quotes
        Takes what dropped texts say of allergies.

    Attributes
    ----------
    texts : dict[str, Text]
        What became of each section's text, by the section's pointer; complete after `composition`.
    """

    def __init__(self, summary: Summary, sieve: Sieve, quotes: Quotes) -> None:
        self.texts: dict[str, Text] = {}
        self._summary = summary
        self._sieve = sieve
        self._quotes = quotes
        self._told = {section.pointer: section for section in summary.sections if section.pointer}
        self._digest = sha256(summary.data).hexdigest()

    def urn(self, what: str) -> str:
        """Return an identifier that follows from the full record and a word."""
        return f"urn:uuid:{uuid.uuid5(_NAMESPACE, f'{self._digest}/{what}')}"

    def url(self, entry: Entry) -> str:
        """Return the entry's fullUrl if it has one of its own, else one that follows from the record and its place."""
        return self.urn(str(entry.index)) if self._sieve.unlike(entry) else entry.full_url

    def composition(self) -> JsonObject:
        """Return the head of the new document, without the quotes."""
        whole = self._sieve.document.composition
        head: JsonObject = {name: value for name, value in whole.resource.items() if name not in _NOT_CARRIED}
        composition = dict(as_object(self._sieve.masked(head, whole)))
        title = as_text(whole.resource.get("title"))
        composition["title"] = f"Emergency summary, cut from: {title}" if title else "Emergency summary"
        source = self._sieve.document.bundle.get("identifier")
        if isinstance(source, dict):
            composition["relatesTo"] = [{"code": "transforms", "targetIdentifier": source}]
        self._quotes.add("Document", blocks(as_text(as_object(whole.resource.get("text")).get("div"))), "")
        made = [self._new_section(section) for section in self._summary.sections if not section.pointer]
        _put(composition, "section", [*self._sections(whole.resource, whole.pointer), *filter(None, made)])
        _drop_unused(composition)
        return composition

    def quotation(self, lines: list[str]) -> JsonObject:
        """Return the section of quotes: an alert, unless the document has a section for alerts already."""
        standing = {section.kind for section in self._summary.sections}
        code: JsonObject = {"coding": [{"system": LOINC, "code": CODES[SectionKind.ALERTS][0]}]}
        if SectionKind.ALERTS in standing:
            code = {"text": TITLE}
        return {"title": TITLE, "code": code, "text": _narrative(lines, 0)}

    def _sections(self, holder: JsonObject, pointer: str) -> list[JsonObject]:
        """Return what is left of the sections below a composition or section."""
        found = items(holder.get("section"), join(pointer, "section"))
        trimmed = (self._section(item, where) for where, item in found if isinstance(item, dict))
        return [section for section in trimmed if section]

    def _section(self, body: JsonObject, pointer: str) -> JsonObject:
        """Return what is left of a section; nothing if nothing is."""
        section, inner = self._told[pointer], self._sections(body, pointer)
        carried = self._sieve.carried(section.facts)
        if not carried and not inner and section.kind not in ALWAYS:
            self.texts[pointer] = Text.DROPPED if section.narrative else Text.NONE
            self._quote(section)
            return {}
        left = dict(body)
        listed = {fact.listed_at for fact in carried}
        kept = [item for place, item in items(body.get("entry"), join(pointer, "entry")) if place in listed]
        _put(left, "entry", [*kept, *(self._refer(fact) for fact in carried if not fact.listed_at)])
        _put(left, "section", inner)
        if carried:
            left.pop("emptyReason", None)
        elif section.facts:
            left["emptyReason"] = _WITHHELD
        self._rewrite(left, section, carried)
        return as_object(self._sieve.masked(left, self._sieve.document.composition))

    def _rewrite(self, left: JsonObject, section: Section, carried: list[Fact]) -> None:
        """Keep the text of a section if that smuggles nothing in; else make it anew."""
        lost = len(section.facts) - len(carried)
        named = {block for block in section.narrative if names_mental_illness(block)}
        if not lost and not named:
            self.texts[section.pointer] = Text.KEPT if "text" in left else Text.NONE
            return
        self.texts[section.pointer] = Text.REPLACED
        blameless = [block for block in section.narrative if block not in named]
        lines = [_line(fact) for fact in carried] if section.facts else blameless
        left["text"] = _narrative(lines, lost)
        self._quote(section)

    def _quote(self, section: Section) -> None:
        self._quotes.add(section.title, section.narrative, _NAMING_MEDICINES.get(section.kind, ""))

    def _new_section(self, section: Section) -> JsonObject:
        """Return a section for carried facts of a kind that the document has no section for."""
        carried = self._sieve.carried(section.facts)
        if not carried:
            return {}
        code: JsonObject = {"text": section.title}
        if section.code:
            code = {"coding": [{"system": LOINC, "code": section.code}]}
        text = _narrative([_line(fact) for fact in carried], len(section.facts) - len(carried))
        return {"title": section.title, "code": code, "text": text, "entry": [self._refer(fact) for fact in carried]}

    def _refer(self, fact: Fact) -> JsonObject:
        return {"reference": self.url(self._sieve.entries[fact.entry])}


def _drop_unused(composition: JsonObject) -> None:
    """Drop contained resources that nothing in the new composition refers to: they belonged to what was cut."""
    own = {reference for _, reference in references(composition)}
    found = (as_object(item) for _, item in items(composition.get("contained"), ""))
    _put(composition, "contained", [item for item in found if f"#{as_text(item.get('id'))}" in own])


def _put(holder: JsonObject, name: str, value: "list[Json] | list[JsonObject]") -> None:
    """Set a list to what it holds, or take the member away: FHIR knows no empty lists."""
    if value:
        holder[name] = [*value]
    else:
        holder.pop(name, None)


def _narrative(lines: list[str], lost: int) -> JsonObject:
    closing = f"{lost} left out of this emergency summary." if lost else ""
    return {"status": "generated", "div": to_xhtml(lines, closing or ("" if lines else "Nothing to show."))}


def _line(fact: Fact) -> str:
    particulars = (fact.detail(Label.DOSAGE), fact.detail(Label.VALUE), fact.detail(Label.BODY_SITE))
    what = joined((fact.text, *particulars), ": ")
    context = joined((fact.status, fact.date))
    return f"{what} ({context})" if context else what
