"""Sealing at rest: everything of one journey under one random key, the keys in a file of their own.

The sealed items may be backed up; the file of keys may not. So destroying one key is the end of every copy of what was
kept of that journey. It does not keep the items.

Sources: PROTOCOL section 7 ("the keys of all that the oracle kept of the journey are destroyed"); NIST SP 800-38D
section 8.3 (random nonces: at most 2**32 items under one key, which a frame a second reaches in 136 years).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hospes.core.errors import SealingError
from hospes.core.identities import Address
from hospes.service.database import Database

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_SCHEMA: Final = "CREATE TABLE IF NOT EXISTS keys (journey BLOB PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID;"


class Vault:
    """The keys of journeys; may be used by several threads.

    Parameters
    ----------
    path : Path
        The file of keys.
    entropy : callable
        Returns that many random bytes.
    """

    def __init__(self, path: Path, entropy: Callable[[int], bytes]) -> None:
        self._database = Database(path, _SCHEMA)
        self._entropy = entropy
        self._ciphers = {
            Address(journey): AESGCM(key) for journey, key in self._database.rows("SELECT journey, key FROM keys")
        }

    @property
    def journeys(self) -> tuple[Address, ...]:
        """The journeys that have a key."""
        return tuple(self._ciphers)

    def admit(self, journey: Address) -> None:
        """Give a journey its key, durably; one that has a key keeps it."""
        if journey not in self._ciphers:
            key = self._entropy(_KEY_BYTES)
            self._database.run("INSERT INTO keys VALUES (?, ?)", journey, key)
            self._ciphers[journey] = AESGCM(key)

    def seal(self, journey: Address, what: bytes, item: bytes) -> bytes:
        """Return `item` sealed; it opens as the same thing of the same journey only.

        Raises
        ------
        SealingError
            When the journey's key was destroyed.
        """
        nonce = self._entropy(_NONCE_BYTES)
        return nonce + self._cipher(journey).encrypt(nonce, item, what + journey)

    def open(self, journey: Address, what: bytes, sealed: bytes) -> bytes:
        """Return the item.

        Raises
        ------
        SealingError
            When the journey's key was destroyed, or the item was changed.
        """
        try:
            return self._cipher(journey).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], what + journey)
        except InvalidTag as error:
            raise SealingError("what is kept of a journey", "it was changed, or is another") from error

    def destroy(self, journey: Address) -> bool:
        """Destroy a journey's key; repeating is harmless.

        Returns
        -------
        bool
            False when bytes of the key may be left in the file's log; repeat it then.
        """
        self._ciphers.pop(journey, None)
        self._database.run("DELETE FROM keys WHERE journey = ?", journey)
        return self._database.purge()

    def close(self) -> None:
        """Close the file; harmless when called twice."""
        self._database.close()

    def _cipher(self, journey: Address) -> AESGCM:
        cipher = self._ciphers.get(journey)
        if cipher is None:
            raise SealingError("what is kept of a journey", "its key was destroyed")
        return cipher
