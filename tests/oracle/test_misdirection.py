"""Misdirection: an oracle that sends an alert with a wrong hospital or deadline costs some seconds, not the alert."""

# pyright: reportPrivateUsage=false

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from hospes.contracts import calls
from hospes.contracts.addresses import ALERTS
from hospes.core.chain import AlertState
from hospes.core.identities import Address, Hash, MemberId
from hospes.core.messages import Alert
from hospes.core.proof import FinalHeader
from hospes.oracle.cases import MISDIRECTED, Case
from hospes.oracle.misdirection import linked_wrongly
from tests.simulators.ward import Ward, ward

pytestmark = pytest.mark.slow
EVORA, BADAJOZ = MemberId("hospital-evora"), MemberId("hospital-badajoz")
Lie = Callable[[Ward, Alert], tuple[Address, int]]


def _sending(place: Ward, name: MemberId, lie: Lie) -> Callable[..., Awaitable[None]]:
    """Return how an oracle sends what was attested with terms of its own."""

    async def send(case: Case, alert: Alert, alert_hash: Hash, _: FinalHeader) -> None:
        signatures = calls.in_order({one.oracle: one.signature for one in case.attestations})
        data = calls.raise_alert(alert_hash, *lie(place, alert), case.oracle_epoch, signatures)
        await place[name].parts.sender.send(ALERTS, data)

    return send


def _to_another(place: Ward, alert: Alert) -> tuple[Address, int]:
    return place.world.members[BADAJOZ].account.address, alert.deadline


def _until_later(place: Ward, alert: Alert) -> tuple[Address, int]:
    return place.world.members[EVORA].account.address, alert.deadline + 80_000


async def states(place: Ward) -> dict[Hash, AlertState]:
    """Return all alerts on the chain."""
    reader = place.world.reader()
    tip = await reader.tip()
    return {alert_hash: await reader.alert(alert_hash, tip) for alert_hash in await place.raised()}


@pytest.mark.parametrize("lie", [_to_another, _until_later])
def test_an_alert_that_was_sent_astray_is_raised_anew_by_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lie: Lie
) -> None:
    """The raiser tells the chain another hospital or deadline: the others raise it right, once, and count it."""

    async def story() -> None:
        async with ward(tmp_path) as place:
            await place.enrol()
            await place.live(20)
            liar, *others = place.first_in_turn("help-wanted")
            raising: Any = place[liar]._raising
            monkeypatch.setattr(raising, "_send", _sending(place, liar, lie))
            await place.press()
            astray, right = await place.until_raised(2)
            await place.until(lambda: right in place.received(EVORA))
            await place.acknowledge(EVORA, right)
            evora = place.world.members[EVORA].account.address
            await place.until(lambda: all(not place[name].parts.cases.open() for name in others))
            found = await states(place)
            assert set(found) == {astray, right}
            for alert_hash, is_right in ((astray, False), (right, True)):
                alert = next(case.alert for name in others if (case := place[name].parts.cases.with_alert(alert_hash)))
                assert alert is not None
                terms = found[alert_hash].addressee, found[alert_hash].deadline
                assert (terms == (evora, alert.deadline)) is is_right
            assert found[right].acknowledged
            outcomes = {case.outcome for name in others for case in place[name].parts.cases.all()}
            assert MISDIRECTED in outcomes
            told = {"what": "misdirected", "reason": ""}
            metrics = [place[name].app.state.metrics for name in others]
            assert any(one.get_sample_value("hospes_oracle_happenings_total", told) for one in metrics)

    asyncio.run(story())


def test_a_link_to_another_travellers_alert_is_no_escalation(tmp_path: Path) -> None:
    """What followed on the chain must be of the same journey, as far as this oracle knows it."""

    async def story() -> None:
        async with ward(tmp_path) as place:
            await place.enrol()
            await place.live(20)
            await place.press()
            await place.until_raised()
            parts = place[place.first_in_turn("help-wanted")[0]].parts
            (case,) = [one for one in parts.cases.open() if one.alert_hash is not None][:1]
            assert case.alert_hash is not None
            state = AlertState(1, 1, 0, 0, Address(bytes(20)), 1, 1, case.alert_hash)
            other = Case(b"x" * 16, Address(b"x" * 20), case.row, 3, True, 0, 0, case.detail)
            assert not linked_wrongly(parts, case, state)
            assert linked_wrongly(parts, other, state)

    asyncio.run(story())
