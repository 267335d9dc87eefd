"""The translator: texts and codes of one language in another, by two packs and the engine.

It does not detect languages, and it keeps nothing of what it translated.
"""

import struct
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from hospes.core.errors import MalformedError
from hospes.translator_wasm.engine import Engine, Flag
from hospes.translator_wasm.kinds import Kind
from hospes.translator_wasm.languages import Language, language
from hospes.translator_wasm.packs import concept_ids, pack_bytes
from hospes.translator_wasm.translation import STATUSES, Span, Status, Translation

_RECORD_HEAD: Final = struct.Struct("<IBBHI")
_SPAN: Final = struct.Struct("<IIIIHBB")
_NO_CONCEPT: Final = 0xFFFF
_BATCH_TEXTS: Final = 1_000
"""Texts that cross into the engine at a time; the bound in bytes of a batch is far above what they take together."""
_KINDS: Final = {kind.value: kind.name.lower() for kind in Kind}


class Translator:
    """Translates from one language into another. Safe for several threads.

    Parameters
    ----------
    source, target : Language or str
        ``Language.PT``, ``"pt"``, ``"pt-PT"``.

    Raises
    ------
    UnknownLanguageError
    PackError
        An installed file is damaged.
    """

    def __init__(self, source: Language | str, target: Language | str) -> None:
        self.source, self.target = language(source), language(target)
        pack = pack_bytes(self.source)
        self._engine = Engine(pack, pack_bytes(self.target))
        self._ids = concept_ids(pack)
        self._lock = threading.Lock()

    def translate(self, text: str) -> Translation:
        """Translate one text.

        Raises
        ------
        TooLargeError
            It has more than 16,384 bytes.
        MalformedError
            It holds half of a surrogate pair, which is no letter.
        """
        return self.translate_many((text,))[0]

    def translate_many(self, texts: Iterable[str], flags: Flag = Flag.NONE) -> tuple[Translation, ...]:
        """Translate texts, with one crossing into the engine for a thousand of them.

        Parameters
        ----------
        texts : iterable of str
        flags : Flag
            `Flag.POINT` where a point is always a decimal sign, as in values of FHIR.
        """
        return self.translate_all([(text, flags) for text in texts])

    def translate_all(self, texts: Sequence[tuple[str, Flag]]) -> tuple[Translation, ...]:
        """Translate texts and codes, each with flags of its own."""
        found: list[Translation] = []
        for start in range(0, len(texts), _BATCH_TEXTS):
            some = texts[start : start + _BATCH_TEXTS]
            batch = [(_encoded(text), flags) for text, flags in some]
            with self._lock:
                records = self._engine.translate(batch)
            found += self._read(records, [text for text, _ in some])
        return tuple(found)

    def translate_coding(self, system: str, code: str) -> Translation | None:
        """Return what a code means, or None if it is none of ours.

        Parameters
        ----------
        system : str
            URI, such as ``"http://snomed.info/sct"``.
        code : str
        """
        found = self.translate_all([(f"{system}|{code}", Flag.CODE)])[0]
        return found if found.status is Status.EXACT else None

    def _read(self, records: bytes, sources: list[str]) -> Iterator[Translation]:
        at = 0
        for source in sources:
            head: tuple[int, int, int, int, int] = _RECORD_HEAD.unpack_from(records, at)
            length, status, _, spans, target_len = head
            start = at + _RECORD_HEAD.size
            target = records[start : start + target_len].decode()
            spans_at = start + target_len + -target_len % 4
            listed = tuple(self._span(records, spans_at + _SPAN.size * index) for index in range(spans))
            yield Translation(source, target, STATUSES[status], listed)
            at += length

    def _span(self, records: bytes, at: int) -> Span:
        fields: tuple[int, int, int, int, int, int, int] = _SPAN.unpack_from(records, at)
        source_start, source_end, start, end, concept, kind, known = fields
        name = "" if concept == _NO_CONCEPT else self._ids[concept]
        return Span((source_start, source_end), (start, end), _KINDS[kind], name, bool(known))


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise MalformedError("text to translate", f"letter {error.start}", "half of a surrogate pair") from error
