"""Frames: the C core and the Python reading of the specification agree on every bit, and neither falls over."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from hospes.core.errors import MalformedError
from hospes.firmware.acknowledgements import Acknowledgement
from hospes.firmware.errors import ForgedFrameError
from hospes.firmware.frames import (
    FRAME_MAX,
    NUMBER_MAX,
    PAYLOAD_MAX,
    DeviceId,
    Header,
    Kind,
    Lane,
    cipher_for,
    open_frame,
    parse,
    seal,
)
from hospes.firmware.gone import Gone
from hospes.firmware.readings import decode_readings
from hospes.firmware.streams import StreamDecoder, to_stream
from tests.firmware.machines import Host, Machine
from tests.simulators.wearable_core import errors, foreign, library

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "firmware" / "frames.json").read_text("utf-8")
)
KEY = bytes(range(32))


@st.composite
def headers(draw: st.DrawFn) -> Header:
    """Draw any header."""
    kind = draw(st.sampled_from(Kind))
    lane = Lane.ROUTINE if kind is Kind.ACKNOWLEDGEMENT else draw(st.sampled_from(Lane))
    device, number = DeviceId(draw(st.integers(0, 2**32 - 1))), draw(st.integers(1, NUMBER_MAX))
    return Header(kind, device, draw(st.integers(0, 7)), lane, number, draw(st.integers(0, PAYLOAD_MAX)))


def c_header(header: Header) -> bytes:
    """Return a header as the core's structure lies in memory, the same on both machines."""
    fields = (header.kind, header.lane, header.oracle, header.payload_len)
    return header.number.to_bytes(8, "little") + header.device.to_bytes(4, "little") + bytes(fields)


def c_open(machine: Machine, key: bytes, frame: bytes) -> tuple[int, bytes]:
    """Return the core's answer and what it left in the buffer."""
    buffer = bytearray(frame)
    code = machine.call("hsp_frame_open", key, buffer, len(frame), bytes(16))
    return code, bytes(buffer)


@pytest.mark.parametrize("v", VECTORS, ids=[f"{v['title']}, oracle {v['oracle']}" for v in VECTORS])
def test_vectors(machine: Machine, v: dict[str, Any]) -> None:
    """A frame has one spelling: that of a program which shares no code with either side."""
    key, payload, frame, stream = (bytes.fromhex(v[name]) for name in ("key", "payload", "frame", "stream"))
    header = Header(
        Kind(v["kind"]), DeviceId(v["device"]), v["oracle"], Lane(v["lane"]), int(v["number"]), len(payload)
    )
    assert seal(header, payload, cipher_for(key)) == frame
    assert parse(frame).header == header
    assert open_frame(parse(frame), cipher_for(key)).payload == payload
    assert to_stream(frame) == stream
    sealed, stuffed = bytearray(240), bytearray(242)
    assert machine.call("hsp_frame_seal", c_header(header), key, payload, sealed) == len(frame)
    assert sealed[: len(frame)] == frame
    assert machine.call("hsp_stream_write", frame, len(frame), stuffed) == len(stream)
    assert stuffed[: len(stream)] == stream
    code, opened = c_open(machine, key, frame)
    assert (code, opened[16 : 16 + code]) == (len(payload), payload)


@pytest.mark.parametrize("v", VECTORS, ids=[f"{v['title']}, oracle {v['oracle']}" for v in VECTORS])
def test_payloads_of_the_vectors_are_read(v: dict[str, Any]) -> None:
    """The vectors' payloads mean something, and are written again to the same bytes."""
    payload = bytes.fromhex(v["payload"])
    if v["kind"] == Kind.READINGS:
        assert decode_readings(payload)
    elif v["kind"] == Kind.GONE:
        assert Gone.from_bytes(payload, int(v["number"])).to_bytes() == payload
    else:
        assert Acknowledgement.from_bytes(payload).to_bytes() == payload


@given(header=headers(), data=st.data())
def test_both_sides_write_the_same_frame(header: Header, data: st.DataObject) -> None:
    """For any header and payload, C and Python seal to the same bytes and open each other's."""
    payload = data.draw(st.binary(min_size=header.payload_len, max_size=header.payload_len))
    frame = seal(header, payload, cipher_for(KEY))
    out = bytearray(240)
    length = Host().call("hsp_frame_seal", c_header(header), KEY, payload, out)
    assert out[:length] == frame
    code, opened = c_open(Host(), KEY, frame)
    assert opened[16 : 16 + code] == payload
    assert open_frame(parse(bytes(out[:length])), cipher_for(KEY)).payload == payload


@given(data=st.binary(max_size=FRAME_MAX + 20) | headers().map(lambda h: h.to_bytes() + bytes(h.payload_len + 16)))
def test_both_sides_refuse_the_same_bytes(data: bytes) -> None:
    """Any bytes are a frame to both sides or to neither, and bytes that are none are left as they were."""
    code, after = c_open(Host(), KEY, data)
    try:
        open_frame(parse(data), cipher_for(KEY))
    except MalformedError:
        assert code == errors().HSP_E_MALFORMED
    except ForgedFrameError:
        assert code == errors().HSP_E_FORGED
    else:
        assert code >= 0
        return
    assert after[: len(data)] == data


@pytest.mark.parametrize("v", VECTORS[::3], ids=[v["title"] for v in VECTORS[::3]])
def test_every_truncation_is_refused(machine: Machine, v: dict[str, Any]) -> None:
    """A frame without its end, or with one byte more, is malformed on both sides."""
    key, frame = bytes.fromhex(v["key"]), bytes.fromhex(v["frame"])
    for cut in (*(frame[:length] for length in range(len(frame))), frame + b"\0"):
        with pytest.raises(MalformedError):
            parse(cut)
        assert c_open(machine, key, cut)[0] == errors().HSP_E_MALFORMED


@pytest.mark.parametrize("bit", range(128))
def test_every_bit_of_the_header_counts(bit: int) -> None:
    """No bit of the header can change without notice: it becomes malformed or forged."""
    header = Header(Kind.READINGS, DeviceId(7), 2, Lane.EMERGENCY, 300, 9)
    frame = bytearray(seal(header, bytes(9), cipher_for(KEY)))
    frame[bit // 8] ^= 1 << bit % 8
    with pytest.raises((MalformedError, ForgedFrameError)):
        open_frame(parse(bytes(frame)), cipher_for(KEY))
    assert c_open(Host(), KEY, bytes(frame))[0] in {errors().HSP_E_MALFORMED, errors().HSP_E_FORGED}


@pytest.mark.parametrize(
    "change",
    [{"device": -1}, {"device": 2**32}, {"oracle": 8}, {"number": 0}, {"number": 2**48}, {"payload_len": 209}],
    ids=str,
)
def test_a_header_that_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    """A value without a place in the header never reaches a frame."""
    with pytest.raises(MalformedError):
        replace(Header(Kind.READINGS, DeviceId(7), 2, Lane.ROUTINE, 300, 9), **change)


def test_one_key_never_seals_two_places_alike() -> None:
    """Lane, oracle, direction, device and number all change the nonce."""
    base = Header(Kind.READINGS, DeviceId(7), 2, Lane.ROUTINE, 300, 0)
    others = [
        replace(base, device=DeviceId(8)),
        replace(base, oracle=3),
        replace(base, lane=Lane.EMERGENCY),
        replace(base, number=301),
        replace(base, kind=Kind.ACKNOWLEDGEMENT),
    ]
    assert len({header.to_bytes()[4:] for header in (base, *others)}) == 6


def test_a_key_of_another_length_is_refused() -> None:
    """A key is 32 bytes."""
    cipher_for(bytes(32))
    with pytest.raises(MalformedError):
        cipher_for(bytes(31))


# ------------------------------------------------------------------------------------------------------ byte stream


def c_frames(stream: bytes) -> tuple[list[bytes], int]:
    """Return what the core cuts a stream into, and how often it dropped something."""
    state = foreign().new("hsp_stream *")
    frames, dropped = list[bytes](), 0
    for byte in stream:
        length = library().hsp_stream_read(state, byte)
        if length > 0:
            frames.append(bytes(foreign().buffer(state.bytes, length)))
        dropped += length < 0
    return frames, dropped


@given(frames=st.lists(st.binary(min_size=1, max_size=FRAME_MAX), max_size=5), data=st.data())
def test_a_stream_gives_its_frames_back(frames: list[bytes], data: st.DataObject) -> None:
    """However the bytes are cut on the way, both sides find the same frames, and no byte inside one is zero."""
    parts = [to_stream(frame) for frame in frames]
    assert all(b"\0" not in part[:-1] and len(part) <= 242 for part in parts)
    stream, decoder, found = b"".join(parts), StreamDecoder(), list[bytes]()
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        found += decoder.feed(stream[:cut])
        stream = stream[cut:]
    assert (found, decoder.dropped) == (frames, 0)
    assert c_frames(b"".join(parts)) == (frames, 0)


noise = st.lists(
    st.sampled_from([b"\0", b"\x01", b"\xff", b"\x05", b"\x02\x07"]) | st.binary(max_size=300), max_size=12
)


@given(stream=noise.map(b"".join), frame=st.binary(min_size=1, max_size=FRAME_MAX))
def test_noise_costs_no_later_frame(stream: bytes, frame: bytes) -> None:
    """Any bytes are dropped alike on both sides, and the frame behind the next zero byte arrives."""
    decoder = StreamDecoder()
    found = decoder.feed(stream + b"\0" + to_stream(frame))
    assert found[-1] == frame
    assert c_frames(stream + b"\0" + to_stream(frame)) == (found, decoder.dropped)


@pytest.mark.parametrize("frame", [b"", bytes(FRAME_MAX + 1)], ids=["empty", "too long"])
def test_only_frames_are_stuffed(frame: bytes) -> None:
    """What cannot be a frame is not written."""
    with pytest.raises(MalformedError):
        to_stream(frame)
    assert Host().call("hsp_stream_write", frame, len(frame), bytearray(600)) == errors().HSP_E_RANGE
