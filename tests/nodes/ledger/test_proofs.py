"""Proofs that the ledger gives, believed by nobody: verified by `core.proof` and by py-trie, which is others' code."""

from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given, strategies as st

from hospes.core.errors import ProofError
from hospes.core.identities import Address, keccak
from hospes.core.proof import (
    AccountProof,
    FinalHeader,
    Header,
    SlotProof,
    verify_descent,
    verify_seal,
    verify_storage,
)
from hospes.nodes.ledger.blocks import SealedBlock
from hospes.nodes.ledger.chain import Chain
from hospes.nodes.ledger.libraries import open_trie, rlp
from tests.simulators.ledgers import NOTEPAD, REFUSER, SmallLedger, account, note, small_ledger

NOWHERE = Address(b"\xee" * 20)


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> SmallLedger:
    """A ledger of several blocks, which no test of this module changes."""
    small = small_ledger(tmp_path_factory.mktemp("proved"))
    for number in range(1, 4):
        for slot in range(40):
            small.submit(account(slot % 3), note(slot, 1_000 * number + slot))
        small.seal()
    return small


def _final(ledger: SmallLedger, number: int) -> FinalHeader:
    chain = ledger.engine.chain
    return verify_seal(ledger.genesis, chain.header_rlp(number), chain.seal(number))


def _proof(chain: Chain, number: int, contract: Address, slots: tuple[int, ...]) -> AccountProof:
    given = chain.proof(number, contract, slots)
    return AccountProof(contract, given.nodes, tuple(SlotProof(slot.slot, slot.nodes) for slot in given.slots))


@given(
    number=st.integers(0, 3), slots=st.lists(st.integers(0, 60) | st.integers(0, 2**256 - 1), max_size=6, unique=True)
)
def test_every_word_of_every_block_is_proved(proved: SmallLedger, number: int, slots: list[int]) -> None:
    """What is there is proved to be there, and what is not is proved not to be, at any block."""
    proof = _proof(proved.engine.chain, number, NOTEPAD, tuple(slots))
    proven = verify_storage(_final(proved, number), proof, slots)
    assert proven.values == {slot: 1_000 * number + slot if number and slot < 40 else 0 for slot in slots}


def test_absent_accounts_are_proved_absent(proved: SmallLedger) -> None:
    """An account that is not there, and one without storage, have proofs, too."""
    for contract in (NOWHERE, REFUSER):
        proof = _proof(proved.engine.chain, 3, contract, (0, 7))
        assert verify_storage(_final(proved, 3), proof, (0, 7)).values == {0: 0, 7: 0}
    record = proved.engine.chain.proof(3, NOWHERE, ()).record
    assert (record.nonce, record.balance, record.code_hash) == (0, 0, keccak(b""))


def test_a_proof_of_another_block_or_contract_is_refused(proved: SmallLedger) -> None:
    """A proof holds for its block and its contract only."""
    proof = _proof(proved.engine.chain, 2, NOTEPAD, (1,))
    verify_storage(_final(proved, 2), proof, (1,))
    with pytest.raises(ProofError):
        verify_storage(_final(proved, 3), proof, (1,))
    with pytest.raises(ProofError):
        verify_storage(_final(proved, 2), replace(proof, slots=(SlotProof(2, proof.slots[0].nodes),)), (2,))


def test_somebody_elses_trie_reads_the_same_from_the_proofs(proved: SmallLedger) -> None:
    """py-trie finds the account and its words in the nodes that we give."""
    chain = proved.engine.chain
    proof = chain.proof(3, NOTEPAD, (5, 999))
    trie = cast("Any", open_trie)
    nodes = [rlp.decode(node) for node in proof.nodes]
    found = trie.get_from_proof(chain.header(3).state_root, keccak(NOTEPAD), nodes)
    nonce, balance, storage_root, code_hash = cast("list[bytes]", rlp.decode(found))
    assert (int.from_bytes(nonce), balance, storage_root, code_hash) == (
        proof.record.nonce,
        b"",
        proof.record.storage_root,
        proof.record.code_hash,
    )
    words = [
        trie.get_from_proof(storage_root, keccak(slot.slot.to_bytes(32)), [rlp.decode(node) for node in slot.nodes])
        for slot in proof.slots
    ]
    assert words == [rlp.encode(3_005), b""]


def test_headers_descend_from_genesis_to_the_head(proved: SmallLedger) -> None:
    """Whoever knows block 0 can follow to the head by hashes alone."""
    chain = proved.engine.chain
    genesis, tip = Header.decode(proved.genesis.header), Header.decode(chain.header_rlp(3))
    verify_descent(genesis, [chain.header_rlp(number) for number in (1, 2, 3)], tip)
    with pytest.raises(ProofError):
        verify_descent(genesis, [chain.header_rlp(number) for number in (1, 3)], tip)


def test_a_seal_is_of_one_block_of_one_network(proved: SmallLedger) -> None:
    """The seal of one block makes no other one final."""
    chain = proved.engine.chain
    with pytest.raises(ProofError):
        verify_seal(proved.genesis, chain.header_rlp(2), chain.seal(3))
    with pytest.raises(ProofError):
        verify_seal(replace(proved.genesis, chain_id=proved.genesis.chain_id + 1), chain.header_rlp(2), chain.seal(2))


def test_block_zero_is_sealed_like_the_others(proved: SmallLedger) -> None:
    """Every block has a seal, so that nobody needs a special case."""
    block: SealedBlock = proved.engine.chain.block(0)
    assert len(block.seal) == 65
    assert _final(proved, 0).hash == proved.genesis.block_hash
