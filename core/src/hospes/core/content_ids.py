"""Content ids (CIDs) of sealed blocks: version 1, codec raw, sha2-256, base32 lower case.

The id is computed here, never believed from a store. Other versions, codecs and bases are refused, so that one block
has one name.

Sources: the CID specification (multiformats), PROTOCOL section 3, RFC 4648 section 6.
"""

import base64
import binascii
import hashlib
from typing import Final

from hospes.core.errors import MalformedError, SealingError
from hospes.core.identities import HASH_BYTES, Hash

MAX_BLOCK_BYTES: Final = 1 << 20
_PREFIX: Final = bytes([0x01, 0x55, 0x12, 0x20])
"""CID version 1, codec raw (0x55), sha2-256 (0x12) of 32 bytes (0x20)."""
_TEXT_LENGTH: Final = 59
"""``b`` and 58 base32 digits of 36 bytes."""


def digest_of(block: bytes) -> Hash:
    """Return the sha2-256 of a block: what deposits and permissions name it by."""
    return Hash(hashlib.sha256(block).digest())


def encode(digest: bytes) -> str:
    """Return the CID of a block with this sha2-256 digest.

    >>> encode(digest_of(b"hello world"))
    'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'
    """
    if len(digest) != HASH_BYTES:
        raise MalformedError("CID", "", f"expected a digest of 32 bytes, got {len(digest)}")
    return "b" + base64.b32encode(_PREFIX + digest).decode().rstrip("=").lower()


def decode(text: str) -> Hash:
    """Return the sha2-256 digest inside a CID.

    Raises
    ------
    MalformedError
        For any other version, codec, hash, base or spelling.
    """
    if len(text) != _TEXT_LENGTH or text[0] != "b" or text != text.lower():
        raise MalformedError("CID", "", "expected version 1 in lower-case base32, 59 characters")
    try:
        data = base64.b32decode(text[1:].upper() + "======")
    except (binascii.Error, ValueError) as error:
        raise MalformedError("CID", "", "not base32") from error
    if data[:4] != _PREFIX or encode(data[4:]) != text:
        raise MalformedError("CID", "", "expected codec raw and sha2-256")
    return Hash(data[4:])


def check_block(digest: Hash, block: bytes) -> None:
    """Check that a store returned the block that was asked for, or raise `SealingError`."""
    if digest_of(block) != digest:
        raise SealingError("a block", "its content is not that of its id")
