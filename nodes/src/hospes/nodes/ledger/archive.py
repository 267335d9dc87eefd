"""The chain as an inspection looks at it: blocks, transactions, entries with the heads after them, members.

It fetches from a `Source` what is asked for and does not search (`inspect` does).

Sources: PROTOCOL section 2 ("Log", "Registry").
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeVar, cast

from hospes.contracts import storage
from hospes.contracts.addresses import ACCESS_LOG, CONSENT, REGISTRY
from hospes.contracts.events import ENTRY, decode_entry
from hospes.contracts.storage import Reading
from hospes.core.chain import ConsentWord, Entry, Member, first_head, next_head
from hospes.core.errors import HospesError, MalformedError
from hospes.core.genesis import Genesis
from hospes.core.identities import Address, Hash, to_hex
from hospes.core.proof import FinalHeader, Header, verify_seal
from hospes.nodes.ledger.quantities import read_address, read_data, read_hash, read_number
from hospes.nodes.ledger.sources import Source

PAGE: Final = 1_000
"""Blocks of one search for logs."""
T = TypeVar("T")
_Fields = dict[str, object]


@dataclass(frozen=True, slots=True)
class Line:
    """One entry, where it came from, and what it led to.

    Attributes
    ----------
    entry : Entry
    transaction : Hash
    head : Hash
        The journey's head after it, recomputed here.
    """

    entry: Entry
    transaction: Hash
    head: Hash


@dataclass(frozen=True, slots=True)
class SeenLog:
    """One log as the ledger shows it."""

    contract: Address
    topics: tuple[Hash, ...]
    data: bytes
    block: int
    transaction: Hash

    def holds(self, word: bytes) -> bool:
        """Whether a topic or a word of its data is `word`."""
        return word in self.topics or word in _words(self.data)


@dataclass(frozen=True, slots=True)
class SeenTransaction:
    """One transaction as the ledger shows it; `to` is None for one that creates a contract."""

    hash: Hash
    block: int
    index: int
    sender: Address
    to: Address | None
    data: bytes

    def holds(self, word: bytes) -> bool:
        """Whether a word of its calldata, which follow the four bytes of the function, is `word`."""
        return word in _words(self.data[4:])


@dataclass(frozen=True, slots=True)
class SeenReceipt:
    """What became of a transaction, as the ledger shows it."""

    succeeded: bool
    gas_used: int
    logs: tuple[SeenLog, ...]


@dataclass(frozen=True, slots=True)
class SeenBlock:
    """One block as the ledger shows it."""

    number: int
    hash: Hash
    parent: Hash
    state_root: Hash
    time: int
    transactions: tuple[SeenTransaction, ...]


@dataclass(frozen=True, slots=True)
class SeenAccount:
    """One account at the head: wei, transactions sent, code."""

    balance: int
    nonce: int
    code: bytes


class Archive:
    """What one ledger holds.

    Parameters
    ----------
    source : Source
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    @cached_property
    def genesis(self) -> Genesis:
        """The document that pins the network, as this ledger has it."""
        return Genesis.decode(json.dumps(self._source.ask("hospes_getGenesis")).encode())

    @cached_property
    def head(self) -> Header:
        """The header of the youngest block, as the ledger shows it (`sealed` verifies)."""
        fields = _fields(self._source.ask("hospes_getFinality", "latest"))
        return Header.decode(read_data(fields["header"], "header"))

    @cached_property
    def members(self) -> dict[Address, Member]:
        """Everybody whom the registry ever admitted, as it stands at the head."""
        accounts = self._read(REGISTRY, storage.members())
        return {account: self._read(REGISTRY, storage.member(account, self.head.number)) for account in accounts}

    def transaction_count(self) -> int:
        """Return how many transactions are sealed."""
        return read_number(_fields(self._source.ask("hospes_getTotals"))["transactions"], "transactions")

    def sealed(self, number: int) -> FinalHeader:
        """Return a block's header with its seal, or raise `ProofError` when the genesis' authority did not seal it."""
        fields = _fields(self._source.ask("hospes_getFinality", hex(number)))
        header, seal = read_data(fields["header"], "header"), read_data(fields["signature"], "signature")
        return verify_seal(self.genesis, header, seal)

    def block(self, number: int) -> SeenBlock:
        """Return a block that is there."""
        return _block(_fields(self._source.ask("eth_getBlockByNumber", hex(number), True)))

    def block_with(self, block_hash: Hash) -> SeenBlock | None:
        """Return the block of this hash, or None."""
        shape = self._source.ask("eth_getBlockByHash", to_hex(block_hash), True)
        return None if shape is None else _block(_fields(shape))

    def transactions(self) -> Iterator[SeenTransaction]:
        """Yield every transaction, in order."""
        for number in range(1, self.head.number + 1):
            yield from self.block(number).transactions

    def transaction(self, key: Hash) -> SeenTransaction | None:
        """Return a sealed transaction, or None."""
        shape = self._source.ask("eth_getTransactionByHash", to_hex(key))
        if shape is None or _fields(shape)["blockNumber"] is None:
            return None
        return _transaction(_fields(shape))

    def receipt(self, key: Hash) -> SeenReceipt:
        """Return the receipt of a sealed transaction."""
        fields = _fields(self._source.ask("eth_getTransactionReceipt", to_hex(key)))
        logs = tuple(_log(_fields(log)) for log in _items(fields["logs"]))
        return SeenReceipt(fields["status"] == "0x1", read_number(fields["gasUsed"], "gasUsed"), logs)

    def refusal(self, transaction: SeenTransaction) -> str:
        """Return why a contract refused a transaction, by calling it again on the block before; empty if that works."""
        call = {"from": to_hex(transaction.sender), "data": to_hex(transaction.data)}
        if transaction.to is not None:
            call["to"] = to_hex(transaction.to)
        try:
            self._source.ask("eth_call", call, hex(transaction.block - 1))
        except HospesError as error:
            return str(error)
        return ""

    def logs(self, contract: Address | None = None, topics: tuple[Hash, ...] = ()) -> Iterator[SeenLog]:
        """Yield the logs of a contract (of all when None) that begin with these topics, in order."""
        query: dict[str, object] = {"topics": [to_hex(topic) for topic in topics]}
        if contract is not None:
            query["address"] = to_hex(contract)
        for first in range(0, self.head.number + 1, PAGE):
            last = min(first + PAGE - 1, self.head.number)
            page = self._source.ask("eth_getLogs", {**query, "fromBlock": hex(first), "toBlock": hex(last)})
            yield from (_log(_fields(log)) for log in _items(page))

    def lines(self, journey: Address | None = None) -> Iterator[Line]:
        """Yield the entries of a journey, or of all journeys, in the order of the chain."""
        heads: dict[Address, Hash] = {}
        topics = (ENTRY,) if journey is None else (ENTRY, Hash(journey.rjust(32, b"\0")))
        for log in self.logs(ACCESS_LOG, topics):
            entry = decode_entry(log.topics, log.data, log.block)
            before = heads.get(entry.journey) or first_head(self.genesis.chain_id, ACCESS_LOG, entry.journey)
            heads[entry.journey] = next_head(before, entry)
            yield Line(entry, log.transaction, heads[entry.journey])

    def consent(self, journey: Address, grants_hash: Hash) -> ConsentWord:
        """Return what the chain says of a consent at the head."""
        return self._read(CONSENT, storage.consent_word(journey, grants_hash))

    def through(self, journey: Address) -> int:
        """Return the block up to which a journey ended its consents; 0 for none."""
        return self._read(CONSENT, storage.through(journey))

    def kept_head(self, journey: Address) -> Hash:
        """Return a journey's head as the contract's storage has it."""
        return self._read(ACCESS_LOG, storage.log_head(journey))

    def account(self, address: Address) -> SeenAccount:
        """Return an account at the head."""
        shown = to_hex(address)
        balance = read_number(self._source.ask("eth_getBalance", shown, "latest"), "balance")
        nonce = read_number(self._source.ask("eth_getTransactionCount", shown, "latest"), "nonce")
        return SeenAccount(balance, nonce, read_data(self._source.ask("eth_getCode", shown, "latest"), "code"))

    def _read(self, contract: Address, reading: Reading[T]) -> T:
        def fetch(slots: tuple[int, ...]) -> Mapping[int, int]:
            keys = [hex(slot) for slot in slots]
            proof = _fields(self._source.ask("eth_getProof", to_hex(contract), keys, hex(self.head.number)))
            words = (_fields(item) for item in _items(proof["storageProof"]))
            return {slot: read_number(word["value"], "value") for slot, word in zip(slots, words, strict=True)}

        return storage.resolve(reading, fetch)


def entry_of(log: SeenLog) -> Entry | None:
    """Return the entry that a log tells of, or None when it is of something else."""
    if log.contract != ACCESS_LOG or log.topics[:1] != (ENTRY,):
        return None
    return decode_entry(log.topics, log.data, log.block)


def _words(data: bytes) -> Iterator[bytes]:
    return (data[start : start + 32] for start in range(0, len(data), 32))


def _fields(value: object) -> _Fields:
    if not isinstance(value, dict):
        raise MalformedError("answer", "", "expected an object")
    return cast("_Fields", value)


def _items(value: object) -> list[object]:
    if not isinstance(value, list):
        raise MalformedError("answer", "", "expected a list")
    return cast("list[object]", value)


def _block(fields: _Fields) -> SeenBlock:
    return SeenBlock(
        number=read_number(fields["number"], "number"),
        hash=read_hash(fields["hash"], "hash"),
        parent=read_hash(fields["parentHash"], "parentHash"),
        state_root=read_hash(fields["stateRoot"], "stateRoot"),
        time=read_number(fields["timestamp"], "timestamp"),
        transactions=tuple(_transaction(_fields(item)) for item in _items(fields["transactions"])),
    )


def _transaction(fields: _Fields) -> SeenTransaction:
    return SeenTransaction(
        hash=read_hash(fields["hash"], "hash"),
        block=read_number(fields["blockNumber"], "blockNumber"),
        index=read_number(fields["transactionIndex"], "transactionIndex"),
        sender=read_address(fields["from"], "from"),
        to=None if fields["to"] is None else read_address(fields["to"], "to"),
        data=read_data(fields["input"], "input"),
    )


def _log(fields: _Fields) -> SeenLog:
    return SeenLog(
        contract=read_address(fields["address"], "address"),
        topics=tuple(read_hash(topic, "topics") for topic in _items(fields["topics"])),
        data=read_data(fields["data"], "data"),
        block=read_number(fields["blockNumber"], "blockNumber"),
        transaction=read_hash(fields["transactionHash"], "transactionHash"),
    )
