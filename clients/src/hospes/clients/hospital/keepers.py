"""Whom to ask: the keepers in office, and those of earlier epochs that may hold deposits of this journey.

It asks nobody. A hospital cannot see which epoch a deposit was made for before a keeper shows it.

Sources: PROTOCOL section 2 ("Removed keepers go on serving old deposits until the wallet has made new ones").
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hospes.core.chain import EntryKind, Epoch, Member
from hospes.core.proof import Journal
from hospes.service.chain import ChainReader


@dataclass(frozen=True, slots=True)
class Keepers:
    """The keepers of one or more epochs, each once.

    Attributes
    ----------
    members : tuple of Member
        With the services and box keys that the registry has of them.
    epochs : mapping of int to Epoch
        By number.
    """

    members: tuple[Member, ...]
    epochs: Mapping[int, Epoch]

    @property
    def threshold(self) -> int:
        """The fewest shares that could open anything."""
        return min(epoch.threshold for epoch in self.epochs.values())


async def find_keepers(chain: ChainReader, journal: Journal) -> Keepers:
    """Return the keepers since the epoch before the one of the journey's first deposit.

    A keeper accepts a deposit in the epoch in force, and the entry may follow when the next one has begun.

    Raises
    ------
    NotOnChainError
        When the network has no keepers.
    """
    at = journal.header
    deposits = journal.of_kind(EntryKind.DEPOSITED)
    since = deposits[0].block if deposits else at.number
    epochs = [await chain.epoch(at)]
    while epochs[-1].number > 1:
        reached = epochs[-1].from_block <= since
        epochs.append(await chain.epoch(at, epochs[-1].number - 1))
        if reached:
            break
    accounts = dict.fromkeys(account for epoch in epochs for account in epoch.accounts)
    return Keepers(await chain.members(tuple(accounts), at), {epoch.number: epoch for epoch in epochs})
