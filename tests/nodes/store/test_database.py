"""What the SQLite store owes beyond the contract: bytes really gone, damage found, limits kept, crashes survived."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hospes.core.content_ids import digest_of
from hospes.core.identities import Address, Hash
from hospes.nodes.store.blocks import Newcomer, Room, SqliteBlocks
from hospes.nodes.store.errors import BlockDamagedError, BlockMissingError, StoreFailedError, StoreFullError

ANNA, BERT = Address(b"A" * 20), Address(b"B" * 20)
MARKER = b"never again to be read"
LARGE = MARKER * 40_000
SMALL = MARKER + b" and short"


def _in_files(directory: Path, marker: bytes) -> bool:
    return any(marker in path.read_bytes() for path in directory.iterdir())


def _meddle(directory: Path, statement: str, *values: bytes) -> None:
    """Change the file from outside, as no store would."""
    database = sqlite3.connect(directory / "blocks.db", isolation_level=None)
    database.execute("PRAGMA secure_delete=ON")
    database.execute(statement, values)
    database.close()


def test_a_deleted_block_is_in_no_file(tmp_path: Path) -> None:
    """Before the deletion is acknowledged, no byte sequence of the block is left in any file; a neighbour stays."""
    store = SqliteBlocks(tmp_path / "blocks.db")
    neighbour = b"somebody else's block" * 500
    for journey, block in ((ANNA, LARGE), (ANNA, SMALL), (BERT, neighbour)):
        store.put(journey, digest_of(block), block)
    assert _in_files(tmp_path, MARKER)
    store.delete(ANNA, digest_of(LARGE), 1)
    store.delete(ANNA, digest_of(SMALL), 1)
    assert not _in_files(tmp_path, MARKER)
    assert store.get(digest_of(neighbour)) == neighbour
    store.close()


def test_a_deletion_waits_for_nobody_silently(tmp_path: Path) -> None:
    """While another program reads the file, a deletion says that bytes are left; repeated afterwards, none are."""
    store = SqliteBlocks(tmp_path / "blocks.db", busy_s=0.05)
    store.put(ANNA, digest_of(SMALL), SMALL)
    reader = sqlite3.connect(tmp_path / "blocks.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM blocks").fetchone()
    with pytest.raises(StoreFailedError):
        store.delete(ANNA, digest_of(SMALL), 1)
    reader.close()
    assert store.delete(ANNA, digest_of(SMALL), 2) == 1
    assert not _in_files(tmp_path, MARKER)
    store.close()


def test_opening_finishes_a_deletion_that_a_crash_interrupted(tmp_path: Path) -> None:
    """A committed deletion whose bytes were still in the log is finished when the store starts."""
    store = SqliteBlocks(tmp_path / "blocks.db")
    store.put(ANNA, digest_of(SMALL), SMALL)
    _meddle(tmp_path, "DELETE FROM blocks")
    assert _in_files(tmp_path, MARKER)
    again = SqliteBlocks(tmp_path / "blocks.db")  # while the first, which would tidy up when closed, is still open
    assert not _in_files(tmp_path, MARKER)
    again.close()
    store.close()


def test_a_damaged_block_is_never_returned(tmp_path: Path) -> None:
    """A block whose bytes changed on the disk is refused by name; putting it again heals it."""
    store = SqliteBlocks(tmp_path / "blocks.db")
    store.put(ANNA, digest_of(SMALL), SMALL)
    _meddle(tmp_path, "UPDATE blocks SET block = x'00'")
    with pytest.raises(BlockDamagedError):
        store.get(digest_of(SMALL))
    store.put(ANNA, digest_of(SMALL), SMALL)
    assert store.get(digest_of(SMALL)) == SMALL
    store.close()


def test_another_journeys_copy_stands_in_for_a_damaged_one(tmp_path: Path) -> None:
    """While one copy of the same bytes is whole, it is given."""
    store = SqliteBlocks(tmp_path / "blocks.db")
    store.put(ANNA, digest_of(SMALL), SMALL)
    store.put(BERT, digest_of(SMALL), SMALL)
    _meddle(tmp_path, "UPDATE blocks SET block = x'00' WHERE journey = ?", ANNA)
    assert store.get(digest_of(SMALL)) == SMALL
    store.close()


@pytest.mark.parametrize("room", [Room(journey=150), Room(total=4096 * 12)])
def test_no_one_fills_the_disk(tmp_path: Path, room: Room) -> None:
    """Beyond the room of a journey or of the store a put is refused, and what was held stays."""
    store = SqliteBlocks(tmp_path / "blocks.db", room)
    store.put(ANNA, digest_of(SMALL), SMALL)
    with pytest.raises(StoreFullError):
        store.put(ANNA, digest_of(LARGE[:60_000]), LARGE[:60_000])
    assert store.get(digest_of(SMALL)) == SMALL
    store.close()


def test_strangers_leave_room_for_those_who_logged_a_deposit(tmp_path: Path) -> None:
    """Newcomers share a part of the store; a journey that was acknowledged has the rest, and frees their part."""
    store = SqliteBlocks(tmp_path / "blocks.db", Room(newcomers=250))
    first, second, third = b"1" * 100, b"2" * 100, b"3" * 100
    store.put(ANNA, digest_of(first), first)
    store.put(BERT, digest_of(second), second)
    with pytest.raises(StoreFullError, match="without a deposit"):
        store.put(BERT, digest_of(third), third)
    store.acknowledge(ANNA, 1)
    assert store.put(ANNA, digest_of(third), third)
    assert [one.journey for one in store.newcomers(1)] == [BERT]
    assert store.put(BERT, digest_of(third), third)
    store.close()
    again = SqliteBlocks(tmp_path / "blocks.db", Room(newcomers=250))
    with pytest.raises(StoreFullError, match="without a deposit"):
        again.put(BERT, digest_of(b"4" * 100), b"4" * 100)
    again.close()


def test_a_deposit_keeps_one_record_and_no_more(tmp_path: Path) -> None:
    """One meaningless entry is no licence: each lets a journey keep one record's bytes, and try one more."""
    store = SqliteBlocks(tmp_path / "blocks.db", Room(deposit=200, newcomers=150))
    one, two, three, four = (letter * 100 for letter in (b"1", b"2", b"3", b"4"))
    store.put(ANNA, digest_of(one), one)
    store.acknowledge(ANNA, 1)
    store.put(ANNA, digest_of(two), two)
    assert store.newcomers(1) == ()
    store.put(ANNA, digest_of(three), three)  # beyond one record: on a newcomer's terms
    with pytest.raises(StoreFullError, match="without a deposit"):
        store.put(ANNA, digest_of(four), four)
    with pytest.raises(StoreFullError, match="without a deposit"):
        store.put(BERT, digest_of(four), four)
    assert store.newcomers(2) == (Newcomer(ANNA, 2, 1),)
    store.acknowledge(ANNA, 1)  # no new one: nothing changes
    store.drop(ANNA)
    assert store.newcomers(3) == ()
    assert store.get(digest_of(one)) == one  # it was there when the deposit was seen
    with pytest.raises(BlockMissingError):
        store.get(digest_of(three))
    store.close()


def test_a_second_deposit_keeps_what_was_put_for_it(tmp_path: Path) -> None:
    """Whoever logs in time loses nothing, and what was kept stays although a later try is dropped."""
    store = SqliteBlocks(tmp_path / "blocks.db", Room(deposit=100))
    blocks = [letter * 100 for letter in (b"1", b"2", b"3")]
    for count, block in enumerate(blocks[:2], 1):
        store.put(ANNA, digest_of(block), block)
        with pytest.raises(StoreFullError, match="one journey"):
            store.put(ANNA, digest_of(b"x"), b"x")  # one record under way at a time
        assert store.newcomers(count) == (Newcomer(ANNA, count, count - 1),)
        store.acknowledge(ANNA, count)
        assert store.newcomers(count) == ()
    store.put(ANNA, digest_of(blocks[2]), blocks[2])
    assert store.newcomers(9) == (Newcomer(ANNA, 9, 2),)
    store.drop(ANNA)
    assert [store.get(digest_of(block)) for block in blocks[:2]] == blocks[:2]
    store.delete(ANNA, digest_of(blocks[0]), 10)
    assert store.put(ANNA, digest_of(b"small"), b"small")  # what was deleted gives its room back
    store.close()


def test_a_file_without_running_sums_is_taken_over(tmp_path: Path) -> None:
    """What an earlier release held is held, counted, and acknowledged by the next sweep."""
    path = tmp_path / "blocks.db"
    store = SqliteBlocks(path)
    store.put(ANNA, digest_of(SMALL), SMALL)
    store.close()
    database = sqlite3.connect(path)
    database.executescript("DROP TABLE holders; CREATE TABLE journeys (journey, since, acknowledged);")
    database.close()
    for _ in range(2):
        store = SqliteBlocks(path, Room(newcomers=len(SMALL)))
        assert store.get(digest_of(SMALL)) == SMALL
        assert store.newcomers(5) == (Newcomer(ANNA, 5),)
        with pytest.raises(StoreFullError):
            store.put(BERT, digest_of(b"b"), b"b")
        store.close()


def test_room_that_was_freed_can_be_used_again(tmp_path: Path) -> None:
    """A deletion gives its room back, though the file does not shrink."""
    store = SqliteBlocks(tmp_path / "blocks.db", Room(total=4096 * 30))
    first, second = b"1" * 60_000, b"2" * 60_000
    store.put(ANNA, digest_of(first), first)
    with pytest.raises(StoreFullError):
        store.put(ANNA, digest_of(second), second)
    store.delete(ANNA, digest_of(first), 1)
    assert store.put(ANNA, digest_of(second), second)
    store.close()


def test_only_the_owner_can_read_the_files(tmp_path: Path) -> None:
    """The database and its log are private, whatever the caller's umask."""
    previous = os.umask(0)
    try:
        store = SqliteBlocks(tmp_path / "blocks.db")
        store.put(ANNA, digest_of(SMALL), SMALL)
    finally:
        os.umask(previous)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    store.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A foreign file is named as the reason, and is not overwritten."""
    path = tmp_path / "blocks.db"
    path.write_bytes(b"somebody's letters" * 100)
    with pytest.raises(StoreFailedError):
        SqliteBlocks(path)
    assert path.read_bytes() == b"somebody's letters" * 100


_WRITER = """
import os, sys
from pathlib import Path
from hospes.core.content_ids import digest_of
from hospes.core.identities import Address, Hash
from hospes.nodes.store.blocks import SqliteBlocks
store = SqliteBlocks(Path(sys.argv[1]))
while True:
    block = os.urandom(20_000)
    store.put(Address(b"A" * 20), digest_of(block), block)
    print(digest_of(block).hex(), flush=True)
"""


def test_an_acknowledged_block_survives_kill_minus_nine(tmp_path: Path) -> None:
    """Killed at any point, the store still holds every block that it acknowledged."""
    path = tmp_path / "blocks.db"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    acknowledged: list[str] = []
    for puts in (1, 7, 20):
        with subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True, env=environment
        ) as writer:
            assert writer.stdout is not None
            acknowledged += [writer.stdout.readline().strip() for _ in range(puts)]
            writer.send_signal(signal.SIGKILL)
            acknowledged += [line.strip() for line in writer.stdout if line.endswith("\n")]
    store = SqliteBlocks(path)
    for digest in acknowledged:
        store.get(Hash(bytes.fromhex(digest)))
    assert len(acknowledged) >= 28
    store.close()
