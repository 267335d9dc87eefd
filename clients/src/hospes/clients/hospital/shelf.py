"""The gateway's one file: sealed boxes by kind and key, on the disk before a call returns.

It opens no box and knows no kind. A key is a hash, so that not even an address stands in the file. Its calls block; the
services move them off their event loop.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hospes.clients.hospital.gateway_errors import GatewayFileError
from hospes.core.identities import Hash
from hospes.service.database import Database
from hospes.service.errors import DatabaseFailedError

_ALL: Final = -1
"""No limit, as SQLite has it."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS boxes (
    place INTEGER PRIMARY KEY, kind TEXT NOT NULL, key BLOB NOT NULL, at INTEGER NOT NULL, box BLOB NOT NULL,
    UNIQUE (kind, key));
"""


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
    ConfigurationError
        When the file is no database of ours or cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path, _SCHEMA)

    def put(self, kind: str, kept: Kept) -> None:
        """Keep a box; one that is there under this key already stays."""
        query = "INSERT OR IGNORE INTO boxes (kind, key, at, box) VALUES (?, ?, ?, ?)"
        with _mapped():
            self._database.run(query, kind, kept.key, kept.at, kept.box)

    def replace(self, kind: str, key: Hash, box: bytes) -> None:
        """Keep another box under a key that is there."""
        with _mapped():
            self._database.run("UPDATE boxes SET box = ? WHERE kind = ? AND key = ?", box, kind, key)

    def remove(self, kind: str, *keys: Hash) -> None:
        """Forget boxes, their bytes too; harmless when they are not there."""
        with _mapped():
            with self._database.writing():
                for key in keys:
                    self._database.run("DELETE FROM boxes WHERE kind = ? AND key = ?", kind, key)
            self._database.purge()

    def all(self, kind: str) -> tuple[Kept, ...]:
        """Return all boxes of a kind, in the order in which they came."""
        return self.latest(kind, _ALL)[::-1]

    def latest(self, kind: str, count: int) -> tuple[Kept, ...]:
        """Return the last boxes of a kind, the newest first."""
        query = "SELECT key, at, box FROM boxes WHERE kind = ? ORDER BY place DESC LIMIT ?"
        with _mapped():
            rows = self._database.rows(query, kind, count)
        return tuple(Kept(Hash(key), at, box) for key, at, box in rows)

    def close(self) -> None:
        """Close the file; harmless when called twice."""
        self._database.close()


@contextmanager
def _mapped() -> Generator[None, None, None]:
    try:
        yield
    except DatabaseFailedError as error:
        raise GatewayFileError(error.reason) from error
