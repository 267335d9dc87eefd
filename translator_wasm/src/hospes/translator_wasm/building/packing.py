"""Packing: one language of the term base as the bytes of a pack.

It checks nothing that `base` has checked. Source: SPEC.md section 4, whose names of sections stand here.
"""

import struct
from collections.abc import Iterable
from typing import Final

from hospes.translator_wasm.building.base import Base, spellings
from hospes.translator_wasm.building.patterns import Pattern, Slot
from hospes.translator_wasm.building.words import Words, words_of
from hospes.translator_wasm.kinds import Kind
from hospes.translator_wasm.languages import Language

MAGIC: Final = b"HTRP"
VERSION: Final = 1
HEADER: Final = 144
CHECKED_FROM: Final = 24
SECTIONS: Final = (
    "TEXT", "WORDS", "SEQUENCES", "TERMS", "UNITS", "CONCEPTS", "FORMS", "PATTERNS", "SOURCES", "ELEMENTS",
    "ALTERNATIVES", "TEMPLATES", "CODES",
)  # fmt: skip
ITEM_SIZES: Final = (1, 8, 2, 8, 8, 16, 8, 16, 8, 8, 8, 12, 8)
NEGATED, BOUND, TURNING = 1, 2, 4
MAX_SLOTS: Final = 4


def fnv1a(data: bytes) -> int:
    """Return the FNV-1a hash (32 bits) of data. Source: Fowler, Noll and Vo, RFC 9923."""
    value = 2166136261
    for byte in data:
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return value


def pack(base: Base, language: Language) -> bytes:
    """Return the pack of a language."""
    return _Packer(base, language).packed()


class _Packer:
    """Fills the sections of one pack."""

    def __init__(self, base: Base, language: Language) -> None:
        self._base, self._language, self._manner = base, language, base.manners[language]
        self._text = bytearray()
        self._placed: dict[bytes, int] = {}
        self._sections: dict[str, list[bytes]] = {name: [] for name in SECTIONS}
        self._spellings = spellings(base, language)
        self._numbers = {word: number for number, word in enumerate(self._vocabulary(), 1)}
        self._sequence_at: dict[Words, int] = {}

    def packed(self) -> bytes:
        """Return the whole pack."""
        self._words()
        self._terms()
        self._strings("UNITS", self._unit_spellings())
        self._concepts()
        for number, pattern in enumerate(self._base.patterns):
            self._pattern(number, pattern)
        codes = {code: number for number, one in enumerate(self._base.concepts) for code in one.codes}
        self._strings("CODES", codes)
        return self._assembled()

    def _assembled(self) -> bytes:
        table, body = b"", b""
        for name in SECTIONS:
            data = bytes(self._text) if name == "TEXT" else b"".join(self._sections[name])
            count = len(data) if name == "TEXT" else len(self._sections[name])
            table += struct.pack("<II", HEADER + len(body), count)
            body += data + bytes(-len(data) % 4)
        tail = struct.pack("<cBH", self._manner.decimal.encode(), self._manner.half_is_several, 0) + table
        tail = tail.ljust(HEADER - CHECKED_FROM, b"\0") + body
        head = struct.pack("<4sH2s8s", MAGIC, VERSION, self._language.encode(), self._base.edition())
        return head + struct.pack("<II", HEADER + len(body), fnv1a(tail)) + tail

    def _put(self, text: str) -> tuple[int, int]:
        """Place a text; return its offset and length."""
        data = text.encode()
        if data not in self._placed:
            self._placed[data] = len(self._text)
            self._text += data
        return self._placed[data], len(data)

    def _vocabulary(self) -> Iterable[str]:
        words = {word for spelling in self._spellings for word in spelling} | set(self._manner.turning)
        for pattern in self._base.patterns:
            for source in pattern.phrases[self._language].sources:
                words |= {word for one in source if not isinstance(one, int) for words in one for word in words}
        return sorted(words, key=str.encode)

    def _words(self) -> None:
        for word in self._numbers:
            self._sections["WORDS"].append(struct.pack("<IHH", *self._put(word), self._manner.turning.get(word, 0)))

    def _sequence(self, words: Words) -> tuple[int, int]:
        if words not in self._sequence_at:
            self._sequence_at[words] = len(self._sections["SEQUENCES"])
            self._sections["SEQUENCES"] += [struct.pack("<H", self._numbers[word]) for word in words]
        return self._sequence_at[words], len(words)

    def _terms(self) -> None:
        for words in sorted(self._spellings, key=lambda words: [self._numbers[word] for word in words]):
            self._sections["TERMS"].append(struct.pack("<IHH", *self._sequence(words), self._spellings[words]))

    def _unit_spellings(self) -> dict[str, int]:
        return {
            spelling: number
            for number, concept in enumerate(self._base.concepts)
            if concept.kind is Kind.UNIT
            for spelling in concept.terms[self._language].spellings
        }

    def _strings(self, name: str, strings: dict[str, int]) -> None:
        for text in sorted(strings, key=str.encode):
            self._sections[name].append(struct.pack("<IHH", *self._put(text), strings[text]))

    def _concepts(self) -> None:
        for concept in self._base.concepts:
            term = concept.terms[self._language]
            flags = NEGATED * self._base.is_negated(concept) | BOUND * concept.bound
            flags |= TURNING * any(self._manner.turns(words_of(spelling)) for spelling in term.spellings)
            first = len(self._sections["FORMS"])
            for form, text in sorted(term.forms.items()):
                self._sections["FORMS"].append(struct.pack("<IHBB", *self._put(text), form, 0))
            head = struct.pack("<IHBBBBH", *self._put(concept.id), concept.kind, term.gender, flags, len(term.forms), 0)
            self._sections["CONCEPTS"].append(head + struct.pack("<I", first))

    def _pattern(self, number: int, pattern: Pattern) -> None:
        phrase = pattern.phrases[self._language]
        kinds = bytes(pattern.slots).ljust(MAX_SLOTS, b"\0")
        flags = NEGATED * self._base.negates(pattern)
        first = len(self._sections["TEMPLATES"])
        for part in phrase.template:
            self._sections["TEMPLATES"].append(self._template_item(part))
        head = struct.pack("<BBBB4s", pattern.kind, len(pattern.slots), pattern.head, flags, kinds)
        rest = struct.pack("<IHBB", first, len(phrase.template), phrase.gender, 0)
        self._sections["PATTERNS"].append(head + rest)
        for source in phrase.sources:
            self._source(number, source)

    def _template_item(self, part: str | Slot) -> bytes:
        if isinstance(part, str):
            return struct.pack("<BBBBIHH", 0, 0, 0, 0, *self._put(part), 0)
        return struct.pack("<BBBBIHH", 1, part.index, part.choice, part.argument, 0, 0, 0)

    def _source(self, number: int, source: tuple["tuple[Words, ...] | int", ...]) -> None:
        first = len(self._sections["ELEMENTS"])
        for element in source:
            self._sections["ELEMENTS"].append(self._element(element))
        self._sections["SOURCES"].append(struct.pack("<HHI", number, len(source), first))

    def _element(self, element: "tuple[Words, ...] | int") -> bytes:
        if isinstance(element, int):
            return struct.pack("<BBHI", 1, element, 0, 0)
        first = len(self._sections["ALTERNATIVES"])
        for words in element:
            self._sections["ALTERNATIVES"].append(struct.pack("<IHH", *self._sequence(words), 0))
        return struct.pack("<BBHI", 0, 0, len(element), first)
