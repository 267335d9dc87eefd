"""The implementations under one contract.

A further adapter adds its name to `IMPLEMENTATIONS` and a line to `open_blocks`, and runs all of `test_blocks.py`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from hospes.nodes.store.blocks import BlockStore, SqliteBlocks
from tests.simulators.blocks import ModelBlocks

IMPLEMENTATIONS: Final = ("model", "sqlite")


def open_blocks(name: str, directory: Path) -> BlockStore:
    """Return an empty store of one implementation."""
    return ModelBlocks() if name == "model" else SqliteBlocks(directory / "blocks.db")


@pytest.fixture(params=IMPLEMENTATIONS)
def blocks(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BlockStore]:
    """Each implementation in turn, empty."""
    store = open_blocks(str(request.param), tmp_path)
    yield store
    store.close()
