"""Standing consents: handed to the keepers, since they must work when the traveller cannot show anything.

With each goes the notice key, to which keepers seal the notices of accesses. It gives no consent (`consent` does).

Sources: PROTOCOL sections 5 (``POST /v1/standing``) and 6 ("an unknown journey: to a throw-away key").
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from hospes.clients.wallet.history import ConsentState, history
from hospes.clients.wallet.keepers import Keepers, Missing, ask_each, check_active, keepers_in_office
from hospes.clients.wallet.pages import ConsentPage, JourneyPage
from hospes.clients.wallet.wallet import Wallet
from hospes.core import boxes, wire
from hospes.core.bodies import StandingBox, StandingReply, StandingRequest
from hospes.core.chain import Member
from hospes.core.errors import SignatureError
from hospes.core.identities import ZERO_HASH, Address, Country
from hospes.core.messages import EMERGENCY, Consent, Grant, Mailbox, RecordClass
from hospes.service.client import Peer

_NOBODY: Final = "member:nobody"
_NOWHERE: Final = Country("ZZ")
"""A code that ISO 3166-1 leaves to users and gives to no country."""


async def hand_over(wallet: Wallet, journey: JourneyPage) -> tuple[Missing, ...]:
    """Give every standing consent of a journey that holds to each keeper in office that does not have it yet.

    A keeper that has none gets the mailbox instead: accesses under consents that are not standing are to be explained
    to the traveller too, and keepers learn the notice key in no other way.

    Returns
    -------
    tuple of Missing
        Keepers that do not have one of them, and why; repeating asks only those.
    """
    keepers = await keepers_in_office(wallet)
    past = await history(wallet, journey)
    missing: dict[str, Missing] = {}
    for page in journey.consents:
        if page.standing and past.consent_state(page) is ConsentState.GIVEN:
            missing |= await _hand(wallet, journey, page, keepers)
    journey = wallet.journey(journey.index)
    informed = {holder for page in journey.consents for holder in page.holders}
    if not informed.issuperset(keepers.epoch.accounts):
        mailbox = journey.mailbox or _mailbox(wallet, journey)
        missing |= await _hand(wallet, journey, mailbox, keepers, informed)
    return tuple(missing.values())


async def _hand(
    wallet: Wallet, journey: JourneyPage, page: ConsentPage, keepers: Keepers, informed: Collection[Address] = ()
) -> dict[str, Missing]:
    """Hand one consent to the keepers that neither hold it nor are `informed` without it."""
    notice_key = wallet.keys(journey).notice.public
    notice_signature = wallet.sign(journey, Mailbox(journey.address, notice_key))
    plain = wire.encode(StandingBox(page.consent, page.signature, notice_key, notice_signature))

    async def hand(keeper: Member, peer: Peer) -> None:
        check_active(keeper, keepers.at)
        box = boxes.seal(keeper.box_key, boxes.standing_info(wallet.domain, journey.address, keeper.account), plain)
        reply = await peer.post("/v1/standing", StandingRequest(journey.address, box), StandingReply)
        if reply.grants_hash != page.grants_hash:
            raise SignatureError("StandingReply", "it is for another consent")

    # With a journey's last deposit a keeper deletes its standing consents; when, only the keeper knows.
    holders = () if journey.erasures else page.holders
    without = [keeper for keeper in keepers.members if keeper.account not in {*holders, *informed}]
    told = await ask_each(wallet, without, hand)
    handed = tuple(keeper.account for keeper, _ in told.answers)
    wallet.book.change_journey(journey, lambda now: _held(now, page, handed))
    return {gone.member: gone for gone in told.missing}


def _held(now: JourneyPage, page: ConsentPage, holders: tuple[Address, ...]) -> JourneyPage:
    """Return the journey with more keepers that hold a consent, or the mailbox."""
    own = next((other for other in now.consents if other.grants_hash == page.grants_hash), None)
    current = own or now.mailbox or page
    held = replace(current, holders=tuple(dict.fromkeys((*current.holders, *holders))))
    return now.with_consent(held) if own else replace(now, mailbox=held)


def _mailbox(wallet: Wallet, journey: JourneyPage) -> ConsentPage:
    """Return a signed consent that can mean nothing: to nobody, nowhere, over since 1970, too late for the chain."""
    what, why = (RecordClass.EMERGENCY_SUMMARY.label,), (EMERGENCY,)
    grant = Grant(_NOBODY, what, why, (_NOWHERE,), 0, 1, ZERO_HASH, wallet.salt())
    consent = Consent((grant,), deadline=0)
    return ConsentPage(consent, wallet.sign(journey, consent), True, wallet.now(), (), b"")
