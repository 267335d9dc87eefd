"""Messages: what came in frames, on the disk before anything is acknowledged.

Readings and receiving state become durable in one transaction; only then `Taken.answer` is there. So a frame that was
acknowledged is never lost, and one that comes again is known. It judges nothing.

Sources: firmware/SPEC.md section 5 ("The oracle makes state and readings durable before the acknowledgement leaves");
ARCHITECTURE section 5, rules 8 and 9.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hospes.core.errors import HospesError
from hospes.core.identities import Address
from hospes.firmware.errors import RepeatedFrameError
from hospes.firmware.frames import Lane
from hospes.firmware.readings import decode_readings, encode_readings
from hospes.firmware.receiver import Received
from hospes.oracle.enrolment import Enrolled, Enrolments, Progress
from hospes.oracle.errors import OracleFullError
from hospes.oracle.holdings import Holdings
from hospes.oracle.signals import Signals, signals_of

KEPT_MS: Final = 48 * 3_600_000
"""No judgement looks further back (`hospes.risk.statistics`)."""
MAX_MESSAGES: Final = 200_000
"""Of one journey: one a second for two days. What a device that keeps no rules sends beyond that is refused."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of some frames of one device.

    Attributes
    ----------
    answer : bytes or None
        An acknowledgement to send; None when none of the frames was the device's.
    accepted : int
    refused : mapping of str to int
        By the slug of the error.
    lost : int
        Messages that are known to be lost from now on.
    """

    answer: bytes | None
    accepted: int
    refused: Counter[str]
    lost: int


@dataclass(frozen=True, slots=True)
class Kept:
    """One message of the disk.

    Attributes
    ----------
    place : int
        Grows with each message that is kept.
    arrived_ms : int
        By this oracle's clock.
    signals : Signals
    """

    place: int
    arrived_ms: int
    signals: Signals


class Messages:
    """The messages of all enrolments.

    Parameters
    ----------
    holdings : Holdings
    enrolments : Enrolments
    """

    def __init__(self, holdings: Holdings, enrolments: Enrolments) -> None:
        self._holdings, self._enrolments = holdings, enrolments
        self._counts = Counter[Address]()
        self._count()

    def take(self, enrolled: Enrolled, frames: Sequence[bytes], now_ms: int) -> Taken:
        """Receive frames; what they brought is durable when this returns. One call of a device at a time.

        Raises
        ------
        HospesError
            When the disk failed: nothing was received then, and nothing must be acknowledged.
        """
        receiver, before = enrolled.receiver, enrolled.receiver.state
        refused, received = Counter[str](), list[Received]()
        for frame in frames:
            try:
                received.append(receiver.receive(frame, now_ms))
            except HospesError as error:
                refused[error.slug] += 1
        lost = sum(len(one.span) for each in received for one in each.lost)
        if received:
            try:
                self._keep(enrolled, received, lost, now_ms)
            except BaseException:
                receiver.state = before
                raise
            enrolled.lost += lost
        known = len(received) + refused[RepeatedFrameError.slug]
        return Taken(receiver.acknowledgement() if known else None, len(received), refused, lost)

    def of(self, journey: Address, first: int = 0, last: int = 2**62) -> Iterator[Kept]:
        """Return a journey's messages after place `first` up to `last`, in the order in which they came."""
        query = "SELECT place, lane, number, arrived_ms, sealed FROM messages"
        query += " WHERE journey = ? AND place > ? AND place <= ? ORDER BY place"
        for place, lane, number, arrived_ms, sealed in self._holdings.rows(query, journey, first, last):
            payload = self._holdings.vault.open(journey, _what(lane, number), sealed)
            yield Kept(place, arrived_ms, signals_of(decode_readings(payload)))

    def drop_old(self, now_ms: int) -> None:
        """Delete what no judgement looks at any more."""
        self._holdings.run("DELETE FROM messages WHERE arrived_ms < ?", now_ms - KEPT_MS)
        self._count()

    def _keep(self, enrolled: Enrolled, received: Sequence[Received], lost: int, now_ms: int) -> None:
        journey, telling = enrolled.journey, [each for each in received if each.readings]
        if self._counts[journey] + len(telling) > MAX_MESSAGES:
            raise OracleFullError("messages of one journey", MAX_MESSAGES)
        with self._holdings.writing():
            for each in telling:
                self._insert(enrolled, each, now_ms)
            self._enrolments.keep_progress(journey, Progress(enrolled.receiver.state, enrolled.lost + lost))
        self._counts[journey] += len(telling)

    def _insert(self, enrolled: Enrolled, received: Received, now_ms: int) -> None:
        what, payload = _what(received.lane, received.number), encode_readings(received.readings)
        sealed = self._holdings.vault.seal(enrolled.journey, what, payload)
        statement = "INSERT INTO messages (journey, enrolled_at, lane, number, arrived_ms, sealed)"
        values = (enrolled.journey, enrolled.enrolment.at, int(received.lane), received.number, now_ms, sealed)
        self._holdings.run(statement + " VALUES (?, ?, ?, ?, ?, ?)", *values)

    def _count(self) -> None:
        rows = self._holdings.rows("SELECT journey, COUNT(*) FROM messages GROUP BY journey")
        self._counts = Counter({Address(journey): count for journey, count in rows})


def _what(lane: int | Lane, number: int) -> bytes:
    return b"message" + bytes([lane]) + number.to_bytes(6)
