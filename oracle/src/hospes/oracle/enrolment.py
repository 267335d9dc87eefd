"""Enrolments: which journey's device this oracle judges, under which key, until when.

It checks what the journey signed and keeps it; it opens no box (`enrolling`) and receives no frame (`messages`).

Sources: PROTOCOL section 7 ("Enrolment"); docs/adr/0007-oracle.md.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from hospes.core import wire
from hospes.core.identities import Address, Hash
from hospes.core.messages import Enrolment, Unenrolment
from hospes.core.oracle_bodies import EnrolBox
from hospes.firmware.frames import DeviceId
from hospes.firmware.receiver import Receiver, ReceiverState
from hospes.oracle.errors import EnrolmentRefusedError, OracleFullError
from hospes.oracle.holdings import Holdings
from hospes.oracle.track import Track

CLOCKS_S: Final = 300
"""How far the traveller's clock may be from ours (PROTOCOL section 7)."""
LONGEST_S: Final = 366 * 86_400
"""Of one enrolment; ours, so that a forgotten one ends."""
SAME_DEVICE: Final = 8
"""Enrolments of one device id that one source may bring: whose frames they are, the key tells, and it takes time."""
OF_SOURCE: Final = 256
"""Enrolments that one source may have here, since the last start: a journey costs nothing to make."""
UNHEARD_S: Final = 86_400
"""After which an enrolment of which no frame ever came makes room for others, when room is short."""
KEYS_S: Final = 2 * LONGEST_S
"""For how long the hash of a frame key is remembered, also after its enrolment: longer than it can have been in use."""
ENROLMENT: Final = b"enrolment"
RECEIVER: Final = b"receiver"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a device was heard: durable together with the readings, before they are acknowledged.

    Attributes
    ----------
    state : ReceiverState
    lost : int
        Messages that are known never to come.
    """

    state: ReceiverState
    lost: int


@dataclass(slots=True, repr=False)
class Enrolled:
    """One enrolment at work.

    Attributes
    ----------
    box : EnrolBox
        What the journey signed, and its secrets.
    receiver : Receiver
    source : str or None
        Who brought it, to be counted and never written down; None after a restart.
    lost : int
    track : Track
    lock : asyncio.Lock
        One frame of a device after the other, over however many connections.
    """

    box: EnrolBox
    receiver: Receiver
    source: str | None = None
    lost: int = 0
    track: Track = field(default_factory=Track)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def enrolment(self) -> Enrolment:
        """What was signed."""
        return self.box.enrolment

    @property
    def heard(self) -> bool:
        """Whether a frame of it ever came: under this enrolment's key, or before it was renewed."""
        return self.receiver.state != ReceiverState() or self.track.last_ms > 0

    @property
    def journey(self) -> Address:
        """Whose."""
        return self.box.enrolment.journey


class Enrolments:
    """All enrolments of one oracle.

    Parameters
    ----------
    holdings : Holdings
    limit : int
        How many there may be.
    """

    def __init__(self, holdings: Holdings, limit: int) -> None:
        self._holdings, self._limit = holdings, limit
        self._by_journey: dict[Address, Enrolled] = {}
        self._by_device: defaultdict[tuple[DeviceId, int], list[Enrolled]] = defaultdict(list)
        for journey, sealed in holdings.rows("SELECT journey, sealed FROM enrolments"):
            box = wire.decode(EnrolBox, holdings.vault.open(Address(journey), ENROLMENT, sealed))
            progress = self._progress(Address(journey))
            self._place(Enrolled(box, _receiver(box, progress), lost=progress.lost))

    def __len__(self) -> int:
        return len(self._by_journey)

    def of_device(self, device: DeviceId, stream: int) -> tuple[Enrolled, ...]:
        """Return the enrolments that name a device and this oracle's index there, those that were heard first."""
        return tuple(sorted(self._by_device.get((device, stream), ()), key=lambda one: not one.heard))

    def of_journey(self, journey: Address) -> Enrolled | None:
        """Return a journey's enrolment."""
        return self._by_journey.get(journey)

    def all(self) -> tuple[Enrolled, ...]:
        """Return all of them."""
        return tuple(self._by_journey.values())

    def require_possible(self, box: EnrolBox, now: float, source: str | None = None) -> bool:
        """Check an enrolment whose signature holds, against the clock and what is known; return whether it is news.

        Parameters
        ----------
        box : EnrolBox
        now : float
            Unix seconds.
        source : str, optional
            Who brings it.

        Raises
        ------
        EnrolmentRefusedError, OracleFullError
        """
        enrolment = box.enrolment
        known = self._by_journey.get(enrolment.journey)
        if known is not None and known.box == box:
            return False
        if abs(now - enrolment.at) > CLOCKS_S:
            raise EnrolmentRefusedError(f"it was signed more than {CLOCKS_S} s from this oracle's time")
        if not now < enrolment.not_after <= now + LONGEST_S:
            raise EnrolmentRefusedError("it ends too late, or has ended")
        if enrolment.at <= self._latest(enrolment.journey):
            raise EnrolmentRefusedError("a later word of the journey is known here")
        if self._was_used(enrolment.frame_key_hash):
            raise EnrolmentRefusedError("a new enrolment needs a new frame key")
        self._require_room(known, enrolment, source)
        return True

    def take(self, box: EnrolBox, source: str | None = None) -> Enrolled:
        """Keep an enrolment that `require_possible` let pass, durably, in place of the journey's earlier one."""
        journey = box.enrolment.journey
        vault = self._holdings.vault
        vault.admit(journey)
        progress = Progress(ReceiverState(), 0)
        enrolled = Enrolled(box, _receiver(box, progress), source)
        with self._holdings.writing():
            sealed = vault.seal(journey, ENROLMENT, wire.encode(box))
            self._holdings.run("INSERT OR REPLACE INTO enrolments VALUES (?, ?)", journey, sealed)
            used = box.enrolment.frame_key_hash, box.enrolment.at
            self._holdings.run("INSERT OR IGNORE INTO used_keys VALUES (?, ?)", *used)
            self.keep_progress(journey, progress)
        known = self._by_journey.get(journey)
        if known is not None:
            enrolled.track = known.track
            self._displace(known)
        self._place(enrolled)
        return enrolled

    def keep_progress(self, journey: Address, progress: Progress) -> None:
        """Keep how far a device was heard; durable with the rest of the caller's writing."""
        sealed = self._holdings.vault.seal(journey, RECEIVER, wire.encode(progress))
        self._holdings.run("INSERT OR REPLACE INTO receivers VALUES (?, ?)", journey, sealed)

    def end(self, unenrolment: Unenrolment, now: float) -> None:
        """Forget a journey at its own word, whose signature holds; repeating is harmless.

        Raises
        ------
        EnrolmentRefusedError
            When the word is from the future, or older than the enrolment.
        """
        known = self._by_journey.get(unenrolment.journey)
        if unenrolment.at > now + CLOCKS_S:
            raise EnrolmentRefusedError("it was signed by a clock that is ahead")
        if known is not None and unenrolment.at < known.enrolment.at:
            raise EnrolmentRefusedError("the enrolment is newer")
        if known is None and now - unenrolment.at > CLOCKS_S:
            return  # an enrolment as old as this could not come any more
        self._holdings.run("INSERT OR REPLACE INTO ended VALUES (?, ?)", unenrolment.journey, unenrolment.at)
        self.forget(unenrolment.journey)

    def expired(self, now: float) -> tuple[Address, ...]:
        """Return the journeys whose enrolment is over; drop the marks of what nothing can come before any more."""
        self._holdings.run("DELETE FROM ended WHERE at < ?", int(now) - 2 * CLOCKS_S)
        self._holdings.run("DELETE FROM used_keys WHERE at < ?", int(now) - KEYS_S)
        return tuple(one.journey for one in self.all() if one.enrolment.not_after <= now)

    def never_heard(self, now: float) -> tuple[Address, ...]:
        """Return the journeys that must go while room is short: a day has passed, and no frame ever came."""
        if len(self) < self._limit:
            return ()
        return tuple(one.journey for one in self.all() if not one.heard and now - one.enrolment.at > UNHEARD_S)

    def forget(self, journey: Address) -> None:
        """Destroy all that is kept of a journey."""
        self._holdings.forget(journey)
        known = self._by_journey.pop(journey, None)
        if known is not None:
            self._displace(known)

    def _latest(self, journey: Address) -> int:
        """Return the time of the journey's latest word that is known here; -1 for none."""
        rows = self._holdings.rows("SELECT at FROM ended WHERE journey = ?", journey)
        known = self._by_journey.get(journey)
        return max([int(at) for (at,) in rows] + ([] if known is None else [known.enrolment.at]), default=-1)

    def _was_used(self, key_hash: Hash) -> bool:
        """Return whether an old frame may be under a key: it would be taken a second time (ARCHITECTURE, rule 8)."""
        current = any(one.enrolment.frame_key_hash == key_hash for one in self.all())
        return current or bool(self._holdings.rows("SELECT 1 FROM used_keys WHERE key_hash = ?", key_hash))

    def _require_room(self, known: Enrolled | None, enrolment: Enrolment, source: str | None) -> None:
        if known is None and len(self) >= self._limit:
            raise OracleFullError("enrolments", self._limit)
        theirs = [one for one in self.all() if one.source == source and one is not known] if source else []
        if len(theirs) >= OF_SOURCE:
            raise OracleFullError("enrolments of one address", OF_SOURCE)
        device = DeviceId(enrolment.device), enrolment.stream
        if len([one for one in theirs if _device(one) == device]) >= SAME_DEVICE:
            raise OracleFullError("journeys of one device and address", SAME_DEVICE)

    def _progress(self, journey: Address) -> Progress:
        rows = self._holdings.rows("SELECT sealed FROM receivers WHERE journey = ?", journey)
        return wire.decode(Progress, self._holdings.vault.open(journey, RECEIVER, rows[0][0]))

    def _place(self, enrolled: Enrolled) -> None:
        self._by_journey[enrolled.journey] = enrolled
        self._by_device[_device(enrolled)].append(enrolled)

    def _displace(self, enrolled: Enrolled) -> None:
        same = self._by_device[_device(enrolled)]
        same[:] = [one for one in same if one is not enrolled]
        if not same:
            del self._by_device[_device(enrolled)]


def _device(enrolled: Enrolled) -> tuple[DeviceId, int]:
    return DeviceId(enrolled.enrolment.device), enrolled.enrolment.stream


def _receiver(box: EnrolBox, progress: Progress) -> Receiver:
    enrolment = box.enrolment
    return Receiver(DeviceId(enrolment.device), enrolment.stream, box.frame_key, progress.state)
