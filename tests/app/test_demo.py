"""The demonstration: everything it shows is real, and every hash in it is on the chain."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hospes.app.founding import STORY_FILE, story_directory
from hospes.nodes.ledger.commands import ledger
from tests.simulators.terminal import Terminal

IPS = Path(os.environ.get("HOSPES_SHARED_DATA", Path(__file__).parents[3] / "shared/data")) / "ips"
STANDARD = (
    "Bundle-IPS-examples-Bundle-01",
    "Bundle-IPS-examples-Bundle-with-immunization",
    "Bundle-bundle-minimal",
    "Bundle-bundle-no-info-required-sections",
)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """Return a terminal in which the demonstration runs."""
    return Terminal(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def story(terminal: Terminal) -> dict[str, Any]:
    """Return the story that `hospes demo --json` tells."""
    told: dict[str, Any] = json.loads(terminal.ok("demo", "--json"))
    return told


def _facts(story: dict[str, Any], title: str) -> dict[str, str]:
    facts = next(each["facts"] for each in story["chapters"] if title in each["title"])
    return {fact["label"]: fact["value"] for fact in facts}


def _whole_seconds(story: dict[str, Any]) -> float:
    """Return how long the story says that all of it took, founding included, which no chapter tells."""
    return float(story["facts"]["whole story"].split()[0])


def test_the_story_is_whole(story: dict[str, Any]) -> None:
    """Consent, refusal, break-glass, forgery, withdrawal, traveller and auditor are all told, each with its time."""
    assert len(story["chapters"]) == 12
    seconds = [chapter["seconds"] for chapter in story["chapters"]]
    assert 0 < sum(seconds) <= _whole_seconds(story)
    seen = _facts(story, "Who looked")
    told = " ".join(seen.values())
    assert len(seen) == 4
    assert "hospital-badajoz (ES), BREAK-GLASS: opened: emergency-summary" in told
    assert "hospital-evora (PT), for treatment: opened: patient-summary" in told
    assert "hospital-evora (PT), for treatment: refused" in told
    assert "hospital-bordeaux (FR), for treatment: refused" in told


def test_the_forged_block_gets_nothing(story: dict[str, Any]) -> None:
    """All seven keepers name the missing seal, none releases a share, and the log has no such entry."""
    forgery = _facts(story, "never sealed")
    assert forgery["shares released"] == "0"
    assert "the network's authority never sealed it" in forgery["7 keepers say"]
    assert forgery["her log"].startswith("7 entries")


def test_the_auditor_finds_nothing_missing(story: dict[str, Any]) -> None:
    """The verdict of the offline verifier is complete, with nine entries."""
    sentences = next(each["sentences"] for each in story["chapters"] if "auditor" in each["title"])
    assert any("9 entries, none missing" in sentence for sentence in sentences)


def test_every_hash_of_the_story_is_on_the_chain(terminal: Terminal, story: dict[str, Any]) -> None:
    """Whatever hash was shown can be looked up; the forged ones are in the forgery, and only there."""
    directory = terminal.home / "demonstration"
    words: dict[str, str] = {}
    for chapter in story["chapters"]:
        folder = "forgery" if "never sealed" in chapter["title"] else "ledger"
        for word in re.findall(r"\b0x[0-9a-f]{64}\b", json.dumps(chapter, ensure_ascii=False)):
            words.setdefault(word, folder)
    looked_up = {word: folder for word, folder in words.items() if not _is_salt(story, word)}
    assert len(looked_up) > 12
    for word, folder in looked_up.items():
        said = CliRunner().invoke(ledger, ["inspect", word, "--data", str(directory / folder)])
        assert said.exit_code == 0, (word, said.output)
        assert word in said.output
    for word in (word for word, folder in looked_up.items() if folder == "forgery"):
        assert CliRunner().invoke(ledger, ["inspect", word, "--data", str(directory / "ledger")]).exit_code == 1


def _is_salt(story: dict[str, Any], word: str) -> bool:
    """Whether a word is the random number of a grant, which the traveller reads and the chain never sees."""
    told = (sentence for chapter in story["chapters"] for sentence in chapter["sentences"])
    return any("random number" in sentence and word in sentence for sentence in told)


def test_it_can_be_told_again(terminal: Terminal, story: dict[str, Any]) -> None:
    """A second run replaces what the first left, and nothing else."""
    assert story
    mine = terminal.home / "mine"
    mine.mkdir()
    refused = terminal.run("demo", "--data", str(mine))
    assert refused.code == 1
    assert "something else is here" in refused.err
    told = terminal.ok("demo")
    assert "Break-glass" in told
    assert "\x1b[" not in told


def test_it_leaves_alone_what_has_its_usual_name(tmp_path: Path) -> None:
    """A folder of that name which no demonstration made stays as it is; the story takes the next free name."""
    assert story_directory(tmp_path) == tmp_path / "demonstration"
    (tmp_path / "demonstration").mkdir()
    assert story_directory(tmp_path) == tmp_path / "demonstration-2"
    (tmp_path / "demonstration-2").mkdir()
    (tmp_path / "demonstration-2" / STORY_FILE).touch()
    assert story_directory(tmp_path) == tmp_path / "demonstration-2"


@pytest.mark.slow
@pytest.mark.parametrize("name", STANDARD)
def test_the_standard_bundles_go_through(tmp_path: Path, name: str) -> None:
    """Each example bundle of the standard is read, cut, sealed, released and shown."""
    record = IPS / f"{name}.json"
    if not record.exists():
        pytest.skip(f"needs {record.name} of the shared data (HOSPES_SHARED_DATA)")
    story = json.loads(Terminal(tmp_path).ok("demo", "--json", "--record", str(record)))
    assert len(story["chapters"]) == 12


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"resourceType":"Bundle"}', b"\xff" * 100])
def test_what_is_no_summary_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file that is no patient summary is one line that says what is wrong with it."""
    record = tmp_path / "record.json"
    record.write_bytes(content)
    said = Terminal(tmp_path).run("demo", "--record", str(record))
    assert said.code == 1
    assert said.err.startswith("hospes: ")
    assert len(said.err.splitlines()) == 1
