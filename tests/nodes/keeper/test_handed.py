"""Withdrawals, endings and erasures: handed directly they work at once, and the chain's work without being handed."""

import asyncio
import shutil
from collections.abc import Awaitable
from dataclasses import replace
from typing import cast

import pytest

from hospes.contracts.addresses import CONSENT
from hospes.core.bodies import RelayReply, RelayRequest
from hospes.core.chain import EntryKind
from hospes.core.identities import Address, Hash, keccak, recover, to_hex
from hospes.core.messages import Withdrawal
from hospes.core.typed_data import digest, hash_list
from hospes.nodes.keeper.configuration import DAY_S
from hospes.nodes.keeper.holdings import HOLDINGS_FILE, KEYS_FILE
from hospes.nodes.keeper.relaying import withdrawal_digest
from hospes.nodes.keeper.under_way import UnderWay
from hospes.service.relay import BURST
from tests.nodes.keeper.meddler import Meddler
from tests.nodes.keeper.travelling import Company, refused, run, shown, stranger, until

BRAKE = (1 << 64) - 1


async def kinds(company: Company) -> list[EntryKind]:
    """Return the kinds of the journey's entries."""
    reader = company.world.reader()
    return [entry.kind for entry in (await reader.journal(company.address, await reader.tip())).entries]


def test_a_withdrawal_handed_over_works_before_it_is_on_the_chain(company: Company) -> None:
    """The next answer releases nothing, although the chain does not know of the withdrawal yet; then it does."""

    async def flow() -> None:
        await company.deposited()
        consent = await company.give(company.grant())
        asked = await company.asked()
        assert len(await company.answer(asked, shown(consent))) == 1
        await company.post("relay", company.withdrawal(consent), RelayReply)
        assert await company.answer(asked, shown(consent)) == ()
        assert EntryKind.WITHDRAWN not in await kinds(company)
        company.reopen()
        assert await company.answer(asked, shown(consent)) == ()
        company.seal()
        assert await kinds(company) == [
            EntryKind.DEPOSITED,
            EntryKind.GIVEN,
            EntryKind.ACCESS,
            EntryKind.WITHDRAWN,
        ]

    run(flow())


def test_a_withdrawal_touches_no_other_consent(company: Company) -> None:
    """Another consent of the same journey covers as before."""

    async def flow() -> None:
        await company.deposited()
        first, second = await company.give(company.grant()), await company.give(company.grant())
        await company.leave(first)
        await company.hand(company.withdrawal(first))
        asked = await company.asked()
        assert await company.answer(asked, shown(first)) == ()
        assert len(await company.answer(asked, shown(second))) == 1
        assert (await refused(company.leave(first))).problem == "conflict"

    run(flow())


def test_the_brake_ends_everything_at_once(company: Company) -> None:
    """An ending with the largest value, handed over by whoever kept it, stops every consent of the journey for good."""

    async def flow() -> None:
        await company.deposited()
        consent = await company.give(company.grant())
        asked = await company.asked()
        await company.post("relay", company.ending(BRAKE), RelayReply)
        assert await company.answer(asked, shown(consent)) == ()
        company.seal()
        assert (await kinds(company))[-1] is EntryKind.ENDED

    run(flow())


def test_an_ending_touches_no_later_consent(company: Company) -> None:
    """A consent given in a later block covers; a smaller ending handed over afterwards takes nothing back."""

    async def flow() -> None:
        await company.deposited()
        first = await company.give(company.grant())
        block = company.world.engine.chain.head_number()
        await company.hand(company.ending(block))
        second = await company.give(company.grant())
        await refused(company.post("relay", company.ending(block - 1)))
        asked = await company.asked()
        assert await company.answer(asked, shown(first)) == ()
        assert len(await company.answer(asked, shown(second))) == 1

    run(flow())


def test_what_cannot_be_relayed_is_honoured_all_the_same(company: Company) -> None:
    """When the keeper's relay refuses, for its limit or because the chain does, the traveller's word holds here."""

    async def flow() -> None:
        await company.deposited()
        consent = await company.give(company.grant())
        asked = await company.asked()
        for _ in range(BURST):
            await refused(company.post("relay", replace(company.ending(0), call="end")))
        problem = await refused(company.post("relay", company.withdrawal(consent)))
        assert (problem.status, problem.problem) == (429, "rate-limited")
        assert await company.answer(asked, shown(consent)) == ()

    run(flow())


def test_nobody_withdraws_in_anothers_name(company: Company) -> None:
    """A withdrawal, ending or erasure that the journey did not sign changes nothing."""

    async def flow() -> None:
        deposit, _ = await company.deposited()
        consent = await company.give(company.grant())
        requests = (company.withdrawal(consent), company.ending(BRAKE), company.erasing(company.erasure(deposit)))
        for request in requests:
            forged = replace(request, signature=stranger().sign(Hash(bytes(32))))
            problem = await refused(company.post("relay", forged))
            assert (problem.status, problem.problem) == (403, "wrong-signature")
        assert len(await company.answer(await company.asked(), shown(consent))) == 1

    run(flow())


def test_the_withdrawal_digest_is_that_of_the_message(company: Company) -> None:
    """The keeper sees a hash where the wallet signed grants; both stand for the same signature."""
    grants = (company.grant(),)
    assert withdrawal_digest(company.domain, hash_list(grants)) == digest(company.domain, Withdrawal(grants))


def test_a_withdrawal_waits_for_answers_that_are_leaving() -> None:
    """What was decided before a withdrawal leaves before it is acknowledged; other journeys do not wait."""

    async def flow() -> None:
        under_way, journey, other = UnderWay(), Address(b"\x01" * 20), Address(b"\x02" * 20)
        order: list[str] = []

        async def withdraw() -> None:
            await under_way.settled(journey)
            order.append("acknowledged")

        with under_way.answering(journey):
            withdrawing = asyncio.create_task(withdraw())
            await under_way.settled(other)
            await asyncio.sleep(0.01)
            order.append("answer left")
        await withdrawing
        await under_way.settled(journey)
        assert order == ["answer left", "acknowledged"]

    run(flow())


def test_a_withdrawal_is_acknowledged_only_after_the_answers_before_it(company: Company) -> None:
    """A withdrawal that meets an answer half way is on disk at once, but confirmed only when that answer has left."""
    meddler, go_on, order = Meddler(company.world), asyncio.Event(), list[str]()

    def is_consents(method: str, params: object) -> bool:
        return method == "eth_getProof" and cast("list[str]", params)[0] == to_hex(CONSENT)

    async def slowly(params: object) -> object:
        await go_on.wait()
        return await meddler.honest("eth_getProof", params)

    async def noted(name: str, flow: Awaitable[object]) -> None:
        await flow
        order.append(name)

    async def flow() -> None:
        await company.deposited()
        consent = await company.give(company.grant())
        asked = await company.asked()
        meddler.meddle = lambda method, params: slowly(params) if is_consents(method, params) else None
        company.reopen(meddler.node())
        answering = asyncio.create_task(noted("answered", company.answer(asked, shown(consent))))
        await until(lambda: any(is_consents(*asked) for asked in meddler.asked))
        withdrawing = asyncio.create_task(noted("withdrawn", company.post("relay", company.withdrawal(consent))))
        await until(lambda: company.keeper.holdings.handed.withdrawn(company.address))
        await asyncio.sleep(0.05)
        assert order == []
        go_on.set()
        await asyncio.gather(answering, withdrawing)
        assert order == ["answered", "withdrawn"]
        assert await company.answer(asked, shown(consent)) == ()

    run(flow())


# ------------------------------------------------------------------------------------------------------------ erasure


def test_an_erasure_deletes_the_share_and_gives_a_receipt(company: Company) -> None:
    """Without a grace period the share is gone when the reply comes; the receipt names the record and is signed."""

    async def flow() -> None:
        deposit, _ = await company.deposited()
        kept, _ = await company.deposited()
        consent = await company.give(company.grant())
        erasure = company.erasure(deposit)
        await company.hand(company.erasing(erasure))
        asked = await company.asked()
        assert [one.deposit for one in await company.answer(asked, shown(consent))] == [kept]
        signed = await company.receipt(erasure)
        assert signed.receipt.erasure_hash == digest(company.domain, erasure)
        assert signed.receipt.deleted == (Hash(deposit.body.record),)
        assert recover(digest(company.domain, signed.receipt), signed.signature) == company.keys.account.address
        assert await company.receipt(erasure) == signed

    run(flow())


def test_an_erased_record_does_not_come_back(company: Company) -> None:
    """A deposit that its journey erased is refused afterwards, also when the erasure came first."""

    async def flow() -> None:
        request, _ = company.deposit()
        await company.post("deposit", request)
        await company.hand(company.erasing(company.erasure(request.deposit)))
        assert (await refused(company.post("deposit", request))).problem == "conflict"
        early, _ = company.deposit()
        await company.hand(company.erasing(company.erasure(early.deposit)))
        assert (await refused(company.post("deposit", early))).problem == "conflict"

    run(flow())


async def weeks_pass(company: Company) -> None:
    """Let three weeks pass, by the chain's time and the keeper's, with a sweep each day."""
    for _ in range(21):
        company.world.clock.now += DAY_S
        await company.world.append(stranger().address, keccak(company.random(8)))
        company.clock.now = company.world.clock.now + 0.5
        await company.keeper.sweep()


async def handed_past_the_chain(company: Company, request: RelayRequest) -> None:
    """Hand a call over while the ledger is away, so that the chain never hears of it."""
    company.world.ledger_is_away = True
    await refused(company.post("relay", request))
    company.world.ledger_is_away = False


@pytest.mark.parametrize("logged", [True, False])
@pytest.mark.parametrize("grace_s", [0.0, 3 * DAY_S])
def test_an_erased_record_does_not_come_back_after_weeks(company: Company, grace_s: float, *, logged: bool) -> None:
    """Whoever kept a deposit's request brings nothing back with it, though the chain never heard of the erasure, and
    the erasure's receipt can still be had.
    """

    async def flow() -> None:
        company.grace_s = grace_s
        company.reopen()
        request, _ = company.deposit()
        await company.post("deposit", request)
        erasure = company.erasure(request.deposit)
        if logged:
            await company.log_deposit(request)
        await handed_past_the_chain(company, company.erasing(erasure))
        await weeks_pass(company)
        assert (await company.receipt(erasure)).receipt.deleted == (Hash(request.deposit.body.record),)
        assert (await refused(company.post("deposit", request))).problem == "conflict"
        consent = await company.give(company.grant())
        assert await company.answer(await company.asked(), shown(consent)) == ()

    run(flow())


@pytest.mark.parametrize("ended", [True, False])
def test_what_a_withdrawal_or_ending_stopped_stays_stopped_for_good(company: Company, *, ended: bool) -> None:
    """Also when everything else of the journey is gone from the keeper, and its deposits are brought again."""

    async def flow() -> None:
        request, _ = company.deposit()
        await company.post("deposit", request)
        await company.log_deposit(request)
        consent = await company.give(company.grant())
        await handed_past_the_chain(company, company.ending(1 << 40) if ended else company.withdrawal(consent))
        # As after a disk that broke: the deposit is not here any more, and the wallet repairs it.
        company.keeper.holdings.deposits.drop(digest(company.domain, request.deposit), company.clock.now + 1)
        await weeks_pass(company)
        await company.post("deposit", request)
        assert await company.answer(await company.asked(), shown(consent)) == ()

    run(flow())


def test_standing_grants_go_with_the_last_deposit(company: Company) -> None:
    """A journey that erased one of two records keeps its standing grants; with the last one they are deleted."""

    async def flow() -> None:
        first, _ = await company.deposited()
        second, _ = await company.deposited()
        await company.leave(await company.give(company.grant()))
        await company.hand(company.erasing(company.erasure(first)))
        asked = await company.asked()
        assert len(await company.answer(asked)) == 1
        await company.hand(company.erasing(company.erasure(second)))
        assert company.keeper.holdings.held(company.address).standing == ()
        assert await company.answer(asked) == ()

    run(flow())


def test_release_stops_at_once_and_deletion_waits(company: Company) -> None:
    """With a grace period nothing is released from the first moment, the receipt comes only when it is over."""

    async def flow() -> None:
        company.grace_s = 3600
        company.reopen()
        deposit, _ = await company.deposited()
        consent = await company.give(company.grant())
        erasure = company.erasure(deposit)
        await company.hand(company.erasing(erasure))
        assert await company.answer(await company.asked(), shown(consent)) == ()
        problem = await refused(company.receipt(erasure))
        assert (problem.status, problem.problem) == (409, "no-receipt")
        assert company.keeper.holdings.held(company.address).deposits != ()
        company.clock.now += 3601
        await company.keeper.sweep()
        assert company.keeper.holdings.held(company.address).deposits == ()
        assert (await company.receipt(erasure)).receipt.deleted == (Hash(deposit.body.record),)

    run(flow())


def test_there_is_no_receipt_for_what_was_not_handed_over(company: Company) -> None:
    """Nor for somebody who did not sign it."""

    async def flow() -> None:
        deposit, _ = await company.deposited()
        erasure = company.erasure(deposit)
        assert (await refused(company.receipt(erasure))).problem == "no-receipt"

    run(flow())


def test_a_receipt_may_name_nothing(company: Company) -> None:
    """A keeper that never held the record signs that it deleted nothing."""

    async def flow() -> None:
        request, _ = company.deposit()
        erasure = company.erasure(request.deposit)
        await company.hand(company.erasing(erasure))
        assert (await company.receipt(erasure)).receipt.deleted == ()

    run(flow())


def test_an_erasure_past_its_deadline_counts_only_when_it_is_logged(company: Company) -> None:
    """An old erasure that never reached the chain cannot be dug out; one that did is taken whenever it is handed."""

    async def flow() -> None:
        deposit, _ = await company.deposited()
        consent = await company.give(company.grant())
        never = company.erasure(deposit, deadline=int(company.clock.now) - 1)
        assert (await refused(company.post("relay", company.erasing(never)))).problem == "stale"
        assert len(await company.answer(await company.asked(), shown(consent))) == 1
        logged = company.erasure(deposit, deadline=int(company.world.clock.now) + 5)
        await company.erase_on_chain(logged)
        company.clock.now += 100
        await refused(company.post("relay", company.erasing(logged)))  # the chain has it: nothing to relay
        assert (await company.receipt(logged)).receipt.deleted == (Hash(deposit.body.record),)

    run(flow())


def test_an_erasure_on_the_chain_stops_a_keeper_that_was_not_handed_it(company: Company) -> None:
    """It cannot know which record is meant, so it releases none until the erasure is handed to it."""

    async def flow() -> None:
        erased, _ = await company.deposited()
        kept, _ = await company.deposited()
        consent = await company.give(company.grant())
        erasure = company.erasure(erased)
        await company.erase_on_chain(erasure)
        asked = await company.asked()
        assert await company.answer(asked, shown(consent)) == ()
        assert (await refused(company.post("relay", company.erasing(erasure)))).problem == "refused-by-contract"
        assert [one.deposit for one in await company.answer(asked, shown(consent))] == [kept]

    run(flow())


@pytest.mark.parametrize("with_keys", [False, True], ids=["holdings restored", "everything restored"])
def test_a_restored_keeper_does_not_release_what_was_erased(company: Company, *, with_keys: bool) -> None:
    """Restored from the backup that was made before the erasure, even together with an unlawful copy of the keys, the
    keeper refuses the journey until it is handed the erasure again.
    """

    async def flow() -> None:
        erased, _ = await company.deposited()
        kept, _ = await company.deposited()
        consent = await company.give(company.grant())
        backup, keys = company.directory.parent / "backup.db", company.directory.parent / "keys.db"
        company.keeper.back_up(backup)
        company.keeper.close()
        shutil.copy(company.directory / KEYS_FILE, keys)
        company.keeper = company.open(company.node)
        erasure = company.erasure(erased)
        await company.hand(company.erasing(erasure))
        company.keeper.close()
        shutil.copy(backup, company.directory / HOLDINGS_FILE)
        if with_keys:
            shutil.copy(keys, company.directory / KEYS_FILE)
        company.keeper = company.open(company.node)
        asked = await company.asked()
        assert await company.answer(asked, shown(consent)) == ()
        await refused(company.post("relay", company.erasing(erasure)))
        assert [one.deposit for one in await company.answer(asked, shown(consent))] == [kept]

    run(flow())
