"""HTTP as every client of Hospes speaks it: typed bodies out, typed bodies or typed errors in.

It retries nothing: whether asking again is safe is known by the caller alone.
"""

import json
from collections.abc import Mapping
from typing import Final, TypeVar, cast

import httpx

from hospes.core import wire
from hospes.service.errors import RemoteError, UnreachableError

T = TypeVar("T")
TIMEOUT_S: Final = 10.0
MAX_REPLY_BYTES: Final = 4 << 20
"""The largest reply, a full list of notices, is well below."""
PROBLEM_TYPE: Final = "urn:hospes:problem:"


class Peer:
    """A member's service.

    Parameters
    ----------
    url : str
        Its address, as the registry gives it.
    http : httpx.AsyncClient
        Shared among peers; whoever made it closes it.
    """

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self.url = url.rstrip("/")
        self._http = http

    async def post(self, path: str, content: wire.Shaped, cls: type[T]) -> T:
        """Send a typed body and return the typed reply.

        Raises
        ------
        UnreachableError
            When no answer came.
        RemoteError
            When the service refused; it carries the problem's slug.
        MalformedError
            When the reply is not of the form that the protocol gives it.
        """
        response = await self.request("POST", path, wire.encode(content), {"Content-Type": "application/json"})
        return wire.decode(cls, response.content, limit=MAX_REPLY_BYTES)

    async def request(
        self, method: str, path: str, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send bytes and return a successful response, or raise as `post` does."""
        try:
            response = await self._http.request(method, self.url + path, content=content, headers=dict(headers or {}))
        except httpx.HTTPError as error:
            raise UnreachableError(self.url, type(error).__name__) from error
        if not response.is_success:
            raise _remote(self.url, response)
        return response


def connection() -> httpx.AsyncClient:
    """Return a client for `Peer`s: no redirects, no proxy from the environment, bounded time."""
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=32)
    return httpx.AsyncClient(timeout=TIMEOUT_S, limits=limits, trust_env=False, follow_redirects=False)


def _remote(url: str, response: httpx.Response) -> RemoteError:
    try:
        tree = cast("object", json.loads(response.content))
    except ValueError:
        tree = {}
    members = cast("dict[str, object]", tree) if isinstance(tree, dict) else {}
    kind = str(members.get("type", "")).removeprefix(PROBLEM_TYPE) or "unknown"
    detail = str(members.get("detail", "no problem document came with it"))[:500]
    return RemoteError(url, response.status_code, kind, detail)
