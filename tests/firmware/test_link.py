"""The link as a whole: readings in at the device, readings out at the oracles, and everything bad in between.

One machine drives the C core and the reference model side by side and compares every byte. The other cuts the power in
the middle of writes, and asks for the promise: each reading arrives once at each oracle, or is named as lost.
"""

from dataclasses import dataclass, field
from typing import Final

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hospes.core.errors import HospesError
from hospes.firmware.errors import RepeatedFrameError
from hospes.firmware.frames import HEADER_LEN, DeviceId, Kind, Lane, parse
from hospes.firmware.readings import BeatInterval, Button, Reading
from hospes.firmware.receiver import Lost, Receiver, ReceiverState
from tests.simulators.wearable_core import Core, Flash, Tear, check, errors
from tests.simulators.wearable_model import Model

DEVICE: Final = DeviceId(0xBEEF)
KEYS: Final = (bytes([1]) * 32, bytes([2]) * 32)
T0_MS: Final = 1_790_000_000_000
BATCH_MS: Final = 3_000
SECTORS: Final = 10
ROUNDS_MAX: Final = 400

oracles = st.integers(0, len(KEYS) - 1)


@dataclass
class Told:
    """All that one oracle heard."""

    receiver: Receiver
    readings: dict[tuple[Lane, int], tuple[Reading, ...]] = field(
        default_factory=dict[tuple[Lane, int], tuple[Reading, ...]]
    )
    lost: list[tuple[Lane, Lost]] = field(default_factory=list[tuple[Lane, Lost]])

    def hear(self, frame: bytes, now_ms: int) -> bytes:
        """Take a frame and return the answer; raise when a message is delivered twice."""
        try:
            received = self.receiver.receive(frame, now_ms)
        except RepeatedFrameError:
            return self.receiver.acknowledgement()
        place = received.lane, received.number
        assert place not in self.readings
        assert not self.names_lost(*place)
        self.readings[place] = received.readings
        self.lost += ((received.lane, lost) for lost in received.lost)
        return self.receiver.acknowledgement()

    def names_lost(self, lane: Lane, number: int) -> bool:
        """Tell whether a message was named as lost."""
        return any(lane is named and number in lost.span for named, lost in self.lost)


class Air:
    """What is on its way, and proof that no nonce carries two different things."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self._seen: dict[bytes, bytes] = {}

    def send(self, frame: bytes) -> None:
        """Put a frame on its way; the same place under the same key must always be the same bytes."""
        assert self._seen.setdefault(frame[:HEADER_LEN], frame) == frame
        nonce = frame[4:HEADER_LEN]
        assert self._seen.setdefault(nonce, frame) == frame
        self.frames.append(frame)


class LossyLink(RuleBasedStateMachine):
    """A device and its oracles over a line that loses, doubles, reorders and corrupts."""

    core: Core
    now_ms: int

    @initialize()
    def enrol(self) -> None:
        """Begin with a fresh device."""
        self.begin()

    def begin(self) -> None:
        """Make the device, the line and the oracles."""
        self.now_ms = T0_MS
        self.air = Air()
        self.core = Core(Flash(SECTORS), DEVICE, KEYS, BATCH_MS)
        self.core.format()
        check(self.core.mount())
        self.told = [Told(Receiver(DEVICE, oracle, key)) for oracle, key in enumerate(KEYS)]
        self.pushed: dict[tuple[Lane, int], list[Reading]] = {}
        self.readings = 0

    def reading(self, lane: Lane) -> Reading:
        """Return a reading that was never pushed before."""
        self.readings += 1
        if lane is Lane.EMERGENCY:
            return Button(self.now_ms, 1 + self.readings % 2)
        return BeatInterval(self.now_ms, self.readings)

    # What the rules do to the device goes through these four, so that a subclass can watch.

    def push_raw(self, reading: Reading, lane: Lane) -> int:
        """Push a reading."""
        return self.core.push(reading, lane, self.now_ms)

    def tick(self) -> None:
        """Let the device see the time."""
        self.core.tick(self.now_ms)

    def next_frame(self, oracle: int) -> bytes:
        """Ask for a frame."""
        return self.core.next_frame(oracle, self.now_ms)

    def take(self, frame: bytes) -> int:
        """Give an answer."""
        return self.core.take(frame, self.now_ms)

    def push_one(self, lane: Lane) -> None:
        """Push a reading, and remember under which number it must arrive."""
        reading = self.reading(lane)
        if self.push_raw(reading, lane) == 0:
            number = self.core.number_of_batch(lane) or self.core.newest_readings(lane)
            self.pushed.setdefault((lane, number), []).append(reading)

    @rule(lane=st.sampled_from(Lane), step_ms=st.integers(0, 2_000), count=st.integers(1, 12))
    def push(self, lane: Lane, step_ms: int, count: int) -> None:
        """Readings are taken."""
        for _ in range(count):
            self.now_ms += step_ms
            self.push_one(lane)

    @rule(step_ms=st.integers(-5_000, 70_000))
    def wait(self, step_ms: int) -> None:
        """Time passes, or the clock is set back."""
        self.now_ms += step_ms
        self.tick()

    @rule(oracle=oracles, count=st.integers(1, 20))
    def transmit(self, oracle: int, count: int) -> None:
        """The transport takes some frames."""
        for _ in range(count):
            frame = self.next_frame(oracle)
            if not frame:
                break
            self.air.send(frame)

    @precondition(lambda self: self.air.frames)
    @rule(data=st.data(), keep=st.booleans())
    def arrive(self, data: st.DataObject, *, keep: bool) -> None:
        """Any frame that is on its way arrives; it may arrive again later."""
        frame = self.air.frames[data.draw(st.integers(0, len(self.air.frames) - 1))]
        if not keep:
            self.air.frames.remove(frame)
        self.deliver(frame)

    @precondition(lambda self: self.air.frames)
    @rule()
    def arrive_all(self) -> None:
        """The line has a good moment."""
        frames, self.air.frames = self.air.frames, []
        for frame in frames:
            self.deliver(frame)

    def deliver(self, frame: bytes) -> None:
        """Give a frame to whom it is addressed."""
        header = parse(frame).header
        if header.kind is Kind.ACKNOWLEDGEMENT:
            self.take(frame)
        else:
            self.air.send(self.told[header.oracle].hear(frame, self.now_ms))

    @rule(share=st.integers(1, 4))
    def lose(self, share: int) -> None:
        """Frames are lost on the way."""
        self.air.frames = self.air.frames[::share] if share > 1 else []

    @precondition(lambda self: self.air.frames)
    @rule(data=st.data())
    def corrupt(self, data: st.DataObject) -> None:
        """A changed frame changes nothing, wherever it arrives."""
        frame = bytearray(data.draw(st.sampled_from(self.air.frames)))
        frame[data.draw(st.integers(0, len(frame) - 1))] ^= data.draw(st.integers(1, 255))
        assert self.core.take(bytes(frame), self.now_ms) < 0
        for told in self.told:
            state = told.receiver.state
            with pytest.raises(HospesError):
                told.receiver.receive(bytes(frame), self.now_ms)
            assert told.receiver.state == state

    @rule(oracle=oracles)
    def oracle_restarts(self, oracle: int) -> None:
        """An oracle loses its memory and begins again from what it kept."""
        told = self.told[oracle]
        state = ReceiverState.from_bytes(told.receiver.state.to_bytes())
        told.receiver = Receiver(DEVICE, oracle, KEYS[oracle], state)

    @invariant()
    def no_breach(self) -> None:
        """The flash was never treated as no flash can be."""
        assert not self.core.flash.breaches

    def heal(self) -> None:
        """Let the line be good until nothing is left to say."""
        self.air.frames.clear()
        for _ in range(ROUNDS_MAX):
            self.now_ms += 70_000
            self.tick()
            answers = [answer for oracle in range(len(KEYS)) for answer in self.exchange(oracle)]
            if not answers:
                return
        pytest.fail("the link does not come to rest")

    def exchange(self, oracle: int) -> list[bytes]:
        """Carry all that is due to an oracle, and its answers back."""
        answers: list[bytes] = []
        while frame := self.next_frame(oracle):
            answers.append(self.told[oracle].hear(frame, self.now_ms))
            self.take(answers[-1])
        return answers

    def teardown(self) -> None:
        """In the end each reading has arrived once at each oracle, or was named as lost; and nothing else has."""
        if not hasattr(self, "told"):
            return
        self.core.flash.power_up()  # no more power cuts
        self.push_one(Lane.ROUTINE)  # whatever a restart owes is told with the next message of a lane
        self.push_one(Lane.EMERGENCY)
        self.heal()
        for told in self.told:
            assert told.receiver.missing(Lane.ROUTINE) == told.receiver.missing(Lane.EMERGENCY) == ()
            for place, readings in self.pushed.items():
                if place in told.readings:
                    assert told.readings[place] == tuple(readings)
                else:
                    assert told.names_lost(*place)
            arrived = {place for place, readings in told.readings.items() if readings}
            assert arrived <= set(self.pushed)


class Lockstep(LossyLink):
    """The core and the reference model, side by side."""

    def begin(self) -> None:
        """Begin with a fresh model too."""
        super().begin()
        self.model = Model(DEVICE, KEYS, BATCH_MS, {Lane.ROUTINE: 4, Lane.EMERGENCY: 2}, 512)

    def push_raw(self, reading: Reading, lane: Lane) -> int:
        """Push on both sides."""
        self.model.push(reading, lane, self.now_ms)
        return check(super().push_raw(reading, lane))

    def tick(self) -> None:
        """Let both see the time."""
        self.model.tick(self.now_ms)
        super().tick()

    def next_frame(self, oracle: int) -> bytes:
        """Both send the same."""
        frame = super().next_frame(oracle)
        assert frame == self.model.next_frame(oracle, self.now_ms)
        return frame

    def take(self, frame: bytes) -> int:
        """Answer both."""
        self.model.take(frame, self.now_ms)
        code = super().take(frame)
        assert code in {0, errors().HSP_E_STALE}
        return code

    @rule(oracle=oracles)
    def reconnect(self, oracle: int) -> None:
        """The transport to an oracle comes back."""
        self.core.reconnected(oracle)
        self.model.reconnected(oracle)

    @rule()
    def restart(self) -> None:
        """The power goes between two calls."""
        self.core = self.core.restarted()
        self.model.restart()

    @invariant()
    def same_numbers(self) -> None:
        """Both know the same of their lanes."""
        for lane, ring in self.model.rings.items():
            c = self.core.state.ring[lane]
            assert (ring.next, ring.ceiling, ring.oldest) == (c.next, c.ceiling, c.oldest)
            assert (ring.settled, ring.full_last, ring.notice) == (c.settled, c.full_last, c.notice)


class PowerCuts(LossyLink):
    """The power goes in the middle of any write, and the write is torn."""

    @rule(after_changes=st.integers(0, 4), tear=st.sampled_from(Tear), seed=st.integers(0, 2**16))
    def threaten(self, after_changes: int, tear: Tear, seed: int) -> None:
        """The power will go in one of the next writes."""
        self.core.flash.cut_power(after_changes=after_changes, tear=tear, seed=seed)

    def push_one(self, lane: Lane) -> None:
        """Push, and start again if the power went."""
        super().push_one(lane)
        self.restart_if_off()

    def tick(self) -> None:
        """Let time pass, and start again if the power went."""
        super().tick()
        self.restart_if_off()

    def restart_if_off(self) -> None:
        """Have power again."""
        if self.core.flash.is_off:
            self.core = self.core.restarted()

    @rule()
    def restart(self) -> None:
        """The power goes between two calls."""
        self.core = self.core.restarted()


def enrolled(log_of_routine: int = 4) -> tuple[Core, list[Told]]:
    """Return a fresh device and its oracles."""
    core = Core(Flash(4 + 2 + log_of_routine), DEVICE, KEYS)
    core.format()
    check(core.mount())
    return core, [Told(Receiver(DEVICE, oracle, key)) for oracle, key in enumerate(KEYS)]


def test_a_message_in_a_gap_is_sent_again() -> None:
    """What an acknowledgement names as missing is sent again soon, the same bytes, and nothing else is."""
    core, (told, _) = enrolled()
    for beat in range(4):
        check(core.push(BeatInterval(T0_MS + beat, 800), Lane.ROUTINE, T0_MS + beat))
    frames = core.outgoing(0, T0_MS)
    for frame in (frames[0], frames[2], frames[3]):
        answer = told.hear(frame, T0_MS)
    check(core.take(answer, T0_MS + 100))
    assert core.outgoing(0, T0_MS + 100) == []  # it may still be on its way
    check(core.take(answer, T0_MS + 300))
    assert core.outgoing(0, T0_MS + 300) == [frames[1]]
    check(core.take(told.hear(frames[1], T0_MS + 300), T0_MS + 300))
    assert core.outgoing(0, T0_MS + 10**6) == []


def test_patience_doubles() -> None:
    """Unanswered, a message is sent after 2, 4, 8 seconds and so on, and at least every 64; an emergency every 8."""
    for lane, moments in ((Lane.ROUTINE, [0, 2, 6, 14, 30, 62, 126, 190]), (Lane.EMERGENCY, [0, 1, 3, 7, 15, 23, 31])):
        core, _ = enrolled()
        check(core.push(BeatInterval(T0_MS, 800), lane, T0_MS))
        seen = [second for second in range(200) if core.outgoing(0, T0_MS + 1_000 * second)]
        assert seen[: len(moments)] == moments


def test_one_silent_oracle_still_learns_what_was_dropped() -> None:
    """What one oracle has is not what all have: the other is told what it will never get, and before the backlog."""
    core, (quick, slow) = enrolled()
    for beat in range(200):
        now_ms = T0_MS + 1_000 * beat
        check(core.push(BeatInterval(now_ms, 800), Lane.ROUTINE, now_ms))
        for frame in core.outgoing(0, now_ms):
            check(core.take(quick.hear(frame, now_ms), now_ms))
    assert quick.lost == []
    first = core.next_frame(1, T0_MS + 200_000)
    slow.hear(first, T0_MS + 200_000)
    assert [lost.span.first for _, lost in slow.lost] == [1]
    lost = slow.lost[0][1]
    for frame in core.outgoing(1, T0_MS + 200_000):
        slow.hear(frame, T0_MS + 200_000)
    assert min(number for _, number in slow.readings if slow.readings[Lane.ROUTINE, number]) == lost.span.last + 1


def test_a_line_that_returns_is_used_at_once() -> None:
    """After a pause of the transport nobody waits for a timer."""
    core, _ = enrolled()
    check(core.push(BeatInterval(T0_MS, 800), Lane.ROUTINE, T0_MS))
    (frame,) = core.outgoing(1, T0_MS)
    assert core.outgoing(1, T0_MS + 10) == []
    core.reconnected(1)
    assert core.outgoing(1, T0_MS + 10) == [frame]


TestLockstep = Lockstep.TestCase
TestPowerCuts = PowerCuts.TestCase
TestLockstep.settings = TestPowerCuts.settings = settings(stateful_step_count=40)
