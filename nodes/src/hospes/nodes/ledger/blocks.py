"""A sealed block, and how it stands in the database.

It does not check a seal (`core.proof` does) and does not execute.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from eth.abc import BlockHeaderAPI, LogAPI, ReceiptAPI, SignedTransactionAPI

from hospes.core.identities import Address, Hash
from hospes.nodes.ledger import evm
from hospes.nodes.ledger.database import Database, Table, Write

HEAD_KEY = b"head"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a transaction stands."""

    block: int
    index: int


@dataclass(frozen=True, slots=True)
class SealedBlock:
    """One block, final.

    Attributes
    ----------
    header : BlockHeaderAPI
    hash : Hash
    transactions, receipts : tuple
    seal : bytes
        The authority's signature over `core.chain.seal_digest`, 65 bytes.
    """

    header: BlockHeaderAPI
    hash: Hash
    transactions: tuple[SignedTransactionAPI, ...]
    receipts: tuple[ReceiptAPI, ...]
    seal: bytes

    @property
    def number(self) -> int:
        """Block number."""
        return self.header.block_number

    @property
    def time(self) -> int:
        """Unix seconds."""
        return self.header.timestamp

    @property
    def transaction_hashes(self) -> tuple[Hash, ...]:
        """The transactions by their hashes."""
        return tuple(Hash(transaction.hash) for transaction in self.transactions)

    def logs(self) -> Iterator[LogAPI]:
        """Yield all logs in order."""
        for receipt in self.receipts:
            yield from receipt.logs

    def writes(self) -> Iterator[Write]:
        """Yield everything that makes the block part of the chain, the head pointer included."""
        key = number_key(self.number)
        yield Write(Table.HEADERS, key, evm.encode_header(self.header))
        yield Write(Table.NUMBERS, self.hash, key)
        yield Write(Table.BODIES, key, evm.encode_items(item.encode() for item in self.transactions))
        yield Write(Table.RECEIPTS, key, evm.encode_items(item.encode() for item in self.receipts))
        yield Write(Table.SEALS, key, self.seal)
        for index, transaction in enumerate(self.transactions):
            yield Write(Table.PLACES, transaction.hash, key + index.to_bytes(4))
        for word in {word for log in self.logs() for word in words_of(log)}:
            yield Write(Table.MARKS, word, key)
        yield Write(Table.META, HEAD_KEY, key)


def words_of(log: LogAPI) -> Iterator[bytes]:
    """Yield the words by which a log can be searched: its contract, padded to 32 bytes, and its topics."""
    yield mark_of(Address(log.address))
    for topic in log.topics:
        yield topic.to_bytes(32)


def mark_of(contract: Address) -> bytes:
    """Return the word that stands for a contract among the marks."""
    return contract.rjust(32, b"\0")


def number_key(number: int) -> bytes:
    """Return the key of a block number: 8 bytes, so that numbers sort."""
    return number.to_bytes(8)


def read_block(database: Database, key: bytes) -> SealedBlock | None:
    """Return the block under a `number_key`, or None when the ledger has not sealed it."""
    header = database.get(Table.HEADERS, key)
    if header is None:
        return None
    decoded = evm.decode_header(header)
    bodies, receipts = database.get(Table.BODIES, key), database.get(Table.RECEIPTS, key)
    return SealedBlock(
        header=decoded,
        hash=Hash(decoded.hash),
        transactions=tuple(evm.decode_transaction(raw) for raw in evm.decode_items(bodies or b"\xc0")),
        receipts=tuple(evm.decode_receipt(raw) for raw in evm.decode_items(receipts or b"\xc0")),
        seal=database.get(Table.SEALS, key) or b"",
    )


def read_place(database: Database, transaction: Hash) -> Place | None:
    """Return where a transaction stands, or None."""
    value = database.get(Table.PLACES, transaction)
    return None if value is None else Place(int.from_bytes(value[:8]), int.from_bytes(value[8:]))
