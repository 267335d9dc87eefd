"""Standing consents, and the key to which a journey's notices are sealed.

It checks no signature (`intake`) and does not know whether a consent lives (`decide`).

Sources: PROTOCOL section 5 (``POST /v1/standing``), section 6 ("sealed to the journey's notice key").
"""

from collections.abc import Iterable
from typing import Final

from hospes.core import wire
from hospes.core.errors import SealingError
from hospes.core.identities import Address, Hash
from hospes.core.messages import Consent
from hospes.nodes.keeper.database import Database, Row
from hospes.nodes.keeper.errors import ConflictError
from hospes.nodes.keeper.held import StandingConsent
from hospes.nodes.keeper.vault import Vault

MAX_STANDING: Final = 64
"""Standing consents of one journey; ours, so that nobody fills a disk in one journey's name."""
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS standing (
    place INTEGER PRIMARY KEY AUTOINCREMENT, journey BLOB NOT NULL, grants_hash BLOB NOT NULL, sealed BLOB NOT NULL,
    UNIQUE (journey, grants_hash));
CREATE TABLE IF NOT EXISTS notice_keys (journey BLOB PRIMARY KEY, notice_key BLOB NOT NULL) WITHOUT ROWID;
"""


class Standing:
    """The tables of standing consents and notice keys.

    Parameters
    ----------
    database : Database
    vault : Vault
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    def keep(self, journey: Address, consent: Consent, notice_key: bytes) -> None:
        """Hold a consent and the notice key durably; the same again changes nothing.

        Raises
        ------
        ConflictError
            When the journey has another notice key here. The journey's signature does not cover the key, so the first
            one stays: a stranger who learnt a signed consent must not redirect the notices.
        """
        with self._database.writing():
            self._keep_notice_key(journey, notice_key)
            if self._places(journey, consent.grants_hash):
                return
            if len(self._places(journey)) >= MAX_STANDING:
                raise ConflictError("the standing consent", f"{MAX_STANDING} of the journey are held already")
            sealed = self._vault.seal(wire.encode(consent), _context(journey, consent.grants_hash))
            statement = "INSERT INTO standing (journey, grants_hash, sealed) VALUES (?, ?, ?)"
            self._database.run(statement, journey, consent.grants_hash, sealed)

    def of(self, journey: Address) -> tuple[StandingConsent, ...]:
        """Return a journey's standing consents, newest first."""
        query = "SELECT grants_hash, sealed FROM standing WHERE journey = ? ORDER BY place DESC"
        found: list[StandingConsent] = []
        for grants_hash, sealed in self._database.rows(query, journey):
            try:
                item = self._vault.open(sealed, _context(journey, Hash(grants_hash)))
            except SealingError:  # its key was deleted: it is not held any more
                continue
            found.append(StandingConsent(Hash(grants_hash), wire.decode(Consent, item).grants))
        return tuple(found)

    def notice_key(self, journey: Address) -> bytes | None:
        """Return where a journey's notices are sealed to; None for a journey that is not known here."""
        rows = self._database.rows("SELECT notice_key FROM notice_keys WHERE journey = ?", journey)
        return bytes(rows[0][0]) if rows else None

    def sealed(self) -> Iterable[bytes]:
        """Return every sealed item."""
        return [sealed for (sealed,) in self._database.rows("SELECT sealed FROM standing")]

    def drop(self, journey: Address, grants_hash: Hash) -> None:
        """Delete one standing consent."""
        self._drop(self._places(journey, grants_hash))

    def drop_all(self, journey: Address) -> bool:
        """Delete a journey's standing consents; False when it must be repeated (`Vault.forget`)."""
        return self._drop(self._places(journey))

    def _places(self, journey: Address, *grants_hash: Hash) -> list[Row]:
        query = "SELECT place, sealed FROM standing WHERE journey = ?"
        return self._database.rows(query + " AND grants_hash = ?" * len(grants_hash), journey, *grants_hash)

    def _drop(self, rows: list[Row]) -> bool:
        clean = self._vault.forget(sealed for _, sealed in rows)
        for place, _ in rows:
            self._database.run("DELETE FROM standing WHERE place = ?", place)
        return clean

    def _keep_notice_key(self, journey: Address, notice_key: bytes) -> None:
        self._database.run("INSERT OR IGNORE INTO notice_keys VALUES (?, ?)", journey, notice_key)
        if self.notice_key(journey) != notice_key:
            raise ConflictError("the notice key", "the journey has another one here")


def _context(journey: Address, grants_hash: Hash) -> bytes:
    return b"hospes keeper standing" + journey + grants_hash
