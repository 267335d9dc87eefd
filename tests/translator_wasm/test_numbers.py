"""Numbers, units and dates: every digit survives, and what two countries read differently is left and marked."""

import re
from collections import Counter

import pytest
from hypothesis import given, settings, strategies as st

from hospes.translator_wasm import Language, Status, Translator
from hospes.translator_wasm.building.base import read_base
from hospes.translator_wasm.engine import Flag

BASE = read_base()
TRANSLATORS = {(a, b): Translator(a, b) for a in Language for b in Language if a is not b}
PAIRS = sorted(TRANSLATORS)
DIGITS = re.compile(r"\d+", re.ASCII)
NUMBERS = st.from_regex(r"[0-9]{1,4}([.,/:-][0-9]{1,4}){0,3}", fullmatch=True)


@st.composite
def texts(draw: st.DrawFn, language: Language) -> str:
    """Numbers among terms, units and noise."""
    known = [spelling for one in BASE.concepts for spelling in one.terms[language].spellings]
    parts = st.one_of(
        NUMBERS, st.sampled_from(known), st.text(max_size=6), st.sampled_from([",", "-", "\n", "(", ". "])
    )
    return draw(st.sampled_from([" ", ""])).join(draw(st.lists(parts, max_size=8)))


@settings(deadline=None, max_examples=120)
@given(st.data())
def test_every_digit_of_the_source_stands_in_the_target(data: st.DataObject) -> None:
    """Each run of digits of any text is found in its translation, as often as in the text, and no other is added."""
    source, target = data.draw(st.sampled_from(PAIRS))
    text = data.draw(texts(source))
    found = TRANSLATORS[source, target].translate(text)
    assert not Counter(DIGITS.findall(text)) - Counter(DIGITS.findall(found.target)), (text, found.target)


@pytest.mark.parametrize(
    ("source", "target", "text", "expected"),
    [
        ("en", "pt", "7.5 mg", "7,5 mg"),
        ("pt", "en", "7,5 mg", "7.5 mg"),
        ("de", "en", "7.5 mg", "7.5 mg"),
        ("en", "de", "1,000 mg", "1\u202f000 mg"),
        ("en", "fr", "1,234.5 mg", "1\u202f234,5 mg"),
        ("de", "en", "1.234,5 mg", "1\u202f234.5 mg"),
        ("en", "fi", "0,500 mg", "0,500 mg"),
        ("en", "es", "138/78 mmHg", "138/78 mmHg"),
        ("en", "pt", "2026-08-25", "2026-08-25"),
        ("en", "pt", "since 2021-06-09", "desde 2021-06-09"),
        ("en", "de", "9 June 2021", "9. Juni 2021"),
        ("de", "fi", "9. Juni 2021", "9. kesäkuuta 2021"),
        ("en", "fi", "June 9, 2021", "9. kesäkuuta 2021"),
        ("fr", "en", "9 juin 2021", "9 June 2021"),
        ("en", "pt", "1 tablet", "1 comprimido"),
        ("en", "pt", "2 tablets", "2 comprimidos"),
        ("en", "fi", "2 tablets", "2 tablettia"),
        ("en", "pt", "1/2 tablet", "1/2 comprimido"),
        ("en", "fi", "1/2 tablet", "1/2 tablettia"),
        ("en", "pt", "20 micrograms", "20 microgramas"),
        ("en", "fr", "5mg", "5 mg"),
        ("en", "pt", "44 mL/min/1.73 m2", "44 mL/min/1,73 m2"),
        ("en", "de", "every 8 hours", "alle 8 Stunden"),
    ],
)
def test_numbers_take_the_form_of_the_target(source: str, target: str, text: str, expected: str) -> None:
    """Decimal signs, groups, dates and counted words follow the target language; values stay."""
    found = Translator(source, target).translate(text)
    assert (found.target, found.is_known) == (expected, True)


@pytest.mark.parametrize(
    ("source", "text"),
    [("de", "1.000 mg"), ("pt", "12.500"), ("en", "03/07/2020"), ("fi", "3.7.2020"), ("en", "1.2.3"), ("en", "1,23,4")],
)
def test_what_can_be_read_in_two_ways_is_left_and_marked(source: str, text: str) -> None:
    """A number or date with two readings stays as it stands."""
    found = Translator(source, "fr").translate(text)
    assert found.status is Status.UNKNOWN
    assert found.target == text


def test_a_point_is_a_decimal_sign_where_the_caller_says_so() -> None:
    """FHIR's decimals are read as such in every language."""
    assert Translator("de", "fr").translate_many(["1.000 mg"], Flag.POINT)[0].target == "1,000 mg"


@pytest.mark.parametrize("text", ["Mg", "5 Mg", "mg"])
def test_a_unit_is_known_by_its_exact_spelling_behind_a_number(text: str) -> None:
    """Mg is not mg, and a unit without a number is none."""
    assert not Translator("en", "pt").translate(text).is_known


def test_a_year_is_no_count_and_a_day_no_year() -> None:
    """Patterns of dates take only what can be a day or a year."""
    found = Translator("en", "pt").translate("48 in August 2025, 52 in August 2024.")
    assert found.target == "48 em agosto de 2025, 52 em agosto de 2024."
