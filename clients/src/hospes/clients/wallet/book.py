"""The book: the wallet's own memory in one sealed file, changed one page at a time and never half.

It holds card secrets, consents with their salts, record ids and, for a while, shares; so it is sealed under a key that
only the root secret gives. It decides nothing and reads no chain.

Sources: AES-256-GCM: NIST SP 800-38D (a random nonce for each writing).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hospes.clients.wallet.errors import WalletFileError
from hospes.clients.wallet.locking import alone
from hospes.clients.wallet.pages import JourneyPage, Pages
from hospes.core import wire
from hospes.core.errors import MalformedError, TooLargeError
from hospes.service.private_files import write_private

MAX_BOOK_BYTES: Final = 64 << 20
"""Some thirty thousand deposits; a file above that is not ours."""
_NONCE_BYTES: Final = 12
_CONTEXT: Final = b"hospes/wallet-book/1"


class Book:
    """The sealed file.

    Parameters
    ----------
    path : Path
        Need not exist: an empty book has no file.
    key : bytes
        32 bytes, from the root secret.
    entropy : callable
        Returns that many random bytes.
    """

    def __init__(self, path: Path, key: bytes, entropy: Callable[[int], bytes]) -> None:
        self._path, self._cipher, self._entropy = path, AESGCM(key), entropy

    def read(self) -> Pages:
        """Return all pages.

        Raises
        ------
        WalletFileError
            When the file is damaged or belongs to another wallet.
        """
        try:
            sealed = self._path.read_bytes()
        except FileNotFoundError:
            return Pages()
        except OSError as error:
            raise WalletFileError(self._path, f"the book cannot be read ({error.strerror})") from error
        return self._open(sealed)

    def change(self, change: Callable[[Pages], Pages]) -> Pages:
        """Replace the pages by `change` of them, durably, and return the new ones.

        Another program that changes the book meanwhile waits, so no change is lost.

        Raises
        ------
        WalletFileError
            As `read`; also when the book would grow above `MAX_BOOK_BYTES`, and nothing is changed.
        """
        with alone(self._path.with_name(self._path.name + ".lock"), wait=True):
            pages = change(self.read())
            plain, nonce = wire.encode(pages), self._entropy(_NONCE_BYTES)
            if len(plain) > MAX_BOOK_BYTES:  # it could not be read again
                raise WalletFileError(self._path, "the book is full; what it holds stays as it is")
            write_private(self._path, nonce + self._cipher.encrypt(nonce, plain, _CONTEXT))
            return pages

    def change_journey(self, journey: JourneyPage, change: Callable[[JourneyPage], JourneyPage]) -> JourneyPage:
        """Replace one journey's page by `change` of what it is now, and return the new one."""

        def changed(pages: Pages) -> Pages:
            return pages.with_journey(change(pages.journey(journey.network, journey.index)))

        return self.change(changed).journey(journey.network, journey.index)

    def _open(self, sealed: bytes) -> Pages:
        try:
            plain = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _CONTEXT)
            return wire.decode(Pages, plain, limit=MAX_BOOK_BYTES)
        except (InvalidTag, ValueError, MalformedError, TooLargeError) as error:
            raise WalletFileError(self._path, "the book is damaged, or belongs to another wallet") from error
