"""The ledger's store: everything of a block or nothing, over any growth, beside readers."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import lmdb
import pytest
from hypothesis import given, strategies as st

from hospes.core.errors import ConfigurationError
from hospes.nodes.ledger.database import Database, Overlay, Table, View, Write


def test_a_commit_with_one_impossible_write_keeps_nothing(tmp_path: Path) -> None:
    """When any write of a block fails, no other one is kept."""
    database = Database(tmp_path)
    with pytest.raises(lmdb.BadValsizeError):
        database.commit([Write(Table.NODES, b"good", b"1"), Write(Table.NODES, b"x" * 600, b"2")])
    assert database.get(Table.NODES, b"good") is None
    database.commit([Write(Table.NODES, b"good", b"1")])
    assert database.get(Table.NODES, b"good") == b"1"
    database.close()


def test_the_map_grows_when_it_is_full(tmp_path: Path) -> None:
    """A ledger outgrows its first memory map without anybody noticing."""
    database = Database(tmp_path, map_bytes=1 << 20)
    for number in range(8):
        database.commit([Write(Table.NODES, bytes([number, index]), bytes(8_000)) for index in range(64)])
    assert database.size_bytes() > 3 << 20
    assert database.get(Table.NODES, bytes([0, 0])) == database.get(Table.NODES, bytes([7, 63])) == bytes(8_000)
    database.close()


def test_a_reader_in_another_process_follows_a_writer_and_its_growth(tmp_path: Path) -> None:
    """Looking beside a running ledger shows what it committed last, also after the map has grown."""
    database = Database(tmp_path, map_bytes=1 << 20)
    database.commit([Write(Table.META, b"word", b"before")])
    program = (
        "import sys, pathlib\n"
        "from hospes.nodes.ledger.database import Database, Table\n"
        "database = Database(pathlib.Path(sys.argv[1]), read_only=True)\n"
        "for line in sys.stdin:\n"
        "    print(database.get(Table.META, b'word').decode(), flush=True)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        said: list[str] = []
        for word in (b"before", b"after"):
            database.commit([Write(Table.META, b"word", word), Write(Table.NODES, word, bytes(3 << 20))])
            reader.stdin.write("look\n")
            reader.stdin.flush()
            said.append(reader.stdout.readline().strip())
        reader.stdin.close()
    assert said == ["before", "after"]
    database.close()


def test_an_absent_environment_is_refused_when_only_looking(tmp_path: Path) -> None:
    """Looking at a directory without a ledger fails, and makes no ledger there."""
    with pytest.raises(ConfigurationError):
        Database(tmp_path, read_only=True)
    assert not (tmp_path / "data.mdb").exists()


def test_a_view_refuses_every_kind_of_writing(tmp_path: Path) -> None:
    """No call and no read can write through a view."""
    database = Database(tmp_path)
    view = View(database)
    with pytest.raises(TypeError):
        view[b"key"] = b"value"
    with pytest.raises(TypeError):
        del view[b"key"]
    with pytest.raises(TypeError), view.atomic_batch():
        pass
    with pytest.raises(KeyError):
        view[b"key"]
    assert b"key" not in view
    database.close()


def test_an_overlay_is_seen_only_through_itself_until_it_is_committed(tmp_path: Path) -> None:
    """What a block in the making writes is invisible to everybody else."""
    database = Database(tmp_path)
    database.commit([Write(Table.NODES, b"old", b"1")])
    overlay = Overlay(database)
    with overlay.atomic_batch() as batch:
        batch[b"new"] = b"2"
    assert (overlay[b"old"], overlay[b"new"]) == (b"1", b"2")
    assert database.get(Table.NODES, b"new") is None
    database.commit(overlay.writes())
    assert View(database)[b"new"] == b"2"
    database.close()


@pytest.fixture(scope="module")
def marks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database that every example writes to, each under a key of its own."""
    database = Database(tmp_path_factory.mktemp("marks"))
    yield database
    database.close()


_numbers = st.integers(0, 2**64 - 1)
_keys = count()


@given(numbers=st.sets(_numbers, max_size=30), first=_numbers, last=_numbers)
def test_values_come_in_order_and_within_their_bounds(
    marks: Database, numbers: set[int], first: int, last: int
) -> None:
    """A search over block numbers finds exactly those between its ends."""
    key = next(_keys).to_bytes(32)
    marks.commit([Write(Table.MARKS, key, number.to_bytes(8)) for number in numbers])
    found = marks.values(Table.MARKS, key, first.to_bytes(8), last.to_bytes(8), limit=100)
    assert [int.from_bytes(value) for value in found] == sorted(number for number in numbers if first <= number <= last)
    assert marks.count(Table.MARKS, key) == len(numbers)
