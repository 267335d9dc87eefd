"""Proofs: what the authority never sealed, and what the state does not say, is not believed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import pytest
import rlp  # type: ignore[import-untyped]
from hypothesis import given, strategies as st
from trie import HexaryTrie  # type: ignore[import-untyped]

from hospes.core.chain import Entry, EntryKind, first_head, fold, seal_digest
from hospes.core.errors import HospesError, ProofError
from hospes.core.genesis import ContractAddresses, Genesis
from hospes.core.identities import ZERO_HASH, Account, Address, Hash, keccak
from hospes.core.proof import (
    AccountProof,
    FinalHeader,
    Header,
    SlotProof,
    extend_journal,
    open_journal,
    verify_descent,
    verify_seal,
    verify_storage,
    verify_trie,
)
from hospes.core.proof.trie import EMPTY_ROOT

AUTHORITY, STRANGER = Account(b"\x01" * 32), Account(b"\x02" * 32)
CONTRACT, JOURNEY = Address(b"c" * 20), Address(b"j" * 20)
LOG = Address(b"l" * 20)


def _rlp(item: object) -> bytes:
    return cast("bytes", rlp.encode(item))  # pyright: ignore[reportUnknownMemberType]


def _header(number: int, parent: bytes, root: bytes = bytes(32)) -> bytes:
    fields: list[object] = [
        parent,
        bytes(32),
        bytes(20),
        root,
        bytes(32),
        bytes(32),
        bytes(256),
        0,
        number,
        1,
        1,
        1000 + number,
    ]
    return _rlp([*fields, 1000 + number, b"", bytes(32), bytes(8), 0])


def _chain(length: int, salt: bytes = bytes(32)) -> list[bytes]:
    headers = [_header(0, salt)]
    for number in range(1, length):
        headers.append(_header(number, keccak(headers[-1])))
    return headers


CHAIN = _chain(6)
GENESIS = Genesis(ZERO_HASH, AUTHORITY.address, 1 << 40, ContractAddresses(LOG, CONTRACT, CONTRACT, CONTRACT), CHAIN[0])


def _seal(header: bytes, account: Account = AUTHORITY, chain_id: int = 1 << 40) -> bytes:
    return account.sign(seal_digest(chain_id, keccak(header)))


def test_a_sealed_block_is_final() -> None:
    """The pinned authority's seal makes a header final; the pin itself makes block 0 final."""
    final = verify_seal(GENESIS, CHAIN[3], _seal(CHAIN[3]))
    assert (final.number, final.time, final.hash) == (3, 1003, keccak(CHAIN[3]))
    assert verify_seal(GENESIS, CHAIN[0], b"").number == 0


def test_a_block_that_the_authority_never_sealed_is_not_final() -> None:
    """A stranger's seal, a seal of another block or network, and no seal at all count for nothing."""
    wrong = (
        _seal(CHAIN[3], STRANGER),
        _seal(CHAIN[2]),
        _seal(CHAIN[3], chain_id=1 << 41),
        b"",
        bytes(65),
        b"\x01" * 65,
    )
    for seal in wrong:
        with pytest.raises(ProofError, match="finality of block 3"):
            verify_seal(GENESIS, CHAIN[3], seal)
    with pytest.raises(ProofError, match="another network"):
        verify_seal(GENESIS, _chain(1, b"\x01" * 32)[0], b"")


@given(st.binary(max_size=700) | st.lists(st.binary(max_size=40), max_size=30).map(_rlp))
def test_what_is_no_header_is_refused(data: bytes) -> None:
    """Any bytes are a header or a typed error."""
    with pytest.raises(ProofError):
        Header.decode(data)


def test_descent() -> None:
    """A tip descends by an unbroken line of parent hashes, or it is refused."""
    known, tip = Header.decode(CHAIN[1]), Header.decode(CHAIN[5])
    verify_descent(known, CHAIN[2:], tip)
    verify_descent(tip, [], tip)
    fork = _chain(6, b"\x01" * 32)
    for line in (CHAIN[3:], CHAIN[2:5], [*CHAIN[2:4], CHAIN[5]], fork[2:], [*CHAIN[2:5], fork[5]], []):
        with pytest.raises(ProofError, match="descent of block 5"):
            verify_descent(known, line, tip)


def _trie(content: Mapping[bytes, bytes]) -> Any:  # noqa: ANN401 - the library has no types
    trie: Any = HexaryTrie(dict[bytes, bytes]())
    for key, value in content.items():
        trie[key] = value
    return trie


def _path(trie: Any, key: bytes) -> list[bytes]:  # noqa: ANN401 - as `_trie`
    return [_rlp(node) for node in trie.get_proof(key)]


contents = st.dictionaries(st.binary(min_size=2, max_size=3), st.binary(min_size=1, max_size=50), max_size=40)


@given(contents, st.binary(min_size=2, max_size=3))
def test_values_and_absences_are_proven_as_elsewhere(content: dict[bytes, bytes], other: bytes) -> None:
    """Proofs made by py-trie verify: each key has its value, each other key has none."""
    trie = _trie(content)
    for key in (*content, other):
        assert verify_trie(Hash(trie.root_hash), key, _path(trie, key)) == content.get(key)


@given(contents.filter(bool), st.data())
def test_a_changed_proof_proves_nothing_else(content: dict[bytes, bytes], data: st.DataObject) -> None:
    """With any byte changed or any node missing, the value is the same or the proof is refused."""
    trie = _trie(content)
    key = data.draw(st.sampled_from(sorted(content)))
    nodes = _path(trie, key)
    index = data.draw(st.integers(0, len(nodes) - 1))
    position = data.draw(st.integers(0, len(nodes[index]) - 1))
    changed = bytearray(nodes[index])
    changed[position] ^= data.draw(st.integers(1, 255))
    for wrong in ([*nodes[:index], bytes(changed), *nodes[index + 1 :]], nodes[:index] + nodes[index + 1 :]):
        try:
            assert verify_trie(Hash(trie.root_hash), key, wrong) == content[key]
        except ProofError:
            continue


@given(st.lists(st.binary(max_size=80), max_size=4), st.binary(min_size=32, max_size=32))
def test_any_nodes_are_refused_or_read(nodes: list[bytes], key: bytes) -> None:
    """Garbage under its own hash is a typed error, never a crash or an endless walk."""
    for node in nodes:
        try:
            verify_trie(keccak(node), key, nodes)
        except ProofError:
            continue


def test_giant_proofs_are_refused() -> None:
    """More nodes than a path can have, or a node larger than any, is refused unread."""
    for nodes in ([b"x"] * 66, [bytes(601)]):
        with pytest.raises(ProofError, match="larger than any"):
            verify_trie(keccak(b"x"), b"k", nodes)
    assert verify_trie(EMPTY_ROOT, b"k", []) is None


class _State:
    """One contract with storage, and the state above it, by py-trie."""

    def __init__(self, slots: Mapping[int, int]) -> None:
        self.storage = _trie({keccak(slot.to_bytes(32)): _rlp(value) for slot, value in slots.items()})
        account = _rlp([1, 0, self.storage.root_hash, keccak(b"code")])
        self.accounts = _trie({keccak(CONTRACT): account, keccak(JOURNEY): _rlp([0, 5, EMPTY_ROOT, keccak(b"")])})
        header = _header(7, bytes(32), self.accounts.root_hash)
        self.final: FinalHeader = verify_seal(GENESIS, header, _seal(header))

    def proof(self, slots: list[int], address: Address = CONTRACT) -> AccountProof:
        found = [SlotProof(slot, tuple(_path(self.storage, keccak(slot.to_bytes(32))))) for slot in slots]
        return AccountProof(address, tuple(_path(self.accounts, keccak(address))), tuple(found))


STATE = _State({1: 11, 2: 2**256 - 1, 77: 7})


def test_slots_are_proven() -> None:
    """Present slots have their value, absent ones zero, and the code's hash comes along."""
    proven = verify_storage(STATE.final, STATE.proof([1, 2, 3]), [1, 2, 3])
    assert proven.values == {1: 11, 2: 2**256 - 1, 3: 0}
    assert proven.code_hash == keccak(b"code")
    nobody = verify_storage(STATE.final, replace(STATE.proof([]), address=Address(b"n" * 20), nodes=_nobody()), [])
    assert nobody.code_hash == keccak(b"")


def _nobody() -> tuple[bytes, ...]:
    return tuple(_path(STATE.accounts, keccak(b"n" * 20)))


def test_slots_that_are_not_proven_are_refused() -> None:
    """A missing slot, another slot's nodes, another account's or another block's proof is refused."""
    proof = STATE.proof([1, 2])
    swapped = replace(proof, slots=(SlotProof(1, proof.slots[1].nodes), SlotProof(2, proof.slots[0].nodes)))
    for wrong in (STATE.proof([1]), swapped, replace(proof, address=JOURNEY), replace(proof, nodes=())):
        with pytest.raises(HospesError):
            assert verify_storage(STATE.final, wrong, [1, 2]).values == {1: 11, 2: 2**256 - 1}
    with pytest.raises(ProofError):
        verify_storage(_State({1: 12}).final, proof, [1, 2])


def _entries(count: int) -> tuple[Entry, ...]:
    return tuple(
        Entry(JOURNEY, n, EntryKind.ACCESS, CONTRACT, Hash(n.to_bytes(32)), min(n, 7), 1000 + n)
        for n in range(1, count + 1)
    )


def test_a_journal_is_complete_or_refused() -> None:
    """All entries up to a final block fold to the proven head; none can be left out, added, changed or moved."""
    entries = _entries(4)
    head = fold(first_head(1 << 40, LOG, JOURNEY), 0, entries)
    start = open_journal(GENESIS, JOURNEY)
    journal = extend_journal(start, STATE.final, head, 4, entries)
    assert journal.entry(4).number == 4
    assert extend_journal(journal, STATE.final, head, 4, ()) == journal
    assert extend_journal(start, STATE.final, ZERO_HASH, 0, ()).entries == ()
    assert extend_journal(start, start.header, ZERO_HASH, 0, ()) == start
    changed = replace(entries[3], account=JOURNEY)
    foreign, late = replace(entries[3], journey=CONTRACT), replace(entries[3], block=8)
    for wrong in (entries[:3], entries[1:], (*entries[:3], changed), (*entries[:3], foreign), (*entries[:3], late), ()):
        with pytest.raises(ProofError):
            extend_journal(start, STATE.final, head, 4, wrong)
    for number in (0, 5, -1):
        with pytest.raises(ProofError):
            journal.entry(number)


def test_a_journal_does_not_go_back() -> None:
    """The state of an earlier block, or of another one of the same height, says nothing of a log known beyond it."""
    entries = _entries(4)
    head = fold(first_head(1 << 40, LOG, JOURNEY), 0, entries)
    journal = extend_journal(open_journal(GENESIS, JOURNEY), STATE.final, head, 4, entries)
    earlier = _header(6, bytes(32), STATE.final.header.state_root)
    other = _header(7, b"\x01" * 32, STATE.final.header.state_root)
    for header in (earlier, other):
        with pytest.raises(ProofError, match="is not later than block 7"):
            extend_journal(journal, verify_seal(GENESIS, header, _seal(header)), head, 4, ())


def test_a_journal_begins_with_block_0() -> None:
    """A genesis that pins a header of another block gives nothing to start from."""
    assert open_journal(GENESIS, JOURNEY).header == verify_seal(GENESIS, CHAIN[0], b"")
    with pytest.raises(ProofError, match="finality of block 2"):
        open_journal(replace(GENESIS, header=CHAIN[2]), JOURNEY)


def test_a_head_without_entries_is_refused() -> None:
    """A node cannot hide entries by claiming that there are none."""
    with pytest.raises(ProofError):
        extend_journal(open_journal(GENESIS, JOURNEY), STATE.final, Hash(b"h" * 32), 0, ())
