"""How an access looks on a terminal: who opened what and why, what the traveller will see, then the record.

It prints and decides nothing. Names and facts are printed as text, never as markup.

Sources: ARCHITECTURE section 1 ("break-glass in two actions"), section 2 (vocabulary).
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from rich.console import Console
from rich.text import Text

from hospes.clients.hospital.hospital import OpenedRecords
from hospes.clients.hospital.record import OpenedRecord
from hospes.core.errors import HospesError
from hospes.core.genesis import Genesis
from hospes.core.identities import to_hex
from hospes.core.moments import moment
from hospes.core.printing import printable
from hospes.core.summary import Style, read, render_text

FHIR: Final = "application/fhir+json"
_STYLES: Final = {
    Style.TITLE: "bold",
    Style.HEADING: "bold cyan",
    Style.DANGER: "bold red",
    Style.DETAIL: "dim",
    Style.MISSING: "yellow",
    Style.FINDING: "yellow",
}
_WARNING: Final = "yellow"
DEMONSTRATION: Final = "demonstration: this network is not for real patients"
_MAX_TEXT_BYTES: Final = 1 << 20
"""A longer text is saved, not printed."""
MAX_LINE: Final = 2000
"""Characters of a line of ours; the texts of others in it are bounded where they come from."""


def show(opened: OpenedRecords, genesis: Genesis, console: Console, today: date) -> None:
    """Print the outcome of an access and the records in it; what a record dates after `today` is marked."""
    for line in header(opened, genesis):
        console.print(Text(printable(line, MAX_LINE)), soft_wrap=True)
    for line in warnings(opened):
        console.print(Text(printable(line, MAX_LINE), _WARNING), soft_wrap=True)
    for record in opened.records:
        console.print()
        console.print(Text(printable(title(record), MAX_LINE), "bold"), soft_wrap=True)
        for text in _body(record, console.width, today):
            console.print(text, soft_wrap=True)


def header(opened: OpenedRecords, genesis: Genesis) -> Iterator[str]:
    """Yield who opened, why, and where it stands in the log."""
    access, entry = opened.asked.access, opened.asked.entry
    act = "BREAK-GLASS" if access.break_glass else "Access"
    yield f"{act} by {access.practitioner}, {access.member} ({access.where}), for {access.why}"
    yield f"asked for {', '.join(access.what)} of journey {to_hex(access.journey)}"
    yield f"entry {entry.number} ({to_hex(entry.entry_hash)}) in block {entry.block}, {moment(entry.time)}"
    yield "the traveller will see this"
    if genesis.demonstration:
        yield DEMONSTRATION
    yield ", ".join(f"{timing.step} {timing.seconds:.2f} s" for timing in opened.timings)


def warnings(opened: OpenedRecords) -> Iterator[str]:
    """Yield what a reader must know beside the records."""
    yield from opened.asked.complaints
    for each in opened.unopened:
        yield f"a newer {each.what} (entry {each.number}) could not be opened: {each.reason}"
    for what in opened.silent:
        yield f"no {what} was released: no consent for it, or no record; nobody can tell which"


def title(record: OpenedRecord) -> str:
    """Return the line above a record."""
    return f"{record.what}, {record.origin}, deposited {moment(record.deposited_at)} (entry {record.number})"


def _body(record: OpenedRecord, width: int, today: date) -> Iterator[Text]:
    """Yield the lines of a record: a summary as facts, text as text, anything else by its size."""
    if record.media_type.split(";")[0].strip() == FHIR:
        try:
            lines = render_text(read(record.document, today=today), width)
        except HospesError as error:
            told = f"this is no patient summary that can be shown ({error}); save it with --save"
            yield Text(printable(told, MAX_LINE), _WARNING)
            return
        yield from (Text(line.text, _STYLES.get(line.style, "")) for line in lines)
    elif record.media_type.startswith("text/") and len(record.document) <= _MAX_TEXT_BYTES:
        yield from (Text(_printable(line)) for line in record.document.decode("utf-8", "replace").splitlines())
    else:
        yield Text(printable(f"{len(record.document)} bytes of {record.media_type}; save it with --save", MAX_LINE))


def _printable(line: str) -> str:
    """Return a line without what could move a terminal's cursor."""
    return "".join(letter if letter.isprintable() or letter == "\t" else "\N{REPLACEMENT CHARACTER}" for letter in line)
