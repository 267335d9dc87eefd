"""The core as WebAssembly: the same device in this process, without a compiler."""

import subprocess
import sys
from contextlib import suppress

import pytest

from hospes.core.errors import MalformedError
from hospes.firmware.device import CORE_ERRORS, Device, module
from hospes.firmware.errors import DeviceError, RepeatedFrameError
from hospes.firmware.frames import DeviceId, Lane
from hospes.firmware.readings import BeatInterval, Button, Position, Reading
from hospes.firmware.receiver import Receiver
from hospes.firmware.story import synthetic
from tests.simulators.wearable_core import ROOT, errors

DEVICE = DeviceId(0xFEDCBA98)
KEYS = [bytes([oracle + 1]) * 32 for oracle in range(4)]
T0_MS = 1_790_000_000_000


def test_committed_files_are_current() -> None:
    """The module and the image in the package are what their sources give."""
    tool = ROOT / "tools" / "build_firmware.py"
    result = subprocess.run([sys.executable, tool, "--check"], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, "")


def test_the_errors_have_the_names_of_the_core() -> None:
    """A `DeviceError` calls an error as the C does."""
    named = {code: name.removeprefix("HSP_E_") for name, code in vars(errors()).items() if code < 0}
    assert named == CORE_ERRORS


def carry(device: Device, receivers: list[Receiver], now_ms: int) -> list[list[Reading]]:
    """Carry all frames and answers, and return what each oracle got."""
    got: list[list[Reading]] = [[] for _ in receivers]
    for oracle, receiver in enumerate(receivers):
        for frame in device.outgoing(oracle, now_ms):
            with suppress(RepeatedFrameError):
                got[oracle] += receiver.receive(frame, now_ms).readings
            device.incoming(receiver.acknowledgement(), now_ms)
    return got


def test_the_story_reaches_four_oracles() -> None:
    """Each oracle opens its own frames and gets every reading, also those from the hour without a network."""
    device, receivers = Device.enrolled(DEVICE, KEYS), [Receiver(DEVICE, i, key) for i, key in enumerate(KEYS)]
    got: list[list[Reading]] = [[] for _ in KEYS]
    story = synthetic(T0_MS)
    for item in story.items:
        now_ms = item.reading.at_ms
        device.push(item.reading, now_ms, lane=item.lane)
        if not 5 * 60_000 < now_ms - T0_MS < 15 * 60_000:
            got = [a + b for a, b in zip(got, carry(device, receivers, now_ms), strict=True)]
    end_ms = T0_MS + story.duration_ms
    device.flush(end_ms)
    for step in range(40):
        got = [a + b for a, b in zip(got, carry(device, receivers, end_ms + step * 70_000), strict=True)]
    pushed = sorted((item.reading.at_ms, item.reading.CODE) for item in story.items)
    assert all(sorted((r.at_ms, r.CODE) for r in readings) == pushed for readings in got)


def test_flash_outlives_the_power() -> None:
    """After a power cut the same flash gives a device that goes on with new numbers."""
    device, receiver = Device.enrolled(DEVICE, KEYS[:1]), Receiver(DEVICE, 0, KEYS[0])
    device.push(Button(T0_MS, Button.HELP_WANTED), T0_MS, lane=Lane.EMERGENCY)
    device.push(Position(T0_MS, -8.0, -71.25, 5), T0_MS)
    flash = device.power_cut()
    with pytest.raises(DeviceError):
        device.tick(T0_MS)
    device = Device.restarted(DEVICE, KEYS[:1], flash)
    assert carry(device, [receiver], T0_MS) == [[Button(T0_MS, 1)]]
    device.push(BeatInterval(T0_MS + 1, 800), T0_MS + 1)
    device.flush(T0_MS + 1)
    lost = [receiver.receive(frame, T0_MS + 1).lost for frame in device.outgoing(0, T0_MS + 1)]
    assert [len(spans) for spans in lost] == [1, 0]  # the position was in memory, and the device says so
    assert device.flash != flash


@pytest.mark.parametrize(("flash", "name"), [(b"\xff" * 262_144, "BLANK"), (bytes(262_144), "DAMAGED")])
def test_a_flash_without_its_counter_is_refused(flash: bytes, name: str) -> None:
    """A device never begins where it could repeat a number."""
    with pytest.raises(DeviceError) as caught:
        Device.restarted(DEVICE, KEYS, flash)
    assert caught.value.name == name


def test_arguments_are_checked() -> None:
    """Keys, images, indices and frames of a wrong size are typed errors, and leave the device working."""
    with pytest.raises(MalformedError):
        Device.enrolled(DEVICE, [bytes(31)])
    with pytest.raises(DeviceError):
        Device.enrolled(DEVICE, KEYS * 3)
    with pytest.raises(MalformedError):
        Device.restarted(DEVICE, KEYS, b"")
    device = Device.enrolled(DEVICE, KEYS)
    with pytest.raises(DeviceError):
        device.outgoing(4, T0_MS)
    for frame in (b"", b"x" * 31, b"x" * 240, b"x" * 10_000):
        with pytest.raises(DeviceError):
            device.incoming(frame, T0_MS)
    device.push(BeatInterval(T0_MS, 800), T0_MS)
    device.flush(T0_MS)
    assert len(device.outgoing(3, T0_MS)) == 1
    device.reconnected(3)
    assert len(device.outgoing(3, T0_MS)) == 1


def test_the_module_asks_nothing_of_its_host() -> None:
    """The module imports no function: it can do nothing but compute."""
    assert module()[1].imports == []
