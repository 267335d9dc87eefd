"""Agreement: an oracle stands for what its own frames show, within the stated tolerance, and for nothing else."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from hospes import risk
from hospes.core.alert_box import AlertDetail, Position, Trend, TrendPoint
from hospes.core.chain import Member, MemberWord, Role
from hospes.core.identities import Address, Country, Hash, MemberId
from hospes.core.messages import Alert
from hospes.core.oracle_bodies import AttestBox
from hospes.firmware import readings
from hospes.oracle.agreeing import Own, require_agreement
from hospes.oracle.deciding import Decision
from hospes.oracle.detailing import detail_of
from hospes.oracle.errors import NotAttestedError
from hospes.oracle.policy import load_policy
from hospes.oracle.scoring import Scorer
from hospes.oracle.signals import signals_of
from hospes.oracle.track import Track

NOW_S = 1_900_000_000
POLICY = load_policy()
SCORER = Scorer(POLICY, risk.assess, risk.scores)
EVORA = Member(Address(bytes(20)), MemberId("hospital-evora"), MemberWord(Role.HOSPITAL, Country("PT"), 0, 0), "u", b"")
ROW = "oxygen-very-low"


def track_of(oxygen: float = 82.0, shift: float = 0.0, until_s: int = 0, since_s: int = -120) -> Track:
    """Return what one oracle heard in ten minutes: falling oxygen, and where the traveller is."""
    track = Track()
    for second in range(-600, until_s + 1, 10):
        at_ms = (NOW_S + second) * 1_000
        heard = [
            readings.OxygenSaturation(at_ms, oxygen if second > since_s else 96.0),
            readings.Pulse(at_ms, 88.0 + shift),
            readings.Position(at_ms, 38.5712, -7.906, 10),
        ]
        track.add(signals_of(heard), at_ms)
    return track


def asked(track: Track | None = None, row: str = ROW) -> AttestBox:
    """Return what a raising oracle with this track asks."""
    track = track or track_of()
    lead = POLICY.row(row)
    assert lead is not None
    measures = SCORER.judge(track.windows, NOW_S * 1_000).measures
    detail = detail_of(Decision(lead, NOW_S * 1_000, (lead,)), measures, track, 0, Hash(b"s" * 32))
    return _asked(detail)


def _asked(detail: AlertDetail, **changes: Any) -> AttestBox:  # noqa: ANN401 - of the alert
    fields: dict[str, Any] = {
        "journey": Address(b"j" * 20), "addressee": EVORA.id, "severity": 3, "raised_at": NOW_S,
        "deadline": NOW_S + 120, "detail": detail.hash, "salt": Hash(b"t" * 32),
    }  # fmt: skip
    return AttestBox(Alert(**(fields | changes)), detail, ROW, NOW_S * 1_000, 1, bytes(65))


def refused(box: AttestBox, track: Track | None = None, now: float = NOW_S + 2) -> str:
    """Return why an oracle does not agree; empty when it does."""
    own = Own(SCORER, track or track_of(), (EVORA,), now)
    try:
        require_agreement(box, own)
    except NotAttestedError as error:
        return error.reason if str(error) == "this oracle does not attest it" else "it says why"
    return ""


def test_oracles_that_heard_the_same_agree() -> None:
    """The same frames, judged as of the same time, give the same; later frames change nothing."""
    assert refused(asked()) == ""
    assert refused(asked(), track_of(until_s=40)) == ""


def test_the_tolerance_is_the_policys() -> None:
    """Two per cent of oxygen apart is agreed to, three is not; short of the threshold by the tolerance is enough."""
    without_trend = _with_detail(trend=())
    assert refused(without_trend(asked(track_of(oxygen=82.0))), track_of(oxygen=84.0)) == ""
    assert refused(without_trend(asked(track_of(oxygen=82.0))), track_of(oxygen=85.1)) == "value"
    assert refused(without_trend(asked(track_of(oxygen=85.0))), track_of(oxygen=87.0)) == ""
    assert refused(without_trend(asked(track_of(oxygen=86.0))), track_of(oxygen=86.0)) == "threshold"


def test_what_has_not_lasted_is_not_attested() -> None:
    """The value is right, and the row wants it for 60 s: an oracle that saw it for 20 s, refuses."""
    for since_s in (-120, -60):
        track = track_of(since_s=since_s)
        assert refused(asked(track), track) == ""
    for since_s in (-50, -20):
        track = track_of(since_s=since_s)
        assert refused(asked(track), track) == "lasted"
    row = POLICY.row("help-wanted")
    assert row is not None
    assert row.for_s == 0


def test_an_oracle_that_heard_nothing_of_it_agrees_to_nothing() -> None:
    """Without fresh readings of its own, an oracle cannot stand for anybody's."""
    assert refused(asked(), Track()) == "missing"


Change = Callable[[AttestBox], AttestBox]


def _with_detail(**changes: Any) -> Change:  # noqa: ANN401
    return lambda box: _asked(replace(box.detail, **changes))


def _with_alert(**changes: Any) -> Change:  # noqa: ANN401
    return lambda box: _asked(box.detail, **changes)


def _with_reason(**changes: Any) -> Change:  # noqa: ANN401
    return lambda box: _asked(replace(box.detail, reasons=(replace(box.detail.reasons[0], **changes),)))


LIES: dict[str, tuple[Change, str]] = {
    "a row that is not in the policy": (lambda box: replace(box, row="another"), "row"),
    "a row that says something else": (lambda box: replace(box, row="pulse-very-fast"), "reason"),
    "graver than the row": (_with_alert(severity=2), "severity"),
    "a shorter deadline": (_with_alert(deadline=NOW_S + 60), "deadline"),
    "raised long ago": (_with_alert(raised_at=NOW_S - 400, deadline=NOW_S - 280), "time"),
    "a hospital that nobody would ask": (_with_alert(addressee=MemberId("hospital-elsewhere")), "hospital"),
    "another value": (_with_reason(value="60"), "value"),
    "another unit": (_with_reason(unit="kPa"), "reason"),
    "another direction": (_with_reason(direction="high"), "reason"),
    "another feature": (_with_reason(feature="heart_rate"), "reason"),
    "a value that is not alarming": (_with_reason(value="86.5"), "value"),
    "another place": (_with_detail(position=Position("40416000", "-3703000", NOW_S)), "position"),
    "a trend of something else": (_with_detail(trend=(Trend("glucose", "", (TrendPoint(NOW_S, "1"),)),)), "trend"),
    "a trend that contradicts": (
        _with_detail(trend=(Trend("heart_rate", "/min", (TrendPoint(NOW_S, "190"),)),)),
        "trend",
    ),
    "a trend that nobody saw": (
        _with_detail(trend=(Trend("heart_rate", "/min", (TrendPoint(NOW_S - 5_000, "88"),)),)),
        "trend",
    ),
    "judged in the future": (lambda box: replace(box, as_of=(NOW_S + 400) * 1_000), "late"),
    "judged too long ago": (lambda box: replace(box, as_of=(NOW_S - 4_000) * 1_000), "late"),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=list(LIES))
def test_each_lie_of_a_raiser_is_found(lie: tuple[Change, str]) -> None:
    """One thing changed is one thing refused, and the message names none of it."""
    change, reason = lie
    assert refused(change(asked())) == reason


def test_without_a_position_of_its_own_an_oracle_does_not_stand_for_one() -> None:
    """A place that it cannot check is not attested; an alert without place is."""
    blind = track_of()
    blind.position = None
    assert refused(asked(), blind) == "position"
    assert refused(asked(blind), blind) == ""
