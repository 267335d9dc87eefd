"""The term base: concepts, patterns and what is known of each language, read together and checked against each other.

It refuses a base in which a translation could lose or invent a negation or a digit, or in which a term has two
meanings, in the base itself or by the list of ambiguous spellings in `languages.toml`. What it cannot know is whether
a term is right.
"""

import hashlib
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from hospes.translator_wasm.building.patterns import FORM, Pattern, Slot, read_patterns
from hospes.translator_wasm.building.terms import Concept, read_concepts
from hospes.translator_wasm.building.words import Words, loose, words_of
from hospes.translator_wasm.kinds import Form, Kind
from hospes.translator_wasm.languages import Language

NEGATION: Final = 1
OTHER_TURNING: Final = 2
MAX_TERM_WORDS: Final = 32
"""`HTR_MAX_TERM`: the engine refuses a pack with a longer one."""
_DIGITS: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Manner:
    """What is known of a language besides its terms.

    Attributes
    ----------
    decimal : str
        Decimal sign.
    half_is_several : bool
    turning : dict[str, int]
        Class of each turning word.
    ambiguous : frozenset[Words]
        Spellings with two clinical meanings, also as people write them without accents.
    lists : dict[str, str]
        Named alternatives for patterns.
    """

    decimal: str
    half_is_several: bool
    turning: dict[str, int]
    ambiguous: frozenset[Words]
    lists: dict[str, str]

    def negates(self, words: Words) -> bool:
        """Whether a negation is among the words."""
        return any(self.turning.get(word) == NEGATION for word in words)

    def turns(self, words: Words) -> bool:
        """Whether any turning word is among the words."""
        return any(word in self.turning for word in words)


@dataclass(frozen=True, slots=True)
class Base:
    """Everything that packs are made from."""

    concepts: tuple[Concept, ...]
    patterns: tuple[Pattern, ...]
    manners: dict[Language, Manner]

    def edition(self) -> bytes:
        """Return eight bytes that stand for the numbering of concepts and patterns."""
        parts = [f"{concept.kind}:{concept.id}" for concept in self.concepts]
        parts += [f"{one.kind}:{one.id}:{one.head}:{','.join(map(str, one.slots))}" for one in self.patterns]
        return hashlib.sha256("\n".join(parts).encode()).digest()[:8]

    def is_negated(self, concept: Concept) -> bool:
        """Whether a concept's preferred terms hold a negation."""
        return self.manners[Language.EN].negates(words_of(concept.terms[Language.EN].forms[0]))

    def negates(self, pattern: Pattern) -> bool:
        """Whether what a pattern says holds a negation."""
        return self.manners[Language.EN].negates(said(pattern, Language.EN))


def said(pattern: Pattern, language: Language) -> Words:
    """Return the words of a pattern's template."""
    texts = [part for part in pattern.phrases[language].template if isinstance(part, str)]
    return tuple(word for text in texts for word in words_of(text)) + _form_words(pattern, language)


def _form_words(pattern: Pattern, language: Language) -> Words:
    """Return the negation that a German or French slot brings with its form."""
    slots = [part for part in pattern.phrases[language].template if isinstance(part, Slot)]
    negated = any(slot.choice == FORM and slot.argument == Form.NO for slot in slots)
    return ("kein",) if negated and language is Language.DE else ()


def read_base() -> Base:
    """Read and check the term base.

    Raises
    ------
    ValueError
        Says what in the sources is wrong; a mistake of whoever wrote them, never of a user.
    """
    text = files("hospes.translator_wasm").joinpath("languages.toml").read_text("utf-8")
    manners = {Language(name): _manner(table, Language(name)) for name, table in tomllib.loads(text).items()}
    patterns = read_patterns({language: manner.lists for language, manner in manners.items()})
    base = Base(read_concepts(), patterns, manners)
    problems = [*_negations(base), *_pattern_negations(base), *_digits(base), *_meanings(base), *ambiguities(base)]
    if problems:
        raise ValueError("the term base is not consistent:\n" + "\n".join(problems))
    return base


def _manner(table: dict[str, Any], language: Language) -> Manner:
    turning = dict.fromkeys(table["negation"].split(), NEGATION)
    others = dict.fromkeys(table["turning"].split(), OTHER_TURNING)
    written = {words_of(spelling) for spelling in table["ambiguous"].split(";")}
    bare = {words for words in (loose(words, language) for words in written) if words is not None}
    half = table.get("half_is_several", False)
    return Manner(table["decimal"], half, others | turning, frozenset(written | bare), table.get("lists", {}))


def _negations(base: Base) -> list[str]:
    """Preferred terms are negated in all languages or in none; another spelling never negates what is not negated."""
    problems: list[str] = []
    for concept in base.concepts:
        negated = base.is_negated(concept)
        for language, term in concept.terms.items():
            manner = base.manners[language]
            if manner.negates(words_of(term.forms[0])) != negated:
                problems.append(f"{concept.id}: negated in English is {negated}, in {language} it is not so")
            if not negated and any(manner.negates(words_of(spelling)) for spelling in term.spellings):
                problems.append(f"{concept.id}: a spelling in {language} is negated and the concept is not")
    return problems


def _pattern_negations(base: Base) -> list[str]:
    problems: list[str] = []
    for pattern in base.patterns:
        negated = base.negates(pattern)
        for language in Language:
            manner = base.manners[language]
            if manner.negates(said(pattern, language)) != negated:
                problems.append(f"{pattern.id}: negated in English is {negated}, what {language} says is not so")
            for source in pattern.phrases[language].sources:
                sets = [element for element in source if not isinstance(element, int)]
                always = any(all(manner.negates(words) for words in one) for one in sets)
                ever = any(manner.negates(words) for one in sets for words in one)
                if always != negated or ever != negated:
                    problems.append(f"{pattern.id}: negated in English is {negated}, what {language} reads is not so")
    return problems


def _digits(base: Base) -> list[str]:
    """Every number of a spelling stands in every preferred term."""
    problems: list[str] = []
    for concept in base.concepts:
        preferred = [Counter(_DIGITS.findall(term.forms[0])) for term in concept.terms.values()]
        for term in concept.terms.values():
            for spelling in term.spellings:
                wanted = Counter(_DIGITS.findall(spelling))
                if any(wanted - found for found in preferred):
                    problems.append(f"{concept.id}: a number of {spelling!r} is missing in another language")
    return problems


def _meanings(base: Base) -> list[str]:
    """Find spellings with two meanings in one language, and codes of two concepts."""
    problems: list[str] = []
    for language in Language:
        meant: dict[Words, str] = {}
        for concept in base.concepts:
            if concept.kind is Kind.UNIT:
                continue
            for spelling in concept.terms[language].spellings:
                words = words_of(spelling)
                if len(words) > MAX_TERM_WORDS:
                    problems.append(f"{language}: {spelling!r} has more than {MAX_TERM_WORDS} words")
                other = meant.setdefault(words, concept.id)
                if other != concept.id:
                    problems.append(f"{language}: {spelling!r} is both {other} and {concept.id}")
    coded = Counter(code for concept in base.concepts for code in concept.codes)
    return [*problems, *(f"the code {code} stands for {count} concepts" for code, count in coded.items() if count > 1)]


def ambiguities(base: Base) -> list[str]:
    """Find spellings that may mean two things to a clinician; a unit, which is read only after a number, may be one."""
    problems: list[str] = []
    for language in Language:
        read = spellings(base, language)
        found = sorted(read.keys() & base.manners[language].ambiguous)
        problems += [
            f"{language}: {' '.join(words)!r} of {base.concepts[read[words]].id} is ambiguous" for words in found
        ]
    return problems


def spellings(base: Base, language: Language) -> dict[Words, int]:
    """Return the number of the concept of every spelling, also of those without accents that mean nothing else."""
    strict: dict[Words, int] = {}
    for number, concept in enumerate(base.concepts):
        if concept.kind is not Kind.UNIT:
            strict |= {words_of(spelling): number for spelling in concept.terms[language].spellings}
    found: dict[Words, set[int]] = {}
    for words, number in strict.items():
        bare = loose(words, language)
        if bare is not None and bare not in strict:
            found.setdefault(bare, set()).add(number)
    return strict | {words: numbers.pop() for words, numbers in found.items() if len(numbers) == 1}
