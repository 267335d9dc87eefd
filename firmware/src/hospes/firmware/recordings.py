"""Recordings: readings with their lanes and moments, to be replayed as if a wearable took them now. A text, one a line.

It does not replay (the caller pushes what is due) and does not judge what was recorded. Whether people or a program
made a recording is part of it, and every screen that shows one says so.

Sources: firmware/SPEC.md section 3 for what a reading is; the form of the text is this module's own.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Self

from hospes.core.errors import MalformedError, TooLargeError
from hospes.firmware.frames import Lane
from hospes.firmware.readings import KINDS, BeatInterval, Reading, Scale

MAGIC: Final = "hospes recording 1"
LINES_MAX: Final = 1 << 20
"""Ten days of heartbeats."""
_LINE_MAX: Final = 200
_HEAD: Final = ("title", "origin", "start_ms")
_NUMBER: Final = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,10})?")
_BY_NAME: Final = {re.sub(r"(?<!^)([A-Z])", r"-\1", kind.__name__).lower(): kind for kind in KINDS.values()}
_NAME_OF: Final = {kind: name for name, kind in _BY_NAME.items()}


@dataclass(frozen=True, slots=True)
class TimedReading:
    """A reading and the lane it was pushed to; its moment is the reading's own."""

    lane: Lane
    reading: Reading


@dataclass(frozen=True, slots=True)
class Recording:
    """Timed readings, and where they come from.

    Attributes
    ----------
    title : str
        One line for a person.
    origin : str
        ``synthetic`` when a program made it, else who recorded it and under which licence; one line.
    start_ms : int
        When it begins, Unix milliseconds; no reading is before it.
    items : tuple of TimedReading
        In the order in which they were taken.
    """

    title: str
    origin: str
    start_ms: int
    items: tuple[TimedReading, ...]

    def __post_init__(self) -> None:
        """Refuse what cannot be written as lines or replayed in order."""
        if any("\n" in line or "\r" in line for line in (self.title, self.origin)):
            raise MalformedError("recording", "title", "more than one line")
        moments = [self.start_ms, *(item.reading.at_ms for item in self.items)]
        if any(later < earlier for earlier, later in itertools.pairwise(moments)):
            raise MalformedError("recording", "items", "not in the order of time")

    @property
    def is_synthetic(self) -> bool:
        """Whether a program made it."""
        return self.origin.startswith("synthetic")

    @property
    def duration_ms(self) -> int:
        """From the start to the last reading."""
        return self.items[-1].reading.at_ms - self.start_ms if self.items else 0

    def starting(self, start_ms: int) -> Self:
        """Return the same recording, moved to begin at another moment."""
        shift = start_ms - self.start_ms
        moved = (TimedReading(i.lane, replace(i.reading, at_ms=i.reading.at_ms + shift)) for i in self.items)
        return replace(self, start_ms=start_ms, items=tuple(moved))

    def to_text(self) -> str:
        """Return the recording as it stands in a file."""
        lines = (f"{MAGIC}", f"title {self.title}", f"origin {self.origin}", f"start_ms {self.start_ms}")
        return "\n".join((*lines, *(_line(item, self.start_ms) for item in self.items))) + "\n"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read a recording.

        Raises
        ------
        TooLargeError
            More than 1,048,576 lines.
        MalformedError
            With the line in which it stops to be a recording.
        """
        magic, *lines = text.split("\n", LINES_MAX + 1)
        if magic != MAGIC:
            raise MalformedError("recording", "line 1", f"not {MAGIC!r}")
        if len(lines) > LINES_MAX:
            raise TooLargeError("recording", len(lines), LINES_MAX, "lines")
        title, origin, start = (_head(lines, at, name) for at, name in enumerate(_HEAD))
        start_ms = int(_number(start, len(_HEAD) + 1))
        body = lines[len(_HEAD) :]
        if body[-1:] != [""]:
            raise MalformedError("recording", f"line {len(lines) + 1}", "the last line does not end")
        return cls(title, origin, start_ms, tuple(_items(body[:-1], start_ms)))


def of_beats(intervals_ms: Iterable[int], start_ms: int, title: str, origin: str) -> Recording:
    """Return a recording of nothing but beat intervals, each at the moment of its second beat.

    Parameters
    ----------
    intervals_ms : iterable of int
        Milliseconds from beat to beat.
    start_ms : int
        Moment of the first beat.
    title, origin : str
        As in `Recording`.
    """
    moments = itertools.accumulate(intervals_ms, initial=start_ms)
    pairs = itertools.pairwise(moments)
    items = tuple(TimedReading(Lane.ROUTINE, BeatInterval(later, later - earlier)) for earlier, later in pairs)
    return Recording(title, origin, start_ms, items)


def _line(item: TimedReading, start_ms: int) -> str:
    values = (_written(getattr(item.reading, scale.name), scale) for scale in item.reading.SCALES)
    offset_ms = item.reading.at_ms - start_ms
    return " ".join((str(offset_ms), item.lane.name.lower(), _NAME_OF[type(item.reading)], *values))


def _written(value: float, scale: Scale) -> str:
    """Return a number to the step in which a frame carries it, without zeros at the end."""
    whole, _, rest = f"{value:.{len(str(scale.per_unit)) - 1}f}".partition(".")
    rest = rest.rstrip("0")
    return f"{whole}.{rest}" if rest else whole


def _head(lines: list[str], at: int, name: str) -> str:
    found, _, value = lines[at].partition(" ") if at < len(lines) else ("", "", "")
    if found != name:
        raise MalformedError("recording", f"line {at + 2}", f"it should give the {name}")
    return value


def _number(word: str, number: int) -> float:
    if not _NUMBER.fullmatch(word):
        raise MalformedError("recording", f"line {number}", "not a number")
    return float(word) if "." in word else int(word)


def _items(lines: list[str], start_ms: int) -> Iterator[TimedReading]:
    for number, line in enumerate(lines, len(_HEAD) + 2):
        if len(line) > _LINE_MAX:
            raise TooLargeError("line of a recording", len(line), _LINE_MAX, "characters")
        yield _item(line, number, start_ms)


def _item(line: str, number: int, start_ms: int) -> TimedReading:
    where = f"line {number}"
    offset, lane, name, *values = [*line.split(" "), "", ""]
    kind = _BY_NAME.get(name)
    if kind is None or lane.upper() not in Lane.__members__ or lane != lane.lower():
        raise MalformedError("recording", where, "not an offset, a lane, a kind of reading and its values")
    words = values[:-2]
    if len(words) != len(kind.SCALES):
        raise MalformedError("recording", where, f"a {name} has {len(kind.SCALES)} values")
    at_ms = start_ms + int(_number(offset, number))
    numbers = (_number(word, number) for word in words)
    steps = [round(value * scale.per_unit) for value, scale in zip(numbers, kind.SCALES, strict=True)]
    try:
        return TimedReading(Lane[lane.upper()], kind.from_steps(at_ms, steps))
    except MalformedError as error:
        raise MalformedError("recording", f"{where}, {error.where}", error.reason) from error
