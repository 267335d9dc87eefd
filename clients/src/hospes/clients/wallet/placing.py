"""A deposit on its way: blocks to the stores, one share to each keeper, and their signatures back.

Each share travels in a box that only its keeper opens, bound to this deposit; a keeper's word counts only with its
signature. Logging comes after (`deposit`).

Sources: PROTOCOL section 5 (``POST /v1/deposit``; "all n (at least t + 1, the missing ones shown)").
"""

from dataclasses import replace

from hospes.clients.wallet.drafting import note
from hospes.clients.wallet.errors import TooFewKeepersError
from hospes.clients.wallet.keepers import Keepers, Missing, Told, ask_each, check_active
from hospes.clients.wallet.pages import Acceptance, DepositPage, JourneyPage
from hospes.clients.wallet.stores import put_blocks
from hospes.clients.wallet.unfinished import UnfinishedBlocks
from hospes.clients.wallet.wallet import Wallet
from hospes.core import boxes, wire
from hospes.core.bodies import AcceptedReply, DepositRequest, ShareBox
from hospes.core.chain import Member
from hospes.core.errors import SignatureError
from hospes.core.identities import Address, Hash, require_signer
from hospes.core.messages import Accepted
from hospes.core.typed_data import digest
from hospes.service.client import Peer


async def place(
    wallet: Wallet, journey: JourneyPage, page: DepositPage, keepers: Keepers
) -> tuple[DepositPage, tuple[Missing, ...]]:
    """Bring blocks to the stores and shares to the keepers, as far as they do not hold them already.

    Raises
    ------
    StoresFailedError, TooFewKeepersError
        When no store holds the blocks; when fewer than threshold + 1 keepers accepted. What was done stays done.
    """
    missing: tuple[Missing, ...] = ()
    if not page.stores:
        put = await put_blocks(
            wallet, journey, UnfinishedBlocks(wallet.files.unfinished).load(page.record, page.digests)
        )
        page = note(wallet, journey, replace(page, stores=tuple(store.id for store, _ in put.answers)))
        missing = put.missing
    told = await _offer(wallet, page, keepers)
    accepted = (*page.accepted, *(Acceptance(keeper.account, signature) for keeper, signature in told.answers))
    page = note(wallet, journey, replace(page, accepted=accepted))
    needed = min(keepers.epoch.threshold + 1, len(keepers.members))
    if len(accepted) < needed:
        raise TooFewKeepersError(len(accepted), needed, ((gone.member, gone.reason) for gone in told.missing))
    return page, missing + told.missing


async def _offer(wallet: Wallet, page: DepositPage, keepers: Keepers) -> Told[bytes]:
    """Send its share to each keeper that has not accepted yet; return their signatures."""
    deposit_hash = digest(wallet.domain, page.deposit)
    shares = {keeper.account: share for keeper, share in zip(keepers.members, page.shares, strict=True)}

    async def offer(keeper: Member, peer: Peer) -> bytes:
        check_active(keeper, keepers.at)
        info = boxes.deposit_info(wallet.domain, deposit_hash, keeper.account)
        box = boxes.seal(keeper.box_key, info, wire.encode(ShareBox(shares[keeper.account])))
        reply = await peer.post("/v1/deposit", DepositRequest(page.deposit, page.signature, box), AcceptedReply)
        return _accepted(wallet, reply, deposit_hash, keeper.account)

    return await ask_each(wallet, [k for k in keepers.members if k.account not in page.keepers()], offer)


def _accepted(wallet: Wallet, reply: AcceptedReply, deposit_hash: Hash, keeper: Address) -> bytes:
    """Return a keeper's signature under its acceptance, checked."""
    if reply.deposit_hash != deposit_hash:
        raise SignatureError("Accepted", "it is for another deposit")
    require_signer(digest(wallet.domain, Accepted(deposit_hash)), reply.signature, keeper, "Accepted")
    return reply.signature
