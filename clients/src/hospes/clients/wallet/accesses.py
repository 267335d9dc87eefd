"""Who looked: every access in the proven log, explained by what the keepers were shown.

The log proves that an access happened and which member asked; the notices say who, what, why, and what was released.
A notice counts only if it is the opening of its entry. What no keeper explains stays unexplained, and is shown.

Sources: PROTOCOL sections 2 ("Log"), 5 (``POST /v1/notices``) and 6 ("The keeper keeps each `Access`").
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from hospes.clients.wallet.errors import NoticeError
from hospes.clients.wallet.history import History
from hospes.clients.wallet.keepers import Missing, ask_each, keepers_of_epochs, reason_of
from hospes.clients.wallet.pages import JourneyPage
from hospes.clients.wallet.wallet import Wallet
from hospes.core import boxes, wire
from hospes.core.bodies import InquiryRequest, Notice, NoticesReply, SealedNotice
from hospes.core.chain import Entry, EntryKind, Member
from hospes.core.errors import HospesError
from hospes.core.identities import Country, MemberId
from hospes.core.messages import Access, Inquiry
from hospes.core.proof import Journal
from hospes.core.typed_data import digest
from hospes.service.client import Peer

MAX_PAGES: Final = 64
"""Replies that one keeper is asked for, so that none can keep the wallet busy for ever."""
MAX_DOUBTS: Final = 8
"""Of one keeper, which is read no further then: its lies must not push the others' words off the screen."""


class Fate(StrEnum):
    """What came of an access."""

    OPENED = "opened"
    REFUSED = "refused"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Released:
    """One class and the keepers that released their shares of it.

    Attributes
    ----------
    what : str
    keepers : tuple of MemberId
    needed : int, optional
        Keepers that must release for the record to open, by its own deposit: the latest of the class before the access.
        None when this wallet knows of none.
    """

    what: str
    keepers: tuple[MemberId, ...]
    needed: int | None


@dataclass(frozen=True, slots=True)
class Look:
    """One access, as the traveller sees it.

    Attributes
    ----------
    number, time : int
        Of the entry; Unix seconds.
    member : MemberId
        Who asked, by the registry: known even for an unexplained one.
    country : Country
    fate : Fate
    break_glass : bool
    practitioner, why : str
        As the hospital stated them; empty when unexplained.
    what : tuple of str
        Classes asked for; empty when unexplained.
    released : tuple of Released
    shown_to : tuple of MemberId
        Keepers that were shown the access.
    opening : Access, optional
        What the entry stands for; absent when unexplained.
    """

    number: int
    time: int
    member: MemberId
    country: Country
    fate: Fate
    break_glass: bool
    practitioner: str
    why: str
    what: tuple[str, ...]
    released: tuple[Released, ...]
    shown_to: tuple[MemberId, ...]
    opening: Access | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A notice that does not explain its entry, and why."""

    keeper: MemberId
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Accesses:
    """All accesses of a journey up to one final block.

    Attributes
    ----------
    looks : tuple of Look
        In the order of the log, none missing.
    block, time : int
        The final block that the log is complete up to; Unix seconds.
    silent : tuple of Missing
        Keepers that did not answer: what is unexplained may be explained by them.
    doubts : tuple of Doubt
    """

    looks: tuple[Look, ...]
    block: int
    time: int
    silent: tuple[Missing, ...]
    doubts: tuple[Doubt, ...]


async def accesses(wallet: Wallet, journey: JourneyPage) -> Accesses:
    """Ask all keepers what they were shown, and match it with the proven log."""
    before = await wallet.reader.tip()
    keepers = await keepers_of_epochs(wallet, (page.deposit.body.keeper_epoch for page in journey.deposits), before)
    told = await ask_each(wallet, keepers, _inquiry(wallet, journey))
    tip = await wallet.reader.tip()  # later than every answer, so that each notice's entry is in the journal
    journal = await wallet.reader.journal(journey.address, tip)
    found = journal.of_kind(EntryKind.ACCESS)
    members = await wallet.reader.members([entry.account for entry in found], tip)
    notices, doubts = _read_all(wallet, journey, journal, told.answers)
    past = History(journey, journal, wallet.domain, wallet.now())
    looks = tuple(
        _look(entry, member, notices.get(entry.number, {}), past) for entry, member in zip(found, members, strict=True)
    )
    wrong = (doubt for entry, member in zip(found, members, strict=True) for doubt in _mismatch(entry, member, notices))
    return Accesses(looks, tip.number, tip.time, told.missing, (*doubts, *wrong))


_ByKeeper = Mapping[MemberId, Notice]


def _inquiry(wallet: Wallet, journey: JourneyPage) -> Callable[[Member, Peer], Awaitable[Sequence[SealedNotice]]]:
    async def ask(keeper: Member, peer: Peer) -> Sequence[SealedNotice]:
        notices: list[SealedNotice] = []
        first = 1
        for _ in range(MAX_PAGES):
            inquiry = Inquiry(journey.address, keeper.account, first, wallet.now())
            request = InquiryRequest(inquiry, wallet.sign(journey, inquiry))
            page = (await peer.post("/v1/notices", request, NoticesReply)).notices
            notices.extend(page)
            # A reply holds a bounded number; the last entry's notices may go on in the next one.
            last = max((notice.number for notice in page), default=0)
            if last <= first:
                break
            first = last
        return notices

    return ask


def _read_all(
    wallet: Wallet, journey: JourneyPage, journal: Journal, answers: Iterable[tuple[Member, Sequence[SealedNotice]]]
) -> tuple[dict[int, dict[MemberId, Notice]], list[Doubt]]:
    """Open every notice; return those that explain their entry by number and keeper, and the doubts."""
    notices: dict[int, dict[MemberId, Notice]] = {}
    doubts: list[Doubt] = []
    for keeper, given in answers:
        own: list[Doubt] = []
        for sealed in dict.fromkeys(given):
            if len(own) == MAX_DOUBTS:
                break
            try:
                notice = _read(wallet, journey, journal, sealed)
            except HospesError as error:
                own.append(Doubt(keeper.id, sealed.number, reason_of(error)))
                continue
            same = notices.setdefault(sealed.number, {})
            same[keeper.id] = _joined(same.get(keeper.id), notice)
        doubts.extend(own)
    return notices, doubts


def _read(wallet: Wallet, journey: JourneyPage, journal: Journal, sealed: SealedNotice) -> Notice:
    """Open one notice and check that it is the opening of its entry."""
    entry = journal.entry(sealed.number)
    info = boxes.notice_info(wallet.domain, journey.address, sealed.number)
    notice = wire.decode(Notice, wallet.keys(journey).notice.open(sealed.box, info))
    if entry.kind is not EntryKind.ACCESS or digest(wallet.domain, notice.access) != entry.entry_hash:
        raise NoticeError(sealed.number, "it is not what the entry stands for")
    if notice.access.journey != journey.address:
        raise NoticeError(sealed.number, "it is for another journey")
    if not set(notice.released) <= set(notice.access.what):
        raise NoticeError(sealed.number, "it releases what was not asked for")
    return notice


def _joined(earlier: Notice | None, later: Notice) -> Notice:
    """Return what a keeper released over repeated requests for the same access."""
    if earlier is None:
        return later
    return replace(later, released=tuple(sorted({*earlier.released, *later.released})))


def _look(entry: Entry, member: Member, notices: _ByKeeper, past: History) -> Look:
    access = next((notice.access for notice in notices.values()), None)
    released = tuple(
        Released(what, keepers, _needed(past, entry, what))
        for what in (access.what if access else ())
        if (keepers := tuple(keeper for keeper, notice in notices.items() if what in notice.released))
    )
    fate = Fate.UNEXPLAINED if access is None else Fate.OPENED if released else Fate.REFUSED
    return Look(
        number=entry.number,
        time=entry.time,
        member=member.id,
        country=member.word.country,
        fate=fate,
        break_glass=access.break_glass if access else False,
        practitioner=access.practitioner if access else "",
        why=access.why if access else "",
        what=access.what if access else (),
        released=released,
        shown_to=tuple(notices),
        opening=access,
    )


def _needed(past: History, access: Entry, what: str) -> int | None:
    """Return the threshold of the class's latest deposit before an access: the one that a hospital opens."""
    found = ((past.deposited(page), page) for page in past.page.deposits if page.deposit.body.what == what)
    before = [(entry.number, page) for entry, page in found if entry and entry.number < access.number]
    latest = max(before, key=lambda one: one[0], default=None)
    return latest[1].deposit.body.threshold if latest else None


def _mismatch(entry: Entry, member: Member, notices: Mapping[int, _ByKeeper]) -> Iterable[Doubt]:
    """Tell of notices whose access names another member or country than the one whose account made the entry."""
    for keeper, notice in notices.get(entry.number, {}).items():
        if (notice.access.member, notice.access.where) != (member.id, member.word.country):
            yield Doubt(keeper, entry.number, "it names another member than the one that asked")
