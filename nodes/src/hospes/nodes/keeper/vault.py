"""Sealing at rest: every item under a random key of its own, the keys in a file of their own.

The sealed items may be copied and backed up; the file of keys may not. So deleting one key makes every copy of its item
useless, wherever it is. It does not keep the items.

Sources: PROTOCOL section 8 ("Each deposit is sealed at rest under its own random key, kept outside backups").
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hospes.core.errors import SealingError
from hospes.service.database import Database

_NAME_BYTES: Final = 16
_KEY_BYTES: Final = 32
_NONCE: Final = bytes(12)
"""Each key seals one item once, so the nonce need not differ."""
_NOBODYS: Final = bytes(_KEY_BYTES)
"""Seals the stand-ins; it is no secret, since they say nothing."""
_SCHEMA: Final = "CREATE TABLE IF NOT EXISTS keys (name BLOB PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID;"


class Vault:
    """The keys of sealed items.

    Parameters
    ----------
    path : Path
        The file of keys.
    entropy : callable
        Returns that many random bytes.

    Attributes
    ----------
    database : Database
    """

    def __init__(self, path: Path, entropy: Callable[[int], bytes]) -> None:
        self.database = Database(path, _SCHEMA)
        self._entropy = entropy

    def seal(self, item: bytes, context: bytes) -> bytes:
        """Return `item` sealed; its key is durable before this returns.

        Parameters
        ----------
        context : bytes
            What the item is; it opens with the same one only.
        """
        name, key = self._entropy(_NAME_BYTES), self._entropy(_KEY_BYTES)
        self.database.run("INSERT INTO keys VALUES (?, ?)", name, key)
        return name + AESGCM(key).encrypt(_NONCE, item, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """Return the item.

        Raises
        ------
        SealingError
            When its key was deleted, or the item was changed.
        """
        key = self._key(sealed)
        if key is None:
            raise SealingError("a holding", "its key was deleted")
        return _unsealed(sealed, key, context)

    def open_stand_in(self, stand_in: bytes, context: bytes) -> bytes:
        """Do for a stand-in what `open` does for an item, so that the time does not tell how many items there are."""
        return _unsealed(stand_in, self._key(stand_in) or _NOBODYS, context)

    def has_key(self, sealed: bytes) -> bool:
        """Return whether an item's key is here; its content is not looked at."""
        return self._key(sealed) is not None

    def forget(self, items: Iterable[bytes]) -> bool:
        """Delete the keys of these sealed items, so that no copy of them opens any more; repeating is harmless.

        Returns
        -------
        bool
            False when bytes of the keys may be left in the file's log; repeat it then.
        """
        with self.database.writing():
            for sealed in items:
                self.database.run("DELETE FROM keys WHERE name = ?", sealed[:_NAME_BYTES])
        return self.database.purge()

    def keep_only(self, items: Iterable[bytes]) -> None:
        """Delete the keys of items that were never kept, because the power went in between."""
        kept = {sealed[:_NAME_BYTES] for sealed in items}
        orphans = [name for (name,) in self.database.rows("SELECT name FROM keys") if name not in kept]
        if orphans:
            self.forget(orphans)

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def _key(self, sealed: bytes) -> bytes | None:
        rows = self.database.rows("SELECT key FROM keys WHERE name = ?", sealed[:_NAME_BYTES])
        return bytes(rows[0][0]) if rows else None


def stand_in(item: bytes, context: bytes) -> bytes:
    """Return an item as if it were sealed in a vault; no vault has its key, and `Vault.open_stand_in` opens it."""
    return bytes(_NAME_BYTES) + AESGCM(_NOBODYS).encrypt(_NONCE, item, context)


def _unsealed(sealed: bytes, key: bytes, context: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(_NONCE, sealed[_NAME_BYTES:], context)
    except InvalidTag as error:
        raise SealingError("a holding", "it was changed, or is another") from error
