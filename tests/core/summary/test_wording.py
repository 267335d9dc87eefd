"""Wording and narrative: data types and XHTML as plain text, which steers no terminal and loses no word."""

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from hospes.core.summary.datatypes import (
    Address,
    CodeableConcept,
    Coding,
    Dosage,
    DoseAndRate,
    HumanName,
    Identifier,
    Period,
    Quantity,
    Timing,
    TimingRepeat,
)
from hospes.core.summary.layout import cells, wrap
from hospes.core.summary.narrative import blocks, clean, sentences, to_xhtml
from hospes.core.summary.wording import address, concept, day, dosage, identifier, name, period, quantity, state

SNOMED = "http://snomed.info/sct"
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (CodeableConcept((Coding(display="Display", code="1"),), "Text"), "Text"),
        (CodeableConcept((Coding(code="1"), Coding(display="Display"))), "Display"),
        (CodeableConcept((Coding(SNOMED, "", "91936005"),)), "SNOMED CT 91936005"),
        (CodeableConcept((Coding("urn:oid:1.2", "", "7"),)), "urn:oid:1.2 7"),
        (CodeableConcept((Coding("", "", "7"),)), "7"),
        (CodeableConcept((Coding(SNOMED),)), ""),
        (CodeableConcept(text=" \n "), ""),
    ],
)
def test_a_concept_falls_back_on_display_and_code(value: CodeableConcept, text: str) -> None:
    """What its author wrote goes before a display, a display before a code, and a code before nothing."""
    assert concept(value) == text


def test_a_status_is_the_code_of_the_standard() -> None:
    """Whatever language its display has."""
    own = Coding("http://terminology.hl7.org/CodeSystem/condition-clinical", "", "active", "Aktiv")
    assert state(CodeableConcept((Coding(SNOMED, "", "1", "Eins"), own))) == "active"
    assert state(CodeableConcept(text="Aktiv")) == "Aktiv"


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (quantity(Quantity(value=Decimal("7.20"), comparator="<", unit="mmol/L")), "< 7.20 mmol/L"),
        (quantity(Quantity(value=3, code="mg")), "3 mg"),
        (quantity(Quantity(value=Decimal("1.0"), code="1")), "1.0"),
        (quantity(Quantity(unit="mg")), ""),
        (period(Period("2020-01-02T03:04:05Z", "2021")), "2020-01-02 to 2021"),
        (period(Period("2020", "2020")), "2020"),
        (period(Period("2020")), "since 2020"),
        (period(Period(end="2021")), "until 2021"),
        (day("2020-01-02T03:04:05+01:00"), "2020-01-02"),
        (day("in childhood, Tuesdays"), "in childhood, Tuesdays"),
        (
            name((HumanName(use="maiden", text="Old"), HumanName(use="usual", family="Example", given=("Eva", None)))),
            "Eva Example",
        ),
        (
            name(
                (HumanName(), HumanName(text="Eva")),
            ),
            "Eva",
        ),
        (address(Address(line=("Road 1",), city="Mallila", postal_code="00000")), "Road 1, 00000 Mallila"),
        (identifier(Identifier("urn:oid:2.999", "42")), "42 (urn:oid:2.999)"),
        (identifier(Identifier("urn:oid:2.999", "42", CodeableConcept(text="Passport"))), "42 (Passport)"),
    ],
)
def test_data_types_are_short_text(shown: str, text: str) -> None:
    """Numbers keep their digits, dates lose their time, and a text that is no date stays whole."""
    assert shown == text


def test_a_dosage_is_its_sentence_or_made_of_its_parts() -> None:
    """Amount, frequency, route and need stand in for a sentence that is missing."""
    dose = (DoseAndRate(dose_quantity=Quantity(value=5, unit="mg")),)
    twice = Timing(repeat=TimingRepeat(frequency=2, period=1, period_unit="d"))
    assert dosage(Dosage(text="1 in the morning", dose_and_rate=dose)) == "1 in the morning"
    parts = Dosage(dose_and_rate=dose, timing=twice, route=CodeableConcept(text="by mouth"), as_needed_boolean=True)
    assert dosage(parts) == "5 mg, 2 x per day, by mouth, as needed"
    assert dosage(Dosage(timing=Timing(repeat=TimingRepeat(period=3, period_unit="wk")))) == "1 x per 3 week"
    assert not dosage(Dosage())


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>One</p><p>Two &amp; <b>th</b>ree</p>", ("One", "Two & three")),
        ("<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td/><td> 2 </td></tr></table>", ("A | B", "1 | 2")),
        ("<ul><li>One<br/>two</li></ul>", ("One", "two")),
        ("plain", ("plain",)),
        ("a &lt;b&gt; c", ("a <b> c",)),
        ("<script>steal()</script><style>p{}</style>shown", ("shown",)),
        ("unclosed <p", ("unclosed <p",)),
        ("", ()),
    ],
)
def test_narrative_is_text_in_blocks(body: str, text: tuple[str, ...]) -> None:
    """Paragraphs, items and rows stand apart, cells are parted, and nothing of the markup is left."""
    assert blocks(DIV.format(body)) == text


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=("C", "Z")), min_size=1), max_size=4))
def test_text_comes_back_from_xhtml(lines: list[str]) -> None:
    """Whatever signs a text holds, they are text in the XHTML and the same text again."""
    assert blocks(to_xhtml(lines)) == tuple(lines)


@given(st.text())
def test_no_shown_text_steers_a_terminal(text: str) -> None:
    """No control character, line end, override of direction or hidden letter gets through, and clean text stays."""
    shown = clean(text)
    assert all(letter.isprintable() or letter in "\u200c\u200d" for letter in shown)
    assert clean(shown) == shown


def test_escape_sequences_and_overrides_are_taken_out() -> None:
    """A name must not colour the screen or turn the words around."""
    assert clean("Eva\x1b[2J\u202eexample\u0000") == "Eva[2Jexample"


@pytest.mark.parametrize("piece", ["<", "<a ", "<!--", "&", "<td>", "a. | "])
def test_hostile_markup_takes_linear_time(piece: str) -> None:
    """Nothing in a text makes a reader go back; this would take minutes if it did."""
    told = blocks(piece * 100_000)
    assert isinstance([part for block in told for part in sentences(block)], list)


@given(st.text(alphabet="ab \u0301\u4e2d\uff21x", max_size=60), st.integers(4, 20))
def test_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    """No line is wider than asked for, wide letters counted twice, and no letter is lost."""
    lines = wrap(text, width, "* ", "  ")
    assert all(cells(line) <= width for line in lines)
    assert "".join("".join(lines).removeprefix("* ").split()) == "".join(text.split())


def test_sentences_and_cells_are_told_apart() -> None:
    """So that one of them can be quoted without the others."""
    assert sentences("Depressed. Allergic to penicillin! | cell; next") == [
        "Depressed.",
        "Allergic to penicillin!",
        "cell;",
        "next",
    ]
