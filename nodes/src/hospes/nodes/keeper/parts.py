"""What the calls of one keeper share: who it is, what it sees of the chain, what it holds, and its clock.

It does nothing by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hospes.core.identities import Address
from hospes.core.typed_data import Domain, Message, digest
from hospes.nodes.keeper.holdings import Holdings
from hospes.nodes.keeper.under_way import UnderWay
from hospes.service.allowances import Allowances
from hospes.service.chain import ChainReader
from hospes.service.membership import MemberKeys


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
        a consent costs little, so without a limit a stranger could fill the disk. A journey that is known here is
        limited by itself, since only its own signature spends what it has; another by where the request came from.
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

    def count_stranger(self, journey: Address, source: str) -> None:
        """Count a source that is about to leave something of a journey of which nothing is here.

        Of a journey that is known, `Standing` and `Deposits` hold only so much.

        Raises
        ------
        RateLimitedError
        """
        if not self.holdings.knows(journey):
            self.strangers.spend(source)

    def count_handed(self, journey: Address, source: str) -> None:
        """Count something that is about to be handed over: by journey, or for one that is not known here by source.

        Call it once the journey's signature is checked, and only for what is new, so that nobody else spends what a
        journey has.

        Raises
        ------
        RateLimitedError
        """
        self.strangers.spend(journey if self.holdings.knows(journey) else source)

    def sign(self, message: Message) -> bytes:
        """Return the keeper's signature under a typed message."""
        return self.keys.account.sign(digest(self.domain, message))
