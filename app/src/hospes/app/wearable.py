"""The wearable of a story: the device core replays a recording, in QEMU as firmware, or on this machine.

Both run the same C sources, as Cortex-M4 firmware or as WebAssembly; which one it was is said. It measures nothing, and
what lies between it and the oracles is the radio's.

Sources: firmware/SPEC.md; firmware/skins/mps2.c, whose two clocks the host's loop has too: the recording runs `SPEED`
times as fast as the line, whose patience is with a real network.
"""

import asyncio
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Protocol

from hospes.app.hops import until
from hospes.app.radio import Radio, Weather, on_air, oracle_of
from hospes.core.errors import ConfigurationError, HospesError
from hospes.firmware import image
from hospes.firmware.acknowledgements import Acknowledgement
from hospes.firmware.device import BATCH_MS, Device
from hospes.firmware.frames import DeviceId, Lane, cipher_for, open_frame, parse
from hospes.firmware.recordings import Recording
from hospes.firmware.streams import StreamDecoder, to_stream

SPEED: Final = 600
"""Eighty minutes become eight seconds."""
LONGEST_S: Final = 60.0
"""After which a device that has not settled everything never will."""
CHUNK: Final = 65_536
QEMU: Final = "qemu-system-arm"


@dataclass(frozen=True, slots=True)
class Fitted:
    """A wearable ready to run.

    Attributes
    ----------
    device : DeviceId
    keys : tuple of bytes
        Frame keys, by the oracles' indices.
    addresses : tuple of (str, int)
        Where each oracle takes frames.
    recording : Recording
    """

    device: DeviceId
    keys: tuple[bytes, ...]
    addresses: tuple[tuple[str, int], ...]
    recording: Recording


class Wearable(Protocol):
    """Something that runs the device core."""

    @property
    def what(self) -> str:
        """For the screen: what runs the core."""
        ...

    async def run(self, fitted: Fitted, weather: Weather) -> Radio:
        """Replay the recording until every oracle has everything, and return the radio with its tally."""
        ...


def wearable() -> Wearable:
    """Return the emulated firmware where QEMU is installed, else the core on this machine."""
    qemu = shutil.which(QEMU)
    return OnHost() if qemu is None else InQemu(qemu)


class OnHost:
    """The core as WebAssembly, in this process."""

    @property
    def what(self) -> str:
        """For the screen."""
        return f"the C core on this machine, as WebAssembly: {QEMU} is not installed, so nothing is emulated"

    async def run(self, fitted: Fitted, weather: Weather) -> Radio:
        """Replay until every oracle has everything.

        Raises
        ------
        StalledError
            When that takes too long.
        """
        replay = _Replay(fitted)
        async with on_air(fitted.addresses, weather, replay.incoming, replay.reconnected) as radio:
            await until(lambda: replay.step(radio), LONGEST_S, "everything at every oracle")
        return radio


class _Replay:
    """The device, its two clocks, and how far each oracle has acknowledged."""

    def __init__(self, fitted: Fitted) -> None:
        self._device = Device.enrolled(fitted.device, fitted.keys, BATCH_MS)
        self._items, self._start_ms = fitted.recording.items, fitted.recording.start_ms
        self._ciphers = [cipher_for(key) for key in fitted.keys]
        self._through = [dict.fromkeys(Lane, 0) for _ in fitted.keys]
        self._highest = [dict.fromkeys(Lane, 0) for _ in fitted.keys]
        self._done = 0
        self._begun = time.perf_counter()

    def incoming(self, oracle: int, frame: bytes) -> None:
        """Take an acknowledgement; a bad frame changes nothing."""
        with suppress(HospesError):
            self._device.incoming(frame, self._line_ms())
            told = Acknowledgement.from_bytes(open_frame(parse(frame), self._ciphers[oracle]).payload)
            for lane in Lane:
                self._through[oracle][lane] = max(self._through[oracle][lane], told[lane].through)

    def reconnected(self) -> None:
        """Hear that the network is there again."""
        for oracle in range(len(self._ciphers)):
            self._device.reconnected(oracle)

    def step(self, radio: Radio) -> bool:
        """Do what is due; return whether all is settled."""
        now_ms = self._start_ms + int((time.perf_counter() - self._begun) * 1_000 * SPEED)
        while self._done < len(self._items) and self._items[self._done].reading.at_ms <= now_ms:
            item = self._items[self._done]
            self._device.push(item.reading, now_ms, lane=item.lane)
            self._done += 1
        finished = self._done == len(self._items)
        (self._device.flush if finished else self._device.tick)(now_ms)
        sent = [self._send(radio, oracle) for oracle in range(len(self._ciphers))]
        return finished and not any(sent) and self._through == self._highest

    def _send(self, radio: Radio, oracle: int) -> bool:
        """Send what is due to one oracle; return whether anything was."""
        frames = self._device.outgoing(oracle, self._line_ms())
        for frame in frames:
            header, highest = parse(frame).header, self._highest[oracle]
            highest[header.lane] = max(highest[header.lane], header.number)
            radio.send(oracle, frame)
        return bool(frames)

    def _line_ms(self) -> int:
        return self._start_ms + int((time.perf_counter() - self._begun) * 1_000)


class InQemu:
    """The core as firmware for Cortex-M4, in QEMU.

    Parameters
    ----------
    qemu : str
        Path of the emulator.
    """

    def __init__(self, qemu: str) -> None:
        self._qemu = qemu

    @property
    def what(self) -> str:
        """For the screen."""
        return f"the C core as Cortex-M4 firmware, in QEMU ({image.MACHINE}): an emulated chip, no real one"

    async def run(self, fitted: Fitted, weather: Weather) -> Radio:
        """Replay until every oracle has everything.

        Raises
        ------
        ConfigurationError
            When QEMU cannot be run, or the image ends with an error.
        """
        line = _Line()
        async with on_air(fitted.addresses, weather, line.answer, _unheard) as radio:
            line.radio = radio
            server = await asyncio.start_server(line.talk, "127.0.0.1", 0)
            try:
                code = await self._emulated(fitted, int(server.sockets[0].getsockname()[1]))
            finally:
                server.close()
        if code != 0:
            raise ConfigurationError(self._qemu, f"the emulated wearable ended with code {code}")
        return radio

    async def _emulated(self, fitted: Fitted, port: int) -> int:
        keys, recording = fitted.keys, fitted.recording
        laid_in = image.provision(fitted.device, keys, recording, batch_ms=BATCH_MS, speed=SPEED)
        with TemporaryDirectory() as name:
            firmware, provisioned = Path(name) / "image.elf", Path(name) / "provision.bin"
            await asyncio.to_thread(firmware.write_bytes, image.elf())
            await asyncio.to_thread(provisioned.write_bytes, laid_in)
            return await _run(image.command(self._qemu, firmware, provisioned, port))


async def _run(command: Sequence[str]) -> int:
    """Run a program to its end, or for `LONGEST_S`, and return its exit code."""
    nothing = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=nothing, stdout=nothing, stderr=nothing)
    except OSError as error:
        raise ConfigurationError(command[0], f"it cannot be run ({error.strerror})") from error
    try:
        return await asyncio.wait_for(process.wait(), LONGEST_S)
    except TimeoutError as error:
        raise ConfigurationError(command[0], f"it was not finished after {LONGEST_S:g} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


class _Line:
    """The one serial line of the emulated device, with the frames of all oracles on it."""

    def __init__(self) -> None:
        self.radio: Radio | None = None
        self._writer: asyncio.StreamWriter | None = None

    def answer(self, _: int, frame: bytes) -> None:
        """Bring an acknowledgement to the device."""
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(to_stream(frame))

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand what the device sends to the radio, until it hangs up."""
        self._writer, decoder = writer, StreamDecoder()
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                for frame in decoder.feed(data):
                    oracle = oracle_of(frame)
                    if oracle is not None and self.radio is not None:
                        self.radio.send(oracle, frame)
        writer.close()


def _unheard() -> None:
    """Nobody tells the emulated device that the network is back: it finds out by asking again."""
