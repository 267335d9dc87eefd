"""The service on a real ledger: a share leaves against a final entry of its own access, and against nothing else."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG, CONSENT
from hospes.core.bodies import AccessRequest, AnswerReply, ReleasedShare, ShownGrant
from hospes.core.boxes import BoxSecret
from hospes.core.errors import BoxError
from hospes.core.identities import Address, Country, to_hex
from hospes.core.typed_data import digest
from hospes.nodes.keeper import service
from hospes.nodes.keeper.service import QUANTUM_S
from hospes.service.memory import FileMemory
from hospes.service.sender import Sender
from tests.nodes.keeper.meddler import Meddler
from tests.nodes.keeper.travelling import Asked, Company, refused, run, shown
from tests.simulators.world import START, World, node_of

LOW_ORDER = b"\x00\x20" + bytes(32)
"""A key of the right form that nothing can be sealed to: X25519's point zero."""


async def consented(company: Company) -> ShownGrant:
    """Deposit a record, give a consent, and return its grant."""
    await company.deposited()
    return shown(await company.give(company.grant()))


# ------------------------------------------------------------------------------------------------ what is released


def test_a_covered_access_gets_the_share_of_a_logged_deposit(company: Company) -> None:
    """A hospital that was granted a class gets the deposit's opening and the keeper's share; no other key opens it."""

    async def flow() -> None:
        deposit, share = await company.deposited()
        consent = await company.give(company.grant())
        asked = await company.asked()
        assert await company.answer(asked, shown(consent)) == (ReleasedShare(1, deposit, share),)
        with pytest.raises(BoxError):
            await company.answer(replace(asked, recipient=BoxSecret(company.random(32))), shown(consent))

    run(flow())


def test_asking_twice_gives_the_same(company: Company) -> None:
    """A hospital whose connection broke asks again for the same entry and gets the same share."""

    async def flow() -> None:
        grant = await consented(company)
        asked = await company.asked()
        assert await company.answer(asked, grant) == await company.answer(asked, grant)

    run(flow())


def test_a_standing_break_glass_grant_opens_with_the_card(company: Company) -> None:
    """Break-glass needs the gate's secret from the card and a standing grant; without the secret nothing opens."""

    async def flow() -> None:
        await company.deposited()
        await company.leave(await company.give(company.break_glass_grant()))
        asked = await company.asked(why="emergency")
        assert len(await company.answer(asked, gate=company.gate_secret)) == 1
        assert await company.answer(asked) == ()
        assert await company.answer(asked, gate=company.random(16)) == ()

    run(flow())


def test_a_restarted_keeper_answers_as_before(company: Company) -> None:
    """What a keeper accepted is there after a restart, and so are the standing consents."""

    async def flow() -> None:
        await company.deposited()
        await company.leave(await company.give(company.grant()))
        asked = await company.asked()
        before = await company.answer(asked)
        company.reopen()
        assert await company.answer(asked) == before
        assert len(before) == 1

    run(flow())


# --------------------------------------------------------------------------------------------------- refusals as one


async def _never_given(company: Company) -> tuple[Asked, tuple[ShownGrant, ...], dict[str, Any]]:
    await company.deposited()
    return await company.asked(), (), {}


async def _withdrawn(company: Company) -> tuple[Asked, tuple[ShownGrant, ...], dict[str, Any]]:
    await company.deposited()
    consent = await company.give(company.grant())
    await company.withdraw_on_chain(consent)
    return await company.asked(), (shown(consent),), {}


async def _expired(company: Company) -> tuple[Asked, tuple[ShownGrant, ...], dict[str, Any]]:
    await company.deposited()
    consent = await company.give(company.grant(not_after=START + 1))
    return await company.asked(), (shown(consent),), {}


async def _wrong_gate(company: Company) -> tuple[Asked, tuple[ShownGrant, ...], dict[str, Any]]:
    await company.deposited()
    await company.leave(await company.give(company.break_glass_grant()))
    return await company.asked(why="emergency"), (), {"gate": company.random(16)}


async def _never_existed(company: Company) -> tuple[Asked, tuple[ShownGrant, ...], dict[str, Any]]:
    return await company.asked(), (), {"gate": company.random(16)}


Refusal = Callable[[Company], Awaitable[tuple[Asked, tuple[ShownGrant, ...], dict[str, Any]]]]
REFUSALS: dict[str, Refusal] = {
    "never given": _never_given,
    "withdrawn": _withdrawn,
    "expired": _expired,
    "wrong gate": _wrong_gate,
    "never existed": _never_existed,
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=list(REFUSALS))
def test_a_refusal_looks_like_a_release(company: Company, refusal: Refusal) -> None:
    """Whatever the reason, a refusal is a signed box of the same size as a release, after the same look-ups on the
    chain, and not before the first multiple of the quantum.
    """
    meddler = Meddler(company.world)

    async def flow() -> None:
        asked, grants, changes = await refusal(company)
        company.reopen(meddler.node())
        refused_reply, slots, took_s = await _measured(company, meddler, company.request(asked, *grants, **changes))
        assert company.opened(asked, refused_reply) == ()
        other = Company(company.world, company.directory / "other", "released " + str(refusal))
        other.keeper.close()
        other.node = meddler.node()
        other.reopen()
        grant = await consented(other)
        released = await other.asked()
        reply, released_slots, released_took_s = await _measured(other, meddler, other.request(released, grant))
        assert len(other.opened(released, reply)) == 1
        assert len(refused_reply.box) == len(reply.box)
        assert slots == released_slots == 9  # eight consents and the ending
        assert min(took_s, released_took_s) >= QUANTUM_S
        other.keeper.close()

    run(flow())


async def _measured(company: Company, meddler: Meddler, request: AccessRequest) -> tuple[Any, int, float]:
    """Return the reply, how many slots of the consent contract were looked up for it, and how long it took."""
    meddler.asked.clear()
    began = time.monotonic()
    reply = await company.post("access", request, AnswerReply)
    took_s = time.monotonic() - began
    proofs = [params for method, params in meddler.asked if method == "eth_getProof"]
    consents = [slots for account, slots, _ in proofs if account == to_hex(CONSENT)]
    return reply, sum(len(slots) for slots in consents), took_s


def test_errors_leave_at_the_same_moments(company: Company) -> None:
    """A request that is refused with a typed error takes as long as an answer."""

    async def flow() -> None:
        for request in (AccessRequest(b"no box"), company.request(await company.asked(), number=99)):
            began = time.monotonic()
            await refused(company.post("access", request))
            assert time.monotonic() - began >= QUANTUM_S

    run(flow())


@pytest.mark.parametrize(("worked_s", "waited_s"), [(0.0, 0.05), (0.03, 0.02), (0.06, 0.04), (0.149, 0.001)])
def test_an_answer_waits_for_the_next_multiple(
    company: Company, monkeypatch: pytest.MonkeyPatch, worked_s: float, waited_s: float
) -> None:
    """However long the work took, the moment is a multiple of the quantum after the request was read."""
    waits: list[float] = []
    times = iter((100.0, 100.0 + worked_s))

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    loop = SimpleNamespace(time=lambda: next(times))
    monkeypatch.setattr(service, "asyncio", SimpleNamespace(sleep=sleep, get_running_loop=lambda: loop))

    async def flow() -> None:
        await company.answer(await company.asked())
        assert [round(wait, 6) for wait in waits] == [waited_s]

    run(flow())


# ----------------------------------------------------------------------------------------------- steps 1 to 4 refused


def test_a_box_for_somebody_else_is_refused(company: Company) -> None:
    """A request that was sealed to another keeper, or garbled, does not open."""

    async def flow() -> None:
        asked = await company.asked()
        problem = await refused(company.post("access", AccessRequest(company.request(asked).box[:-1] + b"\0")))
        assert (problem.status, problem.problem) == (400, "box-does-not-open")
        company.keys = company.world["keeper-porto"]
        for_porto = company.request(asked)
        assert (await refused(company.post("access", for_porto))).problem == "box-does-not-open"

    run(flow())


def test_a_recipient_that_nothing_can_be_sealed_to_is_refused(company: Company) -> None:
    """A low-order key has the form of a key; it is refused before anything is decided, and the error says where."""

    async def flow() -> None:
        asked = await company.asked(recipient_key=LOW_ORDER)
        problem = await refused(company.answer(asked))
        assert (problem.status, problem.problem) == (400, "malformed")
        assert "access.recipientKey" in problem.detail

    run(flow())


def test_an_entry_that_is_not_there_is_refused(company: Company) -> None:
    """The number of an entry that the final log does not have gets `not-final`, to be tried again, and is not told how
    long the log is.
    """

    async def flow() -> None:
        grant = await consented(company)
        asked = await company.asked()
        problem = await refused(company.answer(asked, grant, number=asked.number + 1))
        assert (problem.status, problem.problem) == (503, "not-final")
        assert str(asked.number) not in problem.detail.replace(str(asked.number + 1), "")

    run(flow())


def test_an_access_that_waits_for_a_block_is_not_final(company: Company) -> None:
    """An access that was sent but is in no block yet releases nothing; once it is sealed, it does."""

    async def flow() -> None:
        grant = await consented(company)
        recipient = BoxSecret(company.random(32))
        access = company.access(recipient)
        append = calls.append(company.address, digest(company.domain, access))
        await company.world.sender("hospital-evora").send(ACCESS_LOG, append)
        asked = Asked(access, await company.count() + 1, recipient)
        assert (await refused(company.answer(asked, grant))).problem == "not-final"
        company.seal()
        assert len(await company.answer(asked, grant)) == 1

    run(flow())


def test_another_members_request_is_refused(company: Company) -> None:
    """A hospital cannot use an entry that another hospital wrote, nor write one in another's name; and it does not
    learn from the words of the refusal what is wrong.
    """

    async def flow() -> None:
        grant = await consented(company)
        asked = await company.asked(member="hospital-badajoz")
        problem = await refused(company.answer(asked, grant))
        assert (problem.status, problem.problem) == (403, "wrong-entry")
        for other in ({"where": Country("ES")}, {"what": ("imaging",)}):
            changed = replace(asked, access=replace(asked.access, **other))
            assert (await refused(company.answer(changed, grant))).detail == problem.detail

    run(flow())


def test_a_swapped_recipient_is_refused(company: Company) -> None:
    """Whoever overhears an access cannot have its answer sealed to another key: the entry commits to the recipient."""

    async def flow() -> None:
        grant = await consented(company)
        asked = await company.asked()
        thief = BoxSecret(company.random(32))
        stolen = Asked(replace(asked.access, recipient_key=thief.public), asked.number, thief)
        assert (await refused(company.answer(stolen, grant))).problem == "wrong-entry"

    run(flow())


def test_an_access_to_one_journey_does_not_open_another(company: Company) -> None:
    """An access that was logged in one journey's log is no entry of another journey's."""

    async def flow() -> None:
        grant = await consented(company)
        recipient = BoxSecret(company.random(32))
        access = company.access(recipient)
        elsewhere = Company(company.world, company.directory / "other", "elsewhere")
        await company.world.append(elsewhere.address, digest(company.domain, access))
        company.clock.now = company.world.clock.now
        for number in range(1, await company.count() + 1):
            assert (await refused(company.answer(Asked(access, number, recipient), grant))).problem == "wrong-entry"
        elsewhere.keeper.close()

    run(flow())


def test_an_old_request_is_refused(company: Company) -> None:
    """A request is answered for ten minutes by the keeper's clock; replayed later it gets `stale`."""

    async def flow() -> None:
        grant = await consented(company)
        asked = await company.asked()
        entry_time = company.world.clock.now
        company.clock.now = entry_time + 600
        assert len(await company.answer(asked, grant)) == 1
        company.clock.now = entry_time + 601
        problem = await refused(company.answer(asked, grant))
        assert (problem.status, problem.problem) == (403, "stale")

    run(flow())


def test_a_clock_turned_back_does_not_make_an_old_request_fresh(company: Company) -> None:
    """A keeper whose clock is behind the chain by more than 30 s answers nobody until it is mended."""

    async def flow() -> None:
        grant = await consented(company)
        asked = await company.asked()
        company.clock.now = company.world.clock.now - 31
        problem = await refused(company.answer(asked, grant))
        assert (problem.status, problem.problem) == (503, "clock-behind")

    run(flow())


def test_nothing_is_read_for_who_does_not_stand_in_the_log(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that steps 3 and 4 refuse has no holding looked up for it; one that passes them has, once, and is
    under way by then.
    """
    holdings, under_way, read = company.keeper.holdings, company.under_way, list[bool]()
    held_for = holdings.held_for

    def watched(journey: Address, *rest: Any) -> object:  # noqa: ANN401  (handed on)
        read.append(under_way.counts(journey) == 1)
        return held_for(journey, *rest)

    monkeypatch.setattr(holdings, "held_for", watched)

    async def flow() -> None:
        grant = await consented(company)
        await refused(company.answer(await company.asked(member="hospital-badajoz"), grant))
        asked = await company.asked()
        company.clock.now += 700
        await refused(company.answer(asked, grant))
        company.clock.now -= 700
        assert read == []
        assert len(await company.answer(asked, grant)) == 1
        assert read == [True]
        assert under_way.counts(company.address) == 0

    run(flow())


# ------------------------------------------------------------------------------------------------------- lying nodes


def test_an_entry_that_the_authority_never_sealed_releases_nothing(company: Company, tmp_path: Path) -> None:
    """On a fork that a stranger sealed, the entry is there and its head is proven, but no share leaves, nothing is
    noted, and the keeper goes on with the true chain as if nothing had been.
    """

    async def flow() -> None:
        grant = await consented(company)
        thief = company.world.fork(tmp_path / "fork")
        recipient = BoxSecret(company.random(32))
        access = company.access(recipient)
        hospital = Sender(node_of(thief), company.world["hospital-evora"].account, company.world.genesis.chain_id)
        await hospital.send(ACCESS_LOG, calls.append(company.address, digest(company.domain, access)))
        company.world.clock.now += 1
        assert thief.seal() is not None
        asked = Asked(access, await company.count() + 1, recipient)
        before = FileMemory(company.directory / "highest-header").load()
        company.reopen(node_of(thief))
        problem = await refused(company.answer(asked, grant))
        assert (problem.status, problem.problem) == (409, "unproven")
        assert FileMemory(company.directory / "highest-header").load() == before
        company.reopen(company.node)
        assert await company.notices() == []
        assert len(await company.answer(await company.asked(), grant)) == 1
        thief.close()

    run(flow())


def test_a_node_that_serves_an_old_head_is_found_out(company: Company) -> None:
    """A node that hides a withdrawal by serving the block before it is refused, even by a keeper that was restarted."""

    async def flow() -> None:
        await company.deposited()
        consent = await company.give(company.grant())
        asked = await company.asked()
        old = hex(company.world.engine.chain.head_number())
        await company.withdraw_on_chain(consent)
        assert await company.answer(asked, shown(consent)) == ()
        meddler = Meddler(company.world)

        def past(method: str, params: object) -> Awaitable[object] | None:
            if method == "hospes_getFinality" and params == ["finalized"]:
                return meddler.honest(method, [old])
            return None

        meddler.meddle = past
        company.reopen(meddler.node())
        problem = await refused(company.answer(asked, shown(consent)))
        assert (problem.status, problem.problem) == (409, "unproven")

    run(flow())


def test_a_foreign_chain_is_found_out(company: Company, tmp_path: Path) -> None:
    """The head of another network, sealed by that network's authority, proves nothing here."""

    async def flow() -> None:
        grant = await consented(company)
        asked = await company.asked()
        foreign = World(tmp_path / "foreign")
        company.reopen(foreign.node())
        assert (await refused(company.answer(asked, grant))).problem == "unproven"
        foreign.close()

    run(flow())


def test_a_node_that_hides_entries_is_found_out(company: Company) -> None:
    """A node that leaves the withdrawal out of a journey's entries cannot make the rest fold to the proven head."""

    async def flow() -> None:
        await company.deposited()
        consent = await company.give(company.grant())
        await company.withdraw_on_chain(consent)
        asked = await company.asked()
        meddler = Meddler(company.world)

        async def fewer(params: object) -> object:
            logs = cast("list[dict[str, list[str]]]", await meddler.honest("eth_getLogs", params))
            return [log for log in logs if int(log["topics"][2], 16) != asked.number - 1]

        meddler.meddle = lambda method, params: fewer(params) if method == "eth_getLogs" else None
        company.reopen(meddler.node())
        assert (await refused(company.answer(asked, shown(consent)))).problem == "unproven"

    run(flow())


def test_a_node_that_is_down_is_told_from_a_refusal(company: Company) -> None:
    """When no node answers, the hospital is told so, and nothing else."""

    async def flow() -> None:
        grant = await consented(company)
        asked = await company.asked()
        meddler = Meddler(company.world)

        async def down() -> object:
            await asyncio.sleep(0)
            raise OSError("connection refused")

        meddler.meddle = lambda _, __: down()
        company.reopen(meddler.node())
        problem = await refused(company.answer(asked, grant))
        assert (problem.status, problem.problem) == (504, "unreachable")

    run(flow())
