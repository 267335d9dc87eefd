"""A record as a screen shows it: the reader's language beside the original, with source and date of each fact.

It adds nothing and leaves nothing out: where there is no translation the original stands alone, and what stays
untranslated is marked, piece by piece. It asks nobody and keeps nothing.

Sources: ARCHITECTURE section 4 ("Translator: never guesses").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from hospes.clients.hospital.screen import FHIR
from hospes.core.errors import HospesError
from hospes.core.printing import printable
from hospes.core.summary import Fact, Line, Section, SectionKind, Style, Summary, read, render_text
from hospes.core.summary.sections import CODES, MANDATORY
from hospes.core.summary.showing import is_dangerous

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
    """

    original: str
    status: str = ""
    pieces: tuple[Piece, ...] = ()


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
    text, status : Said
    date, source : str
        As the document has them; empty where it does not say.
    details : tuple of ShownDetail
    danger : bool
        Whether it may kill.
    """

    text: Said
    status: Said
    date: str
    source: str
    details: tuple[ShownDetail, ...]
    danger: bool


@dataclass(frozen=True, slots=True)
class ShownSection:
    """One section; `missing` when a reader would expect it and the document has none."""

    title: Said
    facts: tuple[ShownFact, ...]
    narrative: tuple[Said, ...]
    empty_reason: str
    missing: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole record for one reader.

    Attributes
    ----------
    language : str
        Of the document, as it says; empty if it does not.
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


class Interpreter(Protocol):
    """Puts the texts of a summary into a reader's language."""

    notice: str
    """What the reader must know of its words, in the reader's language."""

    def say(self, text: str) -> Said:
        """Return one text in both languages."""
        ...

    def say_fact(self, fact: Fact) -> Said:
        """Return what a fact states in both languages; its codes may help."""
        ...


class Silent:
    """An `Interpreter` that has no words: every text stands alone.

    Parameters
    ----------
    notice : str
        Why.
    """

    def __init__(self, notice: str) -> None:
        self.notice = notice

    def say(self, text: str) -> Said:
        """Return the original."""
        return Said(text)

    def say_fact(self, fact: Fact) -> Said:
        """Return the original."""
        return Said(fact.text)


class Interpreters(Protocol):
    """Finds an interpreter."""

    def between(self, source: str, target: str) -> Interpreter | None:
        """Return the one from a language to another, as BCP 47 has them; None when there is none."""
        ...


def read_record(document: bytes, media_type: str, to: str, interpreters: Interpreters, written_in: str = "") -> Reading:
    """Return a record for one reader; a record that is no summary as its text.

    Parameters
    ----------
    document : bytes
    media_type : str
    to : str
        The reader's language.
    interpreters : Interpreters
    written_in : str
        The language of the document if it does not say so itself.
    """
    if media_type.split(";", maxsplit=1)[0].strip() == FHIR:
        try:
            return read_summary(read(document), to, interpreters, written_in)
        except HospesError as error:
            return Reading("", "", NO_TRANSLATION, plain=(f"this is no patient summary that can be shown: {error}",))
    if media_type.startswith("text/") and len(document) <= MAX_TEXT_BYTES:
        lines = document.decode("utf-8", "replace").splitlines()
        return Reading("", "", NO_TRANSLATION, plain=tuple(printable(line, WIDE) for line in lines))
    told = f"{len(document)} bytes of {printable(media_type)}: no text that a page can show"
    return Reading("", "", NO_TRANSLATION, plain=(told,))


def read_summary(summary: Summary, to: str, interpreters: Interpreters, written_in: str = "") -> Reading:
    """Return a summary for one reader; the parameters as of `read_record`."""
    language = summary.header.language or written_in
    found = interpreters.between(language, to)
    interpreter: Interpreter = found or Silent(_why_silent(language, to))
    lines = render_text(summary, WIDE)
    return Reading(
        language=printable(language),
        to=to if found else "",
        notice=interpreter.notice,
        heading=_of_style(lines, (Style.TITLE, Style.HEADER)),
        sections=tuple(_sections(summary.sections, interpreter)),
        quality=_of_style(lines, (Style.FINDING,)),
    )


def _why_silent(language: str, to: str) -> str:
    if not language:
        return NO_LANGUAGE
    return SAME_LANGUAGE if language.partition("-")[0] == to.partition("-")[0] else NO_TRANSLATION


def _of_style(lines: Sequence[Line], styles: Sequence[Style]) -> tuple[str, ...]:
    return tuple(line.text.strip() for line in lines if line.style in styles)


def _sections(sections: Sequence[Section], interpreter: Interpreter) -> list[ShownSection]:
    shown: list[ShownSection] = []
    standing = {section.kind for section in sections}
    for kind in SectionKind:
        if kind in MANDATORY and kind not in standing:
            shown.append(ShownSection(interpreter.say(CODES[kind][1]), (), (), "", missing=True))
        shown += (_section(section, interpreter) for section in sections if section.kind is kind)
    return shown


def _section(section: Section, interpreter: Interpreter) -> ShownSection:
    return ShownSection(
        title=interpreter.say(section.title),
        facts=tuple(_fact(fact, interpreter) for fact in section.facts),
        # The narrative says again what the entries say, and sometimes more: a page shows it folded.
        narrative=tuple(interpreter.say(block) for block in section.narrative),
        empty_reason=section.empty_reason,
        missing=False,
    )


def _fact(fact: Fact, interpreter: Interpreter) -> ShownFact:
    details = (ShownDetail(interpreter.say(each.label), interpreter.say(each.text)) for each in fact.details)
    status = interpreter.say(fact.status) if fact.status else Said("")
    return ShownFact(interpreter.say_fact(fact), status, fact.date, fact.source, tuple(details), is_dangerous(fact))
