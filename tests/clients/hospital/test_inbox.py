"""The inbox: on the disk before the reply, believed only as far as the chain goes, and never crowded out."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from hospes.clients.hospital.gateway_errors import NoAlertError
from hospes.clients.hospital.inbox import Inbox, Standing
from hospes.clients.hospital.shelf import Shelf
from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG
from hospes.core import boxes, wire
from hospes.core.alert_box import AlertBox
from hospes.core.bodies import InboxReply, InboxRequest
from hospes.core.chain import AlertState
from hospes.core.errors import BoxError, ConfigurationError, MalformedError
from hospes.core.identities import ZERO_HASH, Address, Hash, MemberId
from hospes.core.typed_data import Domain, digest
from hospes.service.errors import NodeError
from hospes.service.membership import MemberKeys
from tests.simulators.alerts import an_alert_box, sealed
from tests.simulators.clinic import Place, Ready
from tests.simulators.desks import NEVER_RAISED, Counter, Told, open_counter

NOW = 1_900_000_000
_DIES = f"""
import os, sys
from pathlib import Path
from hospes.clients.hospital.inbox import Inbox
from hospes.clients.hospital.shelf import Shelf
from hospes.core import wire
from hospes.core.bodies import InboxRequest
from hospes.core.typed_data import Domain
from hospes.service.membership import load_member
file, keys, message, chain_id, contract = sys.argv[1:]
domain = Domain(int(chain_id), bytes.fromhex(contract))
inbox = Inbox(Shelf(Path(file)), load_member(Path(keys)), domain, 3)
assert inbox.receive(wire.decode(InboxRequest, Path(message).read_bytes()), {NOW})
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def evora(place: Place) -> MemberKeys:
    """The hospital's keys."""
    return place.town.world["hospital-evora"]


@pytest.fixture
def domain(place: Place) -> Domain:
    """The network's."""
    return place.town.world.genesis.domain


@pytest.fixture
def counter(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    """A gateway whose chain says of alerts what `told` says."""
    hospital = place.hospital()
    opened = open_counter(place, tmp_path / "gateway", hospital, max_unconfirmed=3)
    told = Told()
    monkeypatch.setattr(hospital.chain, "alert", told.alert)
    opened.app.state.told = told
    yield opened
    opened.desk.close()


def _told(counter: Counter) -> Told:
    told = counter.app.state.told
    assert isinstance(told, Told)
    return told


def _raised(box: AlertBox, account: Address, acknowledged: int = 0) -> AlertState:
    alert = box.alert
    return AlertState(7, alert.raised_at, acknowledged, acknowledged, account, alert.deadline, 1, ZERO_HASH)


def test_an_alert_is_on_the_disk_before_the_reply(counter: Counter, evora: MemberKeys, domain: Domain) -> None:
    """When the oracle hears that the hospital has it, another process finds it in the file."""
    box = an_alert_box()
    request = sealed(box, domain, evora)
    response = counter.call("POST", "/v1/inbox", request, token=None)
    assert response.status_code == 200
    assert wire.decode(InboxReply, response.content).alert_hash == request.alert_hash
    again = Shelf(counter.desk.configuration.shelf_file)
    assert Inbox(again, evora, domain, 3).alert(request.alert_hash).box == box
    again.close()


def test_killed_between_the_disk_and_the_reply_it_has_the_alert(place: Place, tmp_path: Path) -> None:
    """A process that dies after writing comes back with the alert, and the oracle's second try changes nothing."""
    world, keys_file = place.town.world, place.town.world.network.member_file(MemberId("hospital-evora"))
    evora, domain = world["hospital-evora"], world.genesis.domain
    request, file, message = sealed(an_alert_box(), domain, evora), tmp_path / "shelf.sqlite", tmp_path / "request"
    message.write_bytes(wire.encode(request))
    place_of_domain = [str(domain.chain_id), domain.verifying_contract.hex()]
    command = [sys.executable, "-c", _DIES, str(file), str(keys_file), str(message), *place_of_domain]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    shelf = Shelf(file)
    inbox = Inbox(shelf, evora, domain, 3)
    assert [each.alert_hash for each in inbox.alerts()] == [request.alert_hash]
    assert not inbox.receive(request, NOW + 5)
    assert inbox.alert(request.alert_hash).received_at == NOW
    shelf.close()


def test_the_same_alert_twice_is_one_alert(counter: Counter, evora: MemberKeys, domain: Domain) -> None:
    """Sealed anew or sent anew, it stands once, as it came first."""
    box = an_alert_box()
    for request in (sealed(box, domain, evora), sealed(box, domain, evora)):
        assert counter.call("POST", "/v1/inbox", request, token=None).status_code == 200
    assert len(counter.desk.inbox.alerts()) == 1


def test_a_new_key_does_not_keep_a_gateway_from_starting(
    counter: Counter, place: Place, evora: MemberKeys, domain: Domain
) -> None:
    """What was sealed to another key is not shown and not lost: with the old key it is there again."""
    request = sealed(an_alert_box(), domain, evora)
    counter.desk.inbox.receive(request, NOW)
    shelf = Shelf(counter.desk.configuration.shelf_file)
    other = replace(evora, box=place.town.world["hospital-badajoz"].box)
    assert Inbox(shelf, other, domain, 3).alerts() == ()
    assert len(Inbox(shelf, evora, domain, 3).alerts()) == 1
    shelf.close()


def test_nothing_in_the_file_is_in_clear(counter: Counter, evora: MemberKeys, domain: Domain, ready: Ready) -> None:
    """Neither a journey, a gate, a reason, a card nor a name can be read from the disk without the hospital's key."""
    card = ready.traveller.card
    counter.call("POST", "/v1/inbox", sealed(an_alert_box(card), domain, evora), token=None)
    counter.desk.patients.add_card(card.encode(), NOW)
    folder = counter.desk.configuration.directory
    written = b"".join(path.read_bytes() for path in folder.iterdir() if path.suffix != ".json")
    for secret in (
        card.journey,
        card.gate_secret,
        b"heart_rate",
        card.encode()[:20].encode(),
        card.journey.hex().encode(),
    ):
        assert secret not in written
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_a_box_for_somebody_else_is_refused(counter: Counter, place: Place, evora: MemberKeys, domain: Domain) -> None:
    """Sealed to another member, for another alert, naming another hospital, or empty: a typed error, and no alert."""
    box, other = an_alert_box(), place.town.world["hospital-badajoz"]
    good = sealed(box, domain, evora)
    info = boxes.alert_info(domain, good.alert_hash, evora.account.address)
    lying = AlertBox(replace(box.alert, severity=1), box.gate, box.detail)
    cases = {
        "box-does-not-open": sealed(box, domain, other),
        "wrong-alert": InboxRequest(good.alert_hash, boxes.seal(evora.box.public, info, wire.encode(lying))),
        "malformed": InboxRequest(good.alert_hash, boxes.seal(evora.box.public, info, b"{}")),
    }
    for slug, request in cases.items():
        response = counter.call("POST", "/v1/inbox", request, token=None)
        assert response.json()["type"] == f"urn:hospes:problem:{slug}"
    elsewhere = counter.call("POST", "/v1/inbox", sealed(an_alert_box(addressee="hospital-lyon"), domain, evora), None)
    assert elsewhere.status_code == 422
    assert "names another hospital" in elsewhere.json()["detail"]
    assert counter.desk.inbox.alerts() == ()


@given(st.binary(max_size=200), st.binary(max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_of_a_stranger_become_an_alert(place: Place, tmp_path: Path, box: bytes, name: bytes) -> None:
    """Whatever comes as a box, under whatever hash, is a typed error that changes nothing."""
    evora, domain = place.town.world["hospital-evora"], place.town.world.genesis.domain
    shelf = Shelf(tmp_path / "shelf.sqlite")
    inbox = Inbox(shelf, evora, domain, 3)
    body = b'{"alertHash":"0x' + name.hex().encode() + b'","box":"0x' + box.hex().encode() + b'"}'
    with pytest.raises((MalformedError, BoxError)):
        inbox.receive(wire.decode(InboxRequest, body), NOW)
    assert inbox.alerts() == ()
    assert shelf.all("alert") == ()
    shelf.close()


def test_an_alert_is_not_confirmed_until_the_chain_has_it(
    counter: Counter, place: Place, evora: MemberKeys, domain: Domain
) -> None:
    """It is shown at once and says so; when the chain has it, it says that, and those who look are told."""
    box = an_alert_box()
    request, desk = sealed(box, domain, evora), counter.desk
    counter.call("POST", "/v1/inbox", request, token=None)
    account, rings = evora.account.address, desk.bell.rings
    place.run(desk.look())
    assert desk.inbox.alert(request.alert_hash).standing(account) is Standing.UNCONFIRMED
    assert desk.held(box.alert.journey).gate == box.gate
    assert desk.held(box.alert.journey).alert is None
    _told(counter).states[request.alert_hash] = _raised(box, account)
    place.run(_seal_and_look(counter))
    assert desk.inbox.alert(request.alert_hash).standing(account) is Standing.CONFIRMED
    assert desk.held(box.alert.journey).alert == box.alert
    assert desk.bell.rings > rings


async def _seal_and_look(counter: Counter) -> None:
    """Let a block pass, since nothing is asked twice at the same one."""
    sender = counter.place.town.world.sender("hospital-badajoz")
    await sender.final(await sender.send(ACCESS_LOG, calls.append(Address(os.urandom(20)), Hash(os.urandom(32)))))
    await counter.desk.look()


@pytest.mark.parametrize("change", ["addressee", "deadline"])
def test_what_the_chain_contradicts_is_said(
    counter: Counter, place: Place, evora: MemberKeys, domain: Domain, change: str
) -> None:
    """Raised for another hospital, or with another deadline, it is no evidence."""
    box = an_alert_box()
    request, account = sealed(box, domain, evora), evora.account.address
    state = _raised(box, account)
    wrong = {"addressee": replace(state, addressee=Address(b"x" * 20)), "deadline": replace(state, deadline=1)}
    counter.call("POST", "/v1/inbox", request, token=None)
    _told(counter).states[request.alert_hash] = wrong[change]
    place.run(counter.desk.look())
    assert counter.desk.inbox.alert(request.alert_hash).standing(account) is Standing.CONTRADICTED
    assert counter.desk.held(box.alert.journey).alert is None


def test_strangers_cannot_crowd_out_an_alert_that_the_chain_has(
    counter: Counter, evora: MemberKeys, domain: Domain
) -> None:
    """With all room taken by alerts that nobody raised, one more such is refused, and a raised one is taken."""
    for _ in range(3):
        assert counter.call("POST", "/v1/inbox", sealed(an_alert_box(), domain, evora), token=None).status_code == 200
    refused = counter.call("POST", "/v1/inbox", sealed(an_alert_box(), domain, evora), token=None)
    assert (refused.status_code, refused.json()["type"]) == (507, "urn:hospes:problem:inbox-full")
    box = an_alert_box()
    request = sealed(box, domain, evora)
    _told(counter).states[request.alert_hash] = _raised(box, evora.account.address)
    assert counter.call("POST", "/v1/inbox", request, token=None).status_code == 200
    _told(counter).fails = NodeError("eth_getProof", "it is down")
    assert counter.call("POST", "/v1/inbox", sealed(an_alert_box(), domain, evora), token=None).status_code == 502


def test_one_source_cannot_fill_the_inbox_at_once(counter: Counter, evora: MemberKeys, domain: Domain) -> None:
    """After its share, a source is told when to come again."""
    request = sealed(an_alert_box(), domain, evora)
    statuses = [counter.call("POST", "/v1/inbox", request, token=None).status_code for _ in range(70)]
    assert statuses[:60] == [200] * 60
    assert statuses[-1] == 429


def test_what_nobody_raised_is_forgotten_after_its_time(counter: Counter, evora: MemberKeys, domain: Domain) -> None:
    """Only when the chain said so: an alert that was never looked up, or was raised, stays."""
    inbox, account = counter.desk.inbox, evora.account.address
    unknown, never, raised = (an_alert_box() for _ in range(3))
    for box in (unknown, never, raised):
        inbox.receive(sealed(box, domain, evora), NOW)
    inbox.note(digest(domain, never.alert), NEVER_RAISED)
    inbox.note(digest(domain, raised.alert), _raised(raised, account))
    assert not inbox.drop_unconfirmed(NOW)
    assert inbox.drop_unconfirmed(NOW + 200_000)
    assert {each.box for each in inbox.alerts()} == {unknown, raised}


def test_acknowledging_what_the_chain_does_not_have_is_refused(
    counter: Counter, evora: MemberKeys, domain: Domain
) -> None:
    """Unknown, unconfirmed, or with the chain out of reach: each says what it is."""
    assert counter.call("POST", f"/console/api/alerts/0x{'11' * 32}/acknowledge").status_code == 404
    with pytest.raises(NoAlertError):
        counter.desk.inbox.alert(Hash(b"1" * 32))
    request = sealed(an_alert_box(), domain, evora)
    counter.call("POST", "/v1/inbox", request, token=None)
    path = f"/console/api/alerts/0x{request.alert_hash.hex()}/acknowledge"
    refused = counter.call("POST", path)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:hospes:problem:unconfirmed-alert")
    _told(counter).fails = NodeError("eth_getProof", "it is down")
    assert counter.call("POST", path).status_code == 502
    assert counter.call("POST", path, token=None).status_code == 401


def test_acknowledged_before_it_is_acknowledged_still(counter: Counter, evora: MemberKeys, domain: Domain) -> None:
    """Pressing twice, or after a colleague, sends nothing and shows when it was done."""
    box = an_alert_box()
    request = sealed(box, domain, evora)
    counter.call("POST", "/v1/inbox", request, token=None)
    _told(counter).states[request.alert_hash] = _raised(box, evora.account.address, box.alert.deadline + 1)
    shown = counter.call("POST", f"/console/api/alerts/0x{request.alert_hash.hex()}/acknowledge").json()
    assert shown["standing"] == "acknowledged"
    assert shown["acknowledgedAt"] == str(box.alert.deadline + 1)
    assert shown["late"] is True


def test_a_file_that_is_no_shelf_is_refused(tmp_path: Path) -> None:
    """An operator hears what is wrong; nothing is written over."""
    (tmp_path / "shelf.sqlite").write_bytes(b"something else" * 100)
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        Shelf(tmp_path / "shelf.sqlite")
    assert (tmp_path / "shelf.sqlite").read_bytes() == b"something else" * 100


def test_a_watch_survives_a_chain_that_is_down(counter: Counter, evora: MemberKeys, domain: Domain) -> None:
    """While the node fails the watch goes on, and sees the alert when it is back."""
    box = an_alert_box()
    request = sealed(box, domain, evora)
    counter.call("POST", "/v1/inbox", request, token=None)
    told = _told(counter)
    told.fails = NodeError("eth_getProof", "it is down")

    async def watch() -> None:
        async with counter.desk.watching():
            await asyncio.sleep(0.05)
            told.fails, told.states = None, {request.alert_hash: _raised(box, evora.account.address)}
            async with asyncio.timeout(5), counter.desk.bell.listener() as heard:
                while counter.desk.inbox.alert(request.alert_hash).state is None:
                    await heard.wait()
                    heard.clear()

    counter.place.run(watch())
