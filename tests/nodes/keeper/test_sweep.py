"""Deleting by time: only what is due, and what the chain says was never logged."""

import sqlite3

import pytest

from hospes.core.identities import Hash
from hospes.nodes.keeper.configuration import YEAR_S
from hospes.nodes.keeper.notices import KeptNotice
from hospes.nodes.keeper.sweep import UNLOGGED_S, Sweep
from hospes.service.http import Server
from tests.nodes.keeper.travelling import Company, run, until


def _held(company: Company) -> set[Hash]:
    return {one.digest for one in company.keeper.holdings.held(company.address).deposits}


def test_a_deposit_that_was_never_logged_is_dropped_after_a_day(company: Company) -> None:
    """A day after, by the chain's time, it is gone with its key; one that was logged stays for good."""

    async def flow() -> None:
        never, _ = company.deposit()
        await company.post("deposit", never)
        logged, _ = await company.deposited()
        assert len(_held(company)) == 2
        company.clock.now += UNLOGGED_S - 60
        company.world.clock.now += UNLOGGED_S - 60
        await company.give(company.grant())
        await company.keeper.sweep()
        assert len(_held(company)) == 2
        company.world.clock.now += 120
        await company.give(company.grant())
        await company.keeper.sweep()
        (held,) = company.keeper.holdings.held(company.address).deposits
        assert held.deposit == logged
        assert company.keeper.holdings.deposits.unlogged(company.clock.now) == ()
        await company.post("deposit", never)  # the wallet may begin again

    run(flow())


def test_a_chain_that_stands_still_drops_nothing(company: Company) -> None:
    """As long as no block is a day younger than the deposit, it may still be logged."""

    async def flow() -> None:
        request, _ = company.deposit()
        await company.post("deposit", request)
        company.clock.now += 10 * UNLOGGED_S
        await company.keeper.sweep()
        assert len(_held(company)) == 1

    run(flow())


def test_notices_are_destroyed_after_their_retention(company: Company) -> None:
    """After three years nothing is left of a notice."""

    async def flow() -> None:
        notices = company.keeper.holdings.notices
        notices.keep(KeptNotice(company.address, 1, Hash(bytes(32)), b"old"), company.clock.now)
        company.clock.now += 3 * YEAR_S - 10
        notices.keep(KeptNotice(company.address, 2, Hash(bytes(32)), b"new"), company.clock.now)
        await company.keeper.sweep()
        assert [one.box for one in notices.of(company.address, 0)] == [b"old", b"new"]
        company.clock.now += 20
        await company.keeper.sweep()
        assert [one.box for one in notices.of(company.address, 0)] == [b"new"]

    run(flow())


def test_a_served_keeper_sweeps_by_itself(company: Company) -> None:
    """A running keeper finishes at its start what was due while it was down, and closes its files when it stops."""

    async def flow() -> None:
        deposit, _ = await company.deposited()
        holdings = company.keeper.holdings
        holdings.handed.erase(company.address, Hash(bytes(32)), [deposit.body.record], 0, 0)
        server = Server(company.keeper.app)
        await server.start()
        await until(lambda: not holdings.handed.due(company.clock.now))
        assert _held(company) == set()
        await server.stop()

    run(flow())


def test_no_failure_ends_the_sweeps(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong in a round, health says that none was completed, and the first one that can be deletes the
    erased shares.
    """
    failures: list[Exception] = [sqlite3.OperationalError("database is locked"), AttributeError("a strange answer")]
    swept = Sweep.destroy_erased
    seen: list[int] = []

    def fails(sweep: Sweep) -> None:
        seen.append(0)
        if failures:
            raise failures[0]
        swept(sweep)

    monkeypatch.setattr(Sweep, "destroy_erased", fails)

    async def health() -> int:
        async with company.http() as http:
            return (await http.get("/health")).status_code

    async def rounds(count: int) -> None:
        enough = len(seen) + count
        await until(lambda: len(seen) >= enough)

    async def flow() -> None:
        deposit, _ = await company.deposited()
        company.sweep_every_s = 0.05
        company.reopen()
        holdings = company.keeper.holdings
        holdings.handed.erase(company.address, Hash(bytes(32)), [deposit.body.record], 0, 0)
        app = company.keeper.app
        async with app.router.lifespan_context(app):
            while failures:
                await rounds(5)
                assert (await health(), len(_held(company))) == (503, 1)
                failures.pop(0)
            await until(lambda: not holdings.handed.due(company.clock.now))
            await rounds(1)  # the round that deleted them has ended
            assert (await health(), _held(company)) == (200, set())

    run(flow())
