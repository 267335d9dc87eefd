"""Deposits as they lie on disk: each sealed under its own key, and what became of it on the chain.

It does not decide whether a deposit is acceptable (`intake`) or released (`decide`).

Sources: PROTOCOL section 5 ("Deposit, in this order", "dropped after 24 h"), section 8.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hospes.core import wire
from hospes.core.errors import SealingError
from hospes.core.identities import Address, Hash, RecordId
from hospes.core.messages import Deposit
from hospes.nodes.keeper.database import Database
from hospes.nodes.keeper.errors import ConflictError
from hospes.nodes.keeper.held import HeldDeposit
from hospes.nodes.keeper.vault import Vault

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS deposits (
    journey BLOB NOT NULL, record BLOB NOT NULL, digest BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL,
    accepted_at INTEGER NOT NULL, logged INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (journey, record)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class _Item:
    deposit: Deposit
    share: bytes


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
        """Hold a deposit durably; the same one again changes nothing.

        Parameters
        ----------
        now : float
            Unix seconds.

        Raises
        ------
        ConflictError
            When the journey has another deposit of the record here. Other journeys' do not matter: whoever learns a
            record's id must not be able to take its place.
        """
        body, journey = held.deposit.body, held.deposit.journey
        with self._database.writing():
            rows = self._database.rows(
                "SELECT digest, sealed FROM deposits WHERE journey = ? AND record = ?", journey, body.record
            )
            if rows and rows[0][0] != held.digest:
                raise ConflictError("the deposit", "another deposit of the same record is held")
            if rows and self._opened(held.digest, rows[0][1]) is not None:
                return
            # A row whose key is lost is replaced, so that a wallet can repair what a broken disk took.
            sealed = self._vault.seal(wire.encode(_Item(held.deposit, held.share)), _context(held.digest))
            values = (journey, body.record, held.digest, sealed, int(now))
            statement = "INSERT OR REPLACE INTO deposits (journey, record, digest, sealed, accepted_at) "
            self._database.run(statement + "VALUES (?, ?, ?, ?, ?)", *values)

    def of(self, journey: Address) -> tuple[HeldDeposit, ...]:
        """Return a journey's deposits; one whose key was deleted is not held any more."""
        rows = self._database.rows("SELECT digest, sealed FROM deposits WHERE journey = ?", journey)
        opened = (self._opened(Hash(digest), sealed) for digest, sealed in rows)
        return tuple(held for held in opened if held is not None)

    def sealed(self) -> Iterable[bytes]:
        """Return every sealed item."""
        return [sealed for (sealed,) in self._database.rows("SELECT sealed FROM deposits")]

    def unlogged(self, before: float) -> tuple[Unlogged, ...]:
        """Return the deposits accepted before a time that are not known to be logged."""
        query = "SELECT journey, digest, accepted_at FROM deposits WHERE logged = 0 AND accepted_at < ?"
        return tuple(Unlogged(*row) for row in self._database.rows(query, int(before)))

    def mark_logged(self, digest: Hash) -> None:
        """Note that a deposit stands in the log."""
        self._database.run("UPDATE deposits SET logged = 1 WHERE digest = ?", digest)

    def drop(self, digest: Hash) -> None:
        """Delete a deposit that was never logged."""
        rows = self._database.rows("SELECT sealed FROM deposits WHERE digest = ?", digest)
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

    def _opened(self, digest: Hash, sealed: bytes) -> HeldDeposit | None:
        try:
            item = wire.decode(_Item, self._vault.open(sealed, _context(digest)))
        except SealingError:
            return None
        return HeldDeposit(digest, item.deposit, item.share)


def _context(digest: Hash) -> bytes:
    return b"hospes keeper deposit" + digest
