"""The reference model of a wearable: what firmware/SPEC.md sections 5 to 7 say, with lists instead of flash.

It is slow and obvious, and sends byte for byte what the C core must send. It does not tear: its power goes only between
two calls, so what a torn write does is tested elsewhere, against the promise instead of the model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from hospes.firmware.acknowledgements import Acknowledgement, Receipt
from hospes.firmware.frames import DeviceId, Header, Kind, Lane, cipher_for, open_frame, parse, seal
from hospes.firmware.gone import Gone, GoneRange, Reason
from hospes.firmware.readings import Reading, encode_readings
from hospes.firmware.spans import Span, contains

RESERVE: Final = 64
UNDER_WAY_MAX: Final = 16
GAP_PATIENCE_MS: Final = 250
FIRST_WAIT_MS: Final = {Lane.ROUTINE: 2_000, Lane.EMERGENCY: 1_000}
LONGEST_WAIT_MS: Final = {Lane.ROUTINE: 64_000, Lane.EMERGENCY: 8_000}
PAYLOAD_MAX: Final = 208
OFFSET_MAX_MS: Final = 65_535
PLATE_LEN: Final = 24
GONE_LEN_MAX: Final = 32
BY_URGENCY: Final = (Lane.EMERGENCY, Lane.ROUTINE)


@dataclass
class Message:
    """One stored message."""

    number: int
    kind: Kind
    payload: bytes


def stored_len(payload_len: int) -> int:
    """Return the bytes that a message takes in the log."""
    return (16 + payload_len + 7) // 8 * 8


@dataclass
class Sector:
    """One sector of the log."""

    first: int
    used: int = PLATE_LEN
    messages: list[Message] = field(default_factory=list[Message])


@dataclass
class Ring:
    """One lane: its counter, and its log of a few sectors."""

    sectors_max: int
    sector_len: int
    sectors: list[Sector] = field(default_factory=list[Sector])
    next: int = 1
    ceiling: int = 1
    oldest: int = 1
    settled: int = 0
    full_last: int = 0
    restart: Span | None = None
    notice: int = 0

    @property
    def messages(self) -> list[Message]:
        """All that is held, in order."""
        return [message for sector in self.sectors for message in sector.messages]

    def give_number(self, now_ms: int) -> int:
        """Give the next number, after telling what is owed."""
        self.tell(now_ms)
        self._reserve()
        self.next += 1
        return self.next - 1

    def append(self, message: Message, now_ms: int) -> None:
        """Store a message, then tell what it displaced."""
        self._make_room(message.number, len(message.payload))
        self._store(message)
        self.tell(now_ms)

    def tell(self, now_ms: int) -> None:
        """Store the gone message that is owed, if any."""
        if not self.full_last and self.restart is None:
            return
        self._reserve()
        self._make_room(self.next, GONE_LEN_MAX)
        ranges = [GoneRange(Span(1, self.full_last), Reason.FULL)] if self.full_last else []
        ranges += [GoneRange(self.restart, Reason.RESTART)] if self.restart else []
        self._store(Message(self.next, Kind.GONE, Gone(now_ms, tuple(ranges)).to_bytes()))
        if self.full_last:
            self.notice = self.next
        self.next += 1
        self.full_last, self.restart = 0, None

    def lose_power(self) -> None:
        """Start again with what was stored."""
        held = self.messages
        last = held[-1].number if held else 0
        self.next = self.ceiling
        self.oldest = held[0].number if held else self.ceiling
        self.settled, self.notice = 0, 0
        self.restart = Span(last + 1, self.ceiling - 1) if self.ceiling > last + 1 else None
        self.full_last = self.oldest - 1 if last else 0

    def _reserve(self) -> None:
        if self.next == self.ceiling:
            self.ceiling += RESERVE

    def _make_room(self, number: int, payload_len: int) -> None:
        if self.sectors and self.sectors[-1].used + stored_len(payload_len) <= self.sector_len:
            return
        if len(self.sectors) == self.sectors_max:
            self.sectors.pop(0)
            self.oldest = self.sectors[0].first
            if self.oldest - 1 > self.settled:
                self.full_last = self.oldest - 1
        self.sectors.append(Sector(number))

    def _store(self, message: Message) -> None:
        self.sectors[-1].messages.append(message)
        self.sectors[-1].used += stored_len(len(message.payload))


@dataclass
class UnderWay:
    """A message that was sent and not acknowledged."""

    number: int
    sent_ms: int
    times: int = 1
    due_now: bool = False

    def is_due(self, lane: Lane, now_ms: int) -> bool:
        """Tell whether it is sent again now."""
        wait = min(FIRST_WAIT_MS[lane] << (self.times - 1), LONGEST_WAIT_MS[lane])
        return self.due_now or not 0 <= now_ms - self.sent_ms < wait


@dataclass
class PeerLane:
    """What the device knows of one lane of one oracle."""

    through: int = 0
    next: int = 1
    noticed: int = 0
    under_way: list[UnderWay] = field(default_factory=list[UnderWay])

    def choose(self, ring: Ring, lane: Lane, now_ms: int) -> Message | None:
        """Return the message to send now, and note that it was."""
        held = {message.number: message for message in ring.messages}
        for sent in [sent for sent in self.under_way if sent.is_due(lane, now_ms)]:
            if sent.number in held:
                sent.sent_ms, sent.times, sent.due_now = now_ms, sent.times + 1, False
                return held[sent.number]
            self.under_way.remove(sent)
        if len(self.under_way) == UNDER_WAY_MAX:
            return None
        message = self._notice(ring, held) or self._in_turn(ring)
        if message is not None:
            self.under_way.append(UnderWay(message.number, now_ms))
        return message

    def _notice(self, ring: Ring, held: dict[int, Message]) -> Message | None:
        is_new = ring.notice > self.through and ring.notice != self.noticed and ring.notice >= self.next
        if not is_new or self.through + 1 >= ring.oldest or ring.notice not in held:
            return None
        self.noticed = ring.notice
        return held[ring.notice]

    def _in_turn(self, ring: Ring) -> Message | None:
        for message in ring.messages:
            if message.number >= self.next:
                self.next = message.number + 1
                if message.number != self.noticed:
                    return message
        return None

    def apply(self, receipt: Receipt, now_ms: int) -> None:
        """Take what an acknowledgement says of this lane."""
        self.through = max(self.through, receipt.through)
        self.next = max(self.next, self.through + 1)
        for sent in list(self.under_way):
            missing = contains(receipt.gaps, sent.number)
            if sent.number <= self.through or (sent.number <= receipt.upto and not missing):
                self.under_way.remove(sent)
            elif missing and not 0 <= now_ms - sent.sent_ms < GAP_PATIENCE_MS:
                sent.due_now = True


@dataclass
class Peer:
    """One oracle, as the device sees it."""

    revision: int = 0
    lanes: dict[Lane, PeerLane] = field(default_factory=lambda: {lane: PeerLane() for lane in Lane})


class Model:
    """A whole device.

    Parameters
    ----------
    device : DeviceId
        Its id.
    keys : sequence of bytes
        One for each oracle.
    batch_ms : int
        How long a routine reading may stay in memory.
    sectors : dict
        Log sectors of each lane.
    sector_len : int
        Bytes of each.
    """

    def __init__(
        self, device: DeviceId, keys: Sequence[bytes], batch_ms: int, sectors: dict[Lane, int], sector_len: int
    ) -> None:
        self.device, self.keys, self.batch_ms = device, keys, batch_ms
        self.rings = {lane: Ring(sectors[lane], sector_len) for lane in Lane}
        self._begin()

    def _begin(self) -> None:
        self.batches: dict[Lane, list[Reading]] = {lane: [] for lane in Lane}
        self.numbers = dict.fromkeys(Lane, 0)
        self.began_ms = dict.fromkeys(Lane, 0)
        self.peers = [Peer() for _ in self.keys]

    def push(self, reading: Reading, lane: Lane, now_ms: int) -> None:
        """Take a reading."""
        if self.batches[lane] and not self._fits(reading, lane):
            self._write(lane, now_ms)
        if not self.batches[lane]:
            self.numbers[lane], self.began_ms[lane] = self.rings[lane].give_number(now_ms), now_ms
        self.batches[lane].append(reading)
        self.tick(now_ms)

    def tick(self, now_ms: int) -> None:
        """Let time pass."""
        for lane in BY_URGENCY:
            waited = now_ms - self.began_ms[lane]
            if self.batches[lane] and (lane is Lane.EMERGENCY or not 0 <= waited < self.batch_ms):
                self._write(lane, now_ms)

    def next_frame(self, oracle: int, now_ms: int) -> bytes:
        """Return the frame that is due to an oracle, empty for none."""
        for lane in BY_URGENCY:
            message = self.peers[oracle].lanes[lane].choose(self.rings[lane], lane, now_ms)
            if message is not None:
                header = Header(message.kind, self.device, oracle, lane, message.number, len(message.payload))
                return seal(header, message.payload, cipher_for(self.keys[oracle]))
        return b""

    def take(self, frame: bytes, now_ms: int) -> None:
        """Take an authentic acknowledgement for this device."""
        authentic = open_frame(parse(frame), cipher_for(self.keys[parse(frame).header.oracle]))
        peer = self.peers[authentic.header.oracle]
        if authentic.header.number < peer.revision:
            return
        peer.revision = authentic.header.number
        acknowledgement = Acknowledgement.from_bytes(authentic.payload)
        for lane in Lane:
            peer.lanes[lane].apply(acknowledgement[lane], now_ms)
            least = min(other.lanes[lane].through for other in self.peers)
            self.rings[lane].settled = max(self.rings[lane].settled, least)

    def reconnected(self, oracle: int) -> None:
        """The transport to an oracle came back."""
        for lane in self.peers[oracle].lanes.values():
            for sent in lane.under_way:
                sent.due_now = True

    def restart(self) -> None:
        """Lose power between two calls."""
        for ring in self.rings.values():
            ring.lose_power()
        self._begin()

    def _fits(self, reading: Reading, lane: Lane) -> bool:
        batch = self.batches[lane]
        length = len(encode_readings(batch)) + 3 + reading.FORM.size
        return 0 <= reading.at_ms - batch[0].at_ms <= OFFSET_MAX_MS and length <= PAYLOAD_MAX

    def _write(self, lane: Lane, now_ms: int) -> None:
        payload = encode_readings(self.batches[lane])
        self.rings[lane].append(Message(self.numbers[lane], Kind.READINGS, payload), now_ms)
        self.batches[lane] = []
