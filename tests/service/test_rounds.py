"""Work in the background: no failure ends it, and its absence is seen."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from hospes.core.errors import MalformedError
from hospes.service import http
from hospes.service.rounds import OverdueError, Rounds

FAILURES = (
    MalformedError("log", "", "of another form"),
    AttributeError("a path that no log may hold"),
    RecursionError(),
)


class Clock:
    """A clock that somebody sets."""

    now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def _rounds(work: Callable[[], Awaitable[object]], clock: Clock | None = None) -> Rounds:
    return Rounds("sweep", 0.001, work, clock or Clock())


async def _asked(app: FastAPI, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://store") as client:
        return await client.get(path)


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_no_failure_ends_the_rounds(failure: Exception) -> None:
    """Whatever one round raises, the next one comes, and the log names the kind of the failure only."""

    async def story() -> None:
        reached, count = asyncio.Event(), 0

        async def work() -> None:
            nonlocal count
            count += 1
            if count == 1:
                raise failure
            reached.set()

        rounds = _rounds(work)
        rounds.start()
        await asyncio.wait_for(reached.wait(), 5)
        await rounds.stop()
        await rounds.stop()

    with capture_logs() as lines:
        asyncio.run(story())
    assert [line["event"] for line in lines] == ["sweep_failed"]
    assert lines[0]["error"] in {"malformed", type(failure).__name__}
    assert "path" not in str(lines)


def test_health_fails_while_no_round_is_completed() -> None:
    """Three rounds without a completed one are a 503 that says so; the next completed one makes the service well."""

    async def story() -> None:
        clock, works, done = Clock(), asyncio.Event(), asyncio.Event()

        async def work() -> None:
            if not works.is_set():
                raise KeyError
            done.set()

        app, rounds = http.application("Store"), _rounds(work, clock)
        rounds.watched_by(app)
        assert (await _asked(app, "/health")).status_code == 200  # not started: nothing is promised yet
        rounds.start()
        clock.now = 0.003
        assert (await _asked(app, "/health")).status_code == 200
        assert "hospes_sweep_completed_seconds 0.0" in (await _asked(app, "/metrics")).text
        clock.now = 0.0031
        answer = await _asked(app, "/health")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:hospes:problem:overdue")
        works.set()
        await asyncio.wait_for(done.wait(), 5)
        await asyncio.sleep(0)
        assert (await _asked(app, "/health")).status_code == 200
        assert "hospes_sweep_completed_seconds 1." in (await _asked(app, "/metrics")).text
        await rounds.stop()
        rounds.check()

    asyncio.run(story())


def test_a_round_that_hangs_is_overdue() -> None:
    """Work that never ends is seen as well as work that fails."""

    async def story() -> None:
        clock = Clock()
        rounds = _rounds(asyncio.Event().wait, clock)
        rounds.start()
        await asyncio.sleep(0.01)
        clock.now = 60
        with pytest.raises(OverdueError, match=r"sweep .* 60 s"):
            rounds.check()
        await rounds.stop()

    asyncio.run(story())
