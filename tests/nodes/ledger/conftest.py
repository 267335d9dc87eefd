"""What the ledger's tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulators.ledgers import SmallLedger, small_ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SmallLedger]:
    """A small ledger at block 0."""
    small = small_ledger(tmp_path / "ledger")
    yield small
    small.engine.close()
