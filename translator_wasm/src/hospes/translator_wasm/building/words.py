"""Words: how a text of the sources is cut into the words of a pack, as the C core cuts a text.

It looks nothing up. An apostrophe at the end belongs to its word too: a slot follows. `c/tokens.c` is the same for
texts; a test holds the two together over every term.
"""

import re
import unicodedata
from typing import Final

from hospes.translator_wasm.languages import Language

_TOKEN: Final = re.compile(r"\d+(?:[.,/:*^-]\d+)*(?![^\W_])|[^\W_]+'(?=[^\W\d_]|$)|[^\W_]+|[^\s\w]|_")
_LETTERS: Final = {Language.ES: "ñ", Language.FI: "äöå", Language.DE: "äöüß"}
"""Letters of a language that are not another letter with an accent."""
_APOSTROPHES: Final = dict.fromkeys(map(ord, "`\u00b4\u2018\u2019\u02bc\uff07"), "'")
_GERMAN: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_JOINED: Final = str.maketrans({"œ": "oe", "æ": "ae"})
_SHORTEST_LOOSE: Final = 4
"""Letters; in a shorter word an accent often tells one word from another."""

Words = tuple[str, ...]


def words_of(text: str) -> Words:
    """Return the words, numbers and marks of a text, in small letters; a hyphen only parts."""
    plain = unicodedata.normalize("NFC", text).lower().translate(_APOSTROPHES)
    parted = re.sub(r"(?<=[^\W_])-(?=[^\W\d_])|(?<=[^\W\d_])-(?=\d)", " ", plain)
    return tuple(_TOKEN.findall(parted))


def loose(words: Words, language: Language) -> Words | None:
    """Return the same words as people write them without accents, or None if there is no such spelling.

    German has two letters for each of its own; elsewhere accents are left out, but never a letter of its own.
    """
    if language is Language.DE:
        made = tuple(word.translate(_GERMAN) for word in words)
    else:
        made = tuple(_bare(word, _LETTERS.get(language, "")) for word in words)
    return made if made != words and sum(map(len, words)) >= _SHORTEST_LOOSE else None


def _bare(word: str, kept: str) -> str:
    return "".join(letter if letter in kept else _base(letter) for letter in word.translate(_JOINED))


def _base(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[0]
