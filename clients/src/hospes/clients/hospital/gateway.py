"""The gateway: the service that a hospital runs for others: health, metrics, and relaying what travellers signed.

It reads no record and decides nothing; a hospital's own accesses go through `hospital`.

Sources: PROTOCOL section 5 (``POST /v1/relay``).
"""

from fastapi import FastAPI, Request, Response

from hospes.core.bodies import RelayRequest
from hospes.service import http
from hospes.service.http import Lifespan
from hospes.service.relay import Relay


def gateway_app(relay: Relay, lifespan: Lifespan | None = None) -> FastAPI:
    """Return the application to serve.

    Parameters
    ----------
    relay : Relay
        Through the hospital's own sender; limits each source.
    lifespan : callable, optional
        Starts and stops what the relay stands on.
    """

    async def relayed(request: Request) -> Response:
        """Send a call that carries the journey's signature; the chain judges it."""
        return http.reply(await relay.relay(await http.body(request, RelayRequest), http.source_of(request)))

    app = http.application("Hospes gateway", lifespan)
    app.add_api_route("/v1/relay", relayed, methods=["POST"])
    return app
