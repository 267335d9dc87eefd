"""Hops: when each step of a story happened, by the clock of this machine, from what the oracles say live.

It measures and waits; it causes nothing.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx

from hospes.core import wire
from hospes.core.errors import ConfigurationError, HospesError
from hospes.core.identities import Hash, MemberId
from hospes.oracle.happenings import Happening

STREAM: Final = "/v1/stream"
LOOK_S: Final = 0.02
_DATA: Final = "data: "


class StalledError(ConfigurationError):
    """A step of the story that did not come.

    Parameters
    ----------
    what : str
        What was waited for.
    waited_s : float
    """

    def __init__(self, what: str, waited_s: float) -> None:
        self.what, self.waited_s = what, waited_s
        super().__init__("the story", f"waited {waited_s:g} s for this, and it did not come: {what}")


@dataclass(frozen=True, slots=True)
class Heard:
    """One event of one oracle.

    Attributes
    ----------
    oracle : MemberId
    happening : Happening
    at : float
        Seconds of `time.perf_counter` when it was heard here.
    """

    oracle: MemberId
    happening: Happening
    at: float


class Streams:
    """What all oracles told since `following` began."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []

    def of(self, what: str, alert_hash: Hash | None = None, oracle: MemberId | None = None) -> list[Heard]:
        """Return the events of a name, the first first."""
        return [
            one
            for one in self.heard
            if one.happening.what == what
            and alert_hash in (None, one.happening.alert_hash)
            and oracle in (None, one.oracle)
        ]

    def count(self, what: str, reason: str | None = None) -> int:
        """Return how many times something happened, of one reason or of any."""
        found = (one.happening for one in self.of(what))
        return sum(one.count for one in found if reason in (None, one.reason))


@asynccontextmanager
async def following(addresses: Mapping[MemberId, str], http: httpx.AsyncClient) -> AsyncGenerator[Streams, None]:
    """Listen to the live streams of these oracles until the end of the block."""
    streams, ready = Streams(), {name: asyncio.Event() for name in addresses}
    tasks = [asyncio.create_task(_follow(name, url, http, streams, ready[name])) for name, url in addresses.items()]
    try:
        await until(lambda: all(one.is_set() for one in ready.values()), 10.0, "the oracles' live streams")
        yield streams
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(done: Callable[[], bool], within_s: float, what: str) -> None:
    """Wait for something.

    Raises
    ------
    StalledError
        When it does not come in time.
    """
    begun = time.perf_counter()
    while not done():
        if time.perf_counter() - begun > within_s:
            raise StalledError(what, within_s)
        await asyncio.sleep(LOOK_S)


async def _follow(name: MemberId, url: str, http: httpx.AsyncClient, streams: Streams, ready: asyncio.Event) -> None:
    async with http.stream("GET", url + STREAM, timeout=None) as response:
        async for line in response.aiter_lines():
            ready.set()
            if line.startswith(_DATA):
                try:
                    happening = wire.decode(Happening, line.removeprefix(_DATA).encode())
                except HospesError:
                    continue
                streams.heard.append(Heard(name, happening, time.perf_counter()))


@dataclass(frozen=True, slots=True)
class Hop:
    """One step.

    Attributes
    ----------
    what : str
    seconds : float
    how : str
        How it was measured.
    """

    what: str
    seconds: float
    how: str
