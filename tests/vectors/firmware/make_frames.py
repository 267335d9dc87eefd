"""Write ``frames.json``: frames of every kind, with all that is needed to make them again in another language.

It uses none of the project's code, only `cryptography`: it is a second reading of firmware/SPEC.md sections 2 to 5.
"""

import json
import struct
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

T0 = 1_790_000_000_000


def u48(value: int) -> bytes:
    return value.to_bytes(6, "little")


PAYLOADS = {
    "one beat interval": (1, 0, u48(T0) + struct.pack("<BHH", 1, 0, 812)),
    "one of each reading": (
        1,
        0,
        u48(T0)
        + struct.pack("<BHH", 1, 0, 812)
        + struct.pack("<BHHH", 2, 40, 186, 104)
        + struct.pack("<BHH", 3, 50, 935)
        + struct.pack("<BHh", 4, 60, -215)
        + struct.pack("<BHH", 5, 70, 221)
        + struct.pack("<BHH", 6, 80, 1024)
        + struct.pack("<BHH", 7, 90, 33)
        + struct.pack("<BHB", 8, 100, 73)
        + struct.pack("<BHiiH", 9, 110, 378054000, -81003000, 12)
        + struct.pack("<BHB", 10, 65535, 2),
    ),
    "help wanted": (1, 1, u48(T0) + struct.pack("<BHB", 10, 0, 1)),
    "as many beats as fit": (1, 0, u48(T0) + b"".join(struct.pack("<BHH", 1, 800 * i, 800) for i in range(40))),
    "gone, full": (2, 0, u48(T0) + u48(1) + u48(4711) + b"\x01"),
    "gone, full and restart": (2, 1, u48(T0) + u48(1) + u48(10) + b"\x01" + u48(70) + u48(127) + b"\x02"),
    "nothing received": (3, 0, (u48(0) + u48(0) + b"\x00") * 2),
    "two gaps": (
        3,
        0,
        u48(8) + u48(20) + b"\x02" + u48(9) + struct.pack("<H", 2) + u48(13) + struct.pack("<H", 7) + u48(3) * 2 + b"\0",
    ),
}
PLACES = [(0, 0, 1), (7, 1, 64), (0xDEADBEEF, 7, (1 << 48) - 1)]


def header(kind: int, length: int, device: int, stream: int, number: int) -> bytes:
    return bytes([1, kind, length, 0]) + struct.pack("<I", device) + bytes([stream, 0]) + u48(number)


def stuffed(frame: bytes) -> bytes:
    return b"".join(bytes([len(part) + 1]) + part for part in frame.split(b"\0")) + b"\0"


def main() -> None:
    vectors = []
    for title, (kind, lane, payload) in PAYLOADS.items():
        for device, oracle, number in PLACES:
            key = bytes((3 * i + oracle) % 256 for i in range(32))
            if kind == 2:
                number = max(number, 5000)
            clear = header(kind, len(payload), device, oracle | lane << 4 | (kind == 3) << 7, number)
            frame = clear + ChaCha20Poly1305(key).encrypt(clear[4:], payload, clear)
            vectors.append({
                "title": title, "kind": kind, "lane": lane, "device": device, "oracle": oracle, "number": str(number),
                "key": key.hex(), "payload": payload.hex(), "frame": frame.hex(), "stream": stuffed(frame).hex(),
            })
    Path(__file__).with_name("frames.json").write_text(json.dumps(vectors, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
