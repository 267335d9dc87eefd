"""The translator as the console uses it: one for each pair of languages, made when somebody first needs it.

It has no words of its own, and where the translator has none the original stands.

Sources: translator_wasm/SPEC.md section 1 (the four statuses).
"""

import threading
from collections.abc import Iterator
from typing import Final

from hospes.clients.hospital.reading import Interpreter, Piece, Said
from hospes.core.errors import HospesError
from hospes.core.summary import Fact
from hospes.translator_wasm import NOTICE, Language, Status, Translation, Translator, UnknownLanguageError, language

LANGUAGES: Final[tuple[str, ...]] = tuple(Language)
"""Codes of the languages that a reader can choose."""


class Translating:
    """An `Interpreter` between two languages.

    Parameters
    ----------
    translator : Translator
    """

    def __init__(self, translator: Translator) -> None:
        self._translator = translator
        self.notice = NOTICE[translator.target]

    def say(self, text: str) -> Said:
        """Return one text in both languages; the original alone when the translator cannot take it."""
        if not text.strip():
            return Said(text)
        try:
            return _said(text, self._translator.translate(text))
        except HospesError:
            return Said(text)

    def say_fact(self, fact: Fact) -> Said:
        """Return what a fact states in both languages; a code that is known says it when its words are not."""
        said = self.say(fact.text)
        if said.status in {Status.EXACT, Status.COMPOSED}:
            return said
        coded = next(self._coded(fact), None)
        return said if coded is None else _said(fact.text, coded)

    def _coded(self, fact: Fact) -> Iterator[Translation]:
        for coding in fact.codings:
            found = self._translator.translate_coding(coding.system, coding.code)
            if found is not None:
                yield found


class Translators:
    """Finds interpreters; see `reading.Interpreters`."""

    def __init__(self) -> None:
        self._made: dict[tuple[Language, Language], Translating] = {}
        self._lock = threading.Lock()

    def between(self, source: str, target: str) -> Interpreter | None:
        """Return the one from a language to another; None when there is none, or they are the same."""
        try:
            pair = language(source), language(target)
        except UnknownLanguageError:
            return None
        if pair[0] is pair[1]:
            return None
        with self._lock:
            if pair not in self._made:
                self._made[pair] = Translating(Translator(*pair))
            return self._made[pair]


def _said(original: str, translation: Translation) -> Said:
    pieces = tuple(Piece(piece.text, piece.known) for piece in translation.pieces)
    return Said(original, translation.status, pieces)
