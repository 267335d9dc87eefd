"""Turns waiting transactions into an executed block.

It does not seal, store or read a clock, and it never fails for a transaction: one that cannot run is left out and
named, and the block is made of the others.

Sources: Ethereum execution specification, Prague, ``state_transition`` (order of steps, roots, receipts).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from eth.abc import BlockHeaderAPI, ReceiptAPI, SignedTransactionAPI, StateAPI
from eth_typing import Address as EthAddress

from hospes.core.identities import Hash
from hospes.nodes.ledger import evm
from hospes.nodes.ledger.database import Overlay


class Terms(NamedTuple):
    """Under which the next block is executed.

    Attributes
    ----------
    chain_id : int
    parent : BlockHeaderAPI
    time : int
        Unix seconds, above the parent's.
    ancestors : callable
        Gives the hashes of the blocks before a header, youngest first.
    """

    chain_id: int
    parent: BlockHeaderAPI
    time: int
    ancestors: Callable[[BlockHeaderAPI], Iterable[Hash]]


class Dropped(NamedTuple):
    """A transaction that can not be in this block nor in a later one."""

    transaction: SignedTransactionAPI
    reason: str


@dataclass(frozen=True, slots=True)
class ExecutedBlock:
    """A block with its roots, not yet sealed.

    Attributes
    ----------
    header : BlockHeaderAPI
    transactions, receipts : tuple
        One receipt a transaction.
    dropped : tuple of Dropped
    nodes : Overlay
        The new state.
    """

    header: BlockHeaderAPI
    transactions: tuple[SignedTransactionAPI, ...]
    receipts: tuple[ReceiptAPI, ...]
    dropped: tuple[Dropped, ...]
    nodes: Overlay


class _BrokenError(Exception):
    """The engine failed inside one transaction; the state it was working on is not to be trusted any more."""

    def __init__(self, transaction: SignedTransactionAPI, reason: str) -> None:
        super().__init__(reason)
        self.dropped = Dropped(transaction, reason)


def execute(terms: Terms, waiting: Sequence[SignedTransactionAPI], open_nodes: Callable[[], Overlay]) -> ExecutedBlock:
    """Execute as many of `waiting` as fit, in order, and return the block.

    Parameters
    ----------
    terms : Terms
    waiting : sequence of SignedTransactionAPI
        Those of one sender in the order of their nonces. What is neither in the block nor dropped fits a later one.
    open_nodes : callable
        Gives a fresh overlay of the parent's state. A failure inside py-evm throws the overlay away and begins again
        without the transaction that caused it.
    """
    broken: list[Dropped] = []
    while True:
        culprits = {id(dropped.transaction) for dropped in broken}
        draft = _Draft(terms, open_nodes(), dropped=list(broken))
        try:
            draft.fill(transaction for transaction in waiting if id(transaction) not in culprits)
            return draft.finish()
        except _BrokenError as error:
            broken.append(error.dropped)


@dataclass(slots=True)
class _Draft:
    """A block in the making."""

    terms: Terms
    nodes: Overlay
    dropped: list[Dropped]
    transactions: list[SignedTransactionAPI] = field(default_factory=list[SignedTransactionAPI])
    receipts: list[ReceiptAPI] = field(default_factory=list[ReceiptAPI])
    bloom: int = 0
    header: BlockHeaderAPI = field(init=False)
    state: StateAPI = field(init=False)

    def __post_init__(self) -> None:
        """Open the parent's state."""
        terms = self.terms
        self.header = evm.next_header(terms.parent, terms.time)
        self.state = evm.open_state(self.nodes, self.header, terms.chain_id, terms.ancestors(self.header))

    def fill(self, waiting: Iterable[SignedTransactionAPI]) -> None:
        """Execute what fits."""
        postponed: set[EthAddress] = set()
        for transaction in waiting:
            if transaction.sender in postponed:
                continue
            if self.header.gas_used + transaction.gas > evm.GAS_TARGET:
                postponed.add(transaction.sender)
                continue
            obstacle = self._obstacle(transaction)
            if obstacle is None:
                self._run(transaction)
            else:
                self.dropped.append(Dropped(transaction, obstacle))

    def _obstacle(self, transaction: SignedTransactionAPI) -> str | None:
        """Say what has become of a transaction that was valid when it came in."""
        nonce = self.state.get_nonce(transaction.sender)
        if transaction.nonce != nonce:
            return f"its nonce is {transaction.nonce}, the sender's next one is {nonce}"
        if self.state.get_balance(transaction.sender) < evm.cost(transaction):
            return "its sender has spent the funds"
        return None

    def _run(self, transaction: SignedTransactionAPI) -> None:
        try:
            self.state.lock_changes()
            computation = self.state.apply_transaction(transaction)
            receipt = evm.LedgerVM.make_receipt(self.header, transaction, computation, self.state)
        except Exception as error:  # whatever it is, it must not hold up the other transactions
            raise _BrokenError(transaction, f"{type(error).__name__} inside the engine") from error
        self.header = self.header.copy(gas_used=receipt.gas_used)
        self.transactions.append(transaction)
        self.receipts.append(receipt)
        self.bloom |= receipt.bloom

    def finish(self) -> ExecutedBlock:
        """Compute the roots."""
        self.state.persist()
        header = self.header.copy(
            state_root=self.state.state_root,
            transaction_root=evm.trie_root([transaction.encode() for transaction in self.transactions]),
            receipt_root=evm.trie_root([receipt.encode() for receipt in self.receipts]),
            bloom=self.bloom,
        )
        return ExecutedBlock(header, tuple(self.transactions), tuple(self.receipts), tuple(self.dropped), self.nodes)
