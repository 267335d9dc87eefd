"""What the tests of risk share: a moment, readings about it, and the shared data where it is."""

import os
from pathlib import Path

import pytest

NOW = 1_800_000_000.0


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The directory of the real data."""
    directory = Path(os.environ.get("HOSPES_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
    if not (directory / "icu2012").is_dir():
        pytest.skip("needs the shared data (HOSPES_SHARED_DATA)")
    return directory
