"""HTTP as every client of Hospes speaks it: typed bodies out, typed bodies or typed errors in.

The other side chose its address and everything that it sends: so an address is nothing but a host and a port, an
answer is bounded in bytes and in time, and whatever goes wrong is an error of that one member. It retries nothing:
whether asking again is safe is known by the caller alone.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar, cast

import httpx

from hospes.core import wire
from hospes.core.errors import HospesError, MalformedError, TooLargeError
from hospes.core.printing import printable
from hospes.service.errors import RemoteError, UnreachableError

T = TypeVar("T")
REQUEST_S: Final = 10.0
"""For a whole request, from connecting to the last byte: a member that drips costs no more than one that is silent."""
MAX_REPLY_BYTES: Final = 4 << 20
"""The largest reply, a full list of notices, is well below."""
MAX_PROBLEM_BYTES: Final = 16 << 10
PROBLEM_TYPE: Final = "urn:hospes:problem:"
IDENTITY: Final = "identity"
"""The one content coding: of any other, a few bytes could become more than a memory holds."""
_ADDRESS: Final = re.compile(r"https?://(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?/?")
_MAX_PORT: Final = 65_535
_MAX_SLUG: Final = 64


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered, whole.

    Attributes
    ----------
    status : int
        HTTP status.
    content : bytes
    """

    status: int
    content: bytes


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

    async def post(self, path: str, content: wire.Shaped, cls: type[T], within_s: float | None = None) -> T:
        """Send a typed body and return the typed reply.

        Parameters
        ----------
        within_s : float, optional
            Seconds for all of it; `REQUEST_S` unless said.

        Raises
        ------
        UnreachableError
            When no answer came.
        RemoteError
            When the service refused; it carries the problem's slug.
        MalformedError, TooLargeError
            When the reply is not of the form that the protocol gives it.
        """
        headers = {"Content-Type": "application/json"}
        reply = await self.request("POST", path, wire.encode(content), headers, within_s=within_s)
        return wire.decode(cls, reply.content, limit=MAX_REPLY_BYTES)

    async def request(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        limit: int = MAX_REPLY_BYTES,
        within_s: float | None = None,
    ) -> Reply:
        """Send bytes and return a successful reply of at most `limit` bytes, or raise as `post` does."""
        _require_address(self.url)
        seconds = REQUEST_S if within_s is None else within_s
        try:
            async with asyncio.timeout(seconds):
                sent = {**(headers or {}), "Accept-Encoding": IDENTITY}
                reply = await self._exchange(method, path, content, sent, limit, seconds)
        except HospesError:
            raise
        except TimeoutError as error:
            raise UnreachableError(self.url, f"no whole answer within {seconds:g} s") from error
        except Exception as error:  # the client's libraries have many, and a stranger must not choose which gets out
            raise UnreachableError(self.url, _in_words(error)) from error
        if not httpx.codes.is_success(reply.status):
            raise _remote(self.url, reply)
        return reply

    async def _exchange(
        self, method: str, path: str, content: bytes, headers: Mapping[str, str], limit: int, within_s: float
    ) -> Reply:
        received, url = bytearray(), self.url + path
        stream = self._http.stream(method, url, content=content, headers=dict(headers), timeout=within_s)
        async with stream as response:
            if response.headers.get("Content-Encoding", IDENTITY) != IDENTITY:
                raise MalformedError("reply", "Content-Encoding", "nothing but identity was asked for")
            async for chunk in response.aiter_bytes():
                received += chunk
                if len(received) > limit:
                    raise TooLargeError("reply", len(received), limit)
        return Reply(response.status_code, bytes(received))


def connection() -> httpx.AsyncClient:
    """Return a client for `Peer`s: no redirects, no proxy from the environment, bounded time."""
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=32)
    return httpx.AsyncClient(timeout=REQUEST_S, limits=limits, trust_env=False, follow_redirects=False)


def _in_words(error: Exception) -> str:
    """Return why no answer came, for somebody who need not know the client's library."""
    match error:
        case httpx.ConnectError():
            return "nobody answers there; is it running?"
        case httpx.TimeoutException():
            return "it did not answer in time"
        case httpx.NetworkError() | httpx.RemoteProtocolError():
            return "the connection broke before a whole answer came, or the answer was no HTTP"
        case _:
            return f"no answer that can be read ({type(error).__name__})"


def _require_address(url: str) -> None:
    """Refuse an address with a path, query or user in it: it would turn our request into another one."""
    address = _ADDRESS.fullmatch(url)
    if address is None or int(address["port"] or 0) > _MAX_PORT:
        raise UnreachableError(printable(url) or "a member without address", "its address is not http(s)://host[:port]")


def _remote(url: str, reply: Reply) -> RemoteError:
    """Return a refusal, with what a stranger wrote of it in a form that can be shown."""
    try:
        tree = wire.parse("problem", reply.content, limit=MAX_PROBLEM_BYTES)
    except HospesError:
        tree = None
    members = cast("dict[str, object]", tree) if isinstance(tree, dict) else {}
    kind, detail = members.get("type"), members.get("detail")
    slug = printable(kind.removeprefix(PROBLEM_TYPE), _MAX_SLUG) if isinstance(kind, str) else ""
    told = printable(detail) if isinstance(detail, str) else "no problem document came with it"
    return RemoteError(url, reply.status, slug or "unknown", told)
