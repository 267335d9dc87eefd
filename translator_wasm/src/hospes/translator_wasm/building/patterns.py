"""Patterns: the phrases of `patterns.toml`, parsed into what is read and what is said in each language.

In a pattern ``{x}`` is a slot, ``(of|in|)`` are alternatives (an empty one may be absent), ``$name`` inside of them is
a list of `languages.toml`; parentheses around a slot are themselves. The first string of a language is said, and read
as well; the others are only read. When said, a slot may choose its form: ``{x:of}`` by name, ``{x:@y}`` agreeing with
slot y, ``{x:#n}`` counted by slot n, ``{x:=}`` in the form that is asked of the whole; the head of a pattern that
begins with it does so by itself.
"""

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from hospes.translator_wasm.building.words import Words, words_of
from hospes.translator_wasm.kinds import Form, Gender, Kind
from hospes.translator_wasm.languages import Language

_PART: Final = re.compile(r"\{(?P<slot>\w+)(?::(?P<choice>[^}]+))?\}|\((?P<alternatives>[^){}]*)\)")
_SLOT: Final = re.compile(r"\{(?P<slot>\w+)(?::(?P<choice>[^}]+))?\}")
_FORMS: Final = {
    "of": Form.OF, "to": Form.TO, "in": Form.IN, "no": Form.NO, "part": Form.PARTITIVE, "gen": Form.GENITIVE,
    "several": Form.SEVERAL,
}  # fmt: skip
_READ_BEFORE: Final = {
    Language.PT: {"of": "$of", "to": "$to", "in": "$in"},
    Language.ES: {"of": "$of", "to": "$to", "in": "$in"},
    Language.FR: {"of": "$of", "to": "$to", "in": "$in", "no": "de|d'|"},
    Language.DE: {"of": "$of", "in": "$in", "no": "kein|keine|keinen|keiner|keines|keinem"},
}
"""Words that a chosen form puts before a term, which are read before its slot."""

FORM, AGREEMENT, ASKED, COUNTED = range(4)


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of a template: which, and how its form is chosen."""

    index: int
    choice: int = FORM
    argument: int = 0


@dataclass(frozen=True, slots=True)
class Phrase:
    """A pattern in one language.

    Attributes
    ----------
    template : tuple[str | Slot, ...]
        What is said.
    sources : tuple[tuple[tuple[Words, ...] | int, ...], ...]
        What is read: each element is a slot's index or alternatives of words.
    gender : Gender
        Of the whole; NONE if it is that of the head.
    """

    template: tuple[str | Slot, ...]
    sources: tuple[tuple["tuple[Words, ...] | int", ...], ...]
    gender: Gender


@dataclass(frozen=True, slots=True)
class Pattern:
    """A phrase with slots.

    Attributes
    ----------
    id : str
    kind : Kind
        What it gives.
    slots : tuple[Kind, ...]
    head : int
    phrases : dict[Language, Phrase]
    """

    id: str
    kind: Kind
    slots: tuple[Kind, ...]
    head: int
    phrases: dict[Language, Phrase]


def read_patterns(lists: dict[Language, dict[str, str]]) -> tuple[Pattern, ...]:
    """Return all patterns in the order of their source; `lists` are the word lists of each language."""
    text = files("hospes.translator_wasm").joinpath("patterns.toml").read_text("utf-8")
    return tuple(_pattern(name, table, lists) for name, table in tomllib.loads(text).items())


def _pattern(name: str, table: dict[str, Any], lists: dict[Language, dict[str, str]]) -> Pattern:
    names: dict[str, Kind] = {key: Kind[kind.upper()] for key, kind in table["slots"].items()}
    order = list(names)
    head = order.index(table.get("head", order[0]))
    genders: dict[str, str] = table.get("gender", {})
    phrases = {
        language: _Parser(name, order, head, language, lists[language]).phrase(
            table[language], Gender[genders.get(language, "NONE").upper()]
        )
        for language in Language
    }
    return Pattern(name, Kind[table["gives"].upper()], tuple(names.values()), head, phrases)


class _Parser:
    """Parses the strings of one pattern in one language."""

    def __init__(self, name: str, order: list[str], head: int, language: Language, lists: dict[str, str]) -> None:
        self._name, self._order, self._head = name, order, head
        self._language, self._lists = language, lists

    def phrase(self, texts: list[str], gender: Gender) -> Phrase:
        """Return the phrase of a language's strings."""
        template = tuple(self._template(texts[0]))
        sources = [source for text in [self._readable(texts[0]), *texts[1:]] for source in self._sources(text)]
        return Phrase(template, tuple(dict.fromkeys(sources)), gender)

    def _template(self, text: str) -> list[str | Slot]:
        parts: list[str | Slot] = []
        at = 0
        for found in _SLOT.finditer(text):
            parts += [text[at : found.start()]] if found.start() > at else []
            parts.append(self._slot(found["slot"], found["choice"], first=not parts))
            at = found.end()
        return [*parts, text[at:]] if at < len(text) else parts

    def _slot(self, name: str, choice: str | None, *, first: bool) -> Slot:
        index = self._index(name)
        if choice is None:
            return Slot(index, ASKED) if first and index == self._head else Slot(index)
        if choice == "=":
            return Slot(index, ASKED)
        if choice[0] in "@#":
            return Slot(index, AGREEMENT if choice[0] == "@" else COUNTED, self._index(choice[1:]))
        return Slot(index, FORM, _FORMS[choice])

    def _index(self, name: str) -> int:
        if name not in self._order:
            raise ValueError(f"{self._name}: no slot {name}")
        return self._order.index(name)

    def _readable(self, said: str) -> str:
        """Return what is read for what is said: chosen forms become the words that may stand before the slot."""
        before = _READ_BEFORE.get(self._language, {})

        def plain(found: "re.Match[str]") -> str:
            words = before.get(found["choice"] or "")
            return (f"({words}) " if words else "") + f"{{{found['slot']}}}"

        return _SLOT.sub(plain, said)

    def _sources(self, text: str) -> list[tuple["tuple[Words, ...] | int", ...]]:
        elements: list[tuple[Words, ...] | int] = []
        at = 0
        for found in _PART.finditer(text):
            elements += _literal(text[at : found.start()])
            elements.append(self._index(found["slot"]) if found["slot"] else self._alternatives(found["alternatives"]))
            at = found.end()
        elements += _literal(text[at:])
        self._check(elements, text)
        return _with_first(elements)

    def _alternatives(self, text: str) -> tuple[Words, ...]:
        listed = re.sub(r"\$(\w+)", lambda found: self._lists[found[1]], text)
        return tuple(dict.fromkeys(words_of(part) for part in listed.split("|")))

    def _check(self, elements: list["tuple[Words, ...] | int"], text: str) -> None:
        slots = sorted(element for element in elements if isinstance(element, int))
        if slots != list(range(len(self._order))):
            raise ValueError(f"{self._name}: every slot stands in what is read once ({text})")


def _literal(text: str) -> list["tuple[Words, ...] | int"]:
    # A hyphen between a slot and a word glues, as between two words; it is no word itself.
    words = words_of(text.strip("-"))
    return [(words,)] if words else []


def _with_first(elements: list["tuple[Words, ...] | int"]) -> list[tuple["tuple[Words, ...] | int", ...]]:
    """Return sources whose first element must stand: with and without a first one that may be absent."""
    first = elements[0]
    if isinstance(first, int) or () not in first:
        return [tuple(elements)]
    there = tuple(words for words in first if words)
    return [*([(there, *elements[1:])] if there else []), *_with_first(elements[1:])]
