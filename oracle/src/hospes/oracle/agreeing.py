"""Agreeing: whether this oracle, by its own frames and policy, can stand for an alert that another one shows; pure.

It signs nothing (`attesting` does) and knows no chain. The reason of a refusal is one word for this oracle's own
metrics; whoever asks is told nothing.

Sources: PROTOCOL section 7 ("Attesting"); docs/adr/0007-oracle.md, decision 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hospes.core.alert_box import Position, Reason, Trend
from hospes.core.chain import Member
from hospes.core.oracle_bodies import AttestBox
from hospes.oracle.choosing import MICRODEGREES
from hospes.oracle.deciding import MS
from hospes.oracle.detailing import TREND, direction_of, feature_of
from hospes.oracle.errors import NotAttestedError
from hospes.oracle.facilities import distance_km
from hospes.oracle.policy import Policy, Row
from hospes.oracle.scoring import Scorer, unit_of
from hospes.oracle.track import SKEW_MAX_MS, Track

CLOCKS_S: Final = 300
"""How far two oracles' clocks may differ, and how old a request may be."""
MAX_KM: Final = 5.0
"""Between two oracles' positions of one traveller, who may be driving while frames are under way."""
HOSPITALS: Final = 8
"""How far down its own list the hospital may stand: those before it may have stayed silent."""
ROUNDING: Final = 1e-6
"""Of the last digit that an alert can carry."""
LASTED: Final = (0.25, 0.5, 0.75)
"""Shares of a row's `for_s` before the judgement at which this oracle looks, too; at its very beginning a lost frame
could speak against an alert that is right."""
SEEN_SHARE: Final = 0.5
"""Of the points of a trend, this oracle must have seen so many itself."""


@dataclass(frozen=True, slots=True)
class Own:
    """What this oracle knows of the traveller.

    Attributes
    ----------
    scorer : Scorer
    track : Track
    ranked : sequence of Member
        Hospitals in the order in which it would ask them.
    now : float
        Unix seconds.
    """

    scorer: Scorer
    track: Track
    ranked: Sequence[Member]
    now: float


def require_agreement(asked: AttestBox, own: Own) -> None:
    """Check an alert against what this oracle knows.

    Raises
    ------
    NotAttestedError
        At the first thing that this oracle cannot stand for.
    """
    row = own.scorer.policy.row(asked.row)
    if row is None:
        raise NotAttestedError("row")
    _require_terms(asked, row, own)
    _require_reasons(asked, row, own)
    _require_lasted(asked.as_of, row, own)
    for series in asked.detail.trend:
        _require_trend(series, own.track)
    if asked.detail.position is not None:
        _require_position(asked.detail.position, own.track)


def _require_terms(asked: AttestBox, row: Row, own: Own) -> None:
    """Severity, deadline, hospital and times are those that this oracle's policy allows."""
    alert, now_ms = asked.alert, own.now * MS
    _require(alert.severity == row.severity, "severity")
    _require(alert.deadline - alert.raised_at == row.deadline_s, "deadline")
    _require(abs(own.now - alert.raised_at) <= CLOCKS_S, "time")
    _require(-SKEW_MAX_MS <= now_ms - asked.as_of <= row.fresh_s * MS + SKEW_MAX_MS, "late")
    _require(alert.addressee in {member.id for member in own.ranked[:HOSPITALS]}, "hospital")


def _require_reasons(asked: AttestBox, row: Row, own: Own) -> None:
    """Every reason is within its row's tolerance of this oracle's own value, and the first is the leading row's."""
    reasons = asked.detail.reasons
    _require(reasons[0].feature == feature_of(row), "reason")
    stale_ms = own.scorer.policy.stale_s * MS
    wanted = own.track.pressed(asked.as_of - stale_ms, asked.as_of + MS)
    measures = own.scorer.judge(own.track.windows, asked.as_of, help_wanted=wanted).measures
    for reason, one in zip(reasons, _rows_of(reasons, own.scorer.policy, row), strict=True):
        mine = measures.get(one.measure)
        if mine is None:
            raise NotAttestedError("missing")
        _require((reason.unit, reason.direction) == (unit_of(one), direction_of(one)), "reason")
        _require(abs(mine - float(reason.value)) <= one.tolerance + ROUNDING, "value")
    _require(row.alarming(float(reasons[0].value)) and row.alarming(measures[row.measure], row.tolerance), "threshold")


def _require_lasted(as_of_ms: int, row: Row, own: Own) -> None:
    """Check that what leads was alarming in this oracle's own readings for some time, and not only as of now."""
    for share in LASTED if row.for_s else ():
        at_ms = as_of_ms - int(share * row.for_s * MS)
        mine = own.scorer.judge(own.track.windows, at_ms).measures.get(row.measure)
        _require(mine is not None and row.alarming(mine, row.tolerance), "lasted")


def _rows_of(reasons: Sequence[Reason], policy: Policy, lead: Row) -> list[Row]:
    """Return the row of each reason: the leading one, or the first of this policy that measures the same."""
    rows: list[Row] = []
    for reason in reasons:
        same = [row for row in (lead, *policy.rows) if feature_of(row) == reason.feature]
        if not same:
            raise NotAttestedError("reason")
        rows.append(same[0])
    return rows


def _require_trend(series: Trend, track: Track) -> None:
    """No point contradicts this oracle's own readings, and it saw enough of them."""
    _require(series.feature in TREND, "trend")
    times, values = track.windows.of_variable(series.feature)
    seconds = np.floor(times)
    seen = 0
    for point in series.points:
        mine = values[seconds == point.at]
        if len(mine):
            _require(bool(np.min(np.abs(mine - float(point.value))) <= ROUNDING), "trend")
            seen += 1
    _require(seen >= SEEN_SHARE * len(series.points), "trend")


def _require_position(position: Position, track: Track) -> None:
    if track.position is None:
        raise NotAttestedError("position")
    told = int(position.latitude) / MICRODEGREES, int(position.longitude) / MICRODEGREES
    _require(distance_km(*told, track.position.latitude, track.position.longitude) <= MAX_KM, "position")


def _require(holds: bool, reason: str) -> None:  # noqa: FBT001 - the condition reads as the sentence it checks
    if not holds:
        raise NotAttestedError(reason)
