"""Journeys: the keys that one root secret gives to each period of care, so that no two can be linked.

It does not keep the root secret (the wallet does) nor remember which indexes were used.

Sources: PROTOCOL section 3; HKDF: RFC 5869.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hospes.core.boxes import BoxSecret
from hospes.core.errors import MalformedError
from hospes.core.identities import SECRET_BYTES, Account, Address


@dataclass(frozen=True, slots=True)
class JourneyKeys:
    """The two keys of one journey.

    Attributes
    ----------
    index : int
        Which journey of the root secret.
    account : Account
        Signs consents, deposits, endings; its address is the journey.
    notice : BoxSecret
        Opens the notices that keepers leave.
    """

    index: int
    account: Account
    notice: BoxSecret

    @property
    def address(self) -> Address:
        """The only name that the chain sees."""
        return self.account.address


def derive(root: bytes, chain_id: int, index: int) -> JourneyKeys:
    """Return the keys of a journey.

    Parameters
    ----------
    root : bytes
        The wallet's secret, 32 bytes.
    chain_id : int
        Of the network: the same root gives unrelated journeys on another one.
    index : int
        0 to 2**32 - 1.

    Raises
    ------
    MalformedError
        For a root of another size or an index out of range.
    """
    if len(root) != SECRET_BYTES:
        raise MalformedError("root secret", "", "expected 32 bytes")
    if not 0 <= index < 1 << 32:
        raise MalformedError("journey index", "", "expected a number below 2**32")
    suffix = chain_id.to_bytes(32) + index.to_bytes(4)
    account = next(_accounts(root, b"hospes/journey/1" + suffix))
    return JourneyKeys(index, account, BoxSecret(_expand(root, b"hospes/notice/1" + suffix + b"\0")))


def _accounts(root: bytes, info: bytes) -> Iterator[Account]:
    """Yield an account for each counter byte that gives a valid scalar; practically always the first."""
    for counter in range(256):
        try:
            yield Account(_expand(root, info + bytes([counter])))
        except MalformedError:
            continue


def _expand(root: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, b"", info).derive(root)
