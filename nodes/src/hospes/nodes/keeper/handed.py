"""Withdrawals, endings and erasures that were handed to this keeper directly: durable before the reply.

It checks no signature (`relaying`) and stops nothing by itself: `decide` looks at it.

Sources: PROTOCOL section 6 ("handed directly to a keeper is durable and honoured before the reply"), section 8.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hospes.core.identities import Address, Hash, RecordId
from hospes.service.database import Database

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS withdrawals (
    journey BLOB NOT NULL, grants_hash BLOB NOT NULL, unheard_since REAL,
    PRIMARY KEY (journey, grants_hash)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS endings (
    journey BLOB PRIMARY KEY, through BLOB NOT NULL, unheard_since REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS erasures (
    journey BLOB NOT NULL, erasure_hash BLOB NOT NULL, due_at REAL NOT NULL, deleted BLOB, deleted_at INTEGER,
    unheard_since REAL,
    PRIMARY KEY (journey, erasure_hash)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS erased (
    journey BLOB NOT NULL, record BLOB NOT NULL, erasure_hash BLOB NOT NULL,
    PRIMARY KEY (journey, record, erasure_hash)) WITHOUT ROWID;
"""
_RECORD_BYTES: Final = 32
_TABLES: Final = ("withdrawals", "endings", "erasures")


@dataclass(frozen=True, slots=True)
class HandedErasure:
    """An erasure that was handed to this keeper.

    An `Erasure` does not name its journey, so the same words signed by another journey are another erasure.

    Attributes
    ----------
    journey : Address
    erasure_hash : Hash
    records : tuple of RecordId
        That it names.
    due_at : float
        When the grace period ends, Unix seconds.
    deleted : tuple of RecordId, or None
        The records of which something was held and is deleted; None while the grace period runs.
    deleted_at : int
        Unix seconds; 0 before.
    """

    journey: Address
    erasure_hash: Hash
    records: tuple[RecordId, ...]
    due_at: float
    deleted: tuple[RecordId, ...] | None
    deleted_at: int


class Handed:
    """The tables of what was handed over.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def withdraw(self, journey: Address, grants_hash: Hash, now: float) -> None:
        """Note a withdrawal."""
        self._database.run("INSERT OR IGNORE INTO withdrawals VALUES (?, ?, ?)", journey, grants_hash, now)

    def end(self, journey: Address, through: int, now: float) -> None:
        """Note an ending; a smaller one than before changes nothing."""
        # Eight bytes, since SQLite's numbers end at 2**63 and the traveller's brake is the largest uint64.
        statement = (
            "INSERT INTO endings VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET through = max(through, excluded.through)"
        )
        self._database.run(statement, journey, through.to_bytes(8), now)

    def erase(
        self, journey: Address, erasure_hash: Hash, records: Iterable[RecordId], due_at: float, now: float
    ) -> None:
        """Note an erasure; the same one again does not move its time."""
        with self._database.writing():
            columns = "journey, erasure_hash, due_at, unheard_since"
            statement = f"INSERT OR IGNORE INTO erasures ({columns}) VALUES (?, ?, ?, ?)"  # noqa: S608  (names)
            self._database.run(statement, journey, erasure_hash, due_at, now)
            for record in records:
                self._database.run("INSERT OR IGNORE INTO erased VALUES (?, ?, ?)", journey, record, erasure_hash)

    def withdrawn(self, journey: Address) -> frozenset[Hash]:
        """Return the consents that a journey withdrew here."""
        rows = self._database.rows("SELECT grants_hash FROM withdrawals WHERE journey = ?", journey)
        return frozenset(Hash(grants_hash) for (grants_hash,) in rows)

    def through(self, journey: Address) -> int:
        """Return the block up to which a journey ended its consents here; 0 for none."""
        rows = self._database.rows("SELECT through FROM endings WHERE journey = ?", journey)
        return int.from_bytes(rows[0][0]) if rows else 0

    def erasures(self, journey: Address) -> frozenset[Hash]:
        """Return the erasures that a journey handed over."""
        rows = self._database.rows("SELECT erasure_hash FROM erasures WHERE journey = ?", journey)
        return frozenset(Hash(erasure_hash) for (erasure_hash,) in rows)

    def erased(self, journey: Address) -> frozenset[RecordId]:
        """Return the records that a journey erased here."""
        rows = self._database.rows("SELECT record FROM erased WHERE journey = ?", journey)
        return frozenset(RecordId(record) for (record,) in rows)

    def erasure(self, journey: Address, erasure_hash: Hash) -> HandedErasure | None:
        """Return one erasure, or None when the journey did not hand it over."""
        found = self._found("journey = ? AND erasure_hash = ?", journey, erasure_hash)
        return found[0] if found else None

    def due(self, now: float) -> tuple[HandedErasure, ...]:
        """Return the erasures whose grace period is over and whose shares are not deleted."""
        return self._found("deleted IS NULL AND due_at <= ?", now)

    def conclude(self, erasure: HandedErasure, deleted: Iterable[RecordId], now: float) -> None:
        """Note that the shares of an erasure are deleted."""
        statement = "UPDATE erasures SET deleted = ?, deleted_at = ? WHERE journey = ? AND erasure_hash = ?"
        self._database.run(statement, b"".join(deleted), int(now), erasure.journey, erasure.erasure_hash)

    def unheard(self, before: float) -> tuple[Address, ...]:
        """Return the journeys that handed something over before a time that is not kept for good."""
        query = " UNION ".join(f"SELECT journey FROM {table} WHERE unheard_since < ?" for table in _TABLES)  # noqa: S608
        return tuple(Address(journey) for (journey,) in self._database.rows(query, *[before] * len(_TABLES)))

    def keep_for_good(self, journey: Address) -> None:
        """Note that what a journey handed over is never dropped."""
        with self._database.writing():
            for table in _TABLES:
                self._database.run(f"UPDATE {table} SET unheard_since = NULL WHERE journey = ?", journey)  # noqa: S608

    def drop(self, journey: Address, before: float) -> None:
        """Drop what a journey handed over before a time, unless it is kept for good."""
        with self._database.writing():
            for table in _TABLES:
                self._database.run(f"DELETE FROM {table} WHERE journey = ? AND unheard_since < ?", journey, before)  # noqa: S608
            orphans = "(SELECT erasure_hash FROM erasures WHERE erasures.journey = erased.journey)"
            statement = f"DELETE FROM erased WHERE journey = ? AND erasure_hash NOT IN {orphans}"  # noqa: S608  (names)
            self._database.run(statement, journey)

    def ended_something(self, journey: Address) -> bool:
        """Return whether shares were deleted by an erasure of a journey's, or still are to be."""
        query = "SELECT 1 FROM erasures WHERE journey = ? AND (deleted IS NULL OR length(deleted) > 0) LIMIT 1"
        return bool(self._database.rows(query, journey))

    def _found(self, condition: str, *values: object) -> tuple[HandedErasure, ...]:
        query = f"SELECT journey, erasure_hash, due_at, deleted, deleted_at FROM erasures WHERE {condition}"  # noqa: S608
        return tuple(
            HandedErasure(
                journey=Address(journey),
                erasure_hash=Hash(name),
                records=self._records(journey, name),
                due_at=due_at,
                deleted=_split(deleted),
                deleted_at=deleted_at or 0,
            )
            for journey, name, due_at, deleted, deleted_at in self._database.rows(query, *values)
        )

    def _records(self, journey: bytes, erasure_hash: bytes) -> tuple[RecordId, ...]:
        query = "SELECT record FROM erased WHERE journey = ? AND erasure_hash = ? ORDER BY record"
        return tuple(RecordId(record) for (record,) in self._database.rows(query, journey, erasure_hash))


def _split(records: bytes | None) -> tuple[RecordId, ...] | None:
    if records is None:
        return None
    return tuple(RecordId(records[i : i + _RECORD_BYTES]) for i in range(0, len(records), _RECORD_BYTES))
