"""A grant that a traveller handed over as a file, or as a QR code of the same text.

It is read, not believed: the keepers compare it with what the chain has.

Sources: PROTOCOL section 5 ("A hospital gets a grant that is not standing as a file or QR from the wallet").
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hospes.core import wire
from hospes.core.bodies import ShownGrant
from hospes.core.errors import ConfigurationError, MalformedError
from hospes.core.identities import ADDRESS_BYTES, Address

MAX_BYTES: Final = 1 << 16
"""A grant with 63 siblings takes about 6 kB."""


@dataclass(frozen=True, slots=True)
class GrantFile:
    """What the file holds.

    Attributes
    ----------
    journey : Address
    shown : ShownGrant
    """

    journey: Address
    shown: ShownGrant

    def __post_init__(self) -> None:
        """Refuse a journey of another size."""
        if len(self.journey) != ADDRESS_BYTES:
            raise MalformedError("GrantFile", "journey", f"expected {ADDRESS_BYTES} bytes")


def read_grant(path: Path) -> GrantFile:
    """Read a file.

    Raises
    ------
    ConfigurationError
        When it cannot be read.
    TooLargeError, MalformedError
        When it is no grant.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(str(path), f"the grant cannot be read ({error.strerror})") from error
    return wire.decode(GrantFile, data, limit=MAX_BYTES)
