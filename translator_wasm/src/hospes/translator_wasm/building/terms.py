"""Terms: the concepts of `terms/*.toml`, read and given all their forms.

A concept's table is ``[kind.id]``; each language has one string, its terms parted by semicolons, the preferred first.
Before a term may stand its gender (``f: ``, ``mp: ``); behind the preferred one, parted by slashes, its further forms:
of an adjective those of f, mp, fp (German: m, f, n, plural; Finnish: partitive, genitive), of a counted word that for
several (parted by ``|`` in a unit, which may hold a slash), of a Finnish noun partitive and genitive, of a German noun
the genitive with its article.
"""

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from hospes.translator_wasm.building.grammar import forms_of
from hospes.translator_wasm.kinds import ADJECTIVES, COUNTED, FREE, NOUNS, Form, Gender, Kind
from hospes.translator_wasm.languages import Language

CODE_SYSTEMS: Final = {
    "sct": "http://snomed.info/sct",
    "atc": "http://www.whocc.no/atc",
    "loinc": "http://loinc.org",
    "icd10": "http://hl7.org/fhir/sid/icd-10",
    "hl7": "http://terminology.hl7.org/CodeSystem/",
    "fhir": "http://hl7.org/fhir/",
}
"""Short names of code systems in the sources; an ``hl7`` or ``fhir`` code is written ``name|code``."""

_GENDERS: Final = {"m": Gender.M, "f": Gender.F, "n": Gender.N, "mp": Gender.MP, "fp": Gender.FP, "p": Gender.NP}
_GENDER: Final = re.compile(r"(mp|fp|m|f|n|p): ")


@dataclass(frozen=True, slots=True)
class Term:
    """What a concept is called in one language.

    Attributes
    ----------
    gender : Gender
        Of the preferred term.
    forms : dict[int, str]
        Text by form; 0 is the preferred term itself.
    spellings : tuple[str, ...]
        All that is read as this concept, the preferred term first.
    """

    gender: Gender
    forms: dict[int, str]
    spellings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Concept:
    """One meaning.

    Attributes
    ----------
    id : str
    kind : Kind
    bound : bool
    codes : tuple[str, ...]
        ``system|code``.
    terms : dict[Language, Term]
    """

    id: str
    kind: Kind
    bound: bool
    codes: tuple[str, ...]
    terms: dict[Language, Term]


def read_concepts() -> tuple[Concept, ...]:
    """Return all concepts, sorted by id."""
    found: dict[str, Concept] = {}
    for path in sorted(files("hospes.translator_wasm").joinpath("terms").iterdir(), key=lambda path: path.name):
        if path.name.endswith(".toml"):
            for kind, tables in tomllib.loads(path.read_text("utf-8")).items():
                _add(found, Kind[kind.upper()], tables)
    return tuple(found[name] for name in sorted(found))


def _add(found: dict[str, Concept], kind: Kind, tables: dict[str, Any]) -> None:
    for name, table in tables.items():
        if name in found:
            raise ValueError(f"the concept {name} stands in the sources twice")
        found[name] = _concept(name, kind, table)


def _concept(name: str, kind: Kind, table: dict[str, Any]) -> Concept:
    codes = [_code(system, code) for system in CODE_SYSTEMS for code in str(table.get(system, "")).split()]
    terms = {language: _term(name, table[language], kind, language) for language in Language}
    unknown = set(table) - set(CODE_SYSTEMS) - set(Language) - {"bound"}
    if unknown:
        raise ValueError(f"the concept {name} has unknown members: {sorted(unknown)}")
    return Concept(name, kind, table.get("bound", kind not in FREE), tuple(codes), terms)


def _code(system: str, code: str) -> str:
    return CODE_SYSTEMS[system] + code if system in {"hl7", "fhir"} else f"{CODE_SYSTEMS[system]}|{code}"


def _term(name: str, text: str, kind: Kind, language: Language) -> Term:
    written = [part.strip() for part in text.split(";")]
    if not all(written):
        raise ValueError(f"the concept {name} has an empty term in {language}")
    gender, preferred = _gendered(written[0])
    parts = preferred.split("|" if kind is Kind.UNIT else "/")
    forms = _forms([part.strip() for part in parts], gender, kind, language)
    spellings = dict.fromkeys([*(part.strip() for part in parts), *(_gendered(part)[1] for part in written[1:])])
    if language is Language.DE and kind in NOUNS:
        spellings.pop(forms.get(Form.OF, ""), None)
    return Term(gender, forms, tuple(spellings))


def _gendered(text: str) -> tuple[Gender, str]:
    found = _GENDER.match(text)
    return (_GENDERS[found[1]], text[found.end() :]) if found else (Gender.NONE, text)


def _forms(parts: list[str], gender: Gender, kind: Kind, language: Language) -> dict[int, str]:
    base = {int(Form.BASE): parts[0]}
    names = _names(kind, language)
    if len(parts) > len(names) + 1:
        raise ValueError(f"{parts[0]!r} has too many forms")
    ruled = forms_of(parts[0], gender, language) if kind in NOUNS else {}
    written = dict(zip(names, parts[1:], strict=False))
    is_romance = language in {Language.PT, Language.ES, Language.FR}
    first = {int(Gender.M): parts[0]} if kind in ADJECTIVES and len(parts) > 1 and is_romance else {}
    one = {int(Form.ONE): parts[0]} if kind in COUNTED else {}
    return base | first | one | {int(form): text for form, text in (ruled | written).items() if text}


def _names(kind: Kind, language: Language) -> tuple[int, ...]:
    """Return which forms stand behind a preferred term, in order."""
    if kind in COUNTED:
        return (Form.SEVERAL,)
    if language is Language.FI:
        return (Form.PARTITIVE, Form.GENITIVE)
    if kind in ADJECTIVES and language is Language.DE:
        return (Gender.M, Gender.F, Gender.N, Gender.NP)
    if kind in ADJECTIVES:
        return (Gender.F, Gender.MP, Gender.FP)
    return (Form.OF,) if language is Language.DE else ()
