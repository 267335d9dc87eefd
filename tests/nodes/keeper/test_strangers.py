"""What strangers may leave at a keeper: little at once, and nothing for long that the chain never hears of."""

from dataclasses import replace

import pytest

from hospes.core.bodies import RelayRequest
from hospes.core.identities import Hash, RecordId
from hospes.core.journeys import derive
from hospes.core.messages import Consent, sorted_grants
from hospes.core.typed_data import digest
from hospes.nodes.keeper.unheard import UNGIVEN_S, UNHEARD_S
from hospes.service.errors import RemoteError
from tests.nodes.keeper.travelling import SOON, Company, refused, run, shown


@pytest.fixture
def impatient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Company:
    """Return a company whose keeper takes little at once."""
    monkeypatch.setattr("hospes.nodes.keeper.keeper.BURST", 3)
    company: Company = request.getfixturevalue("company")
    return company


def renamed(company: Company, number: int) -> None:
    """Let the traveller be another one."""
    company.journey = derive(company.random(32), company.world.genesis.chain_id, number)


async def handed(company: Company, request: RelayRequest) -> str:
    """Hand something over, and return the problem with it, which may be the chain's; empty for none."""
    try:
        await company.post("relay", request)
    except RemoteError as problem:
        return problem.problem
    return ""


def test_a_stranger_does_not_fill_the_disk_with_erasures(impatient: Company) -> None:
    """Self-signed erasures, endings and withdrawals of journeys of which nothing is here are limited by source before
    they are written.
    """
    company = impatient

    def made(number: int) -> RelayRequest:
        renamed(company, number)
        erasure = company.erasure(company.deposit()[0].deposit)
        return (company.ending(1 << 40), company.erasing(erasure))[number % 2]

    async def flow() -> None:
        for number in range(3):
            assert await handed(company, made(number)) != "rate-limited"
        assert await handed(company, made(3)) == "rate-limited"
        holdings = company.keeper.holdings
        assert holdings.handed.erasures(company.address) == frozenset()
        rows = holdings.database.rows("SELECT journey FROM erasures UNION ALL SELECT journey FROM endings")
        assert len(rows) == 3

    run(flow())


def test_a_journey_that_is_known_is_not_limited_by_where_it_asks_from(impatient: Company) -> None:
    """While strangers at the same address used theirs up, a withdrawal of a journey with a deposit here counts."""
    company = impatient

    async def flow() -> None:
        await company.deposited()
        consent = await company.give(company.grant())
        asked = await company.asked()
        traveller = company.journey
        for number in range(3):
            renamed(company, number)
            # The traveller's own first deposit counts, too.
            assert (await handed(company, company.ending(1 << 40)) == "rate-limited") is (number == 2)
        company.journey = traveller
        await company.post("relay", company.withdrawal(consent))
        assert await company.answer(asked, shown(consent)) == ()

    run(flow())


def test_repeating_somebodys_withdrawal_spends_nothing_of_theirs(impatient: Company) -> None:
    """What a journey signed stands on the chain for all to repeat; only something new is counted."""
    company = impatient

    async def flow() -> None:
        await company.deposited()
        first, second = await company.give(company.grant()), await company.give(company.grant())
        for _ in range(6):
            assert await handed(company, company.withdrawal(first)) != "rate-limited"
        assert await handed(company, company.withdrawal(second)) == ""
        assert company.keeper.holdings.handed.withdrawn(company.address) == {first.grants_hash, second.grants_hash}

    run(flow())


def test_standing_consents_and_deposits_of_new_journeys_are_limited(impatient: Company) -> None:
    """A source leaves so much in a while of journeys that the chain does not know, whatever it left of them before; who
    is known to the chain goes on, and needs none of it.
    """
    company = impatient

    async def flow() -> None:
        await company.leave(await company.give(company.grant()))
        known = company.journey
        renamed(company, 1)
        request, _ = company.deposit()
        await company.post("deposit", request)
        await company.leave(Consent((company.grant(),), SOON))
        await company.post("deposit", request)  # for another day, so it counts
        assert (await refused(company.leave(Consent((company.grant(),), SOON)))).problem == "rate-limited"
        assert (await refused(company.post("deposit", request))).problem == "rate-limited"
        renamed(company, 2)
        assert (await refused(company.post("deposit", company.deposit()[0]))).problem == "rate-limited"
        company.journey = known
        await company.leave(await company.give(company.grant()))
        await company.deposited()

    run(flow())


def test_what_is_large_counts_by_its_bytes(impatient: Company) -> None:
    """Neither a consent of many grants nor an erasure of many records is one thing like another."""
    company = impatient

    async def flow() -> None:
        many = Consent(sorted_grants([company.grant() for _ in range(22)]), SOON)
        assert (await refused(company.leave(many))).problem == "rate-limited"
        erasure = replace(
            company.erasure(company.deposit()[0].deposit),
            records=tuple(sorted(RecordId(company.random(32)) for _ in range(64))),
            digests=tuple(sorted(Hash(company.random(32)) for _ in range(64))),
        )
        assert await handed(company, company.erasing(erasure)) == "rate-limited"
        await company.leave(replace(many, grants=many.grants[:21]))
        assert (await refused(company.leave(replace(many, grants=many.grants[21:])))).problem == "rate-limited"
        assert company.keeper.holdings.handed.erased(company.address) == frozenset()

    run(flow())


def test_while_the_ledger_is_away_who_left_something_is_known(
    impatient: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A traveller stops a release also when the ledger is away and strangers at the same address spent it all."""
    company = impatient

    async def flow() -> None:
        await company.deposited()
        consent, traveller = await company.give(company.grant()), company.journey
        monkeypatch.setattr(company.world, "ledger_is_away", True)
        for number in range(3):
            renamed(company, number)
            await handed(company, company.ending(1 << 40))
        assert await handed(company, company.ending(1 << 41)) == "rate-limited"
        company.journey = traveller
        assert await handed(company, company.withdrawal(consent)) != "rate-limited"
        assert company.keeper.holdings.handed.withdrawn(company.address) == {consent.grants_hash}

    run(flow())


def test_a_standing_consent_that_was_never_given_is_dropped(company: Company) -> None:
    """A day after it was left it goes, and with it all that was known of a journey that the chain does not know."""

    async def flow() -> None:
        given = await company.give(company.grant())
        await company.leave(given)
        never = replace(given, grants=(company.grant(),))
        await company.leave(never)
        traveller = company.journey
        renamed(company, 0)
        await company.leave(never)
        stranger, company.journey = company.journey, traveller
        standing = company.keeper.holdings.standing
        for passing, left in ((UNGIVEN_S - 60, 2), (120, 1)):
            company.clock.now += passing
            company.world.clock.now += passing
            await company.give(company.grant())
            await company.keeper.sweep()
            assert len(standing.of(company.address)) == left
        assert standing.of(company.address)[0].grants_hash == given.grants_hash
        assert standing.notice_key(company.address) is not None
        assert standing.of(stranger.address) == ()
        assert standing.notice_key(stranger.address) is None
        assert standing.ungiven(1 << 60) == ()

    run(flow())


def test_what_a_stranger_handed_over_is_dropped_unless_the_chain_heard_of_them(company: Company) -> None:
    """A week later only what belongs to a journey that the chain knows is left, and of one that is known here."""

    async def flow() -> None:
        holdings, now = company.keeper.holdings, company.clock.now
        erasure = company.erasure(company.deposit()[0].deposit)
        renamed(company, 0)
        known = company.address
        await company.deposited()
        renamed(company, 1)
        heard = company.address
        heard_of = await company.give(company.grant())
        renamed(company, 2)
        stranger = company.address
        for journey in (known, heard, stranger):
            holdings.withdraw(journey, heard_of.grants_hash, now)
            holdings.handed.end(journey, 7, now)
            holdings.handed.erase(journey, digest(company.domain, erasure), erasure.records, now, now)
        renamed(company, 3)  # whose entries make time pass
        for passing in (UNHEARD_S - 60, 120):
            assert holdings.handed.erased(stranger) == set(erasure.records)
            company.clock.now += passing
            company.world.clock.now += passing
            await company.give(company.grant())
            await company.keeper.sweep()
        left = [
            (len(handed.withdrawn(one)), handed.through(one), len(handed.erasures(one)), len(handed.erased(one)))
            for handed in (holdings.handed,)
            for one in (known, heard, stranger)
        ]
        assert left == [(1, 7, 1, 1), (1, 7, 1, 1), (0, 0, 0, 0)]
        assert holdings.unheard(1 << 60) == ()

    run(flow())
