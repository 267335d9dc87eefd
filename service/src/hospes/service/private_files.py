"""Files that only their owner can read, written whole or not at all, and on the disk before the writer goes on.

It does not encrypt.

Sources: POSIX rename, link and fsync. The directory is synchronised too, since otherwise a new name can be lost with
the power.
"""

import os
import tempfile
from pathlib import Path
from typing import Final

from hospes.core.errors import ConfigurationError

_FILE: Final = 0o600
_DIRECTORY: Final = 0o700


def write_private(path: Path, data: bytes) -> None:
    """Replace the content of `path`: after a crash it is the old one or the new one.

    Raises
    ------
    ConfigurationError
        When the file or its directory cannot be written, such as where a file stands in the place of a directory.
    """
    try:
        _write(path, data)
    except OSError as error:
        raise ConfigurationError(str(error.filename or path), f"it cannot be written ({error.strerror})") from error


def _write(path: Path, data: bytes) -> None:
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


def create_private(path: Path, data: bytes) -> None:
    """Make a file that is not there: of several that try at once, one succeeds, and nothing is written over.

    Raises
    ------
    FileExistsError
        When it is there; it is as it was.
    ConfigurationError
        When the file or its directory cannot be written.
    """
    try:
        _create(path, data)
    except FileExistsError:
        raise
    except OSError as error:
        raise ConfigurationError(str(error.filename or path), f"it cannot be written ({error.strerror})") from error


def _create(path: Path, data: bytes) -> None:
    make_private(path.parent)
    descriptor, name = tempfile.mkstemp(".new", path.name + ".", path.parent)  # for its owner only
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)  # unlike renaming, it fails when the name is taken
    finally:
        Path(name).unlink(missing_ok=True)
    _synchronise(path.parent)


def make_private(directory: Path) -> None:
    """Make a directory that only its owner can enter, if it is not there."""
    if not directory.is_dir():
        directory.mkdir(mode=_DIRECTORY, parents=True, exist_ok=True)
        _synchronise(directory.parent)


def _synchronise(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
