"""The recording of the story: a traveller of 72 in rural Portugal; the rhythm turns irregular, the pressure rises.

Nobody was measured: a seeded random walk makes it, it is marked ``synthetic``, and it must not train or judge a model.

Sources: that beat intervals in atrial fibrillation are nearly uncorrelated, with a coefficient of variation around 0.2,
and hardly vary so in sinus rhythm: Tateno and Glass, "Automatic detection of atrial fibrillation using the coefficient
of variation and density histograms of RR and delta-RR intervals", Medical and Biological Engineering and Computing 39
(2001), DOI 10.1007/BF02345439. All other courses are plausible to a lay reader and claim nothing.
"""

import math
import random
from collections.abc import Iterator
from typing import Final

from hospes.firmware.frames import Lane
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
from hospes.firmware.recordings import Recording, TimedReading

MINUTE_MS: Final = 60_000
SINUS_MINUTES: Final = 8
"""Regular rhythm before it turns."""
MINUTES: Final = 24
BUTTON_MINUTE: Final = 20
"""When the wearer presses for help."""
LATITUDE, LONGITUDE = 37.8054, -8.1003
"""A hamlet in the Baixo Alentejo; nobody's address."""
_SEED: Final = 72


def synthetic(start_ms: int) -> Recording:
    """Return the story's recording: 24 minutes, the rhythm irregular from the eighth, help wanted in the twentieth.

    Parameters
    ----------
    start_ms : int
        When it begins, Unix milliseconds. The same course follows from every start.
    """
    chance = random.Random(_SEED)  # noqa: S311 - a course to be repeated, not a secret
    items = [TimedReading(Lane.ROUTINE, reading) for reading in (*_beats(chance), *_minutes(chance))]
    pressed = Button(BUTTON_MINUTE * MINUTE_MS, Button.HELP_WANTED)
    items.append(TimedReading(Lane.EMERGENCY, pressed))
    items.sort(key=lambda item: item.reading.at_ms)
    title = "Traveller, 72, rural Portugal: rhythm turns irregular, pressure rises"
    return Recording(title, "synthetic, made by hospes.firmware.story", 0, tuple(items)).starting(start_ms)


def _beats(chance: random.Random) -> Iterator[BeatInterval]:
    """Yield the heartbeats: slow breathing waves at first, then each interval on its own."""
    at_ms = 0
    while at_ms < MINUTES * MINUTE_MS:
        if at_ms < SINUS_MINUTES * MINUTE_MS:
            interval_ms = round(840 + 22 * math.sin(at_ms / 4_000 * math.tau) + chance.gauss(0, 9))
        else:
            interval_ms = max(320, round(610 * math.exp(chance.gauss(0, 0.21))))
        at_ms += interval_ms
        yield BeatInterval(at_ms, interval_ms)


def _minutes(chance: random.Random) -> Iterator[Reading]:
    """Yield what is measured once a minute, or less often."""
    for minute in range(MINUTES):
        at_ms = minute * MINUTE_MS + 500
        ill = min(1.0, max(0.0, (minute - SINUS_MINUTES) / 12))
        yield Pulse(at_ms, round(71 + 31 * ill + chance.gauss(0, 1.5), 1))
        yield OxygenSaturation(at_ms + 10, round(96.2 - 3.4 * ill + chance.gauss(0, 0.2), 1))
        yield Respiration(at_ms + 20, round(15.5 + 7.5 * ill + chance.gauss(0, 0.4), 1))
        yield Motion(at_ms + 30, round(abs(0.12 - 0.1 * ill + chance.gauss(0, 0.01)), 3))
        if minute % 2 == 0:
            systolic = round(146 + 44 * ill + chance.gauss(0, 2))
            yield BloodPressure(at_ms + 40, systolic, round(84 + 24 * ill + chance.gauss(0, 1.5)))
        if minute % 4 == 0:
            yield Temperature(at_ms + 50, round(36.6 + 0.3 * ill + chance.gauss(0, 0.04), 2))
            yield Battery(at_ms + 60, 78 - minute // 4)
        if minute % 5 == 0:
            yield Position(at_ms + 70, LATITUDE, LONGITUDE, 12)
