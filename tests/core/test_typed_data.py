"""EIP-712 digests, compared with what somebody else's code computes."""

import re
from typing import cast

import pytest
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak as other_keccak
from hypothesis import given

from hospes.core import messages
from hospes.core.errors import MalformedError
from hospes.core.identities import Address, Country, Hash, MemberId
from hospes.core.messages import Access, Consent, Deposit, Inquiry
from hospes.core.typed_data import Domain, Message, digest, encode_type, hash_struct, snake
from tests.simulators.strategies import addresses, consents, deposits, hashes, uint64

PT = Country("PT")
DOMAIN = Domain(0x486F73706573, Address(b"Hospes" + bytes(13) + b"\x02"))
ALL = [
    cls for cls in vars(messages).values() if isinstance(cls, type) and issubclass(cls, Message) and cls is not Message
]


def _types(cls: type[Message]) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for one in (cls, *cls.REFERS):
        match = re.fullmatch(r"(\w+)\((.*)\)", one.TYPE)
        assert match
        pairs = [member.split(" ") for member in match[2].split(",")]
        found[match[1]] = [{"type": kind, "name": name} for kind, name in pairs]
    return found


def _plain(message: Message) -> dict[str, object]:
    members = _types(type(message))[type(message).__name__]
    return {member["name"]: _value(getattr(message, snake(member["name"]))) for member in members}


def _value(value: object) -> object:
    if isinstance(value, Message):
        return _plain(value)
    if isinstance(value, tuple):
        return [_value(item) for item in cast("tuple[object, ...]", value)]
    return value


def _other_digest(message: Message) -> bytes:
    """The digest by eth_account."""
    full = {
        "types": _types(type(message))
        | {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ]
        },
        "primaryType": type(message).__name__,
        "domain": {
            "name": "Hospes",
            "version": "1",
            "chainId": DOMAIN.chain_id,
            "verifyingContract": "0x" + DOMAIN.verifying_contract.hex(),
        },
        "message": _plain(message),
    }
    signable = encode_typed_data(full_message=full)
    return other_keccak(b"\x19" + signable.version + signable.header + signable.body)


@given(consents())
def test_consents_hash_as_elsewhere(consent: Consent) -> None:
    """Any Ethereum wallet computes the same digest of a consent."""
    assert digest(DOMAIN, consent) == _other_digest(consent)


@given(deposits())
def test_deposits_hash_as_elsewhere(deposit: Deposit) -> None:
    """Nested types and lists of words hash as EIP-712 says."""
    assert digest(DOMAIN, deposit) == _other_digest(deposit)


@given(addresses, uint64, hashes)
def test_accesses_hash_as_elsewhere(journey: Address, at: int, salt: Hash) -> None:
    """Dynamic bytes and texts beyond ASCII hash as EIP-712 says."""
    access = Access(
        journey,
        MemberId("hospital-lisboa"),
        "Dr. Inês Gonçalves",
        ("imaging",),
        "emergency",
        PT,
        b"\0\x20" + salt,
        salt,
        at,
        salt,
    )
    assert digest(DOMAIN, access) == _other_digest(access)


def test_referenced_types_follow_in_order() -> None:
    """EncodeType is the type itself, then what it refers to."""
    assert encode_type(Deposit).startswith("Deposit(address journey,DepositBody body)DepositBody(bytes32 record,")


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.__name__)
def test_types_describe_their_classes(cls: type[Message]) -> None:
    """A class has exactly the members that its quoted type has, in the same order."""
    names = [member["name"] for member in _types(cls)[cls.__name__]]
    fields = cast("dict[str, object]", vars(cls)["__dataclass_fields__"])
    assert [snake(name) for name in names] == list(fields)


def test_no_two_types_are_confused() -> None:
    """Two messages whose encoded content is the same word have different hashes, by their types alone."""
    ending, accepted = messages.Ending(5), messages.Accepted(Hash((5).to_bytes(32)))
    assert hash_struct(ending) == other_keccak(other_keccak(b"Ending(uint64 through)") + (5).to_bytes(32))
    assert hash_struct(accepted) == other_keccak(other_keccak(b"Accepted(bytes32 depositHash)") + (5).to_bytes(32))
    assert hash_struct(ending) != hash_struct(accepted)


@pytest.mark.parametrize(
    ("value", "reason"),
    [(-1, "uint64"), (2**64, "uint64")],
)
def test_numbers_that_do_not_fit_are_refused(value: int, reason: str) -> None:
    """No message exists that another implementation could not hash."""
    with pytest.raises(MalformedError, match=reason):
        Inquiry(Address(bytes(20)), Address(bytes(20)), 0, value)


def test_half_a_surrogate_pair_is_refused() -> None:
    """A text that has no UTF-8 form cannot be signed."""
    with pytest.raises(MalformedError, match="surrogate"):
        Access(
            Address(bytes(20)),
            MemberId("\ud800"),
            "x",
            ("imaging",),
            "emergency",
            PT,
            b"",
            Hash(bytes(32)),
            0,
            Hash(bytes(32)),
        )
