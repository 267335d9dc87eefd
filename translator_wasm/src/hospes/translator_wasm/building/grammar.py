"""Grammar: the forms of a term that a template may ask for, made from its gender and first letter.

It makes only forms that follow by rule without exception in terms of our kind: contracted articles in Portuguese,
Spanish and French, the German negated and genitive articles. Every other form is written out in the sources or absent.

Sources: Cunha and Cintra, Nova Gramatica do Portugues Contemporaneo; Real Academia Espanola, Nueva gramatica;
Grevisse, Le bon usage; Duden, Die Grammatik; Iso suomen kielioppi. In each, the chapter on the article.
"""

from typing import Final

from hospes.translator_wasm.kinds import Form, Gender
from hospes.translator_wasm.languages import Language

_G = Gender
_ARTICLES: Final[dict[Language, dict[Form, dict[Gender, str]]]] = {
    Language.PT: {
        Form.TO: {_G.M: "ao ", _G.F: "à ", _G.MP: "aos ", _G.FP: "às "},
        Form.OF: {_G.M: "do ", _G.F: "da ", _G.MP: "dos ", _G.FP: "das "},
        Form.IN: {_G.M: "no ", _G.F: "na ", _G.MP: "nos ", _G.FP: "nas "},
    },
    Language.ES: {
        Form.TO: {_G.M: "al ", _G.F: "a la ", _G.MP: "a los ", _G.FP: "a las "},
        Form.OF: {_G.M: "del ", _G.F: "de la ", _G.MP: "de los ", _G.FP: "de las "},
        Form.IN: {_G.M: "en el ", _G.F: "en la ", _G.MP: "en los ", _G.FP: "en las "},
    },
    Language.FR: {
        Form.TO: {_G.M: "au ", _G.F: "à la ", _G.MP: "aux ", _G.FP: "aux "},
        Form.OF: {_G.M: "du ", _G.F: "de la ", _G.MP: "des ", _G.FP: "des "},
        Form.IN: {_G.M: "dans le ", _G.F: "dans la ", _G.MP: "dans les ", _G.FP: "dans les "},
        Form.NO: {_G.M: "de ", _G.F: "de ", _G.MP: "de ", _G.FP: "de "},
    },
    Language.DE: {
        Form.OF: {_G.F: "der ", _G.NP: "der "},
        Form.IN: {_G.M: "im ", _G.N: "im ", _G.F: "in der "},
        Form.NO: {_G.M: "kein ", _G.N: "kein ", _G.F: "keine ", _G.NP: "keine "},
    },
}
_ELIDED: Final = {Form.TO: "à l'", Form.OF: "de l'", Form.IN: "dans l'", Form.NO: "d'"}
_VOWELS: Final = "aàâeéèêiîoôuyhœ"
_ASPIRATED: Final = ("hanche", "hernie", "haut", "hoquet", "handicap", "héroïne", "hématocrite élevé")
_STRESSED_A: Final = ("asma", "agua", "alga")
"""Spanish feminine nouns that begin with a stressed a and take the article el."""


def forms_of(text: str, gender: Gender, language: Language) -> dict[Form, str]:
    """Return the forms of a noun that follow by rule; none if its gender is not given."""
    articles = _ARTICLES.get(language, {})
    if language is Language.FR:
        text = text.removeprefix("les ")  # "les deux jambes" becomes "des deux jambes"
    found = {form: by_gender[gender] + text for form, by_gender in articles.items() if gender in by_gender}
    if language is Language.FR and _elides(text) and gender not in {Gender.MP, Gender.FP}:
        found |= {form: elided + text for form, elided in _ELIDED.items() if form in found}
    if language is Language.FR and _elides(text) and Form.NO in found:
        found[Form.NO] = "d'" + text
    if language is Language.ES and text.partition(" ")[0] in _STRESSED_A and gender is Gender.F:
        masculine = _ARTICLES[language]
        found = {form: masculine[form][Gender.M] + text for form in found}
    return found


def _elides(text: str) -> bool:
    return text[0].lower() in _VOWELS and not text.startswith(_ASPIRATED)
