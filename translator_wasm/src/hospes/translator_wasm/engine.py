"""The engine: the C core in WebAssembly, one instance for one pair of packs.

It knows bytes and records, not languages. The boundary is crossed once for a batch: a call costs some 20 microseconds,
a phrase one or two. Not for several threads at once: `Translator` holds a lock.

Source: SPEC.md section 3.
"""

import struct
from collections.abc import Sequence
from enum import IntFlag
from functools import cache
from typing import Any, Final

import wasmtime

from hospes.core.errors import MalformedError, TooLargeError
from hospes.translator_wasm.errors import PackError
from hospes.translator_wasm.packs import module_bytes

MAX_TEXT_BYTES: Final = 16_384
"""Bytes of one text (`HTR_MAX_TEXT`)."""
MAX_BATCH_BYTES: Final = 4 << 20
"""Bytes of one batch; a caller with more makes several."""
MAX_PACK_BYTES: Final = 8 << 20
_PAGE: Final = 65_536
_ALIGNMENT: Final = 16
_FIRST_ROOM: Final = 64 << 10
_MAX_ROOM: Final = 64 << 20
_ERROR_ROOM, _ERROR_PACK, _ERROR_EDITION = -4, -5, -6
_VERSION: Final = 1


class Flag(IntFlag):
    """How a text is read."""

    NONE = 0
    POINT = 1
    CODE = 2
    CAPITAL = 4


@cache
def _compiled() -> tuple[wasmtime.Engine, wasmtime.Module]:
    engine = wasmtime.Engine()
    try:
        return engine, wasmtime.Module(engine, module_bytes())
    except wasmtime.WasmtimeError as error:
        raise PackError("translator.wasm", "it is not the module that was built") from error


class Engine:
    """The C core with two packs.

    Parameters
    ----------
    source, target : bytes
        Packs of one edition.

    Raises
    ------
    PackError
        A pack is malformed, or the two are of different editions.
    """

    def __init__(self, source: bytes, target: bytes) -> None:
        for pack in (source, target):
            if len(pack) > MAX_PACK_BYTES:
                raise PackError("a language pack", f"it has more than {MAX_PACK_BYTES} bytes")
        engine, module = _compiled()
        self._store = wasmtime.Store(engine)
        exports: Any = wasmtime.Instance(self._store, module, []).exports(self._store)
        self._exports = exports
        self._top: int = exports["__heap_base"].value(self._store)
        if self._call("htr_version") != _VERSION:
            raise PackError("translator.wasm", "it is of another version than this program")
        source_at, target_at = self._place(source), self._place(target)
        self._pair = self._reserve(self._call("htr_pair_size"))
        self._work = self._reserve(self._call("htr_work_size"))
        self._fixed = self._top
        self._room = _FIRST_ROOM
        _refuse(self._call("htr_open", source_at, len(source), target_at, len(target), self._pair))

    def translate(self, texts: Sequence[tuple[bytes, Flag]]) -> bytes:
        """Translate a batch.

        Parameters
        ----------
        texts : sequence of tuple[bytes, Flag]
            UTF-8, each of at most `MAX_TEXT_BYTES`.

        Returns
        -------
        bytes
            One record for each text.
        """
        batch = b"".join(_item(text, flags) for text, flags in texts)
        if len(batch) > MAX_BATCH_BYTES:
            raise TooLargeError("the batch to translate", len(batch), MAX_BATCH_BYTES)
        while True:
            self._top = self._fixed
            batch_at = self._place(batch)
            output_at = self._reserve(self._room)
            written = self._call("htr_translate", self._pair, self._work, batch_at, len(batch), output_at, self._room)
            if written >= 0:
                return bytes(self._memory().read(self._store, output_at, output_at + written))
            if written != _ERROR_ROOM or self._room >= _MAX_ROOM:
                raise MalformedError("text to translate", "", f"the engine refuses it ({written})")
            self._room *= 4

    def _call(self, name: str, *arguments: int) -> int:
        try:
            return int(self._exports[name](self._store, *arguments))
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            raise PackError("translator.wasm", "the engine stopped") from error

    def _memory(self) -> wasmtime.Memory:
        memory: wasmtime.Memory = self._exports["memory"]
        return memory

    def _reserve(self, size: int) -> int:
        """Return the address of free room of a size."""
        at = self._top + -self._top % _ALIGNMENT
        self._top = at + size
        lacking = self._top - self._memory().data_len(self._store)
        if lacking > 0:
            self._memory().grow(self._store, -(-lacking // _PAGE))
        return at

    def _place(self, data: bytes) -> int:
        at = self._reserve(len(data))
        self._memory().write(self._store, data, at)
        return at


def _item(text: bytes, flags: Flag) -> bytes:
    if len(text) > MAX_TEXT_BYTES:
        raise TooLargeError("a text to translate", len(text), MAX_TEXT_BYTES)
    return struct.pack("<II", len(text), flags) + text + bytes(-len(text) % 4)


def _refuse(answer: int) -> None:
    if answer == _ERROR_PACK:
        raise PackError("a language pack", "it is damaged")
    if answer == _ERROR_EDITION:
        raise PackError("the language packs", "they are not of one edition")
