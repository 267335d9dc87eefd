"""Newcomers: journeys that put more here than the deposits allow that they logged, and for how long they may.

Anybody can make a journey and sign for its blocks, so without an end strangers would fill the store. A deposit's entry
in the log costs something, and a wallet writes it soon after the blocks. It reads the log by `Journals`, proven. What a
deposit is of it cannot tell: the manifest is sealed, so each one lets a journey keep as much as the largest record has.

Sources: PROTOCOL section 5 ("Deposit, in this order", "A deposit that was never logged is dropped after 24 h").
"""

import asyncio
from typing import Final, Protocol

from hospes.core.chain import EntryKind
from hospes.core.identities import Address
from hospes.core.proof import FinalHeader, Journal
from hospes.nodes.store.blocks import BlockStore

UNLOGGED_S: Final = 24 * 3600
"""How long blocks may lie here without any deposit of their journey in the log (PROTOCOL section 5)."""


class Journals(Protocol):
    """What is needed of the chain; `service.chain.ChainReader` has it."""

    async def tip(self) -> FinalHeader:
        """Return the latest final block."""
        ...

    async def journal(self, journey: Address, at: FinalHeader) -> Journal:
        """Return a journey's complete log at a final block, proven."""
        ...


async def drop_newcomers(blocks: BlockStore, journals: Journals, now: int) -> None:
    """Acknowledge the newcomers that logged a deposit; drop what had a day for it, by the chain's own time.

    A ledger that stood still for a day has not refused anything, so this clock alone drops nothing.

    Raises
    ------
    ProofError, NodeError, UnreachableError
        When the chain cannot be read.
    StoreFailedError
    """
    newcomers = await asyncio.to_thread(blocks.newcomers, now)
    if not newcomers:
        return
    tip = await journals.tip()
    for one in newcomers:
        logged = (await journals.journal(one.journey, tip)).of_kind(EntryKind.DEPOSITED)
        deposits = len({entry.entry_hash for entry in logged})
        if deposits > one.deposits:
            await asyncio.to_thread(blocks.acknowledge, one.journey, deposits)
        elif min(now, tip.time) - one.since > UNLOGGED_S:
            await asyncio.to_thread(blocks.drop, one.journey)
