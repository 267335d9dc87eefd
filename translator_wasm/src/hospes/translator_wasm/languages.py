"""The six languages, and the sentence that every screen with a translation shows.

It does not detect a language: who translates a text must know in which language it was written.
"""

from enum import StrEnum
from typing import Final

from hospes.translator_wasm.errors import UnknownLanguageError


class Language(StrEnum):
    """A language that texts are read in and translated into; Portuguese is that of Portugal."""

    EN = "en"
    PT = "pt"
    ES = "es"
    FR = "fr"
    DE = "de"
    FI = "fi"


NOTICE: Final[dict[Language, str]] = {
    Language.EN: "Translated by a program; not checked by a clinician.",
    Language.PT: "Traduzido por um programa; não verificado por um clínico.",
    Language.ES: "Traducido por un programa; no comprobado por un clínico.",
    Language.FR: "Traduit par un programme ; non vérifié par un clinicien.",
    Language.DE: "Von einem Programm übersetzt; nicht von einer ärztlichen Fachperson geprüft.",
    Language.FI: "Ohjelman kääntämä; kliinikko ei ole tarkistanut.",
}
"""What a reader must know of every translation, in the reader's language."""


def language(tag: str) -> Language:
    """Return the language of a tag such as ``pt`` or ``pt-PT`` (BCP 47: the part before the first hyphen).

    Raises
    ------
    UnknownLanguageError
        For a language of which there is no pack.
    """
    try:
        return Language(tag.partition("-")[0].lower())
    except ValueError as error:
        raise UnknownLanguageError(tag) from error
