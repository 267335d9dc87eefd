"""A track: what an oracle has in memory of one traveller, all of it rebuilt from the disk after a restart.

It keeps nothing and decides nothing. Clocks differ: the device stamps its readings by its own clock, frames may come
hours late, and only the difference between arrival and newest stamp is known. The smallest one of the last frames is
what remains when the network was quick: up to five minutes of it, either way, is taken for the clocks' difference, the
rest for lateness.

Sources: PROTOCOL section 6 and firmware/SPEC.md section 6 (300 s: how far clocks may differ).
"""

from collections import deque
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from hospes.firmware.readings import Battery, Position
from hospes.oracle.deciding import MS
from hospes.oracle.signals import Signals
from hospes.risk.windows import Windows

Kind = TypeVar("Kind", Battery, Position)
SKEW_MAX_MS: Final = 300_000
FRAMES: Final = 64
"""Frames whose lateness is remembered."""
PRESSES: Final = 64


def _no_windows() -> Windows:
    return Windows.of(())


@dataclass(slots=True, repr=False)
class Track:
    """One traveller.

    Attributes
    ----------
    windows : Windows
        The last 48 hours.
    last_ms : int
        Time of the newest reading, by the device; 0 before the first.
    position : Position or None
    battery : Battery or None
        The newest ones.
    presses : deque of int
        When the traveller pressed for help, Unix milliseconds by the device.
    lateness : deque of int
        Of the last frames: from the newest reading to the arrival, in milliseconds of two different clocks.
    """

    windows: Windows = field(default_factory=_no_windows)
    last_ms: int = 0
    position: Position | None = None
    battery: Battery | None = None
    presses: deque[int] = field(default_factory=lambda: deque[int](maxlen=PRESSES))
    lateness: deque[int] = field(default_factory=lambda: deque[int](maxlen=FRAMES))

    def add(self, signals: Signals, arrived_ms: int) -> None:
        """Take what one frame said."""
        self.last_ms = max(self.last_ms, signals.at_ms)
        self.windows = self.windows.adding(signals.vital).trimmed(self.last_ms / MS)
        self.lateness.append(arrived_ms - signals.at_ms)
        if signals.position is not None:
            self.position = _newer(self.position, signals.position)
        if signals.battery is not None:
            self.battery = _newer(self.battery, signals.battery)
        if signals.help_wanted:
            self.presses.append(signals.at_ms)

    def copy(self) -> "Track":
        """Return a track that changes on its own from now on."""
        return replace(self, presses=self.presses.copy(), lateness=self.lateness.copy())

    @property
    def skew_ms(self) -> int:
        """How far the device's clock seems to be behind the oracle's; negative when it is ahead."""
        return max(-SKEW_MAX_MS, min(SKEW_MAX_MS, min(self.lateness, default=0)))

    def pressed(self, first_ms: int, last_ms: int) -> bool:
        """Return whether the traveller pressed for help between two times of the device."""
        return any(first_ms <= press <= last_ms for press in self.presses)


def _newer(known: Kind | None, fresh: Kind) -> Kind:
    return fresh if known is None or fresh.at_ms >= known.at_ms else known
