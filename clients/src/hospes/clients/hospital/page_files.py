"""The files of the console's page, as they were built, under a policy that lets them reach this gateway and no other.

They are few and read once. Nothing outside of this list is served, whatever a path looks like.

Sources: W3C Content Security Policy level 3; clients/pages (their sources).
"""

from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

PAGE: Final = "/console/"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-cache",
}
_KINDS: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


def page_routes() -> APIRouter:
    """Return the routes of the page."""
    found = _read()

    async def page(request: Request) -> Response:
        name = request.path_params.get("name") or "index.html"
        if name not in found:
            raise HTTPException(404)
        return Response(found[name], media_type=_KINDS[_ending(name)], headers=HEADERS)

    async def door(_: Request) -> Response:
        return RedirectResponse(PAGE)

    router = APIRouter()
    router.add_api_route("/", door, methods=["GET"])
    router.add_api_route("/console", door, methods=["GET"])
    router.add_api_route(PAGE, page, methods=["GET"])
    router.add_api_route(PAGE + "{name}", page, methods=["GET"])
    return router


def _read() -> dict[str, bytes]:
    folder = files("hospes.clients.hospital") / "page"
    if not folder.is_dir():
        return {}
    return {each.name: each.read_bytes() for each in folder.iterdir() if _ending(each.name) in _KINDS}


def _ending(name: str) -> str:
    return name[name.rfind(".") :]
