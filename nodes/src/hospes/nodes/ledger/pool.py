"""The transactions that wait for the next block, in memory: what is here is not durable, and nobody is told it is.

It does not validate (`ingress` does) and does not execute.

Invariant: the transactions of one sender stand in the order of their nonces, without gaps, from the one that the
sealed state expects next.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from eth.abc import SignedTransactionAPI

from hospes.core.identities import Address, Hash
from hospes.nodes.ledger import evm
from hospes.nodes.ledger.errors import AlreadyKnownError, BusyError

MAX_WAITING: Final = 8192
"""Transactions that wait at most: about ten blocks' worth."""
MAX_OF_SENDER: Final = 2048
"""Of one sender, so that one member cannot take all the places."""


class Pool:
    """Transactions in the order they came. Not safe to share between threads; the engine guards it."""

    def __init__(self) -> None:
        self._waiting: dict[Hash, SignedTransactionAPI] = {}
        self._queued: Counter[Address] = Counter()
        self._costs: Counter[Address] = Counter()

    def __len__(self) -> int:
        return len(self._waiting)

    def get(self, transaction: Hash) -> SignedTransactionAPI | None:
        """Return a waiting transaction."""
        return self._waiting.get(transaction)

    def waiting(self) -> tuple[SignedTransactionAPI, ...]:
        """Return all, in the order they came."""
        return tuple(self._waiting.values())

    def count_of(self, sender: Address) -> int:
        """Return how many of this sender wait."""
        return self._queued[sender]

    def cost_of(self, sender: Address) -> int:
        """Return the wei that all waiting transactions of this sender may take."""
        return self._costs[sender]

    def require_new(self, transaction: Hash) -> None:
        """Raise `AlreadyKnownError` for a transaction that waits already."""
        if transaction in self._waiting:
            raise AlreadyKnownError(transaction)

    def require_room(self, sender: Address) -> None:
        """Raise `BusyError` when there is no place for one more of this sender."""
        if len(self._waiting) >= MAX_WAITING:
            raise BusyError(len(self._waiting), MAX_WAITING)
        if self.count_of(sender) >= MAX_OF_SENDER:
            raise BusyError(self.count_of(sender), MAX_OF_SENDER)

    def add(self, transaction: SignedTransactionAPI) -> None:
        """Put a valid transaction at the end."""
        self._waiting[Hash(transaction.hash)] = transaction
        self._account(transaction, 1)

    def remove(self, transactions: Iterable[SignedTransactionAPI]) -> None:
        """Take out those that were sealed or dropped."""
        for transaction in transactions:
            if self._waiting.pop(Hash(transaction.hash), None) is not None:
                self._account(transaction, -1)

    def _account(self, transaction: SignedTransactionAPI, sign: int) -> None:
        sender = Address(transaction.sender)
        self._queued[sender] += sign
        self._costs[sender] += sign * evm.cost(transaction)
        if not self._queued[sender]:
            del self._queued[sender], self._costs[sender]
