"""Notices: each access that this keeper was shown, sealed so that only the traveller can read it.

It seals nothing itself (`answer`), and cannot read what it keeps.

Sources: PROTOCOL section 6 ("The keeper keeps each `Access` it was shown [...] for the retention period").
"""

from dataclasses import dataclass
from typing import Final

from hospes.core.bodies import SealedNotice
from hospes.core.identities import Address, Hash
from hospes.service.database import Database

MAX_NOTICES: Final = 1024
"""Of one reply, so that it stays far below what a client reads. The wallet asks again from the last number it got."""
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS notices (
    journey BLOB NOT NULL, number BLOB NOT NULL, mark BLOB NOT NULL, box BLOB NOT NULL, kept_at INTEGER NOT NULL,
    PRIMARY KEY (journey, number, mark)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS notices_by_time ON notices (kept_at);
"""


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """A notice to be kept.

    Attributes
    ----------
    journey : Address
    number : int
        Of the entry.
    mark : Hash
        Equal for equal answers to the same access, so that asking again leaves one notice, and asking after the
        traveller changed something leaves another. It tells nothing to who does not know the access.
    box : bytes
        The sealed notice.
    """

    journey: Address
    number: int
    mark: Hash
    box: bytes


class Notices:
    """The table of notices.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, notice: KeptNotice, now: float) -> None:
        """Keep a notice durably; the same one again changes nothing."""
        values = (notice.journey, notice.number.to_bytes(8), notice.mark, notice.box, int(now))
        self._database.run("INSERT OR IGNORE INTO notices VALUES (?, ?, ?, ?, ?)", *values)

    def of(self, journey: Address, first: int) -> tuple[SealedNotice, ...]:
        """Return a journey's notices from entry `first` on, in order, at most `MAX_NOTICES`."""
        query = "SELECT number, box FROM notices WHERE journey = ? AND number >= ? ORDER BY number, kept_at LIMIT ?"
        rows = self._database.rows(query, journey, first.to_bytes(8), MAX_NOTICES)
        return tuple(SealedNotice(int.from_bytes(number), bytes(box)) for number, box in rows)

    def destroy(self, before: float) -> None:
        """Destroy the notices that were kept before a time."""
        self._database.run("DELETE FROM notices WHERE kept_at < ?", int(before))
