"""The summary: one patient summary as it was read.

It is immutable, and prints without its contents: they are somebody's health.
"""

from collections.abc import Iterator

import msgspec

from hospes.core.summary.datatypes import Element
from hospes.core.summary.facts import Fact
from hospes.core.summary.findings import Finding, Grade
from hospes.core.summary.sections import SectionKind
from hospes.core.summary.tree import JsonObject


class Contact(Element, frozen=True):
    """Somebody to turn to: a name, what they are to the patient, and how to reach them."""

    name: str
    relationship: str = ""
    telecom: str = ""


class PatientHeader(Element, frozen=True, kw_only=True):
    """Who the patient is, for the head of a screen.

    Attributes
    ----------
    name, birth_date, gender : str
        Empty where the document does not say.
    deceased : str
        The date of death, ``"yes"``, or nothing.
    identifiers, languages, addresses : tuple[str, ...]
        A preferred language stands first.
    telecom : str
    contacts : tuple[Contact, ...]
        From the patient's resource, then related persons of their own.
    practitioners : tuple[str, ...]
        General practitioners.
    pointer : str
    """

    name: str
    birth_date: str
    gender: str
    deceased: str
    identifiers: tuple[str, ...]
    languages: tuple[str, ...]
    addresses: tuple[str, ...]
    telecom: str
    contacts: tuple[Contact, ...]
    practitioners: tuple[str, ...]
    pointer: str


class DocumentHeader(Element, frozen=True, kw_only=True):
    """What the document is, and who answers for it.

    Attributes
    ----------
    title, date, status, language, custodian, identifier : str
        Empty where the document does not say.
    authors, attesters : tuple[str, ...]
    pointer : str
    """

    title: str
    date: str
    status: str
    language: str
    custodian: str
    identifier: str
    authors: tuple[str, ...]
    attesters: tuple[str, ...]
    pointer: str


class Section(Element, frozen=True, kw_only=True):
    """One section with what it lists.

    Attributes
    ----------
    kind : SectionKind
    code : str
        LOINC code, or the first code of another system, or nothing.
    title : str
        Its own, else that of its kind.
    facts : tuple[Fact, ...]
        In the order of the document; facts that belong here and that no section lists stand last.
    narrative : tuple[str, ...]
        Its text for a reader, one string for each paragraph, list item or table row.
    empty_reason : str
    pointer : str
        Nothing for a section that the document does not have.
    """

    kind: SectionKind
    code: str = ""
    title: str = ""
    facts: tuple[Fact, ...] = ()
    narrative: tuple[str, ...] = ()
    empty_reason: str = ""
    pointer: str = ""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A patient summary that was read.

    Attributes
    ----------
    data : bytes
        The document as it came, to the byte.
    document : JsonObject
        The same as JSON, with every member of it. To be looked at, never changed.
    patient : PatientHeader
    header : DocumentHeader
    sections : tuple[Section, ...]
        In the order in which a clinician reads.
    findings : tuple[Finding, ...]
        Errors first.
    """

    data: bytes
    document: JsonObject
    patient: PatientHeader
    header: DocumentHeader
    sections: tuple[Section, ...]
    findings: tuple[Finding, ...]

    @property
    def grade(self) -> Grade:
        """Clean, or accepted with findings."""
        return Grade.FINDINGS if self.findings else Grade.CLEAN

    @property
    def facts(self) -> Iterator[Fact]:
        """Every fact of every section."""
        return (fact for section in self.sections for fact in section.facts)

    def of(self, kind: SectionKind) -> tuple[Fact, ...]:
        """Return the facts of all sections of a kind."""
        return tuple(fact for section in self.sections if section.kind is kind for fact in section.facts)

    def __repr__(self) -> str:
        """Give sizes alone."""
        return f"<Summary of {len(self.data)} bytes, {len(self.sections)} sections, {len(self.findings)} findings>"
