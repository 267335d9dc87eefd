"""The part of py-evm that this ledger stands on, behind names of our own.

It keeps nothing and decides nothing. Two rules of Prague that py-evm 0.12.1b1 does not enforce are enforced here or
at ingress (`least_gas`), so that the independent implementations agree with every block we seal.

Sources: py-evm 0.12.1b1 (archived 2025; the last fork it knows is Prague); EIP-7623 (calldata floor); EIP-3860
(initcode); EIP-2028, EIP-2930 (intrinsic gas); EIP-3529 (refunds, one fifth); EIP-1186 (proofs).
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, cast

from eth import EVM_RECURSION_LIMIT
from eth.abc import (
    AtomicDatabaseAPI,
    BlockHeaderAPI,
    ComputationAPI,
    DatabaseAPI,
    ReceiptAPI,
    SignedTransactionAPI,
    StateAPI,
)
from eth.constants import BLANK_ROOT_HASH, CREATE_CONTRACT_ADDRESS, EMPTY_SHA3, EMPTY_SHA256, POST_MERGE_NONCE
from eth.vm.chain_context import ChainContext
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.blocks import PragueBlockHeader
from eth.vm.forks.prague.constants import STANDARD_TOKEN_COST, TOTAL_COST_FLOOR_PER_TOKEN
from eth_typing import Address as EthAddress, BlockNumber, Hash32

from hospes.core.errors import MalformedError
from hospes.core.identities import Address, Hash, keccak
from hospes.nodes.ledger.libraries import open_trie, rlp

# py-evm sets the limit that 1,024 nested calls need, but py_ecc below it sets 100,000, and then a text of brackets
# makes a JSON parser (ours, or another service's in this process) overflow the C stack and kill the process.
sys.setrecursionlimit(EVM_RECURSION_LIMIT)

GAS_LIMIT: Final = 120_000_000
"""Gas limit of every block."""
GAS_TARGET: Final = GAS_LIMIT // 2
"""Gas that the authority puts into a block at most. EIP-1559 raises the base fee only above half of the limit, so the
base fee of zero in the genesis stays zero for ever."""
MAX_TRANSACTION_GAS: Final = 1 << 24
"""Largest gas limit of one transaction (EIP-7825), so that one call cannot hold up the authority for long."""
DYNAMIC_FEE_TYPE: Final = 2
"""EIP-1559."""
MAX_INITCODE_BYTES: Final = 49_152
"""EIP-3860."""
EMPTY_ROOT: Final = Hash(BLANK_ROOT_HASH)
EMPTY_CODE: Final = Hash(EMPTY_SHA3)
NO_REQUESTS_HASH: Final = Hash(EMPTY_SHA256)
"""Every header's: no block asks anything of a consensus layer (EIP-7685)."""
_INITCODE_WORD_GAS: Final = 2
_CREATE_GAS: Final = 32_000
_LISTED_ADDRESS_GAS: Final = 2_400
_LISTED_SLOT_GAS: Final = 1_900
STANDARD_TOKEN_GAS: Final = 4
"""Gas of one token of calldata before EIP-7623's floor: 4 for a zero byte, 16 for another (EIP-2028)."""
_BASE_GAS: Final = 21_000
_REFUND_QUOTIENT: Final = 5
_MAX_ANCESTORS: Final = 256
_HASH_BYTES: Final = 32
# The class leaves five abstract properties of headers undefined, although its fields provide them.
_PRAGUE_HEADER: Final = cast("Callable[..., BlockHeaderAPI]", PragueBlockHeader)


AccessList = Sequence[tuple[EthAddress, Sequence[int]]]
"""Accounts and their slots that a transaction declares beforehand (EIP-2930)."""


class LedgerVM(PragueVM):
    """Prague."""

    @classmethod
    def finalize_gas_used(cls, transaction: SignedTransactionAPI, computation: ComputationAPI) -> int:
        """Return the gas a transaction pays for.

        py-evm caps the refund a second time after it has raised the gas to the floor of EIP-7623, and so records less
        gas than it charges when a call with much calldata clears storage. The floor comes last.
        """
        used = transaction.gas - computation.get_gas_remaining()
        refund = min(used // _REFUND_QUOTIENT, computation.get_gas_refund())
        return used - refund + computation.data_floor_gas


def next_header(parent: BlockHeaderAPI, time: int) -> BlockHeaderAPI:
    """Return the empty header of the block after `parent`."""
    number = BlockNumber(parent.block_number + 1)
    header = _header(number, time, coinbase=Address(parent.coinbase), state_root=Hash(parent.state_root))
    return header.copy(parent_hash=parent.hash)


def first_header(time: int, authority: Address, state_root: Hash) -> BlockHeaderAPI:
    """Return the header of block 0."""
    return _header(BlockNumber(0), time, coinbase=authority, state_root=state_root)


def _header(number: BlockNumber, time: int, *, coinbase: Address, state_root: Hash) -> BlockHeaderAPI:
    return _PRAGUE_HEADER(
        difficulty=0,
        block_number=number,
        gas_limit=GAS_LIMIT,
        timestamp=time,
        coinbase=EthAddress(coinbase),
        state_root=Hash32(state_root),
        nonce=POST_MERGE_NONCE,
    )


def encode_header(header: BlockHeaderAPI) -> bytes:
    """Return the header's RLP, whose hash is the block's."""
    return rlp.encode(header)


def decode_header(data: bytes) -> BlockHeaderAPI:
    """Read a header of this ledger."""
    return cast("BlockHeaderAPI", rlp.decode(data, sedes=PragueBlockHeader))


def decode_transaction(raw: bytes) -> SignedTransactionAPI:
    """Read a signed transaction as `eth_sendRawTransaction` takes it.

    Raises
    ------
    MalformedError
        For anything but the one canonical encoding of a transaction that Prague knows.
    """
    try:
        transaction = LedgerVM.get_transaction_builder().decode(raw)
        canonical = transaction.encode() == raw
    except Exception as error:  # py-evm lets errors of five libraries out of its decoders
        raise MalformedError("transaction", "", "not the encoding of a signed transaction") from error
    if not canonical:
        raise MalformedError("transaction", "", "not in its canonical encoding")
    return transaction


def decode_receipt(data: bytes) -> ReceiptAPI:
    """Read a receipt of this ledger."""
    return LedgerVM.get_receipt_builder().decode(data)


def encode_items(items: Iterable[bytes]) -> bytes:
    """Return the RLP of a list of byte strings."""
    return rlp.encode(tuple(items))


def decode_items(data: bytes) -> list[bytes]:
    """Read the RLP of a list of byte strings."""
    return cast("list[bytes]", rlp.decode(data))


def open_state(
    nodes: AtomicDatabaseAPI, header: BlockHeaderAPI, chain_id: int, ancestors: Iterable[Hash] = ()
) -> StateAPI:
    """Return the state under `header`'s root, in the context of that block.

    Parameters
    ----------
    nodes : AtomicDatabaseAPI
    header : BlockHeaderAPI
        Its root, number and time are what contracts will see.
    chain_id : int
    ancestors : iterable of Hash
        Hashes of the blocks before it, youngest first; read lazily, 256 at most.
    """
    hashes = (Hash32(hash_) for hash_, _ in zip(ancestors, range(_MAX_ANCESTORS), strict=False))
    return LedgerVM.build_state(nodes, header, ChainContext(chain_id), hashes)


def trie_root(items: Sequence[bytes]) -> Hash:
    """Return the root of the trie that maps the RLP of each index to an item (transactions, receipts)."""
    trie = open_trie({})
    with trie.squash_changes() as batch:
        for index, item in enumerate(items):
            batch[rlp.encode(index)] = item
    return Hash(trie.root_hash)


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """One account as the state trie has it; the default is the account that is not there."""

    nonce: int = 0
    balance: int = 0
    storage_root: Hash = EMPTY_ROOT
    code_hash: Hash = EMPTY_CODE


def read_account(nodes: DatabaseAPI, root: Hash, account: Address) -> AccountRecord:
    """Return an account under a state root."""
    encoded = open_trie(nodes, root_hash=root).get(keccak(account))
    if not encoded:
        return AccountRecord()
    nonce, balance, storage_root, code_hash = decode_items(encoded)
    return AccountRecord(int.from_bytes(nonce), int.from_bytes(balance), Hash(storage_root), Hash(code_hash))


def read_word(nodes: DatabaseAPI, root: Hash, slot: int) -> int:
    """Return one word of the storage under a storage root."""
    encoded = open_trie(nodes, root_hash=root).get(slot_key(slot))
    return int.from_bytes(cast("bytes", rlp.decode(encoded))) if encoded else 0


def slot_key(slot: int) -> bytes:
    """Return the path of a slot in a storage trie."""
    return keccak(slot.to_bytes(_HASH_BYTES))


def trie_proof(nodes: DatabaseAPI, root: Hash, key: bytes) -> tuple[bytes, ...]:
    """Return the RLP of the nodes on the way from `root` to `key`, as far as it goes; none under an empty root.

    A node of less than 32 bytes stands inside its parent and is no item of its own.
    """
    path = (rlp.encode(node) for node in open_trie(nodes, root_hash=root).get_proof(key))
    return tuple(node for index, node in enumerate(path) if index == 0 or len(node) >= _HASH_BYTES)


def intrinsic_gas(data: bytes, *, creates: bool, access_list: AccessList = ()) -> int:
    """Return what py-evm charges before execution begins; it charges initcode words during execution."""
    base = _BASE_GAS + (_CREATE_GAS if creates else 0)
    listed = sum(_LISTED_ADDRESS_GAS + _LISTED_SLOT_GAS * len(slots) for _, slots in access_list)
    return base + STANDARD_TOKEN_GAS * _tokens(data) + listed


def least_gas(data: bytes, *, creates: bool, access_list: AccessList = ()) -> int:
    """Return the smallest gas limit that makes a transaction valid, with initcode words and the floor of calldata."""
    words = (len(data) + 31) // 32
    intrinsic = intrinsic_gas(data, creates=creates, access_list=access_list)
    return max(intrinsic + (_INITCODE_WORD_GAS * words if creates else 0), floor_gas(data))


def floor_gas(data: bytes) -> int:
    """Return the gas that a transaction pays at least, whatever it does (EIP-7623)."""
    return _BASE_GAS + TOTAL_COST_FLOOR_PER_TOKEN * _tokens(data)


def _tokens(data: bytes) -> int:
    """Return the weight of calldata: 1 for a zero, 4 for another byte."""
    zeros = data.count(0)
    return zeros + STANDARD_TOKEN_COST * (len(data) - zeros)


def creates_contract(transaction: SignedTransactionAPI) -> bool:
    """Whether the transaction has no addressee."""
    return transaction.to == CREATE_CONTRACT_ADDRESS


def eth_address(account: Address) -> EthAddress:
    """Return an address as py-evm's functions ask for it."""
    return EthAddress(account)


def cost(transaction: SignedTransactionAPI) -> int:
    """Return the wei that a transaction may take from its sender at most."""
    return transaction.value + transaction.gas * transaction.max_fee_per_gas


def access_list_of(transaction: SignedTransactionAPI) -> AccessList:
    """Return what the transaction declares; a legacy one declares nothing."""
    return transaction.access_list if transaction.type_id else ()


def created_address(sender: Address, nonce: int) -> Address:
    """Return the address of the contract that this transaction of `sender` creates."""
    return Address(keccak(rlp.encode((sender, nonce)))[12:])
