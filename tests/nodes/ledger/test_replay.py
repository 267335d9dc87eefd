"""The blocks judged by somebody else's code: py-evm's own chain, unmodified, imports what our engine has sealed."""

from typing import Any, cast

from eth.chains.base import Chain as PyEvmChain
from eth.db.atomic import AtomicDB
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.blocks import PragueBlock

from hospes.core.identities import Hash
from hospes.nodes.ledger import evm
from tests.simulators.ledgers import CHAIN_ID, DIVER, NOTEPAD_CODE, REFUSER, SmallLedger, account, creation, note


class PlainChain(PyEvmChain):
    """py-evm as it comes, with its own block assembly, validation and storage."""

    vm_configuration = ((cast("Any", 0), PragueVM),)
    chain_id = CHAIN_ID


def _replayed(ledger: SmallLedger) -> PyEvmChain:
    """Return py-evm's chain after it has imported every block of the ledger."""
    header = evm.decode_header(ledger.genesis.header)
    fields = {
        "difficulty": 0,
        "gas_limit": header.gas_limit,
        "timestamp": header.timestamp,
        "coinbase": header.coinbase,
        "base_fee_per_gas": 0,
        "parent_beacon_block_root": bytes(32),
    }
    state = {
        address: {"balance": item.balance, "nonce": item.nonce, "code": item.code, "storage": item.storage}
        for address, item in ledger.allocation.items()
    }
    chain = PlainChain.from_genesis(AtomicDB(), cast("Any", fields), cast("Any", state))
    for number in range(1, ledger.engine.chain.head_number() + 1):
        block = ledger.engine.chain.block(number)
        cast("Any", chain).import_block(cast("Any", PragueBlock)(block.header, block.transactions, (), ()))
    return cast("PyEvmChain", chain)


def test_an_unmodified_py_evm_computes_the_same_blocks(ledger: SmallLedger) -> None:
    """State, transaction and receipt roots, gas, bloom and hash are what an independent assembly of the block gives."""
    for number in range(1, 6):
        for index in range(12):
            ledger.submit(account(index % 3), note(index % 5, number * index))
        ledger.submit(account(0), b"", REFUSER)
        ledger.submit(account(1), b"", account(77 + number).address, value=number)
        ledger.submit(account(2), b"", DIVER, gas=1_000_000)
        ledger.submit(account(1), creation(NOTEPAD_CODE), None, gas=500_000)
        ledger.seal()
    ledger.write(account(0), 0, 0)
    replayed = _replayed(ledger).get_canonical_head()
    head = ledger.engine.chain.head()
    assert Hash(replayed.hash) == head.hash
    assert replayed == head.header
    assert ledger.engine.chain.block(1).receipts[-1].state_root == b"\x01"
