"""Checks: what is imperfect in a document that was read.

Nothing is changed or refused here. What `Document`, `Reader` and `tell_sections` meet on their way is noted there.

Sources: `hospes.core.summary.standard`; FHIR R4 and International Patient Summary 2.0.0 as named in `findings`.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final, TypeAlias

from hospes.core.summary.dates import is_before, is_well_formed, next_day
from hospes.core.summary.document import Document, Entry
from hospes.core.summary.findings import Code, Ledger
from hospes.core.summary.model import Section
from hospes.core.summary.reader import Reader
from hospes.core.summary.sections import LOINC, MANDATORY, SectionKind
from hospes.core.summary.standard import ALLOWED, PAST, PATIENT_SUMMARY, REQUIRED, RESULTS
from hospes.core.summary.telling import Outline, outline
from hospes.core.summary.tree import Json, JsonObject, as_object, as_text, items, join, objects

_DATE_NAME: Final = re.compile(r".*(?:DateTime|Date)|date|issued|authoredOn|dateAsserted|recordedOn|lastOccurrence")
Found: TypeAlias = list[tuple[str, JsonObject]]
"""All objects of a resource with their pointers."""
_ACTIVE: Final = frozenset({"active", "recurrence", "relapse"})


def check(reader: Reader, sections: tuple[Section, ...], ledger: Ledger, today: date | None) -> None:
    """Note everything that is imperfect.

    Parameters
    ----------
    reader : Reader
    sections : tuple[Section, ...]
        What was told.
    ledger : Ledger
    today : date or None
        For dates in the future; None leaves them unjudged.
    """
    document = reader.document
    _check_bundle(document.bundle, ledger)
    _check_composition(document, ledger)
    _check_sections(document, sections, ledger)
    limits = (next_day(_document_day(document)), next_day(today.isoformat()) if today else "")
    for entry in document.entries:
        reader.resource(entry.resource, entry.pointer)
        found = list(objects(entry.resource, entry.pointer))
        _check_members(entry, ledger)
        _check_patient(document, entry, ledger)
        _check_references(document, entry, found, ledger)
        _check_objects(found, ledger)
        _check_dates(document, entry, found, limits, ledger)


def _check_bundle(bundle: JsonObject, ledger: Ledger) -> None:
    if bundle.get("resourceType") != "Bundle":
        ledger.add(Code.NOT_A_BUNDLE, "/resourceType")
    if bundle.get("type") != "document":
        ledger.add(Code.NOT_A_DOCUMENT, "/type")
    identifier = as_object(bundle.get("identifier"))
    if not as_text(identifier.get("system")) or not as_text(identifier.get("value")):
        ledger.add(Code.NO_IDENTIFIER, "/identifier")
    if not is_well_formed(as_text(bundle.get("timestamp"))):
        ledger.add(Code.NO_TIMESTAMP, "/timestamp")


def _check_composition(document: Document, ledger: Ledger) -> None:
    pointer = document.composition.pointer
    concept = as_object(document.composition.resource.get("type"))
    codings = [as_object(coding) for _, coding in items(concept.get("coding"), "")]
    if not any(coding.get("system") == LOINC and coding.get("code") == PATIENT_SUMMARY for coding in codings):
        ledger.add(Code.OTHER_DOCUMENT_TYPE, join(pointer, "type"))


def _check_sections(document: Document, sections: tuple[Section, ...], ledger: Ledger) -> None:
    composition = document.composition
    standing = {section.kind for section in sections if section.pointer}
    for kind in filter(lambda kind: kind not in standing, MANDATORY):
        ledger.add(Code.SECTION_MISSING, join(composition.pointer, "section"), kind)
    told = {section.pointer: section for section in sections}
    seen: set[SectionKind] = set()
    for part in outline(composition.resource, composition.pointer):
        kind = told[part.pointer].kind
        if kind in seen and kind is not SectionKind.OTHER:
            ledger.add(Code.SECTION_REPEATED, part.pointer)
        seen.add(kind)
        _check_section(part, kind, ledger)


def _check_section(part: Outline, kind: SectionKind, ledger: Ledger) -> None:
    empty = next(items(part.body.get("entry"), ""), None) is None
    reason = part.body.get("emptyReason") is not None
    text = as_object(part.body.get("text"))
    faults = {
        Code.SECTION_NESTED: part.depth > 0,
        Code.SECTION_WITHOUT_CODE: not as_object(part.body.get("code")),
        Code.SECTION_WITHOUT_TITLE: not as_text(part.body.get("title")),
        Code.SECTION_WITHOUT_TEXT: not as_text(text.get("div")),
        Code.SECTION_EMPTY: kind in MANDATORY and empty and not reason,
        Code.EMPTY_REASON_WITH_ENTRIES: reason and not empty,
    }
    for code, found in faults.items():
        if found:
            ledger.add(code, part.pointer)


def _check_members(entry: Entry, ledger: Ledger) -> None:
    """Check the elements that the type requires and the codes that it allows."""
    for name in REQUIRED.get(entry.resource_type, ()):
        if not _has(entry.resource, name):
            ledger.add(Code.ELEMENT_MISSING, join(entry.pointer, name.removesuffix("[x]")))
    for name, allowed in ALLOWED.get(entry.resource_type, {}).items():
        if not _codes(entry.resource.get(name)) <= allowed:
            ledger.add(Code.CODE_UNKNOWN, join(entry.pointer, name))
    ended = any(name.startswith("abatement") for name in entry.resource)
    if entry.resource_type == "Condition" and ended and _codes(entry.resource.get("clinicalStatus")) & _ACTIVE:
        ledger.add(Code.STATUS_CONTRADICTED, join(entry.pointer, "clinicalStatus"))


def _has(resource: JsonObject, name: str) -> bool:
    # A member with an underscore holds the extension that says why a primitive value is absent.
    if not name.endswith("[x]"):
        return bool(resource.get(name)) or bool(resource.get(f"_{name}"))
    form = re.compile(f"_?{name.removesuffix('[x]')}[A-Z].*")
    return any(value not in (None, "", [], {}) for member, value in resource.items() if form.fullmatch(member))


def _codes(value: Json) -> set[str]:
    """Return a code, the codes of a list, or those of a concept that are of HL7's own system or of none."""
    found: set[str] = set()
    for _, item in items(value, ""):
        found.add(as_text(item))
        for _, inner in items(as_object(item).get("coding"), ""):
            coding = as_object(inner)
            if as_text(coding.get("system")).startswith(("http://terminology.hl7.org/", "http://hl7.org/fhir/")):
                found.add(as_text(coding.get("code")))
    return found - {""}


def _check_patient(document: Document, entry: Entry, ledger: Ledger) -> None:
    for name in ("subject", "patient"):
        about = as_text(as_object(entry.resource.get(name)).get("reference"))
        target = document.resolve(about, entry) if about else None
        if target and target.resource_type == "Patient" and target.entry.index != document.patient.index:
            ledger.add(Code.OTHER_PATIENT, join(entry.pointer, name))


def _check_references(document: Document, entry: Entry, found: Found, ledger: Ledger) -> None:
    for pointer, holder in found:
        if reference := as_text(holder.get("reference")):
            target = document.resolve(reference, entry)
            if target is None:
                ledger.add(Code.REFERENCE_UNRESOLVED, pointer)
            elif target.loose:
                ledger.add(Code.REFERENCE_LOOSE, pointer)


def _check_objects(found: Found, ledger: Ledger) -> None:
    """Check what is the same wherever it stands: codes have a system, members have a value."""
    for pointer, holder in found:
        for name in [name for name, value in holder.items() if value is None]:
            ledger.add(Code.ELEMENT_TYPE, join(pointer, name))
        if "coding" in holder:
            _check_codings(holder["coding"], join(pointer, "coding"), ledger)


def _check_codings(codings: Json, pointer: str, ledger: Ledger) -> None:
    for place, item in items(codings, pointer):
        coding = as_object(item)
        if coding.get("code") and not coding.get("system"):
            ledger.add(Code.CODING_WITHOUT_SYSTEM, place)


def _check_dates(document: Document, entry: Entry, found: Found, limits: tuple[str, str], ledger: Ledger) -> None:
    """Check the form of dates, and their order; `limits` are the last days that the document and the reader know."""
    born = as_text(document.patient.resource.get("birthDate"))
    past = PAST | {"effectiveDateTime"} if entry.resource_type in RESULTS else PAST
    for pointer, name, text in _dates(found):
        if not is_well_formed(text):
            ledger.add(Code.DATE_MALFORMED, pointer)
        if name not in past:
            continue
        faults = {
            Code.DATE_ORDER: is_before(text, born) and name != "birthDate",
            Code.DATE_AFTER_DOCUMENT: is_before(limits[0], text),
            Code.DATE_FUTURE: is_before(limits[1], text),
        }
        for code in (code for code, is_fault in faults.items() if is_fault):
            ledger.add(code, pointer)
    for pointer, start, end in _spans(found):
        if is_before(end, start):
            ledger.add(Code.DATE_ORDER, pointer)


def _dates(found: Found) -> Iterator[tuple[str, str, str]]:
    """Yield every date, with its pointer and the name of its member."""
    for pointer, holder in found:
        for name, value in holder.items():
            if isinstance(value, str) and _DATE_NAME.fullmatch(name):
                yield join(pointer, name), name, value


def _spans(found: Found) -> Iterator[tuple[str, str, str]]:
    """Yield every begin and end that belong together."""
    for pointer, holder in found:
        for start, end in (("start", "end"), ("onsetDateTime", "abatementDateTime")):
            if start in holder and end in holder:
                yield join(pointer, end), as_text(holder[start]), as_text(holder[end])


def _document_day(document: Document) -> str:
    """Return the later of the composition's date and the bundle's timestamp."""
    written, packed = as_text(document.composition.resource.get("date")), as_text(document.bundle.get("timestamp"))
    return packed if is_before(written, packed) or not is_well_formed(written) else written
