"""Happenings: what an oracle does, as counts and live events without anything personal.

An event has a name, a state and, of an alert, its hash, which stands on the chain anyway: no journey, no device, no
value, no place. It keeps nothing: who listens later hears later.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge

from hospes.core import wire
from hospes.core.identities import Hash
from hospes.oracle.errors import OracleFullError

BACKLOG: Final = 256
"""Events that a slow listener may be behind; older ones are dropped for it, and it is told how many."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event.

    Attributes
    ----------
    what : str
        ``frames``, ``decided``, ``attested``, ``not-attested``, ``raised``, ``delivered``, ``acknowledged``,
        ``escalated``, ``closed``, ``enrolled``, ``unenrolled`` or ``dropped``.
    count : int
    at : int
        Unix seconds.
    alert_hash : Hash, optional
    reason : str, optional
        A word of this program, such as the slug of an error.
    """

    what: str
    count: int
    at: int
    alert_hash: Hash | None = None
    reason: str | None = None

    def event(self) -> bytes:
        """Return it as an event of a stream."""
        return f"event: {self.what}\ndata: {wire.encode(self).decode()}\n\n".encode()


class _Listener:
    """One reader of the stream, with what it did not read yet."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.waiting: asyncio.Queue[Happening] = asyncio.Queue(BACKLOG)
        self.dropped = 0

    def hear(self, happening: Happening) -> None:
        if self.waiting.full():
            self.waiting.get_nowait()
            self.dropped += 1
        self.waiting.put_nowait(happening)


class Happenings:
    """Tells what happens to metrics and to everybody who listens; call it in the loop's thread only.

    Parameters
    ----------
    clock : callable
        Unix seconds.
    max_listeners : int
        Of all sources.
    max_a_source : int
    """

    def __init__(self, clock: Callable[[], float], max_listeners: int, max_a_source: int) -> None:
        self._clock, self._max_listeners, self._max_a_source = clock, max_listeners, max_a_source
        self._listeners: set[_Listener] = set()
        self._counts: Counter | None = None

    def tell(self, what: str, count: int = 1, alert_hash: Hash | None = None, reason: str | None = None) -> None:
        """Say that something happened."""
        if self._counts is not None:
            self._counts.labels(what, reason or "").inc(count)
        happening = Happening(what, count, int(self._clock()), alert_hash, reason)
        for listener in self._listeners:
            listener.hear(happening)

    def measure(self, registry: CollectorRegistry, gauges: dict[str, Callable[[], float]]) -> None:
        """Count into a registry from now on, and let it ask for these gauges, by name."""
        self._counts = Counter("hospes_oracle_happenings", "What happened", ["what", "reason"], registry=registry)
        for name, ask in gauges.items():
            Gauge(f"hospes_oracle_{name}", name.replace("_", " "), registry=registry).set_function(ask)

    def require_room(self, source: str) -> None:
        """Raise `OracleFullError` when there are as many listeners as there may be, of all sources or of this one."""
        if len(self._listeners) >= self._max_listeners:
            raise OracleFullError("live views", self._max_listeners)
        if sum(one.source == source for one in self._listeners) >= self._max_a_source:
            raise OracleFullError("live views of one address", self._max_a_source)

    @asynccontextmanager
    async def listening(self, source: str) -> AsyncGenerator[_Listener, None]:
        """Give a listener until the end of the block, or raise `OracleFullError`."""
        self.require_room(source)
        listener = _Listener(source)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    async def events(self, source: str, heartbeat_s: float, stream_s: float) -> AsyncGenerator[bytes, None]:
        """Return the events from now on, with a comment in every silence, until the time of a view is over."""
        clock = asyncio.get_running_loop().time
        end = clock() + stream_s
        async with self.listening(source) as listener:
            yield b": here\n\n"
            while clock() < end:
                if listener.dropped:
                    yield Happening("dropped", listener.dropped, int(self._clock())).event()
                    listener.dropped = 0
                try:
                    happening = await asyncio.wait_for(listener.waiting.get(), heartbeat_s)
                except TimeoutError:
                    yield b": here\n\n"
                else:
                    yield happening.event()
