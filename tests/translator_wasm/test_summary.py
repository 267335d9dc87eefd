"""Summaries: every displayed fact beside its original, in the reader's language, with date and source as they stand."""

import json
from importlib.resources import files
from typing import Any

import pytest

from hospes.core.summary import Label, Summary, read
from hospes.translator_wasm import Language, Status, UnknownLanguageError
from hospes.translator_wasm.summary import RenderedSummary, translate_summary


@pytest.fixture(scope="module")
def record() -> bytes:
    """The default record."""
    return files("hospes.app").joinpath("records/traveller.json").read_bytes()


@pytest.fixture(scope="module")
def summary(record: bytes) -> Summary:
    """The default record, read."""
    return read(record)


@pytest.fixture(scope="module")
def translated(summary: Summary) -> RenderedSummary:
    """The default record in Portuguese."""
    return translate_summary(summary, Language.PT)


def test_every_fact_keeps_its_original(summary: Summary, translated: RenderedSummary) -> None:
    """Sections and facts are those of the summary, in its order, each with the fact as it was read."""
    assert [section.original for section in translated.sections] == list(summary.sections)
    shown = [fact.original for section in translated.sections for fact in section.facts]
    assert shown == list(summary.facts)
    assert [fact.source for section in translated.sections for fact in section.facts] == [
        fact.source for fact in summary.facts
    ]


@pytest.mark.parametrize("target", [language for language in Language if language is not Language.EN])
def test_the_default_record_is_known_in_every_language(summary: Summary, target: Language) -> None:
    """The text of every fact, its state, date and section title are known whole in all target languages."""
    for section in translate_summary(summary, target).sections:
        assert section.title.text.is_known, section.title.original
        for fact in section.facts:
            assert fact.text.text.is_known, (fact.original.text, fact.text.target)
            assert fact.status.text.is_known, fact.original.status
            assert fact.date.text.is_known, fact.original.date


def test_the_dangerous_facts_are_said_in_portuguese(translated: RenderedSummary) -> None:
    """The penicillin allergy, its reaction and criticality, the anticoagulant and the pacemaker."""
    allergy = translated.sections[0].facts[0]
    assert allergy.text.target == "Alergia à penicilina"
    assert {detail.label: detail.text.target for detail in allergy.details} | {Label.NOTE: ""} == {
        Label.CRITICALITY: "criticidade elevada",
        Label.REACTION: "Anafilaxia (grave, 1987-06)",
        Label.CATEGORY: "alergia, medicação",
        Label.CERTAINTY: "confirmado",
        Label.NOTE: "",
    }
    texts = {fact.text.target for section in translated.sections for fact in section.facts}
    assert {"Apixabano 5 mg comprimido", "Fibrilhação auricular paroxística", "Osteoartrose da anca esquerda"} <= texts


def changed(record: bytes, old: str, new: str) -> Summary:
    """Return the record with one text changed."""
    assert old.encode() in record
    return read(record.replace(old.encode(), new.encode()))


def test_a_code_speaks_where_the_text_is_not_known(record: bytes) -> None:
    """A text in unknown words is shown by its code, exactly, and the text stays beside it."""
    summary = changed(record, '"text": "Essential hypertension"', '"text": "Xyzzy pressure"')
    fact = next(fact for fact in summary.facts if fact.text == "Xyzzy pressure")
    found = [one for part in translate_summary(summary, "pt").sections for one in part.facts if one.original == fact]
    assert found[0].text.target == "Hipertensão essencial"
    assert found[0].text.status is Status.EXACT
    assert found[0].text.original == "Xyzzy pressure"


def test_a_text_and_a_code_that_differ_are_shown_as_disputed(record: bytes) -> None:
    """A text that is one concept beside the code of another is not settled by the translator."""
    summary = changed(record, '"text": "Essential hypertension"', '"text": "Gout"')
    disputed = [one for part in translate_summary(summary, "pt").sections for one in part.facts if one.text.disputed]
    assert [(one.text.target, one.text.disputed and one.text.disputed.target) for one in disputed] == [
        ("Gota úrica", "Hipertensão essencial")
    ]


def test_a_document_without_a_language_needs_one(record: bytes) -> None:
    """Nothing is guessed: without a language of its own a document needs the caller's."""
    tree: dict[str, Any] = json.loads(record)
    del tree["language"], tree["entry"][0]["resource"]["language"]
    summary = read(json.dumps(tree).encode())
    with pytest.raises(UnknownLanguageError):
        translate_summary(summary, "pt")
    assert translate_summary(summary, "pt", source="en").source is Language.EN


def test_a_note_that_is_too_long_stays_as_it_is(record: bytes) -> None:
    """A text beyond the engine's bound is left whole, and everything else is translated."""
    summary = changed(record, "Spinal anaesthesia without complications.", "Very long. " * 2_000)
    left = [
        detail.text
        for section in translate_summary(summary, "pt").sections
        for fact in section.facts
        for detail in fact.details
        if len(detail.text.original) > 16_000
    ]
    assert [one.status for one in left] == [Status.UNKNOWN]


def test_counts_and_names_say_nothing_of_the_patient(translated: RenderedSummary) -> None:
    """What a log might show of a translated summary holds no health data."""
    assert repr(translated) == f"<RenderedSummary en to pt, {len(translated.sections)} sections>"
    assert sum(translated.counts.values()) > 200
    assert translated.counts[Status.UNKNOWN] + translated.counts[Status.PARTIAL] < 15
