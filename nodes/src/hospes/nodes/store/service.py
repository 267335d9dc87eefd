"""The store over HTTP: ``PUT``, ``GET`` and ``DELETE /v1/blocks/{cid}``.

It reads a permission, has it decided (`permissions`), asks the chain whether a fetching account is an active member,
and moves the bytes. It runs under a member's account and signs receipts with it.

Sources: PROTOCOL sections 3, 5 and 8; media type ``application/vnd.ipld.raw`` (IANA).
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final, Protocol

from fastapi import FastAPI, Request, Response

from hospes.core import content_ids
from hospes.core.bodies import ReceiptReply
from hospes.core.chain import Member
from hospes.core.content_ids import MAX_BLOCK_BYTES
from hospes.core.identities import Account, Address, Hash
from hospes.core.messages import Receipt
from hospes.core.permissions import HEADER, DeletePermission, FetchPermission, PutPermission
from hospes.core.proof import FinalHeader
from hospes.core.typed_data import Domain, digest as message_digest
from hospes.nodes.store.blocks import BlockStore
from hospes.nodes.store.errors import NotAMemberError
from hospes.nodes.store.newcomers import Journals, drop_newcomers
from hospes.nodes.store.permissions import check_delete, check_fetch, check_put, read_permission
from hospes.service import http
from hospes.service.allowances import Allowances
from hospes.service.rounds import Rounds

BLOCK_TYPE: Final = "application/vnd.ipld.raw"
SWEEP_EVERY_S: Final = 600.0
"""Seconds between two rounds of acknowledging and dropping newcomers."""
BURST_BYTES: Final = 2 << 30
"""What one source may put at once: two records of the largest size."""
REFILL_BYTES_A_S: Final = 1 << 16
"""What it may put again each second: 5 GiB a day, of which a patient summary needs some hundred thousand bytes."""
LEAST_BYTES: Final = 1 << 12
"""What the smallest block counts, since it takes a page of the file."""
_PATH: Final = "/v1/blocks/{cid}"


class Members(Journals, Protocol):
    """What a store needs of the chain; `service.chain.ChainReader` has it."""

    @property
    def domain(self) -> Domain:
        """The signing domain of the network."""
        ...

    async def member(self, account: Address, at: FinalHeader) -> Member:
        """Return what the registry says of an account at a final block, proven."""
        ...


class StoreService:
    """The three calls.

    Parameters
    ----------
    blocks : BlockStore
        Closed when the application stops.
    members : Members
    account : Account
        The member's: names this store in a `Fetch`, signs receipts.
    clock : callable
        Unix seconds.
    """

    def __init__(
        self, blocks: BlockStore, members: Members, account: Account, clock: Callable[[], float] = time.time
    ) -> None:
        self._blocks, self._members, self._account, self._clock = blocks, members, account, clock
        self._allowances = Allowances("bytes", BURST_BYTES, REFILL_BYTES_A_S)
        self._sweeps = Rounds("sweep", SWEEP_EVERY_S, self._sweep)

    def application(self) -> FastAPI:
        """Return the application to serve."""
        app = http.application("Hospes store", self._lifespan, pages=True)
        app.add_api_route(_PATH, self.put, methods=["PUT"])
        app.add_api_route(_PATH, self.get, methods=["GET"])
        app.add_api_route(_PATH, self.delete, methods=["DELETE"])
        self._sweeps.watched_by(app)
        return app

    async def put(self, cid: str, request: Request) -> Response:
        """Hold a block: 201 when it is new, 200 when it was held already."""
        digest = content_ids.decode(cid)
        permission = read_permission(PutPermission, request.headers.get(HEADER))
        journey = check_put(permission, self._members.domain, digest, self._clock())
        block = await http.raw_body(request, "block", MAX_BLOCK_BYTES)
        self._allowances.spend(http.source_of(request), max(len(block), LEAST_BYTES))
        new = await asyncio.to_thread(self._blocks.put, journey, digest, block)
        return Response(status_code=201 if new else 200)

    async def get(self, cid: str, request: Request) -> Response:
        """Give a block to an active member."""
        digest = content_ids.decode(cid)
        permission = read_permission(FetchPermission, request.headers.get(HEADER))
        account = check_fetch(permission, self._members.domain, digest, self._account.address, self._clock())
        await self._require_member(account)
        block = await asyncio.to_thread(self._blocks.get, digest)
        return Response(block, media_type=BLOCK_TYPE, headers={"Cache-Control": "no-store"})

    async def delete(self, cid: str, request: Request) -> Response:
        """Delete a journey's block and sign for it; the receipt names nothing when the journey never had it here."""
        digest = content_ids.decode(cid)
        permission = read_permission(DeletePermission, request.headers.get(HEADER))
        now = int(self._clock())
        erasure_hash = check_delete(permission, self._members.domain, digest, now)
        erased_at = await asyncio.to_thread(self._blocks.delete, permission.journey, digest, now)
        return http.reply(self._receipt(erasure_hash, digest, erased_at, now))

    def _receipt(self, erasure_hash: Hash, digest: Hash, erased_at: int | None, now: int) -> ReceiptReply:
        deleted = () if erased_at is None else (digest,)
        receipt = Receipt(erasure_hash, deleted, now if erased_at is None else erased_at)
        return ReceiptReply(receipt, self._account.sign(message_digest(self._members.domain, receipt)))

    async def _require_member(self, account: Address) -> None:
        tip = await self._members.tip()
        member = await self._members.member(account, tip)
        if not member.word.active_at(tip.number):
            raise NotAMemberError(tip.number)

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncGenerator[None, None]:
        self._sweeps.start()
        try:
            yield
        finally:
            await self._sweeps.stop()
            self._blocks.close()

    async def _sweep(self) -> None:
        await drop_newcomers(self._blocks, self._members, int(self._clock()))
