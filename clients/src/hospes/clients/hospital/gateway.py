"""The gateway: the service that a hospital runs for travellers, for oracles, and for its own people.

For others: health, metrics, relaying what travellers signed, and the inbox. For its own, with a desk: FHIR and the
console. It decides nothing about consent; keepers do.

Sources: PROTOCOL section 5 (``POST /v1/relay``, ``POST /v1/inbox``).
"""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI, Request, Response

from hospes.clients.hospital.console import console_routes
from hospes.clients.hospital.desk import Desk
from hospes.clients.hospital.fhir_service import fhir_routes
from hospes.clients.hospital.inbox import MAX_BOX_BYTES
from hospes.clients.hospital.page_files import page_routes
from hospes.core.bodies import InboxReply, InboxRequest, RelayRequest
from hospes.service import http
from hospes.service.allowances import Allowances
from hospes.service.http import Lifespan
from hospes.service.relay import Relay

MAX_INBOX_BYTES: Final = 2 * MAX_BOX_BYTES + 1024
"""A box in hexadecimal, and the rest of the body."""
BURST: Final = 60
"""Alerts that one source may send at once: an oracle has one for each of its travellers who falls ill."""
A_SECOND: Final = 1.0


def gateway_app(
    relay: Relay,
    desk: Desk | None = None,
    lifespan: Lifespan | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> FastAPI:
    """Return the application to serve.

    Parameters
    ----------
    relay : Relay
        Through the hospital's own sender; limits each source.
    desk : Desk, optional
        The hospital's; without it there are no inbox, FHIR and console. Whoever made it closes it.
    lifespan : callable, optional
        Starts and stops what relay and desk stand on.
    clock : callable
        Monotonic seconds, for the limits of each source.
    """

    async def relayed(request: Request) -> Response:
        """Send a call that carries the journey's signature; the chain judges it."""
        return http.reply(await relay.relay(await http.body(request, RelayRequest), http.source_of(request)))

    app = http.application("Hospes gateway", _lifespan(desk, lifespan), pages=True)
    app.add_api_route("/v1/relay", relayed, methods=["POST"])
    if desk is not None:
        _serve_desk(app, desk, Allowances("alerts", BURST, A_SECOND, clock))
    return app


def _serve_desk(app: FastAPI, desk: Desk, allowances: Allowances) -> None:
    async def received(request: Request) -> Response:
        """Take an alert; it is on the disk before the reply."""
        allowances.spend(http.source_of(request))
        alert = await http.body(request, InboxRequest, limit=MAX_INBOX_BYTES)
        await desk.receive(alert)
        return http.reply(InboxReply(alert.alert_hash))

    app.add_api_route("/v1/inbox", received, methods=["POST"])
    app.include_router(fhir_routes(desk))
    app.include_router(console_routes(desk))
    app.include_router(page_routes())


def _lifespan(desk: Desk | None, inner: Lifespan | None) -> Lifespan | None:
    if desk is None:
        return inner

    @asynccontextmanager
    async def watched(app: FastAPI) -> AsyncGenerator[None, None]:
        async with desk.watching():
            if inner is None:
                yield
            else:
                async with inner(app):
                    yield

    return watched
