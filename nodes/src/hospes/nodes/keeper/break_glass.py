"""The watch over break-glass: it refuses nobody, but a member that breaks the glass too often is named.

It does not decide any access. What it counts are entries, each once, however often they are shown.

Sources: PROTOCOL section 6 ("above 20 an hour by one member a keeper raises an alarm that names it and marks the
entries for review").
"""

from dataclasses import dataclass
from typing import Final

from hospes.core.chain import Entry
from hospes.core.identities import Address, MemberId
from hospes.service.database import Database

BREAK_GLASS_AN_HOUR: Final = 20
HOUR_S: Final = 3600
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS break_glass (
    journey BLOB NOT NULL, number BLOB NOT NULL, member TEXT NOT NULL, time INTEGER NOT NULL,
    review INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (journey, number)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS break_glass_by_member ON break_glass (member, time);
"""


@dataclass(frozen=True, slots=True)
class BreakGlassReview:
    """One break-glass entry that somebody should look at."""

    member: MemberId
    journey: Address
    number: int
    time: int


class BreakGlassWatch:
    """The table of break-glass entries.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, member: MemberId, entry: Entry) -> int:
        """Count a break-glass entry, and mark the hour for review when it is one too many.

        Returns
        -------
        int
            How many the member has in the hour before the entry, itself included; 0 for one that was noted before.
        """
        with self._database.writing():
            key = (entry.journey, entry.number.to_bytes(8))
            if self._database.rows("SELECT 1 FROM break_glass WHERE journey = ? AND number = ?", *key):
                return 0
            statement = "INSERT INTO break_glass (journey, number, member, time) VALUES (?, ?, ?, ?)"
            self._database.run(statement, *key, member, entry.time)
            return self._count(member, entry.time)

    def reviews(self) -> tuple[BreakGlassReview, ...]:
        """Return the entries marked for review, oldest first."""
        query = "SELECT member, journey, number, time FROM break_glass WHERE review = 1 ORDER BY time, journey, number"
        return tuple(
            BreakGlassReview(MemberId(member), Address(journey), int.from_bytes(number), time)
            for member, journey, number, time in self._database.rows(query)
        )

    def destroy(self, before: float) -> None:
        """Forget the entries from before a time."""
        self._database.run("DELETE FROM break_glass WHERE time < ?", int(before))

    def _count(self, member: MemberId, time: int) -> int:
        hour = "member = ? AND time > ? AND time <= ?"
        span = (member, time - HOUR_S, time)
        count = int(self._database.rows(f"SELECT count(*) FROM break_glass WHERE {hour}", *span)[0][0])  # noqa: S608
        if count > BREAK_GLASS_AN_HOUR:
            self._database.run(f"UPDATE break_glass SET review = 1 WHERE {hour}", *span)  # noqa: S608
        return count
