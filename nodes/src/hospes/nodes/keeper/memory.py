"""The highest final header that a keeper ever saw, kept so that not even a restart makes it forget.

It verifies nothing; `service.chain` does, before it stores.

Sources: PROTOCOL section 6, step 2 ("It keeps the highest final number and hash it ever saw").
"""

import os
from pathlib import Path


class HighestHeader:
    """A `service.chain.ChainMemory` in one file, replaced whole.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> bytes | None:
        """Return the header's RLP, or None at first."""
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None

    def store(self, header_rlp: bytes) -> None:
        """Remember a header; on disk when this returns."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(header_rlp)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        directory = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
