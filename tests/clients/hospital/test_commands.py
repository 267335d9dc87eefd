"""The command: what a clinician types with one hand, and what the screen then says."""

import asyncio
import json
from collections.abc import Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from hospes.clients.hospital import commands
from hospes.clients.hospital.commands import hospital
from hospes.clients.hospital.errors import NothingReleasedError, UnprovenAccessError
from hospes.core import wire
from hospes.core.audit import Evidence
from hospes.core.bodies import GrantFile, ShownGrant
from hospes.core.cards import Card
from hospes.core.errors import ConfigurationError, HospesError, MalformedError
from hospes.core.identities import to_hex
from hospes.service.chain import ChainReader
from hospes.service.errors import UnreachableError
from hospes.service.node import Node
from tests.simulators.clinic import DOCUMENT, Place, Ready
from tests.simulators.traveller import Traveller

DOCTOR = "Dr. Inês [bold] Costa"


class Terminal:
    """A terminal at a hospital of the town.

    The command runs in a thread, as it would in a process of its own, and what it asks runs in the town's loop.
    """

    def __init__(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        self._place = place

        def at(address: str) -> Node:
            del address
            return place.town.world.node()

        def run(work: Coroutine[Any, Any, Any]) -> object:
            return asyncio.run_coroutine_threadsafe(work, place.runner.get_loop()).result()

        def connection() -> httpx.AsyncClient:
            return place.town.http()

        monkeypatch.setattr(Node, "at", at)
        monkeypatch.setattr(commands, "asyncio", SimpleNamespace(run=run))
        monkeypatch.setattr(commands, "connection", connection)
        monkeypatch.setattr(commands, "time", SimpleNamespace(time=place.town.world.clock))

    def type(self, *arguments: str | Path, member: str | None = "hospital-evora", typed: str | None = None) -> Result:
        """Run the command; `typed` goes to its standard input."""
        chosen = ["--as", member] if member else []
        line = [str(argument) for argument in arguments] + chosen + ["--network", str(self._place.town.world.directory)]

        async def invoke() -> Result:
            return await asyncio.to_thread(CliRunner().invoke, hospital, line, typed, {"COLUMNS": "200"})

        return self._place.run(invoke())


@pytest.fixture
def terminal(place: Place, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """The terminal."""
    return Terminal(place, monkeypatch)


def test_breaking_the_glass_shows_who_why_and_where_before_the_record(
    terminal: Terminal, ready: Ready, place: Place, tmp_path: Path
) -> None:
    """The header names person, purpose, entry and block, and that the traveller will see it; files are private."""
    record, evidence = tmp_path / "record.txt", tmp_path / "evidence.json"
    options = ("--practitioner", DOCTOR, "--save", record, "--evidence", evidence)
    result = terminal.type("break-glass", "--card", ready.traveller.card.encode(), *options)
    assert result.exit_code == 0, result.exception
    lines = result.output.splitlines()
    assert lines[0] == f"BREAK-GLASS by {DOCTOR}, hospital-evora (PT), for emergency"
    assert lines[1] == f"asked for emergency-summary of journey {to_hex(ready.traveller.address)}"
    assert lines[2].startswith("entry ")
    assert " in block " in lines[2]
    assert lines[3] == "the traveller will see this"
    assert lines[4] == "demonstration: this network is not for real patients"
    assert lines[5].startswith("log ")
    assert "emergency-summary, cut by the traveller, deposited 2030-03-17" in result.output
    assert lines[-1] == DOCUMENT.decode()
    assert record.read_bytes() == DOCUMENT
    assert record.stat().st_mode & 0o777 == 0o600
    held = Evidence.decode(evidence.read_bytes())
    assert held.genesis == place.town.world.genesis.pin()
    assert held.openings[0].access is not None


def test_nothing_released_leaves_evidence_and_no_record(terminal: Terminal, ready: Ready, tmp_path: Path) -> None:
    """A refusal is one clear line under that of the network, and what the keepers signed is kept all the same."""
    card = Card(ready.traveller.card.chain_id, ready.traveller.address, bytes(16))
    record, evidence = tmp_path / "record.txt", tmp_path / "evidence.json"
    options = ("--practitioner", DOCTOR, "--save", record, "--evidence", evidence)
    result = terminal.type("break-glass", "--card", card.encode(), *options)
    assert isinstance(result.exception, NothingReleasedError)
    assert result.output == "demonstration: this network is not for real patients\n"
    assert not record.exists()
    assert Evidence.decode(evidence.read_bytes()).answers


def test_an_access_that_is_not_proven_leaves_evidence(
    terminal: Terminal, ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node that fails after the request was sent: what may be in the log can be shown to an auditor."""

    async def fail(*_: object) -> None:
        raise UnreachableError("the ledger node", "it is gone")

    monkeypatch.setattr(ChainReader, "journal", fail)
    evidence = tmp_path / "evidence.json"
    options = ("--card", ready.traveller.card.encode(), "--practitioner", DOCTOR, "--evidence", evidence)
    result = terminal.type("break-glass", *options)
    assert isinstance(result.exception, UnprovenAccessError)
    held = Evidence.decode(evidence.read_bytes())
    assert held.openings[0].access == result.exception.access
    assert held.answers == ()


def test_a_grant_file_says_whose_and_what(terminal: Terminal, place: Place, tmp_path: Path) -> None:
    """With the file that the wallet made, nothing else need be typed; two records are saved under their classes."""
    path, saved = tmp_path / "grant.json", tmp_path / "record.bin"

    async def travel() -> None:
        traveller = Traveller(place.town)
        await traveller.deposit(b"\xff\xd8 picture", "imaging", "image/jpeg")
        await traveller.deposit(b"warfarin", "medication")
        grant = traveller.grant("country:PT", "imaging", "treatment")
        consent = await traveller.consent(
            grant, traveller.grant("country:PT", "medication", "treatment"), standing=False
        )
        for i, one in enumerate(consent.grants):
            shown = ShownGrant.of(consent, one)
            path.with_stem(f"grant-{i}").write_bytes(wire.encode(GrantFile(traveller.address, shown)))

    place.run(travel())
    grants = [option for i in (0, 1) for option in ("--grant", path.with_stem(f"grant-{i}"))]
    result = terminal.type("read", *grants, "--practitioner", "Dr. Costa", "--save", saved, "--json")
    assert result.exit_code == 0, result.exception
    tree = json.loads(result.output)
    assert tree["access"]["why"] == "treatment"
    assert [(record["what"], record.get("document")) for record in tree["records"]] == [
        ("imaging", None),
        ("medication", "warfarin"),
    ]
    assert tree["records"][0]["content"] == to_hex(b"\xff\xd8 picture")
    assert tree["header"][3] == "the traveller will see this"
    assert saved.with_stem("record-imaging").read_bytes() == b"\xff\xd8 picture"
    assert saved.with_stem("record-medication").read_bytes() == b"warfarin"


def test_with_several_hospitals_somebody_must_say_which(terminal: Terminal, ready: Ready) -> None:
    """The log names the hospital, so it is never guessed."""
    result = terminal.type(
        "break-glass", "--card", ready.traveller.card.encode(), "--practitioner", DOCTOR, member=None
    )
    assert isinstance(result.exception, ConfigurationError)
    assert "choose one with --as: hospital-badajoz, hospital-bordeaux, hospital-evora" in str(result.exception)


def test_a_hospital_whose_keys_are_not_here_is_answered_with_those_that_are(terminal: Terminal, ready: Ready) -> None:
    """Only hospitals are offered, by their names; nothing is logged."""
    card = ready.traveller.card.encode()
    result = terminal.type("break-glass", "--card", card, "--practitioner", DOCTOR, member="hospital-toledo")
    assert isinstance(result.exception, ConfigurationError)
    assert str(result.exception).endswith(
        "/members: there are no keys of hospital-toledo here; "
        "choose one with --as: hospital-badajoz, hospital-bordeaux, hospital-evora"
    )


def test_the_card_need_not_stand_on_the_command_line(terminal: Terminal, ready: Ready) -> None:
    """From standard input the same card opens the same record; without any it is a wrong usage, not a wait."""
    options = ("break-glass", "--practitioner", DOCTOR)
    result = terminal.type(*options, "--card", "-", typed=ready.traveller.card.encode() + "\n")
    assert result.exit_code == 0, result.exception
    assert DOCUMENT.decode() in result.output
    assert terminal.type(*options).exit_code == 2


def test_a_file_that_cannot_be_written_does_not_hide_what_was_opened(
    terminal: Terminal, ready: Ready, tmp_path: Path
) -> None:
    """The mark is in the log by then, so the record is shown, then what is wrong with the file; a refusal likewise."""
    (tmp_path / "file").touch()
    blocked = ("--save", tmp_path / "file/record", "--evidence", tmp_path / "file/evidence")
    options = ("break-glass", "--practitioner", DOCTOR, *blocked)
    result = terminal.type(*options, "--card", ready.traveller.card.encode())
    assert result.exit_code == 1
    assert DOCUMENT.decode() in result.output
    assert result.output.count("it cannot be written") == 2
    wrong = Card(ready.traveller.card.chain_id, ready.traveller.address, bytes(16))
    refused = terminal.type(*options, "--card", wrong.encode())
    assert isinstance(refused.exception, NothingReleasedError)
    assert "it cannot be written" in refused.output


@pytest.mark.parametrize(("option", "words"), [("--what", "patient-summary"), ("--why", "treatment")])
def test_a_word_that_the_protocol_does_not_know_is_answered_with_those_it_does(
    terminal: Terminal, option: str, words: str
) -> None:
    """Classes and purposes are listed, and nothing is logged."""
    result = terminal.type("read", "--journey", "0x" + "11" * 20, "--practitioner", DOCTOR, option, "fun")
    assert result.exit_code == 2
    assert words in result.output


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["break-glass", "--card", "ABCD"], "card is malformed"),
        (["read"], "journey is malformed: give a grant, or a card"),
        (["read", "--journey", "0x" + "11" * 20], "--what is malformed: name at least one class"),
        (["read", "--journey", "0x12"], "expected 20 bytes"),
        (["read", "--grant", "nowhere.json"], "nowhere.json: the grant cannot be read"),
        (["read", "--grant", __file__], f"{__file__}: this is no grant that a wallet wrote with grant-file"),
    ],
)
def test_a_wrong_argument_is_one_line(terminal: Terminal, arguments: list[str], text: str) -> None:
    """An error says what is wrong, in one line, before anything is logged."""
    result = terminal.type(*arguments, "--practitioner", DOCTOR)
    assert isinstance(result.exception, HospesError)
    assert text in str(result.exception)
    assert "\n" not in str(result.exception)


def test_grants_of_two_journeys_do_not_go_together(terminal: Terminal, place: Place, tmp_path: Path) -> None:
    """One access is for one journey."""
    paths = [tmp_path / "one.json", tmp_path / "two.json"]

    async def hand_over() -> None:
        for path in paths:
            traveller = Traveller(place.town)
            consent = await traveller.consent(traveller.grant("country:PT", "imaging", "treatment"), standing=False)
            path.write_bytes(wire.encode(GrantFile(traveller.address, traveller.shown(consent))))

    place.run(hand_over())
    result = terminal.type("read", "--grant", paths[0], "--grant", paths[1], "--practitioner", DOCTOR)
    assert isinstance(result.exception, MalformedError)
    assert "are of different journeys" in str(result.exception)
