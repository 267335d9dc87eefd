"""The oracle's side: each refusal is typed and changes nothing, and an acknowledgement is a function of the state."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from hospes.core.errors import HospesError, MalformedError, TooLargeError
from hospes.firmware.acknowledgements import GAPS_MAX, Acknowledgement, Receipt
from hospes.firmware.errors import ForeignFrameError, ForgedFrameError, FutureFrameError, RepeatedFrameError
from hospes.firmware.frames import DeviceId, Header, Kind, Lane, cipher_for, open_frame, parse, seal
from hospes.firmware.gone import Gone, GoneRange, Reason
from hospes.firmware.readings import BeatInterval, Button, encode_readings
from hospes.firmware.receiver import AHEAD_MAX_MS, SPANS_MAX, Lost, Receiver, ReceiverState
from hospes.firmware.spans import Span, Spans, contains, with_span
from tests.simulators.wearable_core import Core, CoreRefusedError, Flash, check, errors

DEVICE = DeviceId(7)
KEY = bytes([9]) * 32
NOW_MS = 1_790_000_000_000


def frame(number: int, payload: bytes, **changes: object) -> bytes:
    """Seal a frame of this device for oracle 2, but for some changes of the header."""
    fields: dict[str, Any] = {"kind": Kind.READINGS, "device": DEVICE, "oracle": 2, "lane": Lane.ROUTINE}
    fields.update(changes)
    header = Header(number=number, payload_len=len(payload), **fields)
    return seal(header, payload, cipher_for(KEY))


def beats(number: int, at_ms: int = NOW_MS, **changes: object) -> bytes:
    """Seal one beat."""
    return frame(number, encode_readings([BeatInterval(at_ms, 800)]), **changes)


def gone(number: int, *ranges: GoneRange, lane: Lane = Lane.ROUTINE) -> bytes:
    """Seal a gone message."""
    return frame(number, Gone(NOW_MS, ranges).to_bytes(), kind=Kind.GONE, lane=lane)


def receiver(state: ReceiverState | None = None) -> Receiver:
    """Return oracle 2's receiver."""
    return Receiver(DEVICE, 2, KEY, state)


def test_a_frame_is_delivered_whatever_came_before() -> None:
    """Numbers may come in any order; those between are missing until they come."""
    oracle = receiver()
    assert oracle.receive(beats(5), NOW_MS).readings == (BeatInterval(NOW_MS, 800),)
    assert oracle.missing(Lane.ROUTINE) == (Span(1, 4),)
    assert oracle.missing(Lane.EMERGENCY) == ()
    oracle.receive(beats(2), NOW_MS)
    assert oracle.missing(Lane.ROUTINE) == (Span(1, 1), Span(3, 4))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", MalformedError),
        (beats(2)[:-1], MalformedError),
        (beats(2, device=DeviceId(8)), ForeignFrameError),
        (beats(2, oracle=1), ForeignFrameError),
        (frame(2, bytes(26), kind=Kind.ACKNOWLEDGEMENT), ForeignFrameError),
        (beats(2)[:-1] + b"\0", ForgedFrameError),
        (beats(1), RepeatedFrameError),
        (beats(2, NOW_MS + AHEAD_MAX_MS + 1), FutureFrameError),
        (frame(2, b"no readings"), MalformedError),
        (frame(2, b"", kind=Kind.GONE), MalformedError),
        (gone(2, GoneRange(Span(1, 2), Reason.FULL)), MalformedError),
    ],
    ids=["empty", "cut", "device", "oracle", "direction", "forged", "repeated", "future", "payload", "gone", "itself"],
)
def test_a_refusal_changes_nothing(data: bytes, error: type[HospesError]) -> None:
    """Whatever is wrong with a frame has its own error, and the next good frame is taken as if nothing had been."""
    oracle = receiver()
    oracle.receive(beats(1), NOW_MS)
    before = oracle.state
    with pytest.raises(error):
        oracle.receive(data, NOW_MS)
    assert oracle.state == before
    assert oracle.receive(beats(2), NOW_MS).number == 2


def test_an_emergency_is_taken_from_any_time() -> None:
    """A device with a wrong clock can still call for help, and the oracle learns how wrong it is."""
    oracle = receiver()
    late = frame(1, encode_readings([Button(NOW_MS + 10**9, 1)]), lane=Lane.EMERGENCY)
    received = oracle.receive(late, NOW_MS)
    assert (received.lane, received.ahead_ms) == (Lane.EMERGENCY, 10**9)
    assert oracle.receive(beats(1, NOW_MS + AHEAD_MAX_MS), NOW_MS).ahead_ms == AHEAD_MAX_MS


def test_what_is_lost_is_named_once_and_never_delivered() -> None:
    """A gone message names exactly what has not arrived; the same range again names nothing."""
    oracle = receiver()
    oracle.receive(beats(3), NOW_MS)
    oracle.receive(beats(20), NOW_MS)
    first = oracle.receive(gone(30, GoneRange(Span(1, 9), Reason.FULL)), NOW_MS)
    assert first.lost == (Lost(Span(1, 2), Reason.FULL), Lost(Span(4, 9), Reason.FULL))
    assert oracle.receive(gone(31, GoneRange(Span(1, 9), Reason.FULL)), NOW_MS).lost == ()
    with pytest.raises(RepeatedFrameError):
        oracle.receive(beats(4), NOW_MS)
    assert oracle.missing(Lane.ROUTINE) == (Span(10, 19), Span(21, 29))


def test_the_lanes_do_not_mix() -> None:
    """Number 1 of one lane is not number 1 of the other."""
    oracle = receiver()
    oracle.receive(beats(1), NOW_MS)
    assert oracle.receive(beats(1, lane=Lane.EMERGENCY), NOW_MS).lane is Lane.EMERGENCY


def test_the_same_state_gives_the_same_acknowledgement() -> None:
    """An acknowledgement is a function of the state, over a restart too; another state has another nonce."""
    oracle = receiver()
    seen = {oracle.acknowledgement()[4:16]: oracle.acknowledgement()}
    for number in (1, 5, 3, 2, 4):
        oracle.receive(beats(number), NOW_MS)
        answer = oracle.acknowledgement()
        assert receiver(ReceiverState.from_bytes(oracle.state.to_bytes())).acknowledgement() == answer
        assert seen.setdefault(answer[4:16], answer) == answer
    assert len(seen) == 6


@given(st.lists(st.integers(1, 200), max_size=40))
def test_an_acknowledgement_tells_what_arrived(numbers: list[int]) -> None:
    """Up to `upto`, what is neither in a gap nor above is what arrived; C takes whatever Python writes."""
    settled: Spans = ()
    for number in numbers:
        settled = with_span(settled, Span(number, number))
    receipt = Receipt.of(settled)
    told = {n for n in range(1, receipt.upto + 1) if not contains(receipt.gaps, n)}
    assert told == {n for n in numbers if n <= receipt.upto}
    assert len(receipt.gaps) == GAPS_MAX or receipt.upto == max(numbers, default=0)
    acknowledgement = Acknowledgement(receipt, Receipt(0, 0, ()))
    assert Acknowledgement.from_bytes(acknowledgement.to_bytes()) == acknowledgement


@given(st.binary(max_size=160), st.integers(1, 2**48 - 1))
def test_any_payload_is_an_acknowledgement_to_both_sides_or_to_neither(payload: bytes, revision: int) -> None:
    """C and Python refuse the same payloads."""
    data = frame(revision, payload, kind=Kind.ACKNOWLEDGEMENT, oracle=0)
    core = device()
    try:
        Acknowledgement.from_bytes(open_frame(parse(data), cipher_for(KEY)).payload)
    except MalformedError:
        assert core.take(data, NOW_MS) == errors().HSP_E_MALFORMED
    else:
        assert core.take(data, NOW_MS) in {0, errors().HSP_E_ROLLBACK}


def device() -> Core:
    """Return a device that has sent three messages."""
    core = Core(Flash(10), DEVICE, [KEY])
    core.format()
    check(core.mount())
    for beat in range(3):
        check(core.push(BeatInterval(NOW_MS + beat, 800), Lane.ROUTINE, NOW_MS + beat))
    core.outgoing(0, NOW_MS)
    return core


def answer(payload: Acknowledgement, revision: int = 5, **changes: object) -> bytes:
    """Seal an acknowledgement for the device of `device`."""
    fields = {"kind": Kind.ACKNOWLEDGEMENT, "oracle": 0} | changes
    return frame(revision, payload.to_bytes(), **fields)


NOTHING = Receipt(0, 0, ())


def test_a_forged_or_foreign_acknowledgement_settles_nothing() -> None:
    """The device forgets nothing on a stranger's word."""
    core, good = device(), answer(Acknowledgement(Receipt(3, 3, ()), NOTHING))
    assert core.take(good[:-1] + bytes([good[-1] ^ 1]), NOW_MS) == errors().HSP_E_FORGED
    assert core.take(answer(Acknowledgement(NOTHING, NOTHING), device=DeviceId(8)), NOW_MS) == errors().HSP_E_FOREIGN
    assert core.take(answer(Acknowledgement(NOTHING, NOTHING), oracle=1), NOW_MS) == errors().HSP_E_FOREIGN
    assert core.state.peer[0].lane[Lane.ROUTINE].through == 0
    assert core.take(good, NOW_MS) == 0
    assert core.state.peer[0].lane[Lane.ROUTINE].through == 3


def test_an_old_acknowledgement_is_stale() -> None:
    """A replay of an earlier answer is refused."""
    core = device()
    check(core.take(answer(Acknowledgement(Receipt(2, 2, ()), NOTHING), 5), NOW_MS))
    assert core.take(answer(Acknowledgement(NOTHING, NOTHING), 4), NOW_MS) == errors().HSP_E_STALE


def test_numbers_that_were_never_given_halt_the_link() -> None:
    """An oracle that knows more than the flash proves that the flash went back: nothing more is sealed for it."""
    core = device()
    assert core.take(answer(Acknowledgement(Receipt(4, 4, ()), NOTHING)), NOW_MS) == errors().HSP_E_ROLLBACK
    with pytest.raises(CoreRefusedError, match="ROLLBACK"):
        core.next_frame(0, NOW_MS + 10**6)


def test_numbers_more_scattered_than_any_device_scatters_are_refused() -> None:
    """A device that breaks the rules cannot fill the oracle's memory."""
    scattered = tuple(Span(2 * n, 2 * n) for n in range(1, SPANS_MAX + 1))
    oracle = receiver(ReceiverState(routine=scattered))
    with pytest.raises(TooLargeError):
        oracle.receive(beats(10**6), NOW_MS)
    assert oracle.receive(beats(1), NOW_MS).number == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b'{"emergency":[],"revision":"0","routine":[]}',
        b'{"emergency":[],"revision":"1","routine":[{"first":"2","last":"1"}]}',
        b'{"emergency":[],"revision":"1","routine":[{"first":"1","last":"1"},{"first":"2","last":"2"}]}',
    ],
)
def test_a_damaged_state_is_refused(data: bytes) -> None:
    """A receiver never begins from a state that none was in."""
    assert ReceiverState.from_bytes(ReceiverState().to_bytes()) == ReceiverState()
    with pytest.raises(MalformedError):
        ReceiverState.from_bytes(data)
