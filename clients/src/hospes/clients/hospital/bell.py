"""A bell: those who watch the inbox wait for its next ring, each for a bounded time.

It carries no news, only that there are some; whoever hears it looks for themselves.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from hospes.clients.hospital.gateway_errors import TooManyStreamsError

HEARTBEAT: Final = b": here\n\n"
"""A comment: it keeps the line open and means nothing (Server-Sent Events, section 9.2.6 of the HTML standard)."""


class Bell:
    """Rings for everybody who listens.

    Parameters
    ----------
    max_listeners : int
    """

    def __init__(self, max_listeners: int) -> None:
        self._max_listeners = max_listeners
        self._listeners: set[asyncio.Event] = set()
        self.rings = 0

    def ring(self) -> None:
        """Say that something changed."""
        self.rings += 1
        for listener in self._listeners:
            listener.set()

    def require_room(self) -> None:
        """Raise `TooManyStreamsError` when there are as many listeners as there may be."""
        if len(self._listeners) >= self._max_listeners:
            raise TooManyStreamsError(self._max_listeners)

    @asynccontextmanager
    async def listener(self) -> AsyncGenerator[asyncio.Event, None]:
        """Give a listener, set at first, until the end of the block.

        Raises
        ------
        TooManyStreamsError
            When there are as many as there may be.
        """
        self.require_room()
        listener = asyncio.Event()
        listener.set()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)


def event(name: str, data: str) -> bytes:
    """Return one event of a stream; `data` is one line."""
    return f"event: {name}\ndata: {data}\n\n".encode()
