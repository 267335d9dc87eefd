"""The default record: rich, fictional, clean, and cut as its story tells."""

import json
from typing import Any

import pytest

from hospes.core.summary import Cut, Grade, SectionKind, Style, Summary, Text, cut_emergency, encode, read, render_text
from tests.core.summary.places import TRAVELLER


@pytest.fixture(scope="module")
def summary() -> Summary:
    """The record, as read."""
    return read(TRAVELLER.read_bytes())


@pytest.fixture(scope="module")
def cut(summary: Summary) -> Cut:
    """Its emergency summary."""
    return cut_emergency(summary)


def test_it_is_clean_and_whole(summary: Summary) -> None:
    """Nothing is found in it, it comes back equal, and it is as rich as its story."""
    document: Any = json.loads(summary.data)
    assert summary.grade is Grade.CLEAN
    assert json.loads(encode(summary.document)) == document
    assert 40 <= len(document["entry"]) <= 60
    assert len(summary.of(SectionKind.MEDICATIONS)) >= 8
    assert {section.kind for section in summary.sections} >= {
        SectionKind.ALLERGIES,
        SectionKind.DEVICES,
        SectionKind.ADVANCE_DIRECTIVES,
        SectionKind.IMMUNIZATIONS,
        SectionKind.VITAL_SIGNS,
        SectionKind.SOCIAL_HISTORY,
        SectionKind.PLAN_OF_CARE,
    }


def test_nobody_in_it_exists(summary: Summary) -> None:
    """Identifiers are under the arc for examples, mail under example.org, and telephone numbers lead nowhere."""
    document: Any = json.loads(summary.data)
    for entry in document["entry"]:
        resource = entry["resource"]
        for identifier in resource.get("identifier", []):
            assert identifier["system"].startswith("urn:oid:2.999.")
            assert identifier["value"].startswith("EXAMPLE-")
        for point in resource.get("telecom", []):
            assert " 00" in point["value"]
        if resource["resourceType"] == "Organization":
            assert "fictional" in resource["name"]


def test_the_cut_withholds_the_one_mental_illness(summary: Summary, cut: Cut) -> None:
    """It is in the full record, and no word of it is in the emergency summary."""
    assert b"depress" in summary.data.lower()
    assert b"bereave" in summary.data.lower()
    assert b"depress" not in cut.data.lower()
    assert b"bereave" not in cut.data.lower()
    assert b"psycholog" not in cut.data.lower()
    problems = next(section for section in cut.sections if section.kind is SectionKind.PROBLEMS)
    assert (problems.carried, problems.withheld, problems.text) == (7, 1, Text.REPLACED)


def test_the_cut_carries_what_an_emergency_needs(summary: Summary, cut: Cut) -> None:
    """Allergies whole, ten medicines of eleven, both devices, the living will, two procedures of four, the contacts."""
    emergency = read(cut.data)
    assert emergency.grade is Grade.CLEAN
    assert emergency.of(SectionKind.ALLERGIES)[0].text == "Allergy to penicillin"
    counts = {section.kind: (section.carried, section.left_out) for section in cut.sections}
    assert counts[SectionKind.ALLERGIES] == (3, 0)
    assert counts[SectionKind.MEDICATIONS] == (10, 1)
    assert counts[SectionKind.DEVICES] == (2, 0)
    assert counts[SectionKind.ADVANCE_DIRECTIVES] == (1, 0)
    assert counts[SectionKind.PROCEDURES] == (2, 2)
    assert counts[SectionKind.RESULTS] == (0, 5)
    assert b"Ibuprofen" not in cut.data
    assert emergency.patient.contacts == summary.patient.contacts
    assert cut.carried + cut.left_out == len(list(summary.facts))


def test_it_is_shown_with_penicillin_first(cut: Cut) -> None:
    """The first fact on the screen of an emergency is the one that may kill."""
    shown = render_text(read(cut.data), 100)
    first = next(line for line in shown if line.style in {Style.DANGER, Style.FACT})
    assert first.style is Style.DANGER
    assert "penicillin" in first.text
