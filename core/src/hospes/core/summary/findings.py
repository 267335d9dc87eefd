"""Findings: what is imperfect in a patient summary that is read all the same, and how bad it is.

A finding says what and where, never what stood there. It is no reason to refuse a document: a hospital cannot send a
patient back for a dangling reference.

Sources: FHIR R4 (documents: bdl-7, bdl-9, bdl-10, bdl-11; sections: cmp-1, cmp-2; conditions: con-4); International
Patient Summary 2.0.0 (ips-comp-1, ips-pat-1, bdl-ips-1, and the cardinalities of its profiles).
"""

from enum import StrEnum
from typing import Final

import msgspec


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    """A rule of the standard is broken, or a fact may be read wrongly."""
    WARNING = "warning"
    """Something is odd, and every fact can be read."""


class Grade(StrEnum):
    """The verdict on one input."""

    CLEAN = "clean"
    FINDINGS = "accepted with findings"
    REFUSED = "refused"
    """Of an input that `read` refuses; no `Summary` carries it."""


class Code(StrEnum):
    """What was found; `MESSAGES` says it in words."""

    BYTE_ORDER_MARK = "byte-order-mark"
    NOT_A_BUNDLE = "not-a-bundle"
    NOT_A_DOCUMENT = "not-a-document"
    NO_IDENTIFIER = "no-identifier"
    NO_TIMESTAMP = "no-timestamp"
    ENTRY_UNREADABLE = "entry-unreadable"
    ENTRY_UNLISTED = "entry-unlisted"
    NO_FULL_URL = "no-full-url"
    REPEATED_FULL_URL = "repeated-full-url"
    OTHER_FULL_URL = "other-full-url"
    COMPOSITION_NOT_FIRST = "composition-not-first"
    SEVERAL_COMPOSITIONS = "several-compositions"
    OTHER_DOCUMENT_TYPE = "other-document-type"
    SEVERAL_PATIENTS = "several-patients"
    PATIENT_UNCERTAIN = "patient-uncertain"
    OTHER_PATIENT = "other-patient"
    SECTION_MISSING = "section-missing"
    SECTION_EMPTY = "section-empty"
    SECTION_REPEATED = "section-repeated"
    SECTION_NESTED = "section-nested"
    SECTION_WITHOUT_CODE = "section-without-code"
    SECTION_WITHOUT_TITLE = "section-without-title"
    SECTION_WITHOUT_TEXT = "section-without-text"
    EMPTY_REASON_WITH_ENTRIES = "empty-reason-with-entries"
    REFERENCE_UNRESOLVED = "reference-unresolved"
    REFERENCE_LOOSE = "reference-loose"
    ELEMENT_MISSING = "element-missing"
    ELEMENT_TYPE = "element-type"
    CODE_UNKNOWN = "code-unknown"
    CODING_WITHOUT_SYSTEM = "coding-without-system"
    FACT_WITHOUT_TEXT = "fact-without-text"
    DATE_MALFORMED = "date-malformed"
    DATE_ORDER = "date-order"
    DATE_AFTER_DOCUMENT = "date-after-document"
    DATE_FUTURE = "date-future"
    STATUS_CONTRADICTED = "status-contradicted"
    FINDINGS_CUT_OFF = "findings-cut-off"


MESSAGES: Final[dict[Code, tuple[Severity, str]]] = {
    Code.BYTE_ORDER_MARK: (Severity.WARNING, "the file begins with a byte order mark"),
    Code.NOT_A_BUNDLE: (Severity.ERROR, "the resource is not a Bundle"),
    Code.NOT_A_DOCUMENT: (Severity.ERROR, "the bundle is not of type document"),
    Code.NO_IDENTIFIER: (Severity.ERROR, "the document has no identifier with system and value"),
    Code.NO_TIMESTAMP: (Severity.ERROR, "the document has no timestamp"),
    Code.ENTRY_UNREADABLE: (Severity.ERROR, "the entry holds no resource with a type"),
    Code.ENTRY_UNLISTED: (Severity.WARNING, "no section lists this fact; it is shown in the section of its kind"),
    Code.NO_FULL_URL: (Severity.ERROR, "the entry has no fullUrl"),
    Code.REPEATED_FULL_URL: (Severity.ERROR, "an earlier entry has the same fullUrl"),
    Code.OTHER_FULL_URL: (Severity.ERROR, "the entry's fullUrl ends in another id than its resource has"),
    Code.COMPOSITION_NOT_FIRST: (Severity.ERROR, "the composition is not the first entry"),
    Code.SEVERAL_COMPOSITIONS: (Severity.ERROR, "there is more than one composition; the first is read"),
    Code.OTHER_DOCUMENT_TYPE: (Severity.WARNING, "the composition's type is not that of a patient summary"),
    Code.SEVERAL_PATIENTS: (Severity.WARNING, "there is more than one patient; the composition's subject is shown"),
    Code.PATIENT_UNCERTAIN: (Severity.ERROR, "the subject does not lead to a patient; the first patient is shown"),
    Code.OTHER_PATIENT: (Severity.ERROR, "the fact is about another patient"),
    Code.SECTION_MISSING: (Severity.ERROR, "a section that every patient summary must have is missing"),
    Code.SECTION_EMPTY: (Severity.ERROR, "a mandatory section has neither entries nor a reason for having none"),
    Code.SECTION_REPEATED: (Severity.ERROR, "an earlier section has the same code"),
    Code.SECTION_NESTED: (Severity.WARNING, "a section inside of a section"),
    Code.SECTION_WITHOUT_CODE: (Severity.ERROR, "the section has no code"),
    Code.SECTION_WITHOUT_TITLE: (Severity.ERROR, "the section has no title"),
    Code.SECTION_WITHOUT_TEXT: (Severity.ERROR, "the section has no text for a reader"),
    Code.EMPTY_REASON_WITH_ENTRIES: (Severity.ERROR, "the section gives a reason for being empty and is not"),
    Code.REFERENCE_UNRESOLVED: (Severity.ERROR, "the reference leads to nothing in this document"),
    Code.REFERENCE_LOOSE: (Severity.WARNING, "the reference matches no fullUrl; it was followed by type and id"),
    Code.ELEMENT_MISSING: (Severity.ERROR, "an element that the standard requires is missing"),
    Code.ELEMENT_TYPE: (Severity.ERROR, "the element does not have the form that the standard gives it"),
    Code.CODE_UNKNOWN: (Severity.ERROR, "the code is not one of those that the standard allows here"),
    Code.CODING_WITHOUT_SYSTEM: (Severity.WARNING, "a code without the system that gives it a meaning"),
    Code.FACT_WITHOUT_TEXT: (Severity.ERROR, "the fact has nothing that could be shown: no text, display or code"),
    Code.DATE_MALFORMED: (Severity.ERROR, "the date does not have the form that the standard gives it"),
    Code.DATE_ORDER: (Severity.ERROR, "something ends before it begins, or before the patient's birth"),
    Code.DATE_AFTER_DOCUMENT: (Severity.WARNING, "something is reported as past that is later than the document"),
    Code.DATE_FUTURE: (Severity.WARNING, "something is reported as past that lies in the future"),
    Code.STATUS_CONTRADICTED: (Severity.ERROR, "an active condition has an end"),
    Code.FINDINGS_CUT_OFF: (Severity.WARNING, "there are more findings than are listed"),
}
"""Severity and words of each finding."""

MAX_FINDINGS: Final = 2_000
"""Listed findings of one document. More than this says nothing new, and a hostile document must not fill the memory."""


class Finding(msgspec.Struct, frozen=True, order=True):
    """One imperfection.

    Attributes
    ----------
    pointer : str
        JSON pointer (RFC 6901) into the document; where something is missing, to what should hold it. It spells names
        as the document does, whatever they are: `tree.shown` makes it fit for a screen or a log.
    code : Code
    severity : Severity
    detail : str
        Which section or element of the standard, where the code and the pointer do not tell; else empty.
    """

    pointer: str
    code: Code
    severity: Severity
    detail: str = ""

    @property
    def message(self) -> str:
        """What is wrong, in words without patient data."""
        return MESSAGES[self.code][1]


class Ledger:
    """The findings of one reading, each once, in the order in which they were made."""

    def __init__(self) -> None:
        self._findings: dict[tuple[Code, str, str], Finding] = {}
        self._cut_off = False

    def add(self, code: Code, pointer: str, detail: str = "") -> None:
        """Note a finding."""
        key = (code, pointer, detail)
        if len(self._findings) < MAX_FINDINGS:
            self._findings.setdefault(key, Finding(pointer, code, MESSAGES[code][0], detail))
        elif key not in self._findings:
            self._cut_off = True

    def close(self) -> tuple[Finding, ...]:
        """Return all findings: errors first, then as they were made."""
        cut_off = (Finding("", Code.FINDINGS_CUT_OFF, Severity.WARNING),) if self._cut_off else ()
        return (*sorted(self._findings.values(), key=lambda finding: finding.severity), *cut_off)
