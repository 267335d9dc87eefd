"""HTTP as every service of Hospes serves it: typed bodies, problem+json, health, metrics, a server in this process.

It knows no route of any part. A handler raises `HospesError`; the table of `core.errors` says what the caller sees.

Sources: RFC 9457 (problem details), RFC 9110, Fetch standard (CORS), Prometheus text format 0.0.4.
"""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from typing import Final, TypeVar

import structlog
import uvicorn
from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from hospes.core import wire
from hospes.core.errors import TABLE, ConfigurationError, HospesError, TooLargeError
from hospes.core.permissions import HEADER
from hospes.service.arrivals import BODY_S, Arrivals, Arriving, BodyLateError

T = TypeVar("T")
PROBLEM: Final = "application/problem+json"
JSON: Final = "application/json"
SHUTDOWN_S: Final = 2
"""How long a stopping server waits for answers under way."""
MAX_CONNECTIONS: Final = 900
"""Connections open at once, below the 1,024 open files that a process usually has; who comes then gets a 503."""
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Those with a label of their own: a caller may send any word, and every label stays in memory for good."""
PAGE_METHODS: Final = ("GET", "POST", "PUT", "DELETE")
PAGE_HEADERS: Final = ("Content-Type", HEADER)
"""What a page may send: a body's type, and the permission of a block (PROTOCOL section 3); no token of anybody's."""
_LATE: Final = 408
UNKNOWN_SOURCE: Final = "unknown"
"""Of a request that came over no network."""
_log = structlog.get_logger("hospes.http")

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Next = Callable[[Request], Awaitable[Response]]
Check = Callable[[], None]
"""Raises the `HospesError` that makes ``GET /health`` fail."""


def application(title: str, lifespan: Lifespan | None = None, *, pages: bool = False) -> FastAPI:
    """Return an app with ``GET /health``, ``GET /metrics`` and errors as problem+json.

    Parameters
    ----------
    title : str
        What the service calls itself, such as ``"Hospes keeper"``.
    lifespan : callable, optional
        Starts and stops what the app needs.
    pages : bool
        Whether web pages of any origin may call it, such as a wallet's that another member serves. Only for services
        that decide by what a request itself carries: no cookie and no token of the reader's ever goes with it.
    """
    app = FastAPI(title=title, lifespan=lifespan, docs_url=None, redoc_url=None)
    registry = CollectorRegistry()
    app.state.metrics = registry
    app.state.checks = []
    app.middleware("http")(_measured(registry))
    if pages:
        app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=PAGE_METHODS, allow_headers=PAGE_HEADERS)
    app.add_exception_handler(HospesError, _on_hospes_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_defect)
    app.add_api_route("/health", _health, methods=["GET"])
    app.add_api_route("/metrics", _metrics, methods=["GET"])
    return app


def add_check(app: FastAPI, check: Check) -> None:
    """Let ``GET /health`` of an `application` answer with the error that `check` raises, while it does."""
    app.state.checks.append(check)


async def body(request: Request, cls: type[T], *, limit: int = wire.MAX_BYTES) -> T:
    """Read the typed body of a request, or raise `MalformedError` or `TooLargeError`."""
    return wire.decode(cls, await raw_body(request, cls.__name__, limit), limit=limit)


async def raw_body(request: Request, what: str, limit: int) -> bytes:
    """Read at most `limit` bytes of a request's body; one byte more is refused while it still arrives.

    Raises
    ------
    TooLargeError
    BodyLateError
        When it is not there whole after `BODY_S` seconds.
    CrowdedError, OverfullError
        When its source, or all together, have too much under way (`arrivals`).
    """
    arriving: Arriving = request.state.arriving
    arriving.begin()
    try:
        async with asyncio.timeout(BODY_S):
            return await _received(request, what, limit, arriving)
    except TimeoutError as error:
        raise BodyLateError(what, BODY_S) from error


async def _received(request: Request, what: str, limit: int, arriving: Arriving) -> bytes:
    received = bytearray()
    async for chunk in request.stream():
        if len(received) + len(chunk) > limit:
            raise TooLargeError(what, len(received) + len(chunk), limit)
        arriving.add(len(chunk))
        received += chunk
    return bytes(received)


def source_of(request: Request) -> str:
    """Return where a request came from, to be counted and not written down."""
    return request.client.host if request.client else UNKNOWN_SOURCE


def reply(value: wire.Shaped, status: int = 200) -> Response:
    """Return a typed body."""
    return Response(wire.encode(value), status, media_type=JSON)


def problem(error: HospesError) -> Response:
    """Return an error as problem+json (RFC 9457)."""
    row = TABLE[error.slug]
    return _problem(row.status, error.slug, row.title, str(error))


class _Quiet(uvicorn.Server):
    """A uvicorn server that leaves signals to the program: several run in one process."""

    async def serve_here(self, sockets: list[socket.socket]) -> None:
        """Serve until told to exit."""
        await self._serve(sockets)


class Server:
    """One app on one loopback port of this process, until `stop`.

    Parameters
    ----------
    app : FastAPI
    host : str
    port : int
        0 for any free one.
    proxies : collection of str
        Addresses of proxies whose ``X-Forwarded-For`` names the caller. Of nobody else that header is believed, not
        even on this machine: whoever may write it chooses the address that limits are counted for. A proxy named here
        must add the address that it sees to the header, or replace the header by it.
    """

    def __init__(self, app: FastAPI, host: str = "127.0.0.1", port: int = 0, proxies: Collection[str] = ()) -> None:
        self._host, self._port = host, port
        settings = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=SHUTDOWN_S,
            limit_concurrency=MAX_CONNECTIONS,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
        )
        self._server = _Quiet(settings)
        self._serving: asyncio.Task[None] | None = None
        self._socket: socket.socket | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Bind, start, and return once it answers.

        Raises
        ------
        ConfigurationError
            When the port is taken, or the app did not start.
        """
        self._socket = self._bind()
        self._port = int(self._socket.getsockname()[1])
        self._serving = asyncio.create_task(self._server.serve_here([self._socket]))
        while not self._server.started:
            if self._serving.done():
                self._socket.close()
                raise ConfigurationError(self.url, "the service did not start; its log says why")
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Finish the answers under way, stop, and close the port; harmless when called twice."""
        if self._serving is None:
            return
        self._server.should_exit = True
        await self._serving
        self._serving = None

    def _bind(self) -> socket.socket:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((self._host, self._port))
        except OSError as error:
            listening.close()
            raise ConfigurationError(self.url, "the port is taken by another program") from error
        return listening


def _problem(status: int, slug: str, title: str, detail: str) -> Response:
    # RFC 9457 wants the status as a number; every other number of the protocol is a string.
    tree = {"detail": detail, "status": status, "title": title, "type": f"urn:hospes:problem:{slug}"}
    # The rest of a late body is not waited for.
    headers = {"Connection": "close"} if status == _LATE else None
    return Response(wire.canonical(tree), status, headers, PROBLEM)


def _on_hospes_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HospesError)  # noqa: S101  (registered for this type only)
    return problem(error)


def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    title = str(error.detail)
    return _problem(error.status_code, "http", title, f"{request.method} {request.url.path}: {title}")


def _on_defect(request: Request, error: Exception) -> Response:
    _log.error("defect", path=_route(request), error=type(error).__name__)
    row = TABLE[HospesError.slug]
    return _problem(row.status, HospesError.slug, row.title, "the log of the service names the kind of failure")


def _route(request: Request) -> str:
    """Return the pattern of a request's path: the path itself could name a journey."""
    return str(getattr(request.scope.get("route"), "path", "(none)"))


def _measured(registry: CollectorRegistry) -> Callable[[Request, Next], Awaitable[Response]]:
    requests = Counter("hospes_requests", "Requests answered", ["method", "route", "status"], registry=registry)
    seconds = Histogram("hospes_request_seconds", "Time to answer", ["method", "route"], registry=registry)

    arrivals = Arrivals()

    async def measure(request: Request, call_next: Next) -> Response:
        begun = time.perf_counter()
        with arrivals.of(source_of(request)) as request.state.arriving:
            response = await call_next(request)
        route = _route(request)
        method = request.method if request.method in METHODS else "(other)"
        requests.labels(method, route, str(response.status_code)).inc()
        seconds.labels(method, route).observe(time.perf_counter() - begun)
        return response

    return measure


async def _health(request: Request) -> dict[str, str]:
    for check in request.app.state.checks:
        check()
    return {"status": "up"}


async def _metrics(request: Request) -> Response:
    return Response(generate_latest(request.app.state.metrics), media_type=CONTENT_TYPE_LATEST)
