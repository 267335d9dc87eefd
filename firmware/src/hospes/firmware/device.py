"""A wearable in this process: the C core, compiled to WebAssembly and run by wasmtime, with its flash in memory.

It measures nothing, has no clock and no radio: the caller pushes readings, says the time, and carries frames. It is the
same core, from the same sources, as in the image for Cortex-M4; only the flash and the caller differ.

Sources: firmware/SPEC.md; firmware/skins/wasm.c.
"""

import atexit
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Final, Self, cast
from weakref import WeakSet

import wasmtime

from hospes.core.errors import MalformedError
from hospes.firmware.errors import DeviceError
from hospes.firmware.frames import FRAME_MAX, KEY_LEN, DeviceId, Lane
from hospes.firmware.readings import Reading

BATCH_MS: Final = 5_000
"""How long a routine reading waits for others by default: fewer frames, and at most 5 s of readings lost with power."""
CORE_ERRORS: Final = {
    -1: "MALFORMED",
    -2: "FORGED",
    -3: "FOREIGN",
    -4: "STALE",
    -5: "ROLLBACK",
    -6: "RANGE",
    -7: "FULL",
    -8: "EMPTY",
    -9: "FLASH",
    -10: "BLANK",
    -11: "DAMAGED",
    -12: "SPENT",
}
"""The names of ``firmware/core/errors.h``; a test compares the two."""


@cache
def module() -> tuple[wasmtime.Engine, wasmtime.Module]:
    """Return the compiled module; compiling it takes some milliseconds, once a process."""
    engine = wasmtime.Engine()
    code = resources.files("hospes.firmware").joinpath("device.wasm").read_bytes()
    return engine, wasmtime.Module(engine, code)


_stores: "WeakSet[wasmtime.Store]" = WeakSet()


def instantiate() -> tuple[wasmtime.Store, Mapping[str, object]]:
    """Return a new instance of the module: its store, and what it exports."""
    engine, compiled = module()
    store = wasmtime.Store(engine)
    _stores.add(store)
    return store, wasmtime.Instance(store, compiled, []).exports(store)


@atexit.register
def _close_all() -> None:
    """Give everything back while wasmtime can still take it: later, in a dying interpreter, it raises."""
    for store in list(_stores):
        store.close()
    if module.cache_info().currsize:
        engine, compiled = module()
        compiled.close()
        engine.close()


class _Instance:
    """One instance of the module and its memory."""

    def __init__(self) -> None:
        self._store, self._exports = instantiate()
        self._memory = cast("wasmtime.Memory", self._exports["memory"])
        self._io = self._number("io")
        self._flash, self._flash_len = self._number("flash"), self._number("flash_len")

    def _number(self, name: str, *arguments: int) -> int:
        function = cast("Callable[..., int]", self._exports[name])
        return function(self._store, *arguments)

    def call(self, name: str, *arguments: int) -> int:
        """Call an export and raise `DeviceError` for a negative answer."""
        answer = self._number(name, *arguments)
        if answer < 0:
            raise DeviceError(name, answer, CORE_ERRORS.get(answer, "UNKNOWN"))
        return answer

    def put(self, data: bytes) -> None:
        """Write a key or a frame where the core looks for it."""
        self._memory.write(self._store, data, self._io)

    def got(self, length: int) -> bytes:
        """Return the frame that the core left."""
        return bytes(self._memory.read(self._store, self._io, self._io + length))

    @property
    def flash(self) -> bytes:
        return bytes(self._memory.read(self._store, self._flash, self._flash + self._flash_len))

    @flash.setter
    def flash(self, image: bytes) -> None:
        if len(image) != self._flash_len:
            raise MalformedError("flash image", "", f"not {self._flash_len} bytes")
        self._memory.write(self._store, image, self._flash)


class Device:
    """A wearable that has power. Make it with `enrolled` or `restarted`.

    All times are Unix milliseconds. After `power_cut` the object must not be used any more.
    """

    def __init__(self, instance: _Instance, device: DeviceId, keys: Sequence[bytes], batch_ms: int) -> None:
        self.device = device
        self._instance: _Instance | None = instance
        instance.call("mount", device - (1 << 32) if device >> 31 else device, batch_ms)
        for key in keys:
            if len(key) != KEY_LEN:
                raise MalformedError("frame key", "", f"not {KEY_LEN} bytes")
            instance.put(key)
            instance.call("add_oracle")

    @classmethod
    def enrolled(cls, device: DeviceId, keys: Sequence[bytes], batch_ms: int = BATCH_MS) -> Self:
        """Return a new device, with an erased flash and numbers from 1: the keys must never have been used before.

        Parameters
        ----------
        device : DeviceId
            Its id.
        keys : sequence of bytes
            The frame key of each oracle, 32 bytes, in the order of their indices; at most 8.
        batch_ms : int
            How long a routine reading may stay in memory.

        Raises
        ------
        MalformedError
            A key is not 32 bytes.
        DeviceError
            There are more than 8 keys.
        """
        instance = _Instance()
        instance.call("format")
        return cls(instance, device, keys, batch_ms)

    @classmethod
    def restarted(cls, device: DeviceId, keys: Sequence[bytes], flash: bytes, batch_ms: int = BATCH_MS) -> Self:
        """Return the device that has this flash, just after its start.

        Raises
        ------
        MalformedError
            The image or a key has the wrong length.
        DeviceError
            ``BLANK`` or ``DAMAGED``: no number can be given safely from this flash.
        """
        instance = _Instance()
        instance.flash = flash
        return cls(instance, device, keys, batch_ms)

    @property
    def _on(self) -> _Instance:
        if self._instance is None:
            raise DeviceError("power", 0, "OFF")
        return self._instance

    def push(self, reading: Reading, now_ms: int, *, lane: Lane = Lane.ROUTINE) -> None:
        """Take a reading: it will reach every oracle, or be named as lost.

        Raises
        ------
        DeviceError
            The reading was not taken.
        """
        a, b, c = (*reading.steps(), 0, 0)[:3]
        self._on.call("push", reading.CODE, reading.at_ms, a, b, c, lane, now_ms)

    def tick(self, now_ms: int) -> None:
        """Let time pass: batches that have waited long enough are written."""
        self._on.call("tick", now_ms)

    def flush(self, now_ms: int) -> None:
        """Write all batches at once."""
        self._on.call("flush", now_ms)

    def outgoing(self, oracle: int, now_ms: int) -> list[bytes]:
        """Return the frames that are due to one oracle, as sent now.

        Raises
        ------
        DeviceError
            ``RANGE``: no such oracle. ``ROLLBACK``: the oracle knows numbers that this flash never gave.
        """
        frames: list[bytes] = []
        while length := self._on.call("next", oracle, now_ms):
            frames.append(self._on.got(length))
        return frames

    def incoming(self, frame: bytes, now_ms: int) -> None:
        """Take a frame that came in: an acknowledgement.

        Raises
        ------
        DeviceError
            Malformed, forged, foreign or stale: nothing was changed.
        """
        self._on.put(frame[:FRAME_MAX])
        self._on.call("take", len(frame), now_ms)

    def reconnected(self, oracle: int) -> None:
        """Say that the transport to an oracle came back: all that is under way is due at once."""
        self._on.call("reconnected", oracle)

    @property
    def flash(self) -> bytes:
        """What the flash holds now."""
        return self._on.flash

    def power_cut(self) -> bytes:
        """Take the power away and return the flash; what was only in memory is gone."""
        flash = self._on.flash
        self._instance = None
        return flash
