"""One program at a time: a lock that a killed program lets go.

Sources: flock(2).
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hospes.clients.wallet.errors import WalletFileError
from hospes.service.private_files import make_private

_FILE: Final = 0o600


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
        _lock(descriptor, path, wait=wait)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path, *, wait: bool) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError as error:
        raise WalletFileError(path, "another program is at work with this wallet; repeat when it is done") from error
