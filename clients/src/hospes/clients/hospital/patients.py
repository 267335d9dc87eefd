"""Cards and grants that travellers or their companions gave to this hospital, kept for those who treat them.

They open nothing by themselves: every reading is an access of its own. Each lies sealed to the hospital's key, under a
hash, so that the file does not even tell whose they are.

Sources: PROTOCOL sections 1 ("Card") and 5 ("A hospital gets a grant that is not standing as a file or QR").
"""

import threading
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final

from hospes.clients.hospital.access import require_network
from hospes.clients.hospital.own_boxes import OwnBoxes, readable
from hospes.clients.hospital.shelf import Kept, Shelf
from hospes.core import wire
from hospes.core.bodies import GrantFile, ShownGrant
from hospes.core.cards import Card
from hospes.core.errors import MalformedError
from hospes.core.identities import Address, Hash, keccak

CARD: Final = "card"
GRANT: Final = "grant"
MAX_GRANTS: Final = 64
"""Of one journey: a consent has no more."""


@dataclass(frozen=True, slots=True)
class _Card:
    text: str


@dataclass(frozen=True, slots=True)
class Patient:
    """What was given for one journey.

    Attributes
    ----------
    journey : Address
    since : int
        Unix seconds when the first of it came.
    gate : bytes
        Of the card; empty without.
    grants : tuple of ShownGrant
    """

    journey: Address
    since: int
    gate: bytes = field(default=b"", repr=False)
    grants: tuple[ShownGrant, ...] = ()


class Patients:
    """The cards and grants of one hospital; may be used by several threads.

    Parameters
    ----------
    shelf : Shelf
    own : OwnBoxes
    chain_id : int
        Of the network: cards of others are refused.
    """

    def __init__(self, shelf: Shelf, own: OwnBoxes, chain_id: int) -> None:
        self._shelf, self._own, self._chain_id = shelf, own, chain_id
        self._lock = threading.Lock()
        # Both replaced, never changed, so that whoever walks over one walks over one state.
        self._cards = dict(readable(shelf.all(CARD), self._opened_card))
        self._grants = dict(readable(shelf.all(GRANT), self._opened_grant))

    def add_card(self, text: str, now: int) -> Address:
        """Keep a card, on the disk when this returns, and return its journey.

        Raises
        ------
        MalformedError
            When it is no card; the message does not repeat it.
        WrongNetworkError
            When it is of another network.
        """
        card = Card.decode(text)
        require_network(card, self._chain_id)
        with self._lock:
            key = self._keep(CARD, _Card(card.encode()), now)
            self._cards = {key: (now, card), **self._cards}
        return card.journey

    def add_grant(self, file: GrantFile, now: int) -> Address:
        """Keep a grant, on the disk when this returns, and return its journey.

        Raises
        ------
        MalformedError
            When there are too many for this journey.
        """
        with self._lock:
            if len(self.of(file.journey).grants) >= MAX_GRANTS:
                raise MalformedError("grant", "", f"{MAX_GRANTS} grants of this journey are kept already")
            key = self._keep(GRANT, file, now)
            self._grants = {key: (now, file), **self._grants}
        return file.journey

    def of(self, journey: Address) -> Patient:
        """Return what is kept for a journey; for one that nobody knows, nothing."""
        cards = [(at, card) for at, card in self._cards.values() if card.journey == journey]
        grants = [(at, file) for at, file in self._grants.values() if file.journey == journey]
        since = min((at for at, _ in (*cards, *grants)), default=0)
        _, newest = max(cards, key=itemgetter(0), default=(0, None))
        gate = newest.gate_secret if newest else b""
        return Patient(journey, since, gate, tuple(file.shown for _, file in sorted(grants, key=itemgetter(0))))

    def all(self) -> tuple[Patient, ...]:
        """Return everybody for whom something is kept, in the order in which they came."""
        journeys = {card.journey for _, card in self._cards.values()}
        journeys |= {file.journey for _, file in self._grants.values()}
        return tuple(sorted(map(self.of, journeys), key=lambda each: (each.since, each.journey)))

    def forget(self, journey: Address) -> None:
        """Remove all that is kept for a journey; harmless when there is nothing."""
        with self._lock:
            cards = {key for key, (_, card) in self._cards.items() if card.journey == journey}
            grants = {key for key, (_, file) in self._grants.items() if file.journey == journey}
            self._shelf.remove(CARD, *cards)
            self._shelf.remove(GRANT, *grants)
            self._cards = {key: each for key, each in self._cards.items() if key not in cards}
            self._grants = {key: each for key, each in self._grants.items() if key not in grants}

    def _keep(self, kind: str, value: wire.Shaped, now: int) -> Hash:
        # The gate secret and the salt in them keep their hashes from being guessed.
        key = keccak(wire.encode(value))
        self._shelf.put(kind, Kept(key, now, self._own.seal(kind, value)))
        return key

    def _opened_card(self, kept: Kept) -> tuple[Hash, tuple[int, Card]]:
        return kept.key, (kept.at, Card.decode(self._own.open(CARD, kept.box, _Card).text))

    def _opened_grant(self, kept: Kept) -> tuple[Hash, tuple[int, GrantFile]]:
        return kept.key, (kept.at, self._own.open(GRANT, kept.box, GrantFile))
