"""The console: who may look, two actions for break-glass, records in two languages, and a live inbox."""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from hospes.clients.hospital import page_files
from hospes.clients.hospital.bell import HEARTBEAT
from hospes.clients.hospital.configuration import GatewayConfiguration
from hospes.clients.hospital.console import API
from hospes.clients.hospital.console_bodies import Confirm, GivenCard, Kept, Look, Press, ReadAgain
from hospes.clients.hospital.reading import LANGUAGES, NO_LANGUAGE, NO_TRANSLATION, SAME_LANGUAGE, read_record
from hospes.core import wire
from hospes.core.bodies import GrantFile
from hospes.core.cards import Card
from hospes.core.chain import EntryKind
from hospes.core.errors import ConfigurationError
from hospes.core.identities import Address, Hash
from hospes.core.messages import TREATMENT
from hospes.service.http import Server
from tests.simulators.alerts import an_alert_box, sealed
from tests.simulators.clinic import Place, Ready
from tests.simulators.desks import CLERKS_TOKEN, DOCTOR, DOCTORS_TOKEN, LATE_TOKEN, Counter, badges, open_counter
from tests.simulators.traveller import Traveller

BUNDLE = (Path(__file__).parents[3] / "app/src/hospes/app/records/traveller.json").read_bytes()
FHIR = "application/fhir+json"
CALLS = (
    ("GET", "/session"),
    ("GET", "/inbox"),
    ("GET", "/events"),
    ("GET", "/patients"),
    ("GET", "/accesses"),
    ("POST", "/cards"),
    ("POST", "/grants"),
    ("POST", "/patients/forget"),
    ("POST", "/break-glass"),
    ("POST", "/break-glass/00"),
    ("POST", "/summaries"),
    ("POST", "/readings"),
    ("POST", f"/alerts/0x{'00' * 32}/acknowledge"),
)


@pytest.fixture
def counter(place: Place, tmp_path: Path) -> Iterator[Counter]:
    """A gateway of the real network."""
    opened = open_counter(place, tmp_path / "gateway", max_streams=2)
    yield opened
    opened.desk.close()


def _press(counter: Counter, journey: Address, token: str = DOCTORS_TOKEN) -> str:
    response = counter.call("POST", f"{API}/break-glass", Press(journey), token)
    assert response.status_code == 200, response.text
    assert response.json()["practitioner"] == DOCTOR
    return str(response.json()["name"])


def _confirm(counter: Counter, name: str, said: Confirm, token: str = DOCTORS_TOKEN) -> httpx.Response:
    return counter.call("POST", f"{API}/break-glass/{name}", said, token)


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("token", [None, "nobody-has-this-one", LATE_TOKEN])
def test_nobody_looks_without_a_token(counter: Counter, method: str, path: str, token: str | None) -> None:
    """Every call but the door's is refused before anything of it is read."""
    response = counter.call(method, API + path, b"{", token)
    assert (response.status_code, response.json()["type"]) == (401, "urn:hospes:problem:token")


def test_the_door_says_whose_it_is_and_that_it_is_a_demonstration(counter: Counter) -> None:
    """Before anybody signed in, and nothing else."""
    response = counter.call("GET", f"{API}/network", token=None)
    assert response.json() == {"member": "hospital-evora", "demonstration": True}


def test_another_web_page_cannot_use_a_token(counter: Counter) -> None:
    """A browser that asks for another page whether it may send a token is told no."""
    asked = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    for path in (f"{API}/break-glass", f"/fhir/Patient/0x{'11' * 20}/$summary"):
        response = counter.call("OPTIONS", path, token=None, headers=asked)
        assert response.status_code == 400
        allowed = response.headers.get("access-control-allow-headers", "").lower().split(", ")
        assert "authorization" not in allowed


def test_the_session_says_who_looks(counter: Counter) -> None:
    """Name, hospital, what they may, and that it is a demonstration."""
    doctor, clerk = (counter.call("GET", f"{API}/session", token=each).json() for each in (DOCTORS_TOKEN, CLERKS_TOKEN))
    assert (doctor["practitioner"], doctor["member"], doctor["demonstration"]) == (DOCTOR, "hospital-evora", True)
    assert (doctor["mayBreakGlass"], clerk["mayBreakGlass"]) == (True, False)
    assert doctor["languages"] == list(LANGUAGES)


def test_two_actions_open_the_record_in_the_readers_language(place: Place, counter: Counter) -> None:
    """Pressed, confirmed with name and reason: the summary, each fact in Portuguese beside the original."""

    async def travel() -> Traveller:
        traveller = Traveller(place.town)
        await traveller.deposit(BUNDLE, "emergency-summary", FHIR)
        await traveller.consent(traveller.emergency_grant())
        return traveller

    traveller = place.run(travel())
    counter.call("POST", f"{API}/cards", GivenCard(traveller.card.encode()))
    name = _press(counter, traveller.address)
    assert counter.desk.accesses.latest() == ()
    opened = _confirm(counter, name, Confirm(DOCTOR, "unconscious", "pt")).json()
    assert opened["breakGlass"] is True
    assert any("BREAK-GLASS" in line for line in opened["header"])
    (record,) = opened["records"]
    assert (record["what"], record["issued"], record["origin"]) == ("emergency-summary", False, "cut by the traveller")
    facts = [fact for section in record["reading"]["sections"] for fact in section["facts"]]
    penicillin = next(fact for fact in facts if "penicillin" in fact["text"]["original"])
    assert "penicilina" in "".join(piece["text"] for piece in penicillin["text"]["pieces"])
    assert penicillin["danger"] is True
    assert (penicillin["date"]["original"], penicillin["source"]) == ("1987-06", "Dr Eero Salmivirta")
    assert "não verificado por um clínico" in record["reading"]["notice"]
    (line,) = counter.call("GET", f"{API}/accesses").json()["lines"]
    assert (line["why"], line["reason"], line["practitioner"]) == ("emergency", "unconscious", DOCTOR)
    assert (line["outcome"], line["entry"]) == ("opened", opened["entry"])


def test_one_action_opens_nothing(counter: Counter, ready: Ready) -> None:
    """Never pressed, too late, twice, somebody else, another name, no reason: nobody is asked."""
    journey, clock = ready.traveller.address, counter.place.town.world.clock
    said = Confirm(DOCTOR, "unconscious", "pt")
    cases = {
        "press again": _confirm(counter, "00" * 16, said),
        "somebody else pressed": _confirm(counter, _press(counter, journey), said, CLERKS_TOKEN),
        "the traveller will see": _confirm(counter, _press(counter, journey), replace(said, practitioner="Dr. X")),
    }
    for words, response in cases.items():
        assert response.status_code == 409
        assert words in response.json()["detail"]
    for reason in ("", "two\nlines", "x" * 257):
        assert _confirm(counter, _press(counter, journey), replace(said, reason=reason)).status_code == 400
    name = _press(counter, journey)
    clock.now += 120
    assert _confirm(counter, name, said).status_code == 409
    refused = counter.call("POST", f"{API}/break-glass", Press(journey), CLERKS_TOKEN)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:hospes:problem:not-allowed")
    assert counter.desk.accesses.latest() == ()


def test_a_confirmation_serves_once(counter: Counter, ready: Ready) -> None:
    """Sent twice, it is one access; what came of it stands in the hospital's list, and the reason with it."""
    name, said = _press(counter, ready.traveller.address), Confirm(DOCTOR, "unconscious", "en")
    counter.desk.patients.add_card(ready.traveller.card.encode(), 1)
    assert [_confirm(counter, name, said).status_code for _ in range(2)] == [200, 409]
    assert len(counter.desk.accesses.latest()) == 1


def test_an_alert_that_is_not_here_cannot_be_answered(counter: Counter, ready: Ready) -> None:
    """Pressing for an alert that this hospital was not sent is refused."""
    press = Press(ready.traveller.address, Hash(b"1" * 32))
    assert counter.call("POST", f"{API}/break-glass", press).status_code == 404
    world = counter.place.town.world
    request = sealed(an_alert_box(), world.genesis.domain, world["hospital-evora"])
    counter.call("POST", "/v1/inbox", request, token=None)
    elsewhere = counter.call("POST", f"{API}/break-glass", Press(ready.traveller.address, request.alert_hash))
    assert (elsewhere.status_code, elsewhere.json()["type"]) == (422, "urn:hospes:problem:wrong-alert")


def test_an_alert_brings_the_gate(place: Place, counter: Counter, ready: Ready) -> None:
    """No card at the desk: the gate that came with the alert opens the summary of its journey, and of no other."""
    card, evora = ready.traveller.card, place.town.world["hospital-evora"]
    other = Card(card.chain_id, Address(b"o" * 20), card.gate_secret)
    name, said = _press(counter, card.journey), Confirm(DOCTOR, "unconscious", "en")
    assert _confirm(counter, name, said).status_code == 404
    for one in (card, other):
        request = sealed(an_alert_box(one), place.town.world.genesis.domain, evora)
        counter.call("POST", "/v1/inbox", request, token=None)
    shown = counter.call("GET", f"{API}/inbox").json()["alerts"]
    assert {alert["standing"] for alert in shown} == {"unconfirmed"}
    assert card.gate_secret.hex() not in json.dumps(shown)
    opened = _confirm(counter, _press(counter, card.journey), said)
    assert opened.status_code == 200
    assert opened.json()["records"][0]["reading"]["plain"] == ["allergic to penicillin"]
    assert _confirm(counter, _press(counter, other.journey), said).status_code == 404


def test_cards_and_grants_are_kept_and_forgotten(place: Place, counter: Counter) -> None:
    """Another network's card and broken ones are refused without repeating them; what is forgotten is gone."""

    async def travel() -> tuple[Traveller, GrantFile]:
        traveller = Traveller(place.town)
        await traveller.deposit(BUNDLE, "patient-summary", FHIR)
        grant = traveller.grant("member:hospital-evora", "patient-summary", TREATMENT)
        consent = await traveller.consent(grant, standing=False)
        return traveller, GrantFile(traveller.address, traveller.shown(consent))

    traveller, file = place.run(travel())
    card = traveller.card
    elsewhere = Card(card.chain_id + 1, card.journey, card.gate_secret).encode()
    for text, status in ((elsewhere, 422), (card.encode()[:-2], 400), ("", 400), (card.encode().lower(), 200)):
        response = counter.call("POST", f"{API}/cards", GivenCard(text))
        assert response.status_code == status
        assert len(text) < 9 or text not in response.text
    for _ in range(2):
        assert counter.call("POST", f"{API}/grants", file).status_code == 200
    (patient,) = counter.call("GET", f"{API}/patients").json()["patients"]
    assert (patient["card"], len(patient["grants"])) == (True, 1)
    assert card.gate_secret.hex() not in json.dumps(patient)
    opened = counter.call("POST", f"{API}/summaries", Look(file.journey, "es"))
    assert (opened.status_code, opened.json()["breakGlass"]) == (200, False)
    again = open_counter(place, counter.desk.configuration.directory)
    assert again.desk.patients.all() == counter.desk.patients.all()
    again.desk.close()
    assert counter.call("POST", f"{API}/patients/forget", Kept(file.journey)).status_code == 200
    assert counter.call("GET", f"{API}/patients").json() == {"patients": []}
    assert counter.call("POST", f"{API}/summaries", Look(file.journey, "es")).status_code == 404


def test_a_document_is_read_again_without_a_new_access(counter: Counter) -> None:
    """The page has it: another language costs no entry in the traveller's log."""
    english = json.loads(BUNDLE)
    again = ReadAgain(BUNDLE.decode(), FHIR, "de", "")
    reading = counter.call("POST", f"{API}/readings", again).json()
    assert reading["to"] == "de"
    assert any("Penicillin" in piece["text"] for piece in _texts(reading))
    for resource in [english, *(entry["resource"] for entry in english["entry"])]:
        resource.pop("language", None)
    unsaid = replace(again, document=json.dumps(english))
    assert counter.call("POST", f"{API}/readings", unsaid).json()["notice"] == NO_LANGUAGE
    assert counter.call("POST", f"{API}/readings", replace(unsaid, written_in="en")).json()["to"] == "de"
    assert counter.desk.accesses.latest() == ()


def _texts(reading: dict[str, Any]) -> list[dict[str, Any]]:
    facts = [fact for section in reading["sections"] for fact in section["facts"]]
    return [piece for fact in facts for piece in fact["text"]["pieces"]]


def test_where_there_is_no_translation_the_original_stands() -> None:
    """An unknown language, the same one, a text, a file that is broken: all of it is shown, and why it is alone."""
    assert read_record(BUNDLE, FHIR, "ja").notice == NO_TRANSLATION
    same = read_record(BUNDLE, FHIR, "en")
    assert (same.notice, same.to) == (SAME_LANGUAGE, "")
    assert all(not fact.text.pieces for section in same.sections for fact in section.facts)
    assert read_record(b"one\ntwo\x1b[2J", "text/plain", "pt").plain == ("one", "two [2J")
    (told,) = read_record(b"\xff\xd8", "image/jpeg", "pt").plain
    assert "2 bytes of image/jpeg" in told
    (told,) = read_record(b"{}", FHIR, "pt").plain
    assert "no patient summary" in told


def test_what_is_not_translated_is_marked() -> None:
    """Every piece says whether it is known, and all pieces together hold every digit of the original."""
    reading = read_record(BUNDLE, FHIR, "pt")
    pieces = [piece for section in reading.sections for said in section.narrative for piece in said.pieces]
    assert any(not piece.known for piece in pieces)
    for section in reading.sections:
        for fact in section.facts:
            target = "".join(piece.text for piece in fact.text.pieces)
            digits = [letter for letter in fact.text.original if letter.isdigit()]
            assert not digits or sorted(digits) == sorted(letter for letter in target if letter.isdigit())


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_only_the_pages_own_files_are_served(counter: Counter, name: str) -> None:
    """No other name, however it climbs, gives anything from the disk."""
    for path in (quote(name, safe=""), quote(f"../{name}", safe="/"), "..%2f" + quote(name, safe="")):
        response = counter.call("GET", f"/console/{path}", token=None)
        assert response.status_code in {404, 405} or name.strip("/.") == ""


def test_the_page_reaches_this_gateway_and_no_other(counter: Counter) -> None:
    """Each file comes under the policy, and the address without a name leads to it."""
    response = counter.call("GET", "/console/", token=None)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"] == page_files.POLICY
    assert "'unsafe" not in page_files.POLICY
    for name in ("console.js", "console.css", "icon.svg"):
        assert counter.call("GET", f"/console/{name}", token=None).status_code == 200
        assert f"/console/{name}" in response.text
    assert counter.call("GET", "/", token=None).headers["location"] == "/console/"


@asynccontextmanager
async def _served(counter: Counter) -> AsyncGenerator[httpx.AsyncClient, None]:
    """Serve a gateway on a port, since a stream does not end by itself."""
    server = Server(counter.app)
    await server.start()
    try:
        headers = {"Authorization": f"Bearer {DOCTORS_TOKEN}"}
        async with httpx.AsyncClient(base_url=server.url, headers=headers, trust_env=False, timeout=10) as http:
            yield http
    finally:
        await server.stop()


def test_the_page_hears_of_an_alert_at_once(place: Place, counter: Counter) -> None:
    """One event at first, one for each change; a third view is too many, and a closed one makes room."""
    request = sealed(an_alert_box(), place.town.world.genesis.domain, place.town.world["hospital-evora"])

    async def watch() -> None:
        async with _served(counter) as http, http.stream("GET", f"{API}/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = stream.aiter_lines()
            assert [await anext(lines) for _ in range(3)] == ["event: inbox", "data: 0", ""]
            assert (await http.post("/v1/inbox", content=wire.encode(request))).status_code == 200
            assert [await anext(lines) for _ in range(3)] == ["event: inbox", "data: 1", ""]
            async with http.stream("GET", f"{API}/events") as second:
                await anext(second.aiter_lines())
                refused = await http.get(f"{API}/events")
                assert (refused.status_code, refused.json()["type"]) == (503, "urn:hospes:problem:too-many-streams")

    place.run(watch())


def test_a_quiet_stream_beats_and_ends_with_its_token(place: Place, tmp_path: Path) -> None:
    """Silence is broken by heartbeats; when the token is taken out of the file, the stream ends."""
    hospital = place.hospital()
    counter = open_counter(place, tmp_path / "gateway", hospital)
    quick = GatewayConfiguration(tmp_path / "gateway", heartbeat_s=0.05)
    counter.desk.configuration = quick

    async def watch() -> bytes:
        received = b""
        async with _served(counter) as http, http.stream("GET", f"{API}/events") as stream:
            async for chunk in stream.aiter_bytes():
                received += chunk
                if HEARTBEAT in received:
                    quick.tokens_file.unlink(missing_ok=True)
        return received

    received = place.run(watch())
    counter.desk.close()
    assert received.startswith(b"event: inbox\ndata: 0\n\n: here\n\n")


def test_an_access_that_fails_is_in_the_hospitals_list(place: Place, counter: Counter) -> None:
    """Refused by the keepers, it still names the entry; the traveller's log has it, too."""
    journey = Address(b"q" * 20)
    assert counter.call("POST", f"{API}/summaries", Look(journey, "pt")).status_code == 404

    async def entries() -> int:
        reader = place.town.world.reader()
        return len((await reader.journal(journey, await reader.tip())).of_kind(EntryKind.ACCESS))

    (line,) = counter.desk.accesses.latest()
    assert (line.entry, line.outcome, place.run(entries())) == (1, "The keepers released nothing", 1)


@pytest.mark.parametrize("setting", ["max_unconfirmed", "two_actions_s", "max_streams", "look_s", "heartbeat_s"])
def test_settings_have_bounds(tmp_path: Path, setting: str) -> None:
    """What would make a gateway useless is refused when it starts."""
    with pytest.raises(ConfigurationError, match=setting):
        GatewayConfiguration(tmp_path, **{setting: 0})


def test_a_power_cut_leaves_a_line_that_says_so(
    counter: Counter, ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line is on the disk before anybody is asked: without an outcome, it says that none is known."""

    async def cut(_: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(counter.desk.hospital, "ask", cut)
    with pytest.raises(asyncio.CancelledError):
        counter.place.run(counter.desk.open(badges()[0], ready.traveller.address, break_glass=False))
    (line,) = counter.desk.accesses.latest()
    assert line.outcome == "asked; what came of it is not known here"
