"""``allocation.json``: every account of block 0, in its one canonical form.

It does not know what the accounts are for (see `genesis`) and makes no state of them (the ledger does).

Sources: PROTOCOL section 2 ("Pinned genesis": allocation hash); RFC 8785.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from hospes.core import wire
from hospes.core.errors import MalformedError
from hospes.core.identities import Address, Hash, from_hex, keccak, to_hex

MAX_BYTES: Final = 1 << 24
"""Of ``allocation.json``: room for the registry's largest number of members, each with services."""
_WHAT: Final = "allocation"
_KEYS: Final = {"balance", "code", "nonce", "storage"}
_WORD_LIMIT: Final = 1 << 256
_MAX_DIGITS: Final = len(str(_WORD_LIMIT))


@dataclass(frozen=True, slots=True)
class GenesisAccount:
    """One account of block 0.

    Attributes
    ----------
    balance : int
        Wei.
    code : bytes
    nonce : int
    storage : dict of int to int
        Slots to values; no zeros.
    """

    balance: int = 0
    code: bytes = b""
    nonce: int = 0
    storage: dict[int, int] = field(default_factory=dict[int, int])


Allocation = dict[Address, GenesisAccount]


def encode_allocation(accounts: Mapping[Address, GenesisAccount]) -> bytes:
    """Return the canonical bytes of ``allocation.json``."""
    return wire.canonical({to_hex(address): _lower(account) for address, account in accounts.items()})


def allocation_hash(accounts: Mapping[Address, GenesisAccount]) -> Hash:
    """Return the hash that ``genesis.json`` has of the allocation."""
    return keccak(encode_allocation(accounts))


def decode_allocation(data: bytes) -> Allocation:
    """Read ``allocation.json``.

    Raises
    ------
    TooLargeError
        Above `MAX_BYTES`.
    MalformedError
        When it is not in canonical form: the genesis has the hash of that form only.
    """
    tree = wire.parse(_WHAT, data, limit=MAX_BYTES)
    accounts = {Address(from_hex(key, 20, "address")): _lift(key, value) for key, value in _object(tree, "").items()}
    if encode_allocation(accounts) != data:
        raise MalformedError(_WHAT, "", "not in canonical form")
    return accounts


def _lower(account: GenesisAccount) -> dict[str, object]:
    storage = {_word(slot): _word(value) for slot, value in account.storage.items() if value}
    return {
        "balance": str(account.balance),
        "code": to_hex(account.code),
        "nonce": str(account.nonce),
        "storage": storage,
    }


def _lift(where: str, tree: object) -> GenesisAccount:
    members = _object(tree, where)
    if set(members) != _KEYS:
        raise MalformedError(_WHAT, where, "expected balance, code, nonce and storage")
    storage = _object(members["storage"], f"{where}.storage")
    return GenesisAccount(
        balance=_number(members["balance"], f"{where}.balance"),
        code=from_hex(_text(members["code"], f"{where}.code"), None, f"{where}.code"),
        nonce=_number(members["nonce"], f"{where}.nonce"),
        storage={_unword(slot, where): _unword(_text(value, where), where) for slot, value in storage.items()},
    )


def _object(tree: object, where: str) -> dict[str, object]:
    if not isinstance(tree, dict):
        raise MalformedError(_WHAT, where, "expected an object")
    return cast("dict[str, object]", tree)


def _text(tree: object, where: str) -> str:
    if not isinstance(tree, str):
        raise MalformedError(_WHAT, where, "expected a string")
    return tree


def _number(tree: object, where: str) -> int:
    text = _text(tree, where)
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS) or int(text) >= _WORD_LIMIT:
        raise MalformedError(_WHAT, where, "expected a whole number below 2**256 in decimal digits")
    return int(text)


def _word(value: int) -> str:
    return to_hex(value.to_bytes(32))


def _unword(text: str, where: str) -> int:
    return int.from_bytes(from_hex(text, 32, f"{where}.storage"))
