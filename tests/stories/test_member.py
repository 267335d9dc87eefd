"""The member organisation: installs, starts, inspects, loses power, and goes on."""

import signal
from pathlib import Path

import pytest

from tests.simulators.terminal import RECORD, Terminal, Up, card_of


def test_a_network_survives_kill_nine(tmp_path: Path) -> None:
    """What was acknowledged before the process was killed is there after it was started again."""
    terminal = Terminal(tmp_path)
    up = Up(terminal)
    assert "demonstration network" in up.start()
    terminal.ok("wallet", "new")
    terminal.ok("wallet", "deposit", "--record", str(RECORD))
    terminal.ok("wallet", "consent", "--emergency", "--country", "ES", "--yes")
    card = card_of(terminal.ok("wallet", "card"))
    up.stop(signal.SIGKILL)
    unreachable = terminal.run("wallet", "accesses")
    assert unreachable.code == 1
    assert "cannot be reached: nobody answers there; is it running?" in unreachable.err
    up.start()
    asking = ("--practitioner", "Dr. Ruiz", "--as", "hospital-badajoz")
    assert "penicillin" in terminal.ok("hospital", "break-glass", "--card", card, *asking)
    assert up.stop() == 0


def test_two_processes_cannot_seal_one_ledger(member: Terminal) -> None:
    """A second `hospes up` on the same directory is refused before it changes anything."""
    second = member.run("up")
    assert second.code == 1
    assert "another process" in second.err
    assert "Traceback" not in second.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "A ledger of the demonstration network."),
        (("0",), "This is block 0."),
        (("hospital-evora",), "This is the member hospital-evora."),
    ],
)
def test_the_ledger_can_be_inspected_while_it_runs(member: Terminal, words: tuple[str, ...], told: str) -> None:
    """The whole, its blocks and members are found on disk, beside the running ledger."""
    assert told in member.ok("ledger", "inspect", *words, "--data", str(member.home / "network/ledger"))


def test_what_is_not_on_this_chain_is_said(member: Terminal) -> None:
    """An unknown hash is an exit code and a sentence, not an empty page."""
    said = member.run("ledger", "inspect", "0x" + "ab" * 32, "--data", str(member.home / "network/ledger"))
    assert said.code == 1
    assert "Traceback" not in said.err


def test_where_there_is_no_network(tmp_path: Path) -> None:
    """Every command says how to start one."""
    terminal = Terminal(tmp_path)
    for command in (("wallet", "new"), ("audit", "bundle", "0x" + "00" * 20, "--out", "x")):
        said = terminal.run(*command)
        assert said.code == 1
        assert "hospes up" in said.err


def test_help_is_there_for_every_command(member: Terminal) -> None:
    """`hospes --help` lists what each part registers, and each has its own help."""
    listed = member.ok("--help")
    for command in ("audit", "demo", "hospital", "ledger", "up", "wallet"):
        assert command in listed
        assert "Usage: hospes" in member.ok(command, "--help")
