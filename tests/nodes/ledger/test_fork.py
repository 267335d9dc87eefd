"""Blocks that another key seals on a copy of the ledger: alike, and refused by everybody who pins the genesis."""

from pathlib import Path

import pytest

from hospes.core.errors import ProofError
from hospes.core.identities import Account
from hospes.core.proof import verify_seal
from hospes.nodes.ledger import Engine, copy_ledger
from hospes.nodes.ledger.errors import DirectoryError, StrangerError
from tests.simulators.ledgers import NOTEPAD, SmallLedger, account, note, signed

STRANGER = Account(b"\x66" * 32)


def test_a_strangers_blocks_are_not_final(ledger: SmallLedger, tmp_path: Path) -> None:
    """The fork shares the true history, goes on with its own, and its seals are refused."""
    ledger.write(account(0), 1, 11)
    copy_ledger(ledger.engine.chain, tmp_path / "fork")
    with pytest.raises(StrangerError):
        Engine.open(tmp_path / "fork", STRANGER)
    fork = Engine.open(tmp_path / "fork", STRANGER, clock=ledger.clock, policy=ledger.policy, stranger=True)
    ledger.now += 2
    fork.submit(signed(account(0), 1, NOTEPAD, note(1, 99)))
    block = fork.seal()
    assert block is not None
    verify_seal(ledger.genesis, fork.chain.header_rlp(1), fork.chain.seal(1))
    with pytest.raises(ProofError, match="never sealed"):
        verify_seal(ledger.genesis, fork.chain.header_rlp(2), fork.chain.seal(2))
    assert fork.chain.word(2, NOTEPAD, 1) == 99
    fork.close()
    true_block = ledger.write(account(0), 1, 22)
    assert true_block.header.parent_hash == block.header.parent_hash
    verify_seal(ledger.genesis, ledger.engine.chain.header_rlp(2), ledger.engine.chain.seal(2))


def test_the_true_authority_does_not_go_on_with_a_strangers_chain(ledger: SmallLedger, tmp_path: Path) -> None:
    """A head that the authority did not seal does not count, even for the authority."""
    copy_ledger(ledger.engine.chain, tmp_path / "fork")
    fork = Engine.open(tmp_path / "fork", STRANGER, clock=ledger.clock, policy=ledger.policy, stranger=True)
    ledger.now += 2
    fork.submit(signed(account(0), 0, NOTEPAD, note(1, 99)))
    fork.seal()
    fork.close()
    with pytest.raises(DirectoryError, match="key that the genesis does not name"):
        Engine.open(tmp_path / "fork", ledger.authority)
    Engine.open(tmp_path / "fork", STRANGER, stranger=True).close()


def test_a_copy_needs_a_ledger_and_an_empty_place(ledger: SmallLedger, tmp_path: Path) -> None:
    """Nothing is overwritten, and a copy of a stopped ledger is as good as one of a running one."""
    with pytest.raises(DirectoryError, match="already"):
        copy_ledger(ledger.engine.chain, ledger.directory)
    with pytest.raises(DirectoryError, match="no ledger"):
        copy_ledger(tmp_path / "nowhere", tmp_path / "copy")
    ledger.write(account(0), 1, 11)
    ledger.engine.close()
    copy_ledger(ledger.directory, tmp_path / "copy")
    copy = Engine.open(tmp_path / "copy", ledger.authority)
    assert copy.chain.word(1, NOTEPAD, 1) == 11
    assert (tmp_path / "copy" / "genesis.json").read_bytes() == ledger.genesis.encode()
    copy.close()
    ledger.engine = Engine.open(ledger.directory, ledger.authority)
