"""Values in the contracts' binary interface: named, typed, and in one form only.

It does not know functions or events (see `calls` and `events`).

Sources: Solidity ABI specification, which Vyper follows.
"""

from collections.abc import Sequence
from typing import TypeAlias, cast

from eth_abi.abi import decode as abi_decode, encode as abi_encode
from eth_abi.exceptions import DecodingError, EncodingError

from hospes.contracts.artifacts import Parameter
from hospes.core.errors import MalformedError
from hospes.core.identities import from_hex

Value: TypeAlias = bytes | int | str | bool | tuple[bytes, ...]
"""Addresses and bytes as bytes, lists as tuples."""


def encode_values(what: str, parameters: Sequence[Parameter], values: Sequence[Value]) -> bytes:
    """Encode `values` in the order of `parameters`.

    Raises
    ------
    MalformedError
        When one does not fit its type, or their number differs.
    """
    try:
        return abi_encode([each.kind for each in parameters], values)
    except (EncodingError, ValueError) as error:
        raise MalformedError(what, "", "an argument does not fit its type") from error


def decode_values(what: str, parameters: Sequence[Parameter], data: bytes) -> dict[str, Value]:
    """Read values by the names of `parameters`.

    Raises
    ------
    MalformedError
        When they do not decode, or are not in the form that `encode_values` writes.
    """
    try:
        values = abi_decode([each.kind for each in parameters], data)
    except (DecodingError, UnicodeDecodeError, OverflowError) as error:
        raise MalformedError(what, "", "its arguments do not decode") from error
    named = {each.name: _plain(each.kind, value) for each, value in zip(parameters, values, strict=True)}
    if encode_values(what, parameters, tuple(named.values())) != data:
        raise MalformedError(what, "", "its arguments are not in canonical form")
    return named


def _plain(kind: str, value: object) -> Value:
    """Return a decoded value with addresses as bytes."""
    if kind == "address":
        return from_hex(cast("str", value), 20, "address")
    if kind == "address[]":
        return tuple(from_hex(item, 20, "address") for item in cast("tuple[str, ...]", value))
    return cast("Value", value)
