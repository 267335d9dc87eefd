"""The course of a story: what the wearable measures, from a real recording of heartbeats where there is one.

Rural Portugal: a quiet hour in which only a cuff measures, then twenty minutes with every heartbeat. Early in them the
pressure begins to rise; in the eighth minute the rhythm turns to atrial fibrillation. Only the heartbeats can be real,
and the pulse that follows from them; all else is `hospes.firmware.story`'s, invented, and begun earlier than there.

Sources: MIT-BIH Atrial Fibrillation Database (Moody and Mark 1983, DOI 10.1109/CIC.1983.734544), PhysioNet (Goldberger
et al. 2000), ODC-BY 1.0: beat positions at 250 a second, and rhythm changes.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from hospes.core.errors import ConfigurationError, HospesError, MalformedError
from hospes.firmware.frames import Lane
from hospes.firmware.readings import BeatInterval, BloodPressure, Button, Position, Pulse, Reading
from hospes.firmware.recordings import Recording, TimedReading
from hospes.firmware.story import MINUTE_MS, SINUS_MINUTES, synthetic
from hospes.risk.recordings import FIBRILLATION, read_arrays
from hospes.risk.tables import rows_of

BEATS_FILE: Final = "rhythm/af_beats_250hz.npz"
RHYTHM_FILE: Final = "rhythm/af_rhythm.csv"
QUIET_MINUTES: Final = 60
"""Whoever shall say that a pressure rises must have seen it for an hour (`hospes.risk.summarising`)."""
MINUTES: Final = 20
QUIET: Final = ((146, 84), (144, 83), (147, 85), (145, 84), (146, 83), (148, 85))
"""What the cuff said, every ten minutes, in mmHg."""
MS_PER_SAMPLE: Final = 4
EARLIER_MINUTES: Final = 7
"""So much before the rhythm the pressure begins to rise: in one course with it, as in `synthetic`, it would hardly be
seen when the oracles judge."""
NORMAL: Final = "(N"
LATITUDE, LONGITUDE = 38.45, -7.70
"""In the Alentejo, some twenty kilometres from Évora; nobody's address."""
ORIGIN: Final = "MIT-BIH Atrial Fibrillation Database (Moody and Mark 1983), PhysioNet, ODC-BY 1.0"


@dataclass(frozen=True, slots=True)
class Course:
    """What is replayed.

    Attributes
    ----------
    recording : Recording
    beats : str
        For the screen: where the heartbeats come from.
    turns_ms : int
        When the rhythm turns, Unix milliseconds by the device.
    """

    recording: Recording
    beats: str
    turns_ms: int


def course_until(end_ms: int, shared: Path | None) -> Course:
    """Return a course that ends at a time.

    Parameters
    ----------
    end_ms : int
        Unix milliseconds: an oracle refuses what is far ahead of its clock.
    shared : Path, optional
        Folder of real data; without it, or without heartbeats in it, they are synthetic.

    Raises
    ------
    ConfigurationError
        When what is there cannot be read, or holds no such turn of rhythm.
    """
    start_ms = end_ms - MINUTES * MINUTE_MS
    invented = synthetic(start_ms)
    turns_ms = start_ms + SINUS_MINUTES * MINUTE_MS
    told = [one.reading for one in invented.items]
    around = [_moved(one) for one in told if not isinstance(one, (BeatInterval, Pulse, Button))]
    around = [one for one in around if start_ms <= one.at_ms <= end_ms]
    beats = [one for one in told if isinstance(one, BeatInterval) and one.at_ms <= end_ms]
    name, origin = "synthetic: nobody was measured", invented.origin
    if shared is not None and (shared / BEATS_FILE).exists():
        record, beats = _real(shared, turns_ms)
        name, origin = f"recording {record} of the {ORIGIN}", f"{ORIGIN}; all but heartbeats and pulse is synthetic"
    readings = sorted([*_quiet(start_ms), *beats, *_pulses(beats, start_ms), *around], key=lambda one: one.at_ms)
    items = tuple(TimedReading(Lane.ROUTINE, one) for one in readings)
    return Course(Recording(invented.title, origin, readings[0].at_ms, items), name, turns_ms)


def _quiet(until_ms: int) -> Iterator[BloodPressure]:
    """Yield what the cuff measures before the heartbeats begin."""
    apart_ms = QUIET_MINUTES * MINUTE_MS // len(QUIET)
    for number, (systolic, diastolic) in enumerate(QUIET):
        yield BloodPressure(until_ms - (len(QUIET) - number) * apart_ms, systolic, diastolic)


def _moved(reading: Reading) -> Reading:
    """Return a reading of `synthetic` as of an earlier time and at the story's place."""
    at_ms = reading.at_ms - EARLIER_MINUTES * MINUTE_MS
    if isinstance(reading, Position):
        return replace(reading, at_ms=at_ms, latitude=LATITUDE, longitude=LONGITUDE)
    return replace(reading, at_ms=at_ms)


def _pulses(beats: Sequence[BeatInterval], start_ms: int) -> Iterator[Pulse]:
    """Yield the mean pulse of each minute: what a device counts, and never at odds with its heartbeats."""
    moments = [beat.at_ms for beat in beats]
    for minute in range(1, MINUTES + 1):
        end_ms = start_ms + minute * MINUTE_MS
        part = beats[bisect_right(moments, end_ms - MINUTE_MS) : bisect_right(moments, end_ms)]
        if part:
            mean_ms = sum(beat.interval_ms for beat in part) / len(part)
            yield Pulse(part[-1].at_ms + 1, round(MINUTE_MS / mean_ms, 1))


def _real(shared: Path, turns_ms: int) -> tuple[str, list[BeatInterval]]:
    """Return the name of a recording, and its heartbeats around a turn from normal rhythm to fibrillation."""
    path = shared / BEATS_FILE
    try:
        arrays = read_arrays(path.read_bytes(), "beats")
        with (shared / RHYTHM_FILE).open(encoding="utf-8") as lines:
            changes = _changes(rows_of(lines, ("record", "sample_250hz", "rhythm"), "rhythm"))
        for name in sorted(arrays.keys() & changes.keys()):
            positions = [int(one) for one in arrays[name].tolist()]
            turn = _turn(changes[name], positions[-1] if positions else 0)
            if turn is not None:
                return name, list(_around(positions, turn, turns_ms))
    except (OSError, HospesError) as error:
        raise ConfigurationError(str(path), f"the heartbeats cannot be read ({error})") from error
    raise ConfigurationError(str(path), "no recording in it turns from a long normal rhythm to fibrillation")


def _changes(rows: Iterator[tuple[int, list[str]]]) -> dict[str, list[tuple[int, str]]]:
    changes: dict[str, list[tuple[int, str]]] = {}
    for line, (record, sample, kind) in rows:
        if not sample.isdecimal():
            raise MalformedError("rhythm", f"line {line}", "sample_250hz is not a number")
        changes.setdefault(record, []).append((int(sample), kind.strip()))
    return {record: sorted(found) for record, found in changes.items()}


def _turn(changes: Sequence[tuple[int, str]], last: int) -> int | None:
    """Return the sample at which enough normal rhythm turns into enough fibrillation."""
    before, after = (minutes * MINUTE_MS // MS_PER_SAMPLE for minutes in (SINUS_MINUTES, MINUTES - SINUS_MINUTES))
    ends = [sample for sample, _ in changes[1:]] + [last]
    for (begun, kind), (turn, next_kind), end in zip(changes, changes[1:], ends[1:], strict=False):
        if (kind, next_kind) == (NORMAL, FIBRILLATION) and turn - begun >= before and end - turn >= after:
            return turn
    return None


def _around(positions: Sequence[int], turn: int, turns_ms: int) -> Iterator[BeatInterval]:
    """Yield the heartbeats, moved so that the rhythm turns at `turns_ms`."""
    first = bisect_left(positions, turn - SINUS_MINUTES * MINUTE_MS // MS_PER_SAMPLE)
    last = bisect_right(positions, turn + (MINUTES - SINUS_MINUTES) * MINUTE_MS // MS_PER_SAMPLE)
    for index in range(first + 1, last):
        interval_ms = (positions[index] - positions[index - 1]) * MS_PER_SAMPLE
        yield BeatInterval(turns_ms + (positions[index] - turn) * MS_PER_SAMPLE, interval_ms)
