"""Where a reader of the chain remembers the highest final header it ever saw: for one run, or for good.

It proves nothing; `chain` does, before it stores.

Sources: PROTOCOL section 6, step 2 ("It keeps the highest final number and hash it ever saw").
"""

from pathlib import Path
from typing import Final, Protocol

from hospes.core.errors import ConfigurationError, ProofError
from hospes.core.proof import Header
from hospes.service.private_files import write_private

_DAMAGED: Final = (
    "the file is damaged: restore it, or remove it and with it the knowledge of which block was final before"
)


class ChainMemory(Protocol):
    """Remembers one header."""

    def load(self) -> bytes | None:
        """Return its RLP, or None at first."""
        ...

    def store(self, header_rlp: bytes) -> None:
        """Remember it; for a keeper durably, before anything is released on it."""
        ...


class VolatileMemory:
    """A `ChainMemory` that lasts as long as the program."""

    def __init__(self) -> None:
        self._header: bytes | None = None

    def load(self) -> bytes | None:
        """Return the header's RLP, or None at first."""
        return self._header

    def store(self, header_rlp: bytes) -> None:
        """Remember it."""
        self._header = header_rlp


class FileMemory:
    """A `ChainMemory` in one file, replaced whole: not even a restart makes it forget.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> bytes | None:
        """Return the header's RLP, or None at first.

        Raises
        ------
        ConfigurationError
            When the file is there and holds no header: to begin again from block 0 would be to forget.
        """
        try:
            data = self._path.read_bytes()
            Header.decode(data)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigurationError(str(self._path), f"the file cannot be read ({error.strerror})") from error
        except ProofError as error:
            raise ConfigurationError(str(self._path), _DAMAGED) from error
        return data

    def store(self, header_rlp: bytes) -> None:
        """Remember a header; on disk when this returns."""
        write_private(self._path, header_rlp)
