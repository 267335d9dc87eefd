"""Consenting, withdrawing and ending: from what the traveller wishes to a final entry, each step kept in the book.

It shows nothing (`sentences` does) and asks nobody: whoever calls `give` has the traveller's yes. What was signed is
kept whole, so that a wallet that was killed finishes it instead of signing the same again under another salt: two
equal consents would need two withdrawals.

Sources: PROTOCOL sections 1, 2 ("Consent word") and 6 ("handed directly to a keeper").
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hospes.clients.wallet.countries import require_country
from hospes.clients.wallet.errors import EndedForGoodError
from hospes.clients.wallet.handing_in import LEDGER_AWAY, Ended, hand_in, hand_in_unread
from hospes.clients.wallet.history import LIVE, ConsentState, History, history
from hospes.clients.wallet.keepers import Missing, keepers_in_office
from hospes.clients.wallet.pages import FOR_GOOD, BrakePage, ConsentPage, EndingPage, JourneyPage
from hospes.clients.wallet.relaying import Call, alternating, end_call, give_call, relay, withdraw_call
from hospes.clients.wallet.sentences import Paragraph, Setting, sentences
from hospes.clients.wallet.standing import hand_over
from hospes.clients.wallet.wallet import Wallet
from hospes.core.bodies import RelayRequest
from hospes.core.chain import Entry, EntryKind
from hospes.core.errors import HospesError
from hospes.core.identities import ZERO_HASH, Address, Country, MemberId, keccak, member_id
from hospes.core.messages import ANY_HOSPITAL, EMERGENCY, Consent, Ending, Grant, RecordClass, Withdrawal, sorted_grants

REACH_CHAIN_S: Final = 3600
"""How long a signed consent may take to reach the chain; afterwards it is void and nobody can bring it there."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One grant as the traveller wishes it, before it gets its salt.

    Attributes
    ----------
    who : str
        ``member:<id>``, ``country:<code>`` or ``hospital:*``.
    what, why, where : iterable of str
        In any order.
    not_before, not_after : int
        Unix seconds.
    card : bool
        Whether the card is needed; it always is for ``hospital:*``.
    """

    who: str
    what: Iterable[str]
    why: Iterable[str]
    where: Iterable[str]
    not_before: int
    not_after: int
    card: bool = False

    def grant(self, wallet: Wallet, journey: JourneyPage) -> Grant:
        """Return the grant under a new salt, or raise `MalformedError`."""
        gate = journey.card.gate if self.card or self.who == ANY_HOSPITAL else ZERO_HASH
        what, why = tuple(sorted(set(self.what))), tuple(sorted(set(self.why)))
        where = tuple(Country(code) for code in sorted(set(self.where)))
        return Grant(self.who, what, why, where, self.not_before, self.not_after, gate, wallet.salt())


@dataclass(frozen=True, slots=True)
class Given:
    """A consent that is in the log.

    Attributes
    ----------
    consent : int
        Its number in the wallet, from 1.
    number : int
        Of its entry.
    missing : tuple of Missing
        For a standing one: keepers that do not hold it yet, and why.
    """

    consent: int
    number: int
    missing: tuple[Missing, ...]


def emergency_wish(where: Iterable[str], not_before: int, not_after: int) -> Wish:
    """Return the wish that the wallet offers with each journey: break-glass, for whoever has the card."""
    what = (RecordClass.EMERGENCY_SUMMARY.label,)
    return Wish(ANY_HOSPITAL, what, (EMERGENCY,), where, not_before, not_after, card=True)


async def draft(wallet: Wallet, journey: JourneyPage, wishes: Sequence[Wish]) -> Consent:
    """Return the consent to show and then to sign.

    Raises
    ------
    EndedForGoodError
        When no consent of the journey can hold any more.
    NotOnChainError
        When a member that is named does not exist.
    MalformedError
        When a wish breaks a rule of the protocol, or names a country that does not exist.
    """
    for code in named_countries(wishes):
        require_country(code)
    past = await history(wallet, journey)
    if past.ended_through() == FOR_GOOD:
        raise EndedForGoodError
    tip = past.journal.header
    grants = [wish.grant(wallet, journey) for wish in wishes]
    for name in named_members(grants):
        await wallet.reader.member_named(name, tip)
    return Consent(sorted_grants(grants), wallet.time_at(tip) + REACH_CHAIN_S)


async def in_words(wallet: Wallet, journey: JourneyPage, consent: Consent, *, standing: bool) -> tuple[Paragraph, ...]:
    """Return a consent as the sentences to agree to, with the countries of the members that it names."""
    tip = await wallet.reader.tip()
    members = [await wallet.reader.member_named(name, tip) for name in named_members(consent.grants)]
    countries = {member.id: member.word.country for member in members}
    return sentences(consent, Setting(journey.card.gate, countries, standing))


async def from_now(wallet: Wallet) -> int:
    """Return a beginning that neither this clock nor the chain's has yet to reach, on a whole minute."""
    now = min(wallet.now(), (await wallet.reader.tip()).time)
    return now - now % 60


def named_members(grants: Iterable[Grant]) -> tuple[MemberId, ...]:
    """Return the members that grants name, each once."""
    names = (grant.who.removeprefix("member:") for grant in grants if grant.who.startswith("member:"))
    return tuple(dict.fromkeys(member_id(name) for name in names))


def named_countries(wishes: Iterable[Wish]) -> tuple[str, ...]:
    """Return the countries that wishes name, as readers' or as places."""
    found = [code for wish in wishes for code in wish.where]
    found += [wish.who.removeprefix("country:") for wish in wishes if wish.who.startswith("country:")]
    return tuple(dict.fromkeys(found))


def wide_reach(consent: Consent) -> tuple[Country, ...]:
    """Return the countries where any hospital with the card may read for something else than an emergency."""
    wide = (grant for grant in consent.grants if grant.who == ANY_HOSPITAL and set(grant.why) != {EMERGENCY})
    return tuple(sorted({code for grant in wide for code in grant.where}))


async def give(wallet: Wallet, journey: JourneyPage, consent: Consent, *, standing: bool) -> Given:
    """Sign a consent that the traveller agreed to, bring it into the log, and hand it to the keepers if it is standing.

    A consent that says the same and is given already, or was signed and may still be, is taken instead of a second one.

    Raises
    ------
    NotRelayedError
        When it is signed and kept, but not in the log yet; repeating, or `finish_consents`, goes on.
    """
    past = await history(wallet, journey)

    def same(page: ConsentPage) -> bool:
        return page.standing == standing and _says_all_of(page.consent, consent, past.time())

    live = [page for page in journey.consents if same(page) and past.consent_state(page) in LIVE]
    if live:
        page = live[0]
    else:
        page = ConsentPage(consent, wallet.sign(journey, consent), standing, wallet.now(), (), b"")
        journey, page = _noted(wallet, journey, page, same)
    return await _bring(wallet, journey, journey.consents.index(page) + 1, page)


def _noted(
    wallet: Wallet, journey: JourneyPage, page: ConsentPage, same: Callable[[ConsentPage], bool]
) -> tuple[JourneyPage, ConsentPage]:
    """Write a consent down, unless another program did so with the same in the meantime; return what stands there."""

    def meanwhile(now: JourneyPage) -> ConsentPage | None:
        return next((other for other in now.consents[len(journey.consents) :] if same(other)), None)

    noted = wallet.book.change_journey(journey, lambda now: now if meanwhile(now) else now.with_consent(page))
    return noted, meanwhile(noted) or page


async def finish_consents(wallet: Wallet, journey: JourneyPage) -> tuple[Given, ...]:
    """Bring consents into the log that were signed and may still be given, and standing ones to keepers without.

    So a wallet that was killed, or found keepers away, ends here what it had begun.
    """
    unfinished = await bring_consents(wallet, journey)
    missing = await hand_over(wallet, wallet.journey(journey.index)) if unfinished else ()
    return tuple(Given(number, entry.number, missing) for number, entry in unfinished)


async def bring_consents(wallet: Wallet, journey: JourneyPage) -> tuple[tuple[int, Entry], ...]:
    """Bring consents into the log likewise, and hand nothing over; return those that are unfinished without that."""
    past = await history(wallet, journey)
    accounts = (await keepers_in_office(wallet, past.journal.header)).epoch.accounts
    pages = [(n, page) for n, page in enumerate(journey.consents, start=1) if _is_unfinished(past, page, accounts)]
    return tuple([(number, await relay(wallet, _call(journey, page))) for number, page in pages])


def _is_unfinished(past: History, page: ConsentPage, keepers: Iterable[Address]) -> bool:
    """Whether a consent is not in the log and may still come there, or stands and a keeper in office lacks it."""
    state = past.consent_state(page)
    lacking = page.standing and not set(page.holders).issuperset(keepers)
    return state is ConsentState.PENDING or (state is ConsentState.GIVEN and lacking)


async def withdraw(wallet: Wallet, journey: JourneyPage, page: ConsentPage) -> Ended:
    """Withdraw a consent: signed and kept, handed to every keeper directly, and brought into the log.

    Raises
    ------
    NotRelayedError
        When it is not in the log yet and no keeper confirmed it; repeating goes on.
    """
    return await hand_in(wallet, journey, _withdrawn(wallet, journey, page))


def _withdrawn(wallet: Wallet, journey: JourneyPage, page: ConsentPage) -> Call:
    """Sign a withdrawal, unless it was signed before, and write it down; return its call."""
    signature = page.withdrawal or wallet.sign(journey, Withdrawal(page.consent.grants))
    wallet.book.change_journey(journey, lambda now: now.with_consent(replace(page, withdrawal=signature)))
    return withdraw_call(journey.address, page.grants_hash, signature)


async def end(wallet: Wallet, journey: JourneyPage) -> Ended:
    """End every consent that was given up to the latest final block, likewise.

    One that was signed and is not in the log yet is withdrawn, since whoever has it could still bring it there.

    Raises
    ------
    EndedForGoodError
        When the journey was ended for good before.
    NotRelayedError
        As `withdraw`.
    """
    try:
        past = await history(wallet, journey)
    except LEDGER_AWAY as error:
        return await _end_unread(wallet, journey, error)
    if past.ended_through() == FOR_GOOD:
        raise EndedForGoodError
    page = _signed_ending(past) or _ending(wallet, journey, past.journal.header.number)
    journey = wallet.book.change_journey(journey, lambda now: now.with_ending(page))
    ended = await hand_in(wallet, journey, end_call(journey.address, page.through, page.signature))
    for consent in journey.consents:
        if past.consent_state(consent) in (ConsentState.PENDING, ConsentState.WITHDRAWING):
            await withdraw(wallet, journey, consent)
    return ended


async def _end_unread(wallet: Wallet, journey: JourneyPage, error: HospesError) -> Ended:
    """End all consents while the ledger cannot be read.

    What was given up to the highest block that this wallet ever saw is ended. What it may have been given after that,
    by whom ever, is withdrawn one by one: nothing else than a consent whose deadline lies behind that block.
    """
    highest = wallet.reader.highest
    calls: list[Call] = []
    if highest.number:
        signed = (page for page in journey.endings if page.through >= highest.number)
        page = next(signed, None) or _ending(wallet, journey, highest.number)
        wallet.book.change_journey(journey, lambda now: now.with_ending(page))
        calls.append(end_call(journey.address, page.through, page.signature))
    later = [consent for consent in journey.consents if consent.consent.deadline >= highest.time]
    calls += [_withdrawn(wallet, journey, consent) for consent in later]
    if not calls:
        raise error
    return await hand_in_unread(wallet, calls, error)


def _signed_ending(past: History) -> EndingPage | None:
    """Return an ending that was signed before, is not in the log, and ends all that was given since."""
    given = max((entry.block for entry in past.journal.of_kind(EntryKind.GIVEN)), default=0)
    enough = (page for page in past.page.endings if page.through > past.ended_through() and page.through >= given)
    return next(enough, None)


def sign_brake(wallet: Wallet, journey: JourneyPage) -> RelayRequest:
    """Return an ending of all consents for good, signed in advance: for a trusted person, against a stolen wallet.

    Whoever holds it can use it with any keeper, without the wallet. Signing ends nothing; the book remembers that it
    was signed, so that its use is not taken for that of a stolen key.
    """
    page = _ending(wallet, journey, FOR_GOOD)
    brake = BrakePage(page.through, keccak(page.signature))
    wallet.book.change_journey(journey, lambda now: replace(now, brake=brake))
    return end_call(journey.address, page.through, page.signature).request


async def brake_services(wallet: Wallet) -> tuple[str, ...]:
    """Return where two keepers of two countries take a brake: one may be away, or unwilling."""
    order = alternating(await keepers_in_office(wallet), wallet.entropy)
    return tuple([keeper.service for keeper in order if keeper.service][:2])


def _ending(wallet: Wallet, journey: JourneyPage, through: int) -> EndingPage:
    return EndingPage(through, wallet.sign(journey, Ending(through)))


def _says_all_of(earlier: Consent, later: Consent, time: int) -> bool:
    """Whether two consents differ in salts and beginnings alone, and the earlier has begun or begins no later."""
    pairs = list(zip(_by_gist(earlier), _by_gist(later), strict=False))
    same = len(earlier.grants) == len(later.grants) and all(_gist(old) == _gist(new) for old, new in pairs)
    return same and all(old.not_before <= max(new.not_before, time) for old, new in pairs)


def _by_gist(consent: Consent) -> list[Grant]:
    return sorted(consent.grants, key=lambda grant: (_gist(grant), grant.not_before))


def _gist(grant: Grant) -> tuple[object, ...]:
    """Return what a grant says, without what differs each time it is drafted."""
    return (grant.who, grant.what, grant.why, grant.where, grant.not_after, grant.gate)


async def _bring(wallet: Wallet, journey: JourneyPage, number: int, page: ConsentPage) -> Given:
    entry = await relay(wallet, _call(journey, page))
    return Given(number, entry.number, await hand_over(wallet, wallet.journey(journey.index)))


def _call(journey: JourneyPage, page: ConsentPage) -> Call:
    return give_call(journey.address, page.grants_hash, page.consent.deadline, page.signature)
