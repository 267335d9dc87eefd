"""How a verdict looks on a terminal: entries as a table or in blocks, then findings, then the sentence.

It prints what `verify` decided and decides nothing.
"""

import textwrap
from collections.abc import Iterator
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hospes.clients.auditor.findings import Severity
from hospes.clients.auditor.meaning import counted
from hospes.clients.auditor.verify import Line, Verdict
from hospes.core.identities import to_hex
from hospes.core.moments import moment

_BY_MEMBER = ("access", "break-glass")
_COLUMNS = ("No.", "When (UTC)", "Kind", "Who", "Meaning")
_LONGEST_ID = 31
_TABLE_WIDTH: Final = 100
"""Columns below which a table would lose some of its own, or cut a name."""
DEMONSTRATION: Final = "This is the demonstration network: nothing here is about a real person."


def show(verdict: Verdict, console: Console) -> None:
    """Print a verdict."""
    console.print(Text(f"Journey {to_hex(verdict.journey)}"), soft_wrap=True)
    if verdict.authority is not None:
        authority = f"sealed by the authority {to_hex(verdict.authority)}, whose word is trusted"
        console.print(Text(f"Block {verdict.block} at {moment(verdict.time)}, {authority}"), soft_wrap=True)
    if verdict.demonstration:
        console.print(Text(DEMONSTRATION), soft_wrap=True)
    if verdict.lines and console.width >= _TABLE_WIDTH:
        console.print(_table(verdict.lines))
    for line in verdict.lines if console.width < _TABLE_WIDTH else ():
        for row in _block(line, console.width):
            console.print(Text(row), soft_wrap=True)
    for finding in verdict.findings:
        style = "bold red" if finding.severity is Severity.ERROR else "yellow"
        console.print(Text(f"{finding.severity}: {finding}", style), soft_wrap=True)
    console.print(Text(verdict.sentence, _style(verdict)), soft_wrap=True)


def _style(verdict: Verdict) -> str:
    """Return how the sentence looks; a history without entries may be that of a mistyped address."""
    if not verdict.proven:
        return "bold red"
    return "bold green" if verdict.lines else "bold yellow"


def _table(lines: tuple[Line, ...]) -> Table:
    """Return the entries; nothing is cut off, and a member's id stays in one piece."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for name in _COLUMNS:
        width = (
            max((len(line.who) for line in lines if len(line.who) <= _LONGEST_ID), default=None)
            if name == "Who"
            else None
        )
        table.add_column(name, overflow="fold", min_width=width)
    for line in lines:
        when = moment(line.time).removesuffix(" UTC")
        cells = (str(line.number), when, line.kind, _who(line), _meaning(line))
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _block(line: Line, width: int) -> Iterator[str]:
    """Yield an entry as lines of at most `width` columns; a name longer than that stays in one piece."""
    for text, indent in (
        (f"{line.number}. {moment(line.time)}", ""),
        (f"{line.kind}, {_who(line)}", "   "),
        (_meaning(line), "   "),
    ):
        yield from textwrap.wrap(
            text,
            width,
            initial_indent=indent,
            subsequent_indent="   ",
            break_long_words=False,
            break_on_hyphens=False,
        )


def _who(line: Line) -> str:
    return line.who if line.kind in _BY_MEMBER else f"relayed by {line.who}"


def _meaning(line: Line) -> str:
    return f"{line.meaning}; {counted(len(line.answers), 'signed answer')}" if line.answers else line.meaning
