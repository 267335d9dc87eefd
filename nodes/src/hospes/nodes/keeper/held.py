"""What a keeper holds for one journey, as values: the other half of what a decision looks at, beside the chain.

It does not know how they are kept (`holdings`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hospes.core.identities import Hash, RecordId
from hospes.core.messages import Deposit


@dataclass(frozen=True, slots=True)
class StandingGrant:
    """What a decision looks at of a standing grant; `Grant` has the bounds.

    Attributes
    ----------
    who : str
    what, why : tuple of str
    where : str
        Countries, each with a comma behind it, so that one text is searched whatever their number is; ``"PT" in where``
        finds Portugal and nothing else.
    not_before, not_after : int
    gate : Hash
    """

    who: str
    what: tuple[str, ...]
    why: tuple[str, ...]
    where: str
    not_before: int
    not_after: int
    gate: Hash


@dataclass(frozen=True, slots=True)
class StandingConsent:
    """A consent that the traveller left with the keeper, so that nobody has to show it.

    Attributes
    ----------
    grants_hash : Hash
        What the chain knows it by.
    grants : sequence of StandingGrant
    """

    grants_hash: Hash
    grants: Sequence[StandingGrant]


@dataclass(frozen=True, slots=True)
class HeldDeposit:
    """One deposit with this keeper's share.

    Attributes
    ----------
    digest : Hash
        Of `deposit`: what its entry commits to.
    deposit : Deposit
    share : bytes
        33 bytes.
    """

    digest: Hash
    deposit: Deposit
    share: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """What is held for one journey at one moment: everything, or what one access can use of it.

    Attributes
    ----------
    standing : tuple of StandingConsent
        Newest first. For an access, one more that was never given and fits nobody stands behind them, so that the
        number of all grants is always the same.
    deposits : tuple of HeldDeposit
    withdrawn : frozenset of Hash
        Consents whose withdrawal was handed to this keeper directly, by ``grantsHash``.
    through : int
        From endings handed to it directly: consents given in a block up to this one have ended; 0 for none.
    erasures : frozenset of Hash
        Digests of the erasures that were handed to it.
    erased : frozenset of RecordId
        The records that these name.
    oldest : frozenset of Hash
        Digests of deposits that are held besides, among them the oldest that is logged: what was erased after it was
        logged may have been erased here.
    """

    standing: tuple[StandingConsent, ...]
    deposits: tuple[HeldDeposit, ...]
    withdrawn: frozenset[Hash]
    through: int
    erasures: frozenset[Hash]
    erased: frozenset[RecordId]
    oldest: frozenset[Hash] = frozenset()
