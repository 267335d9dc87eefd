"""What a call of a store carries in its header, and how: a put, a get or a deletion of one block, each signed.

It decides nothing: `nodes.store` does.

Sources: PROTOCOL section 3; RFC 4648 section 5 (base64url).
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final, TypeVar

from hospes.core import wire
from hospes.core.errors import MalformedError, TooLargeError
from hospes.core.identities import Address
from hospes.core.messages import Blocks, Erasure, Fetch

T = TypeVar("T")
HEADER: Final = "Hospes-Authorization"
MAX_HEADER_CHARACTERS: Final = 16_384
"""An `Erasure` of 64 records and 64 digests takes about 12,500."""
_NOT_BASE64URL: Final = "not base64url without padding"


@dataclass(frozen=True, slots=True)
class PutPermission:
    """What a put of a block carries: the journey's signed `Blocks` that names it."""

    journey: Address
    blocks: Blocks
    signature: bytes


@dataclass(frozen=True, slots=True)
class DeletePermission:
    """What a deletion of a block carries: the journey's signed `Erasure` that names it."""

    journey: Address
    erasure: Erasure
    signature: bytes


@dataclass(frozen=True, slots=True)
class FetchPermission:
    """What a get of a block carries: a member's signed `Fetch`."""

    fetch: Fetch
    signature: bytes


def to_header(permission: PutPermission | DeletePermission | FetchPermission) -> str:
    """Return a permission as the header carries it: base64url without padding of its JSON.

    >>> to_header(FetchPermission(Fetch(bytes(32), bytes(20), 0), b""))[:12]
    'eyJmZXRjaCI6'
    """
    return _encoded(wire.encode(permission))


def from_header(cls: type[T], header: str) -> T:
    """Return the permission in a header.

    Raises
    ------
    TooLargeError, MalformedError
        When it is not base64url without padding of the JSON of a `cls`.
    """
    if len(header) > MAX_HEADER_CHARACTERS:
        raise TooLargeError(HEADER, len(header), MAX_HEADER_CHARACTERS)
    try:
        data = base64.b64decode(header + "=" * (-len(header) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError(HEADER, "", _NOT_BASE64URL) from error
    if _encoded(data) != header:  # the library also takes padding, the other alphabet and spare bits
        raise MalformedError(HEADER, "", _NOT_BASE64URL)
    return wire.decode(cls, data)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
