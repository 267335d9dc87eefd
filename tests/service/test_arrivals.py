"""Bodies that arrive: in time, and no more at once than a source may have; nobody chooses their own source."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from structlog.testing import capture_logs

from hospes.service import arrivals as module, http
from hospes.service.arrivals import Arrivals, CrowdedError, OverfullError, is_this_machine
from hospes.service.client import connection


@pytest.mark.parametrize("source", ["127.0.0.1", "127.8.9.10", "::1"])
def test_this_machine_is_known_by_its_loopback_addresses(source: str) -> None:
    """Services of one machine talk to each other without limits."""
    assert is_this_machine(source)


@pytest.mark.parametrize(
    "source", ["10.0.0.1", "::2", "localhost", "", "unknown", "x", "127.0.0.1, 10.0.0.1", "testclient"]
)
def test_whoever_is_not_this_machine_is_a_stranger(source: str) -> None:
    """Also what is no address at all."""
    assert not is_this_machine(source)


def test_bodies_and_bytes_of_a_source_are_bounded_until_they_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more is refused, other sources are not, and what was answered or refused gives its room back."""
    monkeypatch.setattr(module, "MAX_BODIES", 1)
    monkeypatch.setattr(module, "MAX_BYTES", 10)
    monkeypatch.setattr(module, "MAX_BYTES_TOGETHER", 15)
    arrivals = Arrivals()
    for _ in range(2):
        with arrivals.of("a") as first, arrivals.of("a") as second, arrivals.of("b") as other:
            first.begin()
            with pytest.raises(CrowdedError, match="1 bodies"):
                second.begin()
            other.begin()
            first.add(10)
            with pytest.raises(CrowdedError, match="10 bytes"):
                first.add(1)
            other.add(5)
            with pytest.raises(OverfullError):
                other.add(1)


def test_this_machine_has_no_such_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own services count for nothing, not even in the sum."""
    monkeypatch.setattr(module, "MAX_BODIES", 0)
    monkeypatch.setattr(module, "MAX_BYTES_TOGETHER", 0)
    with Arrivals().of("127.0.0.1") as own:
        own.begin()
        own.add(1)


def _never(source: str) -> bool:
    return not source


class Service:
    """A service that counts everybody as a stranger, with a route that waits for a body."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "is_this_machine", _never)
        self.app: FastAPI = http.application("Test service")
        self.app.add_api_route("/whole/{name}", self.whole, methods=["POST"])
        self.app.add_api_route("/source", self.source, methods=["GET"])
        self.app.add_api_route("/broken/{name}", self.broken, methods=["GET"])

    async def whole(self, request: Request) -> Response:
        """Read a body."""
        return Response(await http.raw_body(request, "body", 1000))

    async def source(self, request: Request) -> Response:
        """Tell where a request comes from."""
        return Response(http.source_of(request))

    async def broken(self) -> Response:
        """Fail."""
        raise KeyError

    def told(self, story: Callable[[str], Awaitable[None]], *proxies: str) -> None:
        """Serve while a story is told."""

        async def run() -> None:
            server = http.Server(self.app, proxies=proxies)
            await server.start()
            await story(server.url)
            await server.stop()

        asyncio.run(run())


async def _half(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1]))
    writer.write(b"POST /whole/x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + b"a" * 50)
    await writer.drain()
    return reader, writer


def test_a_body_that_stays_half_is_ended_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its sender gets a 408 and a closed connection; what it had sent is not kept."""
    monkeypatch.setattr(http, "BODY_S", 0.1)

    async def story(url: str) -> None:
        reader, writer = await _half(url)
        answer = await asyncio.wait_for(reader.read(), 5)  # to its end: the service has closed
        assert answer.startswith(b"HTTP/1.1 408")
        assert b"urn:hospes:problem:body-late" in answer
        writer.close()

    Service(monkeypatch).told(story)


def test_unfinished_bodies_of_one_address_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is too many is refused before it is read, until another one has ended."""
    monkeypatch.setattr(module, "MAX_BODIES", 2)

    async def story(url: str) -> None:
        held = [await _half(url) for _ in range(2)]
        await asyncio.sleep(0.1)
        async with connection() as client:
            refused = await client.post(f"{url}/whole/y", content=b"b")
            assert (refused.status_code, refused.json()["type"]) == (429, "urn:hospes:problem:crowded")
            for _, writer in held:
                writer.close()
            await asyncio.sleep(0.1)
            assert (await client.post(f"{url}/whole/y", content=b"b")).content == b"b"

    Service(monkeypatch).told(story)


def test_nobody_names_a_source_but_a_proxy_that_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default the header that proxies write is nothing; of a proxy in the settings it is the caller."""
    headers = {"X-Forwarded-For": "127.0.0.1, 203.0.113.9"}

    async def source(url: str) -> str:
        async with connection() as client:
            return (await client.get(f"{url}/source", headers=headers)).text

    async def by_default(url: str) -> None:
        assert await source(url) == "127.0.0.1"

    async def behind_a_proxy(url: str) -> None:
        assert await source(url) == "203.0.113.9"

    service = Service(monkeypatch)
    service.told(by_default)
    service.told(behind_a_proxy, "127.0.0.1")


def test_connections_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes when the house is full reads a 503, and comes in once somebody has left."""
    monkeypatch.setattr(http, "MAX_CONNECTIONS", 3)

    async def story(url: str) -> None:
        held = [await _half(url) for _ in range(3)]
        await asyncio.sleep(0.1)
        async with connection() as client:
            assert (await client.get(f"{url}/health")).status_code == 503
        for _, writer in held:
            writer.close()
        await asyncio.sleep(0.1)
        async with connection() as client:
            assert (await client.get(f"{url}/health")).status_code == 200

    Service(monkeypatch).told(story)


def test_a_defect_is_logged_by_its_route(monkeypatch: pytest.MonkeyPatch) -> None:
    """No path reaches a log: it could name a journey."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(Service(monkeypatch).app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.get("/broken/0xabc")

    with capture_logs() as lines:
        assert asyncio.run(ask()).status_code == 500
    assert [line["path"] for line in lines if line["event"] == "defect"] == ["/broken/{name}"]
    assert "0xabc" not in str(lines)
