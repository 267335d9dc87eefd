"""The inbox: alerts that oracles sent to this hospital, on its disk before they hear that it has them.

A box has no sender, so nothing of it is believed before the chain has its hash as raised to this hospital's account;
until then it is shown as not confirmed. What is kept is the box as it came, sealed to the hospital's key. It
acknowledges nothing and breaks no glass.

Sources: PROTOCOL sections 5 (``POST /v1/inbox``) and 7; docs/adr/0006-inbox.md.
"""

import threading
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from hospes.clients.hospital.gateway_errors import InboxFullError, NoAlertError, WrongAlertError
from hospes.clients.hospital.own_boxes import readable
from hospes.clients.hospital.shelf import Kept, Shelf
from hospes.core import boxes, wire
from hospes.core.alert_box import AlertBox
from hospes.core.bodies import InboxRequest
from hospes.core.chain import AlertState
from hospes.core.identities import Address, Hash
from hospes.core.typed_data import Domain, digest
from hospes.service.membership import MemberKeys

KIND: Final = "alert"
LONGEST_S: Final = 86_400
"""The longest time that an alert gives a hospital (the contract's)."""
MAX_BOX_BYTES: Final = 1 << 17
"""The largest detail that the protocol allows takes about 100 kB."""


class Standing(StrEnum):
    """What the chain says of an alert."""

    UNCONFIRMED = "not confirmed by the chain"
    CONFIRMED = "raised on the chain"
    ACKNOWLEDGED = "acknowledged on the chain"
    ESCALATED = "escalated to the next hospital"
    CONTRADICTED = "the chain has this alert for somebody else, or with another deadline"


@dataclass(frozen=True, slots=True)
class Received:
    """One alert of the inbox.

    Attributes
    ----------
    alert_hash : Hash
    box : AlertBox
        Personal data: show it, and do not log it.
    received_at : int
        Unix seconds.
    state : AlertState or None
        As the chain proves it; None before it was looked up.
    """

    alert_hash: Hash
    box: AlertBox
    received_at: int
    state: AlertState | None = None

    def standing(self, account: Address) -> Standing:
        """Return what the chain says of it to the hospital of this account."""
        state, alert = self.state, self.box.alert
        if state is None or not state.raised:
            return Standing.UNCONFIRMED
        if state.addressee != account or state.deadline != alert.deadline:
            return Standing.CONTRADICTED
        if state.acknowledged:
            return Standing.ACKNOWLEDGED
        return Standing.ESCALATED if any(state.escalated_to) else Standing.CONFIRMED


def open_alert(request: InboxRequest, keys: MemberKeys, domain: Domain) -> AlertBox:
    """Return what a call brings, checked as far as a box alone can be.

    Raises
    ------
    BoxError
        When it was not sealed to this hospital for this alert.
    MalformedError
        When it holds something else than an alert with its detail.
    WrongAlertError
        When the alert is another one, or for another hospital.
    """
    info = boxes.alert_info(domain, request.alert_hash, keys.account.address)
    box = wire.decode(AlertBox, keys.box.open(request.box, info), limit=MAX_BOX_BYTES)
    if digest(domain, box.alert) != request.alert_hash:
        raise WrongAlertError("its hash is not the one that was sent with it")
    if box.alert.addressee != keys.id:
        raise WrongAlertError("it names another hospital")
    return box


class Inbox:
    """The alerts of one hospital; may be used by several threads.

    Parameters
    ----------
    shelf : Shelf
    keys : MemberKeys
    domain : Domain
    max_unconfirmed : int
    """

    def __init__(self, shelf: Shelf, keys: MemberKeys, domain: Domain, max_unconfirmed: int) -> None:
        self._shelf, self._keys, self._domain = shelf, keys, domain
        self._max_unconfirmed = max_unconfirmed
        self._lock = threading.Lock()
        # Replaced, never changed, so that whoever walks over it walks over one state.
        self._alerts = {each.alert_hash: each for each in readable(shelf.all(KIND), self._opened)}

    @property
    def account(self) -> Address:
        """The hospital's."""
        return self._keys.account.address

    def receive(self, request: InboxRequest, now: int, state: AlertState | None = None) -> bool:
        """Take an alert; it is on the disk when this returns.

        Parameters
        ----------
        request : InboxRequest
        now : int
            Unix seconds.
        state : AlertState, optional
            What the chain says of it, if that was looked up.

        Returns
        -------
        bool
            False when it was there already, which changes nothing.

        Raises
        ------
        InboxFullError
            When there is no room for one that the chain does not confirm.
        HospesError
            As `open_alert`, and `GatewayFileError` when the disk fails.
        """
        received = Received(request.alert_hash, open_alert(request, self._keys, self._domain), now, state)
        with self._lock:
            if request.alert_hash in self._alerts:
                return False
            if received.standing(self.account) is Standing.UNCONFIRMED and self.full:
                raise InboxFullError(self._max_unconfirmed)
            self._shelf.put(KIND, Kept(request.alert_hash, now, request.box))
            self._alerts = {**self._alerts, request.alert_hash: received}
            return True

    @property
    def full(self) -> bool:
        """Whether there is no room for alerts that the chain does not confirm."""
        standings = (each.standing(self.account) for each in self._alerts.values())
        return sum(each is Standing.UNCONFIRMED for each in standings) >= self._max_unconfirmed

    def alerts(self) -> tuple[Received, ...]:
        """Return all alerts, the newest first."""
        return tuple(reversed(self._alerts.values()))

    def alert(self, alert_hash: Hash) -> Received:
        """Return one alert, or raise `NoAlertError`."""
        found = self._alerts.get(alert_hash)
        if found is None:
            raise NoAlertError
        return found

    def of_journey(self, journey: Address) -> tuple[Received, ...]:
        """Return the alerts of one journey, the newest first."""
        return tuple(each for each in self.alerts() if each.box.alert.journey == journey)

    def waiting(self) -> tuple[Hash, ...]:
        """Return the alerts of which the chain may still say something new."""
        settled = (Standing.ACKNOWLEDGED, Standing.CONTRADICTED)
        return tuple(key for key, each in self._alerts.items() if each.standing(self.account) not in settled)

    def note(self, alert_hash: Hash, state: AlertState) -> bool:
        """Remember what the chain proved of an alert; return whether that was news."""
        with self._lock:
            known = self._alerts.get(alert_hash)
            if known is None or known.state == state:
                return False
            self._alerts = {**self._alerts, alert_hash: replace(known, state=state)}
            return True

    def drop_unconfirmed(self, before: int) -> bool:
        """Forget alerts that were never raised and whose deadline passed before this time; return whether any was."""
        with self._lock:
            gone = {key for key, each in self._alerts.items() if _never_raised(each, before)}
            if gone:
                self._shelf.remove(KIND, *gone)
            self._alerts = {key: each for key, each in self._alerts.items() if key not in gone}
            return bool(gone)

    def _opened(self, kept: Kept) -> Received:
        request = InboxRequest(kept.key, kept.box)
        return Received(kept.key, open_alert(request, self._keys, self._domain), kept.at)


def _never_raised(received: Received, before: int) -> bool:
    """Whether the chain said that nobody raised it, and its time is over; a sender's deadline can lie far ahead."""
    last = min(received.box.alert.deadline, received.received_at + LONGEST_S)
    return received.state is not None and not received.state.raised and max(last, received.received_at) < before
