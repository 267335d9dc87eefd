"""Errors of the translator, each with its facts as attributes; none holds a text that was to be translated.

It does not know HTTP or JSON-RPC; `hospes.core.errors.TABLE` says how each of these looks there.
"""

from hospes.core.errors import HospesError

_SHOWN_LETTERS = 16


class UnknownLanguageError(HospesError):
    """A language of which there is no pack.

    Parameters
    ----------
    tag : str
        As it was given.
    """

    slug = "unknown-language"

    def __init__(self, tag: str) -> None:
        self.tag = tag
        shown = tag[:_SHOWN_LETTERS] if tag.isascii() and tag.isprintable() else ""
        named = f"{shown!r} is" if shown else "no language named:"
        super().__init__(f"{named} none of the languages of the translator: en, pt, es, fr, de, fi")


class PackError(HospesError):
    """A language pack, or the engine's own file, that is damaged or does not fit.

    Parameters
    ----------
    what : str
        Which file or files.
    reason : str
    """

    slug = "translator-pack"

    def __init__(self, what: str, reason: str) -> None:
        self.what, self.reason = what, reason
        super().__init__(f"{what} cannot be used: {reason}; install Hospes again")
