"""Sealed blocks on their way to the stores of the network, under permissions that the journey signs.

It seals nothing and reads nothing back: what a store lost is found out by whoever fetches, and the digests are signed.

Sources: PROTOCOL sections 1 (at most 64 digests a message), 3 and 5.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from hospes.clients.wallet.errors import StoresFailedError
from hospes.clients.wallet.keepers import Told, ask_each, check_active
from hospes.clients.wallet.pages import JourneyPage
from hospes.clients.wallet.wallet import Wallet
from hospes.core import content_ids
from hospes.core.chain import Member
from hospes.core.content_ids import digest_of
from hospes.core.identities import Hash
from hospes.core.messages import MAX_LIST, Blocks
from hospes.core.permissions import HEADER, PutPermission, to_header
from hospes.service.client import Peer

PERMITTED_S: Final = 3600
"""How long a signed permission to put lasts; a record of the largest size takes minutes."""
AT_ONCE: Final = 4
"""Blocks on the way to one store: enough to keep a line busy, few enough for a store's memory."""


async def put_blocks(wallet: Wallet, journey: JourneyPage, blocks: Sequence[bytes]) -> Told[None]:
    """Put all blocks of a record to every store of the network.

    Returns
    -------
    Told
        Stores that hold all blocks, and those that do not, with the reason.

    Raises
    ------
    StoresFailedError
        When no store holds them all.
    NotOnChainError
        When a store is no member.
    """
    tip = await wallet.reader.tip()
    stores = [await wallet.reader.member_named(name, tip) for name in wallet.stores]
    by_digest = {digest_of(block): block for block in blocks}
    headers = _headers(wallet, journey, sorted(by_digest), wallet.time_at(tip) + PERMITTED_S)

    async def put(store: Member, peer: Peer) -> None:
        check_active(store, tip)
        await _put_all(peer, by_digest, headers)

    told = await ask_each(wallet, stores, put)
    if not told.answers:
        raise StoresFailedError((missing.member, missing.reason) for missing in told.missing)
    return told


async def _put_all(peer: Peer, blocks: Mapping[Hash, bytes], headers: Mapping[Hash, str]) -> None:
    """Put blocks, several at once; the first failure stops all."""
    waiting = iter(blocks.items())

    async def carry() -> None:
        for digest, block in waiting:
            await peer.request("PUT", f"/v1/blocks/{content_ids.encode(digest)}", block, {HEADER: headers[digest]})

    try:
        async with asyncio.TaskGroup() as carriers:
            for _ in range(AT_ONCE):
                carriers.create_task(carry())
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from failures


def _headers(wallet: Wallet, journey: JourneyPage, digests: Sequence[Hash], deadline: int) -> dict[Hash, str]:
    """Return the permission header of each digest; one signature serves up to 64."""
    headers: dict[Hash, str] = {}
    for first in range(0, len(digests), MAX_LIST):
        some = tuple(digests[first : first + MAX_LIST])
        permitted = Blocks(some, deadline, wallet.salt())
        permission = PutPermission(journey.address, permitted, wallet.sign(journey, permitted))
        headers |= dict.fromkeys(some, to_header(permission))
    return headers
