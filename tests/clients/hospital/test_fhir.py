"""FHIR: a summary as it came with a tag that says where from, every refusal an OperationOutcome, and no emergency by
accident.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from hospes.clients.hospital import OpenedRecord, Origin, Request, Unopened
from hospes.clients.hospital.errors import NothingReleasedError, TooFewSharesError
from hospes.clients.hospital.fhir import outcome_of, summary_bundle
from hospes.clients.hospital.gateway_errors import NotFhirError
from hospes.clients.hospital.quorum import Asked
from hospes.core.bodies import GrantFile
from hospes.core.cards import Card
from hospes.core.chain import EntryKind
from hospes.core.errors import TABLE, HospesError
from hospes.core.identities import Account, Address, MemberId, keccak, to_hex
from hospes.core.messages import EMERGENCY, TREATMENT, Issued
from hospes.core.sealing import SignedIssued
from hospes.core.typed_data import digest
from hospes.service.errors import NodeError, UnreachableError
from tests.simulators.clinic import Place
from tests.simulators.desks import CLERKS_TOKEN, DOCTOR, DOCTORS_TOKEN, LATE_TOKEN, Counter, open_counter
from tests.simulators.traveller import Traveller

FHIR = "application/fhir+json"
BUNDLE = (Path(__file__).parents[3] / "app/src/hospes/app/records/traveller.json").read_bytes()
NOBODY = to_hex(Account(keccak(b"nobody at all")).address)


@pytest.fixture
def counter(place: Place, tmp_path: Path) -> Iterator[Counter]:
    """A gateway of the real network."""
    opened = open_counter(place, tmp_path / "gateway")
    yield opened
    opened.desk.close()


def _path(journey: Address | str, **query: str) -> str:
    name = journey if isinstance(journey, str) else to_hex(journey)
    return f"/fhir/Patient/{name}/$summary" + (f"?{urlencode(query)}" if query else "")


def _issue(response: httpx.Response) -> dict[str, Any]:
    assert response.headers["content-type"] == FHIR
    outcome = response.json()
    assert outcome["resourceType"] == "OperationOutcome"
    (issue,) = outcome["issue"]
    assert issue["severity"] == "error"
    assert issue["diagnostics"]
    return cast("dict[str, Any]", issue)


async def _traveller(place: Place) -> Traveller:
    """Return a traveller with both summaries and a standing consent for emergencies."""
    traveller = Traveller(place.town)
    badajoz, domain = place.town.world["hospital-badajoz"], place.town.world.genesis.domain
    word = Issued(badajoz.id, "patient-summary", keccak(BUNDLE), 1_800_000_000)
    signed = SignedIssued(word, badajoz.account.sign(digest(domain, word)))
    await traveller.deposit(BUNDLE, "patient-summary", FHIR, signed)
    await traveller.deposit(BUNDLE, "emergency-summary", FHIR)
    await traveller.consent(traveller.emergency_grant())
    return traveller


def _accesses(place: Place, journey: Address) -> int:
    async def count() -> int:
        reader = place.town.world.reader()
        return len((await reader.journal(journey, await reader.tip())).of_kind(EntryKind.ACCESS))

    return place.run(count())


def test_a_grant_gives_the_summary_as_its_issuer_signed_it(place: Place, counter: Counter) -> None:
    """With the traveller's grant at the desk, the document comes for treatment, whole, and says who issued it."""

    async def travel() -> GrantFile:
        traveller = await _traveller(place)
        grant = traveller.grant("member:hospital-evora", "patient-summary", TREATMENT)
        return GrantFile(traveller.address, traveller.shown(await traveller.consent(grant, standing=False)))

    file = place.run(travel())
    assert counter.call("GET", _path(file.journey)).status_code == 404
    assert counter.call("POST", "/console/api/grants", file).status_code == 200
    response = counter.call("GET", _path(file.journey), headers={"Accept": FHIR})
    assert (response.status_code, response.headers["content-type"]) == (200, FHIR)
    assert response.headers["cache-control"] == "no-store"
    bundle = response.json()
    original, meta = json.loads(BUNDLE), bundle.pop("meta")
    assert meta["profile"] == original.pop("meta")["profile"]
    assert bundle == original
    tags = {tag["system"]: tag for tag in meta["tag"]}
    assert tags["urn:hospes:origin"]["code"] == "issued"
    assert tags["urn:hospes:origin"]["display"] == "issued and signed by hospital-badajoz"
    assert tags["urn:hospes:issuer"]["code"] == "hospital-badajoz"
    assert tags["urn:hospes:record-class"]["code"] == "patient-summary"
    assert tags["urn:hospes:network"]["code"] == "demonstration"
    assert {each["code"] for each in meta["security"]} == {"TREAT", "HTEST"}


def test_break_glass_is_said_in_the_request_and_shows_in_the_log(place: Place, counter: Counter) -> None:
    """With the card at the desk, ``break_glass=true`` gives the emergency summary; without the word it does not."""
    traveller = place.run(_traveller(place))
    card = traveller.card.encode()
    assert counter.call("POST", "/console/api/cards", json.dumps({"card": card}).encode()).status_code == 200
    assert counter.call("GET", _path(traveller.address)).status_code == 404
    response = counter.call("GET", _path(traveller.address, break_glass="true"))
    assert response.status_code == 200
    meta = response.json()["meta"]
    assert {"system": "urn:hospes:record-class", "code": "emergency-summary"} in meta["tag"]
    assert {each["code"] for each in meta["security"]} == {"BTG", "HTEST"}
    origin = next(tag for tag in meta["tag"] if tag["system"] == "urn:hospes:origin")
    assert origin["code"] == "cut-by-the-traveller"
    lines = counter.desk.accesses.latest()
    assert [(line.why, line.outcome, line.entry > 0) for line in lines] == [
        (EMERGENCY, "opened", True),
        (TREATMENT, "The keepers released nothing", True),
    ]
    assert all(line.practitioner == DOCTOR for line in lines)


def test_all_refusals_are_one(place: Place, counter: Counter) -> None:
    """No grant, no card, a wrong card, no such journey: the same status, the same words, to the byte."""
    traveller = place.run(_traveller(place))
    wrong = Card(traveller.card.chain_id, traveller.address, os.urandom(16))
    counter.desk.patients.add_card(wrong.encode(), 1)
    paths = (
        _path(traveller.address),
        _path(traveller.address, break_glass="true"),
        _path(NOBODY),
        _path(NOBODY, break_glass="true"),
    )
    answers = [counter.call("GET", path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert _issue(answers[0])["code"] == "not-found"
    assert traveller.address.hex() not in answers[0].text


@pytest.mark.parametrize(
    ("token", "query", "status", "code"),
    [
        (None, {}, 401, "login"),
        ("nobody-has-this-one", {}, 401, "login"),
        (LATE_TOKEN, {}, 401, "login"),
        (CLERKS_TOKEN, {"break_glass": "true"}, 403, "forbidden"),
        (DOCTORS_TOKEN, {"break_glass": "yes"}, 400, "invalid"),
        (DOCTORS_TOKEN, {"_format": "xml"}, 406, "not-supported"),
    ],
)
def test_who_may_not_ask_leaves_no_mark(
    place: Place, counter: Counter, token: str | None, query: dict[str, str], status: int, code: str
) -> None:
    """Refused before anything is asked; a 401 says which scheme to use."""
    before = _accesses(place, Address(bytes.fromhex(NOBODY[2:])))
    response = counter.call("GET", _path(NOBODY, **query), token=token)
    assert (response.status_code, _issue(response)["code"]) == (status, code)
    assert ("www-authenticate" in response.headers) == (status == 401)
    assert _accesses(place, Address(bytes.fromhex(NOBODY[2:]))) == before
    assert counter.desk.accesses.latest() == ()


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_other_path_is_a_journey(counter: Counter, name: str) -> None:
    """Whatever stands in its place: an OperationOutcome that does not repeat it, and no access."""
    response = counter.call("GET", f"/fhir/Patient/{quote(name, safe='')}/$summary")
    assert response.status_code in {400, 404}
    issue = _issue(response)
    assert len(name) < 12 or name not in issue["diagnostics"]
    assert counter.desk.accesses.latest() == ()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/fhir", "/fhir/", "/fhir/Patient", "/fhir/Observation/1"])
def test_what_is_not_here_is_said_in_fhir(counter: Counter, method: str, path: str) -> None:
    """A FHIR client gets an OperationOutcome from every corner."""
    response = counter.call(method, path)
    assert (response.status_code, _issue(response)["code"]) == (404, "not-found")


def test_a_chain_that_is_down_is_not_available(place: Place, counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 with Retry-After, in FHIR; a keeper too many out of reach is the same."""

    async def down() -> None:
        raise UnreachableError("the ledger node", "no answer")

    monkeypatch.setattr(counter.desk.hospital.chain, "tip", down)
    response = counter.call("GET", _path(NOBODY))
    assert (response.status_code, _issue(response)["code"]) == (503, "transient")
    assert response.headers["retry-after"] == "5"
    monkeypatch.undo()
    place.town.cut_off("keeper-lisboa", "keeper-paris", "keeper-berlin", "keeper-lyon")
    try:
        response = counter.call("GET", _path(NOBODY))
    finally:
        place.town.cut_off()
    assert (response.status_code, _issue(response)["code"]) == (503, "transient")


def test_a_defect_is_an_outcome_without_its_words(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks inside, nothing of it reaches the caller."""

    async def broken(_: Request) -> None:
        raise RuntimeError("Maria Smith")

    monkeypatch.setattr(counter.desk.hospital, "ask", broken)
    response = counter.call("GET", _path(NOBODY))
    assert (response.status_code, _issue(response)["code"]) == (500, "exception")
    assert "Maria" not in response.text


def test_what_this_server_can_do_is_stated(counter: Counter) -> None:
    """Without a token: version, format, the one operation, and that it is a demonstration."""
    response = counter.call("GET", "/fhir/metadata", token=None)
    statement = response.json()
    assert (response.status_code, response.headers["content-type"]) == (200, FHIR)
    assert (statement["resourceType"], statement["fhirVersion"], statement["format"]) == (
        "CapabilityStatement",
        "4.0.1",
        [FHIR],
    )
    (rest,) = statement["rest"]
    (operation,) = rest["resource"][0]["operation"]
    assert operation["definition"] == "http://hl7.org/fhir/uv/ips/OperationDefinition/summary"
    assert "demonstration" in statement["implementation"]["description"]


words = st.sampled_from(["true", "false", "TRUE", "1", "emergency", ""]) | st.text(max_size=4)
names = st.sampled_from(["break_glass", "Break_glass", "break-glass", "why", "purpose", "_format", "x"])


@given(
    st.lists(st.tuples(names, words), max_size=4),
    st.sampled_from([DOCTORS_TOKEN, CLERKS_TOKEN]),
    st.dictionaries(st.sampled_from(["X-Break-Glass", "Purpose", "Prefer"]), st.sampled_from(["true", "emergency"])),
    st.sampled_from(["GET", "POST", "PUT"]),
    st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_but_break_glass_true_is_an_emergency(
    counter: Counter,
    query: list[tuple[str, str]],
    token: str,
    headers: dict[str, str],
    method: str,
    carded: bool,  # noqa: FBT001
) -> None:
    """For all requests: the purpose is `emergency` exactly if one ``break_glass`` says ``true`` and the token may."""
    asked: list[Request] = []

    async def ask(request: Request) -> None:
        asked.append(request)
        raise NodeError("eth_call", "enough")

    journey = Address(os.urandom(20))
    if carded:
        card = Card(counter.place.town.world.genesis.chain_id, journey, os.urandom(16))
        counter.desk.patients.add_card(card.encode(), 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counter.desk.hospital, "ask", ask)
        counter.call(method, f"{_path(journey)}?{urlencode(query)}", token=token, headers=headers)
    said = [value for name, value in query if name == "break_glass"]
    emergencies = [request for request in asked if request.why == EMERGENCY]
    if emergencies:
        assert said == ["true"]
        assert (method, token) == ("GET", DOCTORS_TOKEN)
    assert all(request.why in {EMERGENCY, TREATMENT} for request in asked)
    formats = [value for name, value in query if name == "_format"]
    if (method, token, said, formats) == ("GET", DOCTORS_TOKEN, ["true"], []):
        assert len(emergencies) == 1


def _record(document: bytes, media_type: str = FHIR) -> OpenedRecord:
    origin = Origin(None, 0, "cut by the traveller")
    return OpenedRecord("patient-summary", 3, 1_900_000_000, media_type, document, origin)


def test_every_digit_and_foreign_tag_stays_and_false_origins_go() -> None:
    """1.50 is not 1.5; a document cannot claim an issuer by bringing our tag along."""
    forged = {"system": "urn:hospes:origin", "code": "issued", "display": "issued by hospital-evora"}
    document = b'{"resourceType":"Bundle","id":"a","x":1.50,"meta":{"versionId":"7","tag":[{"system":"s"},%s]}}'
    bundle = summary_bundle(_record(document % json.dumps(forged).encode()), TREATMENT, demonstration=False)
    assert b'"x":1.50' in bundle
    meta = json.loads(bundle)["meta"]
    assert meta["versionId"] == "7"
    assert {"system": "s"} in meta["tag"]
    assert [tag["code"] for tag in meta["tag"] if tag["system"] == "urn:hospes:origin"] == ["cut-by-the-traveller"]
    assert [each["code"] for each in meta["security"]] == ["TREAT"]
    newer = [Unopened("patient-summary", 9, "its key is wrong"), Unopened("imaging", 8, "another")]
    told = summary_bundle(_record(b'{"resourceType":"Bundle"}'), TREATMENT, demonstration=False, unopened=newer)
    unopened = [tag["code"] for tag in json.loads(told)["meta"]["tag"] if tag["system"] == "urn:hospes:unopened-entry"]
    assert unopened == ["9"]
    issued = OpenedRecord("patient-summary", 3, 1, FHIR, b'{"resourceType":"Bundle"}', Origin(MemberId("h"), 1, "by h"))
    tags = json.loads(summary_bundle(issued, TREATMENT, demonstration=False))["meta"]["tag"]
    assert {"system": "urn:hospes:issuer", "code": "h"} in tags


@pytest.mark.parametrize(
    ("document", "media_type"),
    [(b"hello", "text/plain"), (b"hello", FHIR), (b'{"resourceType":"Patient"}', FHIR), (b"[]", "application/json")],
)
def test_what_is_no_bundle_is_not_passed_off_as_one(document: bytes, media_type: str) -> None:
    """A text, a broken file or another resource is a typed error that does not quote it."""
    with pytest.raises(NotFhirError) as caught:
        summary_bundle(_record(document, media_type), TREATMENT, demonstration=False)
    assert "hello" not in str(caught.value)
    assert outcome_of(caught.value).status == 422


def test_every_error_of_the_table_has_an_outcome() -> None:
    """Whatever slug an error has, its status is one of HTTP's and its outcome is complete."""
    for slug, row in TABLE.items():
        leaf = cast("type[HospesError]", type("Leaf", (HospesError,), {"slug": slug}))
        outcome = outcome_of(leaf("something"))
        issue = json.loads(outcome.body)["issue"][0]
        assert outcome.status in {row.status, 503}
        assert issue["details"]["coding"][0]["code"] == slug
        assert issue["details"]["text"] == row.title


def test_the_outcome_of_a_refusal_names_nobody() -> None:
    """The words of a refusal are the same whatever the access was."""
    asked = cast("Asked", type("Any", (), {"entry": type("Entry", (), {"number": 7}), "complaints": ()}))
    assert b"7" not in json.loads(outcome_of(NothingReleasedError(asked)).body)["issue"][0]["diagnostics"].encode()
    assert outcome_of(TooFewSharesError(asked, 4, 1)).status == 503
