"""Messages: nothing is acknowledged that is not on the disk, nothing is there twice, and all of it can be forgotten."""

import random
import sqlite3

import pytest
from hypothesis import given, settings, strategies as st

from hospes.core.errors import SealingError
from hospes.core.identities import Address
from hospes.core.oracle_bodies import EnrolBox
from hospes.firmware.device import Device
from hospes.firmware.frames import DeviceId, Lane
from hospes.firmware.readings import Button, Pulse
from hospes.oracle.enrolment import KEYS_S, OF_SOURCE, SAME_DEVICE, UNHEARD_S, Enrolments
from hospes.oracle.errors import EnrolmentRefusedError, OracleFileError, OracleFullError
from hospes.oracle.holdings import DATA_FILE, KEYS_FILE
from tests.oracle.conftest import NOW_MS, NOW_S, Desk, enrol_box


def beats(desk: Desk, journey: Address) -> list[float]:
    """Return the times of all heartbeats that are on the disk."""
    return [one.at for kept in desk.messages.of(journey) for one in kept.signals.vital]


def speak(device: Device, count: int, start_ms: int = NOW_MS) -> list[bytes]:
    """Let a device measure and return the frames that are due."""
    for i in range(count):
        device.push(Pulse(start_ms + i * 2_000, 70.0), start_ms + i * 2_000)
    device.flush(start_ms + count * 2_000)
    return device.outgoing(0, start_ms + count * 2_000)


def test_what_was_acknowledged_is_there_after_a_restart(desk: Desk, box: EnrolBox, device: Device) -> None:
    """Readings and the receiver's state come back from the disk, and the same frames again change nothing."""
    journey = box.enrolment.journey
    frames = speak(device, 5)
    taken = desk.messages.take(desk.enrolled(journey), frames, NOW_MS + 20_000)
    assert taken.accepted == len(frames)
    desk.reopen()
    assert len(beats(desk, journey)) == 5
    again = desk.messages.take(desk.enrolled(journey), frames, NOW_MS + 20_000)
    assert again.accepted == 0
    assert again.answer == taken.answer
    assert len(beats(desk, journey)) == 5


def test_a_disk_that_fails_acknowledges_nothing(
    desk: Desk, box: EnrolBox, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the transaction fails, nothing was received; the device sends again, and then it is there."""
    journey, frames = box.enrolment.journey, speak(device, 3)
    enrolled = desk.enrolled(journey)
    with monkeypatch.context() as patch:
        patch.setattr(desk.enrolments, "keep_progress", _fail)
        with pytest.raises(OracleFileError):
            desk.messages.take(enrolled, frames, NOW_MS)
    assert not beats(desk, journey)
    taken = desk.messages.take(enrolled, frames, NOW_MS + 10_000)
    assert taken.answer is not None
    assert len(beats(desk, journey)) == 3


def _fail(*_: object) -> None:
    raise sqlite3.OperationalError("disk I/O error")


@settings(max_examples=15)
@given(st.randoms(use_true_random=False), st.floats(0, 0.8))
def test_no_reading_is_lost_or_doubled_over_a_lossy_line_and_restarts(
    tmp_path_factory: pytest.TempPathFactory, chance: random.Random, loss: float
) -> None:
    """Frames and acknowledgements get lost, the oracle restarts: in the end every reading is there once (rule 8)."""
    desk = Desk(tmp_path_factory.mktemp("oracle"))
    box = enrol_box()
    desk.enrolments.take(box)
    journey, now_ms = box.enrolment.journey, NOW_MS
    device = Device.enrolled(DeviceId(7), [box.frame_key], batch_ms=1_000)
    for i in range(120):
        now_ms += 3_000
        if i < 30:
            device.push(Pulse(now_ms, 70.0), now_ms)
        if i == 20:
            device.push(Button(now_ms, Button.HELP_WANTED), now_ms, lane=Lane.EMERGENCY)
        device.flush(now_ms)
        frames = [one for one in device.outgoing(0, now_ms) if i >= 60 or chance.random() >= loss]
        chance.shuffle(frames)
        taken = desk.messages.take(desk.enrolled(journey), frames, now_ms)
        if taken.answer is not None and (i >= 60 or chance.random() >= loss):
            device.incoming(taken.answer, now_ms)
        if chance.random() < 0.05:
            desk.reopen()
    heard = beats(desk, journey)
    assert sorted(heard) == [(NOW_MS + 3_000 * (i + 1)) / 1_000 for i in range(30)]
    assert sum(kept.signals.help_wanted for kept in desk.messages.of(journey)) == 1
    desk.holdings.close()


def test_frames_of_others_are_refused_and_counted(desk: Desk, box: EnrolBox, device: Device) -> None:
    """Forged, foreign and malformed frames change nothing and get no answer."""
    (frame, *_) = speak(device, 1)
    forged = frame[:-1] + bytes([frame[-1] ^ 1])
    taken = desk.messages.take(desk.enrolled(box.enrolment.journey), [forged, frame[:10], b""], NOW_MS)
    assert taken.answer is None
    assert taken.refused == {"forged-frame": 1, "malformed": 2}
    assert not beats(desk, box.enrolment.journey)


def test_a_frame_from_the_future_is_not_acknowledged(desk: Desk, box: EnrolBox, device: Device) -> None:
    """A routine frame more than five minutes ahead stays with the device; an emergency frame never does."""
    ahead = NOW_MS + 301_000
    frames = speak(device, 1, ahead)
    device.push(Button(ahead, Button.HELP_WANTED), ahead, lane=Lane.EMERGENCY)
    emergency = [one for one in device.outgoing(0, ahead) if one not in frames]
    enrolled = desk.enrolled(box.enrolment.journey)
    assert desk.messages.take(enrolled, frames, NOW_MS).refused == {"future-frame": 1}
    assert desk.messages.take(enrolled, emergency, NOW_MS).accepted == 1


def test_nothing_on_the_disk_is_in_clear(desk: Desk, box: EnrolBox, device: Device) -> None:
    """Neither the frame key, the gate, nor a reading can be found in the files' bytes."""
    desk.messages.take(desk.enrolled(box.enrolment.journey), speak(device, 5), NOW_MS + 20_000)
    reading = (NOW_MS).to_bytes(6, "little")
    desk.holdings.close()
    files = [path.read_bytes() for path in desk.directory.iterdir()]
    for secret in (box.frame_key, box.gate, reading, box.frame_key.hex().encode(), box.gate.hex().encode()):
        assert not any(secret in content for content in files)


def test_what_is_forgotten_does_not_open_any_more(desk: Desk, box: EnrolBox, device: Device) -> None:
    """After the end of an enrolment its key is in no file, and a copy of the sealed items is useless."""
    journey = box.enrolment.journey
    desk.messages.take(desk.enrolled(journey), speak(device, 5), NOW_MS + 20_000)
    with sqlite3.connect(desk.directory / KEYS_FILE) as connection:
        ((key,),) = connection.execute("SELECT key FROM keys").fetchall()
    connection.close()
    ((sealed,), *_) = desk.holdings.rows("SELECT sealed FROM enrolments")
    desk.enrolments.forget(journey)
    with pytest.raises(SealingError):
        desk.holdings.vault.open(journey, b"enrolment", sealed)
    assert not beats(desk, journey)
    desk.holdings.close()
    assert not any(bytes(key) in path.read_bytes() for path in desk.directory.iterdir())


@pytest.mark.parametrize("file", [DATA_FILE, KEYS_FILE])
def test_a_crash_between_the_two_files_is_swept(desk: Desk, box: EnrolBox, file: str) -> None:
    """A key without its enrolment, and an enrolment without its key, are both gone after the next start."""
    statement = "DELETE FROM enrolments" if file == DATA_FILE else "DELETE FROM keys"
    desk.holdings.close()
    with sqlite3.connect(desk.directory / file) as connection:
        connection.execute(statement)
    connection.close()
    desk.reopen()
    assert len(desk.enrolments) == 0
    assert desk.holdings.vault.journeys == ()
    assert desk.enrolments.of_journey(box.enrolment.journey) is None


def test_a_new_enrolment_needs_a_new_key_and_a_later_time(desk: Desk, box: EnrolBox) -> None:
    """An old frame under an old key would be taken twice; an old word of the journey must not undo a later one."""
    journey, enrolments = box.enrolment.journey, desk.enrolments
    assert not enrolments.require_possible(box, NOW_S + 9_999)
    assert enrolments.require_possible(enrol_box(journey, at=NOW_S + 1), NOW_S)
    for refused in (
        enrol_box(journey, at=NOW_S + 1, key=box.frame_key),
        enrol_box(journey, at=NOW_S),
        enrol_box(journey, at=NOW_S - 301),
        enrol_box(at=NOW_S + 301),
        enrol_box(at=NOW_S - 301),
    ):
        with pytest.raises(EnrolmentRefusedError):
            enrolments.require_possible(refused, NOW_S)


def test_the_new_enrolment_begins_anew_and_keeps_the_past(desk: Desk, box: EnrolBox, device: Device) -> None:
    """A device whose flash was replaced starts with number 1 again; what came before still counts."""
    journey = box.enrolment.journey
    desk.messages.take(desk.enrolled(journey), speak(device, 5), NOW_MS + 20_000)
    fresh = enrol_box(journey, at=NOW_S + 1)
    desk.enrolments.take(fresh)
    replaced = Device.enrolled(DeviceId(7), [fresh.frame_key], batch_ms=1_000)
    desk.messages.take(desk.enrolled(journey), speak(replaced, 3, NOW_MS + 30_000), NOW_MS + 40_000)
    assert len(beats(desk, journey)) == 8
    assert len(desk.enrolments.of_device(DeviceId(7), 0)) == 1


def test_no_frame_key_is_used_twice(desk: Desk, box: EnrolBox, device: Device) -> None:
    """Key A, then B, then A again would let an old frame in twice (rule 8); neither an end helps nor a restart."""
    journey, frames = box.enrolment.journey, speak(device, 3)
    desk.messages.take(desk.enrolled(journey), frames, NOW_MS)
    other = enrol_box(journey, at=NOW_S + 1)
    assert desk.enrolments.require_possible(other, NOW_S)
    desk.enrolments.take(other)
    again = enrol_box(journey, at=NOW_S + 2, key=box.frame_key)
    elsewhere = enrol_box(at=NOW_S + 2, key=box.frame_key)
    for _ in ("now", "after a restart", "after the end"):
        for refused in (again, elsewhere):
            with pytest.raises(EnrolmentRefusedError, match="new frame key"):
                desk.enrolments.require_possible(refused, NOW_S)
        assert desk.messages.take(desk.enrolled(journey), frames, NOW_MS).accepted == 0
        desk.reopen()
    desk.enrolments.forget(journey)
    for refused in (again, elsewhere):
        with pytest.raises(EnrolmentRefusedError, match="new frame key"):
            desk.enrolments.require_possible(refused, NOW_S)
    desk.enrolments.expired(NOW_S + KEYS_S + 2)
    assert not desk.holdings.rows("SELECT * FROM used_keys")


def test_nobody_takes_a_device_away_by_naming_it(desk: Desk, box: EnrolBox, device: Device) -> None:
    """Strangers' journeys that name a device keep its traveller neither from going on nor from enrolling anew."""
    for i in range(64):
        made, source = enrol_box(device=7), f"stranger {i // SAME_DEVICE}"
        assert desk.enrolments.require_possible(made, NOW_S, source)
        desk.enrolments.take(made, source)
    journey = box.enrolment.journey
    assert desk.messages.take(desk.enrolled(journey), speak(device, 3), NOW_MS).accepted
    assert desk.enrolments.of_device(DeviceId(7), 0)[0].journey == journey
    for fresh in (enrol_box(journey, at=NOW_S + 1), enrol_box(device=7)):
        assert desk.enrolments.require_possible(fresh, NOW_S, "traveller")
        desk.enrolments.take(fresh, "traveller")


def test_one_source_has_an_end_of_its_own(desk: Desk) -> None:
    """Of one device, and in all, an address may bring only so many; renewing is no new one, others are untouched."""
    enrolments, first = Enrolments(desk.holdings, 1_000), enrol_box(device=7)
    for made in (first, *(enrol_box(device=7) for _ in range(SAME_DEVICE - 1))):
        enrolments.take(made, "one")
    with pytest.raises(OracleFullError, match="one device"):
        enrolments.require_possible(enrol_box(device=7), NOW_S, "one")
    assert enrolments.require_possible(enrol_box(first.enrolment.journey, at=NOW_S + 1), NOW_S, "one")
    for device in range(OF_SOURCE - SAME_DEVICE):
        enrolments.take(enrol_box(device=1_000 + device), "one")
    with pytest.raises(OracleFullError, match="one address"):
        enrolments.require_possible(enrol_box(device=8), NOW_S, "one")
    assert enrolments.require_possible(enrol_box(device=7), NOW_S, "another")


def test_what_was_never_heard_makes_room_after_a_day(desk: Desk, box: EnrolBox, device: Device) -> None:
    """While room is short, a day without a frame ends an enrolment; a device that spoke stays."""
    silent = enrol_box()
    desk.enrolments.take(silent)
    desk.messages.take(desk.enrolled(box.enrolment.journey), speak(device, 3), NOW_MS)
    assert desk.enrolments.never_heard(NOW_S + UNHEARD_S + 1) == ()
    for _ in range(2):
        full = Enrolments(desk.holdings, 2)
        assert full.never_heard(NOW_S + UNHEARD_S) == ()
        assert full.never_heard(NOW_S + UNHEARD_S + 1) == (silent.enrolment.journey,)
        desk.reopen()


def test_an_oracle_has_an_end(desk: Desk) -> None:
    """Above its limit no journey is taken, and one that is there still is."""
    enrolments, first = Enrolments(desk.holdings, 1), enrol_box()
    enrolments.take(first)
    with pytest.raises(OracleFullError):
        enrolments.require_possible(enrol_box(), NOW_S)
    assert enrolments.require_possible(enrol_box(first.enrolment.journey, at=NOW_S + 1), NOW_S)


def test_an_enrolment_ends_by_itself(desk: Desk, box: EnrolBox) -> None:
    """After `notAfter` the journey is named to be forgotten, and not before."""
    assert desk.enrolments.expired(box.enrolment.not_after - 1) == ()
    assert desk.enrolments.expired(box.enrolment.not_after) == (box.enrolment.journey,)
