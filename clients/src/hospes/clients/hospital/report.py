"""An access as JSON, for programs that read what the screen shows.

It holds the records in clear: whoever asks for it keeps it as they would keep the record.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from hospes.clients.hospital.hospital import OpenedRecords
from hospes.clients.hospital.record import OpenedRecord
from hospes.clients.hospital.screen import MAX_LINE, header, warnings
from hospes.core import wire
from hospes.core.chain import Entry
from hospes.core.genesis import Genesis
from hospes.core.identities import Hash, MemberId
from hospes.core.messages import Access
from hospes.core.printing import printable


@dataclass(frozen=True, slots=True)
class ReportedRecord:
    """One record; `document` when it is text, `content` when it is not."""

    what: str
    number: int
    deposited_at: int
    media_type: str
    issuer: MemberId | None
    issued_at: int
    origin: str
    document: str | None
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Report:
    """What `hospes hospital ... --json` prints."""

    genesis: Hash
    demonstration: bool
    access: Access
    entry: Entry
    header: tuple[str, ...]
    warnings: tuple[str, ...]
    records: tuple[ReportedRecord, ...]


def report(opened: OpenedRecords, genesis: Genesis) -> str:
    """Return the JSON of an access."""
    asked = opened.asked
    records = tuple(_record(record) for record in opened.records)
    # Lines quote others, and half a surrogate pair in one of them would have no JSON at all.
    lines, told = _lines(header(opened, genesis)), _lines(warnings(opened))
    value = Report(genesis.pin(), genesis.demonstration, asked.access, asked.entry, lines, told, records)
    return wire.encode(value).decode()


def _lines(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(printable(line, MAX_LINE) for line in lines)


def _record(record: OpenedRecord) -> ReportedRecord:
    try:
        document, content = record.document.decode(), None
    except UnicodeDecodeError:
        document, content = None, record.document
    return ReportedRecord(
        what=record.what,
        number=record.number,
        deposited_at=record.deposited_at,
        media_type=printable(record.media_type),
        issuer=record.origin.issuer,
        issued_at=record.origin.issued_at,
        origin=printable(str(record.origin), MAX_LINE),
        document=document,
        content=content,
    )
