"""Depositing: what a traveller deposited, a hospital can read; what failed is told, and repeated without doubling."""

from dataclasses import replace

import pytest

from hospes.clients.wallet.consent import Wish, draft, give
from hospes.clients.wallet.deposit import Outcome, deposit
from hospes.clients.wallet.drafting import Document
from hospes.clients.wallet.errors import StoresFailedError, TooFewKeepersError, WalletFileError
from hospes.clients.wallet.grant_file import grant_file
from hospes.clients.wallet.locking import alone
from hospes.clients.wallet.pages import JourneyPage
from hospes.clients.wallet.wallet import Wallet
from hospes.core import wire
from hospes.core.bodies import GrantFile
from hospes.core.chain import EntryKind
from hospes.core.errors import SignatureError
from hospes.core.identities import MemberId, keccak
from hospes.core.messages import Issued
from hospes.core.proof import Journal
from hospes.core.sealing import SEGMENT_BYTES, SignedIssued
from hospes.core.typed_data import digest
from tests.simulators import town
from tests.simulators.clinic import Place

DOCUMENT = Document("patient-summary", "text/plain", b"allergic to penicillin")
OTHER = Document("laboratory", "text/plain", b"potassium 4.1")


async def _begun(wallet: Wallet, *documents: Document) -> tuple[JourneyPage, Outcome]:
    journey = await wallet.new_journey("")
    outcome = await deposit(wallet, journey, documents)
    return wallet.journey(), outcome


async def _journal(wallet: Wallet) -> Journal:
    return await wallet.reader.journal(wallet.journey().address, await wallet.reader.tip())


async def _deposited(wallet: Wallet) -> int:
    """Return how many deposits the journey's proven log has."""
    return len((await _journal(wallet)).of_kind(EntryKind.DEPOSITED))


async def _read(place: Place, wallet: Wallet, what: str = DOCUMENT.what) -> bytes:
    """Return what a hospital reads under a grant that the traveller hands over."""
    journey = wallet.journey()
    wish = Wish("member:hospital-evora", (what,), ("treatment",), ("PT",), wallet.now() - 60, wallet.now() + 10_000)
    await give(wallet, journey, await draft(wallet, journey, [wish]), standing=False)
    shown = wire.decode(GrantFile, grant_file(wallet.journey(), wallet.journey().consents[-1])).shown
    opened = await place.hospital().read(journey.address, (what,), "treatment", "Dr. Nuñez", (shown,), b"")
    return opened.records[0].document


def test_a_hospital_reads_what_was_deposited(place: Place, wallet: Wallet) -> None:
    """Blocks, shares and entry fit together: under a grant the very bytes are read."""
    _, outcome = place.run(_begun(wallet, DOCUMENT))
    assert place.run(_read(place, wallet)) == DOCUMENT.content
    assert [(record.what, record.new, len(record.keepers)) for record in outcome.records] == [
        ("patient-summary", True, 7)
    ]


def test_a_record_of_several_segments_is_read_whole(place: Place, wallet: Wallet) -> None:
    """More than one block, put under one permission, comes back in order."""
    large = replace(DOCUMENT, content=bytes(range(256)) * (SEGMENT_BYTES // 256 + 1))
    place.run(_begun(wallet, large))
    assert place.run(_read(place, wallet)) == large.content


def test_records_that_go_together_share_blocks_of_the_chain(
    place: Place, wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where blocks are a second apart, as they are, three records deposited at once do not wait for three blocks."""
    monkeypatch.setattr(town, "SEALING_S", 1.0)
    place.run(_begun(wallet, DOCUMENT, OTHER, replace(OTHER, what="medication")))
    journal = place.run(_journal(wallet))
    assert len(journal.of_kind(EntryKind.DEPOSITED)) == 3
    assert len({entry.block for entry in journal.entries}) < 3


def test_nothing_that_opens_a_record_stays_in_the_wallet(place: Place, wallet: Wallet) -> None:
    """Once a deposit is logged, the book has no share of it and no sealed block is kept."""
    journey, _ = place.run(_begun(wallet, DOCUMENT))
    assert [page.shares for page in journey.deposits] == [()]
    assert not any(wallet.files.unfinished.iterdir())


def test_the_same_document_is_not_deposited_twice(place: Place, wallet: Wallet) -> None:
    """A repetition leaves the deposit as it was; asked for again, or changed, it is a new record."""
    journey, first = place.run(_begun(wallet, DOCUMENT))
    again = place.run(deposit(wallet, journey, [DOCUMENT]))
    assert [(r.record, r.new) for r in again.records] == [(first.records[0].record, False)]
    anew = place.run(deposit(wallet, wallet.journey(), [DOCUMENT], again=True))
    changed = place.run(deposit(wallet, wallet.journey(), [replace(DOCUMENT, content=b"changed")]))
    assert len({r.record for r in (*first.records, *anew.records, *changed.records)}) == 3
    assert place.run(_deposited(wallet)) == 3


def test_missing_keepers_are_named(everybody: Place, wallet: Wallet) -> None:
    """With five of seven keepers the record is logged, and who is missing is told with the reason."""
    everybody.town.cut_off("keeper-lyon", "keeper-porto")
    _, outcome = everybody.run(_begun(wallet, DOCUMENT))
    assert {missing.member for missing in outcome.records[0].missing} == {"keeper-lyon", "keeper-porto"}
    assert {missing.member for missing in outcome.standing} == {"keeper-lyon", "keeper-porto"}
    assert everybody.run(_read(everybody, wallet)) == DOCUMENT.content


def test_with_threshold_keepers_only_nothing_is_logged(everybody: Place, wallet: Wallet) -> None:
    """Four of seven are too few: one more failure would lose the record. Repeated when they are back, it goes on."""
    everybody.town.cut_off("keeper-lyon", "keeper-porto", "keeper-berlin")
    with pytest.raises(TooFewKeepersError) as caught:
        everybody.run(_begun(wallet, DOCUMENT))
    assert (caught.value.accepted, caught.value.needed) == (4, 5)
    assert everybody.run(_deposited(wallet)) == 0
    record = wallet.journey().deposits[0].record
    everybody.town.cut_off()
    outcome = everybody.run(deposit(wallet, wallet.journey(), [DOCUMENT]))
    assert [(r.record, len(r.keepers)) for r in outcome.records] == [(record, 7)]
    assert everybody.run(_deposited(wallet)) == 1


def test_without_a_store_no_keeper_gets_a_share(everybody: Place, wallet: Wallet) -> None:
    """Blocks come first: while no store holds them, nothing else happens."""
    everybody.town.cut_off("archive-nantes")
    with pytest.raises(StoresFailedError):
        everybody.run(_begun(wallet, DOCUMENT))
    assert wallet.journey().deposits[0].accepted == ()
    everybody.town.cut_off()
    assert everybody.run(deposit(wallet, wallet.journey(), ())).records[0].new


def test_what_was_left_for_a_day_is_given_up(everybody: Place, wallet: Wallet) -> None:
    """Keepers have dropped what was not logged for a day, so the document is sealed anew under another key."""
    everybody.town.cut_off("keeper-lyon", "keeper-porto", "keeper-berlin")
    with pytest.raises(TooFewKeepersError):
        everybody.run(_begun(wallet, DOCUMENT))
    everybody.town.cut_off()
    everybody.town.world.clock.now += 24 * 3600
    outcome = everybody.run(deposit(wallet, wallet.journey(), [DOCUMENT]))
    old, new = wallet.journey().deposits
    assert (old.given_up, old.shares, new.given_up) == (True, (), False)
    assert [r.record for r in outcome.records] == [new.record]
    assert everybody.run(_deposited(wallet)) == 1


def test_a_clock_that_was_set_back_hides_no_day(everybody: Place, wallet: Wallet) -> None:
    """What keepers have dropped by the chain's time is given up, whatever the clock of the wallet says."""
    everybody.town.cut_off("keeper-lyon", "keeper-porto", "keeper-berlin")
    with pytest.raises(TooFewKeepersError):
        everybody.run(_begun(wallet, DOCUMENT))
    everybody.town.cut_off()
    stopped = wallet.now()
    everybody.town.world.clock.now += 24 * 3600
    everybody.run(_another_entry(wallet))
    wallet.clock = lambda: stopped
    everybody.run(deposit(wallet, wallet.journey(), [DOCUMENT]))
    assert [page.given_up for page in wallet.journey().deposits] == [True, False]


async def _another_entry(wallet: Wallet) -> None:
    """Let the chain go on: its latest block takes the time of now."""
    journey = wallet.journey()
    wish = Wish("member:hospital-evora", (DOCUMENT.what,), ("treatment",), ("PT",), 0, wallet.now() + 10_000)
    await give(wallet, journey, await draft(wallet, journey, [wish]), standing=False)


def test_two_programs_do_not_deposit_at_once(place: Place, wallet: Wallet) -> None:
    """While another program of this wallet deposits, a second one is told to wait."""
    with alone(wallet.files.depositing, wait=False), pytest.raises(WalletFileError):
        place.run(_begun(wallet, DOCUMENT))


def _issued(place: Place, member: str, document: Document) -> Document:
    keys = place.town.world[member]
    issued = Issued(MemberId(member), document.what, keccak(document.content), 1)
    return replace(
        document, issued=SignedIssued(issued, keys.account.sign(digest(place.town.world.genesis.domain, issued)))
    )


def test_an_issuers_word_travels_with_the_document(place: Place, wallet: Wallet) -> None:
    """A document that a member signed is deposited with its signature."""
    _, outcome = place.run(_begun(wallet, _issued(place, "hospital-evora", DOCUMENT)))
    assert outcome.records[0].new


def test_an_issuers_word_on_another_document_is_refused(place: Place, wallet: Wallet) -> None:
    """A signature over other bytes, another class, or by another member is refused before anything is sealed."""
    issued = _issued(place, "hospital-evora", DOCUMENT)
    assert issued.issued is not None
    forged = replace(issued.issued, issued=replace(issued.issued.issued, issuer=MemberId("hospital-badajoz")))
    for wrong in (replace(issued, content=b"x"), replace(issued, what="laboratory"), replace(issued, issued=forged)):
        with pytest.raises(SignatureError):
            place.run(_begun(wallet, wrong))
    assert wallet.journey().deposits == ()
