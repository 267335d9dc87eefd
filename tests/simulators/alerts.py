"""Alerts as an oracle would send them: any that the protocol allows, and one that looks like the story's."""

import os

from hypothesis import strategies as st

from hospes.core import boxes, wire
from hospes.core.alert_box import (
    DIRECTIONS,
    AlertBox,
    AlertDetail,
    DeviceState,
    Position,
    Reason,
    Trend,
    TrendPoint,
)
from hospes.core.bodies import InboxRequest
from hospes.core.cards import Card
from hospes.core.identities import Address, Hash, MemberId
from hospes.core.messages import Alert
from hospes.core.typed_data import Domain, digest
from hospes.service.membership import MemberKeys

features = st.from_regex(r"\A[a-z][a-z0-9_]{0,20}(\.[a-z0-9_]{1,9})?\Z")
units = st.sampled_from(["", "/min", "mm[Hg]", "%", "Cel"])
times = st.integers(0, 2**64 - 1)
values = st.decimals(-(10**6), 10**6, places=3).map(lambda value: f"{value:f}").filter(lambda text: text[:2] != "-0")


@st.composite
def trends(draw: st.DrawFn) -> Trend:
    """Any development of a feature."""
    when = sorted(draw(st.lists(times, min_size=1, max_size=4, unique=True)))
    return Trend(draw(features), draw(units), tuple(TrendPoint(at, draw(values)) for at in when))


@st.composite
def alert_details(draw: st.DrawFn) -> AlertDetail:
    """Any detail that the protocol allows."""
    reasons = st.builds(Reason, features, values, units, st.sampled_from(DIRECTIONS))
    degrees = st.integers(-90_000_000, 90_000_000).map(str)
    return AlertDetail(
        reasons=tuple(draw(st.lists(reasons, min_size=1, max_size=3))),
        trend=tuple(draw(st.lists(trends(), max_size=2, unique_by=lambda series: series.feature))),
        device=DeviceState(draw(st.integers(0, 100)), draw(times), draw(st.integers(0, 2**32 - 1))),
        salt=Hash(draw(st.binary(min_size=32, max_size=32))),
        position=draw(st.none() | st.builds(Position, degrees, degrees, times)),
    )


def an_alert_box(card: Card | None = None, addressee: str = "hospital-evora", now: int = 1_900_000_000) -> AlertBox:
    """Return the alert of the story: an irregular rhythm and rising pressure, near Evora."""
    points = tuple(TrendPoint(now - 600 + 60 * i, f"{96 + 4 * i}") for i in range(10))
    detail = AlertDetail(
        reasons=(
            Reason("atrial_fibrillation", "0.97", "", "present"),
            Reason("heart_rate.last", "132", "/min", "high"),
            Reason("systolic_pressure.slope", "18.5", "mm[Hg]/h", "rising"),
        ),
        trend=(Trend("heart_rate", "/min", points),),
        device=DeviceState(64, now - 5, 0),
        salt=Hash(os.urandom(32)),
        position=Position("38571430", "-7909500", now - 30),
    )
    journey, gate = (card.journey, card.gate_secret) if card else (Address(b"j" * 20), b"g" * 16)
    salt = Hash(os.urandom(32))
    return AlertBox(Alert(journey, MemberId(addressee), 3, now, now + 120, detail.hash, salt), gate, detail)


def sealed(box: AlertBox, domain: Domain, to: MemberKeys) -> InboxRequest:
    """Return the call that brings a box to a hospital."""
    alert_hash = digest(domain, box.alert)
    info = boxes.alert_info(domain, alert_hash, to.account.address)
    return InboxRequest(alert_hash, boxes.seal(to.box.public, info, wire.encode(box)))
