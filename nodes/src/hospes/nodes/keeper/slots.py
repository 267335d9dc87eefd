"""The deposits that one access can use, read with the same work whatever is held.

It decides nothing: it reads the newest eight of each requested class that stand in the journey's log and were not
erased here, which is all that step 6 can release. Empty places are filled with stand-ins that are looked up and opened
like deposits, so that the time of an answer does not tell what lies here.

Sources: PROTOCOL section 6, step 6; ARCHITECTURE section 5, rule 4.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from hospes.core.chain import EntryKind
from hospes.core.identities import ZERO_HASH, Address, Hash
from hospes.core.messages import CLASSES
from hospes.core.proof import Journal
from hospes.nodes.keeper.decide import DEPOSITS_A_CLASS
from hospes.nodes.keeper.deposits import MAX_WAITING, UNERASED, Deposits, LyingDeposit
from hospes.nodes.keeper.held import HeldDeposit
from hospes.service.database import Database

_NEWEST: Final = (
    "SELECT digest FROM deposits WHERE journey = ? AND kind = ? AND number > 0 "  # noqa: S608  (no value stands in it)
    f"AND {UNERASED} ORDER BY number DESC LIMIT ?"
)
_WAITING: Final = (
    "SELECT digest, kind FROM deposits WHERE journey = ? AND number = 0 AND kind >= 0 "  # noqa: S608  (as above)
    f"AND {UNERASED} LIMIT ?"
)
_OLDEST: Final = "SELECT digest FROM deposits WHERE journey = ? AND number > 0 AND kind >= 0 ORDER BY number LIMIT 1"


@dataclass(frozen=True, slots=True)
class Slots:
    """What was read for one access, still sealed.

    Attributes
    ----------
    lying : tuple of LyingDeposit or None
        Eight for each requested class; None for an empty place.
    oldest : frozenset of Hash
        Digests of deposits that are held besides, the oldest among them (`Held.oldest`).
    """

    lying: tuple[LyingDeposit | None, ...]
    oldest: frozenset[Hash]


def numbers_of(journal: Journal) -> dict[Hash, int]:
    """Return the numbers of the entries of a journey's deposits, by digest."""
    return {entry.entry_hash: entry.number for entry in journal.of_kind(EntryKind.DEPOSITED)}


def read_slots(database: Database, journey: Address, classes: Iterable[str], numbers: Mapping[Hash, int]) -> Slots:
    """Read the deposits that an access can use.

    Parameters
    ----------
    database : Database
        With the tables of deposits and of erased records.
    classes : iterable of str
        That are asked for.
    numbers : mapping of Hash to int
        Of the verified journal, see `numbers_of`.
    """
    # Those whose entry was final when the chain was last looked at for them have its number; the others are few.
    waiting = [row for row in database.rows(_WAITING, journey, MAX_WAITING) if row[0] in numbers]
    places: list[Hash] = []
    for kind in sorted(CLASSES[what] for what in classes):
        logged = [digest for (digest,) in database.rows(_NEWEST, journey, kind, DEPOSITS_A_CLASS) if digest in numbers]
        candidates = {*logged, *(digest for digest, its_kind in waiting if its_kind == kind)}
        newest = sorted(candidates, key=numbers.__getitem__, reverse=True)[:DEPOSITS_A_CLASS]
        places += [*newest, *[ZERO_HASH] * (DEPOSITS_A_CLASS - len(newest))]
    oldest = {digest for (digest,) in database.rows(_OLDEST, journey)} | {digest for digest, _ in waiting}
    return Slots(tuple(_read(database, digest) for digest in places), frozenset(oldest))


def open_slots(deposits: Deposits, slots: Slots) -> tuple[HeldDeposit, ...]:
    """Return the deposits opened; an empty place costs what a filled one does."""
    found: list[HeldDeposit | None] = []
    for lying in slots.lying:
        if lying is None:
            deposits.open_stand_in()
        else:
            found.append(deposits.opened(lying))
    return tuple(one for one in found if one is not None)


def _read(database: Database, digest: Hash) -> LyingDeposit | None:
    rows = database.rows("SELECT sealed FROM deposits WHERE digest = ?", digest)
    return LyingDeposit(digest, rows[0][0]) if rows else None
