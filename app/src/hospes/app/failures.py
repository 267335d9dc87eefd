"""What a command that failed leaves: one line for a person and, with ``--json``, one problem document for a program.

It decides no rule and hides nothing: the document says the same sentence as the line. It has no HTTP status, for there
is no HTTP here; the exit code stands for it.

Sources: RFC 9457 (problem details), sysexits.h (BSD), PROTOCOL section 5 ("`type` is `urn:hospes:problem:<slug>`").
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import click

from hospes.core import wire
from hospes.core.errors import TABLE, HospesError
from hospes.core.printing import printable

MAX_LINE: Final = 10_000
"""Characters of an error; the longest names what went wrong with each of 16 keepers."""
STOPPED: Final = 130
"""Exit code of what was interrupted, as shells have it: 128 and the number of SIGINT."""
DEFECT: Final = 70
"""Exit code of what nobody foresaw: EX_SOFTWARE of sysexits.h."""
_JSON: Final = "--json"
_VERBOSE: Final = "--verbose"


@dataclass(frozen=True, slots=True)
class Failure:
    """One command's failure.

    Attributes
    ----------
    slug : str
        Stable name; of `TABLE`, or ``usage``, ``system``, ``stopped``, ``defect``, which never reach another machine.
    title : str
        The same for every occurrence.
    detail : str
        One printable line: it may quote a stranger, who must not command the terminal.
    code : int
        Exit code.
    """

    slug: str
    title: str
    detail: str
    code: int

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """Return how an error that ends a command looks."""
        if isinstance(error, HospesError):
            return cls(error.slug, TABLE[error.slug].title, _line(str(error)), 1)
        if isinstance(error, click.ClickException):
            return cls("usage", "The command cannot be understood", _line(error.format_message()), error.exit_code)
        if isinstance(error, OSError):
            detail = f"{error.filename or 'the system'}: {error.strerror}"
            return cls("system", "The operating system refused", _line(detail), 1)
        if isinstance(error, (click.Abort, KeyboardInterrupt)):
            return cls("stopped", "The command was stopped", _stopped(error), STOPPED)
        # Its own message is nobody's promise: it could quote a record.
        detail = f"a defect of this program: {type(error).__name__}; please report it, with what {_VERBOSE} shows"
        return cls("defect", "The program has a defect", _line(detail), DEFECT)

    def problem(self) -> str:
        """Return the problem document, on one line."""
        tree = {"detail": self.detail, "title": self.title, "type": f"urn:hospes:problem:{self.slug}"}
        return wire.canonical(tree).decode()


def asks_for_json(words: Sequence[str]) -> bool:
    """Whether a command line asks for JSON; also one that was not understood, and so never became options."""
    return _JSON in _options(words)


def asks_for_more(words: Sequence[str]) -> bool:
    """Whether a command line asks for all that the program knows, such as the traceback of a defect."""
    return _VERBOSE in _options(words)


def _options(words: Sequence[str]) -> Sequence[str]:
    return words[: words.index("--")] if "--" in words else words


def _line(text: str) -> str:
    return printable(text, MAX_LINE)


def _stopped(error: BaseException) -> str:
    """Tell a question without anybody to answer from Ctrl-C."""
    if isinstance(error, click.Abort) and not sys.stdin.isatty():
        return "stopped: the command asked something and nobody was there to answer; --help says what can be given"
    return "stopped"
