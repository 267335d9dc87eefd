"""The screen: a summary as a clinician reads it, and nothing that a document could do to a terminal."""

import json
from dataclasses import replace
from datetime import date
from importlib.resources import files
from io import StringIO

import pytest
from rich.console import Console

from hospes.clients.hospital import (
    Asked,
    Lying,
    OpenedRecord,
    OpenedRecords,
    Origin,
    Refused,
    Timing,
    Unopened,
)
from hospes.clients.hospital.report import report
from hospes.clients.hospital.screen import FHIR, show
from hospes.core.chain import Entry, EntryKind, Member, MemberWord, Role
from hospes.core.genesis import Genesis
from hospes.core.identities import Address, Country, Hash, MemberId
from hospes.core.messages import Access
from tests.simulators.paper_chain import PaperChain, founder

ZERO = Hash(bytes(32))
JOURNEY = Address(bytes(20))
SUMMARY = (files("hospes.app") / "records" / "traveller.json").read_bytes()


@pytest.fixture(scope="module")
def genesis() -> Genesis:
    """A network that is no demonstration."""
    return PaperChain((founder("hospital-lisboa", Role.HOSPITAL, "PT")[1],), None).genesis


def _opened(document: bytes, media_type: str, why: str = "emergency") -> OpenedRecords:
    what = ("emergency-summary", "medication")
    member, where = MemberId("hospital-lisboa"), Country("PT")
    access = Access(JOURNEY, member, "Dr. [red]Costa", what, why, where, b"\x00\x20" + bytes(32), ZERO, 0, ZERO)
    entry = Entry(JOURNEY, 7, EntryKind.ACCESS, JOURNEY, ZERO, 12, 1_900_000_000)
    record = OpenedRecord(
        "emergency-summary", 3, 1_900_000_000, media_type, document, Origin(None, 0, "cut by the traveller")
    )
    bad = Unopened("emergency-summary", 5, "its key is not the one that was deposited")
    timings = (Timing("log", 1.234), Timing("ask", 0.5))
    return OpenedRecords(Asked(access, entry, ()), (record,), (bad,), ("medication",), timings)


def _shown(opened: OpenedRecords, genesis: Genesis, today: date = date(2030, 3, 17)) -> list[str]:
    screen = StringIO()
    show(opened, genesis, Console(width=100, file=screen), today)
    return screen.getvalue().splitlines()


def test_a_patient_summary_is_shown_as_facts(genesis: Genesis) -> None:
    """Name first, then what may kill, in the order in which a clinician reads."""
    text = "\n".join(_shown(_opened(SUMMARY, FHIR), genesis))
    assert text.index("Aino Marjatta Lehtovaara") < text.index("ALLERGIES AND INTOLERANCES")
    assert "Allergy to penicillin: criticality high" in text


def test_the_header_says_what_a_reader_must_know_first(genesis: Genesis) -> None:
    """Who, why, where in the log, how long it took; then what is missing or could not be opened."""
    lines = _shown(_opened(b"note", "text/plain"), genesis)
    assert lines[:8] == [
        "BREAK-GLASS by Dr. [red]Costa, hospital-lisboa (PT), for emergency",
        f"asked for emergency-summary, medication of journey 0x{'00' * 20}",
        f"entry 7 (0x{'00' * 32}) in block 12, 2030-03-17 17:46:40 UTC",
        "the traveller will see this",
        "log 1.23 s, ask 0.50 s",
        "a newer emergency-summary (entry 5) could not be opened: its key is not the one that was deposited",
        "no medication was released: no consent for it, or no record; nobody can tell which",
        "",
    ]
    assert lines[8:] == [
        "emergency-summary, cut by the traveller, deposited 2030-03-17 17:46:40 UTC (entry 3)",
        "note",
    ]
    assert _shown(_opened(b"note", "text/plain", why="treatment"), genesis)[0].startswith("Access by Dr. [red]Costa")


def test_a_date_in_the_future_is_marked(genesis: Genesis) -> None:
    """The day of reading is the measure: the same record read in 1999 has dates that cannot be, and says so."""
    today, long_ago = (_shown(_opened(SUMMARY, FHIR), genesis, date(year, 1, 1)) for year in (2030, 1999))
    assert not any("future" in line for line in today)
    assert any("future" in line for line in long_ago)


def test_what_is_no_summary_is_named_by_size(genesis: Genesis) -> None:
    """A picture is not printed; a broken summary says what is wrong with it and how to keep it."""
    assert _shown(_opened(bytes(1234), "image/jpeg"), genesis)[-1] == "1234 bytes of image/jpeg; save it with --save"
    broken = _shown(_opened(b"{}", FHIR), genesis)[-1]
    assert broken.startswith("this is no patient summary that can be shown (")


def test_text_cannot_move_the_cursor(genesis: Genesis) -> None:
    """Control characters of a document never reach the terminal."""
    assert _shown(_opened(b"safe\x1b[2Jgone", "text/plain"), genesis)[-1] == "safe\N{REPLACEMENT CHARACTER}[2Jgone"


STRANGE = "a\x1b]0;b\x07\r\n\u202e\ud800"


def _strange() -> OpenedRecords:
    """Return an access in which everything that others write commands the terminal."""
    opened = _opened(b"\0", "image/" + STRANGE)
    keeper = Member(JOURNEY, MemberId("keeper-porto"), MemberWord(Role.KEEPER, Country("PT"), 0, 0), "", b"")
    origin = Origin(None, 0, STRANGE)
    return replace(
        opened,
        asked=replace(opened.asked, outcomes=(Refused(keeper, STRANGE, STRANGE), Lying(keeper, STRANGE))),
        records=(replace(opened.records[0], origin=origin),),
        unopened=(Unopened("emergency-summary", 5, STRANGE),),
    )


def test_strangers_cannot_command_the_terminal(genesis: Genesis) -> None:
    """What keepers, issuers and documents say is shown without what a terminal would obey."""
    lines = _shown(_strange(), genesis)
    assert all(line.isprintable() for line in lines)
    assert sum("a ]0;b" in line for line in lines) == 5


def test_half_a_surrogate_pair_does_not_stop_a_report(genesis: Genesis) -> None:
    """Text that has no UTF-8 is reported without it."""
    assert json.loads(report(_strange(), genesis))["records"][0]["mediaType"].startswith("image/a ]0;b")


def test_the_report_holds_what_the_screen_says(genesis: Genesis) -> None:
    """A program reads the same lines, and the document whole."""
    text = report(_opened(SUMMARY, FHIR), genesis)
    assert "the traveller will see this" in text
    assert "could not be opened" in text
    assert '"demonstration":false' in text
    assert "Lehtovaara" in text
