"""Negation and other turning words: never lost, never invented; a sentence is turned whole or left whole."""

import re

import pytest
from hypothesis import given, settings, strategies as st

from hospes.translator_wasm import Language, Status, Translator
from hospes.translator_wasm.building.base import NEGATION, Base, read_base
from hospes.translator_wasm.building.words import words_of
from hospes.translator_wasm.kinds import Kind

BASE: Base = read_base()
TRANSLATORS = {(a, b): Translator(a, b) for a in Language for b in Language if a is not b}
PAIRS = sorted(TRANSLATORS)
FILLER = {
    Language.EN: ["and", "or", "the patient", "with", "since", "2019", ",", ";", ":", "|", "of", "very", "(", ")", "?"],
    Language.PT: ["e", "ou", "o doente", "com", "desde", "2019", ",", ";", ":", "|", "de", "muito", "(", ")", "?"],
    Language.ES: ["y", "o", "el paciente", "con", "desde", "2019", ",", ";", ":", "|", "de", "muy", "(", ")", "?"],
    Language.FR: ["et", "ou", "le patient", "avec", "depuis", "2019", ",", ";", ":", "|", "de", "très", "(", ")", "?"],
    Language.DE: ["und", "oder", "der Patient", "mit", "seit", "2019", ",", ";", ":", "|", "von", "sehr", "(", "?"],
    Language.FI: ["ja", "tai", "potilas", "kanssa", "alkaen", "2019", ",", ";", ":", "|", "hyvin", "(", ")", "?"],
}


def cues(language: Language) -> list[str]:
    """Return the negations of a language."""
    return sorted(word for word, kind in BASE.manners[language].turning.items() if kind == NEGATION)


def negates(text: str, language: Language) -> bool:
    """Whether a text holds a negation."""
    return BASE.manners[language].negates(words_of(text))


def terms(language: Language) -> list[str]:
    """Return terms that a sentence may hold."""
    kinds = {Kind.FINDING, Kind.SUBSTANCE, Kind.DEVICE, Kind.SENTENCE, Kind.RESULT, Kind.STATUS, Kind.TEST, Kind.SITE}
    return [spelling for one in BASE.concepts if one.kind in kinds for spelling in one.terms[language].spellings]


@st.composite
def sentences(draw: st.DrawFn, language: Language) -> str:
    """Terms, negations and small words of a language in any order."""
    word = st.one_of(
        st.sampled_from(terms(language)), st.sampled_from(cues(language)), st.sampled_from(FILLER[language])
    )
    return " ".join(draw(st.lists(word, min_size=1, max_size=7)))


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_a_negation_is_never_lost(data: st.DataObject) -> None:
    """A source with a negation gives a target with one, or is not called known; what was left is seen."""
    source, target = data.draw(st.sampled_from(PAIRS))
    text = data.draw(sentences(source))
    found = TRANSLATORS[source, target].translate(text)
    if negates(text, source) and found.is_known:
        assert negates(found.target, target), (text, found.target)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_a_negation_that_is_not_understood_is_left_in_the_source_language(data: st.DataObject) -> None:
    """If a negation is in the source, the target holds one of the target's, or the source's own, marked."""
    source, target = data.draw(st.sampled_from(PAIRS))
    text = data.draw(sentences(source))
    found = TRANSLATORS[source, target].translate(text)
    if negates(text, source):
        left = [piece.text for piece in found.pieces if not piece.known]
        said = " ".join(piece.text for piece in found.pieces if piece.known)
        assert negates(said, target) or any(negates(one, source) for one in left), (text, found.marked)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_a_negation_is_never_invented(data: st.DataObject) -> None:
    """A source without a negation gives none, unless its term itself means one."""
    source, target = data.draw(st.sampled_from(PAIRS))
    plain = [
        one.terms[source].forms[0]
        for one in BASE.concepts
        if one.kind in {Kind.FINDING, Kind.SUBSTANCE, Kind.DEVICE} and not BASE.is_negated(one)
    ]
    text = ", ".join(data.draw(st.lists(st.sampled_from(plain), min_size=1, max_size=4)))
    assert not negates(TRANSLATORS[source, target].translate(text).target, target)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("en", "no xyzzy and fever"),
        ("en", "No fever, cough"),
        ("en", "Fever was not seen, chest pain"),
        ("en", "never had chest pain"),
        ("en", "fever-free"),
        ("en", "chest pain denied by patient"),
        ("en", "Allergies: penicillin no"),
        ("en", "w/o chest pain"),
        ("en", "doesn't have fever"),
        ("en", "doesn\u2019t have fever"),
        ("en", "doesn\u00b4t have fever"),
        ("en", "doesnt have fever"),
        ("en", "fever isn 't there"),
        ("en", "no\nchest pain and asthma"),
        ("en", "Denies:\n- fever\n- cough"),
        ("pt", "nao tem febre hoje"),
        ("es", "nunca tuvo fiebre"),
        ("fr", "n'a jamais eu de fièvre"),
        ("de", "hat nie Fieber gehabt"),
        ("fi", "ei ole ollut kuumetta eilen"),
    ],
)
def test_what_a_negation_reaches_is_not_translated_without_it(source: str, text: str) -> None:
    """No part of a sentence with a negation that is not understood is translated."""
    found = Translator(source, "fi" if source == "pt" else "pt").translate(text)
    assert found.status is Status.UNKNOWN
    assert found.target == text
    assert not any(span.known for span in found.spans)


@pytest.mark.parametrize(
    ("source", "target", "text", "expected"),
    [
        ("en", "pt", "No known allergies", "Sem alergias conhecidas"),
        ("en", "fi", "no known allergies", "ei tunnettuja allergioita"),
        ("fi", "en", "ei allergioita", "no known allergies"),
        ("en", "de", "denies chest pain", "verneint Brustschmerzen"),
        ("fr", "en", "sans fièvre", "no fever"),
        ("fr", "de", "pas de fièvre", "kein Fieber"),
        ("es", "fr", "sin fiebre ni tos", "pas de fièvre ni de toux"),
        ("de", "es", "kein Fieber", "sin fiebre"),
        ("pt", "fi", "sem febre", "ei kuumetta"),
        ("fi", "pt", "ei kuumetta eikä yskää", "sem febre nem tosse"),
        ("en", "fr", "not allergic to latex", "pas d'allergie au latex"),
        ("en", "es", "pulmonary embolism excluded", "embolia pulmonar: descartado"),
        ("en", "pt", "Fever, no cough", "Febre, sem tosse"),
        ("en", "pt", "no fever; cough", "sem febre; tosse"),
        ("en", "de", "no pacemaker", "kein Herzschrittmacher"),
        ("en", "pt", "troponin negative", "troponina: negativa"),
        ("en", "pt", "Hives, not confirmed", "Urticária, não confirmado"),
    ],
)
def test_a_negation_that_is_understood_is_translated(source: str, target: str, text: str, expected: str) -> None:
    """Frequent negations are known in all languages."""
    found = Translator(source, target).translate(text)
    assert found.is_known
    assert found.target == expected


@pytest.mark.parametrize(
    "text",
    [
        "family history unclear, breast cancer",
        "rule out pulmonary embolism today",
        "her mother had a stroke",
        "if fever give paracetamol",
        "stopped apixaban in March",
    ],
)
def test_other_turning_words_hold_a_sentence_together(text: str) -> None:
    """What is about a relative, a doubt, a condition or the past is not translated as about the patient and now."""
    assert Translator("en", "pt").translate(text).status is Status.UNKNOWN


@pytest.mark.parametrize("language", Language)
def test_every_negated_concept_is_negated_in_every_language(language: Language) -> None:
    """Preferred terms agree on negation, word by word."""
    for concept in BASE.concepts:
        said = concept.terms[language].forms[0]
        assert negates(said, language) == BASE.is_negated(concept), (concept.id, said)


def test_no_form_of_a_term_brings_or_loses_a_negation() -> None:
    """Forms for gender, number and case keep what the preferred term says; the German negated form alone adds one."""
    for concept in BASE.concepts:
        for language in Language:
            for form, said in concept.terms[language].forms.items():
                negated = negates(re.sub("^keine? ", "", said) if form == 12 else said, language)
                assert negated == BASE.is_negated(concept), (concept.id, said)
