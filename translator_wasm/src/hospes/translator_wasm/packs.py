"""Packs: the committed files of the translator, and the ids of the concepts in a pack.

It validates only what it reads itself; the engine validates a pack whole before it uses it.

Source: SPEC.md section 4 (header, CONCEPTS, TEXT).
"""

import struct
from functools import cache
from importlib.resources import files
from typing import Final

from hospes.translator_wasm.errors import PackError
from hospes.translator_wasm.languages import Language

_TEXT_AT, _CONCEPTS_AT = 28, 28 + 8 * 5
_CONCEPT_SIZE: Final = 16


@cache
def module_bytes() -> bytes:
    """Return the engine, as WebAssembly."""
    return _resource("translator.wasm")


@cache
def pack_bytes(language: Language) -> bytes:
    """Return the pack of a language."""
    return _resource(f"packs/{language}.bin")


def concept_ids(pack: bytes) -> tuple[str, ...]:
    """Return the id of each concept of a pack, by its number.

    Raises
    ------
    PackError
        The pack does not hold them where it says.
    """
    try:
        text_at, text_len = struct.unpack_from("<II", pack, _TEXT_AT)
        at, count = struct.unpack_from("<II", pack, _CONCEPTS_AT)
        text = pack[text_at : text_at + text_len]
        places = (struct.unpack_from("<IH", pack, at + _CONCEPT_SIZE * number) for number in range(count))
        return tuple(text[start : start + length].decode() for start, length in places)
    except (struct.error, UnicodeDecodeError) as error:
        raise PackError("a language pack", "the ids of its concepts cannot be read") from error


def _resource(name: str) -> bytes:
    try:
        return files("hospes.translator_wasm").joinpath(name).read_bytes()
    except OSError as error:
        raise PackError(f"translator_wasm/{name}", "the file cannot be read") from error
