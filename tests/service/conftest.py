"""A world for each test of the rim."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulators.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a network of the roster that nobody else touches."""
    made = World(tmp_path)
    yield made
    made.close()
