"""The emergency: from a heartbeat to a history in the reader's language, and every part of it real."""

import json
import os
import re
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hospes.app.course import BEATS_FILE, RHYTHM_FILE, course_until
from hospes.app.places import FACILITIES_FILE, INVENTED, REAL, places
from hospes.core.errors import ConfigurationError
from hospes.core.identities import MemberId
from hospes.firmware.readings import BeatInterval
from hospes.nodes.ledger.commands import ledger
from tests.simulators.terminal import Terminal

QEMU = shutil.which("qemu-system-arm")
SHARED = Path(os.environ.get("HOSPES_SHARED_DATA", Path(__file__).parents[3] / "shared/data"))
NOW_MS = 1_790_000_000_000
TITLES = (
    "A demonstration network",
    "A patient summary",
    "A traveller",
    "Sealed, stored",
    "The permission for emergencies",
    "Her wearable, enrolled at four oracles",
    "The wearable runs",
    "What the oracles find",
    "The alert on the chain",
    "In the inbox of hospital-evora",
    "Break-glass, in two actions",
    "Her history",
    "hospital-evora acknowledges",
    "Who looked, and why?",
    "Every hop",
)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """Return a terminal in which nothing is emulated and nothing is shared."""
    at_home = Terminal(tmp_path_factory.mktemp("emergency"))
    return _with_path(at_home, "/nowhere")


@pytest.fixture(scope="module")
def story(terminal: Terminal) -> dict[str, Any]:
    """Return the story that `hospes demo emergency --json` tells."""
    told: dict[str, Any] = json.loads(terminal.ok("demo", "emergency", "--json"))
    return told


def _with_path(terminal: Terminal, path: str) -> Terminal:
    terminal.environment = {**terminal.environment, "PATH": path}
    return terminal


def _chapter(story: dict[str, Any], title: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in story["chapters"] if title in each["title"])
    return found


def _facts(story: dict[str, Any], title: str) -> dict[str, str]:
    return {fact["label"].strip(): fact["value"] for fact in _chapter(story, title)["facts"]}


def _alert_of(story: dict[str, Any]) -> str:
    return _facts(story, "The alert on the chain")["alert"]


def test_the_story_is_whole(story: dict[str, Any]) -> None:
    """Every chapter is told, in order, with its time; what is synthetic and what is not emulated is said."""
    told = [chapter["title"] for chapter in story["chapters"]]
    assert len(told) == len(TITLES)
    assert all(wanted in title for wanted, title in zip(TITLES, told, strict=True))
    assert all(chapter["seconds"] >= 0 for chapter in story["chapters"])
    wearable = _facts(story, "The wearable runs")
    assert "nothing is emulated" in wearable["wearable"]
    assert "synthetic" in wearable["heartbeats"]
    assert INVENTED in _facts(story, "The alert on the chain")["facilities"]
    assert any("A demonstration" in sentence for sentence in _chapter(story, "Every hop")["sentences"])


def test_frames_arrive_late_and_complete(story: dict[str, Any]) -> None:
    """The network drops frames and goes away; nothing is missing, nothing doubled, and something was sent again."""
    seen = _facts(story, "The wearable runs")
    sent, messages = (int(number) for number in re.findall(r"\d+", seen["sent"])[:2])
    assert seen["connections cut"] == "4"
    assert seen["missing"] == "0"
    assert seen["doubled"].startswith("0 ")
    assert int(seen["resent"]) == sent - messages > 0
    assert seen["arrived"].startswith(f"{messages} ")
    taken, held = re.findall(r"\d+", seen["readings"])
    assert taken == held


def test_the_alert_stands_on_the_chain(terminal: Terminal, story: dict[str, Any]) -> None:
    """Two oracles at least attest an irregular rhythm; whoever looks the hash up finds it in the ledger."""
    seen = _facts(story, "The alert on the chain")
    assert int(re.findall(r"\((\d) of 4\)", seen["attested by"])[0]) >= 2
    assert seen["asks"].startswith("hospital-evora")
    found = _chapter(story, "What the oracles find")
    assert "irregular-rhythm" in _facts(story, "What the oracles find")["policy row"]
    reasons = " ".join(fact["value"] for fact in found["facts"] if fact["label"].strip() == "reason")
    assert "atrial_fibrillation_probability" in reasons
    assert any("inputs are missing" in sentence for sentence in found["sentences"])
    said = CliRunner().invoke(ledger, ["inspect", seen["alert"], "--data", str(terminal.home / "demonstration/ledger")])
    assert said.exit_code == 0, said.output
    assert seen["alert"] in said.output


def test_every_hash_of_the_story_is_on_the_chain(terminal: Terminal, story: dict[str, Any]) -> None:
    """Whatever hash is shown can be looked up."""
    directory = str(terminal.home / "demonstration/ledger")
    words = set(re.findall(r"\b0x[0-9a-f]{64}\b", json.dumps(story, ensure_ascii=False)))
    assert len(words) >= 7
    for word in words:
        assert CliRunner().invoke(ledger, ["inspect", word, "--data", directory]).exit_code == 0, word


def test_the_alert_is_the_evidence(story: dict[str, Any]) -> None:
    """Keepers release for the alert that brought the gate, and the traveller sees it beside the access."""
    broken = _facts(story, "Break-glass")
    assert broken["evidence"].startswith(_alert_of(story))
    assert int(broken["answer"].split()[0]) >= 4
    seen = _facts(story, "Who looked")
    assert "hospital-evora (PT), BREAK-GLASS: opened: emergency-summary" in " ".join(seen.values())
    assert seen["evidence"].startswith(_alert_of(story))
    assert _facts(story, "acknowledges")["acknowledged"].endswith(_alert_of(story))


def test_her_history_is_in_portuguese_beside_the_original(story: dict[str, Any]) -> None:
    """Facts that are known stand in Portuguese with the original below, and nobody claims that a clinician looked."""
    assert "não verificado por um clínico" in _facts(story, "Her history")["notice"]
    told = "\n".join(_chapter(story, "Her history")["sentences"])
    for portuguese, original in (
        ("Alergia à penicilina", "Allergy to penicillin"),
        ("Fibrilhação auricular paroxística", "Paroxysmal atrial fibrillation"),
        ("Apixabano 5 mg comprimido", "Apixaban 5 mg tablet"),
    ):
        assert re.search(rf"{portuguese}[^\n]*\n +{original}", told), portuguese


def test_every_hop_is_timed(story: dict[str, Any]) -> None:
    """The last chapter has the seconds of each step of this run."""
    seen = _facts(story, "Every hop")
    wanted = ("frame to oracle", "score", "to decision", "decision to chain", "chain to inbox", "chain to proof")
    assert [*seen] == [*wanted, "break-glass to text", "translation", "acknowledgement"]
    assert all(re.match(r" *\d+\.\d{3} s", value) for value in seen.values())


def test_what_is_no_shared_data_is_refused(tmp_path: Path) -> None:
    """A folder without data is one line that says what is missing, before anything is founded; options have a place."""
    terminal = Terminal(tmp_path)
    said = terminal.run("demo", "emergency", "--shared", str(tmp_path))
    assert said.code == 1
    assert "there is no shared data here" in said.err
    assert len(said.err.splitlines()) == 1
    assert terminal.run("demo", "--json", "emergency").code == 2
    assert not (tmp_path / "demonstration").exists()


@pytest.mark.parametrize(
    ("beats", "rhythm"), [(b"", "record,sample_250hz,rhythm\n"), (b"PK\3\4", ""), (b"\0", "x\n1\n")]
)
def test_damaged_heartbeats_are_refused(tmp_path: Path, beats: bytes, rhythm: str) -> None:
    """Files that are no heartbeats get a typed error that names the file."""
    (tmp_path / "rhythm").mkdir()
    (tmp_path / BEATS_FILE).write_bytes(beats)
    (tmp_path / RHYTHM_FILE).write_text(rhythm)
    with pytest.raises(ConfigurationError, match="heartbeats cannot be read"):
        course_until(NOW_MS, tmp_path)


def test_a_course_ends_when_it_should(tmp_path: Path) -> None:
    """No reading is later than the end, an hour and twenty minutes lie before it, and no heart beats in two places."""
    course = course_until(NOW_MS, tmp_path)
    assert course.recording.is_synthetic
    moments = [item.reading.at_ms for item in course.recording.items]
    assert moments == sorted(moments)
    assert moments[0] == NOW_MS - 80 * 60_000
    assert NOW_MS - 60_000 < moments[-1] <= NOW_MS + 2_000
    beats = [item.reading for item in course.recording.items if isinstance(item.reading, BeatInterval)]
    assert len({beat.at_ms for beat in beats}) == len(beats) > 1_000


@pytest.mark.skipif(not (SHARED / BEATS_FILE).exists(), reason="needs the shared data (HOSPES_SHARED_DATA)")
def test_a_real_recording_turns_when_it_says() -> None:
    """The real heartbeats vary little before the turn and much after it, and they say whose they are."""
    course = course_until(NOW_MS, SHARED)
    assert "MIT-BIH" in course.beats
    assert not course.recording.is_synthetic
    beats = [item.reading for item in course.recording.items if isinstance(item.reading, BeatInterval)]
    before = [beat.interval_ms for beat in beats if beat.at_ms < course.turns_ms]
    after = [beat.interval_ms for beat in beats if beat.at_ms > course.turns_ms]
    assert _restless(after) > 3 * _restless(before)


def _restless(intervals: list[int]) -> float:
    steps = [abs(later - earlier) for earlier, later in pairwise(intervals)]
    return sum(steps) / len(steps) / (sum(intervals) / len(intervals))


@pytest.mark.skipif(not (SHARED / FACILITIES_FILE).exists(), reason="needs the shared data (HOSPES_SHARED_DATA)")
def test_members_stand_in_the_places_of_real_hospitals(tmp_path: Path) -> None:
    """Near Évora, the nearest real emergency department is the member's, and the table is named."""
    found = places(SHARED, tmp_path)
    assert found.source == REAL
    _, nearest, member = found.near(38.57, -7.91, 1)[0]
    assert (nearest.country, member) == ("PT", MemberId("hospital-evora"))
    assert set(found.hospitals.member_of.values()) == {
        MemberId("hospital-evora"),
        MemberId("hospital-badajoz"),
        MemberId("hospital-bordeaux"),
    }


def test_a_damaged_table_of_hospitals_is_refused(tmp_path: Path) -> None:
    """A table that is none gets a typed error that names it; without a table the fictional one is used."""
    assert places(tmp_path, tmp_path).source == places(None, tmp_path).source == INVENTED
    (tmp_path / "facilities").mkdir()
    (tmp_path / FACILITIES_FILE).write_bytes(b"no table")
    with pytest.raises(ConfigurationError, match="facilities cannot be read"):
        places(tmp_path, tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(QEMU is None, reason="qemu-system-arm is not installed (tools/system_packages.sh)")
def test_the_firmware_tells_the_same_story(tmp_path: Path) -> None:
    """On an emulated chip, with real heartbeats and hospitals where they are, all arrives and the alert is raised."""
    shared = ("--shared", str(SHARED)) if (SHARED / BEATS_FILE).exists() else ()
    told = json.loads(Terminal(tmp_path).ok("demo", "emergency", "--json", *shared))
    seen = _facts(told, "The wearable runs")
    assert "Cortex-M4 firmware, in QEMU" in seen["wearable"]
    assert ("MIT-BIH" in seen["heartbeats"]) == bool(shared)
    assert (seen["missing"], seen["doubled"][:2]) == ("0", "0 ")
    assert (REAL in _facts(told, "The alert on the chain")["facilities"]) == bool(shared)
    assert _facts(told, "Break-glass")["evidence"].startswith(_alert_of(told))


@pytest.mark.slow
def test_a_silent_hospital_is_passed_over(terminal: Terminal, story: dict[str, Any]) -> None:
    """After the deadline Badajoz is asked, opens the record in Spanish, and the run before it is replaced."""
    assert story
    told = json.loads(terminal.ok("demo", "emergency", "--json", "--silent"))
    silence = _facts(told, "stays silent")
    following = _facts(told, "The next alert")
    assert silence["escalated to"] == following["alert"] != _alert_of(told)
    assert following["asks"].startswith("hospital-badajoz")
    assert _facts(told, "Break-glass")["evidence"].startswith(following["alert"])
    assert "Alergia a la penicilina" in "\n".join(_chapter(told, "Her history")["sentences"])
    assert "hospital-badajoz (ES), BREAK-GLASS" in " ".join(_facts(told, "Who looked").values())
    assert any("deadline was shortened" in sentence for sentence in _chapter(told, "Every hop")["sentences"])
    directory = str(terminal.home / "demonstration/ledger")
    assert not (terminal.home / "demonstration-2").exists()
    assert CliRunner().invoke(ledger, ["inspect", following["alert"], "--data", directory]).exit_code == 0
    assert CliRunner().invoke(ledger, ["inspect", _alert_of(story), "--data", directory]).exit_code == 1
