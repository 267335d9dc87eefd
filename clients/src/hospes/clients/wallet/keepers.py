"""The keepers of a network as the wallet may believe them: proven against the pinned genesis, never from an answer.

It asks several at once and tells what became of each; what is asked stands with whoever asks. Whoever was proven is
written into the book: when no ledger answers, a traveller must still reach the keepers that were known.

Sources: PROTOCOL sections 2 ("Registry") and 5 ("Keys of members come from the registry with a proof").
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from hospes.clients.wallet.errors import SuspendedMemberError
from hospes.clients.wallet.pages import KeepersPage, KnownKeeper
from hospes.clients.wallet.wallet import Wallet
from hospes.core.chain import Epoch, Member, MemberWord, Role
from hospes.core.errors import HospesError
from hospes.core.identities import Country, MemberId
from hospes.core.printing import printable
from hospes.core.proof import FinalHeader
from hospes.service.client import Peer

T = TypeVar("T")
MAX_REASON: Final = 300
REMEMBERED_S: Final = 24 * 3600
"""After so long the book is told again that the keepers it remembers are still the same."""


@dataclass(frozen=True, slots=True)
class Keepers:
    """One epoch's keepers, in order.

    Attributes
    ----------
    epoch : Epoch
    members : tuple of Member
        As many as the epoch has accounts, in its order.
    at : FinalHeader
        The final block that all this was proven at.
    """

    epoch: Epoch
    members: tuple[Member, ...]
    at: FinalHeader


@dataclass(frozen=True, slots=True)
class Missing:
    """A member that did not do what it was asked, and why."""

    member: MemberId
    reason: str


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """What became of asking several members at once.

    Attributes
    ----------
    answers : tuple of (Member, answer)
    missing : tuple of Missing
    """

    answers: tuple[tuple[Member, T], ...]
    missing: tuple[Missing, ...]


async def keepers_in_office(wallet: Wallet, at: FinalHeader | None = None, number: int | None = None) -> Keepers:
    """Return the keepers in office, or those of epoch `number`, proven at a final block.

    Raises
    ------
    NotOnChainError
        When the network has none.
    """
    final = at or await wallet.reader.tip()
    epoch = await wallet.reader.epoch(final, number)
    found = Keepers(epoch, await wallet.reader.members(epoch.accounts, final), final)
    _remember(wallet, found)
    return found


def _remember(wallet: Wallet, found: Keepers) -> None:
    """Write keepers into the book, unless what stands there is the same and of the last day, or of a later block."""
    known = tuple(KnownKeeper(member.account, member.id, member.service) for member in found.members)
    page = KeepersPage(wallet.network, found.epoch.number, found.at.number, found.at.time, known)
    for old in wallet.book.read().keepers_on(wallet.network):
        if old.epoch == page.epoch:
            fresh = old.keepers == known and page.time - old.time < REMEMBERED_S
            if fresh or old.block > page.block:
                return
    wallet.book.change(lambda pages: pages.with_keepers(page))


def remembered_keepers(wallet: Wallet, epoch: int | None = None) -> tuple[Member, ...]:
    """Return all keepers that the book remembers of this network, or those of one epoch, each as it was last proven.

    Nobody is asked. A member that was suspended since is among them: what ends something does no harm there.
    """
    pages = sorted(wallet.book.read().keepers_on(wallet.network), key=lambda page: page.block)
    known = (keeper for page in pages if epoch in (None, page.epoch) for keeper in page.keepers)
    return tuple({keeper.account: _member(keeper) for keeper in known}.values())


def _member(known: KnownKeeper) -> Member:
    return Member(known.account, known.id, MemberWord(Role.KEEPER, Country(""), 0, 0), known.service, b"")


async def keepers_of_epochs(wallet: Wallet, numbers: Iterable[int], at: FinalHeader) -> tuple[Member, ...]:
    """Return the keepers in office and all keepers of earlier epochs, each once."""
    office = await keepers_in_office(wallet, at)
    found = {member.account: member for member in office.members}
    for number in sorted(set(numbers) - {office.epoch.number}):
        earlier = await keepers_in_office(wallet, at, number)
        found |= {member.account: member for member in earlier.members}
    return tuple(found.values())


def check_active(member: Member, at: FinalHeader) -> None:
    """Refuse a member that must not be sent anything any more.

    Raises
    ------
    SuspendedMemberError
    """
    if not member.word.active_at(at.number):
        raise SuspendedMemberError(member.id)


def reason_of(error: Exception) -> str:
    """Return an error as a reason for a screen; it may quote a stranger, who must not command the terminal."""
    if not isinstance(error, HospesError):
        return f"asking it failed in an unforeseen way ({type(error).__name__})"
    return printable(str(error), MAX_REASON)


async def ask_each(wallet: Wallet, members: Sequence[Member], ask: Callable[[Member, Peer], Awaitable[T]]) -> Told[T]:
    """Ask several members at once; one that fails does not keep the others from answering."""

    async def one(member: Member) -> tuple[Member, T] | Missing:
        try:
            return member, await ask(member, Peer(member.service, wallet.http))
        except Exception as error:  # noqa: BLE001 - one member's address or answer must never undo the others' work
            return Missing(member.id, reason_of(error))

    outcomes = await asyncio.gather(*(one(member) for member in members))
    answers = tuple(outcome for outcome in outcomes if not isinstance(outcome, Missing))
    return Told(answers, tuple(outcome for outcome in outcomes if isinstance(outcome, Missing)))
