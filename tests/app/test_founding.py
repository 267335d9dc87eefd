"""Founding: whole or not there, and nothing that somebody needs is ever removed."""

from pathlib import Path

import pytest

from hospes.app.commands import demo
from hospes.app.founding import LEDGER_FOLDER, STORY_FILE, Ports, clear_story, found, load_authority
from hospes.core.errors import ConfigurationError
from hospes.nodes.ledger.engine import Engine
from tests.simulators.world import START


def test_a_network_is_founded_once(tmp_path: Path) -> None:
    """A second founding in the same place is refused, and no half of one is left."""
    found(tmp_path / "network", Ports.fixed(), START)
    with pytest.raises(ConfigurationError, match="already"):
        found(tmp_path / "network", Ports.fixed(), START)
    assert [path.name for path in tmp_path.iterdir()] == ["network"]


def test_a_founding_that_was_killed_is_repeated(tmp_path: Path) -> None:
    """What a killed founding left behind is no network and does not hinder the next."""
    (tmp_path / "network.new" / "members").mkdir(parents=True)
    assert found(tmp_path / "network", Ports.fixed(), START).genesis.demonstration


def test_only_a_story_is_cleared(tmp_path: Path) -> None:
    """The next demonstration removes what an earlier one left, and never a network that somebody uses."""
    found(tmp_path / "network", Ports.fixed(), START)
    with pytest.raises(ConfigurationError, match="something else"):
        clear_story(tmp_path / "network")
    with pytest.raises(ConfigurationError, match="something else"):
        demo.main(["--data", str(tmp_path / "network")], standalone_mode=False)
    assert (tmp_path / "network" / "genesis.json").exists()
    found(tmp_path / "story", Ports.fixed(), START, for_a_story=True)
    assert (tmp_path / "story" / STORY_FILE).exists()
    clear_story(tmp_path / "story")
    clear_story(tmp_path / "story")
    assert not (tmp_path / "story").exists()


def test_a_running_story_is_not_cleared(tmp_path: Path) -> None:
    """Two demonstrations at once in one place: the second is refused before it removes anything."""
    place = tmp_path / "story"
    found(place, Ports.fixed(), START, for_a_story=True)
    with (
        Engine.open(place / LEDGER_FOLDER, load_authority(place)),
        pytest.raises(ConfigurationError, match="is running here"),
    ):
        clear_story(place)
    clear_story(place)


def test_a_file_in_the_place_of_a_directory(tmp_path: Path) -> None:
    """Where nothing can be written the error names the place."""
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="Not a directory"):
        found(tmp_path / "file" / "network", Ports.fixed(), START)


def test_free_ports_are_different() -> None:
    """A demonstration's services get a port each."""
    ports = Ports.free()
    assert len({ports.ledger, *ports.members.values()}) == len(ports.members) + 1
