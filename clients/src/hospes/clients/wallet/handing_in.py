"""Calls that end something, handed to every keeper directly: each honours it from its reply on, the log follows.

Sources: PROTOCOL section 6 ("handed directly to a keeper is durable and honoured before the reply, and relayed").
"""

from dataclasses import dataclass

from hospes.clients.wallet.keepers import Missing, ask_each, keepers_of_epochs
from hospes.clients.wallet.pages import JourneyPage
from hospes.clients.wallet.relaying import Call, await_entry, logged, relay
from hospes.clients.wallet.wallet import Wallet
from hospes.contracts.refusals import ContractRefusedError
from hospes.core.bodies import RelayReply
from hospes.core.chain import Member
from hospes.core.identities import MemberId
from hospes.core.proof import FinalHeader
from hospes.service.client import Peer
from hospes.service.errors import RemoteError


@dataclass(frozen=True, slots=True)
class Ended:
    """A withdrawal, ending or erasure that is in the log.

    Attributes
    ----------
    number : int
        Of its entry.
    told : tuple of MemberId
        Keepers that honour it from their reply on, without waiting for the chain.
    missing : tuple of Missing
        Keepers that did not answer; they honour it when they see the chain.
    """

    number: int
    told: tuple[MemberId, ...]
    missing: tuple[Missing, ...]


async def hand_in(wallet: Wallet, journey: JourneyPage, call: Call) -> Ended:
    """Hand a call to all keepers that hold anything of the journey, and see it into the log.

    Raises
    ------
    NotRelayedError
        When it is not in the log yet. Keepers that answered honour it already; repeating goes on.
    """
    entry = await logged(wallet, call)
    if entry:
        return Ended(entry.number, (), ())

    async def tell(_: Member, peer: Peer) -> None:
        try:
            await peer.post("/v1/relay", call.request, RelayReply)
        except RemoteError as error:
            # It honours the call before it relays it, and another keeper's relaying may have come first.
            if error.problem != ContractRefusedError.slug:
                raise

    told = await ask_each(wallet, await keepers_of(wallet, journey, await wallet.reader.tip()), tell)
    entry = (await await_entry(wallet, call) if told.answers else None) or await relay(wallet, call)
    return Ended(entry.number, tuple(keeper.id for keeper, _ in told.answers), told.missing)


async def keepers_of(wallet: Wallet, journey: JourneyPage, at: FinalHeader) -> tuple[Member, ...]:
    """Return every keeper that may hold anything of a journey: those in office, and those of its deposits."""
    return await keepers_of_epochs(wallet, (page.deposit.body.keeper_epoch for page in journey.deposits), at)
