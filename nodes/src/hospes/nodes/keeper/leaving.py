"""When an answer has left: what was entered for it ends only after its last byte was handed to the connection.

It stands outside everything else that handles a request, since what stands between a handler and the connection may
still hold a response after the handler and the response object are done. It knows nothing of answers.

Sources: PROTOCOL section 6 ("handed directly to a keeper is durable and honoured before the reply"); ASGI 3.0.
"""

import asyncio
from contextlib import ExitStack
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SEND_S: Final = 5.0
"""How long the bytes of one response may take; a slower reader is cut off, so that it holds up no withdrawal."""
_KEY: Final = "hospes.leaving"


class Leaving:
    """Gives each request a stack that is closed when its response has left, or will not.

    Parameters
    ----------
    app : ASGIApp
    send_s : float
    """

    def __init__(self, app: ASGIApp, send_s: float = SEND_S) -> None:
        self._app, self._send_s = app, send_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection event."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bounded = _BoundedSend(send, self._send_s)
        with ExitStack() as leaving:
            scope[_KEY] = leaving
            try:
                await self._app(scope, receive, bounded)
            except TimeoutError:
                # The server closes a connection whose response stays unfinished.
                if not bounded.late:
                    raise


class _BoundedSend:
    """A `send` that gives up some seconds after its first message."""

    def __init__(self, send: Send, send_s: float) -> None:
        self._send, self._send_s = send, send_s
        self._until: float | None = None
        self.late = False

    async def __call__(self, message: Message) -> None:
        """Send one message."""
        if self._until is None:
            self._until = asyncio.get_running_loop().time() + self._send_s
        try:
            async with asyncio.timeout_at(self._until):
                await self._send(message)
        except TimeoutError:
            self.late = True
            raise


def leaving_of(scope: Scope) -> ExitStack:
    """Return the stack of a request."""
    found: ExitStack = scope[_KEY]
    return found
