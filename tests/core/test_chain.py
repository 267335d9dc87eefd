"""Entries and their fold, words, and the pinned genesis."""

from dataclasses import replace
from typing import Any

import pytest
from eth_abi.abi import encode as abi_encode
from eth_utils.crypto import keccak as other_keccak
from hypothesis import given, strategies as st

from hospes.core.chain import (
    ConsentWord,
    Entry,
    EntryKind,
    MemberWord,
    Role,
    first_head,
    fold,
    next_head,
)
from hospes.core.errors import MalformedError, ProofError
from hospes.core.genesis import ContractAddresses, Genesis
from hospes.core.identities import Address, Country, Hash
from tests.simulators.strategies import addresses, hashes, uint64

JOURNEY = Address(b"j" * 20)


def _entries(count: int) -> list[Entry]:
    return [
        Entry(JOURNEY, n, EntryKind.ACCESS, Address(b"a" * 20), Hash(n.to_bytes(32)), 10 + n, 1000 + n)
        for n in range(1, count + 1)
    ]


@given(hashes, st.sampled_from(EntryKind), uint64, addresses, hashes, uint64, uint64)
def test_heads_follow_the_abi(
    head: Hash, kind: EntryKind, number: int, account: Address, entry_hash: Hash, block: int, time: int
) -> None:
    """The fold equals keccak256(abi.encode(...)) by somebody else's encoder."""
    entry = Entry(JOURNEY, number, kind, account, entry_hash, block, time)
    types = ["bytes32", "uint8", "uint64", "address", "bytes32", "uint64", "uint64"]
    expected = other_keccak(abi_encode(types, [head, kind, number, account, entry_hash, block, time]))
    assert next_head(head, entry) == expected


def test_the_first_head_binds_network_log_and_journey() -> None:
    """No two logs begin alike."""
    label = other_keccak(b"Hospes journey 1")
    expected = other_keccak(abi_encode(["bytes32", "uint256", "address", "address"], [label, 5, b"l" * 20, JOURNEY]))
    assert first_head(5, Address(b"l" * 20), JOURNEY) == expected


def test_a_fold_without_gap() -> None:
    """Numbers follow each other, and blocks do not go backwards."""
    entries, start = _entries(4), Hash(bytes(32))
    head = fold(start, 0, entries)
    assert fold(fold(start, 0, entries[:2]), 2, entries[2:]) == head
    for wrong in (entries[1:], entries[:1] + entries[2:], entries[:1] + entries[:1], [entries[1], entries[0]]):
        with pytest.raises(ProofError):
            fold(start, 0, wrong)
    with pytest.raises(ProofError, match="earlier block"):
        fold(start, 0, [entries[0], replace(entries[1], block=3)])


@given(st.integers(0, 3), st.sampled_from(["kind", "account", "entry_hash", "block", "time"]))
def test_every_field_of_every_entry_counts(index: int, field: str) -> None:
    """Changing anything in a log changes its head."""
    entries = _entries(4)
    changed: dict[str, Any] = {
        "kind": EntryKind.ERASED,
        "account": Address(b"b" * 20),
        "entry_hash": Hash(b"x" * 32),
        "block": entries[index].block,
        "time": 5,
    }
    entries[index] = replace(entries[index], **{field: changed[field]})
    same = fold(Hash(bytes(32)), 0, entries) == fold(Hash(bytes(32)), 0, _entries(4))
    assert same == (field == "block")


@given(uint64, uint64, uint64, uint64)
def test_words_are_read_as_written(a: int, b: int, c: int, d: int) -> None:
    """Packing and unpacking are opposites, the first number in the highest bits."""
    word = ConsentWord(a, b, c, d)
    assert ConsentWord.unpack(word.pack()) == word
    assert word.pack() == a << 192 | b << 128 | c << 64 | d


def test_activity() -> None:
    """Active from admission on until the block of the suspension, which is excluded."""
    word = MemberWord(Role.HOSPITAL | Role.KEEPER, Country("PT"), 10, 20)
    assert MemberWord.unpack(word.pack()) == word
    assert [word.active_at(block) for block in (9, 10, 19, 20)] == [False, True, True, False]
    assert replace(word, suspended_block=0).active_at(10**9)
    assert not MemberWord.unpack(0).active_at(10**9)


GENESIS = Genesis(
    Hash(b"a" * 32),
    Address(b"b" * 20),
    1 << 40,
    ContractAddresses(*(Address(bytes([i]) * 20) for i in (1, 2, 3, 4))),
    b"\xc0",
)


def test_the_pin_is_of_the_canonical_form() -> None:
    """White space and order of keys do not change the pin, any value does."""
    text = GENESIS.encode()
    assert Genesis.decode(b" " + text.replace(b",", b" ,\n")) == GENESIS
    assert Genesis.decode(text).pin() == GENESIS.pin()
    assert replace(GENESIS, authority=Address(b"c" * 20)).pin() != GENESIS.pin()
    assert not GENESIS.demonstration


@pytest.mark.parametrize("chain_id", [0, 1, 2**32 - 1, 2**52])
def test_chain_ids_have_a_range(chain_id: int) -> None:
    """A public network's id cannot be a private one's."""
    with pytest.raises(MalformedError):
        replace(GENESIS, chain_id=chain_id)


def test_a_word_that_the_contracts_never_write() -> None:
    """A country of three letters is a typed error."""
    with pytest.raises(MalformedError):
        MemberWord.unpack(1 << 192 | 0x505254 << 128)
