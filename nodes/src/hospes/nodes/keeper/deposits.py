"""Deposits as they lie on disk: each sealed under its own key, and what became of it on the chain.

It does not decide whether a deposit is acceptable (`intake`) or released (`decide`).

Sources: PROTOCOL section 5 ("Deposit, in this order", "dropped after 24 h"), section 8.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hospes.core import wire
from hospes.core.errors import SealingError
from hospes.core.identities import ZERO_HASH, Address, Hash, RecordId
from hospes.core.messages import CLASSES, Deposit, DepositBody, RecordClass
from hospes.nodes.keeper.errors import ConflictError, DepositRefusedError
from hospes.nodes.keeper.held import HeldDeposit
from hospes.nodes.keeper.vault import Vault, stand_in
from hospes.service.database import Database

MAX_WAITING: Final = 64
"""Deposits of one journey that are not known to be logged; ours, so that an access looks through few of them."""
_LOST: Final = -1
"""In place of the class, for a deposit whose key is not here any more."""
UNERASED: Final = (
    "NOT EXISTS (SELECT 1 FROM erased WHERE erased.journey = deposits.journey AND erased.record = deposits.record)"
)
"""That a deposit's journey did not erase its record here (`handed`)."""
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS deposits (
    journey BLOB NOT NULL, record BLOB NOT NULL, digest BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL,
    kind INTEGER NOT NULL, number INTEGER NOT NULL DEFAULT 0, accepted_at INTEGER NOT NULL,
    PRIMARY KEY (journey, record)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deposits_by_number ON deposits (journey, number);
CREATE INDEX IF NOT EXISTS deposits_by_class ON deposits (journey, kind, number);
CREATE INDEX IF NOT EXISTS deposits_unlogged ON deposits (accepted_at) WHERE number = 0;
"""


@dataclass(frozen=True, slots=True)
class _Item:
    deposit: Deposit
    share: bytes


_STAND_IN: Final = stand_in(
    wire.encode(
        _Item(
            Deposit(
                Address(bytes(20)),
                DepositBody(
                    record=RecordId(ZERO_HASH),
                    what=RecordClass.PATIENT_SUMMARY.label,
                    manifest=ZERO_HASH,
                    keeper_epoch=1,
                    threshold=4,
                    share_hashes=(ZERO_HASH,) * 7,
                    key_check=ZERO_HASH,
                    deposited_at=0,
                    salt=ZERO_HASH,
                ),
            ),
            bytes(33),
        )
    ),
    b"",
)
"""Opened in place of a deposit that is not there."""


@dataclass(frozen=True, slots=True)
class LyingDeposit:
    """A deposit as it lies on disk."""

    digest: Hash
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Unlogged:
    """A deposit that was not known to be logged when it was last looked at."""

    journey: Address
    digest: Hash
    accepted_at: int


class Deposits:
    """The table of deposits.

    Parameters
    ----------
    database : Database
    vault : Vault
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    def keep(self, held: HeldDeposit, now: float) -> None:
        """Hold a deposit durably; the same one again only begins anew to wait for its entry.

        Parameters
        ----------
        now : float
            Unix seconds.

        Raises
        ------
        ConflictError
            When the journey has another deposit of the record here. Other journeys' do not matter: whoever learns a
            record's id must not be able to take its place.
        DepositRefusedError
            When too many of the journey's deposits wait for their entries.
        """
        body, journey = held.deposit.body, held.deposit.journey
        with self._database.writing():
            rows = self._database.rows(
                "SELECT digest, sealed FROM deposits WHERE journey = ? AND record = ?", journey, body.record
            )
            if rows and rows[0][0] != held.digest:
                raise ConflictError("the deposit", "another deposit of the same record is held")
            if rows and self.opened(LyingDeposit(held.digest, rows[0][1])) is not None:
                # Whoever accepts it again, just before it is dropped, promises as much as the first time.
                renewed = "UPDATE deposits SET accepted_at = max(accepted_at, ?) WHERE digest = ? AND number = 0"
                self._database.run(renewed, int(now), held.digest)
                return
            if len(self.waiting(journey)) >= MAX_WAITING:
                raise DepositRefusedError("journey", f"{MAX_WAITING} of its deposits wait for their entries in the log")
            # A row whose key is lost is replaced, so that a wallet can repair what a broken disk took.
            sealed = self._vault.seal(wire.encode(_Item(held.deposit, held.share)), _context(held.digest))
            values = (journey, body.record, held.digest, sealed, CLASSES[body.what], int(now))
            statement = "INSERT OR REPLACE INTO deposits (journey, record, digest, sealed, kind, accepted_at) "
            self._database.run(statement + "VALUES (?, ?, ?, ?, ?, ?)", *values)

    def of(self, journey: Address) -> tuple[HeldDeposit, ...]:
        """Return a journey's deposits; one whose key was deleted is not held any more."""
        rows = self._database.rows("SELECT digest, sealed FROM deposits WHERE journey = ?", journey)
        opened = (self.opened(LyingDeposit(Hash(digest), sealed)) for digest, sealed in rows)
        return tuple(held for held in opened if held is not None)

    def opened(self, lying: LyingDeposit) -> HeldDeposit | None:
        """Return a deposit opened; None when its key was deleted, so that it is not held any more."""
        try:
            item = wire.decode(_Item, self._vault.open(lying.sealed, _context(lying.digest)))
        except SealingError:
            return None
        return HeldDeposit(lying.digest, item.deposit, item.share)

    def open_stand_in(self) -> None:
        """Do what `opened` does, with nothing to show for it."""
        wire.decode(_Item, self._vault.open_stand_in(_STAND_IN, b""))

    def set_lost_aside(self) -> None:
        """Let deposits whose keys are not here, as after a restored backup, stand in the way of no others."""
        rows = self._database.rows("SELECT digest, sealed FROM deposits WHERE kind >= 0")
        for digest in [digest for digest, sealed in rows if not self._vault.has_key(sealed)]:
            self._database.run("UPDATE deposits SET kind = ? WHERE digest = ?", _LOST, digest)

    def sealed(self) -> Iterable[bytes]:
        """Return every sealed item."""
        return [sealed for (sealed,) in self._database.rows("SELECT sealed FROM deposits")]

    def unlogged(self, before: float) -> tuple[Unlogged, ...]:
        """Return the deposits accepted before a time that are not known to be logged.

        Without those that their journeys erased: these are deleted as erased ones are, so that it is known for good.
        """
        query = f"SELECT journey, digest, accepted_at FROM deposits WHERE number = 0 AND accepted_at < ? AND {UNERASED}"  # noqa: S608
        return tuple(Unlogged(*row) for row in self._database.rows(query, int(before)))

    def waiting(self, journey: Address) -> tuple[Hash, ...]:
        """Return a journey's deposits that are not known to be logged."""
        rows = self._database.rows("SELECT digest FROM deposits WHERE journey = ? AND number = 0", journey)
        return tuple(Hash(digest) for (digest,) in rows)

    def any_of(self, journey: Address) -> bool:
        """Return whether a journey has a deposit here."""
        return bool(self._database.rows("SELECT 1 FROM deposits WHERE journey = ? LIMIT 1", journey))

    def mark_logged(self, digest: Hash, number: int) -> None:
        """Note that a deposit stands in the log, as entry `number`."""
        self._database.run("UPDATE deposits SET number = ? WHERE digest = ?", number, digest)

    def drop(self, digest: Hash, before: float) -> None:
        """Delete a deposit that was never logged, unless it was accepted again since a time."""
        with self._database.writing():
            query = "SELECT sealed FROM deposits WHERE digest = ? AND number = 0 AND accepted_at < ?"
            rows = self._database.rows(query, digest, before)
            if rows:
                self._vault.forget(sealed for (sealed,) in rows)
                self._database.run("DELETE FROM deposits WHERE digest = ?", digest)

    def records_held(self, journey: Address, records: Iterable[RecordId]) -> tuple[RecordId, ...]:
        """Return which of these records of a journey have a deposit here, sorted."""
        held = self._database.rows("SELECT record FROM deposits WHERE journey = ?", journey)
        return tuple(sorted({RecordId(record) for (record,) in held} & set(records)))

    def destroy_keys(self, journey: Address, records: Iterable[RecordId]) -> bool:
        """Delete the keys of these records' deposits; False when it must be repeated (`Vault.forget`)."""
        query = "SELECT sealed FROM deposits WHERE journey = ? AND record = ?"
        found = [self._database.rows(query, journey, record) for record in records]
        return self._vault.forget(sealed for rows in found for (sealed,) in rows)

    def delete(self, journey: Address, records: Iterable[RecordId]) -> None:
        """Delete the rows of these records' deposits."""
        for record in records:
            self._database.run("DELETE FROM deposits WHERE journey = ? AND record = ?", journey, record)


def _context(digest: Hash) -> bytes:
    return b"hospes keeper deposit" + digest
