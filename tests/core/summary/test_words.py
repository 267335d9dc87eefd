"""Words: found by substrings and patterns exactly as one pattern would find them."""

import re
import unicodedata

import pytest
from hypothesis import given, strategies as st

from hospes.core.summary.words import Words, folded

SOURCES = (
    r"allerg|\bige\b|過敏|アレルギ|알레르기|حساسي",
    r"penici|penis[iy]l|marca-?pass|stoma\b",
    r"depressi(ve|fs?)\b|\b(mild|severe) depression|^depression\b(?! of)|self-?harm|panic (disorder|attack)",
)
PIECES = (
    *(
        "Allerg",
        "IgE",
        "ige",
        "過敏",
        "アレルギー",
        "알레르기",
        "حساسية",
        "peni",
        "cillin",
        "Penisyl",
        "marca",
        "-",
        "pass",
    ),
    *("stoma", "ch", "depressi", "ve", "fs", "severe", "DEPRESSION", "of", "self", "harm", "panic", "attack", "é", "ß"),
    *("\u00ad", "\u200d", "\u0301", "İ", "ﬁ", ".", " "),
)


def _obvious(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in parts if one.isascii() or unicodedata.category(one) not in {"Mn", "Cf"})


@given(st.text())
def test_folding_is_what_it_says(text: str) -> None:
    """Without case, accents and invisible characters, letter by letter."""
    assert folded(text) == _obvious(text)


@pytest.mark.parametrize("source", SOURCES)
@given(texts=st.lists(st.sampled_from(PIECES), max_size=8))
def test_words_are_found_as_by_one_pattern(source: str, texts: list[str]) -> None:
    """Whatever is found by substrings is what the whole pattern finds, no more and no less."""
    text = "".join(texts)
    assert Words(source).are_in(text) is bool(re.search(_obvious(source), _obvious(text)))
