"""The term base: complete, consistent, and known to the engine word by word in every language."""

import pytest

from hospes.translator_wasm import Language, Status, Translator
from hospes.translator_wasm.building.base import Base, read_base, spellings
from hospes.translator_wasm.building.words import loose, words_of
from hospes.translator_wasm.kinds import Kind


@pytest.fixture(scope="module")
def base() -> Base:
    """The term base."""
    return read_base()


def test_the_base_holds_what_was_promised(base: Base) -> None:
    """There are at least 250 concepts and 30 patterns, each in all six languages."""
    assert len(base.concepts) >= 250
    assert len(base.patterns) >= 30
    assert all(set(concept.terms) == set(Language) for concept in base.concepts)
    assert all(set(pattern.phrases) == set(Language) for pattern in base.patterns)


@pytest.mark.parametrize("language", Language)
def test_every_spelling_is_read_as_its_concept(base: Base, language: Language) -> None:
    """Each term of each concept, alone, is exactly that concept: packs, words and engine agree."""
    wanted = [
        (spelling, concept)
        for concept in base.concepts
        if concept.kind is not Kind.UNIT
        for spelling in concept.terms[language].spellings
    ]
    target = Language.PT if language is not Language.PT else Language.EN
    for one, (spelling, concept) in zip(
        Translator(language, target).translate_many(spelling for spelling, _ in wanted), wanted, strict=True
    ):
        assert one.spans, spelling
        assert (one.spans[0].concept, len(one.spans)) == (concept.id, 1), (spelling, one.marked)
        assert one.is_known, (spelling, one.marked)


@pytest.mark.parametrize("language", Language)
def test_every_unit_is_read_after_a_number(base: Base, language: Language) -> None:
    """Each spelling of each unit, behind a number, is that unit."""
    translator = Translator(language, Language.FR)
    for concept in (concept for concept in base.concepts if concept.kind is Kind.UNIT):
        for spelling in concept.terms[language].spellings:
            found = translator.translate(f"5 {spelling}")
            assert [span.concept for span in found.spans] == ["", concept.id], (spelling, found.marked)
            assert found.status is Status.COMPOSED


@pytest.mark.parametrize("source", Language)
@pytest.mark.parametrize("target", Language)
def test_a_preferred_term_becomes_the_preferred_term(base: Base, source: Language, target: Language) -> None:
    """From any language into any other, a preferred term becomes the preferred term, apart from a capital."""
    concepts = [concept for concept in base.concepts if concept.kind is not Kind.UNIT]
    found = Translator(source, target).translate_many(concept.terms[source].forms[0] for concept in concepts)
    for concept, one in zip(concepts, found, strict=True):
        assert one.target.lower() == concept.terms[target].forms[0].lower()


@pytest.mark.parametrize("language", Language)
def test_accents_may_be_left_out_where_nothing_else_is_meant(base: Base, language: Language) -> None:
    """A spelling without accents is read as the same concept, if the pack took it in."""
    known = spellings(base, language)
    translator = Translator(language, Language.EN if language is not Language.EN else Language.DE)
    pairs = [
        (" ".join(bare).replace("' ", "'"), number)
        for words, number in known.items()
        if (bare := loose(words, language)) and known.get(bare) == number
    ]
    for (text, number), one in zip(pairs, translator.translate_many(text for text, _ in pairs), strict=True):
        assert [span.concept for span in one.spans] == [base.concepts[number].id], text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Type 2 diabetes", ("type", "2", "diabetes")),
        ("COVID-19 (severe)", ("covid", "19", "(", "severe", ")")),
        ("l\N{RIGHT SINGLE QUOTATION MARK}hypertension à 7,5 %", ("l'", "hypertension", "à", "7,5", "%")),
        ("D-vitamiinin", ("d", "vitamiinin")),
    ],
)
def test_words_are_cut_as_the_engine_cuts_them(text: str, words: tuple[str, ...]) -> None:
    """Hyphens part, apostrophes stay with what they end, numbers and marks are words."""
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("words", "language", "expected"),
    [
        (("dor", "torácica"), Language.PT, ("dor", "toracica")),
        (("año",), Language.ES, None),
        (("yskä",), Language.FI, None),
        (("übelkeit",), Language.DE, ("uebelkeit",)),
        (("né",), Language.FR, None),
    ],
)
def test_a_letter_is_not_an_accent(
    words: tuple[str, ...], language: Language, expected: tuple[str, ...] | None
) -> None:
    """Accents may go; letters of a language's own and accents of short words may not."""
    assert loose(words, language) == expected
