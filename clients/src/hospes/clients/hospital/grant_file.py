"""A grant that a traveller handed over as a file, or as a QR code of the same text.

It is read, not believed: the keepers compare it with what the chain has.

Sources: PROTOCOL section 5 ("A hospital gets a grant that is not standing as a file or QR from the wallet").
"""

from pathlib import Path
from typing import Final

from hospes.core import wire
from hospes.core.bodies import GrantFile
from hospes.core.errors import ConfigurationError, MalformedError, TooLargeError

MAX_BYTES: Final = 1 << 16
"""A grant with 63 siblings takes about 6 kB."""


def read_grant(path: Path) -> GrantFile:
    """Read a file.

    Raises
    ------
    ConfigurationError
        When it cannot be read, or is no grant.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(str(path), f"the grant cannot be read ({error.strerror})") from error
    try:
        return wire.decode(GrantFile, data, limit=MAX_BYTES)
    except (MalformedError, TooLargeError) as error:
        reason = f"this is no grant that a wallet wrote with grant-file ({error})"
        raise ConfigurationError(str(path), reason) from error
