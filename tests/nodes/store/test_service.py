"""The store over HTTP, as a wallet and a hospital meet it."""

import asyncio
import base64
from collections.abc import Awaitable, Callable

import httpx
import pytest

from hospes.contracts.addresses import CONSENT
from hospes.core import content_ids, wire
from hospes.core.bodies import ReceiptReply
from hospes.core.chain import Member, MemberWord, Role
from hospes.core.identities import Account, Address, Country, Hash, MemberId, RecordId, require_signer
from hospes.core.messages import Blocks, Erasure, Fetch
from hospes.core.permissions import DeletePermission, FetchPermission, PutPermission
from hospes.core.proof import FinalHeader, Header, Journal
from hospes.core.typed_data import Domain, Message, digest
from hospes.nodes.store import service
from hospes.nodes.store.blocks import Newcomer
from hospes.nodes.store.service import StoreService
from hospes.service.client import connection
from hospes.service.http import Server
from tests.simulators.blocks import ModelBlocks

DOMAIN = Domain(0x486F73706573, CONSENT)
JOURNEY, HOSPITAL, STORE, SUSPENDED, STRANGER = (Account(bytes([n]) * 32) for n in range(1, 6))
NOW = 1_000_000
BLOCK = b"sealed" * 1000
DIGEST = content_ids.digest_of(BLOCK)
SALT = Hash(b"s" * 32)
TIP = FinalHeader(Header(10, NOW, SALT, SALT, SALT, b""), b"", DOMAIN.chain_id)


class Registry:
    """A chain at block 10 on which one hospital is active and one was suspended in block 9."""

    domain = DOMAIN

    async def tip(self) -> FinalHeader:
        """Return block 10."""
        return TIP

    async def journal(self, journey: Address, at: FinalHeader) -> Journal:
        """Return a log without entries."""
        return Journal(journey, at, SALT, ())

    async def member(self, account: Address, at: FinalHeader) -> Member:
        """Return what the registry says."""
        assert at is TIP
        words = {HOSPITAL.address: (1, 0), SUSPENDED.address: (1, 9)}
        admitted, suspended = words.get(account, (0, 0))
        role, country = (Role.HOSPITAL, "PT") if admitted else (Role(0), "")
        return Member(account, MemberId("x"), MemberWord(role, Country(country), admitted, suspended), "", b"")


def _header(permission: wire.Shaped) -> dict[str, str]:
    return {"Hospes-Authorization": base64.urlsafe_b64encode(wire.encode(permission)).decode().rstrip("=")}


def _signed(signer: Account, message: Message) -> bytes:
    return signer.sign(digest(DOMAIN, message))


def _put(block: bytes = BLOCK, deadline: int = NOW) -> dict[str, str]:
    blocks = Blocks((content_ids.digest_of(block),), deadline, SALT)
    return _header(PutPermission(JOURNEY.address, blocks, _signed(JOURNEY, blocks)))


def _get(signer: Account = HOSPITAL, at: int = NOW) -> dict[str, str]:
    fetch = Fetch(DIGEST, STORE.address, at)
    return _header(FetchPermission(fetch, _signed(signer, fetch)))


ERASURE = Erasure((RecordId(SALT),), (DIGEST,), NOW, SALT)


def _delete(signer: Account = JOURNEY) -> dict[str, str]:
    return _header(DeletePermission(signer.address, ERASURE, _signed(signer, ERASURE)))


Story = Callable[[httpx.AsyncClient, str], Awaitable[None]]


def _tell(story: Story) -> None:
    """Serve an empty store and let `story` talk to it about the block."""

    async def run() -> None:
        server = Server(StoreService(ModelBlocks(), Registry(), STORE, lambda: NOW).application())
        await server.start()
        async with connection() as client:
            await story(client, f"{server.url}/v1/blocks/{content_ids.encode(DIGEST)}")
        await server.stop()

    asyncio.run(run())


def test_a_broom_that_cannot_sweep_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect in the sweep leaves the store serving, and its health says that nothing is dropped any more."""

    class Broken(ModelBlocks):
        def newcomers(self, now: int) -> tuple[Newcomer, ...]:
            raise AttributeError(now)

    monkeypatch.setattr(service, "SWEEP_EVERY_S", 0.01)

    async def run() -> None:
        server = Server(StoreService(Broken(), Registry(), STORE, lambda: NOW).application())
        await server.start()
        await asyncio.sleep(0.1)
        async with connection() as client:
            health = await client.get(f"{server.url}/health")
            assert (health.status_code, _problem(health)) == (503, "overdue")
            url = f"{server.url}/v1/blocks/{content_ids.encode(DIGEST)}"
            assert (await client.put(url, content=BLOCK, headers=_put())).status_code == 201
        await server.stop()

    asyncio.run(run())


def _problem(response: httpx.Response) -> str:
    assert response.headers["content-type"] == "application/problem+json"
    return str(response.json()["type"]).removeprefix("urn:hospes:problem:")


def test_a_member_fetches_what_a_journey_put() -> None:
    """A put is 201, its repetition 200, and an active member gets the very bytes."""

    async def story(client: httpx.AsyncClient, url: str) -> None:
        assert (await client.put(url, content=BLOCK, headers=_put())).status_code == 201
        assert (await client.put(url, content=BLOCK, headers=_put())).status_code == 200
        response = await client.get(url, headers=_get())
        assert (response.status_code, response.content) == (200, BLOCK)
        assert response.headers["content-type"] == "application/vnd.ipld.raw"

    _tell(story)


def test_a_deletion_is_signed_for_and_final() -> None:
    """The receipt names the erasure and the block, holds for a repetition too, and the block is gone for good."""

    async def story(client: httpx.AsyncClient, url: str) -> None:
        await client.put(url, content=BLOCK, headers=_put())
        first, second = [await client.delete(url, headers=_delete()) for _ in range(2)]
        signed = wire.decode(ReceiptReply, first.content)
        require_signer(digest(DOMAIN, signed.receipt), signed.signature, STORE.address, "Receipt")
        assert signed.receipt.erasure_hash == digest(DOMAIN, ERASURE)
        assert signed.receipt.deleted == (DIGEST,)
        assert second.content == first.content
        gone = await client.get(url, headers=_get())
        assert (gone.status_code, _problem(gone)) == (404, "block-missing")
        back = await client.put(url, content=BLOCK, headers=_put())
        assert (back.status_code, _problem(back)) == (410, "block-erased")

    _tell(story)


def test_a_deletion_of_nothing_claims_nothing() -> None:
    """Where the journey has no such block the receipt is empty, and another journey's block stays."""

    async def story(client: httpx.AsyncClient, url: str) -> None:
        await client.put(url, content=BLOCK, headers=_put())
        response = await client.delete(url, headers=_delete(STRANGER))
        assert wire.decode(ReceiptReply, response.content).receipt.deleted == ()
        assert (await client.get(url, headers=_get())).content == BLOCK

    _tell(story)


@pytest.mark.parametrize(
    ("headers", "status", "problem"),
    [
        ({}, 401, "permission-missing"),
        ({"Hospes-Authorization": "?"}, 400, "malformed"),
        (_get(STRANGER), 403, "not-a-member"),
        (_get(SUSPENDED), 403, "not-a-member"),
        (_get(at=NOW - 301), 403, "clock-differs"),
        (_put(), 400, "malformed"),
    ],
)
def test_nobody_but_an_active_member_fetches(headers: dict[str, str], status: int, problem: str) -> None:
    """Without a fresh fetch signed by an active member nothing is said of the block, held or not."""

    async def story(client: httpx.AsyncClient, url: str) -> None:
        absent = await client.get(url, headers=headers)
        await client.put(url, content=BLOCK, headers=_put())
        held = await client.get(url, headers=headers)
        assert absent.content == held.content
        assert (held.status_code, _problem(held)) == (status, problem)

    _tell(story)


@pytest.mark.parametrize(
    ("content", "headers", "status", "problem"),
    [
        (BLOCK, {}, 401, "permission-missing"),
        (BLOCK, _put(deadline=NOW - 1), 403, "permission-expired"),
        (BLOCK, _put(block=b"another"), 403, "not-named"),
        (BLOCK, _delete(), 400, "malformed"),
        (b"other bytes", _put(), 422, "wrong-block"),
        (b"x" * (2 << 20), _put(), 413, "too-large"),
    ],
)
def test_a_put_without_right_changes_nothing(
    content: bytes, headers: dict[str, str], status: int, problem: str
) -> None:
    """A put that its permission does not cover, or of other bytes, is refused, and the block is not held."""

    async def story(client: httpx.AsyncClient, url: str) -> None:
        response = await client.put(url, content=content, headers=headers)
        assert (response.status_code, _problem(response)) == (status, problem)
        assert (await client.get(url, headers=_get())).status_code == 404

    _tell(story)


def test_another_spelling_of_the_id_is_refused() -> None:
    """One block has one name: an upper-case CID is malformed."""

    async def story(client: httpx.AsyncClient, url: str) -> None:
        base, _, cid = url.rpartition("/")
        response = await client.put(f"{base}/{cid.upper()}", content=BLOCK, headers=_put())
        assert (response.status_code, _problem(response)) == (400, "malformed")

    _tell(story)
