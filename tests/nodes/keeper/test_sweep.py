"""Deleting by time: only what is due, and what the chain says was never logged."""

import sqlite3

import pytest

from hospes.core.identities import Hash, keccak
from hospes.core.proof import FinalHeader
from hospes.core.typed_data import digest
from hospes.nodes.keeper.configuration import YEAR_S
from hospes.nodes.keeper.notices import KeptNotice
from hospes.nodes.keeper.sweep import UNLOGGED_S, Sweep
from hospes.service.http import Server
from tests.nodes.keeper.travelling import Company, run, until


def _held(company: Company) -> set[Hash]:
    return {one.digest for one in company.keeper.holdings.held(company.address).deposits}


async def _pass(company: Company, seconds: float) -> None:
    """Let time pass, by the keeper's clock and the chain's."""
    company.world.clock.now += seconds
    await company.world.append(company.address, keccak(company.random(8)))
    company.clock.now = company.world.clock.now + 0.5


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


def test_a_deposit_accepted_again_waits_for_its_entry_anew(company: Company) -> None:
    """A wallet that was told `Accepted` again a moment before the day was over has another day."""

    async def flow() -> None:
        request, _ = company.deposit()
        await company.post("deposit", request)
        for passing, left in ((UNLOGGED_S - 60, 1), (UNLOGGED_S - 60, 1), (UNLOGGED_S + 60, 0)):
            if left:
                await company.post("deposit", request)
            await _pass(company, passing)
            await company.keeper.sweep()
            assert len(_held(company)) == left

    run(flow())


def test_a_deposit_that_is_logged_while_the_keeper_sweeps_stays(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is dropped was not logged when it was dropped, not only when the sweep began."""
    request, _ = company.deposit()
    asked_for_tip = company.reader.tip
    tips: list[int] = []

    async def tip() -> FinalHeader:
        found = await asked_for_tip()
        tips.append(found.number)
        if len(tips) == 1:
            await company.log_deposit(request)
        return found

    async def flow() -> None:
        await company.post("deposit", request)
        await _pass(company, UNLOGGED_S + 60)
        monkeypatch.setattr(company.reader, "tip", tip)
        await company.keeper.sweep()
        assert tips[0] < tips[-1]
        assert len(_held(company)) == 1

    run(flow())


def test_a_deposit_accepted_again_while_it_is_judged_stays(company: Company) -> None:
    """Dropping looks once more at when it was accepted."""

    async def flow() -> None:
        request, _ = company.deposit()
        await company.post("deposit", request)
        deposits, name, now = (
            company.keeper.holdings.deposits,
            digest(company.domain, request.deposit),
            company.clock.now,
        )
        deposits.drop(name, int(now))
        assert len(_held(company)) == 1
        deposits.drop(name, now + 1)
        assert _held(company) == set()

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
