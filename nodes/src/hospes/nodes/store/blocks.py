"""What a store of blocks does, and the store in one SQLite file.

A block belongs to (journey, digest): what one journey deletes, another keeps. The store knows no permissions
(`permissions`) and no HTTP (`service`). Its calls block; the service moves them off its event loop.

Sources: PROTOCOL sections 3 and 8; SQLite documentation: WAL, ``PRAGMA synchronous``, ``secure_delete``,
``wal_checkpoint``; facts measured for this project: of the embedded stores tried, only SQLite with secure delete and a
truncated log left no byte of a deleted block in its files.
"""

import os
import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from hospes.core.content_ids import MAX_BLOCK_BYTES, digest_of
from hospes.core.errors import TooLargeError
from hospes.core.identities import Address, Hash
from hospes.nodes.store.errors import (
    BlockDamagedError,
    BlockErasedError,
    BlockMissingError,
    StoreFailedError,
    StoreFullError,
    WrongBlockError,
)

BUSY_S: Final = 5.0
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS blocks (
    journey BLOB NOT NULL, digest BLOB NOT NULL, block BLOB NOT NULL, UNIQUE (journey, digest));
CREATE INDEX IF NOT EXISTS blocks_by_digest ON blocks (digest);
CREATE TABLE IF NOT EXISTS erased (
    journey BLOB NOT NULL, digest BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (journey, digest)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS holders (
    journey BLOB PRIMARY KEY, held INTEGER NOT NULL, deposits INTEGER NOT NULL DEFAULT 0,
    kept INTEGER NOT NULL DEFAULT 0, since INTEGER) WITHOUT ROWID;
"""
_UPGRADE: Final = """
BEGIN IMMEDIATE;
INSERT OR IGNORE INTO holders (journey, held) SELECT journey, sum(length(block)) FROM blocks GROUP BY journey;
DROP TABLE journeys;
COMMIT;
"""
"""Of files without running sums. Everybody begins as a newcomer; the next sweep reads in the log who is none."""
_NEWCOMERS_HOLD: Final = "SELECT coalesce(sum(max(held - deposits * ?, 0)), 0) FROM holders"
_FORGET_PASSED: Final = "UPDATE holders SET since = NULL WHERE deposits > 0 AND held <= deposits * ?"
_SEE: Final = "UPDATE holders SET since = ? WHERE since IS NULL AND (deposits = 0 OR held > deposits * ?)"
_NEWCOMERS: Final = """
SELECT journey, since, deposits FROM holders WHERE deposits = 0 OR held > deposits * ? ORDER BY since"""
_ACKNOWLEDGE: Final = """
UPDATE holders SET deposits = ?, since = NULL, kept = (SELECT coalesce(max(rowid), 0) FROM blocks)
WHERE journey = ? AND deposits < ?"""
_PRAGMAS: Final = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A journey that holds more than the deposits allow that it is known to have logged; most often, it has none.

    Attributes
    ----------
    journey : Address
    since : int
        When that was first seen, Unix seconds.
    deposits : int
        Those known.
    """

    journey: Address
    since: int
    deposits: int = 0


class BlockStore(Protocol):
    """Keeps blocks for journeys."""

    def put(self, journey: Address, digest: Hash, block: bytes) -> bool:
        """Hold a block for a journey, durably before it returns.

        Parameters
        ----------
        journey : Address
        digest : Hash
            sha2-256 that `block` must have.
        block : bytes
            At most 1 MiB.

        Returns
        -------
        bool
            True when it was not held before; putting again changes nothing.

        Raises
        ------
        TooLargeError, WrongBlockError
            When it is no block of this digest.
        BlockErasedError
            When this journey deleted it before.
        StoreFullError
            When there is no room.
        """
        ...

    def get(self, digest: Hash) -> bytes:
        """Return a block, whoever put it, with its content checked again.

        Raises
        ------
        BlockMissingError
            When no journey holds it here.
        BlockDamagedError
            When only damaged copies are left.
        """
        ...

    def delete(self, journey: Address, digest: Hash, at: int) -> int | None:
        """Delete a journey's block for good; other journeys keep theirs.

        Parameters
        ----------
        at : int
            Unix seconds, now.

        Returns
        -------
        int or None
            When it was deleted: `at`, or earlier for a repetition; None when the journey never had it here.
        """
        ...

    def newcomers(self, now: int) -> tuple[Newcomer, ...]:
        """Return the journeys that hold more than is theirs to keep; they are seen from now on.

        Parameters
        ----------
        now : int
            Unix seconds.
        """
        ...

    def acknowledge(self, journey: Address, deposits: int) -> None:
        """Note how many deposits a journey has logged; when they are more, what it holds until now is theirs.

        Parameters
        ----------
        journey : Address
        deposits : int
            At least 1.
        """
        ...

    def drop(self, journey: Address) -> None:
        """Forget what a newcomer put since it last logged a deposit; without any, as if it had never come."""
        ...

    def close(self) -> None:
        """Release the files; harmless when called twice."""
        ...


@dataclass(frozen=True, slots=True)
class Room:
    """How much a store may hold."""

    total: int = 64 << 30
    """Bytes of the database file; a put beyond it is refused, so that strangers cannot fill the disk."""
    journey: int = 4 << 30
    """Bytes of one journey's blocks: a few records of the largest size (1 GiB)."""
    newcomers: int = 16 << 30
    """Bytes that all newcomers hold together, so that strangers leave room for those who logged a deposit."""
    deposit: int = (1 << 30) + (1 << 24)
    """Bytes that one logged deposit lets a journey keep: the largest record with its tags and manifest. Until the next
    deposit is logged it may hold as much again."""


class SqliteBlocks:
    """A `BlockStore` in one SQLite file.

    Parameters
    ----------
    path : Path
        Created, readable by its owner only, when it does not exist.
    room : Room, optional
    busy_s : float
        How long to wait for another program that reads the file, such as a backup.

    Raises
    ------
    StoreFailedError
        When the file is no database of ours or cannot be opened.
    """

    def __init__(self, path: Path, room: Room | None = None, busy_s: float = BUSY_S) -> None:
        self._room = room or Room()
        self._lock = threading.Lock()
        with _mapped():
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._database = sqlite3.connect(path, timeout=busy_s, isolation_level=None, check_same_thread=False)
            for pragma in _PRAGMAS:
                self._database.execute(f"PRAGMA {pragma}")
            self._database.executescript(_SCHEMA)
            if self._number("SELECT count(*) FROM sqlite_master WHERE name = 'journeys'"):
                self._database.executescript(_UPGRADE)
            self._newcomers_hold = self._number(_NEWCOMERS_HOLD, self._room.deposit)
            # A deletion may have been committed, but not acknowledged, when the power went. Its caller will repeat it,
            # so a file that somebody reads just now is no reason not to start.
            self._truncate()

    def put(self, journey: Address, digest: Hash, block: bytes) -> bool:
        """Hold a block durably; see `BlockStore.put`. A damaged copy is replaced."""
        if len(block) > MAX_BLOCK_BYTES:
            raise TooLargeError("block", len(block), MAX_BLOCK_BYTES)
        if digest_of(block) != digest:
            raise WrongBlockError(digest)
        with self._lock, self._transaction():
            if self._erased_at(journey, digest) is not None:
                raise BlockErasedError(digest)
            if self._holds(journey, digest, block):
                return False
            more = len(block) - self._length(journey, digest)
            excess = self._require_room(journey, more)
            self._database.execute(
                "INSERT INTO blocks VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET block = excluded.block",
                (journey, digest, block),
            )
            self._hold(journey, more)
            self._newcomers_hold += excess
            return True

    def get(self, digest: Hash) -> bytes:
        """Return a block whose content was checked again; see `BlockStore.get`."""
        with self._lock, _mapped():
            rows = self._database.execute("SELECT block FROM blocks WHERE digest = ?", (digest,))
            copies = 0
            for (block,) in rows:
                if digest_of(block) == digest:
                    rows.close()
                    return bytes(block)
                copies += 1
        raise BlockDamagedError(digest) if copies else BlockMissingError(digest)

    def delete(self, journey: Address, digest: Hash, at: int) -> int | None:
        """Delete a journey's block from the files too; see `BlockStore.delete`."""
        with self._lock, _mapped():
            with self._transaction():
                self._erase(journey, digest, at)
                erased_at = self._erased_at(journey, digest)
            if erased_at is not None and not self._truncate():
                raise StoreFailedError("another program reads the file, so deleted bytes stay in its log; try again")
            return erased_at

    def newcomers(self, now: int) -> tuple[Newcomer, ...]:
        """Return the journeys that were not acknowledged; see `BlockStore.newcomers`."""
        with self._lock, self._transaction():
            # Between two such rounds it only grows: what was acknowledged, dropped or deleted since still counts.
            deposit = self._room.deposit
            self._newcomers_hold = self._number(_NEWCOMERS_HOLD, deposit)
            self._database.execute(_FORGET_PASSED, (deposit,))
            self._database.execute(_SEE, (now, deposit))
            rows = self._database.execute(_NEWCOMERS, (deposit,))
            return tuple(Newcomer(Address(journey), since, deposits) for journey, since, deposits in rows)

    def acknowledge(self, journey: Address, deposits: int) -> None:
        """Note how many deposits a journey has logged; see `BlockStore.acknowledge`."""
        with self._lock, _mapped():
            self._database.execute(_ACKNOWLEDGE, (deposits, journey, deposits))

    def drop(self, journey: Address) -> None:
        """Forget what is not a newcomer's to keep; see `BlockStore.drop`."""
        with self._lock, self._transaction():
            held, deposits, kept = self._holder(journey)
            if not deposits:
                for table in ("holders", "blocks", "erased"):
                    self._database.execute(f"DELETE FROM {table} WHERE journey = ?", (journey,))  # noqa: S608 - ours
            elif held > deposits * self._room.deposit:
                self._database.execute("DELETE FROM blocks WHERE journey = ? AND rowid > ?", (journey, kept))
                size = "SELECT coalesce(sum(length(block)), 0) FROM blocks WHERE journey = ?"
                left = self._number(size, journey)
                self._database.execute("UPDATE holders SET held = ?, since = NULL WHERE journey = ?", (left, journey))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def _holds(self, journey: Address, digest: Hash, block: bytes) -> bool:
        query = "SELECT block = ? FROM blocks WHERE journey = ? AND digest = ?"
        row = self._database.execute(query, (block, journey, digest)).fetchone()
        return bool(row and row[0])

    def _length(self, journey: Address, digest: Hash) -> int:
        """Return how long a copy is, also a damaged one; 0 when there is none."""
        query = "SELECT coalesce(max(length(block)), 0) FROM blocks WHERE journey = ? AND digest = ?"
        return self._number(query, journey, digest)

    def _holder(self, journey: Address) -> tuple[int, int, int]:
        """Return the bytes that a journey holds, its known deposits, and the last block that is theirs."""
        query = "SELECT held, deposits, kept FROM holders WHERE journey = ?"
        row = self._database.execute(query, (journey,)).fetchone()
        return (0, 0, 0) if row is None else (int(row[0]), int(row[1]), int(row[2]))

    def _hold(self, journey: Address, more: int) -> None:
        query = (
            "INSERT INTO holders (journey, held) VALUES (?, ?) ON CONFLICT DO UPDATE SET held = held + excluded.held"
        )
        self._database.execute(query, (journey, more))

    def _erase(self, journey: Address, digest: Hash, at: int) -> None:
        size = self._length(journey, digest)
        held = self._database.execute("DELETE FROM blocks WHERE journey = ? AND digest = ?", (journey, digest))
        if held.rowcount:
            self._hold(journey, -size)
            self._database.execute("INSERT INTO erased VALUES (?, ?, ?)", (journey, digest, at))

    def _erased_at(self, journey: Address, digest: Hash) -> int | None:
        query = "SELECT at FROM erased WHERE journey = ? AND digest = ?"
        row = self._database.execute(query, (journey, digest)).fetchone()
        return None if row is None else int(row[0])

    def _require_room(self, journey: Address, more: int) -> int:
        """Return how much of what is put is beyond what the journey's deposits let it keep."""
        held, deposits, _ = self._holder(journey)
        limit = min(self._room.journey, (deposits + 1) * self._room.deposit)
        if held + more > limit:
            raise StoreFullError("one journey", limit)
        allowed = deposits * self._room.deposit
        excess = max(held + more - allowed, 0) - max(held - allowed, 0)
        if excess > 0 and self._newcomers_hold + excess > self._room.newcomers:
            raise StoreFullError("journeys without a deposit in the log", self._room.newcomers)
        pages = self._number("PRAGMA page_count") - self._number("PRAGMA freelist_count")
        if pages * self._number("PRAGMA page_size") + more > self._room.total:
            raise StoreFullError("the store", self._room.total)
        return excess

    def _number(self, query: str, *values: bytes | int) -> int:
        return int(self._database.execute(query, values).fetchone()[0])

    def _truncate(self) -> bool:
        """Move the log, which holds pages from before a deletion, into the file; False while somebody reads them."""
        (busy, _, _) = self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    @contextmanager
    def _transaction(self) -> Generator[None, None, None]:
        with _mapped():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            finally:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")


@contextmanager
def _mapped() -> Generator[None, None, None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreFailedError(type(error).__name__ + ": " + str(error)) from error
