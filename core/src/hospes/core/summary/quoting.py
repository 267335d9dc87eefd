"""Quoting: what dropped texts and entries say of allergies, so that no word of one is lost with them."""

from collections.abc import Iterable, Iterator
from typing import Final

from hospes.core.summary.document import Entry
from hospes.core.summary.emergency import mentions_of_allergy
from hospes.core.summary.narrative import blocks, clean, sentences
from hospes.core.summary.tree import JsonObject, texts
from hospes.core.summary.words import folded

TITLE: Final = "Allergies and penicillin, as mentioned elsewhere in the full record"
_SILENT: Final = frozenset({"reference", "url", "system", "id", "profile", "contentType", "data", "code", "fullUrl"})
"""Members whose strings are no prose."""


class Quotes:
    """Sentences, each once, with where they stood."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}

    def add(self, where: str, told: Iterable[str], resource_type: str) -> None:
        """Note the sentences that speak of an allergy.

        Parameters
        ----------
        where : str
            A title or type, for the reader.
        told : iterable of str
            Blocks of plain text.
        resource_type : str
            By which the name of penicillin alone is a mention or not; see `emergency.mentions_of_allergy`.
        """
        for block in told:
            for sentence in mentions_of_allergy(block, resource_type):
                self._found.setdefault(folded(sentence), f"{where}: {sentence}")

    def add_entry(self, entry: Entry) -> None:
        """Note what any string of an entry says."""
        for told in _prose(entry.resource):
            self.add(entry.resource_type, told, entry.resource_type)

    def lines(self, carried: Iterable[JsonObject]) -> list[str]:
        """Return the sentences that the carried resources do not say themselves."""
        said = {folded(part) for resource in carried for told in _prose(resource) for part in _parts(told)}
        return [line for sentence, line in self._found.items() if sentence not in said]


def _prose(resource: JsonObject) -> Iterator[tuple[str, ...]]:
    """Yield what each string of a resource says, in blocks."""
    for name, text in texts(resource):
        if name not in _SILENT:
            yield blocks(text) if name == "div" else (clean(text),)


def _parts(told: Iterable[str]) -> Iterator[str]:
    for block in told:
        yield block
        yield from sentences(block)
