"""The hexadecimal of Ethereum's JSON-RPC: numbers without leading zeros, data in pairs, names for blocks.

Reading is a little wider than writing where clients differ: upper case, ``0x`` for nothing, ``0x00`` for zero.

Sources: Ethereum JSON-RPC specification, "Hex value encoding" and "Default block parameter"; EIP-1898.
"""

import re
from typing import Final

from hospes.core.errors import MalformedError
from hospes.core.identities import Address, Hash

_QUANTITY: Final = re.compile(r"0x[0-9a-fA-F]{0,64}", re.ASCII)
_DATA: Final = re.compile(r"0x(?:[0-9a-fA-F]{2})*+", re.ASCII)
"""Possessive: without it the expression would remember each pair, sixty times the length of the text."""
_WORD_HEX: Final = 66


def show_number(value: int) -> str:
    """Return a number as the wire has it.

    >>> show_number(0), show_number(1024)
    ('0x0', '0x400')
    """
    return hex(value)


def read_number(value: object, where: str) -> int:
    """Read a number below 2**256.

    >>> read_number("0x00", "slot"), read_number("0x", "slot")
    (0, 0)
    """
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise MalformedError("number", where, "expected 0x and up to 64 hexadecimal digits")
    return int(value[2:] or "0", 16)


def read_data(value: object, where: str, size: int | None = None) -> bytes:
    """Read bytes, exactly `size` when given."""
    if not isinstance(value, str) or not _DATA.fullmatch(value):
        raise MalformedError("data", where, "expected 0x and pairs of hexadecimal digits")
    data = bytes.fromhex(value[2:])
    if size is not None and len(data) != size:
        raise MalformedError("data", where, f"expected {size} bytes, got {len(data)}")
    return data


def read_address(value: object, where: str) -> Address:
    """Read 20 bytes."""
    return Address(read_data(value, where, 20))


def read_hash(value: object, where: str) -> Hash:
    """Read 32 bytes."""
    return Hash(read_data(value, where, 32))


def show_slot(asked: object, slot: int) -> str:
    """Return a storage slot in the form in which it was asked for, as geth does."""
    padded = isinstance(asked, str) and len(asked) == _WORD_HEX
    return f"0x{slot:064x}" if padded else show_number(slot)
