"""A terminal on one machine: runs the `hospes` command as its users do, in processes of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hospes.app.founding import Ports, found

COMMAND = (sys.executable, "-I", "-c", "import sys; from hospes.app.main import main; sys.argv[0] = 'hospes'; main()")
RECORD = Path(__file__).parents[2] / "app/src/hospes/app/records/traveller.json"
READY_S = 60.0


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


class Terminal:
    """Commands with one home.

    Parameters
    ----------
    home : Path
        ``HOSPES_HOME``.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment: Mapping[str, str] = {
            "HOME": str(home),
            "HOSPES_HOME": str(home),
            "HOSPES_PASSPHRASE": "a long passphrase",
            "PATH": os.environ["PATH"],
            "COLUMNS": "200",
        }

    def run(self, *arguments: str, typed: str = "") -> Said:
        """Run ``hospes`` with these arguments to its end."""
        done = subprocess.run(
            [*COMMAND, *arguments], env=self.environment, input=typed, capture_output=True, text=True, timeout=120,
            check=False, cwd=self.home,
        )  # fmt: skip
        return Said(done.returncode, done.stdout, done.stderr)

    def ok(self, *arguments: str, typed: str = "") -> str:
        """Run a command that must succeed, and return what it printed."""
        said = self.run(*arguments, typed=typed)
        assert said.code == 0, said
        return said.out

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start ``hospes`` and leave it running."""
        return subprocess.Popen(
            [*COMMAND, *arguments], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            cwd=self.home,
        )  # fmt: skip


class Up:
    """``hospes up`` on ports that are free, in a process of its own.

    Parameters
    ----------
    terminal : Terminal
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._process: subprocess.Popen[str] | None = None
        found(terminal.home / "network", Ports.free(), int(time.time()))

    def start(self) -> str:
        """Start it and return what it said when it was ready."""
        self._process = process = self._terminal.start("up")
        assert process.stdout is not None
        said, begun = "", time.monotonic()
        while "ready after" not in said:
            line = process.stdout.readline()
            if not line or time.monotonic() - begun > READY_S:
                raise AssertionError(said + (process.stderr.read() if process.stderr else ""))
            said += line
        return said

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Stop it and return its exit code."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.communicate(timeout=30)
        return self._process.returncode


def card_of(printed: str) -> str:
    """Return the card's text from what ``hospes wallet card`` printed."""
    return " ".join(re.findall(r"^ +((?:[A-Z2-7]{2,4} )*[A-Z2-7]{2,4})$", printed, re.MULTILINE))


def journey_of(printed: str) -> str:
    """Return the first address in a text."""
    found_one = re.search(r"0x[0-9a-f]{40}\b", printed)
    assert found_one, printed
    return found_one[0]
