"""Words and codes by which the rules of this package know an allergy, a mental illness or a grave procedure.

They are no terminology: a service with SNOMED CT's hierarchy would know more. Each list errs to the side that its rule
calls safe: too much is taken for an allergy, too little for a mental illness, too much for a grave procedure.
Words are compared without case and accents; roots are chosen to hold in several languages.

Sources: SNOMED CT (International Edition), ICD-10 (chapter V, and Z88, Z91.0, T78, T88.6), ICD-10-CM, ICPC-2 (chapter
P), the WHO's ATC classification (J01C), the FHIR code systems named below.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from hospes.core.summary.datatypes import Coding

SNOMED: Final = "http://snomed.info/sct"
ATC: Final = "http://www.whocc.no/atc"

_UNHEARD: Final = frozenset({"Mn", "Cf"})
_PLAIN: Final = re.compile(r"[\w -]+")
_ALTERNATIVES: Final = re.compile(r"\|(?![^(]*\))")
"""Bars outside of brackets, which are not nested here."""


class _Letters(dict[int, int | None]):
    """For `str.translate`: drops accents and invisible characters; each letter is looked up once."""

    def __missing__(self, letter: int) -> int | None:
        heard = letter < 128 or unicodedata.category(chr(letter)) not in _UNHEARD  # noqa: PLR2004 - ASCII
        return self.setdefault(letter, letter if heard else None)


_LETTERS: Final = _Letters()


def folded(text: str) -> str:
    """Return text without case, accents and invisible characters, to compare words by."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)


class Words:
    """Words to find in texts: plain ones by search for a substring, which is many times faster, others by pattern.

    Parameters
    ----------
    source : str
        A pattern whose alternatives are not nested deeper than one bracket. It is folded as the texts are: Japanese and
        Korean letters come apart in the normal form.
    """

    def __init__(self, source: str) -> None:
        alternatives = _ALTERNATIVES.split(folded(source))
        self._plain = tuple(one for one in alternatives if _PLAIN.fullmatch(one))
        others = [one for one in alternatives if one not in self._plain]
        self._others = re.compile("|".join(others)) if others else None

    def are_in(self, text: str) -> bool:
        """Whether a text holds one of them."""
        heard = folded(text)
        if any(word in heard for word in self._plain):
            return True
        return bool(self._others and self._others.search(heard))


_ALLERGY_WORDS: Final = Words(
    r"allerg|alerg|anaphyla|anafila|anafyla|hypersensit|hipersens|ipersens|hypersensib|uberempfind|overgevoel|yliherk"
    r"|intoleran|intolleran|\bige\b|αλλεργ|αναφυλα|аллерг|алерг|过敏|過敏|アレルギ|알레르기|알러지|حساسي|אלרג"
)
_PENICILLIN_WORDS: Final = Words(
    r"penici|penis[iy]l|cillin|cilin|πενικιλ|пеницил|пеніцил|青霉素|青黴素|盤尼西林|ペニシリン|페니실린|بنسلين|פניצילין"
)
_ALLERGY_CODES: Final = frozenset(
    {
        (SNOMED, "91936005"),  # allergy to penicillin
        (SNOMED, "294505008"),  # allergy to amoxicillin
        (SNOMED, "416098002"),  # allergy to drug
        (SNOMED, "419511003"),  # propensity to adverse reactions to drug
        (SNOMED, "418038007"),  # propensity to adverse reactions to substance
        (SNOMED, "609328004"),  # allergic disposition
        (SNOMED, "39579001"),  # anaphylaxis
    }
)
_PENICILLIN_CODES: Final = frozenset(
    {
        (SNOMED, "764146007"),  # penicillin
        (SNOMED, "373270004"),  # substance with penicillin structure
        (SNOMED, "6369005"),  # penicillin, in older editions
        ("http://www.nlm.nih.gov/research/umls/rxnorm", "7980"),  # penicillin G
        ("http://www.nlm.nih.gov/research/umls/rxnorm", "7984"),  # penicillin V
        ("http://www.nlm.nih.gov/research/umls/rxnorm", "70618"),  # penicillins
    }
)
_ICD_ALLERGY: Final = re.compile(r"Z88|Z91\.?0|T78|T88\.?6")
_ATC_PENICILLIN: Final = re.compile(r"J01C")

_MENTAL_WORDS: Final = Words(
    r"depressi(ve|eve|vo|va|fs?)\b|\b(major|mild|moderate|severe|recurrent|postnatal|clinical)"
    r" depression|^depression\b(?! of)|anxiety (disorder|state)|generali[sz]ed anxiety|panic (disorder|attack)|bipolar"
    r"|schizo|psychosis|psychotic|psychiatr|post-?traumatic stress|\bptsd\b|adjustment disorder|personality disorder"
    r"|eating disorder|anorexia nervosa|bulimia|obsessive|suicid|self-?harm|mental (health|disorder|illness)"
    r"|psychotherap"
    r"|depressao|\bdepresion\b|trastorno (depresivo|de ansiedad)|angststorung|masennus"
)
_MENTAL_CODES: Final = frozenset(
    {
        (SNOMED, "35489007"),  # depressive disorder
        (SNOMED, "310495003"),  # mild depression
        (SNOMED, "310496002"),  # moderate depression
        (SNOMED, "310497006"),  # severe depression
        (SNOMED, "370143000"),  # major depressive disorder
        (SNOMED, "197480006"),  # anxiety disorder
        (SNOMED, "21897009"),  # generalized anxiety disorder
        (SNOMED, "371631005"),  # panic disorder
        (SNOMED, "13746004"),  # bipolar disorder
        (SNOMED, "58214004"),  # schizophrenia
        (SNOMED, "47505003"),  # posttraumatic stress disorder
        (SNOMED, "17226007"),  # adjustment disorder
        (SNOMED, "74732009"),  # mental disorder
    }
)
_ICD_MENTAL: Final = re.compile(r"F[2-9]\d")
"""Chapter V without F00 to F19: who treats an emergency must know dementia, delirium, dependence and withdrawal."""
_ICPC_MENTAL: Final = re.compile(r"P\d\d")
_ICD_SYSTEMS: Final = (
    "http://hl7.org/fhir/sid/icd-10",
    "urn:oid:2.16.840.1.113883.6.3",
    "urn:oid:2.16.840.1.113883.6.90",
)
_ICPC_SYSTEMS: Final = ("http://hl7.org/fhir/sid/icpc-2", "urn:oid:2.16.840.1.113883.6.139")

_GRAVE_WORDS: Final = Words(
    r"implant|pacemaker|schrittmacher|marcapas|marca-?pass|stimulat|defibrill|prosthe|prothes|protes|stent|bypass"
    r"|transplan|trasplan|valv|klapp|shunt|graft|injert|enxert|greff|ectom|ektom|ostomy|ostomi|stoma\b|amputa|ablat"
    r"|dialys|dialis|fistul|catheter|katheter|cateter|kateter|aneurysm|aneurism|cranio|kranio|replacement|ersatz"
    r"|reemplaz|substitui|sostituz|remplacement|angioplast|thrombol|trombol|coiling|embolis|embolizat|insertion"
)
_GRAVE_CODES: Final = frozenset(
    {
        (SNOMED, "307280005"),  # implantation of cardiac pacemaker
        (SNOMED, "52734007"),  # total replacement of hip
        (SNOMED, "609588000"),  # total knee replacement
        (SNOMED, "232717009"),  # coronary artery bypass graft
        (SNOMED, "415070008"),  # percutaneous coronary intervention
        (SNOMED, "36969009"),  # placement of stent in coronary artery
        (SNOMED, "70536003"),  # transplant of kidney
    }
)


def speaks_of_allergy(text: str) -> bool:
    """Whether a text names an allergy, intolerance or anaphylaxis."""
    return _ALLERGY_WORDS.are_in(text)


def speaks_of_penicillin(text: str) -> bool:
    """Whether a text names penicillin or one of its kind."""
    return _PENICILLIN_WORDS.are_in(text)


def speaks_of_mental_illness(text: str) -> bool:
    """Whether a text names a mental illness or its treatment."""
    return _MENTAL_WORDS.are_in(text)


def speaks_of_grave_procedure(text: str) -> bool:
    """Whether a text names something left in the body, taken out of it, or done to heart, brain or vessels."""
    return _GRAVE_WORDS.are_in(text)


def codes_allergy(codings: Iterable[Coding]) -> bool:
    """Whether a code stands for an allergy or anaphylaxis."""
    return any(_among(coding, _ALLERGY_CODES) or _is_icd(coding, _ICD_ALLERGY) for coding in codings)


def codes_penicillin(codings: Iterable[Coding]) -> bool:
    """Whether a code stands for penicillin or one of its kind."""
    return any(
        _among(coding, _PENICILLIN_CODES) or (coding.system == ATC and _ATC_PENICILLIN.match(coding.code))
        for coding in codings
    )


def codes_mental_illness(codings: Iterable[Coding]) -> bool:
    """Whether a code stands for a mental illness."""
    return any(
        _among(coding, _MENTAL_CODES)
        or _is_icd(coding, _ICD_MENTAL)
        or (coding.system.startswith(_ICPC_SYSTEMS) and _ICPC_MENTAL.match(coding.code))
        for coding in codings
    )


def codes_grave_procedure(codings: Iterable[Coding]) -> bool:
    """Whether a code stands for a procedure that matters in an emergency."""
    return any(_among(coding, _GRAVE_CODES) for coding in codings)


def _among(coding: Coding, codes: frozenset[tuple[str, str]]) -> bool:
    return (coding.system, coding.code) in codes


def _is_icd(coding: Coding, codes: "re.Pattern[str]") -> bool:
    # `startswith` takes in ICD-10-CM, ICD-10-GM and the other national editions, whose URIs extend the common one.
    return coding.system.startswith(_ICD_SYSTEMS) and bool(codes.match(coding.code))
