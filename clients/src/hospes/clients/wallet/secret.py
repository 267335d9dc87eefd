"""The root secret: 32 bytes from which all keys of all journeys come, sealed at rest under a passphrase.

It does not ask for the passphrase (`asking` does) and knows no network. Whoever has the file and the passphrase is
the traveller; without the passphrase each guess costs as much memory and time as scrypt was told to take.

Sources: RFC 7914 (scrypt); cost: OWASP Password Storage Cheat Sheet (N = 2**17, r = 8, p = 1); AES-256-GCM: NIST
SP 800-38D; Unicode normalisation NFKC: UAX 15, so that the same keys typed on another machine give the same secret.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from hospes.clients.wallet.errors import PassphraseError, WalletFileError, WeakPassphraseError
from hospes.core import journeys, wire
from hospes.core.errors import MalformedError, TooLargeError
from hospes.core.journeys import JourneyKeys
from hospes.service.private_files import create_private

ROOT_BYTES: Final = 32
SHORTEST_PASSPHRASE: Final = 8
"""Characters (NIST SP 800-63B, section 5.1.1.1)."""
COST: Final = 1 << 17
"""scrypt's N; with r = 8 it takes 128 MiB and about half a second."""
_COSTS: Final = (1 << 10, 1 << 20)
"""Accepted in a file, so that a damaged one cannot ask for all memory."""
_BLOCK_SIZE: Final = 8
_PARALLEL: Final = 1
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_CONTEXT: Final = b"hospes/wallet-secret/1"
_MAX_FILE_BYTES: Final = 4096
_THERE: Final = "there is a wallet here already; it is never written over"


@dataclass(frozen=True, slots=True)
class _File:
    version: int
    cost: int
    salt: bytes
    nonce: bytes
    sealed: bytes

    def __post_init__(self) -> None:
        """Refuse another version and a cost that would freeze the machine."""
        low, high = _COSTS
        if self.version != 1 or not low <= self.cost <= high or self.cost & (self.cost - 1):
            raise MalformedError("wallet secret", "cost", "not one of this version")


class RootSecret:
    """The secret, open in memory.

    Parameters
    ----------
    root : bytes
        32 bytes.
    """

    __slots__ = ("_root",)

    def __init__(self, root: bytes) -> None:
        if len(root) != ROOT_BYTES:
            raise MalformedError("root secret", "", f"expected {ROOT_BYTES} bytes")
        self._root = root

    def journey(self, chain_id: int, index: int) -> JourneyKeys:
        """Return the keys of one journey on one network."""
        return journeys.derive(self._root, chain_id, index)

    def book_key(self) -> bytes:
        """Return the key that the wallet's book is sealed under, 32 bytes."""
        return HKDF(SHA256(), 32, b"", b"hospes/wallet-book/1").derive(self._root)

    def __repr__(self) -> str:
        """Show nothing."""
        return "RootSecret(...)"


def create_secret(path: Path, passphrase: str, entropy: Callable[[int], bytes], cost: int = COST) -> RootSecret:
    """Draw a root secret and write it, sealed.

    Parameters
    ----------
    path : Path
        Must not exist: a secret is never written over.
    passphrase : str
        At least 8 characters.
    entropy : callable
        Returns that many random bytes.
    cost : int
        scrypt's N, a power of two.

    Raises
    ------
    WeakPassphraseError, WalletFileError
        When the passphrase is too short; when there is a wallet already.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise WeakPassphraseError(SHORTEST_PASSPHRASE)
    if path.exists():
        raise WalletFileError(path, _THERE)
    root, salt, nonce = entropy(ROOT_BYTES), entropy(_SALT_BYTES), entropy(_NONCE_BYTES)
    sealed = AESGCM(_stretched(passphrase, salt, cost)).encrypt(nonce, root, _CONTEXT)
    try:
        create_private(path, wire.encode(_File(1, cost, salt, nonce, sealed)))
    except FileExistsError as error:  # another program made one in the meantime
        raise WalletFileError(path, _THERE) from error
    return RootSecret(root)


def open_secret(path: Path, passphrase: str) -> RootSecret:
    """Read the root secret.

    Raises
    ------
    PassphraseError
        When the passphrase is another one. (A changed file looks the same: that is what sealing means.)
    WalletFileError
        When there is no wallet, it cannot be read, or others can read it.
    """
    file = _read(path)
    try:
        root = AESGCM(_stretched(passphrase, file.salt, file.cost)).decrypt(file.nonce, file.sealed, _CONTEXT)
    except (InvalidTag, ValueError) as error:
        raise PassphraseError from error
    return RootSecret(root)


def require_secret(path: Path) -> None:
    """Refuse a place without a wallet, or with a damaged or open one, before anybody types a passphrase.

    Raises
    ------
    WalletFileError
        As `open_secret`.
    """
    _read(path)


def _read(path: Path) -> _File:
    try:
        data, mode = path.read_bytes(), path.stat().st_mode
    except FileNotFoundError as error:
        raise WalletFileError(path, "there is no wallet here; make one with: hospes wallet new") from error
    except OSError as error:
        raise WalletFileError(path, f"the wallet cannot be read ({error.strerror})") from error
    if mode & 0o077:
        raise WalletFileError(path, f"others can read the wallet; run: chmod 600 {path}")
    try:
        return wire.decode(_File, data, limit=_MAX_FILE_BYTES)
    except (MalformedError, TooLargeError) as error:
        raise WalletFileError(path, "this is not a wallet, or it is damaged") from error


def _stretched(passphrase: str, salt: bytes, cost: int) -> bytes:
    text = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    return Scrypt(salt, 32, cost, _BLOCK_SIZE, _PARALLEL).derive(text)
