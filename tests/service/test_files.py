"""Files of a member and of a network: written whole, read strictly, errors that say what to do."""

import os
from pathlib import Path

import pytest

from hospes.core.boxes import BoxSecret
from hospes.core.errors import ConfigurationError
from hospes.core.identities import Account, MemberId
from hospes.service.membership import MemberKeys, load_member, store_member
from hospes.service.memory import FileMemory
from hospes.service.network import home, load_network
from tests.simulators.world import World

KEYS = MemberKeys(MemberId("hospital-evora"), Account(b"\x01" * 32), BoxSecret(b"\x02" * 32))


def test_member_files(tmp_path: Path) -> None:
    """Keys come back as written, and nobody else may read the file."""
    path = tmp_path / "members" / "hospital-evora.json"
    store_member(path, KEYS)
    store_member(path, KEYS)
    again = load_member(path)
    assert (again.id, again.account.secret, again.box.secret) == (KEYS.id, KEYS.account.secret, KEYS.box.secret)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("content", [b"", b"{}", b'{"accountSecret":"0x00","boxSecret":"0x00","id":"a"}'])
def test_damaged_member_files(tmp_path: Path, content: bytes) -> None:
    """A damaged file is an error that names it and shows none of its content."""
    path = tmp_path / "a.json"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match=r"a\.json"):
        load_member(path)


def test_open_and_missing_member_files(tmp_path: Path) -> None:
    """A file that others can read is refused with the command that mends it; a missing one is named."""
    path = tmp_path / "a.json"
    with pytest.raises(ConfigurationError, match="No such file"):
        load_member(path)
    store_member(path, KEYS)
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        load_member(path)


def test_a_memory_that_lasts(world: World, tmp_path: Path) -> None:
    """A header comes back as stored; where there was none yet, there is none."""
    memory = FileMemory(tmp_path / "highest")
    assert memory.load() is None
    memory.store(world.genesis.header)
    assert FileMemory(tmp_path / "highest").load() == world.genesis.header


@pytest.mark.parametrize("content", [b"", b"\xc0", b"\0" * 500, b"no header"])
def test_a_damaged_memory_is_not_taken_for_none(world: World, tmp_path: Path, content: bytes) -> None:
    """To begin again from block 0 would be to forget what was final: the error names the file."""
    path = tmp_path / "highest"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="highest: the file is damaged"):
        world.reader(FileMemory(path))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        FileMemory(tmp_path).load()


def test_networks(world: World) -> None:
    """A network's files come back, and a genesis that was changed is refused."""
    assert load_network(world.directory) == world.network
    genesis = world.directory / "genesis.json"
    genesis.write_bytes(genesis.read_bytes().replace(b'"chainId":"79', b'"chainId":"78'))
    with pytest.raises(ConfigurationError, match="not the genesis"):
        load_network(world.directory)
    genesis.write_bytes(b"{")
    with pytest.raises(ConfigurationError, match="damaged"):
        load_network(world.directory)


def test_no_network(tmp_path: Path) -> None:
    """Where there is none, the error says how to start one."""
    with pytest.raises(ConfigurationError, match="hospes up"):
        load_network(tmp_path)


def test_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files live in ~/.hospes unless the environment says otherwise."""
    monkeypatch.delenv("HOSPES_HOME", raising=False)
    assert home() == Path(os.environ["HOME"]) / ".hospes"
    monkeypatch.setenv("HOSPES_HOME", "/somewhere")
    assert home() == Path("/somewhere")
