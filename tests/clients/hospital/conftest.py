"""One town at work for all tests of the hospital, and one traveller who is ready."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.simulators.clinic import Place, Ready, prepare
from tests.simulators.town import town


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The town; each test leaves everybody within reach."""
    with asyncio.Runner() as runner:
        manager = town(tmp_path_factory.mktemp("town"))
        yield Place(runner.run(manager.__aenter__()), runner)
        runner.run(manager.__aexit__(None, None, None))


@pytest.fixture
def reachable(place: Place) -> Iterator[Place]:
    """The town, for a test that cuts members off."""
    yield place
    place.town.cut_off()


@pytest.fixture(scope="session")
def ready(place: Place) -> Ready:
    """The traveller."""
    return place.run(prepare(place.town))
