"""Deleting what is due: erased shares, deposits that were never logged, notices past their retention.

It is the only place that deletes by time. Running it twice, or being killed half way, does no harm.

Sources: PROTOCOL section 5 ("dropped after 24 h"), section 6 ("for the retention period"), section 8 ("after a grace
period").
"""

import asyncio
from typing import Final

from hospes.nodes.keeper.configuration import DAY_S
from hospes.nodes.keeper.deposits import Unlogged
from hospes.nodes.keeper.parts import KeeperParts
from hospes.nodes.keeper.slots import numbers_of
from hospes.nodes.keeper.unheard import Unheard

UNLOGGED_S: Final = DAY_S
"""How long a deposit may stand without its entry (PROTOCOL section 5)."""


class Sweep:
    """One keeper's broom.

    Parameters
    ----------
    parts : KeeperParts
    retention_s : float
        For which notices are kept.
    """

    def __init__(self, parts: KeeperParts, retention_s: float) -> None:
        self._parts, self._holdings, self._clock = parts, parts.holdings, parts.clock
        self._retention_s = retention_s
        self._unheard = Unheard(parts)

    async def run(self) -> None:
        """Delete everything that is due.

        Raises
        ------
        ProofError, NodeError, UnreachableError
            When the chain cannot be read; what does not depend on it is deleted all the same.
        """
        await asyncio.to_thread(self.destroy_erased)
        await asyncio.to_thread(self._destroy_notices)
        await self._drop_unlogged()
        await self._unheard.drop()

    def destroy_erased(self) -> None:
        """Delete the shares of erasures whose grace period is over."""
        now = self._clock()
        for erasure in self._holdings.handed.due(now):
            self._holdings.destroy(erasure, now)

    def _destroy_notices(self) -> None:
        before = self._clock() - self._retention_s
        self._holdings.notices.destroy(before)
        self._holdings.break_glass.destroy(before)

    async def _drop_unlogged(self) -> None:
        for deposit in await asyncio.to_thread(self._holdings.deposits.unlogged, self._clock() - UNLOGGED_S):
            await self._settle(deposit)

    async def _settle(self, deposit: Unlogged) -> None:
        """Keep a deposit that stands in the log; drop it once the chain itself is a day past it.

        A ledger that stood still for a day has not refused anything, so the clock alone drops nothing.
        """
        journal = await self._parts.latest_journal(deposit.journey)
        number = numbers_of(journal).get(deposit.digest)
        if number is not None:
            await asyncio.to_thread(self._holdings.deposits.mark_logged, deposit.digest, number)
        else:
            await asyncio.to_thread(self._holdings.deposits.drop, deposit.digest, journal.header.time - UNLOGGED_S)
