"""The HTTP rim: typed bodies, problem documents, bounds, metrics, and clients that get typed errors."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from fastapi import Request, Response

from hospes.core.bodies import InquiryRequest, RelayReply
from hospes.core.errors import ConfigurationError, MalformedError, SignatureError
from hospes.core.identities import Address, Hash
from hospes.core.messages import Inquiry
from hospes.service import http
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
        text = (await peer.request("GET", "/metrics")).text
        assert 'route="/good/{journey}"' in text
        assert "0xabc" not in text

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
