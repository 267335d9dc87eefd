"""Rules 8 and 9: an oracle's power is cut at any of its steps; no reading and no alert is lost or doubled."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from hospes.core.identities import MemberId
from tests.simulators.ward import NAMES, Ward, ward

EVORA = MemberId("hospital-evora")
ROW = "help-wanted"
LAST_STEP = 40
"""Writes, requests and transactions of an oracle that raises an alert, with some of what comes after."""


async def emergency(place: Ward, blows_at: int, victims: int) -> int:
    """Let a traveller press for help while the first oracles in turn lose their power at a step; return their steps."""
    order = place.first_in_turn(ROW)
    await place.enrol()
    await place.live(20)
    fuses = [place.running[name].fuse for name in order[:victims]]
    for fuse in fuses:
        fuse.steps, fuse.blows_at = 0, blows_at
    await place.press()
    await place.settle(0.3)
    steps = max(fuse.steps for fuse in fuses)
    for name in order[:victims]:
        if place.running[name].fuse.blown:
            await place.power_off(name)
            await place.power_on(name)
    place.device.reconnected(0)
    await place.deliver_all(5)
    return steps


async def aftermath(place: Ward) -> None:
    """Check that one alert stands, that its hospital has it, and that every oracle has every reading once."""
    (alert_hash,) = await place.until_raised()
    await place.until(lambda: alert_hash in place.received(EVORA))
    await place.acknowledge(EVORA, alert_hash)
    place.world.clock.now += 130
    await place.settle(0.3)
    await place.deliver_all(40)
    await place.settle(0.2)
    assert await place.raised() == [alert_hash]
    vitals = sum(1 for reading in place.pushed if type(reading).__name__ in {"Pulse", "OxygenSaturation"})
    assert vitals
    for name in NAMES:
        kept = list(place[name].messages.of(place.journey))
        assert sum(len(one.signals.vital) for one in kept) == vitals
        assert sum(one.signals.help_wanted for one in kept) == 1


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, LAST_STEP), st.integers(1, 2))
def test_power_cut_at_any_step_neither_loses_nor_doubles(
    tmp_path_factory: pytest.TempPathFactory, blows_at: int, victims: int
) -> None:
    """One or two of four oracles die between any two writes, requests or transactions, and come back."""

    async def story() -> None:
        async with ward(tmp_path_factory.mktemp("ward")) as place:
            await emergency(place, blows_at, victims)
            await aftermath(place)

    asyncio.run(story())


def test_the_cuts_reach_to_the_end_of_raising(tmp_path: Path) -> None:
    """The steps that are cut above are all of those from the frame to the delivered alert."""

    async def story() -> None:
        async with ward(tmp_path) as place:
            await emergency(place, 10_000, 1)
            await place.until_raised()
            await place.until(lambda: len(place.received(EVORA)) == 1)
            assert 10 <= place.running[place.first_in_turn(ROW)[0]].fuse.steps <= LAST_STEP

    asyncio.run(story())
