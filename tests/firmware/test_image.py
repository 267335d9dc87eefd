"""The image for Cortex-M4 in QEMU: a recording arrives whole at four oracles, over a line that loses frames."""

import random
import shutil
import socket
import subprocess
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from hospes.core.errors import MalformedError, TooLargeError
from hospes.firmware import image
from hospes.firmware.errors import RepeatedFrameError
from hospes.firmware.frames import DeviceId, Lane, parse
from hospes.firmware.readings import BeatInterval, Reading
from hospes.firmware.receiver import Lost, Receiver
from hospes.firmware.recordings import Recording, TimedReading, of_beats
from hospes.firmware.story import synthetic
from hospes.firmware.streams import StreamDecoder, to_stream

DEVICE = DeviceId(0xC0FFEE)
KEYS = [bytes([oracle + 1]) * 32 for oracle in range(4)]
START_MS = 1_790_000_000_000
QEMU = shutil.which("qemu-system-arm")
needs_qemu = pytest.mark.skipif(QEMU is None, reason="qemu-system-arm is not installed (tools/system_packages.sh)")


class Oracles:
    """Four receivers at the other end of one line."""

    def __init__(self) -> None:
        self.receivers = [Receiver(DEVICE, oracle, key) for oracle, key in enumerate(KEYS)]
        self.readings: list[list[TimedReading]] = [[] for _ in KEYS]
        self.lost: list[list[Lost]] = [[] for _ in KEYS]

    def answer(self, frame: bytes) -> bytes:
        """Return the acknowledgement of one frame."""
        oracle = parse(frame).header.oracle
        try:
            received = self.receivers[oracle].receive(frame, START_MS + 10**9)
        except RepeatedFrameError:
            pass
        else:
            self.readings[oracle] += (TimedReading(received.lane, reading) for reading in received.readings)
            self.lost[oracle] += received.lost
        return self.receivers[oracle].acknowledgement()


def run(tmp_path: Path, provisioned: bytes, oracles: Oracles, passes: Callable[[], bool]) -> int:
    """Run the image until it ends, and return its code."""
    assert QEMU is not None
    (tmp_path / "image.elf").write_bytes(image.elf())
    (tmp_path / "provision.bin").write_bytes(provisioned)
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(20)
        port = server.getsockname()[1]
        command = image.command(QEMU, tmp_path / "image.elf", tmp_path / "provision.bin", port)
        with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
            try:
                talk(server, oracles, passes)
                return process.wait(20)
            finally:
                process.kill()


def talk(server: socket.socket, oracles: Oracles, passes: Callable[[], bool]) -> None:
    """Answer frames until the machine hangs up; what does not pass is lost on the way."""
    line, _ = server.accept()
    decoder = StreamDecoder()
    # The machine may end before it has read the last answer, which then resets the connection.
    with closing(line), suppress(ConnectionResetError, BrokenPipeError):
        line.settimeout(20)
        while data := line.recv(65_536):
            answers = [to_stream(oracles.answer(frame)) for frame in decoder.feed(data) if passes()]
            line.sendall(b"".join(answer for answer in answers if passes()))


def in_order(items: list[TimedReading]) -> list[TimedReading]:
    """Return the items in one order that any delivery has."""
    return sorted(items, key=lambda item: (item.reading.at_ms, item.reading.CODE))


@needs_qemu
@pytest.mark.slow
def test_the_story_arrives_whole(tmp_path: Path) -> None:
    """Every reading of the recording reaches each of four oracles once, though a tenth of all frames is lost."""
    story, oracles, chance = synthetic(START_MS), Oracles(), random.Random(4)  # noqa: S311 - losses to be repeated
    provisioned = image.provision(DEVICE, KEYS, story, batch_ms=5_000, speed=300)
    assert run(tmp_path, provisioned, oracles, lambda: chance.random() > 0.1) == 0
    assert oracles.lost == [[], [], [], []]
    for readings in oracles.readings:
        assert in_order(readings) == in_order(list(story.items))


@needs_qemu
@pytest.mark.slow
def test_a_restart_is_told(tmp_path: Path) -> None:
    """A device that loses its memory names what it lost, and nothing arrives twice."""
    story, oracles = of_beats([800] * 400, START_MS, "beats", "synthetic"), Oracles()
    provisioned = image.provision(DEVICE, KEYS, story, batch_ms=5_000, speed=1_000, restart_every=90)
    assert run(tmp_path, provisioned, oracles, lambda: True) == 0
    for readings, lost in zip(oracles.readings, oracles.lost, strict=True):
        moments = [item.reading.at_ms for item in readings]
        assert len(moments) == len(set(moments)) < 400
        assert len(lost) == 4


@needs_qemu
def test_nothing_provisioned_is_said(tmp_path: Path) -> None:
    """The image does not run on whatever stands in memory."""
    assert run(tmp_path, bytes(288), Oracles(), lambda: True) == 98


@pytest.mark.parametrize(
    ("keys", "error"), [([bytes(31)], MalformedError), ([bytes(32)] * 9, TooLargeError)], ids=["short", "too many"]
)
def test_keys_are_checked(keys: list[bytes], error: type[Exception]) -> None:
    """Keys that the device has no place for are refused before anything runs."""
    with pytest.raises(error):
        image.provision(DEVICE, keys, of_beats([], START_MS, "none", "synthetic"), batch_ms=0, speed=1)


def test_a_recording_must_fit_the_machine() -> None:
    """More readings than its memory holds are refused."""
    reading: Reading = BeatInterval(START_MS, 800)
    endless = Recording("endless", "synthetic", START_MS, (TimedReading(Lane.ROUTINE, reading),) * 700_000)
    with pytest.raises(TooLargeError):
        image.provision(DEVICE, KEYS, endless, batch_ms=0, speed=1)
