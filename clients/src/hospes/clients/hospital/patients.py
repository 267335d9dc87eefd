"""Cards and grants that travellers or their companions gave to this hospital, kept for those who treat them.

They open nothing by themselves: every reading is an access of its own. Each lies sealed to the hospital's key, under a
hash, so that the file does not even tell whose they are.

Sources: PROTOCOL sections 1 ("Card") and 5 ("A hospital gets a grant that is not standing as a file or QR").
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from hospes.clients.hospital.access import require_network
from hospes.clients.hospital.own_boxes import OwnBoxes
from hospes.clients.hospital.shelf import Kept, Shelf
from hospes.core import wire
from hospes.core.bodies import GrantFile, ShownGrant
from hospes.core.cards import Card
from hospes.core.errors import MalformedError
from hospes.core.identities import Address, keccak

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
    """The cards and grants of one hospital.

    Parameters
    ----------
    shelf : Shelf
    own : OwnBoxes
    chain_id : int
        Of the network: cards of others are refused.
    """

    def __init__(self, shelf: Shelf, own: OwnBoxes, chain_id: int) -> None:
        self._shelf, self._own, self._chain_id = shelf, own, chain_id

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
        self._keep(CARD, _Card(card.encode()), now)
        return card.journey

    def add_grant(self, file: GrantFile, now: int) -> Address:
        """Keep a grant, on the disk when this returns, and return its journey.

        Raises
        ------
        MalformedError
            When there are too many for this journey.
        """
        if len(self.of(file.journey).grants) >= MAX_GRANTS:
            raise MalformedError("grant", "", f"{MAX_GRANTS} grants of this journey are kept already")
        self._keep(GRANT, file, now)
        return file.journey

    def of(self, journey: Address) -> Patient:
        """Return what is kept for a journey; for one that nobody knows, nothing."""
        return next((each for each in self.all() if each.journey == journey), Patient(journey, 0))

    def all(self) -> tuple[Patient, ...]:
        """Return everybody for whom something is kept, in the order in which they came."""
        found: dict[Address, Patient] = {}
        for kept, card in self._cards():
            known = found.get(card.journey, Patient(card.journey, kept.at))
            found[card.journey] = Patient(card.journey, min(known.since, kept.at), card.gate_secret, known.grants)
        for kept, file in self._grants():
            known = found.get(file.journey, Patient(file.journey, kept.at))
            grants = (*known.grants, file.shown)
            found[file.journey] = Patient(file.journey, min(known.since, kept.at), known.gate, grants)
        return tuple(sorted(found.values(), key=lambda each: each.since))

    def forget(self, journey: Address) -> None:
        """Remove all that is kept for a journey; harmless when there is nothing."""
        self._shelf.remove(CARD, *(kept.key for kept, card in self._cards() if card.journey == journey))
        self._shelf.remove(GRANT, *(kept.key for kept, file in self._grants() if file.journey == journey))

    def _keep(self, kind: str, value: wire.Shaped, now: int) -> None:
        # The gate secret and the salt in them keep their hashes from being guessed.
        self._shelf.put(kind, Kept(keccak(wire.encode(value)), now, self._own.seal(kind, value)))

    def _cards(self) -> Sequence[tuple[Kept, Card]]:
        opened = [(kept, self._own.open(CARD, kept.box, _Card)) for kept in self._shelf.all(CARD)]
        return [(kept, Card.decode(card.text)) for kept, card in opened]

    def _grants(self) -> Sequence[tuple[Kept, GrantFile]]:
        return [(kept, self._own.open(GRANT, kept.box, GrantFile)) for kept in self._shelf.all(GRANT)]
