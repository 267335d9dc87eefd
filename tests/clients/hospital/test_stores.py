"""Fetching blocks: a store that hangs, floods or lies costs a moment, and the next one is asked."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from hospes.clients.hospital.errors import BlockUnavailableError
from hospes.clients.hospital.stores import Stores
from hospes.core.chain import Member, MemberWord, Role
from hospes.core.content_ids import MAX_BLOCK_BYTES, digest_of
from hospes.core.identities import Account, Address, Country, MemberId
from hospes.core.typed_data import Domain
from hospes.service import client

BLOCK = b"a sealed block"


def _store(name: str, service: str = "") -> Member:
    word = MemberWord(Role.AUDITOR, Country("FR"), 0, 0)
    return Member(Address(name.encode().ljust(20)), MemberId(name), word, service or f"http://{name}.test", b"")


async def _drip() -> AsyncIterator[bytes]:
    while True:
        await asyncio.sleep(0.02)
        yield b"a"


async def _flood() -> AsyncIterator[bytes]:
    while True:
        yield bytes(MAX_BLOCK_BYTES)


BAD: dict[str, Callable[[], httpx.Response]] = {
    "drips": lambda: httpx.Response(200, content=_drip()),
    "floods": lambda: httpx.Response(200, content=_flood()),
    "lies": lambda: httpx.Response(200, content=b"another block"),
}


def _fetch(bad: Member, answer: Callable[[], httpx.Response], times: int = 1) -> list[str]:
    """Fetch from a bad store and a good one; return whom was asked, in order."""
    asked: list[str] = []

    async def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(200, content=BLOCK) if request.url.host == "good.test" else answer()

    async def fetch() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as http:
            account, domain = Account(b"\x01" * 32), Domain(1, Address(bytes(20)))
            stores = Stores((bad, _store("good")), http, account, domain, lambda: 1.9e9)
            for _ in range(times):
                assert await stores.fetch(digest_of(BLOCK)) == BLOCK

    asyncio.run(fetch())
    return asked


@pytest.mark.parametrize("how", BAD)
def test_the_next_store_is_asked(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the first store sends, and however slowly, the block comes from the second."""
    monkeypatch.setattr(client, "REQUEST_S", 0.1)
    assert _fetch(_store("bad"), BAD[how]) == ["bad.test", "good.test"]


def test_a_store_that_hangs_costs_its_time_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a silence it is asked last."""
    monkeypatch.setattr(client, "REQUEST_S", 0.1)
    assert _fetch(_store("bad"), BAD["drips"], times=3) == ["bad.test", "good.test", "good.test", "good.test"]


def test_a_store_with_an_unusable_address_is_passed_over() -> None:
    """An address with a path in it is nobody's, and no request goes there."""
    assert _fetch(_store("bad", "http://bad.test/v1?x="), BAD["lies"]) == ["good.test"]


def test_every_store_is_named_when_none_has_it() -> None:
    """The error says what each did."""

    async def fetch() -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(404))
        async with httpx.AsyncClient(transport=transport) as http:
            account, domain = Account(b"\x01" * 32), Domain(1, Address(bytes(20)))
            stores = Stores((_store("bad", "bad"), _store("empty")), http, account, domain, lambda: 1.9e9)
            with pytest.raises(BlockUnavailableError, match=r"bad: .*its address is not.*empty: .*404"):
                await stores.fetch(digest_of(BLOCK))

    asyncio.run(fetch())
