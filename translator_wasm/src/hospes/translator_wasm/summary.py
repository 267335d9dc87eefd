"""Summary: the displayed facts of a patient summary, in the reader's language beside the original.

It translates what is shown and nothing else: names of persons and places, identifiers, lot and model numbers stay. The
text of a fact goes before its codes, because it may say more (a side, a stage); a code is asked where the text is not
known whole. Where text and code are both known and name two different things, `Rendered.disputed` says what the code
names: somebody must look.

Source: FHIR R4, section 2.24 ("text" of a concept is what its author meant).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from hospes.core.summary import Coding, Detail, Fact, Label, Section, SectionKind, Summary
from hospes.translator_wasm.engine import MAX_TEXT_BYTES, Flag
from hospes.translator_wasm.languages import Language, language
from hospes.translator_wasm.translation import Span, Status, Translation
from hospes.translator_wasm.translator import Translator

_AS_WRITTEN: Final = frozenset({Label.LOT, Label.MODEL})
"""Numbers and brands: never translated."""
_MEASURED: Final = frozenset({Label.VALUE, Label.USUAL, Label.PART})
"""Amounts that FHIR gives as decimals: a point in them is a decimal sign whatever the language."""
_CRITICALITY: Final = "http://hl7.org/fhir/allergy-intolerance-criticality"
"""Its codes are asked as codes: as words, ``high`` would not say what is."""
_MAX_CODES: Final = 4
"""Codes asked for one fact; more name the same."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One displayed text in the reader's language.

    Attributes
    ----------
    original : str
        As the document has it.
    text : Translation
        Of the original. Show its `pieces`, so that what stayed in the source language is seen to.
    by_code : Translation | None
        What the fact's code says, where the text is not known whole.
    disputed : Translation | None
        What the fact's code says, where text and code are known and differ.
    """

    original: str
    text: Translation
    by_code: Translation | None = None
    disputed: Translation | None = None

    @property
    def target(self) -> str:
        """What to show first: by code where only the code is known whole, else by text, with its marks."""
        return self.by_code.target if self.by_code else self.text.marked

    @property
    def status(self) -> Status:
        """Of what is shown first."""
        return self.by_code.status if self.by_code else self.text.status


@dataclass(frozen=True, slots=True)
class RenderedDetail:
    """One particular of a fact: its label in the reader's language, and its text."""

    label: Label
    title: str
    text: Rendered


@dataclass(frozen=True, slots=True)
class RenderedFact:
    """A fact beside its original.

    Attributes
    ----------
    original : Fact
        With text, date and source as they stand.
    text, status, date : Rendered
        `date` differs from the original only in words such as "since".
    details : tuple[RenderedDetail, ...]
    """

    original: Fact
    text: Rendered
    status: Rendered
    date: Rendered
    details: tuple[RenderedDetail, ...]

    @property
    def source(self) -> str:
        """Who stated it: a name, never translated."""
        return self.original.source


@dataclass(frozen=True, slots=True)
class RenderedSection:
    """A section beside its original."""

    original: Section
    title: Rendered
    facts: tuple[RenderedFact, ...]
    narrative: tuple[Rendered, ...]
    empty_reason: Rendered

    @property
    def kind(self) -> SectionKind:
        """What it is about."""
        return self.original.kind


@dataclass(frozen=True, slots=True)
class RenderedSummary:
    """A patient summary in the reader's language.

    Attributes
    ----------
    original : Summary
    source, target : Language
    title : Rendered
        Of the document.
    sections : tuple[RenderedSection, ...]
        In the order in which a clinician reads.
    """

    original: Summary
    source: Language
    target: Language
    title: Rendered
    sections: tuple[RenderedSection, ...]

    @property
    def counts(self) -> dict[Status, int]:
        """How many displayed texts have each status."""
        found = dict.fromkeys(Status, 0)
        for text in _shown(self):
            if text.original:
                found[text.status] += 1
        return found

    def __repr__(self) -> str:
        """Give languages and sizes alone."""
        return f"<RenderedSummary {self.source} to {self.target}, {len(self.sections)} sections>"


def translate_summary(
    summary: Summary, target: Language | str, source: Language | str | None = None
) -> RenderedSummary:
    """Translate what a summary shows.

    Parameters
    ----------
    summary : Summary
    target : Language or str
        The reader's language.
    source : Language, str or None
        The language of the document; None takes what the document says.

    Raises
    ------
    UnknownLanguageError
        For a language of which there is no pack, or a document that does not name its own.
    """
    written_in = language(source if source is not None else summary.header.language)
    translator = Translator(written_in, target)
    texts = _Texts(translator)
    texts.translate(_wanted(summary))
    return RenderedSummary(
        original=summary,
        source=translator.source,
        target=translator.target,
        title=texts.rendered(summary.header.title),
        sections=tuple(_section(section, texts) for section in summary.sections),
    )


def _wanted(summary: Summary) -> Iterator[tuple[str, Flag]]:
    """Yield every text and code that will be asked for, so that one batch answers all."""
    yield summary.header.title, Flag.NONE
    for section in summary.sections:
        yield from ((text, Flag.NONE) for text in (section.title, section.empty_reason, *section.narrative))
        for fact in section.facts:
            yield from ((text, Flag.NONE) for text in (fact.text, fact.status, fact.date))
            yield from ((code, Flag.CODE | Flag.CAPITAL) for code in _codes(fact.codings))
            yield from ((detail.text, _flags(detail.label)) for detail in fact.details)
            yield from ((code, Flag.CODE) for code in map(_code_of, fact.details) if code)


def _flags(label: Label) -> Flag:
    return Flag.POINT if label in _MEASURED else Flag.NONE


def _code_of(detail: Detail) -> str:
    return f"{_CRITICALITY}|{detail.text}" if detail.label is Label.CRITICALITY else ""


def _codes(codings: Iterable[Coding]) -> list[str]:
    return [f"{coding.system}|{coding.code}" for coding in codings if coding.system and coding.code][:_MAX_CODES]


@cache
def label_titles(target: Language) -> dict[Label, str]:
    """Return what each label of a detail is called in the reader's language."""
    titles = Translator(Language.EN, target).translate_many(label.value for label in Label)
    return {label: title.target for label, title in zip(Label, titles, strict=True)}


class _Texts:
    """The texts of one summary, each translated once, in one batch."""

    def __init__(self, translator: Translator) -> None:
        self._translator = translator
        self._titles = label_titles(translator.target)
        self._found: dict[tuple[str, Flag], Translation] = {}

    def translate(self, wanted: Iterable[tuple[str, Flag]]) -> None:
        """Translate what will be asked for. What is too long for the engine stays as it stands."""
        keys = [key for key in dict.fromkeys(wanted) if len(key[0].encode()) <= MAX_TEXT_BYTES]
        self._found = dict(zip(keys, self._translator.translate_all(keys), strict=True))

    def rendered(self, text: str, flags: Flag = Flag.NONE, codings: Iterable[Coding] = ()) -> Rendered:
        """Return a text, and what its codes say where that helps."""
        by_text = self._found.get((text, flags)) or _left(text)
        by_code = self._by_code(codings)
        if by_code is None or not text:
            return Rendered(text, by_text)
        if not by_text.is_known:
            return Rendered(text, by_text, by_code=by_code)
        return Rendered(text, by_text, disputed=by_code if _differ(by_text, by_code) else None)

    def detail(self, detail: Detail) -> RenderedDetail:
        """Return a detail with its label in the reader's language."""
        flags = _flags(detail.label)
        text = self.rendered(detail.text, flags)
        if detail.label in _AS_WRITTEN:
            text = Rendered(detail.text, _kept(detail.text))
        by_code = self._found.get((_code_of(detail), Flag.CODE))
        if by_code is not None and by_code.is_known:
            text = Rendered(detail.text, text.text, by_code=by_code)
        return RenderedDetail(detail.label, self._titles[detail.label], text)

    def _by_code(self, codings: Iterable[Coding]) -> Translation | None:
        answers = (self._found.get((code, Flag.CODE | Flag.CAPITAL)) for code in _codes(codings))
        return next((answer for answer in answers if answer and answer.is_known), None)


def _left(text: str) -> Translation:
    """Return a text that is too long to be translated, as it stands."""
    whole = (0, len(text))
    return Translation(text, text, Status.UNKNOWN, (Span(whole, whole, "unknown", "", known=False),))


def _kept(text: str) -> Translation:
    """Return a number or brand, which is the same in every language."""
    return Translation(text, text, Status.EXACT, ())


def _differ(by_text: Translation, by_code: Translation) -> bool:
    """Whether a text that is one concept names another than the code does.

    Ids are made of words: one that holds all words of another is a kind of it, which is no contradiction.
    """
    if by_text.status is not Status.EXACT or not by_text.spans:
        return False
    said, coded = (set(one.spans[0].concept.split("-")) for one in (by_text, by_code))
    return not (said <= coded or coded <= said)


def _section(section: Section, texts: _Texts) -> RenderedSection:
    return RenderedSection(
        original=section,
        title=texts.rendered(section.title),
        facts=tuple(_fact(fact, texts) for fact in section.facts),
        narrative=tuple(texts.rendered(block) for block in section.narrative),
        empty_reason=texts.rendered(section.empty_reason),
    )


def _fact(fact: Fact, texts: _Texts) -> RenderedFact:
    return RenderedFact(
        original=fact,
        text=texts.rendered(fact.text, codings=fact.codings),
        status=texts.rendered(fact.status),
        date=texts.rendered(fact.date),
        details=tuple(texts.detail(detail) for detail in fact.details),
    )


def _shown(summary: RenderedSummary) -> Iterator[Rendered]:
    for section in summary.sections:
        yield section.title
        yield from section.narrative
        for fact in section.facts:
            yield from (fact.text, fact.status, fact.date)
            yield from (detail.text for detail in fact.details)
