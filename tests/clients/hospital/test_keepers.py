"""Whom a hospital asks when the keepers have changed since the record was deposited."""

import asyncio

from hospes.clients.hospital.keepers import Keepers, find_keepers
from hospes.core.identities import Address, MemberId
from hospes.service.chain import ChainReader
from tests.simulators.paper_journey import Journey, begin, deposit_of


def _found(journey: Journey) -> Keepers:
    async def find() -> Keepers:
        reader = ChainReader(journey.chain.node(), journey.chain.genesis)
        return await find_keepers(reader, await reader.journal(journey.account.address, await reader.tip()))

    return asyncio.run(find())


def _change(journey: Journey, *names: str) -> None:
    journey.chain.start_epoch(tuple(journey.accounts[name].address for name in names), len(names))


def _deposit(journey: Journey, record: str) -> None:
    relayer: Address = journey.accounts["keeper-porto"].address
    journey.chain.deposit(relayer, deposit_of(journey, record))


def test_the_first_keepers_are_asked_with_their_threshold() -> None:
    """On a network that never changed them, they are all there is."""
    keepers = _found(begin())
    assert [keeper.id for keeper in keepers.members] == ["keeper-porto", "keeper-bilbao", "keeper-lyon"]
    assert (set(keepers.epochs), keepers.threshold) == ({1}, 2)


def test_keepers_of_old_deposits_are_still_asked() -> None:
    """Every epoch since the first deposit may hold shares, and a keeper of several is asked once."""
    journey = begin()
    _deposit(journey, "old")
    _change(journey, "keeper-porto", "keeper-bilbao", "store-paris")
    _change(journey, "keeper-porto", "keeper-lyon", "store-paris")
    keepers = _found(journey)
    assert set(keepers.epochs) == {1, 2, 3}
    assert [keeper.id for keeper in keepers.members].count(MemberId("keeper-porto")) == 1
    assert {keeper.id for keeper in keepers.members} >= {"keeper-bilbao", "keeper-lyon", "store-paris"}


def test_keepers_before_the_first_deposit_are_not_asked() -> None:
    """One epoch further back suffices: a deposit accepted by it may have been logged after the change."""
    journey = begin()
    for names in (("keeper-porto", "keeper-bilbao"), ("keeper-porto", "keeper-lyon"), ("keeper-lyon", "keeper-bilbao")):
        _change(journey, *names)
    assert set(_found(journey).epochs) == {3, 4}
    _deposit(journey, "new")
    _change(journey, "keeper-porto", "keeper-lyon")
    assert set(_found(journey).epochs) == {3, 4, 5}
