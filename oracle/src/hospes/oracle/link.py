"""The link: frames of devices over TCP, in; acknowledgements, out.

It reads frames off a stream, finds whose they are, has them kept, and answers; it judges nothing. A connection proves
nothing: only frames that open under an enrolled key count, and a connection that brings many others is closed. What
arrives is bounded in connections, of all and of one source, in frames a second, and in the time between two frames
that open: bytes that are no such frame keep no connection open.

Sources: firmware/SPEC.md section 2 ("On a byte stream"), section 6 ("Oracle").
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address, ip_network
from typing import Final

import structlog

from hospes.core.errors import ConfigurationError, HospesError
from hospes.firmware.errors import ForgedFrameError
from hospes.firmware.frames import Frame, cipher_for, open_frame, parse
from hospes.firmware.streams import StreamDecoder, to_stream
from hospes.oracle.configuration import OracleConfiguration
from hospes.oracle.enrolment import Enrolled, Enrolments
from hospes.oracle.happenings import Happenings
from hospes.oracle.messages import Messages, Taken
from hospes.service.allowances import Allowances

CHUNK: Final = 4096
"""Bytes of one read: about twenty of the largest frames, which then share one transaction."""
BURST_S: Final = 60.0
"""Seconds of the allowed rate that a connection may send at once, after an outage."""
LOOPBACK: Final = "loopback"
MAX_BAD: Final = 64
"""Frames in a row that are nobody's, after which a connection is closed."""
_log = structlog.get_logger("hospes.oracle")

Arrived = Callable[[Enrolled], None]


class Link:
    """Listens for devices.

    Parameters
    ----------
    configuration : OracleConfiguration
    enrolments : Enrolments
    messages : Messages
    happenings : Happenings
    clock : callable
        Unix seconds.
    arrived : callable
        Called when there is something new of a device on the disk.

    Attributes
    ----------
    port : int
        Where it listens; 0 before it does.
    """

    def __init__(
        self,
        configuration: OracleConfiguration,
        enrolments: Enrolments,
        messages: Messages,
        happenings: Happenings,
        clock: Callable[[], float],
        arrived: Arrived,
    ) -> None:
        self._configuration, self._enrolments, self._messages = configuration, enrolments, messages
        self._happenings, self._clock, self._arrived = happenings, clock, arrived
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], str] = {}
        self.port = 0

    @property
    def connections(self) -> int:
        """How many devices are connected."""
        return len(self._connections)

    async def start(self) -> None:
        """Listen.

        Raises
        ------
        ConfigurationError
            When the port is taken.
        """
        host, port = self._configuration.frames_host, self._configuration.frames_port
        try:
            self._server = await asyncio.start_server(self._connected, host, port)
        except OSError as error:
            raise ConfigurationError(f"{host}:{port}", "frames cannot be taken here: the port is taken") from error
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close everything; harmless when called twice."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def take(self, frames: Iterable[bytes]) -> tuple[list[bytes], int]:
        """Keep what these frames brought.

        Returns
        -------
        list of bytes
            Acknowledgements, one a device that was heard.
        int
            How many frames were nobody's.

        Raises
        ------
        OracleFileError, OracleFullError
            When they could not be kept: nothing is acknowledged then.
        """
        mine, strangers = self._sorted(frames)
        answers = [await self._keep(enrolled, theirs) for enrolled, theirs in mine]
        self._count("stranger", strangers)
        return [taken.answer for taken in answers if taken.answer is not None], strangers

    def _sorted(self, frames: Iterable[bytes]) -> tuple[list[tuple[Enrolled, list[bytes]]], int]:
        """Return frames by whose they are, in their order, and how many are nobody's."""
        mine: dict[int, tuple[Enrolled, list[bytes]]] = {}
        strangers = 0
        for data in frames:
            enrolled = self._whose(data)
            if enrolled is None:
                strangers += 1
            else:
                mine.setdefault(id(enrolled), (enrolled, []))[1].append(data)
        return list(mine.values()), strangers

    def _whose(self, data: bytes) -> Enrolled | None:
        """Return the enrolment under whose key a frame opens."""
        try:
            frame = parse(data)
        except HospesError:
            return None
        candidates = self._enrolments.of_device(frame.header.device, frame.header.oracle)
        return next((one for one in candidates if _opens(frame, one)), None)

    async def _keep(self, enrolled: Enrolled, frames: Sequence[bytes]) -> Taken:
        async with enrolled.lock:
            now_ms = int(self._clock() * 1_000)
            taken = await asyncio.to_thread(self._messages.take, enrolled, frames, now_ms)
        self._count(None, taken.accepted)
        for slug, count in taken.refused.items():
            self._count(slug, count)
        if taken.lost:
            self._happenings.tell("lost", taken.lost)
        if taken.accepted:
            self._arrived(enrolled)
        return taken

    def _count(self, reason: str | None, count: int) -> None:
        if count:
            self._happenings.tell("frames" if reason is None else "frames-refused", count, reason=reason)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task, source = asyncio.current_task(), _source_of(writer.get_extra_info("peername"))
        refused = self._refused(source)
        if task is None or refused is not None:
            self._happenings.tell("connection-refused", reason=refused)
            writer.close()
            return
        self._connections[task] = source
        try:
            await self._serve(reader, writer)
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass  # the device went, was silent, or we stop
        except HospesError as error:  # the disk failed, or it sent too much: what is not acknowledged comes again
            self._happenings.tell("connection-closed", reason=error.slug)
            _log.warning("link_failed", error=error.slug)
        except Exception as error:  # noqa: BLE001 - likewise, and everybody else is heard
            self._happenings.tell("connection-closed", reason="defect")
            _log.error("defect", error=type(error).__name__)
        finally:
            self._connections.pop(task, None)
            writer.close()

    def _refused(self, source: str) -> str | None:
        """Return why there is no room for one more connection of a source; None when there is."""
        settings, theirs = self._configuration, sum(one == source for one in self._connections.values())
        if self.connections >= settings.max_connections:
            return "full"
        limit = settings.max_connections_loopback if source == LOOPBACK else settings.max_connections_a_source
        return "source" if theirs >= limit else None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        decoder, bad = StreamDecoder(), 0
        rate = self._configuration.frames_a_second
        allowance = Allowances("frames", rate * BURST_S, rate)
        clock = asyncio.get_running_loop().time
        until = clock() + self._configuration.first_frame_s
        while bad < MAX_BAD:
            async with asyncio.timeout_at(until):
                data = await reader.read(CHUNK)
            if not data:
                return
            dropped = decoder.dropped
            frames = decoder.feed(data)
            allowance.spend(b"", len(frames) + decoder.dropped - dropped)
            answers, strangers = await self.take(frames)
            bad = 0 if answers else bad + strangers + decoder.dropped - dropped
            if answers:
                until = clock() + self._configuration.idle_s
            for answer in answers:
                writer.write(to_stream(answer))
            async with asyncio.timeout_at(until):  # one that does not read is as good as gone
                await writer.drain()
        self._happenings.tell("connection-closed", reason="strangers")


def _source_of(peer: object) -> str:
    """Return whose connection it is, to be counted and not written down: an address, or the /64 of an IPv6 one."""
    try:
        address = ip_address(str(peer[0]).partition("%")[0])  # type: ignore[index]
    except (TypeError, IndexError, ValueError):
        return ""
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_loopback:
        return LOOPBACK
    return str(address) if address.version == 4 else str(ip_network((address, 64), strict=False))  # noqa: PLR2004


def _opens(frame: Frame, enrolled: Enrolled) -> bool:
    try:
        open_frame(frame, cipher_for(enrolled.box.frame_key))
    except ForgedFrameError:
        return False
    return True
