"""What this hospital asked for: its own list, beside the log on the chain that the traveller reads.

A line is on the disk before anybody is asked, and says afterwards what came of it; one that a power cut interrupted
says that nobody knows. It proves nothing to others: the log does.
"""

from dataclasses import dataclass, replace
from typing import Final

from hospes.clients.hospital.own_boxes import OwnBoxes, readable
from hospes.clients.hospital.shelf import Kept, Shelf
from hospes.core.identities import Address, Hash, keccak

KIND: Final = "access"
MAX_SHOWN: Final = 200
"""Lines that a screen gets, the newest."""
ASKING: Final = "asked; what came of it is not known here"


@dataclass(frozen=True, slots=True)
class Line:
    """One access of this hospital.

    Attributes
    ----------
    at : int
        Unix seconds.
    journey : Address
    practitioner : str
    what : tuple of str
    why : str
    reason : str
        What somebody gave as the reason for a break-glass; empty for others.
    entry : int
        Number in the traveller's log; 0 while none is known.
    outcome : str
        In words.
    """

    at: int
    journey: Address
    practitioner: str
    what: tuple[str, ...]
    why: str
    reason: str = ""
    entry: int = 0
    outcome: str = ASKING


class Accesses:
    """The list of one hospital.

    Parameters
    ----------
    shelf : Shelf
    own : OwnBoxes
    """

    def __init__(self, shelf: Shelf, own: OwnBoxes) -> None:
        self._shelf, self._own = shelf, own

    def begin(self, line: Line, salt: bytes) -> Hash:
        """Write a line, on the disk when this returns, and return its key; `salt` sets it apart from others alike."""
        key = keccak(salt + line.journey)
        self._shelf.put(KIND, Kept(key, line.at, self._own.seal(KIND, line)))
        return key

    def finish(self, key: Hash, line: Line, entry: int, outcome: str) -> None:
        """Write what came of it."""
        self._shelf.replace(KIND, key, self._own.seal(KIND, replace(line, entry=entry, outcome=outcome)))

    def latest(self) -> tuple[Line, ...]:
        """Return the newest lines, newest first."""
        kept = self._shelf.latest(KIND, MAX_SHOWN)
        return tuple(readable(kept, lambda each: self._own.open(KIND, each.box, Line)))
