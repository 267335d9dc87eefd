"""An access on the real ledger, with real keepers and a real store: what a hospital gets, and what it is told."""

import asyncio
import os
from collections.abc import Sequence

import httpx
import pytest

from hospes.clients.auditor import verify
from hospes.clients.hospital import (
    Answered,
    Hospital,
    OpenedRecords,
    Outcome,
    Refused,
    Unreachable,
    hospital as hospital_module,
)
from hospes.clients.hospital.errors import (
    NobodyAskedError,
    NotAHospitalError,
    NothingReleasedError,
    RecordsFailedError,
    TooFewSharesError,
    UnprovenAccessError,
    WrongNetworkError,
)
from hospes.clients.hospital.quorum import Enough, Question, ask_keepers
from hospes.clients.hospital.recipient import Recipient
from hospes.core.cards import Card
from hospes.core.chain import EntryKind, Member
from hospes.core.errors import BoxError, HospesError, MalformedError, ProofError
from hospes.core.identities import ZERO_HASH, Account, Address, Hash, MemberId, keccak
from hospes.core.messages import Alert, Issued
from hospes.core.sealing import SEGMENT_BYTES, SignedIssued
from hospes.core.typed_data import digest
from hospes.service.collect import collect
from hospes.service.errors import UnreachableError
from tests.simulators.clinic import DOCUMENT, Place, Ready
from tests.simulators.traveller import Traveller

DOCTOR = "Dr. Inês Costa"


def _entries(place: Place, journey: Address) -> int:
    async def count() -> int:
        reader = place.town.world.reader()
        return len((await reader.journal(journey, await reader.tip())).of_kind(EntryKind.ACCESS))

    return place.run(count())


def test_breaking_the_glass_gives_the_summary_and_leaves_a_mark(place: Place, ready: Ready) -> None:
    """Card in, summary out; the entry is in the traveller's log, the answers are signed, each step was timed."""
    opened = place.run(place.hospital().break_glass(ready.traveller.card, DOCTOR))
    (record,) = opened.records
    assert record.document == DOCUMENT
    assert (record.what, record.number, record.origin.text) == ("emergency-summary", 1, "cut by the traveller")
    assert opened.asked.access.break_glass
    assert opened.asked.entry.entry_hash == digest(place.town.world.genesis.domain, opened.asked.access)
    assert [timing.step for timing in opened.timings] == ["log", "ask", "open"]
    assert not opened.asked.complaints
    assert not opened.unopened
    assert not opened.silent
    assert len(opened.asked.answers) >= 4


def test_an_alert_that_nobody_raised_opens_nothing(place: Place, ready: Ready) -> None:
    """The access commits to the alert that is shown, and the keepers look for it on the chain; without it they open."""
    world, card = place.town.world, ready.traveller.card
    now, salt = int(world.clock.now), keccak(b"an alert of nobody's")
    alert = Alert(card.journey, MemberId("hospital-evora"), 3, now, now + 600, salt, salt)
    with pytest.raises(NothingReleasedError) as nothing:
        place.run(place.hospital().break_glass(card, DOCTOR, alert))
    assert nothing.value.asked.access.evidence == digest(world.genesis.domain, alert)
    assert len(nothing.value.asked.answers) >= 4
    opened = place.run(place.hospital().break_glass(card, DOCTOR))
    assert opened.asked.access.evidence == ZERO_HASH
    assert len(opened.records) == 1


def test_what_a_hospital_holds_convinces_an_auditor(place: Place, ready: Ready) -> None:
    """The evidence of an access, in a bundle from the real ledger, is proven without findings."""
    opened = place.run(place.hospital().break_glass(ready.traveller.card, DOCTOR))
    held = opened.asked.evidence(place.town.world.genesis.pin())
    reader = place.town.world.reader()
    bundle = place.run(collect(reader, held.journey, held.openings, held.answers))
    verdict = verify(bundle, place.town.world.genesis.pin())
    assert verdict.proven, verdict.findings
    assert verdict.findings == ()
    assert verdict.demonstration
    line = verdict.lines[opened.asked.entry.number - 1]
    assert (line.kind, line.who) == ("break-glass", "hospital-evora")
    assert DOCTOR in line.meaning
    assert len(line.answers) == len(opened.asked.answers)


def test_nobody_can_tell_why_nothing_was_released(place: Place, ready: Ready) -> None:
    """A wrong card, a journey that never was and a purpose that nobody granted are refused in the same words."""
    card = ready.traveller.card
    wrong = Card(card.chain_id, card.journey, os.urandom(16))
    unknown = Card(card.chain_id, Account(keccak(b"nobody")).address, os.urandom(16))
    hospital = place.hospital()
    attempts = [hospital.break_glass(wrong, DOCTOR), hospital.break_glass(unknown, DOCTOR)]
    attempts.append(hospital.read(card.journey, ["emergency-summary"], "treatment", DOCTOR, gate=card.gate_secret))
    for attempt in attempts:
        with pytest.raises(NothingReleasedError) as caught:
            place.run(attempt)
        asked = caught.value.asked
        assert str(caught.value) == (
            "the keepers released nothing: no valid consent, wrong card, or no such journey; nobody can tell which "
            f"(the request is in the log as entry {asked.entry.number})"
        )
        assert asked.answers
    assert _entries(place, unknown.journey) == 1


def test_a_card_of_another_network_is_refused_before_anything_is_logged(place: Place, ready: Ready) -> None:
    """A mistake that the hospital can see for itself leaves no mark."""
    card = ready.traveller.card
    before = _entries(place, card.journey)
    with pytest.raises(WrongNetworkError, match="the card is of network"):
        place.run(place.hospital().break_glass(Card(card.chain_id + 1, card.journey, card.gate_secret), DOCTOR))
    assert _entries(place, card.journey) == before


@pytest.mark.parametrize(("practitioner", "what"), [("", "imaging"), ("Dr.\nCosta", "imaging"), ("Dr. Costa", "x-ray")])
def test_what_the_protocol_forbids_is_refused_before_anything_is_logged(
    place: Place, ready: Ready, practitioner: str, what: str
) -> None:
    """An empty name, a broken line and an unknown class never reach the chain."""
    journey = ready.traveller.address
    before = _entries(place, journey)
    with pytest.raises(MalformedError):
        place.run(place.hospital().read(journey, [what], "treatment", practitioner))
    assert _entries(place, journey) == before


def test_a_keeper_cannot_ask(place: Place, ready: Ready) -> None:
    """Only an active hospital can append an access; others are told before they try."""
    with pytest.raises(NotAHospitalError, match="does not have it as a hospital"):
        place.run(place.hospital("keeper-lyon").break_glass(ready.traveller.card, DOCTOR))


def test_three_keepers_out_of_reach_are_named_and_not_missed(reachable: Place, ready: Ready) -> None:
    """As many as n - t keepers may fail: the record opens without them."""
    gone = {"keeper-lisboa", "keeper-paris", "keeper-berlin"}
    reachable.town.cut_off(*gone)
    opened = reachable.run(reachable.hospital().break_glass(ready.traveller.card, DOCTOR))
    assert opened.records[0].document == DOCUMENT
    assert {each.keeper.id for each in opened.asked.outcomes if isinstance(each, Unreachable)} == gone


def test_four_keepers_out_of_reach_are_too_many(reachable: Place, ready: Ready) -> None:
    """With fewer than t shares the clinician hears which keepers are missing and that the entry stands."""
    gone = ("keeper-lisboa", "keeper-paris", "keeper-berlin", "keeper-lyon")
    reachable.town.cut_off(*gone)
    with pytest.raises(TooFewSharesError) as caught:
        reachable.run(reachable.hospital().break_glass(ready.traveller.card, DOCTOR))
    assert (caught.value.good, caught.value.needed) == (3, 4)
    assert all(f"{name} cannot be reached" in str(caught.value) for name in gone)
    assert "asking again makes another entry" in str(caught.value)


def test_silent_keepers_leave_it_open_whether_there_was_a_record(reachable: Place) -> None:
    """When too many are out of reach to know, nobody says that nothing was released."""
    reachable.town.cut_off("keeper-lisboa", "keeper-paris", "keeper-berlin", "keeper-lyon")
    stranger = Card(reachable.town.world.genesis.chain_id, Account(keccak(b"nobody else")).address, os.urandom(16))
    with pytest.raises(TooFewSharesError) as caught:
        reachable.run(reachable.hospital().break_glass(stranger, DOCTOR))
    assert caught.value.good == 0


def test_a_shown_grant_opens_what_it_names_for_whom_it_names(place: Place) -> None:
    """A grant that keepers do not hold works when it is shown, and only for its member; other classes stay silent.

    The record is larger than a block: it is fetched in pieces and put together in order.
    """
    scan, what = os.urandom(2 * SEGMENT_BYTES + 17), ["imaging", "medication"]

    async def travel() -> OpenedRecords:
        traveller = Traveller(place.town)
        await traveller.deposit(scan, "imaging", "application/dicom")
        consent = await traveller.consent(
            traveller.grant("member:hospital-evora", "imaging", "treatment"), standing=False
        )
        shown = [traveller.shown(consent)]
        with pytest.raises(NothingReleasedError):
            await place.hospital("hospital-badajoz").read(traveller.address, what, "treatment", DOCTOR, shown)
        return await place.hospital().read(traveller.address, what, "treatment", DOCTOR, shown)

    opened = place.run(travel())
    (record,) = opened.records
    assert (record.what, record.media_type, record.document) == ("imaging", "application/dicom", scan)
    assert opened.silent == ("medication",)
    assert not opened.asked.access.break_glass


def test_the_newest_record_that_opens_is_shown(place: Place) -> None:
    """A later deposit replaces an earlier one on the screen; a bad one does not, and is told."""

    async def travel() -> OpenedRecords:
        traveller = Traveller(place.town)
        await traveller.consent(traveller.emergency_grant())
        for document in (b"first", b"second"):
            await traveller.deposit(document)
        await traveller.deposit(b"third", key_check=Hash(bytes(32)))
        return await place.hospital().break_glass(traveller.card, DOCTOR)

    opened = place.run(travel())
    assert [record.document for record in opened.records] == [b"second"]
    (bad,) = opened.unopened
    assert (bad.what, bad.number) == ("emergency-summary", 4)
    assert "its key is not the one that was deposited" in bad.reason


def test_a_document_shows_as_its_issuers(place: Place) -> None:
    """The registered account of the issuer signed these very bytes, and the screen can say so."""
    domain, badajoz = place.town.world.genesis.domain, place.town.world["hospital-badajoz"]
    word = Issued(badajoz.id, "emergency-summary", keccak(DOCUMENT), 1_800_000_000)

    async def travel() -> OpenedRecords:
        traveller = Traveller(place.town)
        await traveller.consent(traveller.emergency_grant())
        await traveller.deposit(DOCUMENT, issued=SignedIssued(word, badajoz.account.sign(digest(domain, word))))
        return await place.hospital().break_glass(traveller.card, DOCTOR)

    (record,) = place.run(travel()).records
    assert (record.origin.issuer, record.origin.issued_at) == ("hospital-badajoz", 1_800_000_000)
    assert record.origin.text == "issued and signed by hospital-badajoz"


def test_without_a_store_the_key_alone_opens_nothing(reachable: Place, ready: Ready) -> None:
    """When no store gives the blocks, the error says so, and that the keepers had released the key."""
    reachable.town.cut_off("archive-nantes")
    with pytest.raises(RecordsFailedError, match=r"no store has block .*archive-nantes.* cannot be reached") as caught:
        reachable.run(reachable.hospital().break_glass(ready.traveller.card, DOCTOR))
    assert f"(the request is in the log as entry {caught.value.asked.entry.number})" in str(caught.value)


def _failing_after_the_answers(hospital: Hospital, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let these calls of the hospital's chain reader fail from the moment when the keepers have answered."""

    async def fail(*_: object) -> None:
        raise UnreachableError("the ledger node", "ConnectError")

    async def ask(
        question: Question, keepers: Sequence[Member], http: httpx.AsyncClient, enough: Enough
    ) -> tuple[Outcome, ...]:
        outcomes = await ask_keepers(question, keepers, http, enough)
        for name in names:
            monkeypatch.setattr(hospital.chain, name, fail)
        return outcomes

    monkeypatch.setattr(hospital_module, "ask_keepers", ask)


def test_a_node_that_fails_after_the_answers_costs_no_record(
    place: Place, ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shares are there and the log was read before: the record opens without another look at it."""
    hospital = place.hospital()
    _failing_after_the_answers(hospital, monkeypatch, "tip")
    opened = place.run(hospital.break_glass(ready.traveller.card, DOCTOR))
    assert opened.records[0].document == DOCUMENT


def test_a_node_that_fails_before_the_keepers_are_known_costs_no_evidence(
    place: Place, ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry stands: the error names it and holds what it stands for."""
    hospital = place.hospital()

    async def fail(*_: object) -> None:
        raise ProofError("the keepers", "nothing fits")

    monkeypatch.setattr(hospital.chain, "epoch", fail)
    with pytest.raises(NobodyAskedError, match="no keeper could be asked: the keepers is not proven") as caught:
        place.run(hospital.break_glass(ready.traveller.card, DOCTOR))
    asked = caught.value.asked
    assert asked.entry.entry_hash == digest(hospital.chain.domain, asked.access)
    assert f"(the request is in the log as entry {asked.entry.number};" in str(caught.value)


def test_a_node_that_fails_to_prove_the_entry_is_told_with_its_transaction(
    place: Place, ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be in the log, and is: whoever keeps the access can show what that entry stands for."""
    hospital = place.hospital()

    async def fail(*_: object) -> None:
        raise UnreachableError("the ledger node", "it is gone")

    monkeypatch.setattr(hospital.chain, "journal", fail)
    with pytest.raises(UnprovenAccessError, match=r"it is gone; it may be in the log") as caught:
        place.run(hospital.break_glass(ready.traveller.card, DOCTOR))

    async def last() -> Hash:
        reader = place.town.world.reader()
        return (await reader.journal(ready.traveller.address, await reader.tip())).entries[-1].entry_hash

    assert place.run(last()) == digest(hospital.chain.domain, caught.value.access)


def test_a_node_that_is_gone_after_the_answers_costs_no_evidence(
    place: Place, ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows where the stores are, so nothing opens; what was asked and answered is told all the same."""
    hospital = place.hospital()
    _failing_after_the_answers(hospital, monkeypatch, "tip", "member_named")
    with pytest.raises(RecordsFailedError, match="the ledger node cannot be reached") as caught:
        place.run(hospital.break_glass(ready.traveller.card, DOCTOR))
    assert len(caught.value.asked.answers) >= 4


def test_a_store_that_the_registry_does_not_know_is_passed_over(place: Place, ready: Ready) -> None:
    """A wrong name in the configuration costs nothing as long as another store has the blocks."""
    stores = ("archive-atlantis", "archive-nantes")
    opened = place.run(place.hospital(stores=stores).break_glass(ready.traveller.card, DOCTOR))
    assert opened.records[0].document == DOCUMENT


def test_a_recipient_key_opens_nothing_after_it_is_destroyed() -> None:
    """A key serves one access."""
    recipient = Recipient(os.urandom)
    recipient.destroy()
    with pytest.raises(BoxError):
        recipient.open(bytes(64), b"hospes/answer/1")


def test_records_and_shares_never_show_in_a_representation(place: Place, ready: Ready) -> None:
    """What a log line could hold of an access has no record, no share, and no secret of the card."""
    opened = place.run(place.hospital().break_glass(ready.traveller.card, DOCTOR))
    text = repr(opened)
    shares = [share.share for each in opened.asked.outcomes if isinstance(each, Answered) for share in each.shares]
    assert shares
    assert repr(DOCUMENT)[2:-1] not in text
    assert not any(repr(share)[2:-1] in text for share in shares)


def test_a_refusal_carries_its_problem(place: Place, ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keeper whose clock says that the entry is old refuses by name, and the clinician reads why."""
    world = place.town.world

    async def late() -> HospesError:
        hospital = place.hospital()
        send = hospital.sender.final

        async def final_much_later(transaction: Hash, timeout_s: float = 15.0) -> object:
            receipt = await send(transaction, timeout_s)
            world.clock.now += 601
            return receipt

        monkeypatch.setattr(hospital.sender, "final", final_much_later)
        with pytest.raises(TooFewSharesError) as caught:
            await hospital.break_glass(ready.traveller.card, DOCTOR)
        assert all(isinstance(each, Refused) and each.problem == "stale" for each in caught.value.asked.outcomes)
        return caught.value

    assert "refused (stale): entry" in str(place.run(late()))


def test_two_hospitals_at_once_each_get_their_own_entry(place: Place, ready: Ready) -> None:
    """Accesses to one journey at the same moment do not disturb each other."""

    async def both() -> list[OpenedRecords]:
        names = ("hospital-evora", "hospital-bordeaux")
        return await asyncio.gather(*(place.hospital(name).break_glass(ready.traveller.card, DOCTOR) for name in names))

    first, second = place.run(both())
    assert abs(first.asked.entry.number - second.asked.entry.number) == 1
    assert first.records[0].document == second.records[0].document == DOCUMENT
