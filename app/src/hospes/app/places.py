"""Where the demonstration's hospitals stand: in the places of real ones where the table is there, else invented.

No real hospital is a member: the table only says what is near, and the demonstration's members stand in for it.

Sources: Eurostat GISCO, "Healthcare services in Europe", 2020 (`hospes.oracle.facilities`); the towns' places are those
of any atlas.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hospes.app.roster import HOSPITALS, Place
from hospes.core.errors import ConfigurationError
from hospes.core.identities import MemberId
from hospes.oracle.choosing import Hospitals
from hospes.oracle.facilities import Emergency, Facilities, Facility, load_facilities
from hospes.oracle.hospitals import COLUMNS, load_hospitals

FACILITIES_FILE: Final = "facilities/healthcare_2020.csv.gz"
MEMBERS_FILE: Final = "members-of-facilities.csv"
NEAR_KM: Final = 15.0
"""How far from its town's middle a hospital may be."""
TOWNS: Final = {
    MemberId("hospital-evora"): (38.5714, -7.9135),
    MemberId("hospital-badajoz"): (38.8794, -6.9707),
    MemberId("hospital-bordeaux"): (44.8378, -0.5792),
}
REAL: Final = "Eurostat GISCO, Healthcare services in Europe, 2020"
INVENTED: Final = "a table of fictional hospitals that comes with Hospes"


@dataclass(frozen=True, slots=True)
class Places:
    """The tables that every oracle goes by.

    Attributes
    ----------
    source : str
        For the screen.
    facilities, members : Path or None
        Files; None for those that come with `hospes.oracle`.
    hospitals : Hospitals
        The same, read.
    """

    source: str
    facilities: Path | None
    members: Path | None
    hospitals: Hospitals

    def near(self, latitude: float, longitude: float, count: int) -> list[tuple[float, Facility, MemberId | None]]:
        """Return the nearest facilities that are known to take emergencies or belong to a member."""
        found = self.hospitals.facilities.by_distance(latitude, longitude)
        pairs = [(km, one, self.hospitals.member_of.get(one.id)) for km, one in found]
        return [each for each in pairs if each[1].emergency is Emergency.YES or each[2] is not None][:count]


def places(shared: Path | None, directory: Path) -> Places:
    """Return the tables; which real facility stands for which member is written into `directory`.

    Raises
    ------
    ConfigurationError
        When the real table cannot be read, or has no hospital near one of the towns.
    """
    path = None if shared is None else shared / FACILITIES_FILE
    if path is None or not path.exists():
        return Places(INVENTED, None, None, load_hospitals())
    facilities = load_facilities(path)
    chosen = {_standing(facilities, place, path).id: place.id for place in HOSPITALS}
    members = directory / MEMBERS_FILE
    _write(members, chosen)
    return Places(REAL, path, members, Hospitals(facilities, chosen))


def _standing(facilities: Facilities, place: Place, path: Path) -> Facility:
    """Return the facility in whose place a member stands: in its town, known to take emergencies if any is."""
    near = facilities.by_distance(*TOWNS[place.id])
    able = [(km, one) for km, one in near if one.country == place.country and km <= NEAR_KM]
    if not able:
        raise ConfigurationError(str(path), f"no hospital in it is near the town of {place.id}")
    return min(able, key=lambda pair: (pair[1].emergency is not Emergency.YES, pair[0]))[1]


def _write(path: Path, chosen: Mapping[str, MemberId]) -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        table = csv.writer(lines)
        table.writerow(COLUMNS)
        table.writerows(chosen.items())
