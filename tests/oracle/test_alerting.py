"""From a heartbeat to an acknowledgement: the device core, four oracles, the real ledger, the hospitals' inboxes."""

import asyncio
from pathlib import Path

import pytest

from hospes.core.chain import AlertState
from hospes.core.identities import Hash, MemberId
from hospes.firmware.readings import Position
from hospes.oracle.cases import ACKNOWLEDGED, ESCALATED
from hospes.service.errors import UnreachableError
from tests.simulators.ward import NAMES, Ward, ward

EVORA, BADAJOZ = MemberId("hospital-evora"), MemberId("hospital-badajoz")


async def state_of(place: Ward, alert_hash: Hash) -> AlertState:
    """Return what the chain says of an alert."""
    reader = place.world.reader()
    return await reader.alert(alert_hash, await reader.tip())


def test_low_oxygen_reaches_the_nearest_hospital_once(tmp_path: Path) -> None:
    """Four oracles find the same; one alert stands on the chain, in the inbox of the nearest hospital, with reasons."""

    async def story() -> None:
        async with ward(tmp_path) as place:
            await place.enrol()
            await place.live(60)
            await place.live(70, oxygen=82.0)
            await place.until(lambda: len(place.received(EVORA)) == 1)
            (alert_hash,) = place.received(EVORA)
            box = place.desks[EVORA].inbox.alert(alert_hash).box
            assert box.gate == place.card.gate_secret
            assert box.detail.reasons[0].feature == "oxygen_saturation"
            assert (box.detail.reasons[0].value, box.detail.reasons[0].direction) == ("82", "low")
            assert box.detail.position is not None
            await place.acknowledge(EVORA, alert_hash)
            place.world.clock.now += 130
            await place.until(lambda: all(not place[name].parts.cases.open() for name in NAMES))
            await place.live(120, oxygen=82.0)
            await place.settle()
            assert await place.raised() == [alert_hash]
            assert (await state_of(place, alert_hash)).acknowledged
            outcomes = {case.outcome for name in NAMES for case in place[name].parts.cases.all() if case.alert}
            assert ACKNOWLEDGED in outcomes

    asyncio.run(story())


def test_a_silent_hospital_is_followed_by_the_next(tmp_path: Path) -> None:
    """After the deadline the alert goes to the next hospital, and the chain links the two."""

    async def story() -> None:
        async with ward(tmp_path) as place:
            await place.enrol()
            await place.live(20)
            await place.press()
            await place.until(lambda: len(place.received(EVORA)) == 1)
            (first,) = place.received(EVORA)
            assert await place.until_raised() == [first]
            place.world.clock.now += 125
            await place.until(lambda: len(place.received(BADAJOZ)) == 1)
            (second,) = place.received(BADAJOZ)
            await place.until_raised(2)
            await place.settle()
            assert (await state_of(place, first)).escalated_to == second
            assert await place.raised() == [first, second]
            assert any(case.outcome == ESCALATED for name in NAMES for case in place[name].parts.cases.all())

    asyncio.run(story())


def test_an_oracle_that_is_killed_leaves_the_alert_to_those_that_attested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The raiser dies once others attested: a backup raises the same alert and delivers it; there is no second one."""

    async def story() -> None:
        async with ward(tmp_path) as place:
            await place.enrol()
            await place.live(20)
            first, *others = place.first_in_turn("help-wanted")
            monkeypatch.setattr(place[first].parts.sender, "send", _never)
            place.streets.cut_off = {8611}
            await place.press()
            await place.until(lambda: any(place[name].parts.cases.open() for name in others))
            await place.until(lambda: all(_held(place, name) for name in others))
            held = {case.alert_hash for name in others for case in place[name].parts.cases.all() if not case.own}
            await place.power_off(first)
            place.streets.cut_off = set()
            place.world.clock.now += 20
            (alert_hash,) = await place.until_raised()
            assert {alert_hash} == held
            await place.until(lambda: place.received(EVORA) == [alert_hash])
            await place.acknowledge(EVORA, alert_hash)
            await place.power_on(first)
            await place.settle()
            assert await place.raised() == [alert_hash]

    asyncio.run(story())


def _held(place: Ward, name: MemberId) -> bool:
    cases = place[name].parts.cases.all()
    return any(not case.own and case.signed_by(place[name].parts.address) for case in cases)


async def _never(*_: object) -> Hash:
    raise UnreachableError("the ledger", "cut off")


def test_frames_that_come_late_raise_the_alert_all_the_same(tmp_path: Path) -> None:
    """The line is down while it happens; afterwards frames arrive late and complete, and the alert is raised."""

    async def story() -> None:
        async with ward(tmp_path) as place:
            await place.enrol()
            await place.live(30)
            place.cut = set(NAMES)
            await place.live(120, oxygen=82.0)
            await place.live(300, oxygen=82.0)
            assert not await place.raised()
            place.cut, place.loss = set(), 0.3
            await place.deliver_all()
            (alert_hash,) = await place.until_raised()
            await place.until(lambda: place.received(EVORA) == [alert_hash])
            vitals = sum(1 for reading in place.pushed if not isinstance(reading, Position))
            for name in NAMES:
                kept = place[name].messages.of(place.journey)
                assert sum(len(one.signals.vital) for one in kept) == vitals

    asyncio.run(story())


def test_an_oracle_that_heard_nothing_attests_nothing(tmp_path: Path) -> None:
    """With three oracles deaf, the fourth finds nobody to stand for what it alone has seen, and nothing is raised."""

    async def story() -> None:
        async with ward(tmp_path) as place:
            await place.enrol()
            first, *others = place.first_in_turn("help-wanted")
            place.cut = set(others)
            await place.live(20)
            await place.press()
            await place.until(lambda: any(case.alert for case in place[first].parts.cases.open()))
            await place.settle(1.0)
            assert not await place.raised()
            place.cut = set(others[1:])
            await place.deliver_all(5)
            assert len(await place.until_raised()) == 1

    asyncio.run(story())


def test_after_unenrolling_nothing_is_left(tmp_path: Path) -> None:
    """The traveller ends it: frames are nobody's, no case is open, and no file opens any more."""

    async def story() -> None:
        async with ward(tmp_path) as place:
            await place.enrol()
            await place.live(30)
            for name in NAMES:
                await place.unenrol(name)
                assert place[name].parts.enrolments.of_journey(place.journey) is None
            await place.press()
            await place.settle()
            assert not await place.raised()
            assert all(not place[name].parts.cases.all() for name in NAMES)

    asyncio.run(story())
