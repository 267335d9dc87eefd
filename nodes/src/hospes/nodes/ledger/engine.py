"""The embedded authority: takes transactions, seals blocks, and makes block and seal durable together.

It runs no thread and reads no clock of its own (`sealer` does the first, the caller gives the second), and it serves
no wire (`rpc` does). The authority is trusted: it could seal a false block, and every screen says so.

Sources: PROTOCOL section 2, "Time": "a block's time is at least its parent's plus one second, so an engine seals at
most one block a second (of any size), and seals at once when the last is older. An engine whose time would run ahead
waits." "Finality proof": the seal is "durable in one transaction before it counts as sealed".
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from eth.abc import SignedTransactionAPI

from hospes.contracts.allocation import GenesisAccount
from hospes.core.chain import seal_digest
from hospes.core.errors import HospesError
from hospes.core.genesis import Genesis
from hospes.core.identities import Account, Address, Hash, to_hex
from hospes.nodes.ledger.blocks import SealedBlock
from hospes.nodes.ledger.chain import Chain, StateAt
from hospes.nodes.ledger.database import Overlay
from hospes.nodes.ledger.directory import WriterLock, create_chain, open_chain, require_sealed
from hospes.nodes.ledger.errors import AlreadyKnownError, DirectoryError, StrangerError
from hospes.nodes.ledger.execution import ExecutedBlock, Terms, execute
from hospes.nodes.ledger.ingress import MembersOnly, Policy, parse_transaction, require_valid
from hospes.nodes.ledger.pool import Pool

Clock = Callable[[], float]
"""Unix seconds."""

_log = structlog.get_logger("hospes.ledger")


class Engine:
    """One ledger that this process seals. Use `create` or `open`. Safe to share between threads.

    Attributes
    ----------
    chain : Chain
        Everything sealed, to read.
    tally : Counter of str
        Since start: ``blocks``, ``transactions``, ``dropped``, and ``refused <slug>``.
    """

    def __init__(self, chain: Chain, authority: Account, lock: WriterLock, clock: Clock, policy: Policy) -> None:
        self.chain = chain
        self.tally: Counter[str] = Counter()
        self._authority = authority
        self._lock = lock
        self._clock = clock
        self._policy = policy
        self._pool = Pool()
        self._closed = False
        self._listener: Callable[[], None] = lambda: None
        # Guards the pool and the step from one head to the next, so that a nonce is never counted twice or missed.
        self._step = threading.Lock()

    @classmethod
    def create(
        cls,
        directory: Path,
        genesis: Genesis,
        allocation: Mapping[Address, GenesisAccount],
        authority: Account,
        *,
        clock: Clock = time.time,
        policy: Policy | None = None,
    ) -> Self:
        """Lay down a new ledger and open it.

        Parameters
        ----------
        directory : Path
            Empty, or not there yet.
        genesis, allocation
            As `make_genesis` made the one from the other.
        authority : Account
            The key that `genesis` names.
        clock : callable
            Unix seconds.
        policy : Policy, optional
            Who may write; the active members unless said.

        Raises
        ------
        StrangerError, DirectoryError
        """
        if authority.address != genesis.authority:
            raise StrangerError(genesis.authority, authority.address)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = WriterLock(directory)
        try:
            chain = create_chain(directory, genesis, allocation, authority)
        except BaseException:
            lock.release()
            raise
        return cls(chain, authority, lock, clock, policy or MembersOnly(genesis.contracts.registry))

    @classmethod
    def open(
        cls,
        directory: Path,
        authority: Account,
        *,
        pin: Hash | None = None,
        clock: Clock = time.time,
        policy: Policy | None = None,
        stranger: bool = False,
    ) -> Self:
        """Open the ledger in `directory` at its head.

        Parameters
        ----------
        directory : Path
        authority : Account
        pin : Hash, optional
            `Genesis.pin` of the network that is expected.
        clock, policy
            As for `create`.
        stranger : bool
            Seal with a key that the genesis does not name. Whoever pins the genesis refuses what is sealed so; it
            exists to show that.

        Raises
        ------
        StrangerError, DirectoryError
        """
        lock = WriterLock(directory)
        try:
            chain = open_chain(directory)
        except BaseException:
            lock.release()
            raise
        engine = cls(chain, authority, lock, clock, policy or MembersOnly(chain.genesis.contracts.registry))
        try:
            engine._require_own(directory, pin, stranger=stranger)
        except BaseException:
            engine.close()
            raise
        return engine

    def _require_own(self, directory: Path, pin: Hash | None, *, stranger: bool) -> None:
        genesis = self.chain.genesis
        if pin is not None and pin != genesis.pin():
            raise DirectoryError(str(directory), "the ledger here is of another network than the one pinned")
        if self._authority.address != genesis.authority and not stranger:
            raise StrangerError(genesis.authority, self._authority.address)
        signers = (genesis.authority, self._authority.address)
        require_sealed(self.chain, signers if stranger else signers[:1], directory)

    @property
    def genesis(self) -> Genesis:
        """The document that pins this network."""
        return self.chain.genesis

    def submit(self, raw: bytes) -> Hash:
        """Take a signed transaction for a later block and return its hash; nothing is durable before it is sealed.

        Raises
        ------
        HospesError
            A leaf that says why not; nothing has changed then.
        """
        try:
            return self._submit(raw)
        except HospesError as error:
            with self._step:
                self.tally[f"refused {error.slug}"] += 1
            raise

    def _submit(self, raw: bytes) -> Hash:
        transaction = parse_transaction(raw, self.chain.chain_id)
        key, sender = Hash(transaction.hash), Address(transaction.sender)
        with self._step:
            state = StateAt(self.chain, self.chain.head_number())
            self._policy.require(sender, state)
            self._pool.require_new(key)
            if self.chain.place_of(key) is not None:
                raise AlreadyKnownError(key)
            queued, queued_cost = self._pool.count_of(sender), self._pool.cost_of(sender)
            require_valid(transaction, state, queued=queued, queued_cost=queued_cost)
            self._pool.require_room(sender)
            self._pool.add(transaction)
        self._listener()
        return key

    def next_nonce(self, account: Address) -> int:
        """Return the nonce of the account's next transaction, waiting ones included."""
        with self._step:
            sealed = self.chain.account(self.chain.head_number(), account).nonce
            return sealed + self._pool.count_of(account)

    def waiting(self, transaction: Hash) -> SignedTransactionAPI | None:
        """Return a transaction that is not sealed yet."""
        with self._step:
            return self._pool.get(transaction)

    def waiting_count(self) -> int:
        """Return how many transactions are not sealed yet."""
        with self._step:
            return len(self._pool)

    def due_s(self) -> float | None:
        """Return the seconds until the next block may be sealed: 0 for now, None while nothing waits."""
        if not self.waiting_count():
            return None
        earliest = self.chain.head().time + 1
        return max(0.0, earliest - self._clock())

    def next_time(self) -> int:
        """Return the time of a block that is sealed now, or as soon as it can be; Unix seconds."""
        return max(self.chain.head().time + 1, int(self._clock()))

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever a transaction has come in."""
        self._listener = listener

    def seal(self) -> SealedBlock | None:
        """Seal what waits, if the clock allows it; only one thread may call this.

        Returns
        -------
        SealedBlock or None
            None when nothing waits, nothing of it can run, or the block's time would run ahead of the clock.
        """
        parent, now = self.chain.head(), int(self._clock())
        with self._step:
            waiting = self._pool.waiting()
        if not waiting or now <= parent.time:
            return None
        terms = Terms(self.chain.chain_id, parent.header, now, self.chain.ancestors)
        executed = execute(terms, waiting, lambda: Overlay(self.chain.database))
        return self._conclude(executed)

    def _conclude(self, executed: ExecutedBlock) -> SealedBlock | None:
        sealed = self._sealed(executed) if executed.transactions else None
        with self._step:
            if sealed is not None:
                self.chain.database.commit([*executed.nodes.writes(), *sealed.writes()])
                self.chain.remember(sealed)
            self._pool.remove(executed.transactions)
            self._pool.remove(dropped.transaction for dropped in executed.dropped)
            self._count(executed)
        return sealed

    def _sealed(self, executed: ExecutedBlock) -> SealedBlock:
        block_hash = Hash(executed.header.hash)
        seal = self._authority.sign(seal_digest(self.chain.chain_id, block_hash))
        return SealedBlock(executed.header, block_hash, executed.transactions, executed.receipts, seal)

    def _count(self, executed: ExecutedBlock) -> None:
        self.tally["blocks"] += bool(executed.transactions)
        self.tally["transactions"] += len(executed.transactions)
        self.tally["dropped"] += len(executed.dropped)
        for transaction, reason in executed.dropped:
            _log.warning("transaction_dropped", account=to_hex(transaction.sender), reason=reason)

    def close(self) -> None:
        """Close the ledger; what still waits is forgotten, nobody was told that it is kept. Harmless when repeated."""
        with self._step:
            if not self._closed:
                self._closed = True
                self.chain.database.close()
                self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
