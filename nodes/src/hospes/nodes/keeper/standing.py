"""Standing consents, and the key to which a journey's notices are sealed.

It checks no signature (`intake`) and does not know whether a consent lives (`decide`).

Sources: PROTOCOL section 5 (``POST /v1/standing``), section 6 ("sealed to the journey's notice key").
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hospes.core.errors import SealingError
from hospes.core.identities import ZERO_HASH, Address, Hash
from hospes.core.messages import Consent
from hospes.nodes.keeper.errors import ConflictError
from hospes.nodes.keeper.grant_rows import ROW_BYTES, STAND_IN, read_rows, rows_of
from hospes.nodes.keeper.held import StandingConsent
from hospes.nodes.keeper.vault import Vault, stand_in
from hospes.service.database import Database, Row

MAX_STANDING: Final = 64
"""Standing consents of one journey; ours, so that nobody fills a disk in one journey's name."""
MAX_GRANTS: Final = 256
"""Grants in all of them together; ours, since every access looks at as many. A wallet leaves a handful."""
_AROUND_ROWS: Final = len(stand_in(b"", b""))
"""What sealing adds to a consent's rows."""
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS standing (
    place INTEGER PRIMARY KEY AUTOINCREMENT, journey BLOB NOT NULL, grants_hash BLOB NOT NULL, sealed BLOB NOT NULL,
    ungiven_since REAL, UNIQUE (journey, grants_hash));
CREATE INDEX IF NOT EXISTS standing_ungiven ON standing (ungiven_since) WHERE ungiven_since IS NOT NULL;
CREATE TABLE IF NOT EXISTS notice_keys (journey BLOB PRIMARY KEY, notice_key BLOB NOT NULL) WITHOUT ROWID;
"""
_STAND_IN: Final = stand_in(STAND_IN, b"")
"""Opened in place of a consent that is not there."""


@dataclass(frozen=True, slots=True)
class LyingConsent:
    """A standing consent as it lies on disk."""

    journey: Address
    grants_hash: Hash
    sealed: bytes


class Standing:
    """The tables of standing consents and notice keys.

    Parameters
    ----------
    database : Database
    vault : Vault
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    def keep(self, journey: Address, consent: Consent, notice_key: bytes, now: float) -> None:
        """Hold a consent and the notice key durably; the same again changes nothing.

        Parameters
        ----------
        now : float
            Unix seconds.

        Raises
        ------
        ConflictError
            When the journey's standing consents or their grants are too many, or it has another notice key here. The
            consent's signature does not cover the key, so the first one stays: a stranger who learnt a signed consent
            must not redirect the notices.
        """
        with self._database.writing():
            self._keep_notice_key(journey, notice_key)
            if self._places(journey, consent.grants_hash):
                return
            if len(self._places(journey)) >= MAX_STANDING:
                raise ConflictError("the standing consent", f"{MAX_STANDING} of the journey are held already")
            if self._grants(journey) + len(consent.grants) > MAX_GRANTS:
                raise ConflictError(
                    "the standing consent", f"those of the journey may have {MAX_GRANTS} grants together"
                )
            sealed = self._vault.seal(rows_of(consent.grants), _context(journey, consent.grants_hash))
            statement = "INSERT INTO standing (journey, grants_hash, sealed, ungiven_since) VALUES (?, ?, ?, ?)"
            self._database.run(statement, journey, consent.grants_hash, sealed, now)

    def of(self, journey: Address) -> tuple[StandingConsent, ...]:
        """Return a journey's standing consents, newest first."""
        found = (self._opened(one) for one in self.lying(journey))
        return tuple(one for one in found if one is not None)

    def lying(self, journey: Address) -> tuple[LyingConsent, ...]:
        """Return a journey's standing consents as they lie, newest first."""
        query = "SELECT grants_hash, sealed FROM standing WHERE journey = ? ORDER BY place DESC LIMIT ?"
        rows = self._database.rows(query, journey, MAX_STANDING)
        return tuple(LyingConsent(journey, Hash(grants_hash), sealed) for grants_hash, sealed in rows)

    def opened(self, lying: Sequence[LyingConsent]) -> tuple[StandingConsent, ...]:
        """Return the consents opened, after the same work whether there are none or as many as there can be.

        Behind them stands one that was never given, of as many stand-ins as there could be grants more.
        """
        found = [self._opened(one) for one in lying]
        for _ in range(len(lying), MAX_STANDING):
            self._vault.open_stand_in(_STAND_IN, b"")
        held = [one for one in found if one is not None]
        lacking = MAX_GRANTS - sum(len(one.grants) for one in held)
        return (*held, StandingConsent(ZERO_HASH, read_rows(STAND_IN * lacking)))

    def notice_key(self, journey: Address) -> bytes | None:
        """Return where a journey's notices are sealed to; None for a journey that is not known here."""
        rows = self._database.rows("SELECT notice_key FROM notice_keys WHERE journey = ?", journey)
        return bytes(rows[0][0]) if rows else None

    def sealed(self) -> Iterable[bytes]:
        """Return every sealed item."""
        return [sealed for (sealed,) in self._database.rows("SELECT sealed FROM standing")]

    def ungiven(self, before: float) -> tuple[Address, ...]:
        """Return the journeys with consents left before a time that are not known to be given on the chain."""
        rows = self._database.rows("SELECT DISTINCT journey FROM standing WHERE ungiven_since < ?", before)
        return tuple(Address(journey) for (journey,) in rows)

    def settle(self, journey: Address, given: Collection[Hash], before: float) -> None:
        """Note which of a journey's consents were given on the chain; drop those left before a time that were not."""
        query = "SELECT grants_hash, ungiven_since FROM standing WHERE journey = ? AND ungiven_since IS NOT NULL"
        for grants_hash, since in self._database.rows(query, journey):
            if grants_hash in given:
                statement = "UPDATE standing SET ungiven_since = NULL WHERE journey = ? AND grants_hash = ?"
                self._database.run(statement, journey, grants_hash)
            elif since < before:
                self.drop(journey, grants_hash)

    def forget_stranger(self, journey: Address) -> None:
        """Forget the notice key of a journey that the chain does not know and that left nothing else here."""
        if not self._places(journey):
            self._database.run("DELETE FROM notice_keys WHERE journey = ?", journey)

    def drop(self, journey: Address, grants_hash: Hash) -> None:
        """Delete one standing consent."""
        self._drop(self._places(journey, grants_hash))

    def drop_all(self, journey: Address) -> bool:
        """Delete a journey's standing consents; False when it must be repeated (`Vault.forget`)."""
        return self._drop(self._places(journey))

    def _opened(self, lying: LyingConsent) -> StandingConsent | None:
        try:
            item = self._vault.open(lying.sealed, _context(lying.journey, lying.grants_hash))
        except SealingError:  # its key was deleted: it is not held any more
            return None
        return StandingConsent(lying.grants_hash, read_rows(item))

    def _places(self, journey: Address, *grants_hash: Hash) -> list[Row]:
        query = "SELECT place, sealed FROM standing WHERE journey = ?"
        return self._database.rows(query + " AND grants_hash = ?" * len(grants_hash), journey, *grants_hash)

    def _grants(self, journey: Address) -> int:
        sizes = [len(sealed) - _AROUND_ROWS for _, sealed in self._places(journey)]
        return sum(sizes) // ROW_BYTES

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
