"""Fetching sealed blocks from the stores, each under a signed `Fetch`, each checked against its id.

A store need not be trusted: it can withhold, never change. It learns which member fetched which block.

Sources: PROTOCOL sections 3 and 5 (``GET /v1/blocks``); docs/adr (the header ``Hospes-Authorization``).
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import httpx

from hospes.clients.hospital.errors import BlockUnavailableError
from hospes.core import content_ids
from hospes.core.chain import Member
from hospes.core.content_ids import MAX_BLOCK_BYTES, check_block
from hospes.core.errors import HospesError
from hospes.core.identities import Account, Address, Hash, MemberId
from hospes.core.messages import Fetch
from hospes.core.permissions import HEADER, FetchPermission, to_header
from hospes.core.typed_data import Domain, digest as message_digest
from hospes.service.client import Peer
from hospes.service.errors import UnreachableError

AT_ONCE: Final = 4
"""Blocks on the way at the same time: enough to keep a line busy, few enough for a store's memory."""


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores of a network, as one hospital fetches from them.

    Attributes
    ----------
    members : tuple of Member
        In the order to try, proven by the registry.
    http : httpx.AsyncClient
    account : Account
        The hospital's.
    domain : Domain
    clock : callable
        Unix seconds.
    unknown : tuple of MemberId
        Configured stores that the registry does not know.
    silent : set of Address
        Those that gave no answer once: they are asked after the others, so that one that hangs costs its time once and
        not for every block.
    """

    members: tuple[Member, ...]
    http: httpx.AsyncClient
    account: Account
    domain: Domain
    clock: Callable[[], float]
    unknown: tuple[MemberId, ...] = ()
    silent: set[Address] = field(default_factory=set[Address])

    async def fetch(self, block: Hash) -> bytes:
        """Return the block with this sha2-256 digest from the first store that has it.

        Raises
        ------
        BlockUnavailableError
            When none has it; the reasons name each store.
        """
        reasons = [f"{store}: the registry does not know it" for store in self.unknown]
        for store in sorted(self.members, key=lambda store: store.account in self.silent):
            try:
                return await self._fetch(store, block)
            except UnreachableError as error:
                self.silent.add(store.account)
                reasons.append(f"{store.id}: {error}")
            except HospesError as error:
                reasons.append(f"{store.id}: {error}")
        raise BlockUnavailableError(block, reasons)

    async def fetch_all(self, blocks: Sequence[Hash]) -> tuple[bytes, ...]:
        """Return several blocks in order, or raise as `fetch` does for the first that no store has."""
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(block: Hash) -> bytes:
            async with turn:
                return await self.fetch(block)

        tasks = [asyncio.create_task(one(block)) for block in blocks]
        try:
            return tuple(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()

    async def _fetch(self, store: Member, block: Hash) -> bytes:
        path = f"/v1/blocks/{content_ids.encode(block)}"
        headers = {HEADER: self._permission(store, block)}
        reply = await Peer(store.service, self.http).request("GET", path, headers=headers, limit=MAX_BLOCK_BYTES)
        check_block(block, reply.content)
        return reply.content

    def _permission(self, store: Member, block: Hash) -> str:
        fetch = Fetch(block, store.account, int(self.clock()))
        signature = self.account.sign(message_digest(self.domain, fetch))
        return to_header(FetchPermission(fetch, signature))
