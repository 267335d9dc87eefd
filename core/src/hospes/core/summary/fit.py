"""Fitting: typed structures from JSON that does not quite have the types of the standard.

Well-typed JSON goes straight through msgspec. Only where that fails is a value walked member by member: each misfit is
noted with its place, turned into what was evidently meant where that is possible (a lone item for a list of one, a
string for a concept's text, a number for its digits), and left out of the typed view where it is not. Its neighbours
keep their values. The document itself is never changed.

It does not judge values, only types.
"""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final, TypeVar

import msgspec
from msgspec import inspect

from hospes.core.summary.datatypes import CodeableConcept, Element, HumanName, Reference
from hospes.core.summary.tree import Json, JsonObject, as_text, items, join

E = TypeVar("E", bound=Element)
Report = Callable[[str], None]
"""Takes the pointer of a misfit."""

_TEXT_OF: Final[dict[type, str]] = {CodeableConcept: "text", Reference: "display", HumanName: "text"}
"""Which member a bare string stands for."""


class _Absent:
    """What no value of the wanted type can be made of."""


_ABSENT: Final = _Absent()
_WHOLE_DIGITS: Final = 10
"""FHIR's integers have 32 bits; the bound keeps "1e999999999" from being written out."""


def fit(value: Json, wanted: type[E], pointer: str, report: Report) -> E:
    """Read a value as the wanted structure; whatever does not fit is reported and reads as absent or as mended.

    Parameters
    ----------
    value : Json
        Any JSON.
    wanted : type
        A structure of `datatypes` or `resources`.
    pointer : str
        Where the value stands.
    report : Report
        Called once for each misfit, with its place.
    """
    try:
        return _convert(value, wanted)
    except msgspec.ValidationError:
        mended = _mend(value, _shape(wanted), pointer, report)
        return wanted() if isinstance(mended, _Absent) else _convert(mended, wanted)


def _convert(value: Json, wanted: type[E]) -> E:
    # Naming Decimal as built in keeps msgspec from reading the string "3" as the number 3 without a word.
    return msgspec.convert(value, wanted, builtin_types=(Decimal,))


@lru_cache(maxsize=256)
def _shape(wanted: type[Element]) -> inspect.Type:
    return inspect.type_info(wanted)


def _mend(value: Json, shape: inspect.Type, pointer: str, report: Report) -> "Json | _Absent":
    if isinstance(shape, inspect.UnionType):
        options = [option for option in shape.types if not isinstance(option, inspect.NoneType)]
        return None if value is None else _mend(value, options[-1], pointer, report)
    if isinstance(shape, inspect.StructType):
        return _mend_structure(value, shape, pointer, report)
    if isinstance(shape, inspect.VarTupleType):
        return _mend_list(value, shape.item_type, pointer, report)
    mended = _mend_scalar(value, shape)
    if mended is not value:
        report(pointer)
    return mended


def _mend_structure(value: Json, shape: inspect.StructType, pointer: str, report: Report) -> "Json | _Absent":
    if isinstance(value, dict):
        return _mend_members(value, shape, pointer, report)
    report(pointer)
    if isinstance(value, list):
        first = next(items(value, pointer), None)
        return _ABSENT if first is None else _mend(first[1], shape, first[0], report)
    text = _mend_scalar(value, inspect.StrType())
    name = _TEXT_OF.get(shape.cls)
    return _ABSENT if name is None or isinstance(text, _Absent) else {name: text}


def _mend_members(value: JsonObject, shape: inspect.StructType, pointer: str, report: Report) -> JsonObject:
    mended: JsonObject = {}
    for field in shape.fields:
        if field.encode_name in value:
            name = field.encode_name
            member = _mend(value[name], field.type, join(pointer, name), report)
            if not isinstance(member, _Absent):
                mended[name] = member
    return mended


def _mend_list(value: Json, item: inspect.Type, pointer: str, report: Report) -> "Json | _Absent":
    if not isinstance(value, list) or any(isinstance(inner, list) for inner in value):
        report(pointer)
    fitted = (_mend(inner, item, place, report) for place, inner in items(value, pointer))
    return [inner for inner in fitted if not isinstance(inner, _Absent)]


def _mend_scalar(value: Json, shape: inspect.Type) -> "Json | _Absent":
    """Return the value itself if it has the type, what it evidently means if it has not, or `_ABSENT`."""
    if isinstance(shape, inspect.StrType):
        return _to_text(value)
    if isinstance(shape, inspect.BoolType):
        return value if isinstance(value, bool) else {"true": True, "false": False}.get(as_text(value), _ABSENT)
    return _to_number(value, whole=isinstance(shape, inspect.IntType))


def _to_text(value: Json) -> "Json | _Absent":
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | Decimal) else _ABSENT


def _to_number(value: Json, *, whole: bool) -> "Json | _Absent":
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value if isinstance(value, int) or not whole else _ABSENT
    try:
        number = Decimal(as_text(value))
    except InvalidOperation:
        return _ABSENT
    if not whole:
        return number if number.is_finite() else _ABSENT
    fits = number.is_finite() and number.adjusted() < _WHOLE_DIGITS and number == number.to_integral_value()
    return int(number) if fits else _ABSENT
