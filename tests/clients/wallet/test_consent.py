"""Consenting, withdrawing, ending: what the log says, what keepers honour, and what is refused before it is signed."""

import asyncio
from dataclasses import replace

import pytest

from hospes.clients.hospital.errors import NothingReleasedError
from hospes.clients.wallet import relaying
from hospes.clients.wallet.consent import (
    Given,
    Wish,
    brake_services,
    draft,
    emergency_wish,
    end,
    finish_consents,
    give,
    sign_brake,
    withdraw,
)
from hospes.clients.wallet.deposit import deposit
from hospes.clients.wallet.errors import EndedForGoodError, NotRelayedError
from hospes.clients.wallet.history import ConsentState, Lack, history
from hospes.clients.wallet.keepers import Keepers, keepers_in_office
from hospes.clients.wallet.pages import FOR_GOOD, BrakePage, JourneyPage
from hospes.clients.wallet.relaying import alternating, relay, withdraw_call
from hospes.clients.wallet.wallet import Wallet
from hospes.contracts.storage import NotOnChainError
from hospes.core import wire
from hospes.core.bodies import RelayReply, RelayRequest
from hospes.core.chain import Epoch, Member, MemberWord, Role
from hospes.core.errors import MalformedError
from hospes.core.identities import Address, Country, MemberId, keccak
from hospes.core.messages import Consent, Withdrawal
from hospes.core.proof import FinalHeader
from hospes.service.client import Peer
from tests.clients.wallet.conftest import DOCUMENT, Open
from tests.simulators.clinic import Place


def _wish(wallet: Wallet, who: str = "hospital:*", days: int = 1) -> Wish:
    if who == "hospital:*":
        return emergency_wish(["PT", "ES"], wallet.now() - 60, wallet.now() + days * 86_400)
    return Wish(who, ("laboratory",), ("treatment",), ("PT",), wallet.now() - 60, wallet.now() + days * 86_400)


async def _given(wallet: Wallet, *whos: str) -> JourneyPage:
    """Return a journey with one consent for each of `whos`; the one for any hospital is standing."""
    journey = await wallet.new_journey("")
    for who in whos:
        consent = await draft(wallet, wallet.journey(), [_wish(wallet, who)])
        await give(wallet, wallet.journey(journey.index), consent, standing=who == "hospital:*")
    return wallet.journey()


def _waiting(place: Place, wallet: Wallet) -> Consent:
    """Return the standing consent of a new journey that was signed while nobody was in reach."""
    journey = place.run(wallet.new_journey(""))
    consent = place.run(draft(wallet, journey, [_wish(wallet)]))
    place.town.cut_off(*place.town.keepers)
    with pytest.raises(NotRelayedError):
        place.run(give(wallet, journey, consent, standing=True))
    place.town.cut_off()
    return consent


async def _states(wallet: Wallet) -> list[ConsentState]:
    journey = wallet.journey()
    past = await history(wallet, journey)
    return [past.consent_state(page) for page in journey.consents]


def test_a_consent_is_given_and_a_standing_one_is_held(place: Place, wallet: Wallet) -> None:
    """Each consent becomes an entry; the standing one is with all keepers, the other one with none."""
    journey = place.run(_given(wallet, "hospital:*", "member:hospital-evora"))
    assert place.run(_states(wallet)) == [ConsentState.GIVEN] * 2
    assert [(page.standing, len(page.holders)) for page in journey.consents] == [(True, 7), (False, 0)]


def test_one_signature_covers_a_whole_itinerary(place: Place, wallet: Wallet) -> None:
    """Several wishes make one consent with one entry."""
    journey = place.run(wallet.new_journey(""))
    wishes = [_wish(wallet, "country:PT"), _wish(wallet, "country:ES"), _wish(wallet, "member:hospital-bordeaux")]
    given = place.run(give(wallet, journey, place.run(draft(wallet, journey, wishes)), standing=False))
    assert (given.number, len(wallet.journey().consents[0].consent.grants)) == (1, 3)


def test_a_member_that_does_not_exist_is_refused_before_signing(place: Place, wallet: Wallet) -> None:
    """A mistyped id gives an error, not a consent to nobody."""
    journey = place.run(wallet.new_journey(""))
    with pytest.raises(NotOnChainError):
        place.run(draft(wallet, journey, [_wish(wallet, "member:hospital-evorra")]))


def test_an_emergency_wish_without_countries_is_refused(place: Place, wallet: Wallet) -> None:
    """A grant must say where; the error names the field."""
    journey = place.run(wallet.new_journey(""))
    with pytest.raises(MalformedError, match="where"):
        place.run(draft(wallet, journey, [emergency_wish([], 0, 1)]))


def test_the_same_wish_twice_is_one_consent(place: Place, wallet: Wallet) -> None:
    """What says the same as a consent that holds is not given again, since it would need a second withdrawal."""
    journey = place.run(_given(wallet, "member:hospital-evora"))
    wish = Wish(
        "member:hospital-evora",
        ("laboratory",),
        ("treatment",),
        ("PT",),
        wallet.now(),
        journey.consents[0].consent.grants[0].not_after,
    )
    again = place.run(draft(wallet, journey, [wish]))
    assert place.run(give(wallet, journey, again, standing=False)).consent == 1
    place.run(withdraw(wallet, journey, journey.consents[0]))
    assert place.run(give(wallet, wallet.journey(), again, standing=False)).consent == 2


def test_two_programs_give_one_consent(place: Place, opened: Open) -> None:
    """Both saw none yet when they began; only one is signed and logged, and both report it."""
    journey, wish = place.run(opened().new_journey("")), _wish(opened())

    async def give_again() -> Given:
        wallet = opened()
        return await give(wallet, journey, await draft(wallet, journey, [wish]), standing=True)

    async def at_once() -> tuple[Given, Given]:
        return await asyncio.gather(give_again(), give_again())

    first, second = place.run(at_once())
    assert (first.consent, first.number) == (second.consent, second.number) == (1, 1)
    assert len(opened().journey().consents) == 1


def test_a_wish_that_begins_earlier_is_another_consent(place: Place, wallet: Wallet) -> None:
    """One that only begins tomorrow does not stand in for one that is to hold today; one that has begun does."""
    journey = place.run(wallet.new_journey(""))
    now = wallet.now()
    wishes = [replace(_wish(wallet), not_before=begin, not_after=now + 99_999) for begin in (now + 9_999, now, now - 9)]
    numbers: list[int] = []
    for wish in wishes:
        drafted = place.run(draft(wallet, journey, [wish]))
        numbers.append(place.run(give(wallet, wallet.journey(), drafted, standing=True)).consent)
    assert numbers == [1, 2, 2]


def test_a_withdrawal_reaches_every_keeper_and_the_log(place: Place, wallet: Wallet) -> None:
    """Keepers confirm before the chain does, the entry follows, and a hospital gets nothing any more."""
    place.run(deposit(wallet, place.run(_given(wallet, "hospital:*")), [DOCUMENT]))
    opened = place.run(place.hospital().break_glass(wallet.journey().card, "Dr. Nuñez"))
    assert opened.records[0].document == DOCUMENT.content
    ended = place.run(withdraw(wallet, wallet.journey(), wallet.journey().consents[0]))
    assert (len(ended.told), ended.missing) == (7, ())
    assert place.run(_states(wallet)) == [ConsentState.WITHDRAWN]
    with pytest.raises(NothingReleasedError):
        place.run(place.hospital().break_glass(wallet.journey().card, "Dr. Nuñez"))


def test_a_withdrawal_repeated_is_the_same_entry(place: Place, wallet: Wallet) -> None:
    """Withdrawing twice is harmless."""
    journey = place.run(_given(wallet, "member:hospital-evora"))
    first = place.run(withdraw(wallet, journey, journey.consents[0]))
    assert place.run(withdraw(wallet, wallet.journey(), wallet.journey().consents[0])).number == first.number


def test_keepers_that_were_not_told_are_named(everybody: Place, wallet: Wallet) -> None:
    """A withdrawal goes through while some keepers are away; they are named, the log tells them later."""
    journey = everybody.run(_given(wallet, "hospital:*"))
    everybody.town.cut_off("keeper-paris")
    ended = everybody.run(withdraw(wallet, journey, journey.consents[0]))
    assert [missing.member for missing in ended.missing] == ["keeper-paris"]
    assert everybody.run(_states(wallet)) == [ConsentState.WITHDRAWN]


def test_a_withdrawal_that_reaches_nobody_is_kept_and_repeated(everybody: Place, wallet: Wallet) -> None:
    """With nobody in reach it is signed and counts for the wallet; repeated, it ends in the log."""
    journey = everybody.run(_given(wallet, "hospital:*"))
    everybody.town.cut_off(*everybody.town.keepers)
    with pytest.raises(NotRelayedError):
        everybody.run(withdraw(wallet, journey, journey.consents[0]))
    assert everybody.run(_states(wallet)) == [ConsentState.WITHDRAWING]
    everybody.town.cut_off()
    everybody.run(withdraw(wallet, wallet.journey(), wallet.journey().consents[0]))
    assert everybody.run(_states(wallet)) == [ConsentState.WITHDRAWN]


def test_an_ending_ends_all_that_was_given_and_nothing_later(place: Place, wallet: Wallet) -> None:
    """Every consent so far has ended; a new one, also of the same words, can be given."""
    journey = place.run(_given(wallet, "hospital:*", "member:hospital-evora"))
    place.run(end(wallet, journey))
    assert place.run(_states(wallet)) == [ConsentState.ENDED] * 2
    consent = place.run(draft(wallet, wallet.journey(), [_wish(wallet)]))
    place.run(give(wallet, wallet.journey(), consent, standing=True))
    assert place.run(_states(wallet)) == [ConsentState.ENDED, ConsentState.ENDED, ConsentState.GIVEN]


def test_an_ending_that_waited_ends_what_was_given_meanwhile(everybody: Place, wallet: Wallet) -> None:
    """One that reached nobody is repeated only while it ends everything; after a new consent another is signed."""
    journey = everybody.run(_given(wallet, "hospital:*"))
    for _ in range(2):
        everybody.town.cut_off(*everybody.town.keepers)
        with pytest.raises(NotRelayedError):
            everybody.run(end(wallet, wallet.journey()))
        everybody.town.cut_off()
    assert len(wallet.journey().endings) == 1
    consent = everybody.run(draft(wallet, journey, [_wish(wallet, "member:hospital-evora")]))
    everybody.run(give(wallet, wallet.journey(), consent, standing=False))
    everybody.run(end(wallet, wallet.journey()))
    assert everybody.run(_states(wallet)) == [ConsentState.ENDED] * 2
    assert len(wallet.journey().endings) == 2


def test_an_ending_leaves_no_consent_that_could_still_come(everybody: Place, wallet: Wallet) -> None:
    """A consent that was signed and reached nobody is withdrawn, so that no relayer and no repetition gives it."""
    _waiting(everybody, wallet)
    everybody.run(end(wallet, wallet.journey()))
    assert everybody.run(_states(wallet)) == [ConsentState.WITHDRAWN]
    assert everybody.run(finish_consents(wallet, wallet.journey())) == ()


async def _pull(place: Place, wallet: Wallet, request: RelayRequest) -> None:
    reader = wallet.reader
    keeper = await reader.member_named(MemberId("keeper-berlin"), await reader.tip())
    await Peer(keeper.service, place.town.http()).post("/v1/relay", request, RelayReply)
    call = relaying.end_call(wallet.journey().address, FOR_GOOD, b"")
    assert await relaying.await_entry(wallet, call)


def test_the_brake_ends_a_journey_for_good_without_the_wallet(place: Place, wallet: Wallet) -> None:
    """Signed in advance and sent by anybody to any keeper, it ends everything; afterwards nothing can be given."""
    journey = place.run(_given(wallet, "hospital:*"))
    brake = sign_brake(wallet, journey)
    assert place.run(_states(wallet)) == [ConsentState.GIVEN]
    place.run(_pull(place, wallet, brake))
    assert place.run(_states(wallet)) == [ConsentState.ENDED]
    with pytest.raises(EndedForGoodError):
        place.run(end(wallet, journey))
    with pytest.raises(EndedForGoodError):
        place.run(draft(wallet, journey, [_wish(wallet)]))


def test_what_waits_when_the_brake_is_pulled_is_over_too(everybody: Place, wallet: Wallet) -> None:
    """A consent that was signed and is not in the log can never come there, so nobody tries to bring it."""
    _waiting(everybody, wallet)
    everybody.run(_pull(everybody, wallet, sign_brake(wallet, wallet.journey())))
    assert everybody.run(_states(wallet)) == [ConsentState.ENDED]
    assert everybody.run(finish_consents(wallet, wallet.journey())) == ()


def test_a_brake_that_was_used_is_no_alarm(place: Place, wallet: Wallet) -> None:
    """The book remembers that it was signed, not how; the same ending without that memory is a stranger's."""
    brake = sign_brake(wallet, place.run(_given(wallet, "hospital:*")))
    assert wallet.journey().brake == BrakePage(FOR_GOOD, keccak(brake.signature))
    assert place.run(history(wallet, wallet.journey())).braked() is None
    place.run(_pull(place, wallet, brake))
    past = place.run(history(wallet, wallet.journey()))
    used = past.braked()
    assert used is not None
    assert past.foreign() == ()
    assert past.lacks() == (Lack.ENDED,)
    forgotten = replace(past, page=replace(past.page, brake=None))
    assert (forgotten.braked(), forgotten.foreign()) == (None, (used,))


def test_a_book_without_a_brake_can_be_read(place: Place, wallet: Wallet) -> None:
    """Books that were written before brakes were remembered hold no word of them."""
    journey = place.run(wallet.new_journey(""))
    assert b"brake" not in wire.encode(journey)
    assert wire.decode(JourneyPage, wire.encode(journey)) == journey


def test_a_brake_goes_to_keepers_of_two_countries(place: Place, wallet: Wallet) -> None:
    """Two addresses are named, of members in different countries."""
    members = {member.service: member.word.country for member in place.run(keepers_in_office(wallet)).members}
    first, second = place.run(brake_services(wallet))
    assert members[first] != members[second]


def test_a_card_lacks_what_it_needs_to_open(place: Place, wallet: Wallet) -> None:
    """Without a summary or without a standing emergency permission that holds, the card opens nothing."""

    def lacks() -> tuple[Lack, ...]:
        return place.run(history(wallet, wallet.journey())).lacks()

    place.run(wallet.new_journey(""))
    assert lacks() == (Lack.RECORD, Lack.PERMISSION)
    place.run(deposit(wallet, wallet.journey(), [DOCUMENT]))
    assert lacks() == (Lack.PERMISSION,)
    other = place.run(draft(wallet, wallet.journey(), [_wish(wallet, "member:hospital-evora")]))
    place.run(give(wallet, wallet.journey(), other, standing=True))
    handed = place.run(draft(wallet, wallet.journey(), [_wish(wallet)]))
    place.run(give(wallet, wallet.journey(), handed, standing=False))
    assert lacks() == (Lack.PERMISSION,)
    held = place.run(draft(wallet, wallet.journey(), [_wish(wallet)]))
    place.run(give(wallet, wallet.journey(), held, standing=True))
    assert lacks() == ()
    wallet.book.change_journey(wallet.journey(), _held_by_three)
    assert lacks() == (Lack.HOLDERS,)
    place.run(withdraw(wallet, wallet.journey(), wallet.journey().consents[-1]))
    assert lacks() == (Lack.PERMISSION,)


def _held_by_three(journey: JourneyPage) -> JourneyPage:
    held = journey.consents[-1]
    return journey.with_consent(replace(held, holders=held.holders[:3]))


def test_a_standing_consent_reaches_keepers_that_were_away(everybody: Place, wallet: Wallet) -> None:
    """Given while four keepers were away, the card opens nothing, until finishing hands them the consent."""
    everybody.run(deposit(wallet, everybody.run(wallet.new_journey("")), [DOCUMENT]))
    everybody.town.cut_off("keeper-lisboa", "keeper-porto", "keeper-paris", "keeper-lyon")
    consent = everybody.run(draft(wallet, wallet.journey(), [_wish(wallet)]))
    given = everybody.run(give(wallet, wallet.journey(), consent, standing=True))
    assert len(given.missing) == 4
    assert everybody.run(history(wallet, wallet.journey())).lacks() == (Lack.HOLDERS,)
    everybody.town.cut_off()
    (finished,) = everybody.run(finish_consents(wallet, wallet.journey()))
    assert (finished.number, finished.missing) == (given.number, ())
    assert everybody.run(history(wallet, wallet.journey())).lacks() == ()
    assert everybody.run(finish_consents(wallet, wallet.journey())) == ()


def test_a_consent_that_reached_nobody_is_finished_later(everybody: Place, wallet: Wallet) -> None:
    """Signed while nobody was in reach, it is pending; `finish_consents` brings it into the log."""
    _waiting(everybody, wallet)
    assert everybody.run(_states(wallet)) == [ConsentState.PENDING]
    (given,) = everybody.run(finish_consents(wallet, wallet.journey()))
    assert (given.consent, given.missing) == (1, ())
    assert everybody.run(_states(wallet)) == [ConsentState.GIVEN]


def test_a_consent_that_came_too_late_is_void(everybody: Place, wallet: Wallet) -> None:
    """After its deadline nobody can bring it into the log, so the wallet neither tries nor takes it for the same."""
    everybody.town.world.clock.now = _waiting(everybody, wallet).deadline + 1
    assert everybody.run(_states(wallet)) == [ConsentState.VOID]
    assert everybody.run(finish_consents(wallet, wallet.journey())) == ()


def test_a_consent_is_over_when_its_time_has_passed(place: Place, wallet: Wallet) -> None:
    """After its last second, by the clock or by the chain, a given consent reads no more, and the wallet says so."""
    place.run(_given(wallet, "hospital:*"))
    place.town.world.clock.now += 2 * 86_400
    assert place.run(_states(wallet)) == [ConsentState.OVER]
    past = place.run(history(wallet, wallet.journey()))
    behind = replace(past, now=0, journal=replace(past.journal, header=_tip_at(past.journal.header, past.now)))
    assert behind.consent_state(wallet.journey().consents[0]) is ConsentState.OVER


def _tip_at(header: FinalHeader, time: int) -> FinalHeader:
    return replace(header, header=replace(header.header, time=time))


def _member(name: str, country: str, suspended: int = 0) -> Member:
    word = MemberWord(Role.KEEPER, Country(country), 0, suspended)
    return Member(Address(name.encode().ljust(20)), MemberId(name), word, "http://x", b"")


def test_relayers_alternate_between_countries(place: Place, wallet: Wallet) -> None:
    """The first two members asked are of two countries, whatever the draw; a suspended one is not asked."""
    tip = place.run(wallet.reader.tip())
    members = (_member("a", "PT"), _member("b", "PT"), _member("c", "PT"), _member("d", "ES"), _member("e", "FR", 1))
    keepers = Keepers(Epoch(1, tuple(member.account for member in members), 3, 0), members, tip)
    for _ in range(20):
        order = alternating(keepers, wallet.entropy)
        assert {member.id for member in order} == {"a", "b", "c", "d"}
        assert order[0].word.country != order[1].word.country


def test_a_call_goes_on_with_the_next_member(everybody: Place, wallet: Wallet) -> None:
    """One member that answers is enough to reach the log, whoever is asked first."""
    journey = everybody.run(_given(wallet, "hospital:*"))
    everybody.town.cut_off(*(set(everybody.town.keepers) - {MemberId("keeper-madrid")}))
    page = journey.consents[0]
    signature = wallet.sign(journey, Withdrawal(page.consent.grants))
    entry = everybody.run(relay(wallet, withdraw_call(journey.address, page.grants_hash, signature)))
    assert entry.number == 2


def test_a_lost_book_does_not_bring_an_old_address_back(place: Place, wallet: Wallet) -> None:
    """A wallet restored from its secret alone begins its next journey under an address that the chain never saw."""
    first = place.run(_given(wallet, "hospital:*"))
    wallet.files.book.unlink()
    second = place.run(wallet.new_journey(""))
    assert (first.index, second.index) == (0, 1)
    assert second.address != first.address
