"""What the calls of one keeper share: who it is, what it sees of the chain, what it holds, and its clock.

It does nothing by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hospes.core.identities import Address
from hospes.core.typed_data import Domain, Message, digest
from hospes.nodes.keeper.holdings import Holdings
from hospes.nodes.keeper.under_way import UnderWay
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
    clock : callable
        Unix seconds.
    entropy : callable
        Returns that many random bytes.
    """

    keys: MemberKeys
    chain: ChainReader
    holdings: Holdings
    under_way: UnderWay
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

    def sign(self, message: Message) -> bytes:
        """Return the keeper's signature under a typed message."""
        return self.keys.account.sign(digest(self.domain, message))
