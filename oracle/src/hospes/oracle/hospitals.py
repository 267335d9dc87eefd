"""Which member a facility belongs to: a small table that the operator keeps beside the facilities.

It says nothing about whether the member is active; the registry does.
"""

import csv
from collections.abc import Iterable
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from hospes.core.errors import ConfigurationError, HospesError, MalformedError
from hospes.core.identities import MemberId, member_id
from hospes.oracle.choosing import Hospitals
from hospes.oracle.facilities import MAX_ROWS, load_facilities

COLUMNS: Final = ["id", "member"]


def read_members(lines: Iterable[str]) -> dict[str, MemberId]:
    """Read CSV with the columns ``id`` and ``member``.

    Raises
    ------
    MalformedError
        For other columns, an id that no member can have, or a facility that stands twice.
    """
    table = csv.DictReader(lines)
    if table.fieldnames != COLUMNS:
        raise MalformedError("members of facilities", "", f"expected the columns {', '.join(COLUMNS)}")
    found: dict[str, MemberId] = {}
    for number, row in enumerate(table, start=1):
        facility, name = row["id"] or "", row["member"] or ""
        if not facility or facility in found or number > MAX_ROWS:
            raise MalformedError("members of facilities", f"row {number}", "no facility, or one that stands twice")
        found[facility] = member_id(name)
    return found


def load_hospitals(facilities: Path | None = None, members: Path | None = None) -> Hospitals:
    """Read both tables; the fictional ones of the demonstration where none is given.

    Raises
    ------
    ConfigurationError
        When one cannot be read.
    """
    package = files("hospes.oracle")
    with (
        as_file(package / "demonstration_facilities.csv") as own_facilities,
        as_file(package / "demonstration_members.csv") as own_members,
    ):
        return Hospitals(load_facilities(facilities or own_facilities), _load_members(members or own_members))


def _load_members(path: Path) -> dict[str, MemberId]:
    try:
        with path.open(encoding="utf-8") as lines:
            return read_members(lines)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(str(path), f"the table cannot be read ({type(error).__name__})") from error
    except HospesError as error:
        raise ConfigurationError(str(path), str(error)) from error
