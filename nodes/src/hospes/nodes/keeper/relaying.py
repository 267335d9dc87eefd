"""Calls that carry a journey's signature: what ends something is honoured here first, then all are relayed.

It relays by `service.relay`; whether the chain takes a call is the contracts' business.

Sources: PROTOCOL section 6 ("A `Withdrawal`, `Ending` or `Erasure` handed directly to a keeper is durable and honoured
before the reply, and relayed"), section 8.
"""

import asyncio

from hospes.core import wire
from hospes.core.bodies import ReceiptReply, RelayReply, RelayRequest
from hospes.core.chain import EntryKind
from hospes.core.identities import Address, Hash, keccak, require_signer
from hospes.core.messages import Ending, Erasure, Receipt, Withdrawal
from hospes.core.permissions import DeletePermission
from hospes.core.typed_data import Domain, digest, digest_of_struct, type_hash
from hospes.nodes.keeper.errors import NoReceiptError, StaleError
from hospes.nodes.keeper.parts import KeeperParts
from hospes.nodes.keeper.sweep import Sweep
from hospes.service.relay import Relay


class Relaying:
    """Honours and relays.

    Parameters
    ----------
    parts : KeeperParts
    sweep : Sweep
        Deletes at once what has no grace period.
    relay : Relay
    grace_s : float
        From an erasure to its deletion.
    """

    def __init__(self, parts: KeeperParts, sweep: Sweep, relay: Relay, grace_s: float) -> None:
        self._parts, self._holdings = parts, parts.holdings
        self._sweep, self._relay, self._grace_s = sweep, relay, grace_s

    async def relay(self, request: RelayRequest, source: str) -> RelayReply:
        """Relay a call; a withdrawal, ending or erasure is durable here and honoured before this returns or raises.

        Parameters
        ----------
        source : str
            Who asked, such as a network address.

        Raises
        ------
        SignatureError
            When the journey did not sign what this keeper should honour; nothing has changed then.
        StaleError
            For an erasure after its deadline that is not in the log.
        RateLimitedError
            When the source, and the journey too if the chain knows it, handed over too much in a while; nothing has
            changed then. Or when the source had too much relayed, see below.
        ContractRefusedError, NodeError, UnreachableError
            When it could not be relayed. What was handed over is honoured all the same.
        """
        if await self._honour(request, source):
            await self._parts.under_way.settled(request.arguments.journey)
        return await self._relay.relay(request, source)

    async def receipt(self, permission: DeletePermission) -> ReceiptReply:
        """Return the receipt of an erasure that was handed to this keeper.

        Raises
        ------
        SignatureError
            When the journey did not sign the erasure.
        NoReceiptError
            When it was not handed over, or its grace period runs.
        """
        erasure_hash = digest(self._parts.domain, permission.erasure)
        require_signer(erasure_hash, permission.signature, permission.journey, "Erasure")
        found = await asyncio.to_thread(self._holdings.handed.erasure, permission.journey, erasure_hash)
        if found is None:
            raise NoReceiptError("the erasure was not handed to this keeper")
        if found.deleted is None:
            raise NoReceiptError(f"the shares are deleted after {found.due_at:.0f} (Unix seconds)")
        receipt = Receipt(erasure_hash, tuple(Hash(record) for record in found.deleted), found.deleted_at)
        return ReceiptReply(receipt, self._parts.sign(receipt))

    async def _honour(self, request: RelayRequest, source: str) -> bool:
        """Note what ends something, durably; return whether there was anything."""
        journey, signature = request.arguments.journey, request.signature
        domain = self._parts.domain
        match request.call, request.arguments.grants_hash, request.arguments.through, request.arguments.erasure:
            case "withdraw", bytes() as grants_hash, _, _:
                require_signer(withdrawal_digest(domain, grants_hash), signature, journey, "Withdrawal")
                await self._withdraw(journey, grants_hash, source)
            case "end", _, int() as through, _:
                require_signer(digest(domain, Ending(through)), signature, journey, "Ending")
                await self._end(journey, through, source)
            case "erase", _, _, Erasure() as erasure:
                require_signer(digest(domain, erasure), signature, journey, "Erasure")
                await self._erase(journey, erasure, source)
            case _:
                return False
        return True

    async def _withdraw(self, journey: Address, grants_hash: Hash, source: str) -> None:
        if grants_hash not in await asyncio.to_thread(self._holdings.handed.withdrawn, journey):
            await self._parts.count_handed(journey, source, len(grants_hash))
            await asyncio.to_thread(self._holdings.withdraw, journey, grants_hash, self._parts.clock())

    async def _end(self, journey: Address, through: int, source: str) -> None:
        if through > await asyncio.to_thread(self._holdings.handed.through, journey):
            await self._parts.count_handed(journey, source, through.bit_length() // 8)
            await asyncio.to_thread(self._holdings.handed.end, journey, through, self._parts.clock())

    async def _erase(self, journey: Address, erasure: Erasure, source: str) -> None:
        erasure_hash, now = digest(self._parts.domain, erasure), self._parts.clock()
        if now > erasure.deadline and not await self._logged(journey, erasure_hash):
            raise StaleError("the erasure, counted from its deadline,", now - erasure.deadline, 0)
        await self._note_erasure(journey, erasure_hash, erasure, source)
        await asyncio.to_thread(self._sweep.destroy_erased)

    async def _note_erasure(self, journey: Address, erasure_hash: Hash, erasure: Erasure, source: str) -> None:
        handed, now = self._holdings.handed, self._parts.clock()
        if await asyncio.to_thread(handed.erasure, journey, erasure_hash) is None:
            await self._parts.count_handed(journey, source, len(wire.encode(erasure)))
            due_at = now + self._grace_s
            await asyncio.to_thread(handed.erase, journey, erasure_hash, erasure.records, due_at, now)

    async def _logged(self, journey: Address, erasure_hash: Hash) -> bool:
        journal = await self._parts.chain.journal(journey, await self._parts.chain.tip())
        return any(entry.entry_hash == erasure_hash for entry in journal.of_kind(EntryKind.ERASED))


def withdrawal_digest(domain: Domain, grants_hash: Hash) -> Hash:
    """Return what a journey signed to withdraw the consent of this hash, as the contract rebuilds it."""
    return digest_of_struct(domain, keccak(type_hash(Withdrawal) + grants_hash))
