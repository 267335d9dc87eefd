"""One SQLite file that loses nothing it acknowledged and keeps nothing it deleted.

It knows no table: whoever opens it brings a schema. Its calls block; whoever serves moves them off the event loop.

Sources: SQLite documentation: WAL, ``PRAGMA synchronous``, ``secure_delete``, ``wal_checkpoint``; measured for this
project: only secure delete together with a truncated log leaves no byte of a deleted row in the files.
"""

import os
import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from hospes.core.errors import ConfigurationError
from hospes.service.errors import DatabaseFailedError

Row = tuple[Any, ...]
BUSY_S: Final = 5.0
"""How long to wait for another program that reads the file, such as a backup."""
_PRAGMAS: Final = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON")


class Database:
    """One file, opened for as long as the process runs; safe to share between threads.

    Parameters
    ----------
    path : Path
        Created, readable by its owner only, when it is not there.
    schema : str
        Statements that can be run again.

    Raises
    ------
    ConfigurationError
        When the file is no database of ours or cannot be opened.
    DatabaseFailedError
        By every method, when the file fails later: nothing of what was under way is in it then.
    """

    def __init__(self, path: Path, schema: str) -> None:
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        except (sqlite3.Error, OSError) as error:
            raise _cannot_be_opened(path, error) from error
        try:
            self._prepare(schema)
        except (sqlite3.Error, DatabaseFailedError) as error:
            self._connection.close()
            raise _cannot_be_opened(path, error) from error

    def _prepare(self, schema: str) -> None:
        for pragma in _PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(schema)
        # A deletion may have been committed before the power went, with its bytes still in the log.
        self.purge()

    def rows(self, query: str, *values: object) -> list[Row]:
        """Return what a query finds."""
        with self._lock, _mapped():
            return self._connection.execute(query, values).fetchall()

    def run(self, statement: str, *values: object) -> None:
        """Run one statement, durable when this returns; inside `writing`, when that ends."""
        with self._lock, _mapped():
            self._connection.execute(statement, values)

    @contextmanager
    def writing(self) -> Generator[None]:
        """Make everything inside durable at once when it ends, or nothing of it; may stand inside another."""
        with self._lock:
            with _mapped():
                inside = self._connection.in_transaction
                if not inside:
                    self._connection.execute("BEGIN IMMEDIATE")
            if inside:
                yield
                return
            try:
                yield
                with _mapped():
                    self._connection.execute("COMMIT")
            finally:
                self._roll_back()

    @contextmanager
    def reading(self) -> Generator[None]:
        """Let several queries see one moment."""
        with self._lock:
            yield

    def purge(self) -> bool:
        """Move the write-ahead log, which holds pages from before a deletion, into the file and empty it.

        Returns
        -------
        bool
            False when another program reads the file just now, so that the log could not be emptied.
        """
        with self._lock, _mapped():
            (busy, _, _) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy of the file to `path`, readable by its owner only.

        Raises
        ------
        ConfigurationError
            When there is a file already, which others might be able to read, or none can be made.
        """
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            raise ConfigurationError(str(path), f"the backup cannot be written there ({error.strerror})") from error
        with self._lock, _mapped():
            copy = sqlite3.connect(path)
            try:
                self._connection.backup(copy)
            finally:
                copy.close()

    def _roll_back(self) -> None:
        """Leave a transaction that did not end."""
        with _mapped():
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close the file; harmless when called twice."""
        with self._lock:
            self._connection.close()


@contextmanager
def _mapped() -> Generator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise DatabaseFailedError(f"{type(error).__name__}: {error}") from error


def _cannot_be_opened(path: Path, error: Exception) -> ConfigurationError:
    return ConfigurationError(str(path), f"the database cannot be opened ({error})")
