"""The wallet's page as it is served: its files, what they may do, and the network that they are for."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from hospes.app.founding import Ports, found
from hospes.clients.wallet.page import page_app, security_headers
from hospes.core.genesis import Genesis
from hospes.service.network import Network
from tests.simulators.world import START

SERVICES = ("http://127.0.0.1:8601", "https://keeper.example")


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """A founded network, not running."""
    return found(tmp_path_factory.mktemp("page") / "network", Ports.fixed(), START)


@pytest.fixture(scope="module")
def app(network: Network) -> FastAPI:
    """The page for it."""
    return page_app(network, SERVICES)


def get(app: FastAPI, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    """Ask for one file."""

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8630") as client:
            return await client.get(path, headers=headers or {})

    return asyncio.run(ask())


def test_the_page_and_all_that_it_names_is_served(app: FastAPI) -> None:
    """Every file that the page refers to is there, each with its type."""
    index = get(app, "/")
    assert index.text == get(app, "/index.html").text
    for path, media_type in {
        "/wallet.js": "text/javascript",
        "/wallet.css": "text/css",
        "/service-worker.js": "text/javascript",
        "/icon.svg": "image/svg+xml",
        "/manifest.webmanifest": "application/manifest+json",
    }.items():
        answer = get(app, path)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith(media_type)
        assert path == "/service-worker.js" or path in index.text


@pytest.mark.parametrize("path", ["/", "/wallet.js", "/service-worker.js", "/network.json"])
def test_every_answer_is_held_to_the_policy(app: FastAPI, path: str) -> None:
    """No script but our own runs, no text becomes a script, and the page speaks to the network's members alone."""
    headers = get(app, path).headers
    policy = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert set(policy["connect-src"].split()) == {"'self'", "http://127.0.0.1:8545", *SERVICES}
    assert policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "address", ["", "http://x; script-src *", "http://x 'unsafe-inline'", "javascript:1", "http://x/path", "http://*"]
)
def test_an_address_cannot_change_the_policy(address: str) -> None:
    """A member chose its address; one that is more than a host and a port is left out."""
    assert security_headers([address]) == security_headers([])


def test_the_network_is_told_whole(app: FastAPI, network: Network) -> None:
    """The page gets the genesis that it pins, a node's address and the stores, and nothing of any member's keys."""
    told = json.loads(get(app, "/network.json").content)
    assert told.keys() == {"genesis", "ledger", "stores"}
    assert Genesis.decode(json.dumps(told["genesis"]).encode()).pin() == network.genesis.pin()
    assert told["ledger"] == network.ledger_url
    assert told["stores"] == list(network.stores)


@pytest.mark.parametrize("path", ["/../page.py", "/%2e%2e/page.py", "/page.py", "/members", "/network/genesis.json"])
def test_nothing_else_is_served(app: FastAPI, path: str) -> None:
    """Only files that were built are given out."""
    assert get(app, path).status_code == 404


def test_what_a_browser_has_is_not_sent_again(app: FastAPI) -> None:
    """The same file is named by the same tag."""
    tag = get(app, "/wallet.js").headers["ETag"]
    again = get(app, "/wallet.js", {"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_no_built_file_names_a_place_outside() -> None:
    """The page asks no third party for anything: no address but those of namespaces and of licences stands in it."""
    folder = Path(__file__).parents[3] / "clients" / "src" / "hospes" / "clients" / "wallet" / "page"
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        for scheme in ("https://", "http://"):
            for piece in text.split(scheme)[1:]:
                assert piece.startswith(("www.w3.org/", "localhost")), f"{path.name}: {scheme}{piece[:40]}"
