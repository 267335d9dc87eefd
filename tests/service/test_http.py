"""The HTTP rim: typed bodies, problem documents, bounds, metrics, and clients that get typed errors."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from hospes.core.bodies import InquiryRequest, RelayReply
from hospes.core.errors import ConfigurationError, MalformedError, SignatureError, TooLargeError
from hospes.core.identities import Address, Hash
from hospes.core.messages import Inquiry
from hospes.service import client as client_module, http
from hospes.service.client import Peer, connection
from hospes.service.errors import RemoteError, UnreachableError

ASKED = InquiryRequest(Inquiry(Address(b"j" * 20), Address(b"k" * 20), 1, 2), b"s" * 65)


Story = Callable[[Peer], Awaitable[None]]


async def _serve(story: Story) -> None:
    """Run a server with three routes and a peer in front of it."""
    app = http.application("Test service")

    async def good(request: Request) -> Response:
        asked = await http.body(request, InquiryRequest, limit=2000)
        assert asked == ASKED
        return http.reply(RelayReply(Hash(b"t" * 32)))

    async def refusing() -> Response:
        raise SignatureError("Inquiry", "another key made it")

    async def broken() -> Response:
        raise KeyError("a name that must not be shown")

    app.add_api_route("/good/{journey}", good, methods=["POST"])
    app.add_api_route("/refusing", refusing, methods=["POST"])
    app.add_api_route("/broken", broken, methods=["POST"])
    server = http.Server(app)
    await server.start()
    async with connection() as client:
        await story(Peer(server.url, client))
    await server.stop()
    await server.stop()


def test_typed_bodies_and_replies() -> None:
    """What a client sends arrives as a value, and the reply comes back as one."""

    async def story(peer: Peer) -> None:
        assert await peer.post("/good/0x00", ASKED, RelayReply) == RelayReply(Hash(b"t" * 32))
        with pytest.raises(MalformedError):
            await peer.post("/good/0x00", ASKED, InquiryRequest)

    asyncio.run(_serve(story))


def test_refusals_are_problem_documents() -> None:
    """The caller gets the status and slug of the table and the error's own message."""

    async def story(peer: Peer) -> None:
        with pytest.raises(RemoteError) as caught:
            await peer.post("/refusing", ASKED, RelayReply)
        assert (caught.value.status, caught.value.problem) == (403, "wrong-signature")
        assert "another key made it" in caught.value.detail
        with pytest.raises(RemoteError) as caught:
            await peer.post("/nowhere", ASKED, RelayReply)
        assert (caught.value.status, caught.value.problem) == (404, "http")

    asyncio.run(_serve(story))


def test_a_defect_shows_nothing() -> None:
    """An unexpected error is a 500 without its content, for the caller and for the log."""

    async def story(peer: Peer) -> None:
        with pytest.raises(RemoteError) as caught:
            await peer.post("/broken", ASKED, RelayReply)
        assert caught.value.status == 500
        assert "must not be shown" not in str(caught.value)

    asyncio.run(_serve(story))


def test_bodies_are_bounded() -> None:
    """A body above the route's bound is refused while it still arrives."""

    async def story(peer: Peer) -> None:
        with pytest.raises(RemoteError) as caught:
            await peer.request("POST", "/good/x", b"x" * 2001)
        assert (caught.value.status, caught.value.problem) == (413, "too-large")

    asyncio.run(_serve(story))


def test_health_and_metrics() -> None:
    """Requests are counted by route, never by a path that could name a journey."""

    async def story(peer: Peer) -> None:
        assert json.loads((await peer.request("GET", "/health")).content) == {"status": "up"}
        await peer.post("/good/0xabc", ASKED, RelayReply)
        text = (await peer.request("GET", "/metrics")).content.decode()
        assert 'route="/good/{journey}"' in text
        assert "0xabc" not in text

    asyncio.run(_serve(story))


def _from_page(app: FastAPI, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://member.example") as client:
            return await client.request(method, path, headers={"Origin": "https://wallet.example", **headers})

    return asyncio.run(ask())


def _preflight(app: FastAPI, method: str, header: str) -> httpx.Response:
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": header}
    return _from_page(app, "OPTIONS", "/health", asked)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_pages_may_call_a_service_that_says_so(method: str) -> None:
    """A wallet's page of any origin may send bodies and permissions, and read the answer; cookies never go along."""
    app = http.application("Test service", pages=True)
    for header in http.PAGE_HEADERS:
        allowed = _preflight(app, method, header)
        assert allowed.status_code == 200
        assert allowed.headers["Access-Control-Allow-Origin"] == "*"
    answer = _from_page(app, "GET", "/health", {})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_pages_may_not_send_tokens_nor_call_other_services() -> None:
    """A token that somebody typed into one page is not sent from another; without the option no page reads anything."""
    assert _preflight(http.application("Test service", pages=True), "POST", "Authorization").status_code == 400
    silent = http.application("Test service")
    assert "Access-Control-Allow-Origin" not in _from_page(silent, "GET", "/health", {}).headers
    assert _preflight(silent, "POST", "Content-Type").status_code == 405


def test_a_made_up_method_gets_no_label_of_its_own() -> None:
    """However many words callers invent, the labels stay few."""

    async def story(peer: Peer) -> None:
        for method in ("BREW", "WHEN"):
            with pytest.raises(RemoteError):
                await peer.request(method, "/health")
        text = (await peer.request("GET", "/metrics")).content.decode()
        assert 'method="(other)"' in text
        assert "BREW" not in text
        assert "WHEN" not in text

    asyncio.run(_serve(story))


def test_a_taken_port_is_named() -> None:
    """A second service on one port does not start, and says why."""

    async def story(peer: Peer) -> None:
        port = int(peer.url.rsplit(":", 1)[1])
        with pytest.raises(ConfigurationError, match="taken"):
            await http.Server(http.application("Second"), port=port).start()

    asyncio.run(_serve(story))


def test_a_service_that_is_not_there() -> None:
    """No answer is an error that names the address."""

    async def story() -> None:
        async with connection() as client:
            with pytest.raises(UnreachableError, match="127"):
                await Peer("http://127.0.0.1:9", client).post("/", ASKED, RelayReply)

    asyncio.run(story())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "keeper.example",
        "ftp://keeper.example",
        "http://keeper.example/other",
        "http://keeper.example?as=",
        "http://keeper.example#",
        "http://user@keeper.example",
        "http://keeper.example:99999",
        "http://[::1",
        "http://keeper.example\n",
        "http://\x1b[2J",
        "http://k\ud800",
        "http://" + "\N{LATIN SMALL LETTER E WITH ACUTE}" * 60,
        "http://xn--\x00",
    ],
)
def test_an_address_is_a_host_and_a_port(url: str) -> None:
    """Any other address is a member that cannot be reached, and its name cannot command a terminal."""

    async def story() -> None:
        async with connection() as client:
            with pytest.raises(UnreachableError, match="its address is not") as caught:
                await Peer(url, client).request("GET", "/health")
        assert str(caught.value).isprintable()

    asyncio.run(story())


Answer = Callable[[httpx.Request], httpx.Response]


async def _answered(answer: Answer, limit: int = 1000) -> bytes:
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        reply = await Peer("http://[::1]:8600/", client).request("GET", "/v1", limit=limit)
        return reply.content


@pytest.mark.parametrize(
    "failure", [httpx.InvalidURL("x"), UnicodeError("x"), ValueError("x"), httpx.StreamClosed(), KeyError("x")]
)
def test_whatever_fails_in_the_client_is_one_member_out_of_reach(failure: Exception) -> None:
    """No error of a library gets out, whichever address or answer brought it about."""

    def fail(_: httpx.Request) -> httpx.Response:
        raise failure

    with pytest.raises(UnreachableError, match=type(failure).__name__):
        asyncio.run(_answered(fail))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[" * 100_000,
        b'{"type":' * 50,
        b'{"type":[],"detail":{}}',
        b'{"detail":' + b"9" * 5000 + b"}",
        b"\xff",
        b'{"detail":"' + b"a" * (1 << 20) + b'"}',
    ],
)
def test_what_is_no_problem_document_is_a_refusal_all_the_same(content: bytes) -> None:
    """A body of any other form, depth or size is read as none."""
    with pytest.raises(RemoteError, match="no problem document") as caught:
        asyncio.run(_answered(lambda _: httpx.Response(500, content=content), 2 << 20))
    assert (caught.value.status, caught.value.problem) == (500, "unknown")


def test_a_refusal_cannot_command_a_terminal() -> None:
    """Slug and detail are printable and bounded."""
    told = {"type": "urn:hospes:problem:a\x1b[2J" + "b" * 999, "detail": "c\r\n\x9b\u202e\ud800" + "d" * 9999}
    with pytest.raises(RemoteError) as caught:
        asyncio.run(_answered(lambda _: httpx.Response(418, content=json.dumps(told).encode()), 1 << 20))
    assert caught.value.problem.startswith("a [2Jb")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 700


def test_replies_are_bounded_in_bytes() -> None:
    """One byte more than was asked for is refused; the flood behind it is not read."""
    assert asyncio.run(_answered(lambda _: httpx.Response(200, content=b"a" * 1000))) == b"a" * 1000
    read: list[int] = []

    async def flood() -> AsyncIterator[bytes]:
        while True:
            read.append(1)
            yield b"a" * 100

    with pytest.raises(TooLargeError):
        asyncio.run(_answered(lambda _: httpx.Response(200, content=flood())))
    assert len(read) == 11


@pytest.mark.parametrize("status", [200, 500])
def test_encoded_replies_are_refused(status: int) -> None:
    """A small reply cannot become a large one: no coding is asked for, and none is taken."""

    def bomb(request: httpx.Request) -> httpx.Response:
        assert request.headers["Accept-Encoding"] == "identity"
        stream = httpx.ByteStream(gzip.compress(bytes(100)))
        return httpx.Response(status, headers={"Content-Encoding": "gzip"}, stream=stream)

    with pytest.raises(MalformedError, match="Content-Encoding"):
        asyncio.run(_answered(bomb))


def test_a_dripping_reply_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A member that sends a byte now and then costs as much as one that is silent."""
    monkeypatch.setattr(client_module, "REQUEST_S", 0.1)

    async def drip() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.02)
            yield b"a"

    with pytest.raises(UnreachableError, match=r"within 0\.1 s"):
        asyncio.run(_answered(lambda _: httpx.Response(200, content=drip())))
