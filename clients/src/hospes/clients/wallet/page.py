"""The wallet's page as a web server gives it: the built files, what network they are for, and what they may do.

The page does its work in the traveller's browser and speaks to the network itself. So nothing here knows a traveller,
and nothing of a wallet ever arrives here. Whoever serves the page could serve another one: a page served by a member is
as honest as that member, and it says so.

Sources: W3C Content Security Policy level 3, Trusted Types; Web Authentication level 3 (a passkey's domain cannot be an
address: on this machine the page is ``http://localhost:PORT``, not ``127.0.0.1``).
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Final

from fastapi import FastAPI, Request, Response

from hospes.core.genesis import Genesis
from hospes.core.identities import MemberId
from hospes.service import http
from hospes.service.network import Network

PORT: Final = 8630
"""Where `hospes up` serves it: below the members' ports, so that both can be remembered."""
FOLDER: Final = "page"
INDEX: Final = "index.html"
_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
}
_ORIGIN: Final = re.compile(r"https?://(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
"""An address that can stand in a policy: anything else could add a rule of its own."""


@dataclass(frozen=True, slots=True)
class NetworkFile:
    """``GET /network.json``: what the page must know before it can prove anything.

    Attributes
    ----------
    genesis : Genesis
        A page remembers its pin with the wallet, and refuses another one later.
    ledger : str
        Of a node; it need not be trusted.
    stores : tuple of MemberId
    """

    genesis: Genesis
    ledger: str
    stores: tuple[MemberId, ...]


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    media_type: str
    tag: str


def page_app(network: Network, services: Iterable[str]) -> FastAPI:
    """Return the application to serve.

    Parameters
    ----------
    network : Network
    services : iterable of str
        Addresses of the members' services, as the registry has them; the page may speak to these and to the ledger
        alone. Members that join later are reached after a restart.
    """
    app = http.application("Hospes wallet page")
    headers = security_headers([network.ledger_url, *services])
    own = NetworkFile(network.genesis, network.ledger_url, network.stores)

    async def network_file() -> Response:
        response = http.reply(own)
        response.headers.update(headers)
        return response

    app.add_api_route("/network.json", network_file, methods=["GET"])
    for name, file in _built().items():
        app.add_api_route(f"/{name}", _serving(file, headers), methods=["GET", "HEAD"])
        if name == INDEX:
            app.add_api_route("/", _serving(file, headers), methods=["GET", "HEAD"])
    return app


def security_headers(addresses: Iterable[str]) -> dict[str, str]:
    """Return what a browser must hold the page to, which may speak to `addresses`.

    Addresses that are more than a host and a port are left out, as they could not be called either.
    """
    origins = sorted({address.rstrip("/") for address in addresses if _ORIGIN.fullmatch(address.rstrip("/"))})
    policy = (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        " ".join(["connect-src 'self'", *origins]),
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types hospes-wallet",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "Cache-Control": "no-cache",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _serving(file: _File, headers: dict[str, str]) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        own = {**headers, "ETag": file.tag}
        if request.headers.get("If-None-Match") == file.tag:
            return Response(status_code=304, headers=own)
        return Response(file.content, media_type=file.media_type, headers=own)

    return serve


def _built() -> dict[str, _File]:
    folder = files("hospes.clients.wallet") / FOLDER
    found: dict[str, _File] = {}
    for path in sorted(folder.iterdir(), key=lambda each: each.name):
        media_type = _TYPES.get(path.name.rpartition(".")[2])
        if path.is_file() and media_type:
            content = path.read_bytes()
            found[path.name] = _File(content, media_type, f'"{sha256(content).hexdigest()[:32]}"')
    return found
