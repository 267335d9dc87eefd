"""The ledger's store: one LMDB environment in which a block becomes durable in one transaction, or not at all.

It does not know what a block is, and it never deletes: nodes are content-addressed and every old state stays readable.

LMDB is a single file that is always consistent on disk (copy on write, two meta pages), so a process that is killed
at any instruction leaves the last committed block. A commit returns after fsync.

Sources: LMDB 0.9 documentation of ``mdb_txn_commit``, ``mdb_env_set_mapsize`` and ``MDB_MAP_RESIZED``; py-evm 0.12.1b1
``eth.abc.AtomicDatabaseAPI``.
"""

import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

import lmdb
from eth.abc import AtomicWriteBatchAPI
from eth.db.atomic import AtomicDB
from eth.db.backends.base import BaseAtomicDB

from hospes.core.errors import ConfigurationError

FIRST_MAP_BYTES: Final = 1 << 26
"""Size of the first memory map, bytes; it doubles when it is full. Small, so that growing is an everyday path."""
_MAX_READERS: Final = 512


class Table(Enum):
    """The named databases inside the environment, by what they map."""

    META = b"meta"
    """Name to value: format, genesis, allocation, and the number of the head."""
    NODES = b"nodes"
    """Hash to trie node or contract code."""
    HEADERS = b"headers"
    """Block number to header."""
    NUMBERS = b"numbers"
    """Block hash to block number."""
    BODIES = b"bodies"
    """Block number to its transactions."""
    RECEIPTS = b"receipts"
    """Block number to its receipts."""
    SEALS = b"seals"
    """Block number to the authority's signature."""
    PLACES = b"places"
    """Transaction hash to block number and index."""
    MARKS = b"marks"
    """Word (a topic, or an address padded to 32 bytes) to the numbers of the blocks whose logs hold it; many each."""


class Write(NamedTuple):
    """One pair to be stored."""

    table: Table
    key: bytes
    value: bytes


class Database:
    """One LMDB environment; safe to share between threads.

    Parameters
    ----------
    path : Path
        Directory of the environment.
    read_only : bool
        Look only, beside a process that may be writing. The directory must exist.
    map_bytes : int
        Size of the first memory map.

    Raises
    ------
    ConfigurationError
        When there is no such environment, or it cannot be opened.
    """

    def __init__(self, path: Path, *, read_only: bool = False, map_bytes: int = FIRST_MAP_BYTES) -> None:
        self._path = path
        # Guards the map itself: LMDB forbids resizing it while any transaction of this process is alive.
        self._map = threading.Lock()
        try:
            self._environment = lmdb.open(
                str(path),
                map_size=0 if read_only else map_bytes,
                readonly=read_only,
                create=not read_only,
                max_dbs=len(Table),
                max_readers=_MAX_READERS,
                max_spare_txns=8,
            )
            self._environment.reader_check()  # frees the slots of readers that were killed
            self._tables = {table: self._open(table, create=not read_only) for table in Table}
        except lmdb.Error as error:
            raise ConfigurationError(str(path), f"no ledger can be opened here ({error})") from error

    def _open(self, table: Table, *, create: bool) -> "lmdb._Database":
        many = table is Table.MARKS
        return self._environment.open_db(table.value, create=create, dupsort=many, dupfixed=many)

    def get(self, table: Table, key: bytes) -> bytes | None:
        """Return the value that was last committed under `key`, or None."""
        with self._reading() as transaction:
            return transaction.get(key, db=self._tables[table])

    def values(self, table: Table, key: bytes, first: bytes, last: bytes, *, limit: int) -> tuple[bytes, ...]:
        """Return, in order, the first values between `first` and `last` (inclusive) of a table with many a key."""
        with self._reading() as transaction, transaction.cursor(self._tables[table]) as cursor:
            if not cursor.set_range_dup(key, first):
                return ()
            found: list[bytes] = []
            for value in cursor.iternext_dup():
                if value > last or len(found) == limit:
                    break
                found.append(value)
            return tuple(found)

    def count(self, table: Table, key: bytes) -> int:
        """Return how many values a table with many values a key has under `key`."""
        with self._reading() as transaction, transaction.cursor(self._tables[table]) as cursor:
            return cursor.count() if cursor.set_key(key) else 0

    def total(self, table: Table) -> int:
        """Return how many pairs a table holds."""
        with self._reading() as transaction:
            return transaction.stat(self._tables[table])["entries"]

    def commit(self, writes: Iterable[Write]) -> None:
        """Make all `writes` durable at once; when this raises, none of them is."""
        batch = tuple(writes)
        while True:
            try:
                return self._put(batch)
            except lmdb.MapFullError:
                self._grow()

    def _put(self, writes: tuple[Write, ...]) -> None:
        with self._environment.begin(write=True) as transaction:
            for table, key, value in writes:
                transaction.put(key, value, db=self._tables[table])

    def _grow(self) -> None:
        with self._map:
            self._environment.set_mapsize(2 * self._environment.info()["map_size"])

    @contextmanager
    def _reading(self) -> "Generator[lmdb.Transaction[bytes]]":
        with self._map, self._begin() as transaction:
            yield transaction

    def _begin(self) -> "lmdb.Transaction[bytes]":
        try:
            return self._environment.begin()
        except lmdb.MapResizedError:  # another process has grown the map
            self._environment.set_mapsize(0)
            return self._environment.begin()

    def copy_to(self, path: Path) -> None:
        """Write a consistent, compact copy of the last committed state into the empty directory `path`."""
        with self._map:
            self._environment.copy(str(path), compact=True)

    def size_bytes(self) -> int:
        """Return the bytes of the file that are in use."""
        with self._map:
            page_bytes = self._environment.stat()["psize"]
            return page_bytes * (self._environment.info()["last_pgno"] + 1)

    def close(self) -> None:
        """Close the environment; every view and overlay of it is dead afterwards."""
        with self._map:
            self._environment.close()


class View(BaseAtomicDB):
    """The committed nodes, as py-evm reads them; writing is refused."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __getitem__(self, key: bytes) -> bytes:
        value = self._database.get(Table.NODES, key)
        if value is None:
            raise KeyError(key)
        return value

    def _exists(self, key: bytes) -> bool:
        return self._database.get(Table.NODES, key) is not None

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self._refuse()

    def __delitem__(self, key: bytes) -> None:
        self._refuse()

    @contextmanager
    def atomic_batch(self) -> Generator[AtomicWriteBatchAPI]:
        """Refuse; py-evm opens a batch only to write."""
        self._refuse()
        yield  # pragma: no cover

    def _refuse(self) -> NoReturn:
        raise TypeError(type(self).__name__)


class Overlay(AtomicDB):
    """The nodes of a block in the making, over the committed ones; dropped, or handed whole to `Database.commit`."""

    def __init__(self, database: Database) -> None:
        super().__init__(View(database))
        self._pending: dict[bytes, bytes] = {}

    def __getitem__(self, key: bytes) -> bytes:
        pending = self._pending.get(key)
        return self.wrapped_db[key] if pending is None else pending

    def _exists(self, key: bytes) -> bool:
        return key in self._pending or key in self.wrapped_db

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self._pending[key] = value

    def __delitem__(self, key: bytes) -> None:
        del self._pending[key]

    def writes(self) -> Iterator[Write]:
        """Yield everything pending."""
        return (Write(Table.NODES, key, value) for key, value in self._pending.items())
