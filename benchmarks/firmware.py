"""Frames: how many a second an oracle authenticates and parses, in batches through the device core in WebAssembly.

Run alone with ``python benchmarks/firmware.py``; ``measure`` gives the same as objects. The peer is the same work in
Python with `cryptography`, one frame at a time, its cipher kept, in the same process.

Source: STYLE, "Tests": machine, versions, count, median, p95, p99 and the peer of the same run.
"""

# ruff: noqa: INP001, T201 - a script that speaks to a terminal

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, Final

from hospes.firmware.batches import BatchOpener
from hospes.firmware.frames import DeviceId, Header, Kind, Lane, cipher_for, open_frame, parse, seal

FRAMES: Final = 20_000
RUNS: Final = 30
PAYLOAD_LEN: Final = 32
"""Frames of 64 bytes: five or six beats."""
BAR: Final = 1_000_000
KEY: Final = bytes(range(32))

Measure = dict[str, Any]


def frames() -> list[bytes]:
    """Return sealed frames of one device."""
    cipher = cipher_for(KEY)
    headers = (Header(Kind.READINGS, DeviceId(7), 0, Lane.ROUTINE, n + 1, PAYLOAD_LEN) for n in range(FRAMES))
    return [seal(header, header.number.to_bytes(PAYLOAD_LEN), cipher) for header in headers]


def rates(action: Callable[[], int], runs: int) -> list[float]:
    """Return frames a second of some runs, slowest first."""
    taken: list[float] = []
    for _ in range(runs):
        before = time.perf_counter()
        count = action()
        taken.append(count / (time.perf_counter() - before))
    return sorted(taken)


def measure() -> list[Measure]:
    """Return one object for each measure."""
    sealed, opener, cipher = frames(), BatchOpener(), cipher_for(KEY)
    keys = [KEY] * FRAMES

    def batch() -> int:
        codes = opener.open(sealed, keys).codes
        if min(codes) != PAYLOAD_LEN:
            raise SystemExit("a frame did not open")
        return len(codes)

    def one_by_one() -> int:
        return sum(len(open_frame(parse(frame), cipher).payload) == PAYLOAD_LEN for frame in sealed)

    taken, peer = rates(batch, RUNS), rates(one_by_one, max(3, RUNS // 10))
    median, other = statistics.median(taken), statistics.median(peer)
    print(f"frames of {PAYLOAD_LEN + 32} bytes, {FRAMES} a batch, {RUNS} runs, frames a second:")
    print(f"  median {median:,.0f}, p95 {taken[RUNS // 20]:,.0f}, p99 {taken[0]:,.0f}; one by one {other:,.0f}")
    return [
        {
            "what": "frames authenticated and parsed in batches, median",
            "value": round(median),
            "unit": "1/s",
            "bar": BAR,
            "holds": median >= BAR,
            "peer": "one by one with cryptography",
            "peer_value": round(other),
            "ratio": round(median / other, 2),
        }
    ]


def main() -> None:
    """Print machine, versions and measures."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("wasmtime", "cryptography"))
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {packages}")
    json.dump(measure(), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
