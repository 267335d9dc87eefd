"""Finds logs by contract and topics.

It does not know events. Every word by which a log can be found is kept with the numbers of the blocks that hold it, so
a journey's entries are found without walking over the others'.

Sources: Ethereum JSON-RPC specification, ``eth_getLogs``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from eth.abc import LogAPI

from hospes.core.identities import Address
from hospes.nodes.ledger.blocks import SealedBlock, mark_of, number_key
from hospes.nodes.ledger.chain import Chain
from hospes.nodes.ledger.database import Table
from hospes.nodes.ledger.errors import TooWideError
from hospes.nodes.ledger.metering import Budget

MAX_LOGS: Final = 10_000
"""In one answer."""
MAX_BLOCKS: Final = 10_000
"""Looked into for one answer; blocks that the index rules out do not count."""


@dataclass(frozen=True, slots=True)
class FoundLog:
    """One log and where it stands.

    Attributes
    ----------
    block : SealedBlock
    transaction_index : int
    index : int
        Among all logs of the block.
    log : LogAPI
    """

    block: SealedBlock
    transaction_index: int
    index: int
    log: LogAPI


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which logs are wanted.

    Attributes
    ----------
    first, last : int
        Block numbers, both inclusive.
    contracts : frozenset of Address
        Any of these; every one when empty.
    topics : tuple of frozenset of int
        For each position any of these; everything when empty.
    """

    first: int
    last: int
    contracts: frozenset[Address] = frozenset()
    topics: tuple[frozenset[int], ...] = ()

    def matches(self, log: LogAPI) -> bool:
        """Whether a log is one of them."""
        if self.contracts and Address(log.address) not in self.contracts:
            return False
        if len(log.topics) < len(self.topics):
            return False
        return all(not wanted or topic in wanted for wanted, topic in zip(self.topics, log.topics, strict=False))

    def words(self) -> Iterator[tuple[bytes, ...]]:
        """Yield, for each thing that is asked for, the words of which a block must hold one."""
        if self.contracts:
            yield tuple(mark_of(contract) for contract in self.contracts)
        for wanted in self.topics:
            if wanted:
                yield tuple(topic.to_bytes(32) for topic in wanted)


def logs_of(block: SealedBlock) -> Iterator[FoundLog]:
    """Yield all logs of a block with their places."""
    index = 0
    for transaction_index, receipt in enumerate(block.receipts):
        for log in receipt.logs:
            yield FoundLog(block, transaction_index, index, log)
            index += 1


def find_logs(chain: Chain, query: LogQuery, budget: Budget | None = None) -> list[FoundLog]:
    """Return the logs in order.

    Raises
    ------
    TooWideError
        When there are more than `MAX_LOGS`, or more than `MAX_BLOCKS` would have to be looked into.
    TooCostlyError
        When that takes more than the budget.
    """
    found: list[FoundLog] = []
    budget = budget or Budget()
    for number in _candidates(chain, query):
        budget.check()
        found += (log for log in logs_of(chain.block(number)) if query.matches(log.log))
        if len(found) > MAX_LOGS:
            raise TooWideError("logs", MAX_LOGS)
    return found


def _candidates(chain: Chain, query: LogQuery) -> list[int]:
    """Return the blocks that can hold what is wanted, by the rarest of the words it names."""
    last = min(query.last, chain.head_number())
    words = list(query.words())
    numbers = _marked(chain, words, query.first, last) if words else range(query.first, last + 1)
    if len(numbers) > MAX_BLOCKS:
        raise TooWideError("blocks", MAX_BLOCKS)
    return list(numbers)


def _marked(chain: Chain, words: list[tuple[bytes, ...]], first: int, last: int) -> list[int]:
    if first > last:
        return []
    rarest = min(words, key=lambda group: sum(chain.database.count(Table.MARKS, word) for word in group))
    keys = number_key(first), number_key(last)
    values: set[bytes] = set()
    for word in rarest:
        values.update(chain.database.values(Table.MARKS, word, *keys, limit=MAX_BLOCKS + 1))
        if len(values) > MAX_BLOCKS:
            break  # too many already; which they are does not matter
    return sorted(int.from_bytes(value) for value in values)
