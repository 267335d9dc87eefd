"""The consent contract and the access log in plain Python: the slow, obvious version that judges the real ones.

Signatures are taken for granted: `test_signatures` has what is said about them.
"""

from dataclasses import dataclass, field

from hospes.contracts.addresses import ACCESS_LOG
from hospes.core.chain import ConsentWord, Entry, EntryKind, first_head, fold
from hospes.core.identities import Address, Hash

NEVER = ConsentWord(0, 0, 0, 0)


class RefusedError(Exception):
    """The model refuses a call; its argument is the reason."""


@dataclass
class Journey:
    """All that the contracts keep of one journey."""

    words: dict[Hash, ConsentWord] = field(default_factory=dict[Hash, ConsentWord])
    through: int = 0
    accepted: set[Hash] = field(default_factory=set[Hash])
    entries: list[Entry] = field(default_factory=list[Entry])


@dataclass
class Model:
    """The two contracts, in block `block` at time `time`."""

    chain_id: int
    block: int
    time: int
    hospitals: set[Address]
    journeys: dict[Address, Journey] = field(default_factory=dict[Address, Journey])

    def journey(self, address: Address) -> Journey:
        """Return what is kept of a journey."""
        return self.journeys.setdefault(address, Journey())

    def give(self, sender: Address, address: Address, grants_hash: Hash, deadline: int) -> None:
        """Give a consent."""
        journey = self.journey(address)
        word = journey.words.get(grants_hash, NEVER)
        require(self.time <= deadline, "deadline_passed")
        require(word.given_block == 0, "already_given")
        require(word.withdrawn_block == 0, "already_withdrawn")
        require(self.block > journey.through, "ended")
        journey.words[grants_hash] = ConsentWord(self.block, self.time, 0, 0)
        self._add(sender, address, EntryKind.GIVEN, grants_hash)

    def withdraw(self, sender: Address, address: Address, grants_hash: Hash) -> bool:
        """Withdraw a consent; return whether it was live."""
        word = self.journey(address).words.get(grants_hash, NEVER)
        require(word.withdrawn_block == 0, "already_withdrawn")
        live = self.is_live(address, grants_hash)
        withdrawn = ConsentWord(word.given_block, word.given_time, self.block, self.time)
        self.journey(address).words[grants_hash] = withdrawn
        self._add(sender, address, EntryKind.WITHDRAWN, grants_hash)
        return live

    def end(self, sender: Address, address: Address, through: int) -> None:
        """End all consents given in a block up to `through`."""
        require(through > self.journey(address).through, "through_not_growing")
        self.journey(address).through = through
        self._add(sender, address, EntryKind.ENDED, Hash(through.to_bytes(32)))

    def append(self, sender: Address, address: Address, access_hash: Hash) -> None:
        """Log an access."""
        require(sender in self.hospitals, "not_active_hospital")
        self._add(sender, address, EntryKind.ACCESS, access_hash)

    def deposit(self, sender: Address, address: Address, digest: Hash) -> None:
        """Log a deposit."""
        self._accept(address, digest)
        self._add(sender, address, EntryKind.DEPOSITED, digest)

    def erase(self, sender: Address, address: Address, digest: Hash, deadline: int) -> None:
        """Log an erasure."""
        require(self.time <= deadline, "deadline_passed")
        self._accept(address, digest)
        self._add(sender, address, EntryKind.ERASED, digest)

    def is_live(self, address: Address, grants_hash: Hash) -> bool:
        """Whether a consent was given and neither withdrawn nor ended."""
        word = self.journey(address).words.get(grants_hash, NEVER)
        return word.given_block > self.journey(address).through and word.withdrawn_block == 0

    def head(self, address: Address) -> Hash:
        """Return the head of a journey's log, folded anew from its first entry."""
        return fold(first_head(self.chain_id, ACCESS_LOG, address), 0, self.journey(address).entries)

    def _accept(self, address: Address, digest: Hash) -> None:
        require(digest not in self.journey(address).accepted, "already_logged")
        self.journey(address).accepted.add(digest)

    def _add(self, sender: Address, address: Address, kind: EntryKind, entry_hash: Hash) -> None:
        entries = self.journey(address).entries
        entries.append(Entry(address, len(entries) + 1, kind, sender, entry_hash, self.block, self.time))


def require(holds: bool, reason: str) -> None:  # noqa: FBT001 - the condition reads as the sentence it checks
    """Refuse unless the condition holds."""
    if not holds:
        raise RefusedError(reason)
