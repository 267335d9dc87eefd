"""ARCHITECTURE section 5, rule 9: an acknowledged write survives ``kill -9`` of the ledger at any point."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from hospes.core.chain import seal_digest
from hospes.core.identities import Hash, recover
from hospes.nodes.ledger import Engine, evm
from tests.simulators.ledgers import CHAIN_ID, NOTEPAD, SmallLedger, account, note, small_ledger

ROUNDS = 3
BLOCK = 8
"""Transactions of one block."""
_SEALING = """
import pathlib, sys
sys.path.insert(0, sys.argv[2])
from simulators.ledgers import NOTEPAD, account, note, signed
from hospes.core.identities import Account
from hospes.nodes.ledger import Anybody, Engine

now = [2_000_000_000.0]
engine = Engine.open(pathlib.Path(sys.argv[1]), Account(b"\\x77" * 32), clock=lambda: now[0], policy=Anybody())
now[0] = engine.chain.head().time + 1.0
print("ready", flush=True)
while True:
    number = engine.chain.head_number() + 1
    for slot in range(8):
        engine.submit(signed(account(0), engine.next_nonce(account(0).address), NOTEPAD, note(slot, number)))
    engine.seal()
    now[0] += 1
    print(number, flush=True)
"""


def _killed_while_sealing(directory: Path, delay_s: float) -> int:
    """Let a process seal block after block, kill it after a while, and return the last block it told of."""
    tests = Path(__file__).parents[2]
    command = [sys.executable, "-c", _SEALING, str(directory), str(tests)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)
        said = process.stdout.read().split("\n")[:-1]  # a last line without its end was cut off by the kill
    return int(said[-1]) if said else 0


def _require_whole(ledger: SmallLedger, engine: Engine) -> None:
    """Check that every block up to the head is there, sealed, with its transactions, receipts and state."""
    chain = engine.chain
    for number in range(1, chain.head_number() + 1):
        block = chain.block(number)
        assert recover(seal_digest(CHAIN_ID, block.hash), block.seal) == ledger.authority.address
        assert Hash(block.header.parent_hash) == chain.block(number - 1).hash
        assert Hash(block.header.transaction_root) == evm.trie_root([item.encode() for item in block.transactions])
        assert Hash(block.header.receipt_root) == evm.trie_root([item.encode() for item in block.receipts])
        assert len(block.transactions) == BLOCK
        assert [chain.word(number, NOTEPAD, slot) for slot in range(BLOCK)] == [number] * BLOCK


def test_a_ledger_killed_while_it_seals_reopens_at_a_whole_sealed_head(tmp_path: Path) -> None:
    """Nothing that was told as sealed is lost, nothing half-written is seen, and sealing goes on."""
    ledger = small_ledger(tmp_path / "ledger")
    ledger.engine.close()
    moments = Random(20261124)  # noqa: S311 - when to kill, no secret
    head = 0
    for _ in range(ROUNDS):
        told = _killed_while_sealing(ledger.directory, moments.uniform(0.05, 0.4))
        ledger.engine = Engine.open(ledger.directory, ledger.authority, clock=ledger.clock, policy=ledger.policy)
        reached = ledger.engine.chain.head_number()
        assert max(head, told) <= reached <= max(head, told) + 1
        _require_whole(ledger, ledger.engine)
        ledger.engine.close()
        head = reached
    assert head > ROUNDS
    ledger.engine = Engine.open(ledger.directory, ledger.authority, clock=ledger.clock, policy=ledger.policy)
    ledger.now = ledger.engine.chain.head().time + 10.0
    for slot in range(BLOCK):
        ledger.submit(account(0), note(slot, head + 1))
    ledger.seal()
    _require_whole(ledger, ledger.engine)
    ledger.engine.close()
