"""Survival: one odd answer, of whomever, ends none of the tasks that an oracle runs for ever."""

# pyright: reportPrivateUsage=false

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hospes.core.identities import MemberId, recover
from tests.simulators.ward import NAMES, Ward, ward

EVORA = MemberId("hospital-evora")


class Odd:
    """Stands before a function, and fails in a way that nobody foresaw, some times."""

    def __init__(self, inner: Callable[..., Any], times: int = 1) -> None:
        self._inner, self.times = inner, times

    def __call__(self, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - what stands before anything
        """Fail, or pass it on."""
        if self.times:
            self.times -= 1
            raise AttributeError("'bool' object has no attribute 'get'")
        return self._inner(*args, **named)


def failures(place: Ward, name: MemberId, what: str) -> float:
    """Return what an oracle's metrics count of failures that nobody foresaw."""
    labels = {"what": what, "reason": "defect"}
    return place[name].app.state.metrics.get_sample_value("hospes_oracle_happenings_total", labels) or 0.0


@pytest.mark.slow
def test_an_open_alert_survives_odd_answers_of_the_node_and_of_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each oracle's node answers rubbish, then each peer, then each hospital: the alert is raised and delivered."""

    async def story() -> None:
        async with ward(tmp_path) as place:
            await place.enrol()
            await place.live(20)
            odd: list[Odd] = []
            for name in NAMES:
                chain, raising = place[name].parts.chain, place[name]._raising
                for owner, method in ((chain, "tip"), (chain, "alert"), (raising._delivery, "_post")):
                    odd.append(Odd(getattr(owner, method)))
                    monkeypatch.setattr(owner, method, odd[-1])
            await place.press()
            (alert_hash,) = await place.until_raised()
            await place.until(lambda: place.received(EVORA) == [alert_hash])
            assert all(one.times == 0 for one in odd[0::3])
            assert all(failures(place, name, "case-failed") for name in NAMES)

    asyncio.run(story())


@pytest.mark.slow
def test_a_peer_that_answers_oddly_costs_only_its_own_attestation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first asking fails in a way that nobody foresaw; the alert is raised all the same."""

    async def story() -> None:
        async with ward(tmp_path) as place:
            await place.enrol()
            await place.live(20)
            monkeypatch.setattr("hospes.oracle.attesting.recover", odd := Odd(recover))
            await place.press()
            await place.until_raised()
            assert odd.times == 0

    asyncio.run(story())


@pytest.mark.slow
def test_the_broom_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails in a round is counted, keeps nothing else of it from being done, and comes again in the next."""

    async def story() -> None:
        async with ward(tmp_path, power=False) as place:
            oracle = await place.power_on(NAMES[0])
            quick = replace(oracle.parts.configuration, sweep_every_s=0.01)
            monkeypatch.setattr(oracle, "parts", replace(oracle.parts, configuration=quick))
            odd, rounds = Odd(oracle.messages.drop_old), list[int]()
            monkeypatch.setattr(oracle.messages, "drop_old", odd)
            monkeypatch.setattr(oracle.parts.cases, "drop_closed", rounds.append)
            sweeping = asyncio.create_task(oracle._sweep_for_ever())
            await place.until(lambda: len(rounds) > 2)
            assert not sweeping.done()
            assert failures(place, NAMES[0], "sweep-failed") == 1
            sweeping.cancel()

    asyncio.run(story())
