"""The medical translator: one C core in WebAssembly, six language packs; what it does not know, it leaves and marks.

It does not detect languages, convert units or guess. No clinician has checked its words: `NOTICE` says so.
"""

from hospes.translator_wasm.errors import PackError, UnknownLanguageError
from hospes.translator_wasm.languages import NOTICE, Language, language
from hospes.translator_wasm.translation import Piece, Span, Status, Translation
from hospes.translator_wasm.translator import Translator

__all__ = [
    "NOTICE",
    "Language",
    "PackError",
    "Piece",
    "Span",
    "Status",
    "Translation",
    "Translator",
    "UnknownLanguageError",
    "language",
]
