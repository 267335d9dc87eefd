"""JSON as it crosses every boundary: frozen dataclasses in, frozen dataclasses out.

Names are camelCase, integers decimal strings, bytes ``0x`` lower-case hexadecimal; unknown, missing and duplicate
keys are refused (PROTOCOL section 5). It does not check what a value means: each class does that in `__post_init__`.

Sources: RFC 8259, RFC 8785 (the order of keys of `encode`; with strings only, sorting and tight separators suffice).
"""

import dataclasses
import json
import types
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar, Final, Protocol, TypeGuard, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from hospes.core.errors import MalformedError, TooLargeError
from hospes.core.identities import from_hex, to_hex
from hospes.core.skeleton import depth, skeleton

T = TypeVar("T")

MAX_BYTES: Final = 1 << 20
"""Largest message of the protocol, in bytes; records travel as blocks, not as messages."""
MAX_DEPTH: Final = 16
MAX_VALUES: Final = 1 << 22
"""Values of one text. Those of an audit bundle take forty bytes each, so the largest has half as many; an empty list
takes three bytes, and sixty of the memory."""
_NAME_LENGTH: Final = 32
_MAX_DIGITS: Final = 78
"""Decimal digits of 2**256 - 1."""


class Shaped(Protocol):
    """Any frozen dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


def camel(name: str) -> str:
    """Return the wire's name of a Python field.

    >>> camel("not_before")
    'notBefore'
    """
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def encode(value: Shaped) -> bytes:
    """Return the canonical JSON of a dataclass: keys sorted, no white space, UTF-8."""
    return canonical(_lower(value))


def canonical(tree: object) -> bytes:
    """Return the RFC 8785 form of a tree of objects, lists and strings."""
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def decode(cls: type[T], data: bytes, *, limit: int = MAX_BYTES) -> T:
    """Read the JSON of one `cls`.

    Raises
    ------
    TooLargeError
        Above `limit` bytes or `MAX_VALUES`.
    MalformedError
        Not UTF-8, not JSON, unknown, missing or duplicate keys, wrong types, or a value that `cls` itself refuses.
    """
    return lift(cls, parse(cls.__name__, data, limit=limit))


def parse(what: str, data: bytes, *, limit: int = MAX_BYTES) -> object:
    """Read JSON into a tree, refusing duplicate keys, numbers that are not JSON, and what is too large or too deep."""
    if len(data) > limit:
        raise TooLargeError(what, len(data), limit)
    _check_skeleton(what, skeleton(data))
    try:
        return json.loads(data.decode(), object_pairs_hook=_unique(what), parse_constant=_no_constant(what))
    except MalformedError:
        raise
    except ValueError as error:
        raise MalformedError(what, "", "not UTF-8 JSON") from error


def lift(cls: type[T], tree: object, where: str = "") -> T:
    """Turn a parsed tree into a `cls`, or raise `MalformedError` naming the field."""
    return cast("T", _lift(cls, tree, where, cls.__name__, 0))


def _check_skeleton(what: str, bones: bytes) -> None:
    """Refuse too many values, and deep nesting, before the parser sees it: CPython's can overflow the stack."""
    values = sum(bones.count(sign) for sign in (b",", b"[", b"{"))
    if values > MAX_VALUES:
        raise TooLargeError(what, values, MAX_VALUES, "values")
    if depth(bones, MAX_DEPTH) > MAX_DEPTH:
        raise MalformedError(what, "", f"nested deeper than {MAX_DEPTH}")


def _shown(key: str) -> str:
    """Return a key for a message, if it looks like a name; free text could be somebody's illness."""
    return key if key.isascii() and key.isidentifier() and len(key) <= _NAME_LENGTH else "(not a name)"


def _unique(what: str) -> Callable[[list[tuple[str, object]]], dict[str, object]]:
    def build(pairs: list[tuple[str, object]]) -> dict[str, object]:
        seen: dict[str, object] = {}
        for key, value in pairs:
            if key in seen:
                raise MalformedError(what, _shown(key), "the key stands twice")
            seen[key] = value
        return seen

    return build


def _no_constant(what: str) -> Callable[[str], object]:
    def refuse(name: str) -> object:
        raise MalformedError(what, "", f"{name} is not JSON")

    return refuse


def _is_dataclass(hint: object) -> TypeGuard[type[Shaped]]:
    return isinstance(hint, type) and dataclasses.is_dataclass(hint)


def _lower(value: object) -> object:
    match value:
        case bool() | None:
            return value
        case str():
            return str(value)
        case int():
            return str(int(value))
        case bytes():
            return to_hex(value)
        case tuple():
            items = cast("tuple[object, ...]", value)
            return [_lower(item) for item in items]
        case _:
            shaped = cast("Shaped", value)
            fields = ((field.name, getattr(shaped, field.name)) for field in dataclasses.fields(shaped))
            return {camel(name): _lower(item) for name, item in fields if item is not None}


@cache
def _plan(cls: type[Shaped]) -> dict[str, tuple[str, object, bool]]:
    hints = get_type_hints(cls)
    optional = {f.name: f.default is None for f in dataclasses.fields(cls)}
    return {camel(f.name): (f.name, hints[f.name], optional[f.name]) for f in dataclasses.fields(cls)}


def _lift(hint: object, tree: object, where: str, what: str, level: int) -> object:
    if level > MAX_DEPTH:
        raise MalformedError(what, where, f"nested deeper than {MAX_DEPTH}")
    hint = getattr(hint, "__supertype__", hint)  # NewType
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(arm for arm in get_args(hint) if arm is not type(None))
        return _lift(hint, tree, where, what, level)
    if get_origin(hint) is tuple:
        return _lift_list(get_args(hint)[0], tree, where, what, level)
    if _is_dataclass(hint):
        return _lift_object(hint, tree, where, level)
    return _lift_scalar(hint, tree, where, what)


def _lift_list(item: object, tree: object, where: str, what: str, level: int) -> object:
    if not isinstance(tree, list):
        raise MalformedError(what, where, "expected a list")
    items = cast("list[object]", tree)
    return tuple(_lift(item, value, f"{where}[{i}]", what, level + 1) for i, value in enumerate(items))


def _lift_object(cls: type[Shaped], tree: object, where: str, level: int) -> object:
    what = cls.__name__
    if not isinstance(tree, dict):
        raise MalformedError(what, where, "expected an object")
    members = cast("dict[str, object]", tree)
    plan = _plan(cls)
    for key in members:
        if key not in plan:
            raise MalformedError(what, where, f"unknown key {_shown(key)}")
    values: dict[str, object] = {}
    for key, (name, hint, optional) in plan.items():
        path = f"{where}.{key}" if where else key
        if key in members:
            values[name] = _lift(hint, members[key], path, what, level + 1)
        elif not optional:
            raise MalformedError(what, path, "missing")
    try:
        return cast("Callable[..., object]", cls)(**values)
    except MalformedError as error:
        inner = ".".join(part for part in (where, error.where) if part)
        raise MalformedError(error.what, inner, error.reason) from error


def _lift_scalar(hint: object, tree: object, where: str, what: str) -> object:
    if hint is bool:
        if isinstance(tree, bool):
            return tree
        raise MalformedError(what, where, "expected true or false")
    if not isinstance(tree, str):
        raise MalformedError(what, where, "expected a string")
    if hint is str:
        return _lift_text(tree, where, what)
    if hint is bytes:
        return from_hex(tree, None, where)
    if isinstance(hint, type) and issubclass(hint, int):
        return _lift_integer(hint, tree, where, what)
    raise TypeError(f"{what}.{where}: the wire has no form for {hint!r}")


def _lift_text(tree: str, where: str, what: str) -> str:
    try:
        tree.encode()
    except UnicodeEncodeError as error:  # half a surrogate pair: JSON can escape one, UTF-8 cannot write it again
        raise MalformedError(what, where, "holds half a surrogate pair") from error
    return tree


def _lift_integer(hint: type[int], tree: str, where: str, what: str) -> int:
    canonical_digits = tree.isascii() and tree.isdigit() and (tree == "0" or tree[0] != "0")
    if not canonical_digits or len(tree) > _MAX_DIGITS:
        raise MalformedError(what, where, "expected a whole number in decimal digits")
    try:
        return hint(int(tree))
    except ValueError as error:
        raise MalformedError(what, where, "not one of the numbers that stand for something here") from error
