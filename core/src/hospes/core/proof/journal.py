"""A journey's complete log up to one final block: all entries, in order, folding to the proven head.

It does not open an entry; who asked for what stays hidden until somebody shows the message that the hash stands for.

Sources: PROTOCOL section 2 ("Log").
"""

from collections.abc import Iterable
from dataclasses import dataclass

from hospes.core.chain import Entry, EntryKind, first_head, fold
from hospes.core.errors import ProofError
from hospes.core.genesis import Genesis
from hospes.core.identities import ZERO_HASH, Address, Hash
from hospes.core.proof.headers import FinalHeader, verify_seal


@dataclass(frozen=True, slots=True)
class Journal:
    """A journey's log, proven complete up to `header`; only `open_journal` and `extend_journal` return one.

    Attributes
    ----------
    journey : Address
    header : FinalHeader
        The final block whose state the head was proven in.
    head : Hash
        The head after the last entry.
    entries : tuple of Entry
        From number 1 on, none missing.
    """

    journey: Address
    header: FinalHeader
    head: Hash
    entries: tuple[Entry, ...]

    def entry(self, number: int) -> Entry:
        """Return entry `number`, or raise `ProofError` when the log has none of that number."""
        if not 1 <= number <= len(self.entries):
            raise ProofError(f"entry {number}", f"the final log ends with entry {len(self.entries)}")
        return self.entries[number - 1]

    def of_kind(self, kind: EntryKind) -> tuple[Entry, ...]:
        """Return all entries of one kind, in order."""
        return tuple(entry for entry in self.entries if entry.kind is kind)


def open_journal(genesis: Genesis, journey: Address) -> Journal:
    """Return the journal of a journey at block 0, where no journey has entries."""
    header = verify_seal(genesis, genesis.header, b"")
    return Journal(journey, header, first_head(genesis.chain_id, genesis.contracts.access_log, journey), ())


def extend_journal(known: Journal, header: FinalHeader, head: Hash, count: int, entries: Iterable[Entry]) -> Journal:
    """Return the journal at a later final block.

    Parameters
    ----------
    known : Journal
        Verified before.
    header : FinalHeader
        The later block; the known one again changes nothing.
    head, count : Hash, int
        Proven in its state; `head` is zero for a journey without entries.
    entries : iterable of Entry
        Those after the known ones, from anybody.

    Raises
    ------
    ProofError
        When the block is neither later nor the known one; when an entry is missing, changed, out of order or of
        another journey, or stands in a later block.
    """
    if header.number <= known.header.number and header.hash != known.header.hash:
        reason = f"block {header.number} is not later than block {known.header.number}, up to which it is known"
        raise ProofError("the log", reason)
    later = tuple(entries)
    for entry in later:
        if entry.journey != known.journey or entry.block > header.number:
            raise ProofError("the log", f"entry {entry.number} is not of this journey and time")
    if len(known.entries) + len(later) != count:
        raise ProofError("the log", f"{count} entries are proven, {len(known.entries) + len(later)} were given")
    folded = fold(known.head, len(known.entries), later)
    if folded != head and (count or head != ZERO_HASH):
        raise ProofError("the log", "its entries do not fold to the proven head")
    return Journal(known.journey, header, folded, known.entries + later)
