"""Who is who: hashes, addresses, accounts and their signatures.

It does not know what is signed (see `typed_data`) nor where keys are kept.

Sources: PROTOCOL section 1 (signatures: 65 bytes r, s, v; low s; v in {27, 28}), SEC 1 section 4.1.6 (recovery),
EIP-2 (low s), EIP-155 is not used here.
"""

import re
from typing import Final, NewType

import coincurve
from eth_hash.backends.pysha3 import keccak256 as _keccak

from hospes.core.errors import MalformedError, SignatureError

Address = NewType("Address", bytes)
"""20 bytes: the last of the hash of a secp256k1 public key. Names a member's account or a journey."""
Hash = NewType("Hash", bytes)
"""32 bytes."""
RecordId = NewType("RecordId", bytes)
"""32 random bytes that name one record."""
MemberId = NewType("MemberId", str)
"""ASCII ``[a-z0-9-]{1,31}``."""
Country = NewType("Country", str)
"""ISO 3166-1 alpha-2, upper case."""

ADDRESS_BYTES: Final = 20
HASH_BYTES: Final = 32
SIGNATURE_BYTES: Final = 65
SECRET_BYTES: Final = 32
ZERO_HASH: Final = Hash(bytes(32))
CURVE_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Order n of secp256k1 (SEC 2 version 2.0, section 2.4.1)."""
_HALF_ORDER: Final = CURVE_ORDER // 2
_MEMBER_ID: Final = re.compile(r"[a-z0-9-]{1,31}", re.ASCII)
_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)
_HEX: Final = re.compile(r"0x(?:[0-9a-f]{2})*+", re.ASCII)
"""Possessive: without it the expression would remember each pair, sixty times the length of the text."""


def keccak(data: bytes) -> Hash:
    """Return the keccak256 of `data`, 32 bytes."""
    return Hash(_keccak(data))


def to_hex(data: bytes) -> str:
    """Return ``0x`` and lower-case hexadecimal digits.

    >>> to_hex(b"Hospes")
    '0x486f73706573'
    """
    return "0x" + data.hex()


def from_hex(text: str, size: int | None, where: str) -> bytes:
    """Read ``0x`` lower-case hexadecimal of exactly `size` bytes (any even number when None).

    Raises
    ------
    MalformedError
        For any other form; upper case is refused, so that one value has one spelling.
    """
    if not _HEX.fullmatch(text):
        raise MalformedError("hexadecimal", where, "expected 0x and lower-case digits in pairs")
    data = bytes.fromhex(text[2:])
    if size is not None and len(data) != size:
        raise MalformedError("hexadecimal", where, f"expected {size} bytes, got {len(data)}")
    return data


def address(data: bytes, where: str = "address") -> Address:
    """Take 20 bytes as an address."""
    if len(data) != ADDRESS_BYTES:
        raise MalformedError("address", where, f"expected 20 bytes, got {len(data)}")
    return Address(data)


def member_id(text: str) -> MemberId:
    """Take a text as a member's id, or raise `MalformedError`."""
    if not _MEMBER_ID.fullmatch(text):
        raise MalformedError("member id", "", "expected 1 to 31 of a-z, 0-9 and -")
    return MemberId(text)


def country(text: str) -> Country:
    """Take a text as a country code, or raise `MalformedError`."""
    if not _COUNTRY.fullmatch(text):
        raise MalformedError("country", "", "expected two capital letters (ISO 3166-1 alpha-2)")
    return Country(text)


class Account:
    """A secp256k1 secret key that signs for a member or a journey.

    Parameters
    ----------
    secret : bytes
        32 bytes, a valid scalar (1 to n - 1).

    Raises
    ------
    MalformedError
        When `secret` is no valid scalar.
    """

    __slots__ = ("_key", "address")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SECRET_BYTES or not 0 < int.from_bytes(secret) < CURVE_ORDER:
            raise MalformedError("secret key", "", "expected 32 bytes between 1 and the curve's order")
        self._key = coincurve.PrivateKey(secret)
        self.address: Address = address_of(self._key.public_key)

    @property
    def secret(self) -> bytes:
        """The 32 secret bytes; needed to sign transactions and to seal them at rest, never to show."""
        return self._key.secret

    def sign(self, digest: Hash) -> bytes:
        """Sign a 32-byte digest: r, s (low), v in {27, 28}; 65 bytes, deterministic (RFC 6979)."""
        raw = self._key.sign_recoverable(digest, hasher=None)  # pyright: ignore[reportUnknownMemberType]
        return raw[:64] + bytes([raw[64] + 27])

    def __repr__(self) -> str:
        """Show the address only, so that no log can hold the secret."""
        return f"Account({to_hex(self.address)})"


def address_of(key: coincurve.PublicKey) -> Address:
    """Return the address of a public key: the last 20 bytes of the hash of its 64 bytes."""
    return Address(keccak(key.format(compressed=False)[1:])[12:])


def recover(digest: Hash, signature: bytes, what: str = "message") -> Address:
    """Return the address that signed `digest`.

    Parameters
    ----------
    digest : Hash
        What was signed.
    signature : bytes
        65 bytes r, s, v.
    what : str
        The name of the message, for the error.

    Raises
    ------
    SignatureError
        For a wrong length, a high s (every signature has one form only), a v other than 27 or 28, or no such point.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise SignatureError(what, f"expected 65 bytes, got {len(signature)}")
    if int.from_bytes(signature[32:64]) > _HALF_ORDER:
        raise SignatureError(what, "its s is in the upper half")
    if signature[64] not in (27, 28):
        raise SignatureError(what, "its v is neither 27 nor 28")
    raw = signature[:64] + bytes([signature[64] - 27])
    try:
        key = coincurve.PublicKey.from_signature_and_message(raw, digest, hasher=None)
    except Exception as error:  # coincurve raises bare Exception and ValueError for points that do not exist
        raise SignatureError(what, "no key could have made it") from error
    return address_of(key)


def require_signer(digest: Hash, signature: bytes, signer: Address, what: str) -> None:
    """Check that `signer` signed `digest`, or raise `SignatureError`."""
    if recover(digest, signature, what) != signer:
        raise SignatureError(what, "another key made it")
