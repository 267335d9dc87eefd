"""Frames opened by the batch are those that are opened one by one."""

import pytest
from hypothesis import given, settings, strategies as st

from hospes.core.errors import HospesError, MalformedError
from hospes.firmware.batches import CROSSING, BatchOpener
from hospes.firmware.frames import AuthenticFrame, DeviceId, Header, Kind, Lane, cipher_for, open_frame, parse, seal

KEYS = [bytes([place]) * 32 for place in range(3)]
OPENER = BatchOpener()


def sealed(number: int, key: bytes) -> bytes:
    """Return a frame."""
    payload = bytes(number % 200)
    header = Header(Kind.READINGS, DeviceId(number), number % 8, Lane(number % 2), number, len(payload))
    return seal(header, payload, cipher_for(key))


def one_by_one(frame: bytes, key: bytes) -> AuthenticFrame | type[HospesError]:
    """Return what the slow way gives."""
    try:
        return open_frame(parse(frame), cipher_for(key))
    except HospesError as error:
        return type(error)


good = st.builds(sealed, st.integers(1, 2**32 - 1), st.sampled_from(KEYS))


@settings(max_examples=60)
@given(st.lists(st.tuples(good | st.binary(max_size=300), st.sampled_from(KEYS)), max_size=12))
def test_a_batch_is_its_frames_one_by_one(pairs: list[tuple[bytes, bytes]]) -> None:
    """Good, forged and malformed frames, in any mixture, give what each gives alone."""
    opened = OPENER.open([frame for frame, _ in pairs], [key for _, key in pairs])
    assert len(opened) == len(pairs)
    payloads = list(opened.payloads())
    assert len(payloads) == len(pairs)
    for index, (frame, key) in enumerate(pairs):
        expected = one_by_one(frame, key)
        if isinstance(expected, AuthenticFrame):
            assert opened[index] == expected
            assert payloads[index] == expected.payload
        else:
            with pytest.raises(expected):
                opened[index]


def test_a_batch_may_take_several_crossings() -> None:
    """No frame is lost or doubled where one crossing ends and the next begins."""
    count = CROSSING + 3
    frames = [sealed(1 + number % 5, KEYS[0]) for number in range(5)] * (count // 5 + 1)
    opened = OPENER.open(frames[:count], KEYS[:1] * count)
    assert [opened[index].header.number for index in range(count)] == [1 + index % 5 for index in range(count)]
    assert opened[-1] == opened[count - 1]
    with pytest.raises(IndexError):
        opened[count]
    assert [len(payload) for payload in opened.payloads()] == [1 + index % 5 for index in range(count)]


@pytest.mark.parametrize("keys", [[], [bytes(31)], KEYS], ids=["none", "short", "too many"])
def test_each_frame_has_its_key(keys: list[bytes]) -> None:
    """Keys that do not fit the frames are refused before anything is opened."""
    with pytest.raises(MalformedError):
        OPENER.open([sealed(1, KEYS[0])], keys)
