"""The radio: everything between a wearable and the oracles' ports, and bad on purpose.

It carries whole frames over one TCP connection to each oracle. Some frames are dropped, some are overtaken by the next;
once, for a while, there is no network: every connection is cut, and what is sent meanwhile is gone. It opens no frame
and repeats none: that everything arrives is the link's work (firmware/SPEC.md section 6).
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from hospes.core.errors import HospesError
from hospes.firmware.frames import parse
from hospes.firmware.streams import StreamDecoder, to_stream

CHUNK: Final = 4096
_SEED: Final = 4

Incoming = Callable[[int, bytes], None]
Back = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad it is.

    Attributes
    ----------
    lost, overtaken : float
        Shares of the frames, either way.
    away_after_s, away_s : float
        When the network goes, in seconds from the first frame, and for how long.
    """

    lost: float = 0.04
    overtaken: float = 0.06
    away_after_s: float = 6.6
    away_s: float = 1.0


@dataclass(slots=True)
class Tally:
    """What passed.

    Attributes
    ----------
    frames : list of set of (int, int)
        Of each oracle: lane and number of every message that was sent to it.
    sent : int
        Frames, repetitions included.
    dropped, cut, overtaken : int
        Lost on the way; sent while there was no network; arrived behind a later one.
    cuts : int
        Connections that were cut.
    answers, answers_lost : int
        Acknowledgements, and those that did not come back.
    trips_s : list of float
        From a frame to the acknowledgement that followed it, seconds.
    """

    frames: list[set[tuple[int, int]]]
    sent: int = 0
    dropped: int = 0
    cut: int = 0
    overtaken: int = 0
    cuts: int = 0
    answers: int = 0
    answers_lost: int = 0
    trips_s: list[float] = field(default_factory=list[float])

    @property
    def messages(self) -> int:
        """How many different messages were sent, counted once for each oracle."""
        return sum(len(numbers) for numbers in self.frames)

    @property
    def resent(self) -> int:
        """How many frames said again what had been sent before."""
        return self.sent - self.messages


class _Lane:
    """The way to one oracle."""

    def __init__(self) -> None:
        self.writer: asyncio.StreamWriter | None = None
        self.held: bytes | None = None
        self.sent_at = 0.0


class Radio:
    """Carries frames; make it with `on_air`.

    Parameters
    ----------
    addresses : sequence of (str, int)
        Host and port of each oracle, by its index at the device.
    weather : Weather
    incoming : callable
        Takes an oracle's index and a frame from it.
    back : callable
        Called when the network is there again.
    """

    def __init__(self, addresses: Sequence[tuple[str, int]], weather: Weather, incoming: Incoming, back: Back) -> None:
        self._addresses, self._weather, self._incoming, self._back = tuple(addresses), weather, incoming, back
        self._lanes = [_Lane() for _ in addresses]
        self._readers: set[asyncio.Task[None]] = set()
        self._chance = random.Random(_SEED)  # noqa: S311 - bad luck to be repeated, not a secret
        self._outage: asyncio.Task[None] | None = None
        self._away = False
        self.tally = Tally([set() for _ in addresses])

    def send(self, oracle: int, frame: bytes) -> None:
        """Send a frame; it may be lost."""
        header = parse(frame).header
        self.tally.sent += 1
        self.tally.frames[oracle].add((int(header.lane), header.number))
        if self._outage is None:
            self._outage = asyncio.create_task(self._go_away())
        lane = self._lanes[oracle]
        if self._away or lane.writer is None:
            self.tally.cut += 1
        elif self._chance.random() < self._weather.lost:
            self.tally.dropped += 1
        elif lane.held is None and self._chance.random() < self._weather.overtaken:
            lane.held = frame
        else:
            self._write(lane, frame)

    async def connect(self) -> None:
        """Connect to all oracles."""
        for oracle, (host, port) in enumerate(self._addresses):
            reader, writer = await asyncio.open_connection(host, port)
            self._lanes[oracle].writer = writer
            task = asyncio.create_task(self._listen(oracle, reader))
            self._readers.add(task)
            task.add_done_callback(self._readers.discard)

    async def close(self) -> None:
        """Cut everything; harmless when called twice."""
        if self._outage is not None:
            self._outage.cancel()
        self._cut()
        tasks = (*self._readers, *((self._outage,) if self._outage else ()))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _write(self, lane: _Lane, frame: bytes) -> None:
        if lane.writer is None:
            return
        lane.writer.write(to_stream(frame))
        if not lane.sent_at:
            lane.sent_at = time.perf_counter()
        if lane.held is not None:
            held, lane.held = lane.held, None
            self.tally.overtaken += 1
            lane.writer.write(to_stream(held))

    async def _listen(self, oracle: int, reader: asyncio.StreamReader) -> None:
        decoder, lane = StreamDecoder(), self._lanes[oracle]
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                for frame in decoder.feed(data):
                    self._heard(oracle, lane, frame)

    def _heard(self, oracle: int, lane: _Lane, frame: bytes) -> None:
        self.tally.answers += 1
        if lane.sent_at:
            self.tally.trips_s.append(time.perf_counter() - lane.sent_at)
            lane.sent_at = 0.0
        if self._chance.random() < self._weather.lost:
            self.tally.answers_lost += 1
        else:
            self._incoming(oracle, frame)

    async def _go_away(self) -> None:
        await asyncio.sleep(self._weather.away_after_s)
        self._away = True
        self.tally.cuts += self._cut()
        await asyncio.sleep(self._weather.away_s)
        await self.connect()
        self._away = False
        self._back()

    def _cut(self) -> int:
        """Cut all connections, and return how many there were."""
        count = 0
        for lane in self._lanes:
            if lane.held is not None:
                self.tally.cut += 1
            if lane.writer is not None:
                lane.writer.transport.abort()
                count += 1
            lane.writer, lane.held, lane.sent_at = None, None, 0.0
        return count


@asynccontextmanager
async def on_air(
    addresses: Sequence[tuple[str, int]], weather: Weather, incoming: Incoming, back: Back
) -> AsyncGenerator[Radio, None]:
    """Give a connected radio until the end of the block."""
    radio = Radio(addresses, weather, incoming, back)
    try:
        await radio.connect()
        yield radio
    finally:
        await radio.close()


def oracle_of(frame: bytes) -> int | None:
    """Return for which oracle a frame is; None for what is no frame."""
    try:
        return parse(frame).header.oracle
    except HospesError:
        return None
