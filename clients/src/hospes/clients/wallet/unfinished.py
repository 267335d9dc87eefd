"""Sealed blocks of deposits under way, kept beside the book until the deposit is logged.

A record's key seals one document once, so a deposit that was interrupted must go on with the very blocks it began
with, or start anew under another key. The files hold sealed bytes only; their key is split in the sealed book.

Sources: PROTOCOL section 3 ("a retry ... draws a new key and a new record id").
"""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from hospes.core.content_ids import check_block
from hospes.core.errors import SealingError
from hospes.core.identities import Hash, RecordId
from hospes.service.private_files import write_private


class UnfinishedBlocks:
    """A directory with one folder a record.

    Parameters
    ----------
    directory : Path
        Made when first needed.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def keep(self, record: RecordId, blocks: Sequence[bytes]) -> None:
        """Write the blocks of a record, durably."""
        for index, block in enumerate(blocks):
            write_private(self._file(record, index), block)

    def load(self, record: RecordId, digests: Sequence[Hash]) -> tuple[bytes, ...]:
        """Return the blocks of a record, checked.

        Raises
        ------
        SealingError
            When one is missing or changed: the deposit must start anew.
        """
        try:
            blocks = tuple(self._file(record, index).read_bytes() for index in range(len(digests)))
        except OSError as error:
            raise SealingError("an unfinished record", "its blocks are not there any more") from error
        for digest, block in zip(digests, blocks, strict=True):
            check_block(digest, block)
        return blocks

    def drop(self, record: RecordId) -> None:
        """Delete the blocks of a record; harmless when called twice."""
        shutil.rmtree(self._directory / record.hex(), ignore_errors=True)

    def drop_all_but(self, records: Iterable[RecordId]) -> None:
        """Delete the blocks of every record that is not among `records`."""
        kept = {record.hex() for record in records}
        for folder in self._directory.iterdir() if self._directory.is_dir() else ():
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    def _file(self, record: RecordId, index: int) -> Path:
        return self._directory / record.hex() / f"{index:04}"
