"""Accounts, their signatures, and the one form that each value has."""

import tracemalloc

import pytest
from eth_account import Account as OtherAccount
from hypothesis import given, strategies as st

from hospes.core.errors import MalformedError, SignatureError
from hospes.core.identities import (
    CURVE_ORDER,
    Account,
    Hash,
    country,
    from_hex,
    keccak,
    member_id,
    recover,
    require_signer,
    to_hex,
)
from tests.simulators.strategies import hashes

ACCOUNT = Account(b"\x01" * 32)
DIGEST = keccak(b"a message")
SIGNATURE = ACCOUNT.sign(DIGEST)


@given(st.integers(1, CURVE_ORDER - 1), hashes)
def test_accounts_sign_as_elsewhere(secret: int, digest: Hash) -> None:
    """Address and deterministic signature equal those of eth_account."""
    ours, other = Account(secret.to_bytes(32)), OtherAccount.from_key(secret.to_bytes(32))
    assert ours.address == bytes.fromhex(other.address[2:])
    assert ours.sign(digest) == bytes(other.unsafe_sign_hash(digest).signature)
    assert recover(digest, ours.sign(digest)) == ours.address


@pytest.mark.parametrize("secret", [b"", bytes(32), b"\xff" * 32, CURVE_ORDER.to_bytes(32), b"\x01" * 31])
def test_impossible_secrets_are_refused(secret: bytes) -> None:
    """Zero, the order and other sizes are no secret keys."""
    with pytest.raises(MalformedError):
        Account(secret)


def test_a_secret_is_not_shown() -> None:
    """Printing an account shows its address only."""
    assert "01" * 32 not in repr(ACCOUNT)


def test_the_high_s_twin_is_refused() -> None:
    """Of the two signatures that mathematics allows only one counts, so nobody can make a second from the first."""
    twin = SIGNATURE[:32] + (CURVE_ORDER - int.from_bytes(SIGNATURE[32:64])).to_bytes(32) + bytes([55 - SIGNATURE[64]])
    with pytest.raises(SignatureError, match="upper half"):
        recover(DIGEST, twin)


@pytest.mark.parametrize(
    "signature",
    [b"", SIGNATURE[:64], SIGNATURE + b"\0", SIGNATURE[:64] + b"\0", SIGNATURE[:64] + b"\x1d", bytes(64) + b"\x1b"],
)
def test_other_forms_are_refused(signature: bytes) -> None:
    """Lengths, recovery numbers and points outside the standard are typed errors."""
    with pytest.raises(SignatureError):
        recover(DIGEST, signature)


def test_a_signer_is_required() -> None:
    """A right signature over something else, or by somebody else, does not hold."""
    require_signer(DIGEST, SIGNATURE, ACCOUNT.address, "message")
    with pytest.raises(SignatureError, match="another key"):
        require_signer(keccak(b"another"), SIGNATURE, ACCOUNT.address, "message")
    with pytest.raises(SignatureError, match="another key"):
        require_signer(DIGEST, SIGNATURE, Account(b"\x02" * 32).address, "message")


@given(st.binary(max_size=40))
def test_hexadecimal(data: bytes) -> None:
    """Bytes have one spelling, and it is read back."""
    assert from_hex(to_hex(data), len(data), "x") == data
    with pytest.raises(MalformedError):
        from_hex(to_hex(data), len(data) + 1, "x")


def test_long_hexadecimal_takes_memory_in_proportion() -> None:
    """Reading a megabyte of a stranger's digits costs a few megabytes."""
    text = to_hex(bytes(500_000))
    tracemalloc.start()
    try:
        assert from_hex(text, None, "x") == bytes(500_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(text)


@pytest.mark.parametrize("text", ["", "0", "00", "0x0", "0X00", "0xAA", "0x 0", "0xzz"])
def test_other_spellings_are_refused(text: str) -> None:
    """Upper case, odd digits and missing prefixes are refused."""
    with pytest.raises(MalformedError):
        from_hex(text, None, "x")


def test_names() -> None:
    """Member ids and countries have the alphabet of the protocol."""
    assert member_id("keeper-pt-1") == "keeper-pt-1"
    assert country("PT") == "PT"
    for wrong in ("", "A", "a" * 32, "a_b", "é", "a\n"):
        with pytest.raises(MalformedError):
            member_id(wrong)
    for wrong in ("", "pt", "P", "PRT", "ÅÄ", "PT\n"):
        with pytest.raises(MalformedError):
            country(wrong)
