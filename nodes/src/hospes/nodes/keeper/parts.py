"""What the calls of one keeper share: who it is, what it sees of the chain, what it holds, and its clock.

It does nothing by itself.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hospes.core.errors import HospesError
from hospes.core.identities import Address
from hospes.core.proof import Journal
from hospes.core.typed_data import Domain, Message, digest
from hospes.nodes.keeper.holdings import Holdings
from hospes.nodes.keeper.under_way import UnderWay
from hospes.service.allowances import Allowances, RateLimitedError
from hospes.service.chain import ChainReader
from hospes.service.membership import MemberKeys

THING_BYTES: Final = 2048
"""What counts as one thing that is left here: a deposit, or a standing consent of seven grants; a larger one counts by
its bytes."""


@dataclass(frozen=True, slots=True)
class KeeperParts:
    """The shared parts of one keeper.

    Attributes
    ----------
    keys : MemberKeys
        Of the member that runs it.
    chain : ChainReader
        With a memory that survives a restart.
    holdings : Holdings
    under_way : UnderWay
    strangers : Allowances
        How much may be left here: a journey costs nothing to make, and its signature under a withdrawal, an erasure or
        a consent costs little, so without a limit a stranger could fill the disk. What is left of a journey that the
        chain does not know counts by where the request came from, whatever else of it lies here.
    clock : callable
        Unix seconds.
    entropy : callable
        Returns that many random bytes.
    """

    keys: MemberKeys
    chain: ChainReader
    holdings: Holdings
    under_way: UnderWay
    strangers: Allowances
    clock: Callable[[], float]
    entropy: Callable[[int], bytes]

    @property
    def domain(self) -> Domain:
        """The signing domain of the network."""
        return self.chain.domain

    @property
    def account(self) -> Address:
        """The keeper's account, which boxes and inquiries to it name."""
        return self.keys.account.address

    async def latest_journal(self, journey: Address) -> Journal:
        """Return a journey's log up to the latest final block; there was no later one when it had been read.

        Raises
        ------
        ProofError, NodeError, UnreachableError
        """
        tip = await self.chain.tip()
        while True:
            journal = await self.chain.journal(journey, tip)
            latest = await self.chain.tip()
            if latest.hash == tip.hash:
                return journal
            tip = latest

    async def count_stranger(self, journey: Address, source: str, size: int) -> None:
        """Count a source that is about to leave something of a journey that the chain does not know.

        Of a journey that the chain knows, `Standing` and `Deposits` hold only so much.

        Parameters
        ----------
        size : int
            Bytes that it takes.

        Raises
        ------
        RateLimitedError
        """
        if not await self._known(journey):
            self.strangers.spend(source, things(size))

    async def count_handed(self, journey: Address, source: str, size: int) -> None:
        """Count something that is about to be handed over: by source, and once that has spent its own, by journey.

        Call it once the journey's signature is checked, and only for what is new, so that nobody else spends what a
        journey has. The chain is asked only then: what stops a release waits for no ledger.

        Parameters
        ----------
        size : int
            Bytes that it takes.

        Raises
        ------
        RateLimitedError
        """
        try:
            self.strangers.spend(source, things(size))
        except RateLimitedError:
            if not await self._known(journey):
                raise
            self.strangers.spend(journey, things(size))

    async def _known(self, journey: Address) -> bool:
        """Return whether the chain knows a journey; while it cannot be read, whether anything lies here."""
        try:
            journal = await self.chain.journal(journey, await self.chain.tip())
        except HospesError:
            return await asyncio.to_thread(self.holdings.knows, journey)
        return bool(journal.entries)

    def sign(self, message: Message) -> bytes:
        """Return the keeper's signature under a typed message."""
        return self.keys.account.sign(digest(self.domain, message))


def things(size: int) -> float:
    """Return what so many bytes count as, at least one.

    >>> things(500), things(64 * 282)
    (1.0, 8.8125)
    """
    return max(1.0, size / THING_BYTES)
