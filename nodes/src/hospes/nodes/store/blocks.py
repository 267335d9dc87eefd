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
CREATE TABLE IF NOT EXISTS journeys (
    journey BLOB PRIMARY KEY, since INTEGER, acknowledged INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS journeys_new ON journeys (since) WHERE acknowledged = 0;
"""
_NEWCOMERS_HOLD: Final = """
SELECT coalesce(sum(length(block)), 0) FROM journeys JOIN blocks USING (journey) WHERE acknowledged = 0"""
_PRAGMAS: Final = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A journey that holds blocks and of which nobody knows whether it ever logged a deposit.

    Attributes
    ----------
    journey : Address
    since : int
        When it was first seen, Unix seconds.
    """

    journey: Address
    since: int


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
        """Return the journeys that hold blocks here and were not acknowledged; they are seen from now on.

        Parameters
        ----------
        now : int
            Unix seconds.
        """
        ...

    def acknowledge(self, journey: Address) -> None:
        """Note that a journey is no newcomer."""
        ...

    def drop(self, journey: Address) -> None:
        """Forget all that a newcomer holds here, as if it had never come."""
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
    """Bytes of the blocks of all newcomers together, so that strangers leave room for those who logged a deposit."""


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
            self._newcomers_hold = self._number(_NEWCOMERS_HOLD)
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
            self._database.execute("INSERT OR IGNORE INTO journeys (journey) VALUES (?)", (journey,))
            self._require_room(journey, len(block))
            self._database.execute("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?)", (journey, digest, block))
            if self._is_newcomer(journey):
                self._newcomers_hold += len(block)
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
            self._newcomers_hold = self._number(_NEWCOMERS_HOLD)
            self._database.execute("UPDATE journeys SET since = ? WHERE acknowledged = 0 AND since IS NULL", (now,))
            rows = self._database.execute("SELECT journey, since FROM journeys WHERE acknowledged = 0 ORDER BY since")
            return tuple(Newcomer(Address(journey), since) for journey, since in rows)

    def acknowledge(self, journey: Address) -> None:
        """Note that a journey is no newcomer."""
        with self._lock, _mapped():
            self._database.execute("UPDATE journeys SET acknowledged = 1 WHERE journey = ?", (journey,))

    def drop(self, journey: Address) -> None:
        """Forget a newcomer; see `BlockStore.drop`."""
        with self._lock, self._transaction():
            new = self._database.execute(
                "DELETE FROM journeys WHERE journey = ? AND acknowledged = 0", (journey,)
            ).rowcount
            if new:
                self._database.execute("DELETE FROM blocks WHERE journey = ?", (journey,))
                self._database.execute("DELETE FROM erased WHERE journey = ?", (journey,))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def _holds(self, journey: Address, digest: Hash, block: bytes) -> bool:
        query = "SELECT block = ? FROM blocks WHERE journey = ? AND digest = ?"
        row = self._database.execute(query, (block, journey, digest)).fetchone()
        return bool(row and row[0])

    def _erase(self, journey: Address, digest: Hash, at: int) -> None:
        held = self._database.execute("DELETE FROM blocks WHERE journey = ? AND digest = ?", (journey, digest))
        if held.rowcount:
            self._database.execute("INSERT INTO erased VALUES (?, ?, ?)", (journey, digest, at))

    def _erased_at(self, journey: Address, digest: Hash) -> int | None:
        query = "SELECT at FROM erased WHERE journey = ? AND digest = ?"
        row = self._database.execute(query, (journey, digest)).fetchone()
        return None if row is None else int(row[0])

    def _require_room(self, journey: Address, size: int) -> None:
        query = "SELECT coalesce(sum(length(block)), 0) FROM blocks WHERE journey = ?"
        if self._number(query, journey) + size > self._room.journey:
            raise StoreFullError("one journey", self._room.journey)
        if self._is_newcomer(journey) and self._newcomers_hold + size > self._room.newcomers:
            raise StoreFullError("journeys without a deposit in the log", self._room.newcomers)
        pages = self._number("PRAGMA page_count") - self._number("PRAGMA freelist_count")
        if pages * self._number("PRAGMA page_size") + size > self._room.total:
            raise StoreFullError("the store", self._room.total)

    def _is_newcomer(self, journey: Address) -> bool:
        return not self._number("SELECT acknowledged FROM journeys WHERE journey = ?", journey)

    def _number(self, query: str, *values: bytes) -> int:
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
