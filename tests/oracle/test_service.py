"""The oracle over HTTP: what a traveller, another oracle and a stranger hear from it, and what the live stream says."""

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from hospes.core import boxes, wire
from hospes.core.errors import ConfigurationError
from hospes.core.identities import Account, Hash, keccak
from hospes.core.messages import Unenrolment
from hospes.core.oracle_bodies import AttestBox, AttestReply, AttestRequest, EnrolReply, UnenrolReply, UnenrolRequest
from hospes.core.typed_data import digest
from hospes.oracle.commands import oracle
from hospes.oracle.parts import attestation_digest
from hospes.service.errors import RemoteError
from tests.oracle.test_agreeing import asked
from tests.simulators.ward import NAMES, Ward, ward

FIRST, SECOND = NAMES[0], NAMES[1]


def run(root: Path, story: Any) -> None:  # noqa: ANN401 - a function of a ward
    """Run a story in a ward."""

    async def told() -> None:
        async with ward(root) as place:
            await story(place)

    asyncio.run(told())


async def problem(work: Coroutine[Any, Any, Any]) -> str:
    """Return the slug of the problem that a call ends with."""
    with pytest.raises(RemoteError) as raised:
        await work
    return raised.value.problem


def test_an_enrolment_is_taken_once_and_names_where_frames_go(tmp_path: Path) -> None:
    """The reply has the frames' port; the same again changes nothing; another key for the same time is refused."""

    async def story(place: Ward) -> None:
        request = place.enrol_request(FIRST)
        for _ in range(2):
            reply: EnrolReply = await place.post(FIRST, "/v1/enrol", request, EnrolReply)
            assert reply.frames_port == place[FIRST].tcp.port != 0
        again = place.enrol_request(FIRST, frame_key=b"k" * 32)
        assert await problem(place.post(FIRST, "/v1/enrol", again, EnrolReply)) == "enrolment-refused"
        assert len(place[FIRST].parts.enrolments) == 1

    run(tmp_path, story)


def test_what_the_journey_did_not_sign_is_refused(tmp_path: Path) -> None:
    """A box for another oracle does not open; another signer, another oracle inside, and old words are refused."""

    async def story(place: Ward) -> None:
        other = place.enrol_request(SECOND)
        assert await problem(place.post(FIRST, "/v1/enrol", other, EnrolReply)) == "box-does-not-open"
        elsewhere = place.enrol_request(FIRST, oracle=place.world.members[SECOND].account.address)
        assert await problem(place.post(FIRST, "/v1/enrol", elsewhere, EnrolReply)) == "enrolment-refused"
        old = place.enrol_request(FIRST, at=int(place.world.clock()) - 400)
        assert await problem(place.post(FIRST, "/v1/enrol", old, EnrolReply)) == "enrolment-refused"
        forged = place.enrol_request(FIRST, signer=Account(b"\x07" * 32))
        assert await problem(place.post(FIRST, "/v1/enrol", forged, EnrolReply)) == "wrong-signature"

    run(tmp_path, story)


def test_only_the_journey_ends_its_enrolment_and_an_old_word_does_not(tmp_path: Path) -> None:
    """Somebody else's signature, and a word from before the enrolment, end nothing."""

    async def story(place: Ward) -> None:
        await place.enrol(FIRST)
        account = place.world.members[FIRST].account.address
        now = int(place.world.clock())
        word = Unenrolment(place.journey, account, now)
        forged = UnenrolRequest(word, Account(b"\x07" * 32).sign(digest(place.world.genesis.domain, word)))
        assert await problem(place.post(FIRST, "/v1/unenrol", forged, UnenrolReply)) == "wrong-signature"
        old = Unenrolment(place.journey, account, now - 1)
        signed = UnenrolRequest(old, place.keys.account.sign(digest(place.world.genesis.domain, old)))
        assert await problem(place.post(FIRST, "/v1/unenrol", signed, UnenrolReply)) == "enrolment-refused"
        assert len(place[FIRST].parts.enrolments) == 1
        request = place.enrol_request(FIRST)
        await place.unenrol(FIRST)
        assert await problem(place.post(FIRST, "/v1/enrol", request, EnrolReply)) == "enrolment-refused"

    run(tmp_path, story)


def _request(place: Ward, box: AttestBox, signer: Account, to: Any = FIRST) -> AttestRequest:  # noqa: ANN401
    domain, keys = place.world.genesis.domain, place.world.members[to]
    alert_hash = digest(domain, box.alert)
    signed = replace(box, attestation=signer.sign(attestation_digest(domain, alert_hash, box.oracle_epoch)))
    info = boxes.attest_info(domain, alert_hash, keys.account.address)
    return AttestRequest(alert_hash, boxes.seal(keys.box.public, info, wire.encode(signed)))


def test_a_stranger_learns_nothing_from_asking_to_attest(tmp_path: Path) -> None:
    """Whether the journey is known, and whether the values fit, cannot be told: one answer, byte for byte."""

    async def story(place: Ward) -> None:
        await place.enrol(FIRST)
        await place.live(60)
        unknown, stranger = asked(), Account(b"\x07" * 32)
        known = replace(unknown, alert=replace(unknown.alert, journey=place.journey))
        peer = place.world.members[SECOND].account
        me = place.world.members[FIRST].account
        asking = [(unknown, stranger), (known, stranger), (unknown, peer), (known, peer), (known, me)]
        asking += [(replace(known, oracle_epoch=2), peer), (replace(known, previous=Hash(b"p" * 32)), peer)]
        answers = set[bytes]()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(place[FIRST].app), base_url="http://o") as http:
            for box, signer in asking:
                reply = await http.post("/v1/attest", content=wire.encode(_request(place, box, signer)))
                assert reply.status_code == 403
                answers.add(reply.content)
        assert len(answers) == 1
        assert json.loads(answers.pop())["type"] == "urn:hospes:problem:not-attested"

    run(tmp_path, story)


def test_a_request_that_was_sealed_to_another_does_not_open(tmp_path: Path) -> None:
    """The box is bound to the alert's hash and to the oracle that is asked."""

    async def story(place: Ward) -> None:
        request = _request(place, asked(), place.world.members[SECOND].account, to=SECOND)
        assert await problem(place.post(FIRST, "/v1/attest", request, AttestReply)) == "box-does-not-open"
        moved = AttestRequest(Hash(keccak(b"another")), request.box)
        assert await problem(place.post(SECOND, "/v1/attest", moved, AttestReply)) == "box-does-not-open"

    run(tmp_path, story)


def test_stream_metrics_and_logs_hold_nothing_personal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Through a whole alert, no journey, device, gate, value or place is in the stream, the metrics or the logs."""
    heard: list[bytes] = []
    metrics: list[str] = []
    secrets: list[str] = []

    async def story(place: Ward) -> None:
        async def listen() -> None:
            async for event in place[FIRST].parts.happenings.events("here", 0.05, 60.0):
                heard.append(event)  # noqa: PERF401 - what was heard must be there when this is cancelled

        listening = asyncio.create_task(listen())
        await place.enrol()
        await place.live(60)
        await place.live(70, oxygen=81.5)
        await place.until_raised()
        await place.settle(0.2)
        listening.cancel()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(place[FIRST].app), base_url="http://o") as http:
            assert (await http.get("/health")).json() == {"status": "up"}
            metrics.append((await http.get("/metrics")).text)
        secrets.extend([place.journey.hex(), place.card.gate_secret.hex(), "81.5", "38.57", "38571", "7041"])
        secrets.extend(key.hex() for key in place.frame_keys)

    run(tmp_path, story)
    stream = b"".join(heard).decode()
    assert "event: frames" in stream
    assert "event: attested" in stream or "event: sent" in stream
    assert 'hospes_oracle_happenings_total{reason="",what="frames"}' in metrics[0]
    told = stream + metrics[0] + "".join(capfd.readouterr())
    assert [secret for secret in secrets if secret in told] == []


def test_the_status_command_counts_and_opens_nothing(tmp_path: Path) -> None:
    """`hospes oracle status` works beside a running oracle, and says what is missing elsewhere."""

    async def story(place: Ward) -> None:
        await place.enrol(FIRST)
        await place.live(20)
        shown = CliRunner().invoke(oracle, ["status", "--data", str(tmp_path / FIRST)])
        assert shown.exit_code == 0
        assert "enrolments  1" in shown.output

    run(tmp_path, story)
    nothing = CliRunner().invoke(oracle, ["status", "--data", str(tmp_path)])
    assert isinstance(nothing.exception, ConfigurationError)
