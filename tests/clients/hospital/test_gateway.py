"""The gateway: a hospital sends what a traveller signed, and nothing else."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from hospes.clients.hospital.gateway import gateway_app
from hospes.core import wire
from hospes.core.bodies import RelayArguments, RelayReply, RelayRequest
from hospes.core.chain import EntryKind, Role
from hospes.core.identities import Account, Hash, keccak
from hospes.service.chain import ChainReader
from hospes.service.relay import BURST, Relay
from hospes.service.sender import Sender
from tests.simulators.paper_chain import PaperChain, founder

JOURNEY = Account(keccak(b"journey")).address
GIVE = RelayRequest("give", RelayArguments(JOURNEY, grants_hash=Hash(keccak(b"grants")), deadline=2**40), bytes(65))


@pytest.fixture
def chain() -> PaperChain:
    """A chain with one hospital."""
    return PaperChain((founder("hospital-lisboa", Role.HOSPITAL, "PT")[1],), None)


@pytest.fixture
def app(chain: PaperChain) -> FastAPI:
    """Its gateway."""
    account, _ = founder("hospital-lisboa", Role.HOSPITAL, "PT")
    return gateway_app(Relay(Sender(chain.node(), account, chain.genesis.chain_id), clock=lambda: 0.0))


async def _call(app: FastAPI, method: str, path: str, content: bytes = b"") -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as http:
        return await http.request(method, path, content=content)


def test_a_signed_call_is_relayed_under_the_hospitals_account(chain: PaperChain, app: FastAPI) -> None:
    """The reply names the transaction, and the log has the entry."""
    response = asyncio.run(_call(app, "POST", "/v1/relay", wire.encode(GIVE)))
    assert response.status_code == 200
    assert wire.decode(RelayReply, response.content).transaction in chain.receipts
    reader = ChainReader(chain.node(), chain.genesis)

    async def journal() -> tuple[EntryKind, ...]:
        return tuple(entry.kind for entry in (await reader.journal(JOURNEY, await reader.tip())).entries)

    assert asyncio.run(journal()) == (EntryKind.GIVEN,)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", wire.encode(GIVE).replace(b'"give"', b'"append"'), wire.encode(GIVE).replace(b"deadline", b"d")],
)
def test_anything_else_is_refused_as_a_problem(app: FastAPI, content: bytes) -> None:
    """Nobody can have a hospital send what is no call of a traveller."""
    response = asyncio.run(_call(app, "POST", "/v1/relay", content))
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == "urn:hospes:problem:malformed"


def test_one_source_cannot_spend_a_hospitals_time(app: FastAPI) -> None:
    """After its share, a source is told when to come again."""

    async def flood() -> list[int]:
        calls = [await _call(app, "POST", "/v1/relay", wire.encode(GIVE)) for _ in range(BURST + 1)]
        return [call.status_code for call in calls]

    assert asyncio.run(flood()) == [200] * BURST + [429]


def test_health_and_metrics_answer(app: FastAPI) -> None:
    """An operator sees that it lives, and what it did."""
    assert asyncio.run(_call(app, "GET", "/health")).json() == {"status": "up"}
    assert "hospes_requests" in asyncio.run(_call(app, "GET", "/metrics")).text
