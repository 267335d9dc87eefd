"""Boxes: what one member or journey sends another so that only they can read it, bound to its purpose and context.

It does not decide who may ask. The ephemeral key of each box comes from the operating system, inside the library.

Sources: RFC 9180 (HPKE base mode), PROTOCOL section 5.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from hospes.core.errors import BoxError, MalformedError
from hospes.core.identities import Address, Hash
from hospes.core.typed_data import Domain

X25519: Final = 0x0020
"""KEM id of DHKEM(X25519, HKDF-SHA256) in RFC 9180 section 7.1."""
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_KEY_BYTES: Final = 32
_LOW_ORDER: Final = "nothing can be sealed to this point"
_PROBE: Final = X25519PrivateKey.from_private_bytes(bytes([1]) * _KEY_BYTES)
"""Any key: the product with a point of low order is zero for all of them."""
_DEPOSIT: Final = b"hospes/deposit/1"
_STANDING: Final = b"hospes/standing/1"
_REQUEST: Final = b"hospes/request/1"
_ANSWER: Final = b"hospes/answer/1"
_NOTICE: Final = b"hospes/notice/1"
_ENROL: Final = b"hospes/enrol/1"
_ALERT: Final = b"hospes/alert/1"
_ATTEST: Final = b"hospes/attest/1"


class BoxSecret:
    """A private key that opens boxes.

    Parameters
    ----------
    secret : bytes
        32 bytes, X25519.
    """

    __slots__ = ("_key", "public")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != _KEY_BYTES:
            raise MalformedError("box secret", "", "expected 32 bytes")
        self._key = X25519PrivateKey.from_private_bytes(secret)
        self.public: bytes = X25519.to_bytes(2) + self._key.public_key().public_bytes_raw()

    @property
    def secret(self) -> bytes:
        """The 32 secret bytes, to seal them at rest, never to show."""
        return self._key.private_bytes_raw()

    def open(self, box: bytes, info: bytes) -> bytes:
        """Return the plaintext of `box`.

        Parameters
        ----------
        box : bytes
            ``encapsulated key || ciphertext``.
        info : bytes
            From one of the functions of this module that name a purpose.

        Raises
        ------
        BoxError
            When key, purpose or context is another, or the box was changed.
        """
        try:
            return _SUITE.decrypt(box, self._key, info)
        except (InvalidTag, ValueError) as error:
            raise BoxError(info[: info.find(b"/1") + 2].decode("ascii", "replace")) from error


def seal(public: bytes, info: bytes, plaintext: bytes) -> bytes:
    """Return a box that only the holder of `public`'s secret opens.

    Parameters
    ----------
    public : bytes
        ``uint16 KEM id || public key``.
    info : bytes
        From one of the functions of this module that name a purpose.

    Raises
    ------
    MalformedError
        When the key is not of a suite that this version knows.
    """
    key = _public_key(public)
    try:
        return _SUITE.encrypt(plaintext, key, info)
    except ValueError as error:
        raise MalformedError("box key", "", _LOW_ORDER) from error


def check_public(public: bytes, what: str, where: str) -> None:
    """Refuse a key that nothing can be sealed to.

    Parameters
    ----------
    public : bytes
        ``uint16 KEM id || public key``.
    what, where : str
        The message that it came in, and its field, for the error.

    Raises
    ------
    MalformedError
        For another suite or size, and for a point of low order, which looks like any other (RFC 7748 section 6.1).
    """
    try:
        _PROBE.exchange(_public_key(public))
    except MalformedError as error:
        raise MalformedError(what, where, error.reason) from error
    except ValueError as error:
        raise MalformedError(what, where, _LOW_ORDER) from error


def deposit_info(domain: Domain, deposit_hash: Hash, keeper: Address) -> bytes:
    """Return the context of a share on its way to a keeper."""
    return _DEPOSIT + domain.separator() + deposit_hash + keeper


def standing_info(domain: Domain, journey: Address, keeper: Address) -> bytes:
    """Return the context of a standing consent on its way to a keeper."""
    return _STANDING + domain.separator() + journey + keeper


def request_info(domain: Domain, keeper: Address) -> bytes:
    """Return the context of a hospital's request to a keeper."""
    return _REQUEST + domain.separator() + keeper


def answer_info(domain: Domain, journey: Address, number: int, entry_hash: Hash, keeper: Address) -> bytes:
    """Return the context of a keeper's answer to one entry."""
    return _ANSWER + domain.separator() + journey + number.to_bytes(8) + entry_hash + keeper


def notice_info(domain: Domain, journey: Address, number: int) -> bytes:
    """Return the context of a notice to the traveller about one entry."""
    return _NOTICE + domain.separator() + journey + number.to_bytes(8)


def enrol_info(domain: Domain, journey: Address, oracle: Address) -> bytes:
    """Return the context of an enrolment on its way to an oracle."""
    return _ENROL + domain.separator() + journey + oracle


def attest_info(domain: Domain, alert_hash: Hash, oracle: Address) -> bytes:
    """Return the context of an alert on its way to another oracle, which is asked to attest it."""
    return _ATTEST + domain.separator() + alert_hash + oracle


def alert_info(domain: Domain, alert_hash: Hash, addressee: Address) -> bytes:
    """Return the context of an alert on its way to a hospital."""
    return _ALERT + domain.separator() + alert_hash + addressee


def _public_key(public: bytes) -> X25519PublicKey:
    if len(public) != 2 + _KEY_BYTES or int.from_bytes(public[:2]) != X25519:
        raise MalformedError("box key", "", "expected KEM id 0x0020 (X25519) and 32 bytes")
    try:
        return X25519PublicKey.from_public_bytes(public[2:])
    except ValueError as error:
        raise MalformedError("box key", "", "no point of X25519") from error
