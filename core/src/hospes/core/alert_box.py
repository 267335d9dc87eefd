"""What an oracle tells a hospital beside an `Alert`: where, why, how it developed, and whether the device still speaks.

The chain has nothing but the alert's hash. The alert holds the hash of its detail, so whoever finds that hash raised on
the chain knows that every byte here is what the oracles attested: the box needs no signature of its own. It judges no
reading, and says nothing in words: the console does.

Sources: PROTOCOL section 7 ("Box of an alert"), docs/adr/0006-inbox.md.
"""

import re
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise
from typing import Final

from hospes.core import wire
from hospes.core.cards import GATE_SECRET_BYTES
from hospes.core.errors import MalformedError
from hospes.core.identities import HASH_BYTES, Hash, keccak
from hospes.core.messages import Alert

MAX_REASONS: Final = 16
MAX_SERIES: Final = 8
MAX_POINTS: Final = 128
"""Of one series: a point a minute for two hours."""
MAX_LATITUDE: Final = 90_000_000
"""Microdegrees."""
MAX_LONGITUDE: Final = 180_000_000
FULL_PERCENT: Final = 100
DIRECTIONS: Final = ("falling", "high", "low", "present", "rising")
"""In which way a feature speaks for the alert: beyond its usual range, on its way there, or there at all."""
_FEATURE: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)?")
_MAX_FEATURE: Final = 64
_UNIT: Final = re.compile(r"[!-~]{0,16}")
"""A unit of UCUM; empty for a number without one."""
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,6})?")
_WHOLE: Final = re.compile(r"0|-?[1-9][0-9]{0,8}")


class Severity(IntEnum):
    """How bad it may be; a number that is not here is shown as a number."""

    NOTICE = 1
    URGENT = 2
    CRITICAL = 3


@dataclass(frozen=True, slots=True)
class Position:
    """Where the device was.

    Attributes
    ----------
    latitude, longitude : str
        Microdegrees north and east (WGS 84), whole and decimal; south and west are negative.
    at : int
        When, Unix seconds.
    """

    latitude: str
    longitude: str
    at: int

    def __post_init__(self) -> None:
        """Refuse what is no place on Earth."""
        bounds = {"latitude": (self.latitude, MAX_LATITUDE), "longitude": (self.longitude, MAX_LONGITUDE)}
        for where, (text, most) in bounds.items():
            if not _WHOLE.fullmatch(text) or abs(int(text)) > most:
                raise MalformedError("Position", where, f"expected whole microdegrees of at most {most}")
        _require_time("Position", "at", self.at)


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for the alert.

    Attributes
    ----------
    feature : str
        Its name in the table of features, such as ``"heart_rate.last"``, or of the outcome that was judged.
    value : str
        Decimal.
    unit : str
        Of UCUM; empty for a plain number.
    direction : str
        One of `DIRECTIONS`.
    """

    feature: str
    value: str
    unit: str
    direction: str

    def __post_init__(self) -> None:
        """Refuse another form."""
        _require_feature("Reason", self.feature, self.unit)
        _require_decimal("Reason", "value", self.value)
        if self.direction not in DIRECTIONS:
            raise MalformedError("Reason", "direction", f"expected one of {', '.join(DIRECTIONS)}")


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One value at one time: Unix seconds, decimal."""

    at: int
    value: str

    def __post_init__(self) -> None:
        """Refuse another form."""
        _require_time("TrendPoint", "at", self.at)
        _require_decimal("TrendPoint", "value", self.value)


@dataclass(frozen=True, slots=True)
class Trend:
    """How one feature developed.

    Attributes
    ----------
    feature, unit : str
        As in a `Reason`.
    points : tuple of TrendPoint
        1 to `MAX_POINTS`, by time, no two at one time.
    """

    feature: str
    unit: str
    points: tuple[TrendPoint, ...]

    def __post_init__(self) -> None:
        """Refuse another form or order."""
        _require_feature("Trend", self.feature, self.unit)
        if not 1 <= len(self.points) <= MAX_POINTS:
            raise MalformedError("Trend", "points", f"expected 1 to {MAX_POINTS}")
        if any(left.at >= right.at for left, right in pairwise(self.points)):
            raise MalformedError("Trend", "points", "expected them by time, no two at one time")


@dataclass(frozen=True, slots=True)
class DeviceState:
    """Whether the device still speaks.

    Attributes
    ----------
    battery_percent : int
    last_frame_at : int
        Unix seconds by the device.
    missing_frames : int
        Numbers below the last one that never arrived.
    """

    battery_percent: int
    last_frame_at: int
    missing_frames: int

    def __post_init__(self) -> None:
        """Refuse impossible numbers."""
        if self.battery_percent > FULL_PERCENT:
            raise MalformedError("DeviceState", "batteryPercent", f"expected at most {FULL_PERCENT}")
        _require_time("DeviceState", "lastFrameAt", self.last_frame_at)
        if self.missing_frames >= 1 << 32:
            raise MalformedError("DeviceState", "missingFrames", "expected less than 2**32")


@dataclass(frozen=True, slots=True)
class AlertDetail:
    """All that an alert says beside its message; `Alert.detail` is its hash.

    Attributes
    ----------
    reasons : tuple of Reason
        The weightiest first; 1 to `MAX_REASONS`.
    trend : tuple of Trend
        At most `MAX_SERIES`, one a feature.
    device : DeviceState
    salt : Hash
        32 random bytes: a keeper is shown the alert and could guess at a pulse otherwise.
    position : Position, optional
        Absent when the device does not know it.
    """

    reasons: tuple[Reason, ...]
    trend: tuple[Trend, ...]
    device: DeviceState
    salt: Hash
    position: Position | None = None

    def __post_init__(self) -> None:
        """Refuse too many, none, or the same twice."""
        if not 1 <= len(self.reasons) <= MAX_REASONS:
            raise MalformedError("AlertDetail", "reasons", f"expected 1 to {MAX_REASONS}")
        if len(self.trend) > MAX_SERIES:
            raise MalformedError("AlertDetail", "trend", f"expected at most {MAX_SERIES}")
        if len({series.feature for series in self.trend}) < len(self.trend):
            raise MalformedError("AlertDetail", "trend", "a feature stands twice")
        if len(self.salt) != HASH_BYTES:
            raise MalformedError("AlertDetail", "salt", f"expected {HASH_BYTES} bytes")

    @property
    def hash(self) -> Hash:
        """What the alert holds of it: keccak256 of its canonical JSON."""
        return keccak(wire.encode(self))


@dataclass(frozen=True, slots=True)
class AlertBox:
    """Plaintext of the box of ``POST /v1/inbox``.

    Attributes
    ----------
    alert : Alert
    gate : bytes
        The 16 bytes of the card's secret, which enrolment gave to the oracle: the hospital can break the glass.
    detail : AlertDetail
    """

    alert: Alert
    gate: bytes = field(repr=False)
    detail: AlertDetail = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a gate of another size, and a detail that the alert does not stand for."""
        if len(self.gate) != GATE_SECRET_BYTES:
            raise MalformedError("AlertBox", "gate", f"expected {GATE_SECRET_BYTES} bytes")
        if self.detail.hash != self.alert.detail:
            raise MalformedError("AlertBox", "detail", "it is not the one whose hash the alert holds")


def _require_feature(what: str, feature: str, unit: str) -> None:
    if len(feature) > _MAX_FEATURE or not _FEATURE.fullmatch(feature):
        raise MalformedError(what, "feature", "expected a name of the table of features")
    if not _UNIT.fullmatch(unit):
        raise MalformedError(what, "unit", "expected a unit of UCUM, at most 16 characters")


def _require_decimal(what: str, where: str, text: str) -> None:
    if not _DECIMAL.fullmatch(text):
        raise MalformedError(what, where, "expected a decimal number with at most 6 digits after the point")


def _require_time(what: str, where: str, seconds: int) -> None:
    if not 0 <= seconds < 1 << 64:
        raise MalformedError(what, where, "expected Unix seconds")
