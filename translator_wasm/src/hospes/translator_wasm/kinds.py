"""Kinds, genders and forms: the numbers that packs and engine share.

It says nothing of any word; `SPEC.md` section 4 fixes the numbers.
"""

from enum import IntEnum
from typing import Final


class Kind(IntEnum):
    """What a concept or pattern is, for the slots of patterns."""

    FINDING = 1
    SUBSTANCE = 2
    SITE = 3
    LATERALITY = 4
    SEVERITY = 5
    FORM = 6
    ROUTE = 7
    FREQUENCY = 8
    TEST = 9
    RESULT = 10
    PROCEDURE = 11
    DEVICE = 12
    VACCINE = 13
    STATUS = 14
    MONTH = 15
    UNIT = 16
    NUMBER = 17
    QUANTITY = 18
    DATE = 19
    PERSON = 20
    LABEL = 21
    COURSE = 22
    SENTENCE = 23
    MEDICINE = 24
    DOSAGE = 25
    LIST = 26
    UNKNOWN = 27
    """Of a span alone: it stayed in the source language."""
    JOINT = 28
    """Of a span alone: two known phrases stand side by side."""
    DAY = 29
    """A number from 1 to 31."""
    YEAR = 30
    """A number from 1800 to 2199."""


class Gender(IntEnum):
    """Grammatical gender and number of a term."""

    NONE = 0
    M = 1
    F = 2
    N = 3
    MP = 4
    FP = 5
    NP = 6


class Form(IntEnum):
    """Form of a term that a template may ask for; 1 to 6 agree with the gender of that number."""

    BASE = 0
    ONE = 7
    SEVERAL = 8
    TO = 9
    OF = 10
    IN = 11
    NO = 12
    PARTITIVE = 13
    GENITIVE = 14


ADJECTIVES: Final = frozenset({Kind.LATERALITY, Kind.SEVERITY, Kind.RESULT, Kind.COURSE, Kind.STATUS})
"""Kinds whose terms agree with a noun."""
COUNTED: Final = frozenset({Kind.FORM, Kind.UNIT})
"""Kinds whose terms have a form for one and a form for several."""
NOUNS: Final = frozenset({
    Kind.FINDING, Kind.SUBSTANCE, Kind.SITE, Kind.TEST, Kind.PROCEDURE, Kind.DEVICE, Kind.VACCINE, Kind.PERSON,
    Kind.MONTH, Kind.LIST, Kind.MEDICINE,
})  # fmt: skip
FREE: Final = frozenset({
    Kind.FINDING, Kind.SUBSTANCE, Kind.TEST, Kind.PROCEDURE, Kind.DEVICE, Kind.VACCINE, Kind.SENTENCE,
    Kind.MEDICINE, Kind.DOSAGE, Kind.LIST,
})  # fmt: skip
"""Kinds whose terms count wherever they stand; terms of the others are bound (SPEC.md rule 5)."""
