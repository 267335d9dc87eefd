"""The translator as the console uses it: one for each pair of languages, made when somebody first needs it.

It has no words of its own.

Sources: translator_wasm/README.md.
"""

from typing import Final

from hospes.clients.hospital.reading import Interpreter

LANGUAGES: Final[tuple[str, ...]] = ()
"""BCP 47 codes that a reader can choose."""


class Translators:
    """Finds interpreters; see `reading.Interpreters`."""

    def between(self, source: str, target: str) -> Interpreter | None:
        """Return the one from a language to another, None when there is none."""
        del source, target
        return None
