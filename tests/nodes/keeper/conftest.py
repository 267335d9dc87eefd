"""One world for all tests of the keeper; each test has a journey and a keeper's directory of its own in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nodes.keeper.travelling import Company
from tests.simulators.world import World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return a founded network."""
    found = World(tmp_path_factory.mktemp("world"))
    yield found
    found.close()


@pytest.fixture
def company(world: World, tmp_path: Path) -> Iterator[Company]:
    """Return a traveller, a hospital and a keeper that deletes at once."""
    made = Company(world, tmp_path / "keeper", tmp_path.name)
    yield made
    made.keeper.close()
