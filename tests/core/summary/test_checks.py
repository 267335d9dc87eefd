"""Findings: each rule finds what breaks it, where it breaks, and nothing in a document that keeps it."""

from collections.abc import Callable
from datetime import date

import pytest

from hospes.core.summary import Code, Grade, Severity, read
from hospes.core.summary.dates import is_before, is_well_formed, next_day
from hospes.core.summary.findings import MAX_FINDINGS, MESSAGES, Ledger
from tests.core.summary.paper_summary import PaperSummary, Tree, concept, condition, link, section, status

Change = Callable[[PaperSummary], object]
HEAD, FIRST = "/entry/0/resource", "/entry/0/resource/section/0"


def _set(tree: Tree, **members: object) -> Tree:
    tree |= members
    return tree


CASES: list[tuple[Code, str, Change]] = [
    (Code.NOT_A_BUNDLE, "/resourceType", lambda paper: paper.bundle.pop("resourceType")),
    (Code.NOT_A_DOCUMENT, "/type", lambda paper: _set(paper.bundle, type="searchset")),
    (Code.NO_IDENTIFIER, "/identifier", lambda paper: paper.bundle["identifier"].pop("system")),
    (Code.NO_TIMESTAMP, "/timestamp", lambda paper: _set(paper.bundle, timestamp="today")),
    (Code.ENTRY_UNREADABLE, "/entry/6", lambda paper: paper.bundle["entry"].append({"fullUrl": "urn:uuid:x"})),
    (Code.ENTRY_UNLISTED, "/entry/6/resource", lambda paper: paper.add("stray", condition("Gout"))),
    (Code.NO_FULL_URL, "/entry/2", lambda paper: paper.bundle["entry"][2].pop("fullUrl")),
    (
        Code.REPEATED_FULL_URL,
        "/entry/6/fullUrl",
        lambda paper: paper.bundle["entry"].append(paper.bundle["entry"][4]),
    ),
    (
        Code.OTHER_FULL_URL,
        "/entry/6/fullUrl",
        lambda paper: paper.bundle["entry"].append(
            {"fullUrl": "https://a.example/Condition/1", "resource": condition("Gout", id="2")}
        ),
    ),
    (Code.COMPOSITION_NOT_FIRST, "/entry/5/resource", lambda paper: paper.bundle["entry"].reverse()),
    (
        Code.SEVERAL_COMPOSITIONS,
        "/entry/6/resource",
        lambda paper: paper.add("second", dict(paper.composition)),
    ),
    (
        Code.OTHER_DOCUMENT_TYPE,
        f"{HEAD}/type",
        lambda paper: paper.composition["type"]["coding"][0].update(code="82593-5"),
    ),
    (Code.SEVERAL_PATIENTS, "/entry/6/resource", lambda paper: paper.add("two", dict(paper.resources["patient"]))),
    (Code.PATIENT_UNCERTAIN, f"{HEAD}/subject", lambda paper: paper.composition.pop("subject")),
    (Code.PATIENT_UNCERTAIN, f"{HEAD}/subject", lambda paper: _set(paper.composition, subject=link("author"))),
    (
        Code.OTHER_PATIENT,
        "/entry/4/resource/subject",
        lambda paper: (
            paper.add("two", dict(paper.resources["patient"])),
            _set(paper.resources["problem"], subject=link("two")),
        ),
    ),
    (Code.SECTION_MISSING, f"{HEAD}/section", lambda paper: paper.sections.pop()),
    (Code.SECTION_EMPTY, FIRST, lambda paper: paper.sections[0].pop("entry")),
    (Code.SECTION_REPEATED, f"{HEAD}/section/3", lambda paper: paper.sections.append(section("48765-2", "Allergies"))),
    (
        Code.SECTION_NESTED,
        f"{FIRST}/section/0",
        lambda paper: _set(paper.sections[0], section=[section("0-0", "Inner")]),
    ),
    (Code.SECTION_WITHOUT_CODE, FIRST, lambda paper: paper.sections[0].pop("code")),
    (Code.SECTION_WITHOUT_TITLE, FIRST, lambda paper: paper.sections[0].pop("title")),
    (Code.SECTION_WITHOUT_TEXT, FIRST, lambda paper: paper.sections[0].pop("text")),
    (Code.EMPTY_REASON_WITH_ENTRIES, FIRST, lambda paper: _set(paper.sections[0], emptyReason=concept("none"))),
    (
        Code.REFERENCE_UNRESOLVED,
        "/entry/4/resource/asserter",
        lambda paper: _set(paper.resources["problem"], asserter=link("nobody")),
    ),
    (
        Code.REFERENCE_LOOSE,
        "/entry/4/resource/asserter",
        lambda paper: (
            _set(paper.resources["author"], id="o1"),
            _set(paper.resources["problem"], asserter={"reference": "Organization/o1"}),
        ),
    ),
    (Code.ELEMENT_MISSING, "/entry/1/resource/birthDate", lambda paper: paper.resources["patient"].pop("birthDate")),
    (
        Code.ELEMENT_MISSING,
        "/entry/5/resource/effective",
        lambda paper: paper.resources["medicine"].pop("effectivePeriod"),
    ),
    (Code.ELEMENT_TYPE, "/entry/3/resource/code", lambda paper: _set(paper.resources["allergy"], code="Penicillin")),
    (Code.ELEMENT_TYPE, "/entry/3/resource/note", lambda paper: _set(paper.resources["allergy"], note=None)),
    (Code.CODE_UNKNOWN, "/entry/1/resource/gender", lambda paper: _set(paper.resources["patient"], gender="F")),
    (
        Code.CODE_UNKNOWN,
        "/entry/4/resource/clinicalStatus",
        lambda paper: _set(paper.resources["problem"], clinicalStatus=status("condition-clinical", "acute")),
    ),
    (
        Code.CODING_WITHOUT_SYSTEM,
        "/entry/3/resource/code/coding/0",
        lambda paper: paper.resources["allergy"]["code"]["coding"][0].pop("system"),
    ),
    (
        Code.FACT_WITHOUT_TEXT,
        "/entry/4/resource",
        lambda paper: _set(paper.resources["problem"], code={"coding": [{"id": "x"}]}),
    ),
    (
        Code.DATE_MALFORMED,
        "/entry/4/resource/onsetDateTime",
        lambda paper: _set(paper.resources["problem"], onsetDateTime="1.5.2006"),
    ),
    (
        Code.DATE_ORDER,
        "/entry/4/resource/onsetDateTime",
        lambda paper: _set(paper.resources["problem"], onsetDateTime="1950"),
    ),
    (
        Code.DATE_ORDER,
        "/entry/5/resource/effectivePeriod/end",
        lambda paper: _set(paper.resources["medicine"]["effectivePeriod"], end="2012"),
    ),
    (
        Code.DATE_AFTER_DOCUMENT,
        "/entry/4/resource/recordedDate",
        lambda paper: _set(paper.resources["problem"], recordedDate="2026-06-03"),
    ),
    (
        Code.DATE_FUTURE,
        "/entry/4/resource/recordedDate",
        lambda paper: _set(paper.resources["problem"], recordedDate="2027-01"),
    ),
    (
        Code.STATUS_CONTRADICTED,
        "/entry/4/resource/clinicalStatus",
        lambda paper: _set(paper.resources["problem"], abatementString="last year"),
    ),
]


def test_a_document_that_keeps_the_rules_is_clean() -> None:
    """Nothing is found where nothing is wrong."""
    summary = PaperSummary().read()
    assert summary.findings == ()
    assert summary.grade is Grade.CLEAN


@pytest.mark.parametrize(("code", "pointer", "change"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_each_imperfection_is_found_where_it_is(code: Code, pointer: str, change: Change) -> None:
    """One change of a clean document gives its finding, at its place, and the document is accepted."""
    paper = PaperSummary()
    change(paper)
    summary = read(paper.data, today=date(2026, 6, 15))
    findings = {(finding.code, finding.pointer): finding for finding in summary.findings}
    assert summary.grade is Grade.FINDINGS
    assert (code, pointer) in findings
    assert findings[code, pointer].severity is MESSAGES[code][0]


def test_every_finding_has_a_case() -> None:
    """What can be found is tested, except the two that stand below."""
    assert set(Code) - {case[0] for case in CASES} == {Code.BYTE_ORDER_MARK, Code.FINDINGS_CUT_OFF}
    assert set(MESSAGES) == set(Code)


ALLOWED: dict[str, Change] = {
    "time zone": lambda paper: _set(paper.resources["problem"], recordedDate="2026-06-02"),
    "partial date": lambda paper: _set(paper.resources["problem"], onsetDateTime="1954"),
    "planned medicine": lambda paper: _set(paper.resources["medicine"], effectivePeriod={"start": "2026-07-01"}),
    "old author": lambda paper: _set(paper.resources["author"], birthDate="1930-01-01"),
    "absent with a reason": lambda paper: (
        paper.resources["medicine"].pop("effectivePeriod"),
        _set(paper.resources["medicine"], _effectiveDateTime={"extension": [{"valueCode": "unknown"}]}),
    ),
    "empty with a reason": lambda paper: (
        paper.drop("allergy"),
        paper.sections[0].pop("entry"),
        _set(paper.sections[0], emptyReason=concept("unavailable")),
    ),
    "display alone": lambda paper: _set(paper.resources["problem"], asserter={"display": "Dr Eero"}),
    "unknown member": lambda paper: _set(paper.resources["problem"], unknownMember={"x": [1, {"y": True}]}),
}


@pytest.mark.parametrize("change", ALLOWED.values(), ids=list(ALLOWED))
def test_what_the_rules_allow_is_no_finding(change: Change) -> None:
    """Time zones, partial dates, planned medicines, absence with a reason, and members of other versions."""
    paper = PaperSummary()
    change(paper)
    assert paper.read().findings == ()


def test_without_a_date_of_today_nothing_is_in_the_future() -> None:
    """Reading needs no clock; with one, it finds more."""
    paper = PaperSummary()
    paper.resources["problem"]["recordedDate"] = "2026-06-10"
    assert [finding.code for finding in paper.read().findings] == [Code.DATE_AFTER_DOCUMENT]
    found = {finding.code for finding in read(paper.data, today=date(2026, 6, 5)).findings}
    assert found == {Code.DATE_AFTER_DOCUMENT, Code.DATE_FUTURE}


def test_a_byte_order_mark_is_found() -> None:
    """And everything behind it is read."""
    summary = read(b"\xef\xbb\xbf" + PaperSummary().data)
    assert [finding.code for finding in summary.findings] == [Code.BYTE_ORDER_MARK]
    assert len(list(summary.facts)) == 3


def test_missing_sections_are_named() -> None:
    """Each of the three that are mandatory is a finding of its own."""
    paper = PaperSummary()
    paper.sections.clear()
    missing = {finding.detail for finding in paper.read().findings if finding.code is Code.SECTION_MISSING}
    assert missing == {"allergies", "problems", "medications"}


def test_findings_are_bounded_and_errors_come_first() -> None:
    """A hostile document fills no memory with them, and what is worst is read first."""
    ledger = Ledger()
    for number in range(MAX_FINDINGS + 10):
        ledger.add(Code.REFERENCE_LOOSE, f"/{number}")
        ledger.add(Code.REFERENCE_LOOSE, f"/{number}")
    findings = ledger.close()
    assert len(findings) == MAX_FINDINGS + 1
    assert findings[-1].code is Code.FINDINGS_CUT_OFF
    paper = PaperSummary()
    paper.resources["allergy"]["code"]["coding"][0].pop("system")
    paper.bundle["type"] = "collection"
    assert [finding.severity for finding in paper.read().findings] == [Severity.ERROR, Severity.WARNING]


def test_findings_hold_no_patient_data() -> None:
    """They say what and where; the words are the same for every patient."""
    assert all(message == message.strip() and message for _, message in MESSAGES.values())
    paper = PaperSummary()
    paper.resources["patient"]["gender"] = "Eva Example"
    (finding,) = paper.read().findings
    assert "Eva" not in f"{finding} {finding.message}"


@pytest.mark.parametrize(
    ("text", "well_formed"),
    [
        ("2026", True),
        ("2026-06", True),
        ("2026-06-01", True),
        ("2026-06-01T12:00:00Z", True),
        ("2026-06-01T12:00:00.123+14:00", True),
        ("2026-06-01T12:00Z", False),
        ("2026-06-01T12:00:00", False),
        ("2026-13", False),
        ("2026-02-30", False),
        ("26-06-01", False),
        ("0000", False),
        ("", False),
    ],
)
def test_dates_have_the_form_of_the_standard(text: str, *, well_formed: bool) -> None:
    """Year, month, day, or a moment with its zone; nothing between and nothing else."""
    assert is_well_formed(text) == well_formed


def test_dates_are_compared_as_far_as_both_are_known() -> None:
    """A year is neither before nor after a day in it, and what is malformed is neither for anything."""
    assert is_before("2025", "2026-06-01")
    assert is_before("2026-05-31T23:00:00Z", "2026-06-01")
    assert not is_before("2026", "2026-06-01")
    assert not is_before("2026-06-01", "2026")
    assert not is_before("yesterday", "2026")
    assert not is_before("2026", "")
    assert next_day("2026-12-31") == "2027-01-01"
    assert next_day("2026-12") == "2026-12"
    assert next_day("9999-12-31") == "9999-12-31"
