"""Summaries that others made: 4 of the standard, 18 of vendors are read, shown and cut, whatever is wrong with them."""

import json
from collections import Counter
from typing import Any

import pytest

from hospes.core.summary import Code, Grade, SectionKind, cut_emergency, encode, read, render_text
from hospes.core.summary.document import Document
from hospes.core.summary.findings import Ledger
from hospes.core.summary.layout import cells
from hospes.core.summary.telling import references
from tests.core.summary.places import STANDARD, VENDORS, shared

CLEAN = {
    *STANDARD,
    "AT-elga2",
    "Bundle-aups-basicsummary",
    "CA-IPS-Bundle1Example",
    "CA_VeroSource_colorful_balloon",
    "full_ips",
}
FOUND: dict[str, dict[Code, int]] = {
    "Bundle-NZPSNoClinicalInfoBundle": {Code.REFERENCE_LOOSE: 9},
    "CY_194315": {Code.OTHER_PATIENT: 1, Code.SEVERAL_PATIENTS: 1, Code.REFERENCE_LOOSE: 337},
    "CY_249867": {Code.SECTION_MISSING: 1, Code.REFERENCE_LOOSE: 207},
    "DE_no_info_with_Advance_Directive": {Code.REFERENCE_UNRESOLVED: 1, Code.REFERENCE_LOOSE: 6},
    "DK_Jens_Villadsen_02": {
        Code.NO_FULL_URL: 1,
        Code.NO_IDENTIFIER: 1,
        Code.SECTION_MISSING: 2,
        Code.SECTION_WITHOUT_TITLE: 2,
        Code.SECTION_WITHOUT_TEXT: 2,
        Code.ELEMENT_MISSING: 1,
        Code.REFERENCE_UNRESOLVED: 1,
        Code.REFERENCE_LOOSE: 1,
    },
    "HK_IPS_Sample2": {Code.OTHER_FULL_URL: 2, Code.ELEMENT_MISSING: 1},
    "NL_Drimpy_01": {
        Code.SECTION_WITHOUT_TEXT: 5,
        Code.ELEMENT_MISSING: 17,
        Code.ELEMENT_TYPE: 30,
        Code.REFERENCE_UNRESOLVED: 117,
        Code.REFERENCE_LOOSE: 67,
    },
    "NL_core_patient_01": {Code.ELEMENT_MISSING: 7},
    "TW_Li-Hui_Lee_01-modified": {Code.SECTION_MISSING: 3, Code.OTHER_DOCUMENT_TYPE: 1},
    "UK_NHSx_IPS_Example_02-modified": {Code.ELEMENT_TYPE: 1, Code.REFERENCE_UNRESOLVED: 12},
    "US_Epic_Connectathon_Sept": {Code.REFERENCE_UNRESOLVED: 11},
    "US_MEDITECH_ips_2": {
        Code.NOT_A_DOCUMENT: 1,
        Code.NO_IDENTIFIER: 1,
        Code.NO_TIMESTAMP: 1,
        Code.REFERENCE_UNRESOLVED: 22,
        Code.ENTRY_UNLISTED: 4,
        Code.REFERENCE_LOOSE: 1,
    },
    "US_Washington_May_2024": {
        Code.SECTION_WITHOUT_TEXT: 1,
        Code.ELEMENT_MISSING: 1,
        Code.REFERENCE_UNRESOLVED: 4,
    },
}
"""What a person found who read the documents beside the standard: see the module that each code comes from."""


@pytest.mark.parametrize("name", [*STANDARD, *VENDORS])
def test_each_is_read_with_what_is_wrong_with_it(name: str) -> None:
    """The imperfections are found, as many as there are, and the others are clean."""
    summary = read(shared(name))
    assert Counter(finding.code for finding in summary.findings) == FOUND.get(name, {})
    assert (summary.grade is Grade.CLEAN) == (name in CLEAN)


@pytest.mark.parametrize("name", [*STANDARD, *VENDORS])
def test_none_loses_a_fact_or_a_member(name: str) -> None:
    """The document comes back equal, and every reference of every section and every allergy is a fact with a text."""
    data = shared(name)
    summary = read(data)
    document: Any = json.loads(data)
    assert json.loads(encode(summary.document)) == document
    assert summary.data == data
    composition = next(
        entry["resource"] for entry in document["entry"] if entry["resource"]["resourceType"] == "Composition"
    )
    listed = sum(len(section.get("entry", [])) for section in composition["section"])
    assert sum(bool(fact.listed_at) for fact in summary.facts) == listed
    allergies = sum(entry["resource"]["resourceType"] == "AllergyIntolerance" for entry in document["entry"])
    assert len(summary.of(SectionKind.ALLERGIES)) >= allergies
    assert all(fact.text and "without text" not in fact.text for fact in summary.facts)
    assert summary.patient.name


@pytest.mark.parametrize("name", [*STANDARD, *VENDORS])
def test_each_is_cut_and_nothing_new_dangles(name: str) -> None:
    """The cut is read, holds every allergy, counts every fact, and breaks no rule that the record kept."""
    summary = read(shared(name))
    cut = cut_emergency(summary)
    emergency = read(cut.data)
    assert cut_emergency(summary).data == cut.data
    assert cut.carried + cut.left_out == len(list(summary.facts))
    allergies = [fact.text for fact in summary.facts if fact.resource_type == "AllergyIntolerance"]
    assert [fact.text for fact in emergency.facts if fact.resource_type == "AllergyIntolerance"] == allergies
    allowed = {finding.code for finding in summary.findings} | {Code.ELEMENT_MISSING}
    assert {finding.code for finding in emergency.findings} <= allowed
    assert _dangling(emergency.data) <= _dangling(summary.data)


@pytest.mark.parametrize("name", [*STANDARD, *VENDORS])
def test_each_is_shown(name: str) -> None:
    """In lines of the width, all printable, with every fact."""
    summary = read(shared(name))
    lines = render_text(summary, 90)
    assert all(cells(line.text) <= 90 and line.text.isprintable() for line in lines)
    shown = "".join("".join(line.text for line in lines).split())
    assert all("".join(fact.text.split()) in shown for fact in summary.facts)


def _dangling(data: bytes) -> set[str]:
    """Return the references of a document that lead nowhere."""
    summary = read(data)
    document = Document(summary.document, Ledger())
    found = ((reference, entry) for entry in document.entries for _, reference in references(entry.resource))
    return {reference for reference, entry in found if document.resolve(reference, entry) is None}
