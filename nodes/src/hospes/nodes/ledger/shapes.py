"""Blocks, transactions, receipts, logs and proofs as JSON-RPC shows them.

It looks nothing up and decides nothing.

Sources: Ethereum JSON-RPC specification (execution-apis), schemas ``Block``, ``TransactionInfo``, ``ReceiptInfo`` and
``Log``; EIP-1186.
"""

from collections.abc import Iterator
from typing import Final

from eth.abc import BlockHeaderAPI, SignedTransactionAPI

from hospes.core.identities import Address, to_hex
from hospes.nodes.ledger import evm
from hospes.nodes.ledger.blocks import SealedBlock
from hospes.nodes.ledger.chain import AccountProof
from hospes.nodes.ledger.logs import FoundLog, logs_of
from hospes.nodes.ledger.quantities import show_number

Shape = dict[str, object]
_BLOOM_BYTES: Final = 256
_SUCCESS: Final = b"\x01"
_EIP155_OFFSET: Final = 35


def block_shape(block: SealedBlock, *, full: bool) -> Shape:
    """Return a block with its transactions' hashes, or with them in full."""
    body: list[object] = [to_hex(key) for key in block.transaction_hashes]
    if full:
        body = [sealed_transaction_shape(block, index) for index in range(len(block.transactions))]
    size = len(evm.encode_header(block.header)) + sum(len(transaction.encode()) for transaction in block.transactions)
    return header_shape(block.header) | {
        "hash": to_hex(block.hash),
        "size": show_number(size),
        "totalDifficulty": "0x0",
        "transactions": body,
        "uncles": [],
        "withdrawals": [],
    }


def header_shape(header: BlockHeaderAPI) -> Shape:
    """Return the fields of a header."""
    return {
        "number": show_number(header.block_number),
        "parentHash": to_hex(header.parent_hash),
        "sha3Uncles": to_hex(header.uncles_hash),
        "miner": to_hex(header.coinbase),
        "stateRoot": to_hex(header.state_root),
        "transactionsRoot": to_hex(header.transaction_root),
        "receiptsRoot": to_hex(header.receipt_root),
        "logsBloom": _bloom(header.bloom),
        "difficulty": show_number(header.difficulty),
        "gasLimit": show_number(header.gas_limit),
        "gasUsed": show_number(header.gas_used),
        "timestamp": show_number(header.timestamp),
        "extraData": to_hex(header.extra_data),
        "mixHash": to_hex(header.mix_hash),
        "nonce": to_hex(header.nonce),
        "baseFeePerGas": show_number(header.base_fee_per_gas or 0),
        "withdrawalsRoot": to_hex(header.withdrawals_root or evm.EMPTY_ROOT),
        "blobGasUsed": show_number(header.blob_gas_used),
        "excessBlobGas": show_number(header.excess_blob_gas),
        "parentBeaconBlockRoot": to_hex(header.parent_beacon_block_root or b""),
        "requestsHash": to_hex(evm.NO_REQUESTS_HASH),
    }


def sealed_transaction_shape(block: SealedBlock, index: int) -> Shape:
    """Return a transaction in its block."""
    transaction = block.transactions[index]
    return transaction_shape(transaction) | {
        "blockHash": to_hex(block.hash),
        "blockNumber": show_number(block.number),
        "transactionIndex": show_number(index),
        "gasPrice": show_number(_paid_price(transaction, block.header)),
    }


def transaction_shape(transaction: SignedTransactionAPI) -> Shape:
    """Return a transaction that waits."""
    kind = transaction.type_id or 0
    shape: Shape = {
        "blockHash": None,
        "blockNumber": None,
        "transactionIndex": None,
        "hash": to_hex(transaction.hash),
        "from": to_hex(transaction.sender),
        "to": None if evm.creates_contract(transaction) else to_hex(transaction.to),
        "nonce": show_number(transaction.nonce),
        "gas": show_number(transaction.gas),
        "gasPrice": show_number(transaction.max_fee_per_gas),
        "value": show_number(transaction.value),
        "input": to_hex(transaction.data),
        "type": show_number(kind),
        "chainId": show_number(transaction.chain_id or 0),
        "r": show_number(transaction.r),
        "s": show_number(transaction.s),
        "v": show_number(_v(transaction)),
    }
    return shape | (_typed_fields(transaction) if kind else {})


def _typed_fields(transaction: SignedTransactionAPI) -> Shape:
    accesses = [
        {"address": to_hex(account), "storageKeys": [f"0x{slot:064x}" for slot in slots]}
        for account, slots in transaction.access_list
    ]
    shape: Shape = {"accessList": accesses, "yParity": show_number(transaction.y_parity)}
    if transaction.type_id == evm.DYNAMIC_FEE_TYPE:
        shape["maxFeePerGas"] = show_number(transaction.max_fee_per_gas)
        shape["maxPriorityFeePerGas"] = show_number(transaction.max_priority_fee_per_gas)
    return shape


def receipt_shapes(block: SealedBlock) -> list[Shape]:
    """Return the receipts of a block."""
    logs: list[list[Shape]] = [[] for _ in block.receipts]
    for found in logs_of(block):
        logs[found.transaction_index].append(log_shape(found))
    return [_receipt(block, index, logs[index]) for index in range(len(block.receipts))]


def _receipt(block: SealedBlock, index: int, logs: list[Shape]) -> Shape:
    transaction, receipt = block.transactions[index], block.receipts[index]
    used_before = block.receipts[index - 1].gas_used if index else 0
    creates = evm.creates_contract(transaction)
    created = evm.created_address(Address(transaction.sender), transaction.nonce)
    return {
        "transactionHash": to_hex(transaction.hash),
        "transactionIndex": show_number(index),
        "blockHash": to_hex(block.hash),
        "blockNumber": show_number(block.number),
        "from": to_hex(transaction.sender),
        "to": None if creates else to_hex(transaction.to),
        "contractAddress": to_hex(created) if creates else None,
        "cumulativeGasUsed": show_number(receipt.gas_used),
        "gasUsed": show_number(receipt.gas_used - used_before),
        "effectiveGasPrice": show_number(_paid_price(transaction, block.header)),
        "logs": logs,
        "logsBloom": _bloom(receipt.bloom),
        "status": show_number(int(receipt.state_root == _SUCCESS)),
        "type": show_number(transaction.type_id or 0),
    }


def log_shape(found: FoundLog) -> Shape:
    """Return a log in its block."""
    block, log = found.block, found.log
    return {
        "address": to_hex(log.address),
        "topics": [f"0x{topic:064x}" for topic in log.topics],
        "data": to_hex(log.data),
        "blockHash": to_hex(block.hash),
        "blockNumber": show_number(block.number),
        "blockTimestamp": show_number(block.time),
        "transactionHash": to_hex(block.transactions[found.transaction_index].hash),
        "transactionIndex": show_number(found.transaction_index),
        "logIndex": show_number(found.index),
        "removed": False,
    }


def proof_shape(proof: AccountProof, keys: Iterator[str]) -> Shape:
    """Return an account's proof; `keys` are its slots as they were asked for."""
    words = [
        {"key": key, "value": show_number(slot.word), "proof": [to_hex(node) for node in slot.nodes]}
        for key, slot in zip(keys, proof.slots, strict=True)
    ]
    return {
        "address": to_hex(proof.address),
        "accountProof": [to_hex(node) for node in proof.nodes],
        "balance": show_number(proof.record.balance),
        "nonce": show_number(proof.record.nonce),
        "codeHash": to_hex(proof.record.code_hash),
        "storageHash": to_hex(proof.record.storage_root),
        "storageProof": words,
    }


def _paid_price(transaction: SignedTransactionAPI, header: BlockHeaderAPI) -> int:
    base = header.base_fee_per_gas or 0
    return min(transaction.max_fee_per_gas, base + transaction.max_priority_fee_per_gas)


def _v(transaction: SignedTransactionAPI) -> int:
    """Return the last part of the signature: of a legacy transaction with the chain in it (EIP-155)."""
    if transaction.type_id:
        return transaction.y_parity
    return (transaction.chain_id or 0) * 2 + _EIP155_OFFSET + transaction.y_parity


def _bloom(bloom: int) -> str:
    return to_hex(bloom.to_bytes(_BLOOM_BYTES))
