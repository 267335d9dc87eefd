"""What one oracle keeps: two files, one for the sealed items, one for the keys.

It makes and closes them, and sweeps what a crash left between the two; each table is the business of its own module.

Sources: PROTOCOL section 7 ("Enrolment").
"""

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hospes.core.identities import Address
from hospes.oracle.errors import OracleFileError
from hospes.oracle.vault import Vault
from hospes.service.database import Database, Row
from hospes.service.errors import DatabaseFailedError

DATA_FILE: Final = "oracle.sqlite"
KEYS_FILE: Final = "keys.sqlite"
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS enrolments (journey BLOB PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ended (journey BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS used_keys (key_hash BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS receivers (journey BLOB PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
    place INTEGER PRIMARY KEY AUTOINCREMENT, journey BLOB NOT NULL, enrolled_at INTEGER NOT NULL,
    lane INTEGER NOT NULL, number INTEGER NOT NULL, arrived_ms INTEGER NOT NULL, sealed BLOB NOT NULL,
    UNIQUE (journey, enrolled_at, lane, number));
CREATE INDEX IF NOT EXISTS messages_place ON messages (journey, place);
CREATE TABLE IF NOT EXISTS memories (journey BLOB PRIMARY KEY, place INTEGER NOT NULL, sealed BLOB NOT NULL)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cases (
    place INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, journey BLOB NOT NULL, sealed BLOB NOT NULL);
"""
OF_JOURNEYS: Final = ("enrolments", "receivers", "messages", "memories", "cases")
"""The tables whose rows go with a journey's key."""


class Holdings:
    """Both files of one oracle; may be used by several threads.

    Parameters
    ----------
    directory : Path
    entropy : callable
        Returns that many random bytes.

    Attributes
    ----------
    vault : Vault

    Raises
    ------
    ConfigurationError
        When a file cannot be opened.
    OracleFileError
        By every method, when the disk fails; what was being written is not there then.
    """

    def __init__(self, directory: Path, entropy: Callable[[int], bytes]) -> None:
        self.vault = Vault(directory / KEYS_FILE, entropy)
        self._database = Database(directory / DATA_FILE, SCHEMA)
        self._finish()

    def rows(self, query: str, *values: object) -> list[Row]:
        """Return what a query finds."""
        with _mapped():
            return self._database.rows(query, *values)

    def run(self, statement: str, *values: object) -> None:
        """Run one statement, durable when this returns; inside `writing`, when that ends."""
        with _mapped():
            self._database.run(statement, *values)

    @contextmanager
    def writing(self) -> Generator[None, None, None]:
        """Make everything inside durable at once when it ends, or nothing of it."""
        with _mapped(), self._database.writing():
            yield

    def forget(self, journey: Address) -> None:
        """Destroy a journey's key, and then its rows: from the first of the two on, nothing of it opens any more."""
        with _mapped():
            self.vault.destroy(journey)
        with self.writing():
            for table in OF_JOURNEYS:
                self.run(f"DELETE FROM {table} WHERE journey = ?", journey)  # noqa: S608 - names of this module
        with _mapped():
            self._database.purge()

    def close(self) -> None:
        """Close both files; harmless when called twice."""
        self._database.close()
        self.vault.close()

    def _finish(self) -> None:
        """Finish what a crash left half done: a key without its enrolment, or rows without their key."""
        enrolled = {Address(journey) for (journey,) in self.rows("SELECT journey FROM enrolments")}
        for journey in enrolled.symmetric_difference(self.vault.journeys):
            self.forget(journey)


@contextmanager
def _mapped() -> Generator[None, None, None]:
    try:
        yield
    except (DatabaseFailedError, sqlite3.Error, OSError) as error:
        raise OracleFileError(type(error).__name__) from error
