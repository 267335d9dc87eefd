"""A record as a screen shows it: the reader's language beside the original, with source and date of each fact.

It adds nothing and leaves nothing out: where there is no translation the original stands alone, and what stays
untranslated is marked, piece by piece. It asks nobody and keeps nothing.

Sources: ARCHITECTURE section 4 ("Translator: never guesses"); translator_wasm/SPEC.md section 1 (the four statuses).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hospes.clients.hospital.screen import FHIR
from hospes.core.errors import HospesError
from hospes.core.printing import printable
from hospes.core.summary import Fact, Line, Section, SectionKind, Style, Summary, read, render_text
from hospes.core.summary.sections import CODES, MANDATORY
from hospes.core.summary.showing import is_dangerous
from hospes.translator_wasm import NOTICE, Language, Translation, UnknownLanguageError, language
from hospes.translator_wasm.summary import Rendered, RenderedFact, RenderedSection, translate_summary

LANGUAGES: Final[tuple[str, ...]] = tuple(Language)
"""Codes of the languages that a reader can choose."""
WIDE: Final = 2000
"""Cells of a line: the page wraps."""
MAX_TEXT_BYTES: Final = 1 << 20
NO_TRANSLATION: Final = "no translation available: the record stands in its own language"
NO_LANGUAGE: Final = "no translation available: the record does not say in which language it was written"
SAME_LANGUAGE: Final = "not translated: the record was written in this language"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a translation; one that is not known stands in the language of the original."""

    text: str
    known: bool


@dataclass(frozen=True, slots=True)
class Said:
    """One text of a record.

    Attributes
    ----------
    original : str
    status : str
        ``exact``, ``composed``, ``partial``, ``unknown``; empty without translation.
    pieces : tuple of Piece
        The translation in order; none without.
    by_code : bool
        Whether it says what the fact's code says, since the words are not known whole.
    disputed : str
        What the fact's code says, where it contradicts the words; empty otherwise. Somebody must look.
    """

    original: str
    status: str = ""
    pieces: tuple[Piece, ...] = ()
    by_code: bool = False
    disputed: str = ""


@dataclass(frozen=True, slots=True)
class ShownDetail:
    """One particular of a fact: what it is about, and what it says."""

    label: Said
    text: Said


@dataclass(frozen=True, slots=True)
class ShownFact:
    """One statement, with where it comes from.

    Attributes
    ----------
    text, status, date : Said
        Empty where the document does not say.
    source : str
        A name, never translated; empty where the document does not say.
    details : tuple of ShownDetail
    danger : bool
        Whether it may kill.
    """

    text: Said
    status: Said
    date: Said
    source: str
    details: tuple[ShownDetail, ...]
    danger: bool


@dataclass(frozen=True, slots=True)
class ShownSection:
    """One section; `missing` when a reader would expect it and the document has none."""

    title: Said
    facts: tuple[ShownFact, ...]
    narrative: tuple[Said, ...]
    empty_reason: Said
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole record for one reader.

    Attributes
    ----------
    language : str
        Of the document, as it says or somebody said for it; empty if nobody did.
    to : str
        The reader's; empty without translation.
    notice : str
        What must stand beside it.
    heading : tuple of str
        Patient and document, line by line.
    sections : tuple of ShownSection
    quality : tuple of str
        What is imperfect about the document.
    plain : tuple of str
        Lines of a record that is no summary.
    """

    language: str
    to: str
    notice: str
    heading: tuple[str, ...] = ()
    sections: tuple[ShownSection, ...] = ()
    quality: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()


def read_record(document: bytes, media_type: str, to: str, written_in: str = "") -> Reading:
    """Return a record for one reader; a record that is no summary as its text.

    Parameters
    ----------
    document : bytes
    media_type : str
    to : str
        The reader's language.
    written_in : str
        The language of the document if it does not say so itself.
    """
    if media_type.split(";", maxsplit=1)[0].strip() == FHIR:
        try:
            return read_summary(read(document), to, written_in)
        except HospesError as error:
            return Reading("", "", NO_TRANSLATION, plain=(f"this is no patient summary that can be shown: {error}",))
    if media_type.startswith("text/") and len(document) <= MAX_TEXT_BYTES:
        lines = document.decode("utf-8", "replace").splitlines()
        return Reading("", "", NO_TRANSLATION, plain=tuple(printable(line, WIDE) for line in lines))
    told = f"{len(document)} bytes of {printable(media_type)}: no text that a page can show"
    return Reading("", "", NO_TRANSLATION, plain=(told,))


def read_summary(summary: Summary, to: str, written_in: str = "") -> Reading:
    """Return a summary for one reader; the parameters as of `read_record`."""
    source = summary.header.language or written_in
    sections, notice = _translated(summary, source, to)
    lines = render_text(summary, WIDE)
    return Reading(
        language=printable(source),
        to=to if sections else "",
        notice=notice,
        heading=_of_style(lines, (Style.TITLE, Style.HEADER)),
        sections=_with_missing(summary, sections or tuple(map(_section, summary.sections))),
        quality=_of_style(lines, (Style.FINDING,)),
    )


def _translated(summary: Summary, source: str, to: str) -> tuple[tuple[ShownSection, ...], str]:
    """Return the sections in both languages, or none, and what the reader must know of it."""
    if not source:
        return (), NO_LANGUAGE
    try:
        written_in, target = language(source), language(to)
    except UnknownLanguageError:
        return (), NO_TRANSLATION
    if written_in is target:
        return (), SAME_LANGUAGE
    rendered = translate_summary(summary, target, written_in)
    return tuple(map(_rendered_section, rendered.sections)), NOTICE[target]


def _with_missing(summary: Summary, sections: Sequence[ShownSection]) -> tuple[ShownSection, ...]:
    """Return the sections in a clinician's order, with a place for each that is expected and not there."""
    kinds = [section.kind for section in summary.sections]
    shown: list[ShownSection] = []
    for kind in SectionKind:
        if kind in MANDATORY and kind not in kinds:
            shown.append(ShownSection(Said(CODES[kind][1]), (), (), Said(""), missing=True))
        shown += (section for section, its in zip(sections, kinds, strict=True) if its is kind)
    return tuple(shown)


def _section(section: Section) -> ShownSection:
    narrative = tuple(map(Said, section.narrative))
    return ShownSection(Said(section.title), tuple(map(_fact, section.facts)), narrative, Said(section.empty_reason))


def _fact(fact: Fact) -> ShownFact:
    details = tuple(ShownDetail(Said(each.label), Said(each.text)) for each in fact.details)
    return ShownFact(Said(fact.text), Said(fact.status), Said(fact.date), fact.source, details, is_dangerous(fact))


def _rendered_section(section: RenderedSection) -> ShownSection:
    return ShownSection(
        title=_said(section.title),
        facts=tuple(map(_rendered_fact, section.facts)),
        narrative=tuple(map(_said, section.narrative)),
        empty_reason=_said(section.empty_reason),
    )


def _rendered_fact(fact: RenderedFact) -> ShownFact:
    details = (
        ShownDetail(Said(each.label, "exact", (Piece(each.title, known=True),)), _said(each.text))
        for each in fact.details
    )
    danger = is_dangerous(fact.original)
    return ShownFact(_said(fact.text), _said(fact.status), _said(fact.date), fact.source, tuple(details), danger)


def _said(rendered: Rendered) -> Said:
    if not rendered.original:
        return Said("")
    shown = rendered.by_code or rendered.text
    return Said(
        original=rendered.original,
        status=shown.status,
        pieces=tuple(_pieces(shown)),
        by_code=rendered.by_code is not None and not rendered.text.is_known,
        disputed=rendered.disputed.target if rendered.disputed else "",
    )


def _pieces(translation: Translation) -> Iterable[Piece]:
    return (Piece(piece.text, piece.known) for piece in translation.pieces)


def _of_style(lines: Sequence[Line], styles: Sequence[Style]) -> tuple[str, ...]:
    return tuple(line.text.strip() for line in lines if line.style in styles)
