"""The commands: what a traveller types and reads, from an empty machine to who looked, on a real small network."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hospes.clients.wallet import asking, standing
from hospes.clients.wallet.asking import PASSPHRASE, Asked, until
from hospes.clients.wallet.book import Book
from hospes.clients.wallet.commands import wallet as command
from hospes.clients.wallet.errors import (
    NoConsentError,
    NoJourneyError,
    NoRecordError,
    NotAgreedError,
    PassphraseError,
    WalletFileError,
)
from hospes.clients.wallet.keepers import Missing
from hospes.clients.wallet.pages import JourneyPage
from hospes.clients.wallet.screens import DEMONSTRATION
from hospes.clients.wallet.secret import RootSecret, create_secret
from hospes.clients.wallet.wallet import Wallet, WalletFiles
from hospes.core import wire
from hospes.core.bodies import GrantFile, RelayReply, RelayRequest
from hospes.core.cards import Card
from hospes.core.errors import ConfigurationError, MalformedError
from hospes.core.identities import Address, MemberId, keccak
from hospes.service.client import Peer
from hospes.service.errors import UnreachableError
from hospes.service.network import Network
from tests.clients.wallet.conftest import CHEAP, PASSPHRASE as WORDS
from tests.simulators.clinic import Place

SUMMARY: dict[str, object] = {
    "resourceType": "Bundle",
    "type": "document",
    "timestamp": "2026-11-24T10:00:00Z",
    "entry": [
        {
            "fullUrl": "urn:uuid:1",
            "resource": {
                "resourceType": "Composition",
                "status": "final",
                "type": {"coding": [{"system": "http://loinc.org", "code": "60591-5"}]},
                "subject": {"reference": "urn:uuid:2"},
                "date": "2026-11-24",
                "title": "Summary",
                "section": [],
            },
        },
        {"fullUrl": "urn:uuid:2", "resource": {"resourceType": "Patient", "name": [{"text": "Ana"}]}},
    ],
}
Run = Callable[..., Result]


@pytest.fixture
def run(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in a home of its own, on the town's network, in the town's loop."""

    @asynccontextmanager
    async def at_work(secret: RootSecret, files: WalletFiles, network: Network) -> AsyncGenerator[Wallet, None]:
        world = place.town.world
        async with place.town.http() as http:
            yield Wallet(secret, files, world.reader(), network.stores, http, clock=world.clock)

    async def require_ledger(network: Network) -> None:
        del network
        await place.town.world.reader().tip()

    monkeypatch.setattr(asking, "at_work", at_work)
    monkeypatch.setattr(asking, "require_ledger", require_ledger)
    monkeypatch.setattr(asking, "create_secret", partial(create_secret, cost=CHEAP))
    monkeypatch.setattr("asyncio.run", place.run)
    monkeypatch.setenv(PASSPHRASE, WORDS)
    monkeypatch.setenv("COLUMNS", "200")

    def invoke(*arguments: object, answers: str = "") -> Result:
        shared = ["--home", tmp_path, "--network", place.town.world.network.directory]
        return CliRunner(mix_stderr=False).invoke(command, [str(one) for one in (*arguments, *shared)], input=answers)

    return invoke


def _ok(result: Result) -> str:
    assert result.exception is None, result.output
    assert result.exit_code == 0
    return result.stdout


def _json(result: Result) -> Any:  # noqa: ANN401 - whatever the command printed
    return json.loads(_ok(result))


def test_a_whole_journey_from_the_terminal(run: Run, place: Place, tmp_path: Path) -> None:
    """New, deposit, card, break-glass, accesses, withdraw, status: each says in words what happened."""
    record = tmp_path / "summary.json"
    record.write_text(json.dumps(SUMMARY))
    begun = _ok(run("new", "--name", "Lisboa", "--country", "PT", "--yes"))
    assert "Any hospital of the network may read your emergency summary" in begun
    assert "Consent 1 is given: entry 1 of your log." in begun
    deposited = _ok(run("deposit", "--record", record))
    assert "Your emergency-summary is deposited" in deposited
    assert "Your patient-summary is deposited" in deposited
    card = Card.decode(_json(run("card", "--json"))["card"]["text"])
    opened = place.run(place.hospital().break_glass(card, "Dr. Nuñez"))
    assert b"Ana" in opened.records[0].document
    seen = _ok(run("accesses"))
    assert "BREAK-GLASS hospital-evora, Portugal (entry 4)" in seen
    assert "opened: emergency-summary, released by 7 keepers (it takes 4 to read it)" in seen
    assert "Consent 1 is withdrawn: entry 5 of your log." in _ok(run("withdraw", 1))
    stands = _ok(run("status"))
    assert "Journey 0 (Lisboa)" in stands
    assert "Consent 1 for hospital:*: withdrawn" in stands


def test_every_screen_of_a_demonstration_says_so(run: Run) -> None:
    """Each command's output begins with the mark; as JSON it is a member."""
    for arguments in (("new",), ("status",), ("card",), ("accesses",), ("deposit",), ("consent",)):
        assert _ok(run(*arguments)).splitlines()[0] == DEMONSTRATION
    for arguments in (("status",), ("card",), ("consent",)):
        assert _json(run(*arguments, "--json"))["demonstration"] is True


def test_nothing_is_signed_without_a_yes(run: Run) -> None:
    """Whoever does not agree, or just presses enter, has signed nothing; a yes signs."""
    _ok(run("new"))
    for answer in ("n\n", "\n", ""):
        refused = run("consent", "--emergency", "--country", "PT", answers=answer)
        assert refused.exception is not None
        assert refused.exit_code != 0
    assert isinstance(run("consent", "--emergency", "--country", "PT", answers="n\n").exception, NotAgreedError)
    assert _json(run("status", "--json"))["journeys"][0]["consents"] == []
    agreed = _ok(run("consent", "--emergency", "--country", "PT", answers="y\n"))
    assert "Consent 1 is given" in agreed


def test_who_declines_the_emergency_permission_has_a_journey_without_it(run: Run) -> None:
    """The journey has begun, so the screen says what it lacks, and not that nothing happened."""
    declined = run("new", "--name", "Lisboa", "--country", "PT", answers="n\n")
    assert "Journey 0 (Lisboa) begins." in _ok(declined)
    assert "In an emergency nobody can help with it yet" in declined.stdout
    report = _ok(run("new", "--country", "PT", "--json", answers="n\n"))
    assert json.loads(report[report.index("{") :])["journey"]["consent"] is None
    assert [one["consents"] for one in _json(run("status", "--json"))["journeys"]] == [[], []]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--who", "country:XX"),
        ("--who", "country:PT", "--country", "QQ"),
        ("--emergency", "--country", "UK"),
    ],
)
def test_a_country_that_does_not_exist_is_not_signed_for(run: Run, arguments: tuple[str, ...]) -> None:
    """A slip of the keyboard is named before anything is shown."""
    _ok(run("new"))
    refused = run("consent", *arguments, "--yes")
    assert isinstance(refused.exception, MalformedError)
    assert "is the code of no country" in str(refused.exception)
    assert _json(run("status", "--json"))["journeys"][0]["consents"] == []


def test_any_hospital_without_an_emergency_takes_a_yes_of_its_own(run: Run) -> None:
    """`--yes` does not answer it; the card is needed. An emergency permission for any hospital is not asked twice."""
    _ok(run("new"))
    wide = ("consent", "--who", "hospital:*", "--country", "PT", "--yes")
    refused = run(*wide, answers="n\n")
    assert isinstance(refused.exception, NotAgreedError)
    assert "WARNING: this is for ANY hospital of the network in Portugal" in refused.stdout
    assert run(*wide).exit_code == 1
    assert _json(run("status", "--json"))["journeys"][0]["consents"] == []
    agreed = _ok(run(*wide, answers="y\n"))
    assert "Consent 1 is given" in agreed
    assert "Your card is needed for this" in agreed
    assert "WARNING" not in _ok(run("consent", "--emergency", "--country", "PT", "--yes"))


@pytest.fixture
def away(place: Place) -> Iterator[Place]:
    """The town, for a test that takes its ledger away."""
    yield place
    place.town.world.ledger_is_away = False
    place.town.cut_off()


def test_a_withdrawal_without_the_ledger_says_what_holds_and_what_is_to_come(run: Run, away: Place) -> None:
    """Who confirmed, why there is no entry, and the line that finishes it; the exit code says that it is unfinished."""
    _ok(run("new", "--country", "PT", "--yes"))
    away.town.world.ledger_is_away = True
    away.town.cut_off("keeper-paris")
    for arguments in (("withdraw", 1), ("end",)):
        told = run(*arguments)
        assert told.exit_code == 1
        assert "and not in your log yet." in told.stdout
        assert "It holds already: 6 keepers confirmed to release nothing under it from now on: keeper-" in told.stdout
        assert "  keeper-paris did not confirm; it stops when it reads the log" in told.stdout
        assert "still to be logged, which was not possible now (the ledger node in process cannot" in told.stdout
    assert "repeat later: hospes wallet end --journey 0" in run("end").stdout
    repeated = "hospes wallet withdraw 1 --journey 0"
    assert f"repeat later: {repeated}" in run("withdraw", 1).stdout
    assert json.loads(run("withdraw", 1, "--json").stdout)["withdrawal"].get("number") is None
    away.town.world.ledger_is_away = False
    assert "Consent 1 is withdrawn: entry 2 of your log." in _ok(run(*repeated.split()[2:]))


def test_an_erasure_without_the_ledger_says_so(run: Run, away: Place, tmp_path: Path) -> None:
    """The keepers' receipts count, the stores and the log are to come."""
    letter = tmp_path / "letter.txt"
    letter.write_text("potassium 4.1")
    _ok(run("new"))
    _ok(run("deposit", "--record", letter, "--class", "laboratory", "--media-type", "text/plain"))
    away.town.world.ledger_is_away = True
    told = run("erase", 1, "--yes")
    assert told.exit_code == 1
    assert "7 keepers and 0 stores signed" in told.stdout
    assert "repeat later: hospes wallet erase 1 --journey 0" in told.stdout
    away.town.world.ledger_is_away = False
    assert "7 keepers and 1 store signed" in _ok(run("erase", 1, "--yes"))


def test_a_deposit_hands_standing_consents_over_once(run: Run, away: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keeper that stays silent is waited for once in a command, not twice."""
    _ok(run("new", "--country", "PT", "--yes"))
    away.town.cut_off("keeper-paris")
    _ok(run("consent", "--emergency", "--country", "ES", "--yes"))
    handed = iter(range(100))
    plain = standing._hand  # pyright: ignore[reportPrivateUsage]

    async def counting(*arguments: Any, **named: Any) -> dict[str, Missing]:  # noqa: ANN401 - whatever it takes
        next(handed)
        return await plain(*arguments, **named)

    monkeypatch.setattr(standing, "_hand", counting)
    assert "keeper-paris does not hold your standing consents yet" in _ok(run("deposit"))
    assert next(handed) == 2


def test_a_grant_is_handed_over_as_a_file(run: Run, tmp_path: Path) -> None:
    """The file holds one grant and the hashes of its siblings; the screen says how a hospital uses it."""
    _ok(run("new"))
    _ok(run("consent", "--who", "member:hospital-evora", "--who", "country:ES", "--yes"))
    told = _ok(run("grant-file", 1, "--permission", 2, "--out", tmp_path / "grant.json"))
    shown = wire.decode(GrantFile, (tmp_path / "grant.json").read_bytes()).shown
    assert (len(shown.siblings), shown.grant.what, shown.grant.why) == (1, ("patient-summary",), ("treatment",))
    assert shown.grant.where == (("PT",) if shown.grant.who == "member:hospital-evora" else ("ES",))
    assert "hospes hospital read --as HOSPITAL --grant" in told
    assert isinstance(run("grant-file", 1, "--permission", 3).exception, NoConsentError)
    assert "█" in _ok(run("grant-file", 1, "--qr")) or "▀" in _ok(run("grant-file", 1, "--qr"))
    _ok(run("withdraw", 1))
    assert "which was withdrawn" in str(run("grant-file", 1).exception)


def test_a_narrow_terminal_gets_the_text_of_the_card(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A code that does not fit is left out, and it is said so."""
    _ok(run("new"))
    assert "█" in _ok(run("card"))
    monkeypatch.setenv("COLUMNS", "40")
    told = _ok(run("card"))
    assert "█" not in told
    assert "this terminal has 40: here is its text alone" in told


def test_the_card_is_printed_as_a_page(run: Run, tmp_path: Path) -> None:
    """The page holds the same card as the screen, and only its owner can read the file."""
    _ok(run("new"))
    shown = _ok(run("card", "--html", tmp_path / "card.html"))
    page = (tmp_path / "card.html").read_text()
    text = _json(run("card", "--json"))["card"]["text"]
    assert text[:24] in shown
    assert text[:24] in page
    assert (tmp_path / "card.html").stat().st_mode & 0o077 == 0


def test_the_brake_is_a_body_that_any_keeper_takes(run: Run, tmp_path: Path) -> None:
    """The file is the body of a relay; writing it ends nothing."""
    _ok(run("new"))
    _ok(run("consent", "--emergency", "--country", "PT", "--yes"))
    assert "Nothing has ended" in _ok(run("end", "--brake", tmp_path / "brake.json"))
    told = _ok(run("end", "--brake", tmp_path / "brake.json"))
    assert told.count(f"  curl --json @{tmp_path / 'brake.json'} http") == 2
    assert told.count("/v1/relay") == 2
    request = wire.decode(RelayRequest, (tmp_path / "brake.json").read_bytes())
    assert (request.call, request.arguments.through) == ("end", 2**64 - 1)
    assert "Every consent of this journey has ended" in _ok(run("end"))
    assert _json(run("status", "--json"))["journeys"][0]["consents"][0]["state"] == "ended"
    assert "Consent 1 for hospital:*: ended\n" in _ok(run("status"))


def test_a_brake_that_was_used_is_said_so(run: Run, place: Place, tmp_path: Path) -> None:
    """Sent by whoever keeps it, it raises no alarm: status and card say what came of it."""
    _ok(run("new"))
    _ok(run("end", "--brake", tmp_path / "brake.json"))
    request = wire.decode(RelayRequest, (tmp_path / "brake.json").read_bytes())

    async def pull() -> None:
        reader = place.town.world.reader()
        keeper = await reader.member_named(MemberId("keeper-berlin"), await reader.tip())
        async with place.town.http() as http:
            await Peer(keeper.service, http).post("/v1/relay", request, RelayReply)
        for _ in range(1000):
            if (await reader.journal(request.arguments.journey, await reader.tip())).entries:
                return
            await asyncio.sleep(0.01)

    place.run(pull())
    stands = _ok(run("status"))
    assert "The brake was used: entry 1" in stands
    assert "WARNING" not in stands
    assert "ended for good" in _ok(run("card"))


def test_each_screen_names_its_journey(run: Run) -> None:
    """Number and own word stand below the mark, so that nobody acts on another journey unawares."""
    _ok(run("new", "--name", "Lisboa", "--country", "PT", "--yes"))
    _ok(run("new", "--name", "Berlin"))
    for arguments in (("card",), ("accesses",), ("deposit",), ("consent",), ("end",)):
        assert _ok(run(*arguments)).splitlines()[1] == "Journey 1 (Berlin)"
    assert _ok(run("grant-file", 1, "--journey", 0)).splitlines()[1] == "Journey 0 (Lisboa)"


def test_an_error_names_the_journey_that_has_the_consent(run: Run) -> None:
    """After a second journey, a number of the first is not lost: the error says where it is."""
    _ok(run("new", "--country", "PT", "--yes"))
    _ok(run("new"))
    for arguments in (("withdraw", 1), ("grant-file", 1)):
        refused = str(run(*arguments).exception)
        assert refused == "journey 1 has no consent 1; consent 1 is of journey 0: add --journey 0"
    assert str(run("withdraw", 9).exception) == "journey 1 has no consent 9; see: hospes wallet status"
    assert "journey 1 has no record 1" in str(run("erase", 1, "--yes").exception)
    assert "Consent 1 is withdrawn" in _ok(run("withdraw", 1, "--journey", 0))


def test_a_card_that_opens_nothing_says_so(run: Run, tmp_path: Path) -> None:
    """What is missing is named with the command that mends it, until nothing is missing."""
    _ok(run("new"))
    bare = _ok(run("card"))
    assert "no emergency summary is deposited" in bare
    assert "  hospes wallet deposit --record FILE --journey 0" in bare
    assert "  hospes wallet consent --emergency --country CODE --journey 0" in bare
    assert _json(run("card", "--json"))["card"]["lacks"] == ["record", "permission"]
    (tmp_path / "summary.json").write_text(json.dumps(SUMMARY))
    _ok(run("deposit", "--record", tmp_path / "summary.json"))
    _ok(run("consent", "--emergency", "--country", "PT", "--yes"))
    assert "WARNING" not in _ok(run("card"))
    assert _json(run("card", "--json"))["card"]["lacks"] == []


def test_no_journey_on_this_network_is_said(run: Run, tmp_path: Path) -> None:
    """An empty status says that it is empty, and how many journeys lie on other networks."""
    secret = create_secret(tmp_path / "wallet" / "secret", WORDS, os.urandom, CHEAP)
    assert "You have no journey on this network." in _ok(run("status"))
    other = JourneyPage(keccak(b"other"), 1 << 33, 0, Address(bytes(20)), "", bytes(16), 0)
    Book(tmp_path / "wallet" / "book", secret.book_key(), os.urandom).change(lambda now: now.with_journey(other))
    told = _ok(run("status"))
    assert "You have no journey on this network." in told
    assert "1 journey on other networks" in told
    assert "(1 on other networks: --network)" in str(run("card").exception)


def test_the_home_of_the_wallet_does_not_move_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--home` says where the wallet lies, and nothing of the network."""
    monkeypatch.setenv("HOSPES_HOME", str(tmp_path / "network-lies-here"))
    with pytest.raises(ConfigurationError, match="network-lies-here"):
        Asked(tmp_path / "elsewhere", None, None, as_json=False).network()


@pytest.mark.parametrize("name", sorted(command.commands))
def test_the_list_of_commands_cuts_no_sentence(name: str) -> None:
    """What the list shows of each command is a whole sentence."""
    assert not command.commands[name].get_short_help_str(45).endswith("...")


def test_a_wrong_passphrase_opens_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for, or from the environment, it must be the right one."""
    _ok(run("new"))
    monkeypatch.setenv(PASSPHRASE, WORDS + "!")
    assert isinstance(run("status").exception, PassphraseError)
    monkeypatch.delenv(PASSPHRASE)
    assert isinstance(run("status", answers="something else\n").exception, PassphraseError)
    assert "Journey 0" in _ok(run("status", answers=f"{WORDS}\n"))


def test_a_new_passphrase_is_asked_for_twice(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistyped new passphrase would lock the traveller out, so it is typed twice."""
    monkeypatch.delenv(PASSPHRASE)
    _ok(run("new", answers=f"{WORDS}\n{WORDS}\n"))
    assert "Journey 0" in _ok(run("status", answers=f"{WORDS}\n"))


def test_a_passphrase_is_asked_only_when_it_is_needed(run: Run, away: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not where there is no wallet, nor for what needs a ledger that is away; but for the card, and to stop release."""
    monkeypatch.delenv(PASSPHRASE)
    assert "Passphrase" not in run("status").stderr
    assert isinstance(run("status").exception, WalletFileError)
    _ok(run("new", "--country", "PT", "--yes", answers=f"{WORDS}\n{WORDS}\n"))
    away.town.world.ledger_is_away = True
    for arguments in (("status",), ("accesses",), ("deposit",), ("consent",)):
        refused = run(*arguments)
        assert isinstance(refused.exception, UnreachableError)
        assert "Passphrase" not in refused.stderr
    assert "could not be checked" in _ok(run("card", answers=f"{WORDS}\n"))
    assert "It holds already: 7 keepers" in run("withdraw", 1, answers=f"{WORDS}\n").stdout


def test_what_is_not_there_is_told(run: Run, tmp_path: Path) -> None:
    """No wallet, no journey, no consent, no file, no date: each is one typed error with a way on."""
    assert isinstance(run("status").exception, WalletFileError)
    _ok(run("new"))
    assert isinstance(run("card", "--journey", 7).exception, NoJourneyError)
    assert isinstance(run("withdraw", 1).exception, NoConsentError)
    assert isinstance(run("deposit", "--record", tmp_path / "nothing.json").exception, ConfigurationError)
    assert isinstance(run("consent", "--emergency", "--country", "pt").exception, MalformedError)
    late = run("consent", "--who", "country:PT", "--until", "tomorrow")
    assert isinstance(late.exception, MalformedError)
    assert run("consent", "--emergency").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "what", "where"),
    [
        (("withdraw", "two"), "'two' is not the number of a consent: 1, 2", "hospes wallet status"),
        (("withdraw", "0"), "'0' is not the number of a consent: 1, 2", "hospes wallet status"),
        (("grant-file", "two"), "'two' is not the number of a consent: 1, 2", "hospes wallet status"),
        (
            ("grant-file", "1", "--permission", "x"),
            "'x' is not the number of a permission: 1, 2",
            "before it was signed",
        ),
        (("erase", "summary"), "'summary' is not the number of a record: 1, 2", "hospes wallet status"),
        (("status", "--journey", "Lisboa"), "'Lisboa' is not the number of a journey: 0, 1", "hospes wallet status"),
    ],
)
def test_what_is_no_number_is_answered_with_where_numbers_stand(
    run: Run, arguments: tuple[str, ...], what: str, where: str
) -> None:
    """Whoever types a name, or nought, reads what is counted and which screen shows it."""
    refused = run(*arguments)
    assert refused.exit_code == 2
    assert what in refused.stderr
    assert where in refused.stderr


@pytest.mark.parametrize(
    ("who", "told"),
    [
        ("hospital-evora", "expected member:<id>"),
        ("hospital:evora", "expected member:<id>"),
        ("hospital:*", "--country"),
    ],
)
def test_a_reader_that_nobody_is_is_answered_with_how_one_is_named(run: Run, who: str, told: str) -> None:
    """A name without its kind is not taken for something that lacks a country."""
    _ok(run("new"))
    refused = run("consent", "--who", who, "--yes")
    assert refused.exit_code == 2
    assert told in refused.stderr


def test_a_record_that_is_no_summary_is_refused_before_anything_is_sealed(run: Run, tmp_path: Path) -> None:
    """Something else than a patient summary needs a class; with one it goes as it is."""
    letter = tmp_path / "letter.txt"
    letter.write_text("potassium 4.1")
    _ok(run("new"))
    refused = run("deposit", "--record", letter).exception
    assert isinstance(refused, MalformedError)
    assert str(refused).startswith(f"{letter} is no patient summary")
    assert "FHIR R4 document bundle in JSON" in str(refused)
    told = _ok(run("deposit", "--record", letter, "--class", "laboratory", "--media-type", "text/plain"))
    assert "Your laboratory is deposited" in told


def test_a_record_is_erased_after_a_yes(run: Run, tmp_path: Path) -> None:
    """What it means is said first; without a yes nothing is erased, with one the receipts are counted."""
    letter = tmp_path / "letter.txt"
    letter.write_text("potassium 4.1")
    _ok(run("new"))
    _ok(run("deposit", "--record", letter, "--class", "laboratory", "--media-type", "text/plain"))
    assert isinstance(run("erase", 1, answers="n\n").exception, NotAgreedError)
    told = _ok(run("erase", 1, answers="y\n"))
    assert "Nobody will open it again, you included." in told
    assert "7 keepers and 1 store signed" in told
    assert "Record 1 laboratory: erased" in _ok(run("status"))
    assert isinstance(run("erase", 2, "--yes").exception, NoRecordError)


@pytest.mark.parametrize(("day", "end"), [("1970-01-01", 86_400), ("1970-12-31", 31_536_000), (None, 31 * 86_400)])
def test_a_day_is_allowed_to_its_end(day: str | None, end: int) -> None:
    """The last day counts whole; unless said, it is the thirtieth from now."""
    assert until(5, day, 30) == end


@pytest.mark.parametrize("day", ["tomorrow", "9999-12-31", "1970-01-31"])
def test_a_day_that_cannot_be_the_last_is_told_by_its_option(day: str) -> None:
    """No day, one after which there is none, and one that is over."""
    with pytest.raises(MalformedError, match=r"--until is malformed: (expected a day|1970-01-31 is over; today is)"):
        until(40 * 86400, day, 30)
