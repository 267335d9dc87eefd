"""Files that only their owner can read, written whole or not at all, and on the disk before the writer goes on.

It does not encrypt: what is secret was sealed before it comes here.

Sources: POSIX rename, fsync and advisory locks (flock). The directory is synchronised too, since otherwise a new name
can be lost with the power.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hospes.clients.wallet.errors import WalletFileError

_FILE: Final = 0o600
_DIRECTORY: Final = 0o700


def write_private(path: Path, data: bytes) -> None:
    """Replace the content of `path`: after a crash it is the old one or the new one."""
    make_private(path.parent)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _synchronise(path.parent)


def make_private(directory: Path) -> None:
    """Make a directory that only its owner can enter, if it is not there."""
    if not directory.is_dir():
        directory.mkdir(mode=_DIRECTORY, parents=True, exist_ok=True)
        _synchronise(directory.parent)


@contextmanager
def alone(path: Path, *, wait: bool) -> Generator[None, None, None]:
    """Hold the lock at `path`, so that one program at a time does what it guards.

    Parameters
    ----------
    path : Path
        An empty file, made when needed and left there.
    wait : bool
        Whether to wait for another holder; for what takes longer than a moment, say so instead.

    Raises
    ------
    WalletFileError
        When another holds it and `wait` is false.
    """
    make_private(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, _FILE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    except BlockingIOError as error:
        raise WalletFileError(path, "another program is at work with this wallet; repeat when it is done") from error
    finally:
        os.close(descriptor)


def _synchronise(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
