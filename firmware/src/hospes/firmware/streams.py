"""Frames on a byte stream: Consistent Overhead Byte Stuffing, one zero byte behind each frame.

It does not look into frames, and it never fails: what does not decode is dropped up to the next zero byte and counted.

Sources: firmware/SPEC.md section 2 ("On a byte stream"); Cheshire and Baker, "Consistent overhead byte stuffing",
IEEE/ACM Transactions on Networking 7 (1999), DOI 10.1109/90.769765.
"""

from typing import Final

from hospes.core.errors import MalformedError
from hospes.firmware.frames import FRAME_MAX

STUFFED_MAX: Final = FRAME_MAX + 1
"""A frame is shorter than 254 bytes, so stuffing adds exactly one."""


def to_stream(frame: bytes) -> bytes:
    """Return a frame as it is written on a byte stream, its closing zero included.

    Raises
    ------
    MalformedError
        Empty, or longer than a frame can be.

    Examples
    --------
    >>> to_stream(bytes([1, 0, 2])).hex(" ")
    '02 01 02 02 00'
    """
    if not 0 < len(frame) <= FRAME_MAX:
        raise MalformedError("frame", "", f"not 1 to {FRAME_MAX} bytes long")
    stretches = frame.split(b"\0")
    return b"".join(bytes([len(stretch) + 1]) + stretch for stretch in stretches) + b"\0"


def _unstuff(stuffed: bytes) -> bytes | None:
    """Return what was stuffed, or None when nothing stuffs to this."""
    stretches: list[bytes] = []
    at = 0
    while at < len(stuffed):
        end = at + stuffed[at]
        if end > len(stuffed):
            return None
        stretches.append(stuffed[at + 1 : end])
        at = end
    frame = b"\0".join(stretches)
    return frame if 0 < len(frame) <= FRAME_MAX else None


class StreamDecoder:
    """Cuts a byte stream into frames.

    Attributes
    ----------
    dropped : int
        How many stretches between two zero bytes did not decode.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes of any length and return the frames that are whole now; their headers are not looked at."""
        *whole, rest = data.split(b"\0")
        frames: list[bytes] = []
        for stretch in whole:
            self._rest += stretch
            frames += self._finish()
        self._rest += rest[: STUFFED_MAX + 1 - len(self._rest)]  # one too many marks a stretch that is too long
        return frames

    def _finish(self) -> list[bytes]:
        stuffed = bytes(self._rest)
        self._rest.clear()
        if not stuffed:
            return []
        frame = _unstuff(stuffed) if len(stuffed) <= STUFFED_MAX else None
        self.dropped += frame is None
        return [] if frame is None else [frame]
