"""Many frames at once: the C core opens a whole batch in one crossing into WebAssembly, where one by one costs more.

It gives the same results as `frames.parse` and `frames.open_frame` do one by one, which are its test. It keeps nothing
between two batches, and does not know which numbers were seen.

Sources: firmware/SPEC.md section 2; firmware/skins/wasm.c, `open_many`.
"""

import ctypes
import struct
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast

import wasmtime

from hospes.core.errors import MalformedError
from hospes.firmware.device import CORE_ERRORS, instantiate
from hospes.firmware.errors import DeviceError, ForgedFrameError
from hospes.firmware.frames import FRAME_MAX, HEADER_LEN, KEY_LEN, AuthenticFrame, DeviceId, Header, Kind, Lane

CROSSING: Final = 4_096
"""Frames of one crossing: 1.2 MB of the module's memory."""
_PAGE: Final = 65_536
_HEADER: Final = struct.Struct("<QIBBBB")
"""The core's `hsp_header`: number, device, kind, lane, oracle, payload length."""
_MALFORMED, _FORGED = -1, -2


@dataclass(frozen=True, slots=True)
class OpenedBatch:
    """The results of a batch, as columns; an item is made only when it is asked for.

    Attributes
    ----------
    codes : array of int
        For each frame the length of its payload, or the core's negative error.
    headers : bytes
        16 bytes a frame, as the core lays them out; meaningless where the code is negative.
    frames : tuple of bytes
        For each crossing the frames, one right behind the other, each payload opened in its place.
    lengths : array of int
        Bytes of each frame.
    """

    codes: "array[int]"
    headers: bytes
    frames: tuple[bytes, ...]
    lengths: "array[int]"

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, index: int) -> AuthenticFrame:
        """Return one frame.

        Raises
        ------
        IndexError
            The batch is shorter.
        MalformedError, ForgedFrameError
            It is none, or was not sealed under its key.
        """
        index = range(len(self.codes))[index]
        code = self.codes[index]
        number, device, kind, lane, oracle, payload_len = _HEADER.unpack_from(self.headers, index * _HEADER.size)
        if code == _FORGED:
            raise ForgedFrameError(device, number)
        if code == _MALFORMED:
            raise MalformedError(
                "frame", f"frame {index} of the batch", "length or header have not the form of a frame"
            )
        if code < 0:
            raise DeviceError("open_many", code, CORE_ERRORS.get(code, "UNKNOWN"))
        header = Header(Kind(kind), DeviceId(device), oracle, Lane(lane), number, payload_len)
        return AuthenticFrame(header, self._payload(index, code))

    def _payload(self, index: int, length: int) -> bytes:
        """Return the payload of a frame; finding it takes longer the later it stands in its crossing."""
        crossing = index // CROSSING
        at = sum(self.lengths[crossing * CROSSING : index]) + HEADER_LEN
        return self.frames[crossing][at : at + length]

    def payloads(self) -> Iterator[bytes]:
        """Yield all payloads in turn, empty for a frame that did not open."""
        for crossing, frames in enumerate(self.frames):
            at = HEADER_LEN
            for index in range(crossing * CROSSING, min(len(self.codes), (crossing + 1) * CROSSING)):
                yield frames[at : at + max(0, self.codes[index])]
                at += self.lengths[index]


class BatchOpener:
    """An instance of the module that does nothing but open frames. Not for two threads at once."""

    def __init__(self) -> None:
        self._store, exports = instantiate()
        self._memory = cast("wasmtime.Memory", exports["memory"])
        self._open_many = cast("Callable[..., None]", exports["open_many"])
        sizes = (FRAME_MAX + 1, 4, KEY_LEN, 4, _HEADER.size)
        at = self._memory.data_len(self._store)
        self._memory.grow(self._store, CROSSING * sum(sizes) // _PAGE + 2)
        # The memory never grows again, so it stays where it is. `Memory.read` and `write` copy byte by byte.
        self._address = ctypes.addressof(self._memory.data_ptr(self._store).contents)
        self._places: list[int] = []
        for size in sizes:
            self._places.append(at)
            at += (CROSSING * size + 7) // 8 * 8

    def open(self, frames: Sequence[bytes], keys: Sequence[bytes]) -> OpenedBatch:
        """Open frames, each under its own key.

        Parameters
        ----------
        frames : sequence of bytes
            Whole frames; anything else becomes an error of its own and disturbs no other.
        keys : sequence of bytes
            As many, 32 bytes each.

        Raises
        ------
        MalformedError
            Not one key of 32 bytes for each frame.
        """
        if len(frames) != len(keys) or not set(map(len, keys)) <= {KEY_LEN}:
            raise MalformedError("frame key", "", f"not {KEY_LEN} bytes for each frame")
        # What is longer than any frame is cut to a length that none has.
        whole = [frame if len(frame) <= FRAME_MAX else frame[: FRAME_MAX + 1] for frame in frames]
        lengths = array("I", map(len, whole))
        starts = range(0, len(whole), CROSSING)
        parts = [
            self._cross(whole[at : at + CROSSING], lengths[at : at + CROSSING], keys[at : at + CROSSING])
            for at in starts
        ]
        codes = array("i", b"".join(part[0] for part in parts))
        return OpenedBatch(codes, b"".join(part[1] for part in parts), tuple(part[2] for part in parts), lengths)

    def _cross(
        self, frames: Sequence[bytes], lengths: "array[int]", keys: Sequence[bytes]
    ) -> tuple[bytes, bytes, bytes]:
        """Return the codes, the headers and the opened frames of at most `CROSSING` frames."""
        count, joined = len(frames), b"".join(frames)
        at_frames, at_lens, at_keys, at_codes, at_headers = self._places
        self._write(joined, at_frames)
        self._write(lengths.tobytes(), at_lens)
        self._write(b"".join(keys), at_keys)
        self._open_many(self._store, count, at_frames, at_lens, at_keys, at_codes, at_headers)
        sizes = ((at_codes, count * 4), (at_headers, count * _HEADER.size), (at_frames, len(joined)))
        codes, headers, opened = (self._read(at, size) for at, size in sizes)
        return codes, headers, opened

    def _write(self, data: bytes, at: int) -> None:
        ctypes.memmove(self._address + at, data, len(data))

    def _read(self, at: int, size: int) -> bytes:
        return ctypes.string_at(self._address + at, size)
