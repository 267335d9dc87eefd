"""Showing: a summary as lines of text, in the order in which a clinician reads, for a terminal or any other screen.

Each line has a style, by which the caller may colour it; nothing here knows of terminals. Status, date and source stand
with each fact. What is missing is said: "none known" and "not stated" are different answers.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import msgspec

from hospes.core.summary.facts import Fact, Label
from hospes.core.summary.findings import Finding, Grade, Severity
from hospes.core.summary.layout import wrap
from hospes.core.summary.model import DocumentHeader, PatientHeader, Section, Summary
from hospes.core.summary.sections import CODES, MANDATORY, SectionKind
from hospes.core.summary.tree import shown
from hospes.core.summary.wording import joined
from hospes.core.summary.words import speaks_of_penicillin

MIN_WIDTH: Final = 40
"""Cells; a narrower screen gets lines of this width."""
SHOWN_FINDINGS: Final = 12
"""Findings listed one by one; of the others only the number is shown."""
_INDENT: Final = "  "
_DEEP: Final = "      "
_DANGEROUS: Final = frozenset({"high", "severe"})
_PLAIN: Final = frozenset({
    Label.CRITICALITY, Label.REACTION, Label.DOSAGE, Label.VALUE, Label.SEVERITY, Label.BODY_SITE, Label.PART,
})  # fmt: skip
"""Details whose meaning is plain without their label."""


class Style(StrEnum):
    """What a line is, for whoever colours it."""

    TITLE = "title"
    HEADER = "header"
    BLANK = "blank"
    HEADING = "heading"
    FACT = "fact"
    DANGER = "danger"
    """A fact that may kill: an allergy of high criticality, or with a severe reaction."""
    DETAIL = "detail"
    MISSING = "missing"
    """What a reader would expect and the document does not say."""
    NARRATIVE = "narrative"
    FINDING = "finding"


class Line(msgspec.Struct, frozen=True):
    """One line, not wider than asked for.

    Attributes
    ----------
    style : Style
    text : str
        Without control characters.
    """

    style: Style
    text: str


def render_text(summary: Summary, width: int = 100) -> tuple[Line, ...]:
    """Show a summary.

    Parameters
    ----------
    summary : Summary
    width : int
        Cells of a line, at least `MIN_WIDTH`. Wide letters take two.
    """
    width = max(width, MIN_WIDTH)
    lines: list[Line] = []
    for style, text, indent, hanging in _paragraphs(summary):
        lines += (Line(style, line) for line in wrap(text, width, indent, hanging))
    return tuple(lines)


_Paragraph = tuple[Style, str, str, str]
"""Style, text, indent of the first line, indent of the others."""


def _paragraphs(summary: Summary) -> Iterator[_Paragraph]:
    yield from _patient(summary.patient)
    yield from _document(summary.header)
    standing = {section.kind for section in summary.sections}
    for kind in SectionKind:
        if kind in MANDATORY and kind not in standing:
            yield from _heading(CODES[kind][1])
            yield Style.MISSING, "not stated: the document has no such section", _INDENT, _INDENT
        for section in summary.sections:
            if section.kind is kind:
                yield from _section(section)
    yield from _findings(summary.grade, summary.findings)


def _patient(patient: PatientHeader) -> Iterator[_Paragraph]:
    yield Style.TITLE, patient.name or "(no name)", "", ""
    yield _field("born", joined((patient.birth_date or "not stated", patient.gender or "sex not stated")))
    fields = {
        "died": patient.deceased,
        "identifiers": joined(patient.identifiers),
        "languages": joined(patient.languages),
        "address": joined(patient.addresses, " / "),
        "telephone": patient.telecom,
        "practitioner": joined(patient.practitioners),
    }
    yield from (_field(name, text) for name, text in fields.items() if text)
    for contact in patient.contacts:
        who = f"{contact.name} ({contact.relationship})" if contact.relationship else contact.name
        yield _field("contact", joined((who, contact.telecom)))


def _document(header: DocumentHeader) -> Iterator[_Paragraph]:
    fields = {
        "document": joined((header.title, header.date, header.status)),
        "author": joined(header.authors),
        "attested by": joined(header.attesters, " / "),
        "custodian": header.custodian,
    }
    yield from (_field(name, text) for name, text in fields.items() if text)


def _field(name: str, text: str) -> _Paragraph:
    return Style.HEADER, f"{name}: {text}", _INDENT, _DEEP


def _heading(title: str) -> Iterator[_Paragraph]:
    yield Style.BLANK, "", "", ""
    yield Style.HEADING, title.upper(), "", _INDENT


def _section(section: Section) -> Iterator[_Paragraph]:
    yield from _heading(section.title)
    for fact in section.facts:
        yield from _fact(fact, listed=bool(fact.listed_at))
    if section.facts and not _narrative_says_more(section):
        return
    if section.empty_reason:
        yield Style.MISSING, f"no entries: {section.empty_reason}", _INDENT, _DEEP
    for block in section.narrative:
        yield Style.NARRATIVE, block, _INDENT, _DEEP
    if not section.empty_reason and not section.narrative:
        yield Style.MISSING, "nothing stated", _INDENT, _INDENT


def _narrative_says_more(section: Section) -> bool:
    """Whether the allergies' text names penicillin and no entry does: what is only written must be shown too."""
    if section.kind is not SectionKind.ALLERGIES or not speaks_of_penicillin(" ".join(section.narrative)):
        return False
    return not any(speaks_of_penicillin(fact.text) for fact in section.facts)


def _fact(fact: Fact, *, listed: bool) -> Iterator[_Paragraph]:
    plain = joined((_particular(fact, label) for label in Label if label in _PLAIN), "; ")
    text = joined((fact.text, plain), ": ")
    style = Style.DANGER if is_dangerous(fact) else Style.FACT
    yield style, text, "  * ", _DEEP
    context = (
        fact.status or "status not stated",
        fact.detail(Label.CERTAINTY),
        fact.date or "no date",
        f"source {fact.source}" if fact.source else "no source stated",
        "" if listed else "listed by no section",
    )
    yield Style.DETAIL, joined(context, " | "), _DEEP, _DEEP
    rest = (label for label in Label if label not in _PLAIN and label is not Label.CERTAINTY)
    for label in rest:
        if text := fact.detail(label):
            yield Style.DETAIL, f"{label}: {text}", _DEEP, _DEEP + _INDENT


def _particular(fact: Fact, label: Label) -> str:
    text = fact.detail(label)
    return f"criticality {text}" if text and label is Label.CRITICALITY else text


def is_dangerous(fact: Fact) -> bool:
    """Whether a fact may kill: an allergy of high criticality, or with a severe reaction."""
    if fact.resource_type != "AllergyIntolerance":
        return False
    words = f"{fact.detail(Label.CRITICALITY)} {fact.detail(Label.REACTION)}".replace("(", " ").replace(")", " ")
    return not _DANGEROUS.isdisjoint(words.replace(",", " ").split())


def _findings(grade: Grade, findings: tuple[Finding, ...]) -> Iterator[_Paragraph]:
    yield from _heading("Quality of this document")
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    count = f": {errors} errors, {len(findings) - errors} warnings" if findings else ""
    yield Style.FINDING, f"{grade}{count}", _INDENT, _DEEP
    for finding in findings[:SHOWN_FINDINGS]:
        what = joined((f"{finding.severity}: {finding.message}", finding.detail), ": ")
        yield Style.FINDING, f"{what} [{finding.code}] {shown(finding.pointer)}", _INDENT, _DEEP
    if len(findings) > SHOWN_FINDINGS:
        yield Style.FINDING, f"and {len(findings) - SHOWN_FINDINGS} more", _INDENT, _DEEP
