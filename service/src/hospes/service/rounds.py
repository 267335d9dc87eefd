"""Work that a service does again and again while it runs, and whether it still does.

It knows nothing of the work. One round that fails, in whatever way, is named in the log and the next one tries again;
rounds that fail for long make ``GET /health`` fail, so that somebody comes and looks.

Sources: Prometheus, "Instrumentation" (batch jobs: the time of the last success).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import structlog
from fastapi import FastAPI
from prometheus_client import Gauge

from hospes.core.errors import HospesError
from hospes.service import http

OVERDUE_ROUNDS: Final = 3
"""Rounds without one that was completed, after which the service is not well."""
_log = structlog.get_logger("hospes.rounds")


class OverdueError(HospesError):
    """Work in the background that was not completed for too long.

    Parameters
    ----------
    name : str
        The work, such as ``"sweep"``.
    seconds : float
        Since it was last completed, or begun for the first time.
    """

    slug = "overdue"

    def __init__(self, name: str, seconds: float) -> None:
        self.name, self.seconds = name, seconds
        super().__init__(f"the {name} of this service was not completed for {seconds:.0f} s; its log says why")


class Rounds:
    """One kind of work, every so many seconds.

    Parameters
    ----------
    name : str
        Of the work, one word: of its metric and its lines in the log.
    every_s : float
        Seconds between the end of a round and the next one.
    work : callable
        One round. What it raises ends this round and nothing else.
    clock : callable
        Monotonic seconds.
    """

    def __init__(
        self,
        name: str,
        every_s: float,
        work: Callable[[], Awaitable[object]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._every_s, self._work, self._clock = name, every_s, work, clock
        self._since: float | None = None
        self._completed = Gauge(
            f"hospes_{name}_completed_seconds", f"When the last {name} was completed, Unix seconds", registry=None
        )
        self._running: asyncio.Task[None] | None = None

    def watched_by(self, app: FastAPI) -> None:
        """Let the health of an app depend on it, and its metrics tell when it was last completed."""
        http.add_check(app, self.check)
        app.state.metrics.register(self._completed)

    def check(self) -> None:
        """Raise `OverdueError` when three rounds have passed without a completed one; before the start, never."""
        if self._since is not None and self._clock() - self._since > OVERDUE_ROUNDS * self._every_s:
            raise OverdueError(self._name, self._clock() - self._since)

    def start(self) -> None:
        """Begin the first round at once, in a task of the running loop."""
        self._since = self._clock()
        self._running = asyncio.create_task(self._for_ever())

    async def stop(self) -> None:
        """End it, also in the middle of a round; harmless when it never started."""
        if self._running is None:
            return
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running
        self._running, self._since = None, None

    async def _for_ever(self) -> None:
        while True:
            await self._round()
            await asyncio.sleep(self._every_s)

    async def _round(self) -> None:
        try:
            await self._work()
        except HospesError as error:
            _log.warning(f"{self._name}_failed", error=error.slug)
        except Exception as error:  # noqa: BLE001  (a defect of one round must not end the rounds for good)
            _log.error(f"{self._name}_failed", error=type(error).__name__)  # not its message: that may hold a path
        else:
            self._since = self._clock()
            self._completed.set(time.time())
