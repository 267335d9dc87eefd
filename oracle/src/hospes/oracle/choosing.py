"""Choosing: which hospitals can be asked, and in which order; pure.

Only a member can be asked, since only a member has an inbox and an account that acknowledges. It does not ask.

Sources: PROTOCOL section 7 ("The addressee is an active hospital").
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from hospes.core.alert_box import Position
from hospes.core.chain import Member, Role
from hospes.core.identities import Country, MemberId
from hospes.oracle.errors import NoHospitalError
from hospes.oracle.facilities import Emergency, Facilities
from hospes.oracle.policy import Whom

MICRODEGREES: float = 1e6


@dataclass(frozen=True, slots=True)
class Hospitals:
    """What an oracle knows of hospitals.

    Attributes
    ----------
    facilities : Facilities
    member_of : mapping of str to MemberId
        Which member a facility belongs to, by its id.
    """

    facilities: Facilities
    member_of: Mapping[str, MemberId]

    def ranked(
        self, members: Sequence[Member], block: int, position: Position | None, where: Country, whom: Whom
    ) -> tuple[Member, ...]:
        """Return all hospitals that can be asked, the first to be asked first.

        Parameters
        ----------
        members : sequence of Member
            Everybody in the registry, in its order.
        block : int
            At which they must be active.
        position : Position, optional
            Where the device is; without it, the hospitals of `where` come first.
        where : Country
            Where the traveller said to be going.
        whom : Whom
        """
        able = [one for one in members if _can_be_asked(one, block)]
        distances = self._distances(position)
        home = where if position is None or whom is Whom.COUNTRY else None
        return tuple(sorted(able, key=lambda one: _order(one, distances, home)))

    def _distances(self, position: Position | None) -> dict[MemberId, tuple[bool, float]]:
        """Return, by member, whether its nearest house is not known to take emergencies, and how far that is."""
        if position is None:
            return {}
        latitude, longitude = int(position.latitude) / MICRODEGREES, int(position.longitude) / MICRODEGREES
        found: dict[MemberId, tuple[bool, float]] = {}
        for km, facility in self.facilities.by_distance(latitude, longitude):
            member = self.member_of.get(facility.id)
            if member is not None:
                one = (facility.emergency is not Emergency.YES, km)
                found[member] = min(found.get(member, one), one)
        return found


def next_of(ranked: Sequence[Member], asked: Collection[MemberId]) -> Member:
    """Return the first hospital that was not asked yet, or raise `NoHospitalError`."""
    for member in ranked:
        if member.id not in asked:
            return member
    raise NoHospitalError(len(asked))


def _can_be_asked(member: Member, block: int) -> bool:
    return Role.HOSPITAL in member.word.roles and member.word.active_at(block) and bool(member.service)


def _order(
    member: Member, distances: Mapping[MemberId, tuple[bool, float]], home: Country | None
) -> tuple[bool, bool, bool, float, str]:
    """Order by: in the country asked for, of a known place, known to take emergencies, distance, id."""
    unknown = (True, 0.0)
    no_emergency, km = distances.get(member.id, unknown)
    abroad = home is not None and member.word.country != home
    return abroad, member.id not in distances, no_emergency, km, member.id
