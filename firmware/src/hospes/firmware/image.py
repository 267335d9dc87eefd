"""The firmware image for QEMU's `mps2-an386`: what is laid into its memory, and how QEMU is told to run it.

It starts nothing and opens no socket: the caller listens, runs the command, and reads frames (`streams`) from the line.

Sources: firmware/skins/mps2.c, whose structure `provision` is written here; QEMU 7.2, options ``-device loader``
("Generic Loader") and ``-semihosting-config``.
"""

import struct
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Final

from hospes.core.errors import MalformedError, TooLargeError
from hospes.firmware.frames import KEY_LEN, ORACLES_MAX, DeviceId
from hospes.firmware.recordings import Recording, TimedReading

MACHINE: Final = "mps2-an386"
PROVISION_ADDRESS: Final = 0x2100_0000
"""Begin of the machine's 16 MiB PSRAM."""
PROVISION_MAX: Final = 16 << 20
_MAGIC: Final = 0x5050_5348
_HEAD: Final = struct.Struct("<IIIIIIIIQ")
_READING: Final = struct.Struct("<QiiiBBH")


def elf() -> bytes:
    """Return the image."""
    return resources.files("hospes.firmware").joinpath("device-mps2-an386.elf").read_bytes()


def provision(
    device: DeviceId,
    keys: Sequence[bytes],
    recording: Recording,
    *,
    batch_ms: int,
    speed: int,
    restart_every: int = 0,
) -> bytes:
    """Return what the image finds in its memory.

    Parameters
    ----------
    device : DeviceId
        The device's id.
    keys : sequence of bytes
        One frame key of 32 bytes for each oracle, at most 8.
    recording : Recording
        What it replays.
    batch_ms : int
        How long a routine reading may wait in memory, in milliseconds of the recording.
    speed : int
        Milliseconds of the recording in one of the machine.
    restart_every : int
        The device loses its memory after so many readings; 0 for never.

    Raises
    ------
    MalformedError
        A key has the wrong length.
    TooLargeError
        Too many keys, or more readings than the machine's memory holds.
    """
    if len(keys) > ORACLES_MAX:
        raise TooLargeError("list of frame keys", len(keys), ORACLES_MAX, "keys")
    if any(len(key) != KEY_LEN for key in keys):
        raise MalformedError("frame key", "", f"not {KEY_LEN} bytes")
    count = len(recording.items)
    head = _HEAD.pack(_MAGIC, device, batch_ms, speed, len(keys), count, restart_every, 0, recording.start_ms)
    block = head + b"".join(keys).ljust(ORACLES_MAX * KEY_LEN, b"\0") + b"".join(map(_reading, recording.items))
    if len(block) > PROVISION_MAX:
        raise TooLargeError("recording", len(block), PROVISION_MAX)
    return block


def _reading(item: TimedReading) -> bytes:
    a, b, c = (*item.reading.steps(), 0, 0)[:3]
    return _READING.pack(item.reading.at_ms, a, b, c, item.reading.CODE, item.lane, 0)


def command(qemu: str, image: Path, provisioned: Path, port: int) -> list[str]:
    """Return QEMU's command line.

    It connects to the port on this machine as a client, sends the byte stream of all oracles, and ends with code 0 when
    all is settled, 98 when nothing was provisioned, 99 after a fault, else with the number of the core's error.

    Parameters
    ----------
    qemu : str
        Path of ``qemu-system-arm``.
    image, provisioned : Path
        Files that hold `elf` and `provision`.
    port : int
        Where the caller listens on 127.0.0.1.
    """
    options = ["-M", MACHINE, "-nographic", "-monitor", "none", "-serial", f"tcp:127.0.0.1:{port},nodelay=on"]
    options += ["-semihosting-config", "enable=on,target=native", "-kernel", str(image)]
    loaded = str(provisioned).replace(",", ",,")  # QEMU's way to write a comma inside an option
    return [qemu, *options, "-device", f"loader,file={loaded},addr={PROVISION_ADDRESS:#x},force-raw=on"]
