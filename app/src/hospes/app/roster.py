"""Who is in the network that one machine runs to show what Hospes does.

Seven keepers, two each in three countries and one in a fourth, so that no country reaches the threshold of four; three
hospitals; four oracles in four countries; and a member that runs the store. They are fictional, and a real network has
one machine for each.
"""

from dataclasses import dataclass
from typing import Final

from hospes.core.chain import Role
from hospes.core.identities import Country, MemberId

THRESHOLD: Final = 4
"""Of seven keepers: three may fail or lie (n - t), and three together learn nothing (t - 1)."""


@dataclass(frozen=True, slots=True)
class Place:
    """One member of the roster.

    Attributes
    ----------
    id : MemberId
    role : Role
    country : Country
    port : int
        Where it listens when `hospes up` runs it.
    """

    id: MemberId
    role: Role
    country: Country
    port: int


def _place(name: str, role: Role, code: str, port: int) -> Place:
    return Place(MemberId(name), role, Country(code), port)


KEEPERS: Final = (
    _place("keeper-lisboa", Role.KEEPER, "PT", 8601),
    _place("keeper-porto", Role.KEEPER, "PT", 8602),
    _place("keeper-madrid", Role.KEEPER, "ES", 8603),
    _place("keeper-sevilla", Role.KEEPER, "ES", 8604),
    _place("keeper-paris", Role.KEEPER, "FR", 8605),
    _place("keeper-lyon", Role.KEEPER, "FR", 8606),
    _place("keeper-berlin", Role.KEEPER, "DE", 8607),
)
HOSPITALS: Final = (
    _place("hospital-evora", Role.HOSPITAL, "PT", 8611),
    _place("hospital-badajoz", Role.HOSPITAL, "ES", 8612),
    _place("hospital-bordeaux", Role.HOSPITAL, "FR", 8613),
)
DOCTORS: Final = {
    MemberId("hospital-evora"): "Dr. Inês Carvalho",
    MemberId("hospital-badajoz"): "Dr. Carmen Ruiz",
    MemberId("hospital-bordeaux"): "Dr. Luc Moreau",
}
"""Who is on duty in each hospital."""
STORE: Final = _place("archive-nantes", Role.AUDITOR, "FR", 8621)
ORACLES: Final = (
    _place("oracle-coimbra", Role.ORACLE, "PT", 8631),
    _place("oracle-caceres", Role.ORACLE, "ES", 8632),
    _place("oracle-toulouse", Role.ORACLE, "FR", 8633),
    _place("oracle-freiburg", Role.ORACLE, "DE", 8634),
)
"""Four in four countries, of which two must attest an alert (f + 1, PROTOCOL section 7)."""
EVERYBODY: Final = (*KEEPERS, *HOSPITALS, *ORACLES, STORE)
LEDGER_PORT: Final = 8545
"""Where Ethereum clients look first."""
