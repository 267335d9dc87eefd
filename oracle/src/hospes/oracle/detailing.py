"""The detail of an alert: reasons, trend, position and state of the device, as the hospital gets them; pure.

It rounds values to six digits and says nothing in words.

Sources: PROTOCOL section 7 (the forms and their limits); `core.alert_box`.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from hospes.core.alert_box import MAX_POINTS, MAX_REASONS, AlertDetail, DeviceState, Position, Reason, Trend, TrendPoint
from hospes.core.identities import Hash
from hospes.firmware import readings
from hospes.oracle.deciding import MS, Decision
from hospes.oracle.policy import HELP_WANTED, Row
from hospes.oracle.scoring import unit_of
from hospes.oracle.track import Track
from hospes.risk.variables import variable
from hospes.risk.windows import Windows

TREND: Final = ("heart_rate", "systolic_pressure", "diastolic_pressure", "oxygen_saturation", "respiratory_rate")
"""Variables whose development a hospital gets to see."""
TREND_S: Final = 2 * 60 * 60
"""Two hours before the alert."""
STEP_S: Final = TREND_S // MAX_POINTS + 1
"""At most one point in this many seconds: the newest of each."""
MICRODEGREES: Final = 1_000_000
_DIGITS: Final = 6


def detail_of(decision: Decision, measures: Mapping[str, float], track: Track, missing: int, salt: Hash) -> AlertDetail:
    """Return what a hospital gets to know.

    Parameters
    ----------
    decision : Decision
    measures : mapping of str to float
        Of the judgement that led to it.
    track : Track
    missing : int
        Messages of the device that did not arrive.
    salt : Hash
        32 random bytes.
    """
    battery = 0 if track.battery is None else track.battery.percent
    return AlertDetail(
        reasons=reasons_of(decision.reasons, measures),
        trend=trend_of(track.windows, decision.at_ms // MS),
        device=DeviceState(battery, track.last_ms // MS, min(missing, (1 << 32) - 1)),
        salt=salt,
        position=None if track.position is None else position_of(track.position),
    )


def reasons_of(rows: Sequence[Row], measures: Mapping[str, float]) -> tuple[Reason, ...]:
    """Return one reason for each measure of these rows that is known, in the rows' order."""
    first = {feature_of(row): row for row in reversed(rows) if row.measure in measures}
    ordered = sorted(first.items(), key=lambda item: rows.index(item[1]))
    found = [Reason(name, decimal(measures[row.measure]), unit_of(row), direction_of(row)) for name, row in ordered]
    return tuple(found[:MAX_REASONS])


def feature_of(row: Row) -> str:
    """Return how a reason calls a row's measure: a variable's newest value goes by the variable's name."""
    return row.measure.removesuffix(".last").replace(".", "_")


def direction_of(row: Row) -> str:
    """Return in which way a row's measure speaks for an alert."""
    if row.measure == HELP_WANTED:
        return "present"
    if row.measure.endswith(".slope"):
        return "rising" if row.upwards else "falling"
    return "high" if row.upwards else "low"


def trend_of(windows: Windows, at: int) -> tuple[Trend, ...]:
    """Return how the vital signs developed in the two hours before a time, in Unix seconds."""
    found: list[Trend] = []
    for name in TREND:
        times, values = windows.of_variable(name)
        newest: dict[int, TrendPoint] = {}
        for time, value in zip(times.tolist(), values.tolist(), strict=True):
            if at - TREND_S < time <= at + 1:
                newest[int(time) // STEP_S] = TrendPoint(int(time), decimal(value))
        if newest:
            found.append(Trend(name, variable(name).unit, tuple(newest.values())[-MAX_POINTS:]))
    return tuple(found)


def position_of(position: readings.Position) -> Position:
    """Return a position in whole microdegrees."""
    degrees = (position.latitude, position.longitude)
    latitude, longitude = (str(round(one * MICRODEGREES)) for one in degrees)
    return Position(latitude, longitude, position.at_ms // MS)


def decimal(value: float) -> str:
    """Return a number in the form that the protocol has for it.

    >>> decimal(0.97), decimal(-0.0), decimal(132.0), decimal(1e-9)
    ('0.97', '0', '132', '0')
    """
    text = f"{Decimal(value):.{_DIGITS}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
