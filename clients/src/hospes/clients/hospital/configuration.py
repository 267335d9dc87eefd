"""What an operator can set for a gateway.

It reads nothing: the entry point does.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hospes.core.errors import ConfigurationError
from hospes.core.identities import MemberId
from hospes.service.network import Network

GATEWAYS_FOLDER: Final = "gateways"
"""Beside a network's files: one directory for each gateway that runs here."""


@dataclass(frozen=True, slots=True)
class GatewayConfiguration:
    """The settings of one gateway."""

    directory: Path
    """Where it keeps its shelf and its tokens; only its owner may enter."""

    max_unconfirmed: int = 500
    """Alerts that the chain does not confirm; at least 1. Strangers can seal such, so there is an end to them."""

    keep_unconfirmed_s: int = 86_400
    """Seconds after its deadline that such an alert is kept; at least 3,600, since a chain can be out of reach."""

    look_s: float = 0.5
    """Seconds between two looks at the chain while alerts wait for it; an alert is to be seen within two."""

    two_actions_s: int = 120
    """Seconds between the two actions of a break-glass; at least 10, so that a name and a reason can be typed."""

    max_streams: int = 32
    """Live views of the inbox at once; at least 1."""

    heartbeat_s: float = 15.0
    """Seconds of silence on a live view, at most; proxies cut a connection that is silent for 60."""

    stream_s: float = 3_600.0
    """Seconds that a live view lasts; the page opens the next one by itself, with a token that is judged anew."""

    def __post_init__(self) -> None:
        """Refuse what is out of bounds."""
        least = {"max_unconfirmed": 1, "keep_unconfirmed_s": 3_600, "two_actions_s": 10, "max_streams": 1}
        for name, bound in least.items():
            if getattr(self, name) < bound:
                raise ConfigurationError(name, f"expected at least {bound}")
        for name in ("look_s", "heartbeat_s", "stream_s"):
            if not getattr(self, name) > 0:
                raise ConfigurationError(name, "expected more than 0 seconds")

    @property
    def shelf_file(self) -> Path:
        """Alerts, cards, grants and the hospital's own accesses, each sealed to the hospital's key."""
        return self.directory / "shelf.sqlite"

    @property
    def tokens_file(self) -> Path:
        """Who may ask; hashes of tokens, never tokens."""
        return self.directory / "tokens.json"

    @property
    def memory_file(self) -> Path:
        """The highest final block that the gateway saw."""
        return self.directory / "highest-block"


def gateway_directory(network: Network, name: MemberId) -> Path:
    """Return where the gateway of a hospital keeps its files, unless an operator says otherwise."""
    return network.directory / GATEWAYS_FOLDER / name


def gateways_here(network: Network) -> tuple[MemberId, ...]:
    """Return the hospitals whose gateways ran here."""
    return tuple(MemberId(path.name) for path in sorted((network.directory / GATEWAYS_FOLDER).glob("*")))
