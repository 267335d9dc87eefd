"""Signals: the readings of a wearable's frame as risk takes them, and what goes beside them.

It converts units and nothing else: what is impossible is risk's to refuse, and what is old is `scoring`'s.

Sources: firmware/SPEC.md section 3; `hospes.risk.variables`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hospes import risk
from hospes.firmware.readings import (
    Battery,
    BeatInterval,
    BloodPressure,
    Button,
    Motion,
    OxygenSaturation,
    Position,
    Pulse,
    Reading,
    Respiration,
    Temperature,
)

MS: Final = 1_000
MILLI: Final = 1_000


@dataclass(frozen=True, slots=True)
class Signals:
    """What one or several frames said.

    Attributes
    ----------
    vital : tuple of risk.Reading
    at_ms : int
        Time of the newest reading, by the device.
    position : Position or None
        The newest.
    battery : Battery or None
        The newest.
    help_wanted : bool
        Whether the traveller pressed for help, and did not take it back in the same frame.
    """

    vital: tuple[risk.Reading, ...]
    at_ms: int
    position: Position | None
    battery: Battery | None
    help_wanted: bool


def signals_of(readings: Sequence[Reading]) -> Signals:
    """Return what readings say; there must be one at least."""
    ordered = sorted(readings, key=lambda reading: reading.at_ms)
    position = battery = button = None
    for reading in ordered:
        match reading:
            case Position():
                position = reading
            case Battery():
                battery = reading
            case Button():
                button = reading
            case _:
                pass
    wanted = button is not None and button.action == Button.HELP_WANTED
    vital = tuple(one for reading in ordered for one in _vital(reading))
    return Signals(vital, ordered[-1].at_ms, position, battery, wanted)


def _vital(reading: Reading) -> Iterable[risk.Reading]:
    at = reading.at_ms / MS
    match reading:
        case BeatInterval(interval_ms=value):
            yield risk.Reading("beat_interval", at, value)
        case Pulse(per_minute=value):
            yield risk.Reading("heart_rate", at, value)
        case Respiration(per_minute=value):
            yield risk.Reading("respiratory_rate", at, value)
        case OxygenSaturation(percent=value):
            yield risk.Reading("oxygen_saturation", at, value)
        case Temperature(celsius=value):
            yield risk.Reading("temperature", at, value)
        case Motion(g=value):
            yield risk.Reading("movement", at, value * MILLI)
        case BloodPressure(systolic_mmhg=systolic, diastolic_mmhg=diastolic):
            yield risk.Reading("systolic_pressure", at, systolic)
            yield risk.Reading("diastolic_pressure", at, diastolic)
        case _:
            pass
