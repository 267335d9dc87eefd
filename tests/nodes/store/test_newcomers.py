"""Who puts blocks and never logs a deposit has them dropped after a day; everybody else's stay."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hospes.core.chain import Entry, EntryKind
from hospes.core.content_ids import digest_of
from hospes.core.identities import Address, Hash
from hospes.core.proof import FinalHeader, Header, Journal
from hospes.nodes.store.blocks import BlockStore, Newcomer, Room, SqliteBlocks
from hospes.nodes.store.errors import BlockMissingError
from hospes.nodes.store.newcomers import UNLOGGED_S, drop_newcomers

ANNA, BERT = Address(b"A" * 20), Address(b"B" * 20)
ZERO = Hash(bytes(32))
NOW = 1_000_000


@dataclass
class Chain:
    """A chain at some time, on which Anna logged a deposit, and Bert an access."""

    time: int = NOW

    async def tip(self) -> FinalHeader:
        """Return its latest block."""
        return FinalHeader(Header(10, self.time, ZERO, ZERO, ZERO, b""), b"", 1)

    async def journal(self, journey: Address, at: FinalHeader) -> Journal:
        """Return a log of one entry."""
        kind = EntryKind.DEPOSITED if journey == ANNA else EntryKind.ACCESS
        return Journal(journey, at, ZERO, (Entry(journey, 1, kind, BERT, ZERO, 1, NOW),))


def _put(blocks: BlockStore, journey: Address) -> Hash:
    digest = digest_of(journey)
    blocks.put(journey, digest, journey)
    return digest


def _sweep(blocks: BlockStore, chain: Chain, now: int) -> None:
    asyncio.run(drop_newcomers(blocks, chain, now))


def test_blocks_of_a_journey_that_logged_no_deposit_are_dropped_after_a_day(blocks: BlockStore) -> None:
    """Not before, and never those of a journey that did, which is no newcomer from the next round on."""
    annas, berts = _put(blocks, ANNA), _put(blocks, BERT)
    _sweep(blocks, Chain(), NOW)
    assert blocks.newcomers(NOW + 1) == (Newcomer(BERT, NOW),)
    _sweep(blocks, Chain(NOW + UNLOGGED_S), NOW + UNLOGGED_S)
    assert blocks.get(berts) == BERT
    later = NOW + UNLOGGED_S + 1
    _sweep(blocks, Chain(later), later)
    assert blocks.get(annas) == ANNA
    with pytest.raises(BlockMissingError):
        blocks.get(berts)
    assert blocks.newcomers(later) == ()
    blocks.drop(ANNA)
    assert blocks.get(annas) == ANNA
    _put(blocks, BERT)  # the wallet may begin again
    assert blocks.newcomers(later) == (Newcomer(BERT, later),)


def test_one_deposit_logged_twice_counts_once(tmp_path: Path) -> None:
    """What a journey may keep follows the number of different deposits in its log, and the rest goes after a day."""

    class Repeating(Chain):
        async def journal(self, journey: Address, at: FinalHeader) -> Journal:
            entries = (Entry(journey, number, EntryKind.DEPOSITED, BERT, ZERO, 1, NOW) for number in (1, 2))
            return Journal(journey, at, ZERO, tuple(entries))

    store = SqliteBlocks(tmp_path / "blocks.db", Room(deposit=20))
    kept = _put(store, ANNA)
    _sweep(store, Repeating(), NOW)
    surplus = digest_of(BERT)
    store.put(ANNA, surplus, BERT)
    _sweep(store, Repeating(), NOW)
    assert store.newcomers(NOW) == (Newcomer(ANNA, NOW, 1),)
    later = NOW + UNLOGGED_S + 1
    _sweep(store, Repeating(later), later)
    assert store.get(kept) == ANNA
    with pytest.raises(BlockMissingError):
        store.get(surplus)
    store.close()


def test_a_chain_that_stands_still_drops_nothing(blocks: BlockStore) -> None:
    """As long as no block is a day younger than the newcomer, it may still log its deposit."""
    berts, chain = _put(blocks, BERT), Chain()
    for now in (NOW, NOW + 10 * UNLOGGED_S):
        _sweep(blocks, replace(chain), now)
    assert blocks.get(berts) == BERT
