"""What was handed to this keeper and the chain never heard of: dropped, or strangers would fill the disk with it.

A consent that was never given covers nothing. A withdrawal, ending or erasure is honoured at once, but of a journey of
which nothing lies here there is nothing to stop; it is kept for some time nevertheless, in case the journey's deposits
reach this keeper late. It is never dropped of a journey that the chain knows, by whatever entry, nor of one of which an
erasure deleted something here: requests do not grow old, and whoever kept the one that brought an erased deposit, or
gave a withdrawn consent, could bring it again.

Sources: PROTOCOL section 5 ("the blocks, the deposits, the entry, then the standing grants"), sections 6 and 8;
ARCHITECTURE section 5, rules 3 and 6.
"""

import asyncio
from typing import Final

from hospes.core.chain import EntryKind
from hospes.core.proof import Journal
from hospes.nodes.keeper.configuration import DAY_S
from hospes.nodes.keeper.parts import KeeperParts

UNGIVEN_S: Final = DAY_S
"""How long a standing consent may lie here without being given on the chain."""
UNHEARD_S: Final = 7 * DAY_S
"""How long a withdrawal, ending or erasure of a journey that is not known here waits for the chain; ours, longer than
any wallet tries to relay it and any first entry takes."""


class Unheard:
    """Drops what the chain never heard of.

    Parameters
    ----------
    parts : KeeperParts
    """

    def __init__(self, parts: KeeperParts) -> None:
        self._parts, self._holdings, self._clock = parts, parts.holdings, parts.clock

    async def drop(self) -> None:
        """Drop what is due, by the keeper's clock and the chain's: a chain that stands still has refused nothing.

        Raises
        ------
        ProofError, NodeError, UnreachableError
        """
        now = self._clock()
        ungiven = await asyncio.to_thread(self._holdings.standing.ungiven, now - UNGIVEN_S)
        unheard = await asyncio.to_thread(self._holdings.unheard, now - UNHEARD_S)
        for journey in ungiven:
            await asyncio.to_thread(self._settle_consents, await self._parts.latest_journal(journey))
        for journey in unheard:
            await asyncio.to_thread(self._settle_handed, await self._parts.latest_journal(journey))

    def _settle_consents(self, journal: Journal) -> None:
        given = {entry.entry_hash for entry in journal.of_kind(EntryKind.GIVEN)}
        with self._holdings.database.writing():
            self._holdings.standing.settle(journal.journey, given, journal.header.time - UNGIVEN_S)
            if not journal.entries:
                self._holdings.standing.forget_stranger(journal.journey)

    def _settle_handed(self, journal: Journal) -> None:
        handed = self._holdings.handed
        with self._holdings.database.writing():
            if journal.entries or handed.ended_something(journal.journey):
                handed.keep_for_good(journal.journey)
            else:
                handed.drop(journal.journey, journal.header.time - UNHEARD_S)
