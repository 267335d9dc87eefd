"""EIP-712: the one hashing scheme of everything that a person or a member signs.

A message class quotes its type from PROTOCOL section 1; its Python fields are the same names in snake_case. This module
hashes; it does not sign (see `identities`) and does not know the messages (see `messages`).

Sources: EIP-712 (encodeType, encodeData, hashStruct, domain separator), PROTOCOL section 1.
"""

import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Final, TypeAlias, cast

from hospes.core.errors import MalformedError
from hospes.core.identities import Address, Hash, keccak

NAME: Final = "Hospes"
VERSION: Final = "1"
_DOMAIN_TYPE: Final = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_TYPE: Final = re.compile(r"(\w+)\((.*)\)")
_SIZES: Final = {"bytes32": 32, "address": 20}


class Message:
    """Base of every typed message; a subclass is a frozen dataclass with its `TYPE`.

    The `TYPE` of PROTOCOL section 1 gives names, order and Solidity types; referenced types are other message classes.
    """

    TYPE: ClassVar[str]
    REFERS: ClassVar[tuple[type["Message"], ...]] = ()

    def __post_init__(self) -> None:
        """Check that every value fits its Solidity type, so that no unhashable message exists."""
        for name, kind, attribute in _members(type(self)):
            _check(type(self).__name__, name, kind, getattr(self, attribute))


_Member: TypeAlias = tuple[str, str, str]
"""Name, Solidity type, attribute."""
_MEMBERS: Final[dict[type[Message], tuple[_Member, ...]]] = {}
_TYPE_HASHES: Final[dict[type[Message], Hash]] = {}


@dataclass(frozen=True, slots=True)
class Domain:
    """The signing domain of one network.

    Attributes
    ----------
    chain_id : int
        Of the network; no two networks share one.
    verifying_contract : Address
        The consent contract.
    """

    chain_id: int
    verifying_contract: Address

    def separator(self) -> Hash:
        """Return the EIP-712 domain separator."""
        return _separator(self.chain_id, self.verifying_contract)


@cache
def _separator(chain_id: int, contract: Address) -> Hash:
    texts = keccak(_DOMAIN_TYPE) + keccak(NAME.encode()) + keccak(VERSION.encode())
    return keccak(texts + _word(chain_id) + contract.rjust(32, b"\0"))


def encode_type(cls: type[Message]) -> str:
    """Return EIP-712 encodeType: the type, then all that it refers to, sorted by name."""
    found: dict[str, type[Message]] = {}
    waiting: list[type[Message]] = list(cls.REFERS)
    while waiting:
        other = waiting.pop()
        found[other.__name__] = other
        waiting.extend(refers for refers in other.REFERS if refers.__name__ not in found)
    return cls.TYPE + "".join(found[name].TYPE for name in sorted(found))


def type_hash(cls: type[Message]) -> Hash:
    """Return the hash of `encode_type`."""
    known = _TYPE_HASHES.get(cls)
    if known is None:
        known = _TYPE_HASHES[cls] = keccak(encode_type(cls).encode())
    return known


def hash_struct(message: Message) -> Hash:
    """Return EIP-712 hashStruct."""
    members = (_encode(kind, getattr(message, attribute)) for _, kind, attribute in _members(type(message)))
    return keccak(type_hash(type(message)) + b"".join(members))


def hash_list(messages: Iterable[Message]) -> Hash:
    """Return the hash of an encoded array of structs, such as ``grantsHash``."""
    return hash_words(hash_struct(message) for message in messages)


def hash_words(words: Iterable[bytes]) -> Hash:
    """Return the hash of an encoded array of 32-byte words, such as ``recordsHash``."""
    return keccak(b"".join(words))


def digest(domain: Domain, message: Message) -> Hash:
    """Return what is signed: the hash of ``0x1901 || domain separator || hashStruct``."""
    return digest_of_struct(domain, hash_struct(message))


def digest_of_struct(domain: Domain, struct: Hash) -> Hash:
    """Return the digest of a message whose struct hash is known, as the contracts do."""
    return keccak(b"\x19\x01" + domain.separator() + struct)


def snake(name: str) -> str:
    """Return the Python name of a member of a type.

    >>> snake("notBefore")
    'not_before'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _members(cls: type[Message]) -> tuple[_Member, ...]:
    """Return the members of a type, checked once against the dataclass."""
    known = _MEMBERS.get(cls)
    if known is None:
        known = _MEMBERS[cls] = _read_members(cls)
    return known


def _read_members(cls: type[Message]) -> tuple[_Member, ...]:
    match = _TYPE.fullmatch(cls.TYPE)
    if match is None or match[1] != cls.__name__ or not dataclasses.is_dataclass(cls):
        raise TypeError(f"{cls.__name__}.TYPE does not describe it")
    pairs = (member.partition(" ") for member in match[2].split(","))
    members = tuple((name, kind, snake(name)) for kind, _, name in pairs)
    if [field.name for field in dataclasses.fields(cls)] != [attribute for _, _, attribute in members]:
        raise TypeError(f"the fields of {cls.__name__} are not those of its TYPE")
    return members


def _word(value: int) -> bytes:
    return value.to_bytes(32)


def _encode(kind: str, value: object) -> bytes:
    if kind.endswith("[]"):
        items = cast("Sequence[object]", value)
        return keccak(b"".join(_encode(kind[:-2], item) for item in items))
    match value:
        case Message():
            return hash_struct(value)
        case str():
            return keccak(value.encode())
        case int():
            return _word(value)
        case _:
            data = cast("bytes", value)
            return keccak(data) if kind == "bytes" else data.rjust(32, b"\0")


def _check(what: str, name: str, kind: str, value: object) -> None:
    if kind.endswith("[]"):
        for i, item in enumerate(cast("Sequence[object]", value)):
            _check(what, f"{name}[{i}]", kind[:-2], item)
    elif kind.startswith("uint"):
        if not 0 <= cast("int", value) < 1 << int(kind[4:]):
            raise MalformedError(what, name, f"does not fit {kind}")
    elif kind in _SIZES:
        size = len(cast("bytes", value))
        if size != _SIZES[kind]:
            raise MalformedError(what, name, f"expected {_SIZES[kind]} bytes, got {size}")
    elif kind == "string":
        _check_text(what, name, cast("str", value))


def _check_text(what: str, name: str, value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise MalformedError(what, name, "holds half a surrogate pair") from error
