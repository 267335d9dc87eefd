"""Calls that end something, handed to every keeper directly: each honours it from its reply on, the log follows.

A ledger that is away, or lies, does not keep anybody from this: the keepers that the book remembers are told, and the
entry is made when the command is repeated.

Sources: PROTOCOL section 6 ("handed directly to a keeper is durable and honoured before the reply, and relayed").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hospes.clients.wallet.errors import NoKeepersKnownError, NotRelayedError
from hospes.clients.wallet.keepers import (
    Missing,
    Told,
    ask_each,
    keepers_of_epochs,
    reason_of,
    remembered_keepers,
)
from hospes.clients.wallet.pages import JourneyPage
from hospes.clients.wallet.relaying import Call, await_entry, logged, relay
from hospes.clients.wallet.wallet import Wallet
from hospes.contracts.refusals import ContractRefusedError
from hospes.core.bodies import RelayReply
from hospes.core.chain import Entry, Member
from hospes.core.errors import HospesError, ProofError
from hospes.core.identities import MemberId
from hospes.core.proof import FinalHeader
from hospes.service.client import Peer
from hospes.service.errors import NodeError, RemoteError, UnreachableError

LEDGER_AWAY: Final = (NodeError, UnreachableError, ProofError)
"""A ledger that does not answer, or whose answers do not hold."""
HONOURED: Final = frozenset({ContractRefusedError.slug, NodeError.slug, UnreachableError.slug})
"""Problems of a keeper that honours a call and could not relay it: another keeper's relaying may have come first, or
its own ledger node is away."""
REPLY_S: Final = 25.0
"""A keeper whose ledger node hangs gives up after ten seconds, and replies then."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A withdrawal, ending or erasure that keepers honour.

    Attributes
    ----------
    number : int, optional
        Of its entry; None when it is not proven to be in the log yet, and repeating goes on.
    told : tuple of MemberId
        Keepers that honour it from their reply on, without waiting for the chain.
    missing : tuple of Missing
        Keepers that did not answer; they honour it when they see the chain.
    unlogged : str
        Why it has no number; empty when it has.
    """

    number: int | None
    told: tuple[MemberId, ...]
    missing: tuple[Missing, ...]
    unlogged: str


async def hand_in(wallet: Wallet, journey: JourneyPage, call: Call) -> Ended:
    """Hand a call to all keepers that hold anything of the journey, and see it into the log.

    Raises
    ------
    NotRelayedError
        When it is not in the log yet and no keeper confirmed it. Repeating goes on.
    """
    try:
        entry = await logged(wallet, call)
        keepers = () if entry else await keepers_of(wallet, journey, await wallet.reader.tip())
    except LEDGER_AWAY as error:
        return await hand_in_unread(wallet, [call], error)
    if entry:
        return Ended(entry.number, (), (), "")
    told = await _tell(wallet, keepers, [call])
    outcome = await _logged_at_last(wallet, call, told)
    if isinstance(outcome, Entry):
        return Ended(outcome.number, _ids(told), told.missing, "")
    return Ended(None, _ids(told), told.missing, outcome)


async def hand_in_unread(wallet: Wallet, calls: Sequence[Call], error: HospesError) -> Ended:
    """Hand calls to all keepers that the book remembers, while `error` keeps the ledger from being read.

    Raises
    ------
    NoKeepersKnownError
        When the book remembers none.
    NotRelayedError
        When none of them confirmed all calls.
    """
    name, reason = calls[0].request.call, reason_of(error)
    keepers = remembered_keepers(wallet)
    if not keepers:
        raise NoKeepersKnownError(name, reason) from error
    told = await _tell(wallet, keepers, calls)
    if not told.answers:
        raise NotRelayedError(name, [("the ledger", reason), *_reasons(told)]) from error
    return Ended(None, _ids(told), told.missing, reason)


async def _tell(wallet: Wallet, keepers: Sequence[Member], calls: Sequence[Call]) -> Told[None]:
    """Hand calls to keepers; one that did not reply to all of them has confirmed nothing."""

    async def tell(_: Member, peer: Peer) -> None:
        for call in calls:
            try:
                await peer.post("/v1/relay", call.request, RelayReply, REPLY_S)
            except RemoteError as error:
                if error.problem not in HONOURED:
                    raise

    return await ask_each(wallet, keepers, tell)


async def _logged_at_last(wallet: Wallet, call: Call, told: Told[None]) -> Entry | str:
    """Return the entry of a call, or, when keepers honour it without one, why there is none yet."""
    try:
        return (await await_entry(wallet, call) if told.answers else None) or await relay(wallet, call)
    except (*LEDGER_AWAY, NotRelayedError) as error:
        if told.answers:
            return reason_of(error)
        if isinstance(error, NotRelayedError):
            raise
        raise NotRelayedError(call.request.call, [("the ledger", reason_of(error)), *_reasons(told)]) from error


def _ids(told: Told[None]) -> tuple[MemberId, ...]:
    return tuple(keeper.id for keeper, _ in told.answers)


def _reasons(told: Told[None]) -> list[tuple[str, str]]:
    return [(gone.member, gone.reason) for gone in told.missing]


async def keepers_of(wallet: Wallet, journey: JourneyPage, at: FinalHeader) -> tuple[Member, ...]:
    """Return every keeper that may hold anything of a journey: those in office, and those of its deposits."""
    return await keepers_of_epochs(wallet, (page.deposit.body.keeper_epoch for page in journey.deposits), at)
