"""Showing: lines of any width, in the order of a clinician, that say what is missing and what is wrong."""

import pytest

from hospes.core.summary import Line, Style, render_text
from hospes.core.summary.layout import cells
from hospes.core.summary.showing import MIN_WIDTH, SHOWN_FINDINGS
from tests.core.summary.paper_summary import PaperSummary, concept, condition, observation, section


@pytest.fixture
def paper() -> PaperSummary:
    """A clean document."""
    return PaperSummary()


def lines(paper: PaperSummary, width: int = 100) -> list[str]:
    """Return the lines without their styles."""
    return [line.text for line in render_text(paper.read(), width)]


def test_a_summary_is_shown_in_the_order_of_a_clinician(paper: PaperSummary) -> None:
    """Who, which document, allergies, problems, medicines, the rest, and last what is wrong with the document."""
    paper.tell("30954-2", "new", observation("Potassium", "4.7"), "Results")
    paper.sections.reverse()
    assert lines(paper) == [
        "Eva Example",
        "  born: 1954-03-17, female",
        "  document: Patient Summary, 2026-06-01, final",
        "  author: Health Centre",
        "",
        "ALLERGIES",
        "  * Penicillin: criticality high; Anaphylaxis (severe)",
        "      active | no date | no source stated",
        "",
        "PROBLEMS",
        "  * High blood pressure",
        "      active | 2006 | no source stated",
        "",
        "MEDICINES",
        "  * Losartan 50 mg: 1 in the morning",
        "      active | since 2013-11-05 | no source stated",
        "",
        "RESULTS",
        "  * Potassium: 4.7",
        "      final | 2026-05-01 | no source stated",
        "",
        "QUALITY OF THIS DOCUMENT",
        "  clean",
    ]


def test_a_deadly_allergy_has_its_own_style(paper: PaperSummary) -> None:
    """High criticality or a severe reaction; other facts, and harmless allergies, have the style of facts."""
    allergy = paper.resources["allergy"]
    assert Line(Style.DANGER, "  * Penicillin: criticality high; Anaphylaxis (severe)") in render_text(paper.read())
    allergy["criticality"] = "low"
    assert Style.DANGER in {line.style for line in render_text(paper.read())}
    allergy["reaction"][0]["severity"] = "mild"
    assert Style.DANGER not in {line.style for line in render_text(paper.read())}
    paper.resources["problem"]["severity"] = concept("high")
    assert Style.DANGER not in {line.style for line in render_text(paper.read())}


def test_what_is_missing_is_said(paper: PaperSummary) -> None:
    """A section that is not there, one that is empty, and a fact without status, date or source are four things."""
    paper.sections.pop(0)
    paper.drop("allergy")
    paper.drop("medicine")
    paper.sections[1] = section("10160-0", "Medicines") | {"emptyReason": concept("Not asked")}
    paper.resources["problem"] = condition("Gout", clinicalStatus=None)
    paper.bundle["entry"][3]["resource"] = paper.resources["problem"]
    shown = render_text(paper.read())
    assert Line(Style.MISSING, "  not stated: the document has no such section") in shown
    assert Line(Style.MISSING, "  no entries: Not asked") in shown
    assert Line(Style.NARRATIVE, "  Text.") in shown
    assert Line(Style.DETAIL, "      status not stated | no date | no source stated") in shown


def test_a_text_that_alone_names_penicillin_is_shown(paper: PaperSummary) -> None:
    """Though the section has entries; where they name it too, its text is not repeated."""
    assert "  Penicillin: anaphylaxis in 1987." not in lines(paper)
    paper.resources["allergy"]["code"] = concept("Latex")
    assert "  Penicillin: anaphylaxis in 1987." in lines(paper)


def test_a_fact_that_no_section_lists_says_so(paper: PaperSummary) -> None:
    """Its reader should know that the author did not put it there."""
    paper.add("stray", condition("Gout"))
    assert "      active | no date | no source stated | listed by no section" in lines(paper)


def test_findings_stand_last_and_are_not_endless(paper: PaperSummary) -> None:
    """Each with its severity, code and place; beyond a dozen their number."""
    for number in range(SHOWN_FINDINGS + 3):
        paper.tell("11450-4", f"c{number}", condition("Gout", gender=None))
    shown = lines(paper, 200)
    start = shown.index("QUALITY OF THIS DOCUMENT")
    assert shown[start + 1] == f"  accepted with findings: {SHOWN_FINDINGS + 3} errors, 0 warnings"
    assert shown[start + 2].endswith("[element-type] /entry/6/resource/gender")
    assert shown[-1] == "  and 3 more"
    assert len(shown) - start == SHOWN_FINDINGS + 3


@pytest.mark.parametrize("width", [0, MIN_WIDTH, 57, 120, 1000])
def test_lines_have_the_width_that_was_asked_for(paper: PaperSummary, width: int) -> None:
    """Wide letters take two cells, and a word that is wider than a line is broken."""
    paper.resources["problem"]["code"] = concept("高血圧症" * 40 + " " + "x" * 300)
    shown = lines(paper, width)
    assert max(map(cells, shown)) <= max(width, MIN_WIDTH)
    assert "".join("".join(shown).split()).count("高血圧症") == 40


def test_no_record_steers_the_terminal(paper: PaperSummary) -> None:
    """Escape sequences and overrides of direction in names, texts and titles are gone."""
    hostile = "\x1b]0;owned\x07\u202etxet\r\n"
    paper.resources["patient"]["name"] = [{"text": f"Eva{hostile}"}]
    paper.resources["problem"]["code"] = concept(f"Gout{hostile}")
    paper.sections[1]["title"] = f"Problems{hostile}"
    paper.resources["problem"][f"gender{hostile}"] = None
    assert all(text.isprintable() for text in lines(paper))


def test_a_finding_names_elements_and_no_other_word_of_the_document(paper: PaperSummary) -> None:
    """A member's name that no standard has may be somebody's illness, and stands as a star."""
    paper.resources["problem"]["Eva Example"] = {"gender": None}
    assert any(text.endswith("[element-type] /entry/4/resource/*/gender") for text in lines(paper, 200))
