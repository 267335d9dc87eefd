"""Readings and recordings: what is written down is what was measured, and nothing else is readable."""

import math

import pytest
from hypothesis import given, strategies as st

from hospes.core.errors import MalformedError, TooLargeError
from hospes.firmware.frames import Lane
from hospes.firmware.readings import (
    KINDS,
    Battery,
    BeatInterval,
    BloodPressure,
    Button,
    OxygenSaturation,
    Position,
    Reading,
    Temperature,
    decode_readings,
    encode_readings,
)
from hospes.firmware.recordings import Recording, TimedReading, of_beats
from hospes.firmware.story import BUTTON_MINUTE, MINUTE_MS, SINUS_MINUTES, synthetic
from tests.firmware.wearables import T0_MS, readings_at
from tests.simulators.wearable_core import errors, foreign, library, to_c

nearby = readings_at(st.integers(T0_MS, T0_MS + 65_535))


def c_encode(readings: list[Reading]) -> bytes | int:
    """Return the payload that the core makes, or the first error."""
    batch = foreign().new("hsp_batch *")
    for reading in readings:
        code = library().hsp_batch_add(batch, to_c(reading))
        if code:
            return int(code)
    return bytes(foreign().buffer(batch.bytes))[: batch.len]


def c_decode(payload: bytes) -> list[tuple[int, int, list[int]]] | None:
    """Return type, moment and steps of each reading that the core finds, or None for malformed."""
    offset, reading = foreign().new("size_t *"), foreign().new("hsp_reading *")
    found: list[tuple[int, int, list[int]]] = []
    while (code := library().hsp_batch_next(payload, len(payload), offset, reading)) > 0:
        found.append((reading.type, reading.at_ms, list(reading.value)))
    return found if code == 0 else None


def as_numbers(reading: Reading) -> tuple[int, int, list[int]]:
    """Return a reading as `c_decode` does."""
    return reading.CODE, reading.at_ms, [*reading.steps(), 0, 0][:3]


@given(st.lists(nearby, min_size=1, max_size=60))
def test_both_sides_write_the_same_payload(readings: list[Reading]) -> None:
    """For any readings, C and Python make the same payload or both have no place for them."""
    readings.sort(key=lambda reading: reading.at_ms)
    try:
        payload = encode_readings(readings)
    except TooLargeError:
        assert c_encode(readings) == errors().HSP_E_FULL
    else:
        assert c_encode(readings) == payload
        assert decode_readings(payload) == tuple(readings)
        assert c_decode(payload) == [as_numbers(reading) for reading in readings]


@given(st.binary(max_size=208) | st.lists(nearby, min_size=1, max_size=6).map(lambda r: c_encode(r) or b""), st.data())
def test_both_sides_refuse_the_same_payloads(payload: bytes | int, data: st.DataObject) -> None:
    """Any bytes are readings to both sides or to neither."""
    changed = bytearray(payload if isinstance(payload, bytes) else b"")
    if changed and data.draw(st.booleans()):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        readings = decode_readings(bytes(changed))
    except MalformedError:
        assert c_decode(bytes(changed)) is None
    else:
        assert c_decode(bytes(changed)) == [as_numbers(reading) for reading in readings]


@given(st.lists(nearby, min_size=1, max_size=4))
def test_every_truncation_ends_between_readings_or_is_refused(readings: list[Reading]) -> None:
    """A payload that ends early is never read as a different reading."""
    readings.sort(key=lambda reading: reading.at_ms)
    payload = encode_readings(readings)
    for length in range(len(payload)):
        try:
            found = decode_readings(payload[:length])
        except MalformedError:
            assert c_decode(payload[:length]) is None
        else:
            assert found == tuple(readings[: len(found)])


@pytest.mark.parametrize("moment", [T0_MS - 1, T0_MS + 65_536], ids=["before the first", "too late"])
def test_readings_of_one_payload_are_close(moment: int) -> None:
    """What is before the first reading, or a minute after it, needs a payload of its own."""
    readings: list[Reading] = [BeatInterval(T0_MS, 800), BeatInterval(moment, 800)]
    with pytest.raises(MalformedError):
        encode_readings(readings)
    assert c_encode(readings) == errors().HSP_E_FULL


def test_no_readings_are_no_payload() -> None:
    """An empty payload says nothing and is not written."""
    with pytest.raises(MalformedError):
        encode_readings([])


@pytest.mark.parametrize(
    "make",
    [
        lambda: Battery(T0_MS, 101),
        lambda: OxygenSaturation(T0_MS, 100.1),
        lambda: OxygenSaturation(T0_MS, math.nan),
        lambda: Temperature(T0_MS, 400.0),
        lambda: Position(T0_MS, 91.0, 0.0, 1),
        lambda: Position(T0_MS, 0.0, -180.1, 1),
        lambda: BloodPressure(T0_MS, -1, 80),
        lambda: Button(T0_MS, 3),
        lambda: BeatInterval(-1, 800),
        lambda: BeatInterval(1 << 48, 800),
    ],
)
def test_what_cannot_be_written_down_is_refused(make: type[Reading]) -> None:
    """A value outside the format is an error where it appears, and the message does not repeat it."""
    with pytest.raises(MalformedError) as caught:
        make()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    assert caught.value.where
    assert not any(
        digit in str(caught.value.reason.replace("SPEC section 3", "").replace("48", "")) for digit in "0123456789"
    )


def test_kinds_of_both_sides_are_the_same() -> None:
    """Each type of the core has its class, under the same number."""
    names: dict[int, str] = dict(foreign().typeof("enum hsp_reading_type").elements)
    assert {code: kind.__name__.upper() for code, kind in KINDS.items()} == {
        code: name.removeprefix("HSP_").replace("_", "") for code, name in names.items()
    }


# -------------------------------------------------------------------------------------------------------- recordings


@given(st.lists(st.tuples(st.sampled_from(Lane), nearby)), st.integers(0, T0_MS))
def test_a_recording_survives_its_file(drawn: list[tuple[Lane, Reading]], start_ms: int) -> None:
    """Any readings come back from the text as they were, at their moments."""
    drawn.sort(key=lambda item: item[1].at_ms)
    recording = Recording("any", "synthetic", start_ms, tuple(TimedReading(*item) for item in drawn))
    assert Recording.from_text(recording.to_text()) == recording


@given(st.text(max_size=80), st.integers(0, 3_000))
def test_a_damaged_recording_is_refused_with_its_line(noise: str, at: int) -> None:
    """Any damage either leaves a recording or is a typed error that names a line; it is never another error."""
    text = STORY_TEXT[:2_000]
    damaged = text[: at % len(text)] + noise + text[at % len(text) + len(noise) :]
    try:
        Recording.from_text(damaged)
    except (MalformedError, TooLargeError) as error:
        assert str(error)  # noqa: PT017 - both outcomes are right, no other is


def test_readings_out_of_order_are_no_recording() -> None:
    """A recording can be replayed by the clock alone."""
    items = of_beats([800, 800], T0_MS, "two", "synthetic").items
    with pytest.raises(MalformedError):
        Recording("back", "synthetic", T0_MS, items[::-1])


STORY = synthetic(T0_MS)
STORY_TEXT = STORY.to_text()


def test_the_story_is_always_the_same_and_says_that_nobody_was_measured() -> None:
    """The same course follows from every start, and the recording is marked."""
    assert synthetic(5).starting(T0_MS) == STORY
    assert STORY.is_synthetic
    assert not of_beats([800], 0, "someone", "recorded by others, ODC-BY 1.0").is_synthetic


def test_the_story_turns() -> None:
    """Beats vary little at first and much later, the pressure rises, and help is asked for in the emergency lane."""
    beats = [item.reading for item in STORY.items if isinstance(item.reading, BeatInterval)]
    turn = T0_MS + SINUS_MINUTES * MINUTE_MS
    before = [beat.interval_ms for beat in beats if beat.at_ms < turn]
    after = [beat.interval_ms for beat in beats if beat.at_ms > turn + MINUTE_MS]
    assert _variation(before) < 0.05
    assert _variation(after) > 0.15
    pressures = [item.reading for item in STORY.items if isinstance(item.reading, BloodPressure)]
    assert pressures[-1].systolic_mmhg > pressures[0].systolic_mmhg + 30
    urgent = [item.reading for item in STORY.items if item.lane is Lane.EMERGENCY]
    assert urgent == [Button(T0_MS + BUTTON_MINUTE * MINUTE_MS, Button.HELP_WANTED)]


def _variation(values: list[int]) -> float:
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / len(values)) / mean
