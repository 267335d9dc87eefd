"""Where the four contracts stand on every network of Hospes.

The sources (``places.vy``) hold the same constants, so the runtime code of the artifacts is the code on the chain.
A network with its contracts elsewhere is another protocol: its genesis is refused here, not adapted to.

Sources: PROTOCOL section 2 ("Pinned genesis"); contracts/SPEC.md.
"""

from typing import Final

from hospes.core.errors import MalformedError
from hospes.core.genesis import ContractAddresses
from hospes.core.identities import Address

_PREFIX: Final = b"Hospes" + bytes(13)

REGISTRY: Final = Address(_PREFIX + b"\x01")
CONSENT: Final = Address(_PREFIX + b"\x02")
ACCESS_LOG: Final = Address(_PREFIX + b"\x03")
ALERTS: Final = Address(_PREFIX + b"\x04")

CONTRACTS: Final = ContractAddresses(access_log=ACCESS_LOG, alerts=ALERTS, consent=CONSENT, registry=REGISTRY)
"""As ``genesis.json`` names them."""


def require_constant(contracts: ContractAddresses) -> None:
    """Check that a genesis has the contracts where their code expects each other.

    Raises
    ------
    MalformedError
        When it has not.
    """
    if contracts != CONTRACTS:
        raise MalformedError(
            "Genesis", "contracts", "these are not the addresses that the contracts know each other by"
        )
