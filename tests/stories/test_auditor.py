"""The auditor: one file proves that the log is complete, without any network."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hospes.core.wire import canonical
from tests.simulators.terminal import COMMAND, Terminal
from tests.stories.conftest import Traveller


@pytest.fixture(scope="module")
def original(traveller: Traveller, member: Terminal, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a bundle of a journey that a hospital has read, with its evidence."""
    folder = tmp_path_factory.mktemp("auditor")
    evidence, path = folder / "evidence.json", folder / "bundle.json"
    asking = ("--practitioner", "Dr. Ruiz", "--as", "hospital-badajoz", "--evidence", str(evidence))
    member.ok("hospital", "break-glass", "--card", traveller.card, *asking)
    arguments = ("--out", str(path), "--evidence", str(evidence), "--network", traveller.network)
    member.ok("audit", "bundle", traveller.journey, *arguments)
    return path


@pytest.fixture
def bundle(original: Path, tmp_path: Path) -> Path:
    """Return a copy of the bundle that a story may change."""
    return Path(shutil.copy(original, tmp_path / "bundle.json"))


def test_a_bundle_is_judged_by_one_sentence(bundle: Path, traveller: Traveller, member: Terminal) -> None:
    """The verdict counts the entries, says up to when, and that later ones are unknown."""
    genesis = f"{traveller.network}/genesis.json"
    said = member.ok("audit", "verify", str(bundle), "--genesis", genesis)
    last = said.strip().splitlines()[-1]
    assert last.startswith("Complete up to block")
    assert "4 entries, none missing; later entries unknown." in last
    assert "Dr. Ruiz" in said
    assert "trusted" in said
    early = member.ok("audit", "verify", str(bundle), "--genesis", genesis, "--as-of", "2026-01-01T00:00:00Z")
    assert "Complete as of" in early
    late = member.run("audit", "verify", str(bundle), "--genesis", genesis, "--as-of", "2100-01-01T00:00:00Z")
    assert late.code == 1
    assert "NOT COMPLETE" in late.out


def test_it_is_judged_without_a_network(bundle: Path, traveller: Traveller, member: Terminal) -> None:
    """The same command gives the same verdict where not even loopback is up."""
    unshare = shutil.which("unshare")
    if unshare is None or os.geteuid() != 0:
        pytest.skip("needs unshare (util-linux) and root, to make a network namespace")
    verify = ("audit", "verify", str(bundle), "--genesis", f"{traveller.network}/genesis.json")
    done = subprocess.run(
        [unshare, "-n", *COMMAND, *verify], env=member.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "none missing" in done.stdout


@pytest.mark.parametrize("change", ["entry", "time", "answer", "another network"])
def test_a_changed_bundle_is_refused(bundle: Path, traveller: Traveller, member: Terminal, change: str) -> None:
    """Whoever removes an entry, moves it, or forges an answer is found out, and the exit code says so."""
    tree, genesis = json.loads(bundle.read_bytes()), f"{traveller.network}/genesis.json"
    if change == "entry":
        del tree["entries"][-1]
    elif change == "time":
        tree["entries"][1]["time"] = str(int(tree["entries"][1]["time"]) + 1)
    elif change == "answer":
        tree["answers"][0]["answer"]["boxHash"] = "0x" + "00" * 32
    else:
        genesis = "0x" + "11" * 32
    bundle.write_bytes(canonical(tree))
    said = member.run("audit", "verify", str(bundle), "--genesis", genesis)
    assert said.code == 1
    assert "NOT PROVEN" in said.out
    assert "Traceback" not in said.err
