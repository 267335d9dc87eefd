"""JSON as it came and as it goes: every member, every digit of every number, in the order of the input.

It knows nothing of FHIR. Numbers with a fraction or exponent become `Decimal`, since FHIR counts 1.50 and 1.5 as two
statements. Repeated names in one object are refused: two readers would disagree about which of them holds.

Sources: RFC 8259; FHIR R4 section 2.6.2 (JSON representation), section 2.24.0.1 (decimal); RFC 6901 (JSON pointer).
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias

import msgspec

from hospes.core.errors import MalformedError
from hospes.core.summary.bounds import WHAT, measure

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | Decimal | bool | None"
JsonObject: TypeAlias = "dict[str, Json]"

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_OFFSET: Final = re.compile(r"\(byte (\d+)\)")
_ELEMENT: Final = re.compile(r"_?[a-z][A-Za-z0-9]{0,63}|\d{1,9}")
"""Names that FHIR gives to elements, and list positions. Anything else might be somebody's data."""


def parse(data: bytes) -> JsonObject:
    """Read one JSON object.

    Parameters
    ----------
    data : bytes
        UTF-8; a byte order mark at its start is skipped.

    Raises
    ------
    TooLargeError
        Beyond the bounds of `hospes.core.summary.bounds`.
    MalformedError
        Not JSON, not an object, or a name twice in one object.
    """
    data = data.removeprefix(BYTE_ORDER_MARK)
    members = measure(data)
    value = _decode(data)
    if not isinstance(value, dict):
        raise MalformedError(WHAT, "", "expected a JSON object")
    if members != _count_members(value):
        raise MalformedError(WHAT, _find_repeated(data), "a name stands twice in one object")
    return value


def encode(value: Json) -> bytes:
    """Return JSON without white space, members in their order: the same value always gives the same bytes."""
    return _ENCODER.encode(value)


def join(pointer: str, *tokens: str | int) -> str:
    """Return the JSON pointer of something below `pointer`."""
    return pointer + "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


def objects(value: Json, pointer: str = "") -> Iterator[tuple[str, JsonObject]]:
    """Yield every object at or below `value` with its pointer, outer ones first, in the order of the document."""
    waiting: list[tuple[str, Json]] = [(pointer, value)]
    while waiting:
        place, found = waiting.pop()
        if isinstance(found, dict):
            yield place, found
        inner = [(join(place, token), child) for token, child in _members(found) if isinstance(child, dict | list)]
        waiting.extend(reversed(inner))


def texts(value: Json) -> Iterator[tuple[str, str]]:
    """Yield every string at or below `value` with the name of the member that holds it, in the order of the document.

    A string in a list goes by the name of the list; one below no object goes by an empty name.
    """
    waiting: list[tuple[str, Json]] = [("", value)]
    while waiting:
        name, found = waiting.pop()
        if isinstance(found, str):
            yield name, found
        inner = [(token if isinstance(token, str) else name, child) for token, child in _members(found)]
        waiting.extend(reversed(inner))


def _members(value: Json) -> Iterable[tuple[str | int, Json]]:
    if isinstance(value, dict):
        return list(value.items())
    return enumerate(value) if isinstance(value, list) else ()


def items(value: Json, pointer: str) -> Iterator[tuple[str, Json]]:
    """Yield the items of a list, those of lists inside of it too; a value that is no list counts as one item."""
    if isinstance(value, list):
        for index, child in enumerate(value):
            yield from items(child, join(pointer, index))
    elif value is not None:
        yield pointer, value


def as_object(value: Json) -> JsonObject:
    """Return `value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_text(value: Json) -> str:
    """Return `value` if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def _decode(data: bytes) -> Json:
    # The causes are not chained: a UnicodeDecodeError would carry the whole record along.
    try:
        value: Json = _DECODER.decode(data)
    except msgspec.DecodeError as error:
        offset = _OFFSET.search(str(error))
        where = f"byte {offset[1]}" if offset else ""
        raise MalformedError(WHAT, where, "it is not JSON") from None
    except UnicodeDecodeError as error:
        raise MalformedError(WHAT, f"byte {error.start}", "it is not UTF-8") from None
    except (InvalidOperation, RecursionError):
        raise MalformedError(WHAT, "", "a number or a nesting beyond all bounds") from None
    return value


def _count_members(value: Json) -> int:
    """Return the number of members of all objects; every nested value is looked at once, by no recursion."""
    count, waiting = 0, [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            count += len(found)
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)
    return count


class _Repeated(dict[str, "Json"]):
    """An object that came with a name twice; `name` is that name."""

    name: str = ""


def _find_repeated(data: bytes) -> str:
    """Return a pointer to a name that stands twice, in which only names of FHIR elements are spelled out."""

    def build(pairs: list[tuple[str, Json]]) -> JsonObject:
        if len(built := dict(pairs)) == len(pairs):
            return built
        repeated, names = _Repeated(built), Counter(name for name, _ in pairs)
        repeated.name = names.most_common(1)[0][0]
        return repeated

    tree: Json = json.loads(data, object_pairs_hook=build, parse_float=Decimal)
    for pointer, found in objects(tree):
        if isinstance(found, _Repeated):
            return shown(join(pointer, found.name))
    return ""


def shown(pointer: str) -> str:
    """Return a pointer as it may be shown: a token that is neither an element's name nor a position becomes ``*``."""
    return "/".join(token if not token or _ELEMENT.fullmatch(token) else "*" for token in pointer.split("/"))
