"""Facilities: where hospitals are, read from the table that Eurostat publishes, and the nearest ones to a place.

It knows no member: `choosing` brings the two together. It keeps hospitals that may take an emergency and leaves out, by
reason and counted, what is none or cannot be placed. No row of the real table is part of this project.

Sources: Eurostat GISCO, "Healthcare services in Europe", 2020, its columns and codes (``emergency`` is filled for three
countries only; ``geo_qual`` 1 good, 2 medium, 3 low, 4 from the source, -1 unknown); great-circle distance by the
haversine formula (Sinnott 1984, "Virtues of the haversine", Sky and Telescope 68).
"""

import csv
import gzip
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from hospes.core.errors import ConfigurationError, MalformedError
from hospes.core.identities import Country, country

EARTH_KM: Final = 6371.0088
"""Mean radius (IUGG)."""
COLUMNS: Final = frozenset({"id", "hospital_name", "lat", "lon", "geo_qual", "cc", "emergency", "facility_type"})
"""Those of the table that are read; the others may be there or not."""
MAX_ROWS: Final = 100_000
MAX_TEXT: Final = 200
GREECE: Final = {"EL": "GR", "UK": "GB"}
"""Codes in which Eurostat differs from ISO 3166-1."""
NOT_ACUTE: Final = (
    "psiqui",
    "psychi",
    "mental",
    "geriatr",
    "réadapt",
    "rehab",
    "longue durée",
    "larga estancia",
    "dlouhodob",
    "následné",
    "nursing",
    "ssr",
    "poliklin",
)
"""Beginnings or parts of words, in the table's languages, of houses without an emergency department."""


class Emergency(Enum):
    """Whether a facility takes emergencies, as far as the table says."""

    YES = "yes"
    UNKNOWN = ""
    NO = "no"


class Quality(Enum):
    """How well a facility's position is known."""

    GOOD = "1"
    MEDIUM = "2"
    LOW = "3"
    SOURCE = "4"
    UNKNOWN = "-1"


@dataclass(frozen=True, slots=True)
class Facility:
    """One hospital.

    Attributes
    ----------
    id : str
        The table's; several houses of one hospital may share it.
    name : str
        May be empty.
    country : Country
    latitude, longitude : float
        Degrees, WGS 84.
    quality : Quality
    emergency : Emergency
        Never `NO`: those are left out.
    """

    id: str
    name: str
    country: Country
    latitude: float
    longitude: float
    quality: Quality
    emergency: Emergency


@dataclass(frozen=True, slots=True)
class Facilities:
    """What was read.

    Attributes
    ----------
    kept : tuple of Facility
    left_out : mapping of str to int
        How many rows were left out, by reason.
    """

    kept: tuple[Facility, ...]
    left_out: Mapping[str, int]

    def by_distance(self, latitude: float, longitude: float) -> list[tuple[float, Facility]]:
        """Return all of them with their distances in kilometres, the nearest first."""
        found = ((distance_km(latitude, longitude, one.latitude, one.longitude), one) for one in self.kept)
        return sorted(found, key=lambda pair: (pair[0], pair[1].id))


class _LeftOutError(Exception):
    """A row that cannot be used; it never leaves this module."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"left out: {reason}")


def read_facilities(lines: Iterable[str]) -> Facilities:
    """Read the table's CSV.

    Raises
    ------
    MalformedError
        When columns are missing, or there are too many rows; a row that is wrong in itself is left out and counted.
    """
    table = csv.DictReader(lines)
    missing = COLUMNS - {name.removeprefix("\ufeff") for name in table.fieldnames or ()}
    if missing:
        raise MalformedError("facilities", "", f"columns are missing: {', '.join(sorted(missing))}")
    kept, left_out = list[Facility](), Counter[str]()
    for number, row in enumerate(table, start=1):
        if number > MAX_ROWS:
            raise MalformedError("facilities", f"row {number}", f"more than {MAX_ROWS} rows")
        try:
            kept.append(_facility({name.removeprefix("\ufeff"): text or "" for name, text in row.items() if name}))
        except _LeftOutError as error:
            left_out[error.reason] += 1
    return Facilities(tuple(kept), dict(left_out))


def load_facilities(path: Path) -> Facilities:
    """Read a file, plain or compressed by gzip.

    Raises
    ------
    ConfigurationError
        When it cannot be read, or is no such table.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            return read_facilities(lines)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(str(path), f"the facilities cannot be read ({type(error).__name__})") from error
    except MalformedError as error:
        raise ConfigurationError(str(path), str(error)) from error


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Return the great-circle distance between two places in degrees.

    >>> round(distance_km(38.5714, -7.9135, 38.8794, -6.9707), 1)
    88.7
    """
    here, there = math.radians(latitude), math.radians(other_latitude)
    across = math.radians(other_longitude - longitude)
    half = math.sin((there - here) / 2) ** 2 + math.cos(here) * math.cos(there) * math.sin(across / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def _facility(row: Mapping[str, str]) -> Facility:
    if not row["id"] or len(row["id"]) > MAX_TEXT or not row["id"].isprintable():
        raise _LeftOutError("no id")
    emergency = _emergency(row)
    latitude, longitude = _degrees(row["lat"], 90), _degrees(row["lon"], 180)
    if latitude == longitude == 0:
        raise _LeftOutError("no position")
    code = row["cc"].strip().upper()
    try:
        where = country(GREECE.get(code, code))
        quality = Quality(row["geo_qual"].strip() or "-1")
    except (MalformedError, ValueError) as error:
        raise _LeftOutError("an unknown code") from error
    name = "".join(letter for letter in row["hospital_name"][:MAX_TEXT] if letter.isprintable())
    return Facility(row["id"], name, where, latitude, longitude, quality, emergency)


def _emergency(row: Mapping[str, str]) -> Emergency:
    """Return whether it takes emergencies; where the table does not say, its type may say that it does not."""
    told = row["emergency"].strip().lower()
    if told in ("no", "false"):
        raise _LeftOutError("no emergency department")
    if told in ("yes", "true"):
        return Emergency.YES
    kind = row["facility_type"].lower()
    if any(word in kind for word in NOT_ACUTE):
        raise _LeftOutError("a house for other things than emergencies")
    return Emergency.UNKNOWN


def _degrees(text: str, most: float) -> float:
    try:
        degrees = float(text)
    except ValueError as error:
        raise _LeftOutError("no position") from error
    if not abs(degrees) <= most:
        raise _LeftOutError("no position on Earth")
    return degrees
