"""The oracle's side of the link, for one device: a state machine without I/O that delivers each reading once.

It does not keep its state: the caller makes `Receiver.state` durable, together with the readings, before it lets an
acknowledgement leave. It does not judge readings; what a person cannot have is the question of `hospes.risk`.

Sources: firmware/SPEC.md sections 5 and 6 ("Oracle").
"""

from dataclasses import dataclass, replace
from typing import Final, Self

from hospes.core import wire
from hospes.core.errors import MalformedError, TooLargeError
from hospes.firmware.acknowledgements import Acknowledgement, Receipt
from hospes.firmware.errors import ForeignFrameError, FutureFrameError, RepeatedFrameError
from hospes.firmware.frames import (
    NUMBER_MAX,
    AuthenticFrame,
    DeviceId,
    Header,
    Kind,
    Lane,
    cipher_for,
    open_frame,
    parse,
    seal,
)
from hospes.firmware.gone import Gone, Reason
from hospes.firmware.readings import Reading, decode_readings
from hospes.firmware.spans import Span, Spans, check_spans, contains, with_span, without_spans

AHEAD_MAX_MS: Final = 300_000
"""How far a routine frame may be ahead of the oracle's clock (SPEC section 6)."""
SPANS_MAX: Final = 4_096
"""Runs of settled numbers in a lane. A device that keeps the rules, with 16 messages under way, needs a few dozen."""


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """All that a receiver must remember.

    Attributes
    ----------
    revision : int
        Grows by 1 with every accepted frame; the number of the acknowledgement.
    routine, emergency : tuple of Span
        The settled numbers of each lane: received, or known to be lost.
    """

    revision: int = 1
    routine: Spans = ()
    emergency: Spans = ()

    def __post_init__(self) -> None:
        """Refuse a state that no receiver was ever in."""
        if not 0 < self.revision <= NUMBER_MAX:
            raise MalformedError("receiver state", "revision", "not 0 < revision < 2^48")
        check_spans(self.routine, "receiver state")
        check_spans(self.emergency, "receiver state")

    def settled(self, lane: Lane) -> Spans:
        """Return the settled numbers of a lane."""
        return self.emergency if lane is Lane.EMERGENCY else self.routine

    def after(self, lane: Lane, settled: Spans) -> Self:
        """Return the next state, in which these numbers of a lane are settled."""
        if len(settled) > SPANS_MAX:
            raise TooLargeError("set of received numbers", len(settled), SPANS_MAX, "spans")
        revision = self.revision + 1
        if lane is Lane.EMERGENCY:
            return replace(self, revision=revision, emergency=settled)
        return replace(self, revision=revision, routine=settled)

    def to_bytes(self) -> bytes:
        """Return the state as JSON."""
        return wire.encode(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a state.

        Raises
        ------
        MalformedError, TooLargeError
            It is not one that `to_bytes` wrote.
        """
        return wire.decode(cls, data)


@dataclass(frozen=True, slots=True)
class Lost:
    """Messages that will never come. Each is reported once."""

    span: Span
    reason: Reason


@dataclass(frozen=True, slots=True)
class Received:
    """What one accepted frame brought.

    Attributes
    ----------
    lane : Lane
        The frame's lane.
    number : int
        The message's number, unique in its lane.
    readings : tuple of Reading
        In the order in which they were taken; empty for a gone message.
    lost : tuple of Lost
        What is known to be lost from now on.
    ahead_ms : int
        How far the first reading is ahead of the oracle's clock; 0 when it is not.
    """

    lane: Lane
    number: int
    readings: tuple[Reading, ...]
    lost: tuple[Lost, ...]
    ahead_ms: int


class Receiver:
    """Receives the frames of one device under one oracle's key.

    Parameters
    ----------
    device : DeviceId
        The only device whose frames are taken.
    oracle : int
        This oracle's index at the device, 0 to 7.
    key : bytes
        The frame key, 32 bytes.
    state : ReceiverState
        As kept from before; the default begins a device that was never heard.
    """

    def __init__(self, device: DeviceId, oracle: int, key: bytes, state: ReceiverState | None = None) -> None:
        self.device, self.oracle = device, oracle
        self.state = state if state is not None else ReceiverState()
        self._cipher = cipher_for(key)

    def receive(self, data: bytes, now_ms: int) -> Received:
        """Take one frame.

        Parameters
        ----------
        data : bytes
            The frame, without stuffing.
        now_ms : int
            The oracle's clock, Unix milliseconds.

        Raises
        ------
        MalformedError
            No frame, or an authentic one whose payload has no form.
        ForeignFrameError
            Of another device, for another oracle, or an acknowledgement.
        ForgedFrameError
            The tag does not hold.
        RepeatedFrameError
            Settled already: answer with `acknowledgement` again.
        FutureFrameError
            Routine, and more than 300 s ahead of the clock; do not acknowledge.
        TooLargeError
            The numbers are more scattered than a device that keeps the rules can scatter them.
        """
        frame = parse(data)
        header = frame.header
        if (header.device, header.oracle) != (self.device, self.oracle) or header.kind is Kind.ACKNOWLEDGEMENT:
            raise ForeignFrameError(header.device, header.oracle)
        authentic = open_frame(frame, self._cipher)
        if contains(self.state.settled(header.lane), header.number):
            raise RepeatedFrameError(header.device, header.lane, header.number)
        return self._take_gone(authentic) if header.kind is Kind.GONE else self._take_readings(authentic, now_ms)

    def _take_readings(self, frame: AuthenticFrame, now_ms: int) -> Received:
        header = frame.header
        readings = decode_readings(frame.payload)
        ahead_ms = max(0, readings[0].at_ms - now_ms)
        if ahead_ms > AHEAD_MAX_MS and header.lane is Lane.ROUTINE:
            raise FutureFrameError(header.device, header.number, ahead_ms)
        settled = with_span(self.state.settled(header.lane), Span(header.number, header.number))
        self.state = self.state.after(header.lane, settled)
        return Received(header.lane, header.number, readings, (), ahead_ms)

    def _take_gone(self, frame: AuthenticFrame) -> Received:
        header = frame.header
        settled, lost = self.state.settled(header.lane), list[Lost]()
        for gone in Gone.from_bytes(frame.payload, header.number).ranges:
            lost += (Lost(span, gone.reason) for span in without_spans(gone.span, settled))
            settled = with_span(settled, gone.span)
        self.state = self.state.after(header.lane, with_span(settled, Span(header.number, header.number)))
        return Received(header.lane, header.number, (), tuple(lost), 0)

    def acknowledgement(self) -> bytes:
        """Return the frame that tells the device what is settled: always the same for the same state.

        Let it leave only when that state is durable: what it acknowledges, the device may forget.
        """
        payload = Acknowledgement(Receipt.of(self.state.routine), Receipt.of(self.state.emergency)).to_bytes()
        revision = self.state.revision
        header = Header(Kind.ACKNOWLEDGEMENT, self.device, self.oracle, Lane.ROUTINE, revision, len(payload))
        return seal(header, payload, self._cipher)

    def missing(self, lane: Lane) -> Spans:
        """Return the numbers below the highest that neither came nor are known to be lost."""
        settled = self.state.settled(lane)
        return without_spans(Span(1, settled[-1].last), settled) if settled else ()
