"""The link over real TCP: bounded, deaf to strangers, and answering only what is on the disk."""

# pyright: reportPrivateUsage=false

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import pytest

from hospes.core.errors import ConfigurationError
from hospes.core.oracle_bodies import EnrolBox
from hospes.firmware.device import Device
from hospes.firmware.readings import Pulse
from hospes.firmware.streams import StreamDecoder, to_stream
from hospes.oracle.configuration import OracleConfiguration
from hospes.oracle.enrolment import Enrolled
from hospes.oracle.happenings import Happenings
from hospes.oracle.link import MAX_BAD, Link, _source_of
from tests.oracle.conftest import NOW_MS, NOW_S, Desk, enrol_box


class Heard(Happenings):
    """Happenings that a test can read."""

    def __init__(self) -> None:
        super().__init__(lambda: NOW_S, 4, 4)
        self.counts = Counter[tuple[str, str | None]]()

    def tell(self, what: str, count: int = 1, alert_hash: Any = None, reason: str | None = None) -> None:  # noqa: ANN401
        """Count."""
        self.counts[what, reason] += count
        super().tell(what, count, alert_hash, reason)


class Line:
    """A link that listens, and what it told."""

    def __init__(self, desk: Desk, **settings: Any) -> None:  # noqa: ANN401 - of `OracleConfiguration`
        self.heard, self.arrived = Heard(), list[Enrolled]()
        configuration = OracleConfiguration(desk.directory, **settings)
        clock = lambda: NOW_S + 60.0  # noqa: E731
        self.link = Link(configuration, desk.enrolments, desk.messages, self.heard, clock, self.arrived.append)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect as a device does."""
        return await asyncio.open_connection("127.0.0.1", self.link.port)


def run(line: Line, story: Coroutine[Any, Any, None]) -> None:
    """Run a story while the link listens."""

    async def listening() -> None:
        await line.link.start()
        try:
            async with asyncio.timeout(20):
                await story
        finally:
            await line.link.stop()

    asyncio.run(listening())


def frames_of(device: Device, count: int = 3) -> list[bytes]:
    """Return frames with some heartbeats."""
    for i in range(count):
        device.push(Pulse(NOW_MS + i * 2_000, 70.0), NOW_MS + i * 2_000)
    device.flush(NOW_MS + count * 2_000)
    return device.outgoing(0, NOW_MS + count * 2_000)


def test_frames_in_pieces_are_acknowledged_once_they_are_kept(desk: Desk, box: EnrolBox, device: Device) -> None:
    """Bytes may come one by one; the acknowledgement settles what the device held, and the disk has it."""
    line = Line(desk)

    async def story() -> None:
        reader, writer = await line.connect()
        for byte in b"".join(map(to_stream, frames_of(device))):
            writer.write(bytes([byte]))
            await writer.drain()
        decoder, answers = StreamDecoder(), list[bytes]()
        while not device_is_done(device, answers):
            answers += decoder.feed(await reader.read(4096))
        writer.close()
        assert len(list(desk.messages.of(box.enrolment.journey))) >= 1
        assert line.arrived[0].journey == box.enrolment.journey

    run(line, story())


def device_is_done(device: Device, answers: list[bytes]) -> bool:
    """Hand a device its answers; return whether nothing is due any more, however long it waits."""
    for answer in answers:
        device.incoming(answer, NOW_MS + 10_000)
    answers.clear()
    return not device.outgoing(0, NOW_MS + 10_000)


def test_a_stranger_gets_no_answer_and_is_cut_off(desk: Desk, device: Device) -> None:
    """Frames of unknown devices, noise and forgeries say nothing back, and after some of them the line is closed."""
    line = Line(desk)
    (frame, *_) = frames_of(device)
    forged = frame[:-1] + bytes([frame[-1] ^ 1])

    async def story() -> None:
        reader, writer = await line.connect()
        writer.write(b"".join([to_stream(forged)] * MAX_BAD + [b"\xff\xff\xff\x00"]))
        assert await reader.read() == b""
        writer.close()
        assert line.heard.counts["frames-refused", "stranger"] == MAX_BAD
        assert line.heard.counts["frames", None] == 0

    run(line, story())


def test_a_flood_is_cut_off(desk: Desk, device: Device) -> None:
    """A connection that sends faster than its allowance is closed; what was not acknowledged comes again."""
    line = Line(desk, frames_a_second=0.01)
    frames = b"".join(map(to_stream, frames_of(device)))

    async def story() -> None:
        reader, writer = await line.connect()
        writer.write(frames * 50)
        while await reader.read(4096):
            pass
        writer.close()
        assert line.heard.counts["connection-closed", "rate-limited"] == 1

    run(line, story())


def test_silence_and_too_many_connections_end(desk: Desk) -> None:
    """A silent connection is closed after a while, and there are only so many at once."""
    line = Line(desk, first_frame_s=0.3, max_connections=1)

    async def story() -> None:
        first, first_writer = await line.connect()
        await asyncio.sleep(0.05)
        second, second_writer = await line.connect()
        assert await second.read() == b""
        assert line.link.connections == 1
        assert await first.read() == b""
        for writer in (first_writer, second_writer):
            writer.close()

    run(line, story())


def test_bytes_that_are_no_frame_keep_no_connection_open(desk: Desk) -> None:
    """A zero byte now and then is neither silence nor a bad frame, and does not keep a place from a device."""
    line = Line(desk, first_frame_s=0.3)

    async def story() -> None:
        reader, writer = await line.connect()
        reading = asyncio.create_task(reader.read())
        for _ in range(40):
            writer.write(b"\0")
            await asyncio.sleep(0.02)
        assert await reading == b""
        assert line.link.connections == 0
        writer.close()

    run(line, story())


def test_a_device_that_was_heard_may_be_silent_for_longer(desk: Desk, device: Device) -> None:
    """The time of silence counts from the last frame that opened."""
    line = Line(desk, first_frame_s=0.2, idle_s=0.6)

    async def story() -> None:
        reader, writer = await line.connect()
        writer.write(b"".join(map(to_stream, frames_of(device))))
        assert await reader.read(4096)
        reading = asyncio.create_task(reader.read())
        await asyncio.sleep(0.4)
        assert line.link.connections == 1
        assert await reading == b""
        writer.close()

    run(line, story())


def test_one_source_does_not_take_every_place(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one address holds is bounded, and another is still heard; this machine itself has a bound of its own."""
    line, source = Line(desk, max_connections_loopback=3, max_connections_a_source=2), ["loopback"]

    def of_now(_: object) -> str:
        return source[-1]

    monkeypatch.setattr("hospes.oracle.link._source_of", of_now)

    async def taken(attempts: int) -> int:
        before, writers = line.link.connections, [(await line.connect())[1] for _ in range(attempts)]
        await asyncio.sleep(0.05)
        held.extend(writers)
        return line.link.connections - before

    held: list[asyncio.StreamWriter] = []

    async def story() -> None:
        for name, room in (("loopback", 3), ("192.0.2.1", 2), ("192.0.2.2", 2)):
            source.append(name)
            assert await taken(5) == room
        assert line.heard.counts["connection-refused", "source"] == 8
        for writer in held:
            writer.close()

    run(line, story())


@pytest.mark.parametrize(
    ("peer", "source"),
    [
        (("127.0.0.1", 1), "loopback"),
        (("::1", 1, 0, 0), "loopback"),
        (("::ffff:192.0.2.7", 1, 0, 0), "192.0.2.7"),
        (("192.0.2.7", 1), "192.0.2.7"),
        (("2001:db8::1", 1, 0, 0), "2001:db8::/64"),
        (("fe80::1%eth0", 1, 0, 2), "fe80::/64"),
        (None, ""),
        ("", ""),
    ],
)
def test_a_source_is_an_address_or_a_network_of_one_subscriber(peer: object, source: str) -> None:
    """Who has a /64 has 2**64 addresses, and is one source."""
    assert _source_of(peer) == source


def test_a_taken_port_is_the_operators_to_mend(desk: Desk) -> None:
    """The error names the address."""
    first = Line(desk)

    async def story() -> None:
        second = Line(desk, frames_port=first.link.port)
        with pytest.raises(ConfigurationError, match=str(first.link.port)):
            await second.link.start()

    run(first, story())


def test_two_journeys_with_one_device_number_are_told_apart_by_their_keys(
    desk: Desk, box: EnrolBox, device: Device
) -> None:
    """A frame belongs to the enrolment under whose key it opens, whoever else names the device."""
    other = enrol_box(device=box.enrolment.device)
    desk.enrolments.take(other)
    line = Line(desk)

    async def story() -> None:
        answers, strangers = await line.link.take(frames_of(device))
        assert (len(answers), strangers) == (1, 0)
        assert not list(desk.messages.of(other.enrolment.journey))
        assert list(desk.messages.of(box.enrolment.journey))

    run(line, story())
