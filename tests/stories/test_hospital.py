"""The hospital abroad: the right summary in seconds, break-glass from the card alone, errors that help at night."""

import json
import stat
from pathlib import Path

import pytest

from tests.simulators.terminal import Terminal
from tests.stories.conftest import Traveller, ready


@pytest.fixture(scope="module")
def unseen(network: str, tmp_path_factory: pytest.TempPathFactory) -> Traveller:
    """Return a traveller whom nobody has looked at."""
    return ready(network, tmp_path_factory.mktemp("unseen"))


ASKING = ("--practitioner", "Dr. Carmen Ruiz", "--as", "hospital-badajoz")


def test_break_glass_from_the_text_of_the_card_alone(traveller: Traveller, member: Terminal) -> None:
    """The card, typed by hand in small letters, opens the emergency summary, allergies first."""
    opened = member.ok("hospital", "break-glass", "--card", traveller.card.lower(), *ASKING)
    assert "BREAK-GLASS by Dr. Carmen Ruiz, hospital-badajoz (ES)" in opened
    assert "the traveller will see this" in opened
    assert "demonstration" in opened
    assert opened.index("ALLERGIES") < opened.index("PROBLEMS")
    assert "penicillin" in opened


def test_what_is_opened_can_be_saved(traveller: Traveller, member: Terminal, tmp_path: Path) -> None:
    """The record is written as it came, to a file that its owner alone can read."""
    target = tmp_path / "record.json"
    member.ok("hospital", "break-glass", "--card", traveller.card, *ASKING, "--save", str(target))
    assert json.loads(target.read_bytes())["resourceType"] == "Bundle"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_the_emergency_summary_has_no_mental_illness(traveller: Traveller, member: Terminal) -> None:
    """Break-glass shows what an emergency needs; the depression of the whole record is not in it."""
    opened = member.ok("hospital", "break-glass", "--card", traveller.card, *ASKING, "--json")
    assert "depress" not in opened.lower()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--card", "AEAA ASDP", *ASKING), "card"),
        (("--card", "!", *ASKING), "card"),
        (("--card", "CARD", "--practitioner", "Dr. R"), "choose one with --as"),
        (("--card", "CARD", "--practitioner", "Dr. R", "--as", "hospital-nowhere"), "hospital-nowhere"),
        (("--card", "CARD", "--practitioner", "Dr. R", "--as", "keeper-porto"), "keeper-porto"),
        (("--card", "CARD", "--practitioner", "", "--as", "hospital-evora"), "practitioner"),
    ],
)
def test_mistakes_are_named_and_leave_no_mark(
    unseen: Traveller, member: Terminal, arguments: tuple[str, ...], message: str
) -> None:
    """A wrong card, a missing name or a foreign member is one line that says so, and nothing was logged."""
    given = tuple(unseen.card if argument == "CARD" else argument for argument in arguments)
    said = member.run("hospital", "break-glass", *given)
    assert said.code != 0
    assert message in said.err
    assert "Traceback" not in said.err
    assert "BREAK-GLASS" not in unseen.wallet("accesses")


def test_a_refusal_does_not_say_why(traveller: Traveller, member: Terminal) -> None:
    """Where she gave no consent the answer is the same as for a journey that never was."""
    nowhere = ("--practitioner", "Dr. Moreau", "--as", "hospital-bordeaux")
    refused = member.run("hospital", "break-glass", "--card", traveller.card, *nowhere)
    unknown = ("--journey", "0x" + "12" * 20, "--what", "patient-summary", *nowhere)
    never = member.run("hospital", "read", *unknown)
    assert refused.code == never.code == 1
    assert refused.err.split("(")[0] == never.err.split("(")[0]
