"""The device core in C, loaded into this process, with a flash that forgets, tears and refuses like a real one.

It does not say what is right: `tests.simulators.wearable_model` and the tests do.
"""

# cffi has no type hints, and a library opened in ABI mode has no static ones.
# mypy: disable-error-code="import-untyped"
# pyright: basic
# ruff: noqa: ANN401

import functools
import importlib.util
import random
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import cffi

from hospes.firmware.frames import Kind, Lane
from hospes.firmware.readings import Reading

ROOT: Final = Path(__file__).resolve().parents[2]
CORE: Final = ROOT / "firmware" / "core"
HEADERS: Final = ("errors", "aead", "frame", "reading", "ring", "link", "device")
ERASED: Final = 0xFF


@functools.cache
def build_tool() -> Any:
    """Return ``tools/build_firmware.py``, a script and no package, as a module."""
    spec = importlib.util.spec_from_file_location("build_firmware", ROOT / "tools" / "build_firmware.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def declarations() -> str:
    """Return what the headers declare, as cffi reads it: without preprocessor but for plain numbers."""
    text = "\n".join((CORE / f"{name}.h").read_text("utf-8") for name in HEADERS)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    lines = [
        line for line in text.splitlines() if not line.startswith("#") or re.fullmatch(r"#define \w+ \d+\s*", line)
    ]
    return "\n".join(lines)


@functools.cache
def foreign() -> Any:
    """Return the one cffi interface, with all declarations."""
    ffi = cffi.FFI()
    ffi.cdef(declarations())
    return ffi


@functools.cache
def open_library(path: Path) -> Any:
    """Return a library built from the core's sources or from a changed copy."""
    return foreign().dlopen(str(path))


_in_use: list[Path] = []


@contextmanager
def using(path: Path) -> Iterator[None]:
    """Put a library built from changed sources in the place of the core's."""
    _in_use.append(path)
    try:
        yield
    finally:
        _in_use.pop()


def library() -> Any:
    """Return the library for this machine, compiled when the sources are younger."""
    return open_library(_in_use[-1] if _in_use else build_tool().built(build_tool().HOST))


def errors() -> SimpleNamespace:
    """Return the core's error codes by name."""
    ffi = foreign()
    return SimpleNamespace(**{name: value for value, name in ffi.typeof("enum hsp_error").elements.items()})


class Tear(Enum):
    """What a power cut leaves of the one program or erase that it hits."""

    BEFORE = "nothing was changed yet"
    HALF = "the first half was changed"
    BITS = "any of the bits were changed"
    AFTER = "all was changed, but nobody was told"


class Flash:
    """NOR flash in memory: programs erased bytes only, erases whole sectors, and loses power when told to.

    Attributes
    ----------
    image : bytearray
        The contents.
    changes : int
        Programs and erases so far.
    breaches : list of str
        What the core did that a real flash would not bear.
    """

    changes: int

    def __init__(self, sectors: int, sector_len: int = 512, image: bytes | None = None) -> None:
        self.sector_len = sector_len
        self.image = bytearray(image if image is not None else bytes([ERASED]) * sectors * sector_len)
        self.changes = 0
        self.breaches: list[str] = []
        self.is_off = False
        self._cut_at: int | None = None
        self._tear = Tear.BEFORE
        self._random = random.Random(0)  # noqa: S311 - a fault's place is no secret
        ffi = foreign()
        self._calls = (  # kept here, because C holds only their addresses
            ffi.callback("int(void *, uint32_t, uint8_t *, uint32_t)", self._read),
            ffi.callback("int(void *, uint32_t, const uint8_t *, uint32_t)", self._program),
            ffi.callback("int(void *, uint32_t)", self._erase),
        )
        self.handle = ffi.new("hsp_flash *", [ffi.NULL, *self._calls, sector_len])

    def cut_power(self, *, after_changes: int, tear: Tear, seed: int = 0) -> None:
        """Let so many programs and erases pass, and lose power in the next."""
        self._cut_at, self._tear = self.changes + after_changes, tear
        self._random = random.Random(seed)  # noqa: S311 - as above

    def power_up(self) -> None:
        """Have power again, with what is left."""
        self.is_off, self._cut_at = False, None

    def _read(self, _context: Any, address: int, data: Any, length: int) -> int:
        if self.is_off:
            return -1
        if address + length > len(self.image):
            self.breaches.append("read beyond the end")
            return -1
        foreign().memmove(data, self.image[address : address + length], length)
        return 0

    def _program(self, _context: Any, address: int, data: Any, length: int) -> int:
        new = bytes(foreign().buffer(data, length))
        sector = address // self.sector_len
        if address % 8 or length % 8 or not length or (address + length - 1) // self.sector_len != sector:
            self.breaches.append("a program that is not of whole eights in one sector")
        if any(byte != ERASED for byte in self.image[address : address + length]):
            self.breaches.append("a program of bytes that are not erased")
        return self._change(address, new)

    def _erase(self, _context: Any, address: int) -> int:
        if address % self.sector_len or address >= len(self.image):
            self.breaches.append("an erase that is not of a sector")
        return self._change(address, bytes([ERASED]) * self.sector_len)

    def _change(self, address: int, new: bytes) -> int:
        if self.is_off:
            return -1
        if self._cut_at == self.changes:
            new = self._torn(bytes(self.image[address : address + len(new)]), new)
            self.is_off = True
        self.image[address : address + len(new)] = new
        self.changes += 1
        return -1 if self.is_off else 0

    def _torn(self, old: bytes, new: bytes) -> bytes:
        if self._tear is Tear.BEFORE:
            return old
        if self._tear is Tear.HALF:
            return new[: len(new) // 2] + old[len(new) // 2 :]
        if self._tear is Tear.BITS:
            masks = self._random.randbytes(len(new))
            return bytes(o ^ ((o ^ n) & mask) for o, n, mask in zip(old, new, masks, strict=True))
        return new


class Core:
    """A whole device of the C core on a flash.

    Parameters
    ----------
    flash : Flash
        Divided into one region for each lane, the emergency lane's first.
    device : int
        Its id.
    keys : sequence of bytes
        One for each oracle.
    batch_ms : int
        How long a routine reading may stay in memory.
    emergency_sectors : int
        Sectors of the emergency lane, counter slots included; the other lane has the rest.
    """

    def __init__(
        self,
        flash: Flash,
        device: int,
        keys: Sequence[bytes],
        batch_ms: int = 0,
        *,
        emergency_sectors: int = 4,
        lib: Any = None,
    ) -> None:
        ffi = foreign()
        self.flash, self.device, self.keys, self.batch_ms = flash, device, tuple(keys), batch_ms
        self.emergency_sectors = emergency_sectors
        self.lib = lib if lib is not None else library()
        total = len(flash.image) // flash.sector_len
        at = emergency_sectors * flash.sector_len
        self.regions = ffi.new("hsp_region[2]", [(at, total - emergency_sectors), (0, emergency_sectors)])
        self.state = ffi.new("hsp_device *")
        self._frame = ffi.new("uint8_t[240]")

    def format(self) -> None:
        """Make the flash that of a device that was just enrolled."""
        for region in self.regions:
            check(self.lib.hsp_ring_format(self.flash.handle, region.start, region.sectors))

    def mount(self) -> int:
        """Start, and return the core's answer."""
        code = self.lib.hsp_device_mount(self.state, self.flash.handle, self.regions, self.device, self.batch_ms)
        for key in self.keys if code == 0 else ():
            check(self.lib.hsp_device_add_oracle(self.state, key))
        return int(code)

    def restarted(self) -> "Core":
        """Return a device with the same flash, that has just started."""
        self.flash.power_up()
        fresh = Core(
            self.flash, self.device, self.keys, self.batch_ms, emergency_sectors=self.emergency_sectors, lib=self.lib
        )
        check(fresh.mount())
        return fresh

    def push(self, reading: Reading, lane: Lane, now_ms: int) -> int:
        """Push a reading and return the core's answer."""
        return int(self.lib.hsp_device_push(self.state, to_c(reading), lane, now_ms))

    def number_of_batch(self, lane: Lane) -> int:
        """Return the number that the open batch of a lane has, or 0."""
        box = self.state.outbox[lane]
        return int(box.number) if box.batch.len else 0

    def newest_readings(self, lane: Lane) -> int:
        """Return the number of the newest message of readings that the log of a lane holds, be there power or not."""
        is_off, self.flash.is_off = self.flash.is_off, False
        message, number, at = foreign().new("hsp_message *"), 0, 1
        while self.lib.hsp_ring_find(self.state.ring + lane, at, message) == 0:
            at = message.number + 1
            number = message.number if message.kind == Kind.READINGS else number
        self.flash.is_off = is_off
        return number

    def reconnected(self, oracle: int) -> None:
        """Say that the transport to an oracle came back."""
        check(self.lib.hsp_device_reconnected(self.state, oracle))

    def tick(self, now_ms: int) -> int:
        """Let time pass."""
        return int(self.lib.hsp_device_tick(self.state, now_ms))

    def next_frame(self, oracle: int, now_ms: int) -> bytes:
        """Return the next frame that is due to an oracle, empty for none."""
        length = self.lib.hsp_device_next(self.state, oracle, now_ms, self._frame)
        if length < 0 and self.flash.is_off:
            return b""
        return bytes(foreign().buffer(self._frame, check(length)))

    def outgoing(self, oracle: int, now_ms: int) -> list[bytes]:
        """Return all frames that are due to an oracle."""
        return list(iter(lambda: self.next_frame(oracle, now_ms), b""))

    def take(self, frame: bytes, now_ms: int) -> int:
        """Give a frame to the device and return its answer."""
        data = foreign().new("uint8_t[]", frame)  # one byte longer than the frame, so that an empty one has an address
        return int(self.lib.hsp_device_take(self.state, now_ms, data, len(frame)))


def to_c(reading: Reading) -> Any:
    """Return a reading as the core takes it."""
    steps = [*reading.steps(), 0, 0][:3]
    return foreign().new("hsp_reading *", {"at_ms": reading.at_ms, "type": reading.CODE, "value": steps})


class CoreRefusedError(AssertionError):
    """The core answered with an error where the test expects none."""


def check(code: int) -> int:
    """Return a length or zero; raise for an error of the core."""
    if code < 0:
        names = {value: name for name, value in vars(errors()).items()}
        raise CoreRefusedError(names[code])
    return int(code)
