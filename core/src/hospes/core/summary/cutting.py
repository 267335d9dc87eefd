"""Cutting: the emergency summary as a document of its own, made of a full patient summary by stated rules.

`emergency` states which facts are carried, `trimming` what is left of the sections and their texts. No fact is changed:
an entry that is carried is carried as it came, its own text included, except that a reference to something withheld is
masked. What carried entries refer to is carried too, so that no reference dangles that did not dangle before. Whatever
sentence of a dropped text, or of an entry left out, speaks of an allergy or of penicillin is quoted.

The document is new: it has its own identifier, which follows from the bytes of the full record, says what it was cut
from, and bears none of its signatures. It states no new moment, so the same record always gives the same bytes.

Source: FHIR R4, sections 3.3 (documents) and 3.4 (bundles: search, request and response belong to other types).
"""

import re
from itertools import chain
from typing import Final

import msgspec

from hospes.core.summary.bounds import bound_heard, heard, measure
from hospes.core.summary.datatypes import Element
from hospes.core.summary.document import Document
from hospes.core.summary.emergency import Verdict
from hospes.core.summary.model import Section, Summary
from hospes.core.summary.quoting import Quotes
from hospes.core.summary.sections import SectionKind
from hospes.core.summary.sifting import Sieve, sift
from hospes.core.summary.telling import references
from hospes.core.summary.tree import Json, JsonObject, as_object, as_text, encode, items, texts
from hospes.core.summary.trimming import Text, Trimmer

RECORD_CLASS: Final = "emergency-summary"
"""The class of record that a cut is sealed as."""

_TRANSPORT: Final = frozenset({"search", "request", "response"})
_KEPT_OF_BUNDLE: Final = ("meta", "implicitRules", "language")
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


class SectionCut(Element, frozen=True, kw_only=True):
    """What became of one section.

    Attributes
    ----------
    kind : SectionKind
    title : str
    carried, left_out, withheld : int
        Facts; each fact of the section is in one of the three.
    text : Text
    """

    kind: SectionKind
    title: str
    carried: int
    left_out: int
    withheld: int
    text: Text


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """An emergency summary.

    Attributes
    ----------
    data : bytes
        The document, ready to be sealed; `hospes.core.summary.read` reads it.
    document : JsonObject
        The same as JSON.
    sections : tuple[SectionCut, ...]
        One for each section of the full record, in the order in which a clinician reads.
    supporting : int
        Entries carried because carried ones refer to them, such as an author or the medicine of a statement.
    quoted : int
        Sentences quoted from texts and entries that were left out.
    """

    data: bytes
    document: JsonObject
    sections: tuple[SectionCut, ...]
    supporting: int
    quoted: int

    @property
    def carried(self) -> int:
        """Facts carried."""
        return sum(section.carried for section in self.sections)

    @property
    def left_out(self) -> int:
        """Facts left out, those withheld among them."""
        return sum(section.left_out + section.withheld for section in self.sections)

    def __repr__(self) -> str:
        """Give sizes alone."""
        return f"<Cut of {len(self.data)} bytes, {self.carried} facts carried, {self.left_out} left out>"


def cut_emergency(summary: Summary) -> Cut:
    """Return the emergency summary of a patient summary.

    Parameters
    ----------
    summary : Summary
        As read; it is not changed.

    Raises
    ------
    TooLargeError
        For one with more text than can be searched in about a second; see `bounds.MAX_HEARD`. And for one whose cut
        nobody could read: it repeats the identifier a few levels deeper than the record has it.
    """
    bound_heard(_heard(summary))
    sieve, quotes = sift(summary), Quotes()
    trimmer = Trimmer(summary, sieve, quotes)
    composition = trimmer.composition()
    judged = {fact.entry for fact in sieve.carried(summary.facts) if fact.entry >= 0}
    carried = _carry(sieve, composition, judged)
    for index in sorted(sieve.entries.keys() - carried.keys()):
        quotes.add_entry(sieve.entries[index])
    if quoted := quotes.lines(carried.values()):
        composition["section"] = [*_list(composition.get("section")), trimmer.quotation(quoted)]
    document = _bundle(sieve.document, trimmer, carried)
    data = encode(document)
    measure(data)
    return Cut(
        data=data,
        document=document,
        sections=tuple(_count(sieve, trimmer, section) for section in summary.sections),
        supporting=len(carried.keys() - judged - {sieve.document.composition.index, sieve.document.patient.index}),
        quoted=len(quoted),
    )


def _heard(summary: Summary) -> int:
    """Return what the search of all texts counts for: each string once, and twice more for each fact that says it.

    A fact is searched for more kinds of words than a text is.
    """
    written = sum(heard(text) for _, text in texts(summary.document))
    told = (part for fact in summary.facts for part in (fact.text, *(detail.text for detail in fact.details)))
    named = (coding.display for fact in summary.facts for coding in fact.codings)
    return written + 2 * sum(map(heard, chain(told, named)))


def _carry(sieve: Sieve, composition: JsonObject, judged: set[int]) -> dict[int, JsonObject]:
    """Return the resources of the new document by the index of their entry: what was judged so, and what it needs."""
    document = sieve.document
    people = {entry.index for entry in document.entries if entry.resource_type == "RelatedPerson"} - sieve.withheld
    carried = {document.composition.index: composition}
    waiting = [document.composition.index, document.patient.index, *sorted(judged | people)]
    while waiting:
        index = waiting.pop()
        entry = sieve.entries[index]
        if index not in carried:
            carried[index] = as_object(sieve.masked(entry.resource, entry))
        elif index != document.composition.index:
            continue
        targets = (document.resolve(reference, entry) for _, reference in references(carried[index]))
        waiting += [target.entry.index for target in targets if target and target.entry.index not in carried]
    return carried


def _bundle(document: Document, trimmer: Trimmer, carried: dict[int, JsonObject]) -> JsonObject:
    head = document.composition
    order = [head, *(entry for entry in document.entries if entry.index != head.index)]
    wrappers = dict(items(document.bundle.get("entry"), "/entry"))
    wrapped: list[Json] = [
        _wrap(as_object(wrappers[entry.place]), trimmer.url(entry), carried[entry.index])
        for entry in order
        if entry.index in carried
    ]
    bundle: JsonObject = {"resourceType": "Bundle"}
    bundle |= {name: document.bundle[name] for name in _KEPT_OF_BUNDLE if name in document.bundle}
    bundle["identifier"] = {"system": "urn:ietf:rfc:3986", "value": trimmer.urn(RECORD_CLASS)}
    bundle["type"] = "document"
    if timestamp := _timestamp(document):
        bundle["timestamp"] = timestamp
    bundle["entry"] = wrapped
    return bundle


def _wrap(wrapper: JsonObject, url: str, resource: JsonObject) -> JsonObject:
    entry: JsonObject = {"fullUrl": url}
    entry |= {name: value for name, value in wrapper.items() if name not in _TRANSPORT}
    entry["fullUrl"], entry["resource"] = url, resource
    return entry


def _timestamp(document: Document) -> str:
    """Return the moment of the full record: the cut states nothing newer."""
    written = as_text(document.composition.resource.get("date"))
    moments = (as_text(document.bundle.get("timestamp")), written, f"{written}T00:00:00Z")
    return next(filter(_INSTANT.fullmatch, moments), "")


def _count(sieve: Sieve, trimmer: Trimmer, section: Section) -> SectionCut:
    return SectionCut(
        kind=section.kind,
        title=section.title,
        carried=sieve.count(section.facts, Verdict.CARRIED),
        left_out=sieve.count(section.facts, Verdict.LEFT_OUT),
        withheld=sieve.count(section.facts, Verdict.WITHHELD),
        text=trimmer.texts.get(section.pointer, Text.NONE),
    )


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
