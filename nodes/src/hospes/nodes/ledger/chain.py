"""The sealed chain, read only: blocks, transactions, state of any block, proofs.

It never writes, and it shows nothing that is not sealed; beside a running authority it follows the head by itself.

Sources: EIP-1186 (shape of proofs and of what is absent).
"""

import itertools
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from eth.abc import BlockHeaderAPI, StateAPI

from hospes.core.genesis import Genesis
from hospes.core.identities import Address, Hash, keccak
from hospes.nodes.ledger import evm
from hospes.nodes.ledger.blocks import HEAD_KEY, Place, SealedBlock, number_key, read_block, read_place
from hospes.nodes.ledger.database import Database, Table, View
from hospes.nodes.ledger.errors import UnknownBlockError

_RECENT_BLOCKS: Final = 64
_CACHED_HEADERS: Final = 1024
_CACHED_VALUES: Final = 4096


@dataclass(frozen=True, slots=True)
class SlotProof:
    """One word of a contract's storage and the trie nodes that show it."""

    slot: int
    word: int
    nodes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class AccountProof:
    """One account at one block and the trie nodes that show it, or that show that there is none."""

    address: Address
    record: evm.AccountRecord
    nodes: tuple[bytes, ...]
    slots: tuple[SlotProof, ...]


@dataclass(frozen=True, slots=True)
class StateAt:
    """The state of one block, as `ingress.StateReader` asks for it."""

    chain: "Chain"
    number: int

    @property
    def next_block(self) -> int:
        """Number of the block after it."""
        return self.number + 1

    def nonce(self, account: Address) -> int:
        """Return the number of transactions that the account has sent."""
        return self.chain.account(self.number, account).nonce

    def balance(self, account: Address) -> int:
        """Return the account's wei."""
        return self.chain.account(self.number, account).balance

    def storage(self, account: Address, slot: int) -> int:
        """Return one word of a contract's storage."""
        return self.chain.word(self.number, account, slot)


class Chain:
    """What is sealed in one ledger directory; safe to share between threads.

    Parameters
    ----------
    database : Database
    genesis : Genesis
    """

    def __init__(self, database: Database, genesis: Genesis) -> None:
        self.genesis = genesis
        self.database = database
        self._nodes = View(database)
        # Sealed blocks never change, so what was read once can be kept.
        self._header_at = lru_cache(_CACHED_HEADERS)(self._read_header)
        self._recent: dict[int, SealedBlock] = {}
        self._recent_lock = threading.Lock()
        self._account_at = lru_cache(_CACHED_VALUES)(self._read_account)
        self._word_at = lru_cache(_CACHED_VALUES)(self._read_word)

    @property
    def chain_id(self) -> int:
        """The network's id."""
        return self.genesis.chain_id

    def head_number(self) -> int:
        """Return the number of the youngest sealed block."""
        value = self.database.get(Table.META, HEAD_KEY)
        if value is None:
            raise UnknownBlockError("the head")
        return int.from_bytes(value)

    def head(self) -> SealedBlock:
        """Return the youngest sealed block."""
        return self.block(self.head_number())

    def header(self, number: int) -> BlockHeaderAPI:
        """Return a header, or raise `UnknownBlockError`."""
        return self._header_at(number)

    def block(self, number: int) -> SealedBlock:
        """Return a block, or raise `UnknownBlockError`."""
        block = self._recent.get(number) or read_block(self.database, self._key(number))
        if block is None:
            raise UnknownBlockError(str(number))
        self.remember(block)
        return block

    def remember(self, block: SealedBlock) -> None:
        """Keep a sealed block at hand; the engine has it decoded already."""
        with self._recent_lock:
            self._recent[block.number] = block
            while len(self._recent) > _RECENT_BLOCKS:
                del self._recent[next(iter(self._recent))]

    def number_of(self, block: Hash) -> int:
        """Return the number of the block with this hash, or raise `UnknownBlockError`."""
        value = self.database.get(Table.NUMBERS, block)
        if value is None:
            raise UnknownBlockError("0x" + block.hex())
        return int.from_bytes(value)

    def seal(self, number: int) -> bytes:
        """Return the authority's signature under a block, or raise `UnknownBlockError`."""
        value = self.database.get(Table.SEALS, self._key(number))
        if value is None:
            raise UnknownBlockError(str(number))
        return value

    def header_rlp(self, number: int) -> bytes:
        """Return a header as it was hashed, or raise `UnknownBlockError`."""
        value = self.database.get(Table.HEADERS, self._key(number))
        if value is None:
            raise UnknownBlockError(str(number))
        return value

    def place_of(self, transaction: Hash) -> Place | None:
        """Return where a transaction was sealed, or None."""
        return read_place(self.database, transaction)

    def ancestors(self, header: BlockHeaderAPI) -> Iterator[Hash]:
        """Yield the hashes of the blocks before `header`, youngest first."""
        while header.block_number > 0:
            yield Hash(header.parent_hash)
            header = self.header(header.block_number - 1)

    def state(self, number: int) -> StateAPI:
        """Return a new state of a block, in its own context, for reading and for calls whose effects are dropped."""
        header = self.header(number)
        return evm.open_state(self._nodes, header, self.chain_id, self.ancestors(header))

    def account(self, number: int, account: Address) -> evm.AccountRecord:
        """Return an account at a block."""
        return self._account_at(number, account)

    def word(self, number: int, contract: Address, slot: int) -> int:
        """Return one word of a contract's storage at a block."""
        return self._word_at(number, contract, slot)

    def code(self, number: int, account: Address) -> bytes:
        """Return an account's code at a block."""
        code_hash = self.account(number, account).code_hash
        return b"" if code_hash == evm.EMPTY_CODE else self._nodes[code_hash]

    def state_after(self, number: int, now: int = 0) -> StateAPI:
        """Return a new state of a block in the context of the block after it, as a transaction will meet it.

        Its time is the earliest that block can have, when it is not sealed before `now` (Unix seconds).
        """
        header = self.header(number)
        earliest = max(header.timestamp + 1, now)
        following = header.copy(block_number=number + 1, timestamp=earliest, parent_hash=header.hash)
        hashes = itertools.chain([Hash(header.hash)], self.ancestors(header))
        return evm.open_state(self._nodes, following, self.chain_id, hashes)

    def proof(self, number: int, account: Address, slots: Iterable[int]) -> AccountProof:
        """Return the proof of an account, and of words of its storage, at a block."""
        record = self.account(number, account)
        nodes = evm.trie_proof(self._nodes, Hash(self.header(number).state_root), keccak(account))
        words = (self._slot_proof(number, account, record, slot) for slot in slots)
        return AccountProof(account, record, nodes, tuple(words))

    def _slot_proof(self, number: int, account: Address, record: evm.AccountRecord, slot: int) -> SlotProof:
        nodes = evm.trie_proof(self._nodes, record.storage_root, evm.slot_key(slot))
        return SlotProof(slot, self.word(number, account, slot), nodes)

    @staticmethod
    def _key(number: int) -> bytes:
        if not 0 <= number < 1 << 64:
            raise UnknownBlockError(str(number))
        return number_key(number)

    def _read_header(self, number: int) -> BlockHeaderAPI:
        return evm.decode_header(self.header_rlp(number))

    def _read_account(self, number: int, account: Address) -> evm.AccountRecord:
        return evm.read_account(self._nodes, Hash(self.header(number).state_root), account)

    def _read_word(self, number: int, contract: Address, slot: int) -> int:
        return evm.read_word(self._nodes, self.account(number, contract).storage_root, slot)
