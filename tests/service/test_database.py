"""The one SQLite file: what fails after it was opened is a typed error, and nothing of it is half there."""

import shutil
import sqlite3
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from hospes.core.errors import TABLE, ConfigurationError
from hospes.service import database as module
from hospes.service.database import Database
from hospes.service.errors import DatabaseFailedError

SCHEMA = "CREATE TABLE IF NOT EXISTS words (word TEXT PRIMARY KEY)"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Database]:
    """Open an empty one that waits for nobody."""
    monkeypatch.setattr(module, "BUSY_S", 0.01)
    opened = Database(tmp_path / "words.db", SCHEMA)
    yield opened
    opened.close()


def _write(database: Database) -> None:
    with database.writing():
        database.run("INSERT INTO words VALUES ('one')")


CALLS: tuple[Callable[[Database], object], ...] = (
    lambda database: database.rows("SELECT word FROM words"),
    lambda database: database.run("INSERT INTO words VALUES ('one')"),
    _write,
    Database.purge,
)


@pytest.mark.parametrize("call", CALLS)
def test_a_closed_database_is_a_typed_error(database: Database, call: Callable[[Database], object]) -> None:
    """Each call on a database that works no more says so, in our words."""
    call(database)
    database.close()
    with pytest.raises(DatabaseFailedError, match="closed"):
        call(database)
    assert TABLE[DatabaseFailedError.slug].status == 503


def test_a_locked_file_is_a_typed_error_and_works_again(database: Database, tmp_path: Path) -> None:
    """While another program writes, a call fails; once that has ended, the same call succeeds."""
    other = sqlite3.connect(tmp_path / "words.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseFailedError, match="locked"):
        _write(database)
    other.execute("ROLLBACK")
    other.close()
    _write(database)
    assert database.rows("SELECT word FROM words") == [("one",)]


def test_what_fails_in_the_middle_is_not_there(database: Database) -> None:
    """A statement that fails takes the whole of its transaction with it, and quotes no value."""

    def twice() -> None:
        with database.writing():
            database.run("INSERT INTO words VALUES ('Sousa')")
            database.run("INSERT INTO words VALUES ('Sousa')")

    with pytest.raises(DatabaseFailedError, match="UNIQUE") as caught:
        twice()
    assert "Sousa" not in str(caught.value)
    assert database.rows("SELECT word FROM words") == []


def test_an_error_of_the_caller_stays_its_own(database: Database) -> None:
    """What is raised inside a transaction undoes it and comes out as it was."""

    def fail() -> None:
        with database.writing():
            database.run("INSERT INTO words VALUES ('one')")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert database.rows("SELECT word FROM words") == []


def test_a_damaged_file_is_named_when_it_is_opened_and_typed_when_it_is_read(tmp_path: Path) -> None:
    """Damage before the opening is the operator's to mend; damage behind it ends in a typed error."""
    good, bad = tmp_path / "good.db", tmp_path / "bad.db"
    database = Database(good, SCHEMA)
    database.run("INSERT INTO words VALUES ('one')")
    database.close()
    shutil.copy(good, bad)
    bad.write_bytes(b"no database" * 1000)
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        Database(bad, SCHEMA)
    with good.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (good.stat().st_size - 4096))
    with pytest.raises(DatabaseFailedError):
        Database(good, SCHEMA).rows("SELECT word FROM words")
