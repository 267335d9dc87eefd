"""The policy: a readable table of when an alert is raised, how grave it is, who is asked, and how fast to answer.

It holds the table and refuses one that cannot be meant; it decides nothing (`deciding`) and measures nothing
(`measures`).

Sources: ``policy.toml``, which names a source in each row; PROTOCOL section 7 (severities, the longest deadline).
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from hospes.core.alert_box import Severity
from hospes.core.errors import ConfigurationError, MalformedError

HELP_WANTED: Final = "help_wanted"
"""1 in the judgement that first sees the traveller's button pressed, else 0."""
MAX_ROWS: Final = 64
SHORTEST_S: Final = 30
"""Nobody reads an alert in less."""
LONGEST_S: Final = 24 * 60 * 60
"""The contract's longest deadline; also the longest of every other time here."""
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,63}")
_MEASURE: Final = re.compile(r"[a-z][a-z0-9_]{0,47}(?:\.[a-z0-9_]{1,16})?")
_BOUNDS_S: Final = {"for_s": 0, "deadline_s": SHORTEST_S, "quiet_s": 1, "fresh_s": 1}
_KEYS: Final = frozenset({*_BOUNDS_S, "name", "measure", "severity", "whom", "rearm", "tolerance", "says", "source"})
_SIDES: Final = frozenset({"at_least", "at_most"})


class Whom(StrEnum):
    """Which hospitals are asked, and in which order."""

    NEAREST = "nearest"
    """By distance; emergency hospitals first."""
    COUNTRY = "country"
    """Those of the country where the traveller is, then the others by distance."""


Word = TypeVar("Word", Severity, Whom)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    name : str
        Unique.
    measure : str
        A feature of `hospes.risk`, a published score, ``<outcome>_probability`` of a model, or ``help_wanted``.
    threshold : float
        In the measure's unit.
    upwards : bool
        Whether the measure is alarming at the threshold and above (``at_least``), or at it and below (``at_most``).
    for_s : int
        Seconds of the device's time for which it must have been alarming.
    severity : Severity
    whom : Whom
    deadline_s : int
        Seconds that the hospital has.
    rearm : float
        Where the measure must come back to before the row can fire again.
    quiet_s : int
        Seconds before the row can fire again.
    fresh_s : int
        Seconds that readings may be late and still raise it.
    tolerance : float
        How far apart two oracles' values may be.
    says, source : str
        For people: what it means, and who says so.
    """

    name: str
    measure: str
    threshold: float
    upwards: bool
    for_s: int
    severity: Severity
    whom: Whom
    deadline_s: int
    rearm: float
    quiet_s: int
    fresh_s: int
    tolerance: float
    says: str
    source: str

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if not _NAME.fullmatch(self.name):
            raise MalformedError("policy", "name", "expected a-z, 0-9 and -, at most 64")
        if not _MEASURE.fullmatch(self.measure):
            raise MalformedError("policy", f"{self.name}.measure", "expected the name of a feature, score or model")
        for key, least in _BOUNDS_S.items():
            if not least <= getattr(self, key) <= LONGEST_S:
                raise MalformedError("policy", f"{self.name}.{key}", f"expected {least} to {LONGEST_S} seconds")
        if (self.rearm >= self.threshold) if self.upwards else (self.rearm <= self.threshold):
            raise MalformedError("policy", f"{self.name}.rearm", "expected a value on the harmless side")
        if self.tolerance < 0:
            raise MalformedError("policy", f"{self.name}.tolerance", "expected 0 or more")
        if self.tolerance and self.tolerance >= abs(self.threshold - self.rearm):
            raise MalformedError("policy", f"{self.name}.tolerance", "expected less than from threshold to rearm")

    def alarming(self, value: float, tolerance: float = 0.0) -> bool:
        """Whether a value is at the threshold or beyond, or short of it by `tolerance` at most."""
        return value >= self.threshold - tolerance if self.upwards else value <= self.threshold + tolerance

    def harmless(self, value: float) -> bool:
        """Whether a value lets the row fire again."""
        return value <= self.rearm if self.upwards else value >= self.rearm


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole table.

    Attributes
    ----------
    rows : tuple of Row
        In the order of the file.
    gap_s : int
        Seconds of silence after which nothing is taken to have lasted.
    stale_s : int
        Seconds after which a reading says nothing of now.
    """

    rows: tuple[Row, ...]
    gap_s: int
    stale_s: int

    def __post_init__(self) -> None:
        """Refuse an empty or giant table, and a name that stands twice."""
        if not 1 <= len(self.rows) <= MAX_ROWS:
            raise MalformedError("policy", "row", f"expected 1 to {MAX_ROWS} rows")
        if len({row.name for row in self.rows}) < len(self.rows):
            raise MalformedError("policy", "row", "a name stands twice")
        for key in ("gap_s", "stale_s"):
            if not 1 <= getattr(self, key) <= LONGEST_S:
                raise MalformedError("policy", key, f"expected 1 to {LONGEST_S} seconds")

    def row(self, name: str) -> Row | None:
        """Return a row by its name."""
        return next((row for row in self.rows if row.name == name), None)


def read_policy(text: str) -> Policy:
    """Read a table.

    Raises
    ------
    MalformedError
        Naming the row and the key.
    """
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MalformedError("policy", "", f"not TOML ({error})") from error
    if set(tree) != {"gap_s", "stale_s", "row"} or not isinstance(tree["row"], list):
        raise MalformedError("policy", "", "expected gap_s, stale_s and rows, and nothing else")
    rows = tuple(_row(f"row {number}", row) for number, row in enumerate(cast("list[object]", tree["row"]), start=1))
    return Policy(rows, _whole(tree, "", "gap_s"), _whole(tree, "", "stale_s"))


def load_policy(path: Path | None = None) -> Policy:
    """Read a file, or the table that comes with this part.

    Raises
    ------
    ConfigurationError
        When the file cannot be read, or is no policy.
    """
    source = path or files("hospes.oracle") / "policy.toml"
    try:
        return read_policy(source.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(str(source), f"the policy cannot be read ({error.strerror})") from error
    except (MalformedError, UnicodeDecodeError) as error:
        raise ConfigurationError(str(source), str(error)) from error


def _row(where: str, tree: object) -> Row:
    if not isinstance(tree, dict):
        raise MalformedError("policy", where, "expected a table")
    row = cast("Mapping[str, Any]", tree)
    sides = _SIDES & set(row)
    if len(sides) != 1 or frozenset(row) - sides != _KEYS:
        raise MalformedError("policy", where, f"expected at_least or at_most, and {', '.join(sorted(_KEYS))}")
    (side,) = sides
    return Row(
        name=_text(row, where, "name"),
        measure=_text(row, where, "measure"),
        threshold=_number(row, where, side),
        upwards=side == "at_least",
        for_s=_whole(row, where, "for_s"),
        severity=_word(Severity, _whole(row, where, "severity"), where, "severity"),
        whom=_word(Whom, _text(row, where, "whom"), where, "whom"),
        deadline_s=_whole(row, where, "deadline_s"),
        rearm=_number(row, where, "rearm"),
        quiet_s=_whole(row, where, "quiet_s"),
        fresh_s=_whole(row, where, "fresh_s"),
        tolerance=_number(row, where, "tolerance"),
        says=_text(row, where, "says"),
        source=_text(row, where, "source"),
    )


def _word(kind: type[Word], value: Any, where: str, key: str) -> Word:  # noqa: ANN401 - a word or number of TOML
    try:
        return kind(value)
    except ValueError as error:
        raise MalformedError("policy", f"{where}.{key}", "not one of the words for it") from error


def _text(row: Mapping[str, Any], where: str, key: str) -> str:
    value = row[key]
    if not isinstance(value, str) or not value.isprintable() or not value:
        raise MalformedError("policy", f"{where}.{key}", "expected one line of text")
    return value


def _whole(row: Mapping[str, Any], where: str, key: str) -> int:
    value = row[key]
    if not isinstance(value, int) or isinstance(value, bool):
        raise MalformedError("policy", ".".join(part for part in (where, key) if part), "expected a whole number")
    return value


def _number(row: Mapping[str, Any], where: str, key: str) -> float:
    value = row[key]
    if not isinstance(value, (int, float)) or isinstance(value, bool) or abs(value) > 1e9:  # noqa: PLR2004
        raise MalformedError("policy", f"{where}.{key}", "expected a number")
    return float(value)
