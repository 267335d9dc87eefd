"""An alert's box: every form is fixed, and the alert's hash stands for every byte of it."""

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from hospes.core import boxes, wire
from hospes.core.alert_box import AlertBox, AlertDetail, DeviceState, Position, Reason, Trend, TrendPoint
from hospes.core.boxes import BoxSecret
from hospes.core.errors import BoxError, HospesError, MalformedError
from hospes.core.identities import Address, Hash, MemberId
from hospes.core.messages import Alert
from hospes.core.typed_data import Domain, digest
from tests.simulators.alerts import alert_details, an_alert_box

DOMAIN = Domain(5, Address(b"c" * 20))


@given(alert_details(), st.binary(min_size=16, max_size=16))
def test_a_box_is_read_as_written(detail: AlertDetail, gate: bytes) -> None:
    """Every position, reason, point and state comes back."""
    alert = Alert(Address(b"j" * 20), MemberId("h"), 2, 10, 20, detail.hash, Hash(b"s" * 32))
    box = AlertBox(alert, gate, detail)
    assert wire.decode(AlertBox, wire.encode(box)) == box


@given(alert_details(), alert_details())
def test_the_alert_stands_for_one_detail(one: AlertDetail, other: AlertDetail) -> None:
    """A detail whose hash the alert does not hold is refused, whatever differs."""
    alert = Alert(Address(b"j" * 20), MemberId("h"), 2, 10, 20, one.hash, Hash(b"s" * 32))
    if one == other:
        return
    with pytest.raises(MalformedError, match="not the one whose hash the alert holds"):
        AlertBox(alert, bytes(16), other)


def test_nothing_of_a_box_is_printed() -> None:
    """Neither the gate nor a reading reaches a log through a careless line."""
    box = an_alert_box()
    assert "heart_rate" not in repr(box)
    assert repr(box.gate)[2:-1] not in repr(box)


def test_only_its_addressee_opens_a_box_and_only_for_this_alert() -> None:
    """Another account or another alert is another context."""
    secret, box = BoxSecret(b"1" * 32), an_alert_box()
    alert_hash, account = digest(DOMAIN, box.alert), Address(b"a" * 20)
    sealed = boxes.seal(secret.public, boxes.alert_info(DOMAIN, alert_hash, account), wire.encode(box))
    assert wire.decode(AlertBox, secret.open(sealed, boxes.alert_info(DOMAIN, alert_hash, account))) == box
    for info in (
        boxes.alert_info(DOMAIN, Hash(b"x" * 32), account),
        boxes.alert_info(DOMAIN, alert_hash, Address(b"b" * 20)),
    ):
        with pytest.raises(BoxError, match="hospes/alert/1"):
            secret.open(sealed, info)


@pytest.mark.parametrize(("latitude", "longitude"), [("90000000", "-180000000"), ("0", "0"), ("-38571430", "-7909500")])
def test_places_on_earth_are_taken(latitude: str, longitude: str) -> None:
    """South and west are negative."""
    assert Position(latitude, longitude, 1).latitude == latitude


@pytest.mark.parametrize("latitude", ["90000001", "-0", "+1", "1.5", "1e6", " 1", "", "٣", "01", "-90000001"])
def test_anything_else_is_no_place(latitude: str) -> None:
    """One spelling for each place, and none outside of Earth."""
    with pytest.raises(MalformedError, match="Position"):
        Position(latitude, "0", 1)


@pytest.mark.parametrize("value", ["0", "-1.5", "128", "999999999999.999999"])
def test_decimal_values_are_taken(value: str) -> None:
    """Whole, with fractions, negative."""
    assert Reason("heart_rate", value, "/min", "high").value == value


@pytest.mark.parametrize("value", ["", "-", "1.", ".5", "1e3", "NaN", "00", "1,5", "1.0000001", "1" * 13, "-٣"])
def test_other_values_are_refused(value: str) -> None:
    """No exponent, no comma, no words."""
    with pytest.raises(MalformedError, match="value"):
        Reason("heart_rate", value, "/min", "high")


@pytest.mark.parametrize(
    ("feature", "unit", "direction"),
    [
        ("", "", "high"),
        ("Heart", "", "high"),
        ("a.b.c", "", "high"),
        (".a", "", "high"),
        ("x" * 65, "", "high"),
        ("hr", "a b", "high"),
        ("hr", "", "sideways"),
    ],
)
def test_reasons_are_codes(feature: str, unit: str, direction: str) -> None:
    """No sentence fits into a reason."""
    with pytest.raises(MalformedError):
        Reason(feature, "1", unit, direction)


def test_lists_are_bounded_and_in_order() -> None:
    """None, too many, twice or backwards is refused."""
    detail = an_alert_box().detail
    reason, point = detail.reasons[0], TrendPoint(1, "1")
    series = Trend("heart_rate", "/min", (point,))
    for broken in (
        lambda: replace(detail, reasons=()),
        lambda: replace(detail, reasons=(reason,) * 17),
        lambda: replace(detail, trend=(series, series)),
        lambda: replace(detail, salt=Hash(b"")),
        lambda: Trend("heart_rate", "/min", ()),
        lambda: Trend("heart_rate", "/min", (point, point)),
        lambda: Trend("heart_rate", "/min", tuple(TrendPoint(at, "1") for at in range(129))),
        lambda: DeviceState(101, 1, 0),
        lambda: DeviceState(100, 1, 1 << 32),
        lambda: AlertBox(an_alert_box().alert, bytes(15), detail),
    ):
        with pytest.raises(HospesError):
            broken()
