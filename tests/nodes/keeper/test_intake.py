"""What a keeper takes from travellers, and what it refuses to hold."""

from dataclasses import replace
from typing import Any

import pytest

from hospes.core import boxes, wire
from hospes.core.bodies import AcceptedReply, StandingBox, StandingReply, StandingRequest
from hospes.core.identities import Hash, recover
from hospes.core.messages import Accepted, Mailbox, share_hash
from hospes.core.typed_data import digest
from hospes.nodes.keeper import deposits, intake
from tests.nodes.keeper.travelling import Company, refused, run, shown, stranger

LOW_ORDER = b"\x00\x20" + bytes(32)


def test_an_accepted_deposit_is_signed_for(company: Company) -> None:
    """The reply to a deposit is the keeper's signature over `Accepted`, the same however often it is asked for."""

    async def flow() -> None:
        request, _ = company.deposit()
        reply = await company.post("deposit", request, AcceptedReply)
        accepted = Accepted(digest(company.domain, request.deposit))
        assert reply.deposit_hash == accepted.deposit_hash
        assert recover(digest(company.domain, accepted), reply.signature) == company.keys.account.address
        company.reopen()
        assert await company.post("deposit", request, AcceptedReply) == reply

    run(flow())


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"keeper_epoch": 2}, "keeperEpoch"),
        ({"threshold": 3}, "threshold"),
        ({"share_hashes": (Hash(bytes(32)),) * 6}, "shareHashes"),
        ({"share_hashes": (Hash(bytes(32)),) * 7}, "its share is not the one"),
        ({"salt": Hash(bytes(32))}, "its share is not the one"),
    ],
)
def test_a_deposit_that_does_not_fit_is_refused(company: Company, changes: dict[str, Any], where: str) -> None:
    """Epoch, threshold and number of keepers are those in force, and the share is the one that the deposit names."""

    async def flow() -> None:
        request, _ = company.deposit(**changes)
        problem = await refused(company.post("deposit", request))
        assert (problem.status, problem.problem) == (422, "deposit-refused")
        assert where in problem.detail

    run(flow())


def test_anothers_share_is_refused(company: Company) -> None:
    """A share with another keeper's x is refused, even when its hash stands at this keeper's place."""

    async def flow() -> None:
        request, share = company.deposit()
        others = b"\x02" + share[1:]
        body = request.deposit.body
        lie = (share_hash(body.salt, others), *body.share_hashes[1:])
        deposit = replace(request.deposit, body=replace(body, share_hashes=lie))
        problem = await refused(company.post("deposit", company.deposit_request(deposit, others)))
        assert "not that of keeper 1" in problem.detail

    run(flow())


def test_a_keeper_that_is_not_in_office_holds_nothing(company: Company) -> None:
    """A member that runs no keeper of the epoch refuses deposits."""

    async def flow() -> None:
        company.keys = company.world["archive-nantes"]
        company.reopen()
        problem = await refused(company.post("deposit", company.deposit()[0]))
        assert "not in office" in problem.detail

    run(flow())


def test_a_deposit_needs_its_journeys_signature(company: Company) -> None:
    """Nobody deposits in another's name, and a box sealed for another deposit does not open."""

    async def flow() -> None:
        request, share = company.deposit()
        forged = stranger().sign(digest(company.domain, request.deposit))
        problem = await refused(company.post("deposit", replace(request, signature=forged)))
        assert (problem.status, problem.problem) == (403, "wrong-signature")
        other, _ = company.deposit()
        swapped = replace(request, box=other.box)
        assert (await refused(company.post("deposit", swapped))).problem == "box-does-not-open"
        assert share not in b"".join(path.read_bytes() for path in company.directory.iterdir())

    run(flow())


def test_a_second_different_deposit_of_a_record_is_refused(company: Company) -> None:
    """What the first deposit of a record says stays; the second changes nothing."""

    async def flow() -> None:
        request, share = company.deposit()
        await company.post("deposit", request)
        other = replace(request.deposit, body=replace(request.deposit.body, key_check=Hash(bytes(32))))
        problem = await refused(company.post("deposit", company.deposit_request(other, share)))
        assert (problem.status, problem.problem) == (409, "conflict")
        await company.log_deposit(request)
        consent = await company.give(company.grant())
        (released,) = await company.answer(await company.asked(), shown(consent))
        assert released.deposit == request.deposit

    run(flow())


def test_a_journey_with_many_deposits_may_go_on(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only those count as waiting that the log does not have: once they are logged, the next ones are taken."""
    for module in (deposits, intake):
        monkeypatch.setattr(module, "MAX_WAITING", 2)

    async def flow() -> None:
        await company.deposited()
        await company.deposited()
        waiting = [company.deposit()[0] for _ in range(3)]
        await company.post("deposit", waiting[0])
        await company.post("deposit", waiting[1])
        problem = await refused(company.post("deposit", waiting[2]))
        assert (problem.status, problem.problem) == (422, "deposit-refused")
        await company.log_deposit(waiting[1])
        await company.post("deposit", waiting[2])

    run(flow())


def test_a_standing_consent_is_confirmed(company: Company) -> None:
    """The reply names the consent that is held, the same when it is left again."""

    async def flow() -> None:
        consent = await company.give(company.grant())
        request = company.standing_request(consent)
        assert (await company.post("standing", request, StandingReply)).grants_hash == consent.grants_hash
        assert (await company.post("standing", request, StandingReply)).grants_hash == consent.grants_hash

    run(flow())


def test_a_standing_consent_needs_its_journeys_signature(company: Company) -> None:
    """Nobody leaves a consent in another's name, and a box for one journey does not open for another."""

    async def flow() -> None:
        consent = await company.give(company.grant())
        key, hers = company.journey.notice.public, boxes.BoxSecret(company.random(32)).public
        own, mailbox = company.sign(consent), company.sign(Mailbox(company.address, key))
        forged = (
            StandingBox(consent, stranger().sign(digest(company.domain, consent)), key, mailbox),
            StandingBox(consent, own, hers, mailbox),
            StandingBox(consent, own, hers, stranger().sign(digest(company.domain, Mailbox(company.address, hers)))),
        )
        info = boxes.standing_info(company.domain, company.address, company.keys.account.address)
        for one in forged:
            box = boxes.seal(company.keys.box.public, info, wire.encode(one))
            problem = await refused(company.post("standing", StandingRequest(company.address, box)))
            assert problem.problem == "wrong-signature"
        request = company.standing_request(consent)
        moved = replace(request, journey=stranger().address)
        assert (await refused(company.post("standing", moved))).problem == "box-does-not-open"

    run(flow())


def test_the_first_notice_key_of_a_journey_stays(company: Company) -> None:
    """A journey has one notice key at a keeper: another one, even rightly signed, is refused."""

    async def flow() -> None:
        first, second = await company.give(company.grant()), await company.give(company.grant())
        await company.leave(first)
        problem = await refused(company.leave(second, boxes.BoxSecret(company.random(32)).public))
        assert (problem.status, problem.problem) == (409, "conflict")
        await company.leave(second)

    run(flow())


def test_a_notice_key_that_nothing_can_be_sealed_to_is_refused(company: Company) -> None:
    """Or every later access of the journey would fail."""

    async def flow() -> None:
        consent = await company.give(company.grant())
        problem = await refused(company.leave(consent, LOW_ORDER))
        assert (problem.status, problem.problem) == (400, "malformed")
        assert "noticeKey" in problem.detail

    run(flow())


@pytest.mark.parametrize("call", ["deposit", "standing", "access", "notices", "relay", "receipt"])
@pytest.mark.parametrize("body", [b"", b"{}", b"null", b'{"box": 1}', b"\xff", b'{"box":"0x","box":"0x"}'])
def test_a_malformed_body_gets_a_typed_error(company: Company, call: str, body: bytes) -> None:
    """Whatever arrives, the answer is a problem document that says what and where."""

    async def flow() -> None:
        async with company.http() as http:
            response = await http.post(f"/v1/{call}", content=body)
        assert response.status_code == 400
        assert response.json()["type"] == "urn:hospes:problem:malformed"

    run(flow())
