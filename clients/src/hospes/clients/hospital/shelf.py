"""The gateway's one file: sealed boxes by kind and key, on the disk before a call returns.

It opens no box and knows no kind. A key is a hash, so that not even an address stands in the file. Its calls block; the
services move them off their event loop.

Sources: SQLite documentation: WAL, ``PRAGMA synchronous``, ``secure_delete``.
"""

import os
import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hospes.clients.hospital.gateway_errors import GatewayFileError
from hospes.core.identities import Hash
from hospes.service.private_files import make_private

BUSY_S: Final = 5.0
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS boxes (
    place INTEGER PRIMARY KEY, kind TEXT NOT NULL, key BLOB NOT NULL, at INTEGER NOT NULL, box BLOB NOT NULL,
    UNIQUE (kind, key));
"""
_PRAGMAS: Final = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON")


@dataclass(frozen=True, slots=True)
class Kept:
    """One box on the shelf.

    Attributes
    ----------
    key : Hash
    at : int
        Unix seconds when it was first put there.
    box : bytes
    """

    key: Hash
    at: int
    box: bytes


class Shelf:
    """Boxes in one SQLite file.

    Parameters
    ----------
    path : Path
        Created, readable by its owner only, when it does not exist.

    Raises
    ------
    GatewayFileError
        When the file is no database of ours or cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        with _mapped():
            make_private(path.parent)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._database = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
            for pragma in _PRAGMAS:
                self._database.execute(f"PRAGMA {pragma}")
            self._database.executescript(_SCHEMA)

    def put(self, kind: str, kept: Kept) -> bool:
        """Keep a box; False when there was one under this key, which stays."""
        query = "INSERT OR IGNORE INTO boxes (kind, key, at, box) VALUES (?, ?, ?, ?)"
        with self._lock, _mapped():
            return self._database.execute(query, (kind, kept.key, kept.at, kept.box)).rowcount == 1

    def replace(self, kind: str, key: Hash, box: bytes) -> None:
        """Keep another box under a key that is there."""
        with self._lock, _mapped():
            self._database.execute("UPDATE boxes SET box = ? WHERE kind = ? AND key = ?", (box, kind, key))

    def remove(self, kind: str, key: Hash) -> None:
        """Forget a box; harmless when it is not there."""
        with self._lock, _mapped():
            self._database.execute("DELETE FROM boxes WHERE kind = ? AND key = ?", (kind, key))

    def all(self, kind: str) -> tuple[Kept, ...]:
        """Return all boxes of a kind, in the order in which they came."""
        with self._lock, _mapped():
            rows = self._database.execute("SELECT key, at, box FROM boxes WHERE kind = ? ORDER BY place", (kind,))
            return tuple(Kept(Hash(key), at, box) for key, at, box in rows.fetchall())

    def close(self) -> None:
        """Close the file; harmless when called twice."""
        with self._lock:
            self._database.close()


@contextmanager
def _mapped() -> Generator[None, None, None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise GatewayFileError(f"{type(error).__name__}: {error}") from error
