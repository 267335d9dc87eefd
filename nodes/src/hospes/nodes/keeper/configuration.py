"""What the operator of a keeper decides; everything else is fixed by the protocol.

It reads no file and no environment: whoever starts a keeper does.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hospes.core.errors import ConfigurationError

HOUR_S: Final = 3600.0
DAY_S: Final = 24 * HOUR_S
YEAR_S: Final = 365.25 * DAY_S


@dataclass(frozen=True, slots=True)
class KeeperConfiguration:
    """Settings of one keeper."""

    directory: Path
    """Where its two databases and its memory of the chain are; made, for its owner only, when it is not there."""
    grace_s: float = 72 * HOUR_S
    """Seconds from an erasure, which stops release at once, to the deletion of its shares. At least 0, which is for
    demonstrations: the time is a protection against a stolen wallet (PROTOCOL section 8)."""
    retention_s: float = 3 * YEAR_S
    """Seconds for which the notices of accesses are kept (PROTOCOL section 6). At least a day, so that the traveller
    can see them."""
    sweep_every_s: float = 600.0
    """Seconds between two rounds of deleting what is due. More than 0; shorter makes deletions more punctual, a round
    without work costs less than a millisecond."""

    def __post_init__(self) -> None:
        """Refuse values out of bounds."""
        bounds = {
            "grace_s": self.grace_s >= 0,
            "retention_s": self.retention_s >= DAY_S,
            "sweep_every_s": self.sweep_every_s > 0,
        }
        for setting, holds in bounds.items():
            if not holds:
                raise ConfigurationError(f"keeper {setting}", "out of bounds")
