"""Readings: one class for each thing that a wearable measures, and the payload that carries several of them.

It does not say what is plausible for a living person, only what the payload can hold. A reading that was not taken has
no value for it: it is not there.

Sources: firmware/SPEC.md section 3.
"""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from hospes.core.errors import MalformedError, TooLargeError
from hospes.firmware.frames import NUMBER_MAX, PAYLOAD_MAX

_BASE_LEN: Final = 6
_ITEM: Final = struct.Struct("<BH")
OFFSET_MAX_MS: Final = 0xFFFF
"""How far apart the readings of one payload may be."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How one number of a reading is written down.

    Attributes
    ----------
    name : str
        The attribute that holds it.
    per_unit : int
        Steps in one unit.
    least, greatest : int
        Bounds, in steps.
    """

    name: str
    per_unit: int
    least: int
    greatest: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Something measured at a moment.

    Attributes
    ----------
    at_ms : int
        When, by the device's clock: Unix milliseconds.
    """

    at_ms: int

    CODE: ClassVar[int]
    """Type in the payload."""
    FORM: ClassVar[struct.Struct]
    SCALES: ClassVar[tuple[Scale, ...]]

    def __post_init__(self) -> None:
        """Refuse what the payload cannot hold; the message does not say the value."""
        if not 0 <= self.at_ms <= NUMBER_MAX:
            raise MalformedError(type(self).__name__, "at_ms", "not an unsigned number of 48 bits")
        for scale in self.SCALES:
            value: float = getattr(self, scale.name)
            if not math.isfinite(value) or not scale.least <= round(value * scale.per_unit) <= scale.greatest:
                raise MalformedError(type(self).__name__, scale.name, "out of the bounds of SPEC section 3")

    def steps(self) -> tuple[int, ...]:
        """Return the numbers in steps, rounded to the nearest."""
        return tuple(round(getattr(self, scale.name) * scale.per_unit) for scale in self.SCALES)

    @classmethod
    def from_steps(cls, at_ms: int, steps: Sequence[int]) -> Self:
        """Return the reading with these numbers; whole units stay whole numbers."""
        values = (s if k.per_unit == 1 else s / k.per_unit for s, k in zip(steps, cls.SCALES, strict=True))
        return cls(at_ms, *values)  # each subclass takes its SCALES in order


@dataclass(frozen=True, slots=True)
class BeatInterval(Reading):
    """Time between two heartbeats, known at the second: 0 to 65,535 ms."""

    interval_ms: int

    CODE = 1
    FORM = struct.Struct("<H")
    SCALES = (Scale("interval_ms", 1, 0, 65_535),)


@dataclass(frozen=True, slots=True)
class BloodPressure(Reading):
    """Arterial pressure in mmHg, to 1 mmHg."""

    systolic_mmhg: int
    diastolic_mmhg: int

    CODE = 2
    FORM = struct.Struct("<HH")
    SCALES = (Scale("systolic_mmhg", 1, 0, 65_535), Scale("diastolic_mmhg", 1, 0, 65_535))


@dataclass(frozen=True, slots=True)
class OxygenSaturation(Reading):
    """Peripheral oxygen saturation, 0 to 100 %, to 0.1."""

    percent: float

    CODE = 3
    FORM = struct.Struct("<H")
    SCALES = (Scale("percent", 10, 0, 1_000),)


@dataclass(frozen=True, slots=True)
class Temperature(Reading):
    """Skin or body temperature in degrees Celsius, to 0.01."""

    celsius: float

    CODE = 4
    FORM = struct.Struct("<h")
    SCALES = (Scale("celsius", 100, -32_768, 32_767),)


@dataclass(frozen=True, slots=True)
class Respiration(Reading):
    """Breaths a minute, to 0.1."""

    per_minute: float

    CODE = 5
    FORM = struct.Struct("<H")
    SCALES = (Scale("per_minute", 10, 0, 65_535),)


@dataclass(frozen=True, slots=True)
class Pulse(Reading):
    """Heartbeats a minute, to 0.1."""

    per_minute: float

    CODE = 6
    FORM = struct.Struct("<H")
    SCALES = (Scale("per_minute", 10, 0, 65_535),)


@dataclass(frozen=True, slots=True)
class Motion(Reading):
    """Acceleration without gravity, root mean square over the last second, in g, to 0.001."""

    g: float

    CODE = 7
    FORM = struct.Struct("<H")
    SCALES = (Scale("g", 1_000, 0, 65_535),)


@dataclass(frozen=True, slots=True)
class Battery(Reading):
    """Charge of the device's battery, 0 to 100 %, to 1."""

    percent: int

    CODE = 8
    FORM = struct.Struct("<B")
    SCALES = (Scale("percent", 1, 0, 100),)


@dataclass(frozen=True, slots=True)
class Position(Reading):
    """Where the device is: WGS 84 degrees, to 1e-7, and how far off that may be, in metres."""

    latitude: float
    longitude: float
    accuracy_m: int

    CODE = 9
    FORM = struct.Struct("<iiH")
    SCALES = (
        Scale("latitude", 10_000_000, -900_000_000, 900_000_000),
        Scale("longitude", 10_000_000, -1_800_000_000, 1_800_000_000),
        Scale("accuracy_m", 1, 0, 65_535),
    )


@dataclass(frozen=True, slots=True)
class Button(Reading):
    """The wearer pressed for help (1), or took it back (2)."""

    action: int

    HELP_WANTED: ClassVar[int] = 1
    HELP_NOT_WANTED: ClassVar[int] = 2

    CODE = 10
    FORM = struct.Struct("<B")
    SCALES = (Scale("action", 1, 1, 2),)


KINDS: Final[dict[int, type[Reading]]] = {
    kind.CODE: kind
    for kind in (
        BeatInterval,
        BloodPressure,
        OxygenSaturation,
        Temperature,
        Respiration,
        Pulse,
        Motion,
        Battery,
        Position,
        Button,
    )
}
"""Every class of reading by its type in the payload."""


def encode_readings(readings: Sequence[Reading]) -> bytes:
    """Return the payload of these readings.

    Raises
    ------
    MalformedError
        None, or one before the first or more than 65,535 ms after it.
    TooLargeError
        More than a payload holds.
    """
    if not readings:
        raise MalformedError("readings", "", "there are none")
    base_ms = readings[0].at_ms
    if not all(0 <= reading.at_ms - base_ms <= OFFSET_MAX_MS for reading in readings):
        raise MalformedError("readings", "at_ms", "not within 65,535 ms from the first on")
    items = (_ITEM.pack(r.CODE, r.at_ms - base_ms) + r.FORM.pack(*r.steps()) for r in readings)
    payload = base_ms.to_bytes(_BASE_LEN, "little") + b"".join(items)
    if len(payload) > PAYLOAD_MAX:
        raise TooLargeError("readings", len(payload), PAYLOAD_MAX)
    return payload


def decode_readings(payload: bytes) -> tuple[Reading, ...]:
    """Read a payload.

    Raises
    ------
    MalformedError
        It ends early, holds an unknown type or a number out of bounds, or its base is not the first reading's time.
    """
    base_ms = int.from_bytes(payload[:_BASE_LEN], "little")
    at, readings = _BASE_LEN, list[Reading]()
    while at < len(payload) or not readings:
        reading, at = _decode_one(payload, at, base_ms)
        readings.append(reading)
    if readings[0].at_ms != base_ms:
        raise MalformedError("readings", "base", "not the first reading's time")
    return tuple(readings)


def _decode_one(payload: bytes, at: int, base_ms: int) -> tuple[Reading, int]:
    """Return the reading that stands at an offset, and where the next one stands."""
    if at + _ITEM.size > len(payload):
        raise MalformedError("readings", f"byte {at}", "the payload ends inside a reading")
    code, offset_ms = _ITEM.unpack_from(payload, at)
    at += _ITEM.size
    kind = KINDS.get(code)
    if kind is None:
        raise MalformedError("readings", f"byte {at}", "an unknown type")
    if at + kind.FORM.size > len(payload):
        raise MalformedError("readings", f"byte {at}", "the payload ends inside a reading")
    return kind.from_steps(base_ms + offset_ms, kind.FORM.unpack_from(payload, at)), at + kind.FORM.size
