"""Firmware: frames authenticated and parsed in a second, in batches, on one core.

The frames are those of the story's wearable, five seconds a frame, from 64 devices with a key each. Measured are the
C core on this machine (`frames.c` around it, through cffi), and what an oracle in Python would call: `BatchOpener`, the
same core in WebAssembly. The peer opens and parses them one by one in Python on the package ``cryptography``, whose
cipher is OpenSSL's. No receiving state is kept and nothing is written to a disk: an oracle does both, and is slower.
"""

# cffi has no type hints, and a library opened in ABI mode has no static ones.
# mypy: disable-error-code="import-untyped"
# pyright: basic

import random
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cffi

from benchmarks.measures import Measure, at_least, spread, timed
from hospes.firmware.batches import BatchOpener
from hospes.firmware.frames import (
    FRAME_MAX,
    KEY_LEN,
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
from hospes.firmware.readings import Reading, decode_readings, encode_readings
from hospes.firmware.story import synthetic
from tests.simulators.wearable_core import build_tool, declarations

BATCH: Final = 4_096
DEVICES: Final = 64
SPAN_MS: Final = 5_000
"""A routine frame of a device holds five seconds."""
START_MS: Final = 1_900_000_000_000
COUNT: Final = 300
"""Batches."""
PEER_COUNT: Final = 5
WARM: Final = 10
BAR: Final = 1_000_000.0
ROOM: Final = BATCH * 50
"""Readings of a batch at most: a payload holds no more than 50."""
SIGNATURE: Final = """
int32_t open_and_parse(uint32_t count, uint8_t *frames, const uint32_t *lens, const uint8_t *keys, hsp_header *headers,
                       hsp_reading *readings, uint32_t room);
"""


@dataclass(frozen=True)
class Traffic:
    """Frames as they would come: of many devices, in no order."""

    frames: list[bytes]
    keys: list[bytes]
    readings: int


def measure(count: int | None = None) -> list[Measure]:
    """Return one object for each measure."""
    batches, traffic = count or COUNT, traffic_of(BATCH)
    sizes = f"{sum(map(len, traffic.frames)) / BATCH:.0f} bytes and {traffic.readings / BATCH:.1f} readings a frame"
    print(f"frames in batches of {BATCH}, {DEVICES} devices, {sizes}, one thread:")
    peers = min(batches, PEER_COUNT)
    parsed = rate("cryptography, one by one, parsed", lambda: one_by_one(traffic), peers, 1)
    opened = rate("cryptography, one by one, headers read", lambda: opened_one_by_one(traffic), peers, 1)
    host = rate("C core on this machine, parsed", on_host(traffic), batches, WARM)
    opener = BatchOpener()
    package = rate("BatchOpener, headers read", lambda: opener.open(traffic.frames, traffic.keys), batches, WARM)
    return [
        at_least(
            "frames authenticated and parsed, C core on this machine, in batches, one core",
            host,
            "1/s",
            BAR,
            ("Python and cryptography, one by one", parsed),
        ),
        at_least(
            "frames authenticated, headers read, from Python (BatchOpener), in batches, one core",
            package,
            "1/s",
            BAR,
            ("Python and cryptography, one by one", opened),
        ),
    ]


def rate(name: str, action: Callable[[], object], count: int, warm: int) -> float:
    """Return frames a second at the median batch, and print the spread."""
    taken = spread(timed(action, count, warm, 1e9 / BATCH))
    print(f"  {name}: ns a frame, {taken}; {1e9 / taken.p50:,.0f} a second")
    return 1e9 / taken.p50


def traffic_of(count: int) -> Traffic:
    """Return that many different frames of the story's recording."""
    payloads = [encode_readings(readings) for readings in _spans()]
    keys = [bytes([device]) * KEY_LEN for device in range(DEVICES)]
    frames: list[tuple[bytes, bytes, int]] = []
    for place in range(count):
        device, number = place % DEVICES, place // DEVICES
        payload = payloads[(number + device) % len(payloads)]
        header = Header(Kind.READINGS, DeviceId(device), 0, Lane.ROUTINE, number + 1, len(payload))
        frames.append((seal(header, payload, cipher_for(keys[device])), keys[device], len(decode_readings(payload))))
    random.Random(72).shuffle(frames)  # noqa: S311 - an order to be repeated, not a secret
    return Traffic([one[0] for one in frames], [one[1] for one in frames], sum(one[2] for one in frames))


def _spans() -> list[list[Reading]]:
    """Return the routine readings of the story, five seconds a list."""
    spans: dict[int, list[Reading]] = {}
    for item in synthetic(START_MS).items:
        if item.lane is Lane.ROUTINE:
            spans.setdefault(item.reading.at_ms // SPAN_MS, []).append(item.reading)
    return list(spans.values())


def one_by_one(traffic: Traffic) -> int:
    """Open and parse every frame in Python; return the number of readings."""
    return sum(len(decode_readings(frame.payload)) for frame in opened_one_by_one(traffic))


def opened_one_by_one(traffic: Traffic) -> list[AuthenticFrame]:
    """Open every frame in Python, with ciphers that are kept."""
    ciphers = {key: cipher_for(key) for key in set(traffic.keys)}
    return [open_frame(parse(frame), ciphers[key]) for frame, key in zip(traffic.frames, traffic.keys, strict=True)]


def on_host(traffic: Traffic) -> Callable[[], None]:
    """Return what opens and parses every frame in C, the copy of the frames into its memory included."""
    ffi, library = _library()
    count = len(traffic.frames)
    came = b"".join(frame.ljust(FRAME_MAX, b"\0") for frame in traffic.frames)
    frames = ffi.new("uint8_t[]", len(came))
    lens = ffi.from_buffer("uint32_t[]", array("I", map(len, traffic.frames)))
    keys = ffi.from_buffer("uint8_t[]", b"".join(traffic.keys))
    headers, readings = ffi.new("hsp_header[]", count), ffi.new("hsp_reading[]", ROOM)

    def run() -> None:
        ffi.memmove(frames, came, len(came))
        found = library.open_and_parse(count, frames, lens, keys, headers, readings, ROOM)
        if found != traffic.readings:
            raise AssertionError(f"{found} readings instead of {traffic.readings}")

    return run


def _library() -> tuple[Any, Any]:
    """Return the core for this machine with the loop around it, compiled when a source is younger."""
    tool, loop = build_tool(), Path(__file__).with_name("frames.c")
    target = tool.Target(tool.BUILD / "libhospes-batch.so", (str(loop),), ("-O3", *tool.HOST.flags[1:]))
    if target.path.exists() and target.path.stat().st_mtime < loop.stat().st_mtime:
        target.path.unlink()
    ffi = cffi.FFI()
    ffi.cdef(declarations() + SIGNATURE)
    return ffi, ffi.dlopen(str(tool.built(target)))
