"""The story's phrases in all pairs of languages, held to the letter; a change here must be read by somebody."""

import json
from pathlib import Path

import pytest

from hospes.translator_wasm import Language, Status, Translator
from hospes.translator_wasm.building.base import read_base
from hospes.translator_wasm.building.packing import pack
from hospes.translator_wasm.packs import pack_bytes

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.mark.parametrize("source", Language)
@pytest.mark.parametrize("target", Language)
def test_the_story_is_told_as_it_was_read(source: Language, target: Language) -> None:
    """Each fixture has the target and status that were read and agreed."""
    lines = [json.loads(line) for line in (FIXTURES / "story.jsonl").read_text("utf-8").splitlines()]
    mine = [line for line in lines if (line["from"], line["to"]) == (source, target)]
    assert mine or source == target
    found = Translator(source, target).translate_many(line["text"] for line in mine)
    assert [(one.target, one.status.value) for one in found] == [(line["target"], line["status"]) for line in mine]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Atrial fibrillation", Status.EXACT),
        ("Atrial fibrillation.", Status.EXACT),
        ("Atrial fibrillation, fever", Status.COMPOSED),
        ("severe fever", Status.COMPOSED),
        ("fever xyzzy", Status.PARTIAL),
        ("fever asthma", Status.PARTIAL),
        ("xyzzy", Status.UNKNOWN),
        ("", Status.COMPOSED),
        ("—", Status.COMPOSED),
        ("138/78", Status.COMPOSED),
    ],
)
def test_a_status_says_how_much_is_known(text: str, status: Status) -> None:
    """Exact is one term; composed is all; partial has something left or a joint; unknown has nothing."""
    assert Translator("en", "pt").translate(text).status is status


def test_a_joint_is_marked_where_two_phrases_stand_side_by_side() -> None:
    """Two known phrases without a pattern are both translated, and the joint is a span that is not known."""
    joint = Translator("en", "pt").translate("fever asthma").spans[1]
    assert (joint.kind, joint.known, joint.source, joint.target) == ("joint", False, (6, 6), (6, 6))


def test_spans_point_at_the_words_in_both_texts() -> None:
    """Ranges count code points, also behind letters of two and four bytes."""
    found = Translator("pt", "en").translate("🫀 fibrilhação auricular, hipertensão")
    places = [(found.source[slice(*span.source)], found.target[slice(*span.target)]) for span in found.spans]
    assert places == [
        ("🫀", "🫀"),
        ("fibrilhação auricular", "atrial fibrillation"),
        ("hipertensão", "high blood pressure"),
    ]


def test_pieces_part_the_target_where_the_language_changes() -> None:
    """Pieces join to the target, and `marked` brackets what stayed."""
    found = Translator("en", "pt").translate("Fever and xyzzy, asthma")
    assert [(piece.text, piece.known) for piece in found.pieces] == [
        ("Febre ", True),
        ("and xyzzy", False),
        (", asma", True),
    ]
    assert found.marked == "Febre ⟦and xyzzy⟧, asma"


@pytest.mark.parametrize(
    "text",
    [
        "FIBRILHAÇÃO AURICULAR",
        "fibrilhac\u0327a\u0303o auricular",
        "fibrilhacao  auricular",
        "fibrilhação\u00a0auricular",
    ],
)
def test_letters_do_not_matter_where_they_should_not(text: str) -> None:
    """Capitals, decomposed letters, missing accents and kinds of space are read alike."""
    assert Translator("pt", "en").translate(text).target.lower() == "atrial fibrillation"


@pytest.mark.parametrize("text", ["May", "left", "mild", "fever in the left", "he left", "may cause"])
def test_bound_words_count_only_alone_or_in_a_pattern(text: str) -> None:
    """A word that is usually something else is translated only where it stands alone."""
    known = Translator("en", "pt").translate(text)
    assert known.is_known == (text in {"May", "left", "mild"})


def test_a_piece_of_glued_words_is_not_taken_out() -> None:
    """A term inside of a compound is not translated by itself."""
    assert Translator("en", "pt").translate("asthma-like").status is Status.UNKNOWN


@pytest.mark.parametrize("language", Language)
def test_the_committed_packs_are_those_of_the_sources(language: Language) -> None:
    """What is installed was made from what can be read."""
    assert pack(read_base(), language) == pack_bytes(language)
