"""Erasing a record: release stops, shares and blocks are deleted, and everybody who deleted signs for it.

It proves nothing about what a member kept in secret: a record is beyond recovery when enough keepers really deleted,
and the receipts say who claims to have. Read copies stay read.

Sources: PROTOCOL section 8; ARCHITECTURE section 4 ("unrecoverable if n - t + 1 keepers really deleted").
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from hospes.clients.wallet.handing_in import Ended, hand_in
from hospes.clients.wallet.keepers import Missing, Told, ask_each, keepers_in_office
from hospes.clients.wallet.pages import DepositPage, ErasurePage, HeldReceipt, JourneyPage
from hospes.clients.wallet.relaying import erase_call
from hospes.clients.wallet.wallet import Wallet
from hospes.core import content_ids, wire
from hospes.core.bodies import ReceiptReply, RelayReply
from hospes.core.chain import Member
from hospes.core.errors import SignatureError
from hospes.core.identities import Address, Hash, require_signer
from hospes.core.messages import MAX_LIST, Erasure
from hospes.core.permissions import HEADER, DeletePermission, to_header
from hospes.core.typed_data import digest as message_digest
from hospes.service.client import Peer
from hospes.service.errors import RemoteError

REACH_ALL_S: Final = 7 * 24 * 3600
"""How long stores that were away can still be shown a signed erasure."""
NO_RECEIPT: Final = "no-receipt"
"""The problem of a keeper that was not handed the erasure, or whose grace period runs."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of erasing one record.

    Attributes
    ----------
    what : str
        Its class.
    number : int
        Of the entry.
    keepers, stores : int
        That signed for having deleted all they held of it.
    needed : int
        Keepers that must really have deleted for the record to be beyond recovery.
    missing : tuple of Missing
        Who has not signed yet, and why; repeating asks those again.
    """

    what: str
    number: int
    keepers: int
    stores: int
    needed: int
    missing: tuple[Missing, ...]


async def erase(wallet: Wallet, journey: JourneyPage, page: DepositPage) -> Erased:
    """Erase a record: signed and kept, handed to every keeper, logged, its blocks deleted, receipts collected.

    Repeating it goes on where it ended, and collects the receipts of keepers whose grace period was running.

    Raises
    ------
    NotRelayedError
        When it is not in the log yet. Keepers that answered honour it already.
    """
    erasures = _erasures(wallet, journey, page)
    journey = wallet.book.change_journey(journey, lambda now: _with_all(now, erasures))
    ended = [await _log(wallet, journey, erasure) for erasure in erasures]
    missing = [gone for erasure in erasures for gone in await _collect(wallet, journey, page, erasure)]
    keepers, stores = await _count(wallet, page, _of_record(wallet.journey(journey.index), page))
    body = page.deposit.body
    needed = len(body.share_hashes) - body.threshold + 1
    return Erased(body.what, ended[0].number, keepers, stores, needed, tuple(dict.fromkeys(missing)))


def _with_all(journey: JourneyPage, erasures: Sequence[ErasurePage]) -> JourneyPage:
    for erasure in erasures:
        journey = journey.with_erasure(erasure)
    return journey


def _of_record(journey: JourneyPage, page: DepositPage) -> Sequence[ErasurePage]:
    return [erasure for erasure in journey.erasures if page.record in erasure.erasure.records]


def _erasures(wallet: Wallet, journey: JourneyPage, page: DepositPage) -> Sequence[ErasurePage]:
    """Return the record's erasures: those that the journey signed before, or new ones, each of at most 64 blocks."""
    signed = _of_record(journey, page)
    if signed:
        return signed
    digests, deadline = sorted(set(page.digests)), wallet.now() + REACH_ALL_S
    parts = (tuple(digests[first : first + MAX_LIST]) for first in range(0, len(digests), MAX_LIST))
    messages = [Erasure((page.record,), part, deadline, wallet.salt()) for part in parts]
    return [ErasurePage(message, wallet.sign(journey, message), ()) for message in messages]


async def _log(wallet: Wallet, journey: JourneyPage, page: ErasurePage) -> Ended:
    return await hand_in(wallet, journey, erase_call(wallet, journey.address, page.erasure, page.signature))


async def _collect(
    wallet: Wallet, journey: JourneyPage, page: DepositPage, erasure: ErasurePage
) -> tuple[Missing, ...]:
    """Have a record's blocks deleted and collect the receipts that are missing; keep all that came."""
    tip = await wallet.reader.tip()
    keepers = await keepers_in_office(wallet, tip, page.deposit.body.keeper_epoch)
    stores = [await wallet.reader.member_named(name, tip) for name in wallet.stores]
    permission = DeletePermission(journey.address, erasure.erasure, erasure.signature)

    async def of_keeper(keeper: Member, peer: Peer) -> tuple[HeldReceipt, ...]:
        return (_checked(wallet, erasure.erasure, keeper.account, await _of_keeper(wallet, peer, permission)),)

    async def of_store(store: Member, peer: Peer) -> tuple[HeldReceipt, ...]:
        signed = [await _of_store(peer, permission, digest) for digest in erasure.erasure.digests]
        return tuple(_checked(wallet, erasure.erasure, store.account, receipt) for receipt in signed)

    silent = [keeper for keeper in keepers.members if keeper.account not in erasure.signers()]
    holding = [store for store in stores if not _all_deleted(erasure, store.account)]
    told = [await ask_each(wallet, silent, of_keeper), await ask_each(wallet, holding, of_store)]
    _keep(wallet, journey, erasure, told)
    return tuple(missing for some in told for missing in some.missing)


async def _of_keeper(wallet: Wallet, peer: Peer, permission: DeletePermission) -> ReceiptReply:
    """Return a keeper's receipt; one that was away when the erasure was handed in is handed it now."""
    try:
        return await peer.post("/v1/receipt", permission, ReceiptReply)
    except RemoteError as error:
        if error.problem != NO_RECEIPT:
            raise
    call = erase_call(wallet, permission.journey, permission.erasure, permission.signature)
    with suppress(RemoteError):  # it is in the log already; what counts is that the keeper was handed it
        await peer.post("/v1/relay", call.request, RelayReply)
    return await peer.post("/v1/receipt", permission, ReceiptReply)


async def _of_store(peer: Peer, permission: DeletePermission, digest: Hash) -> ReceiptReply:
    path = f"/v1/blocks/{content_ids.encode(digest)}"
    response = await peer.request("DELETE", path, headers={HEADER: to_header(permission)})
    return wire.decode(ReceiptReply, response.content)


def _checked(wallet: Wallet, erasure: Erasure, signer: Address, signed: ReceiptReply) -> HeldReceipt:
    """Return a receipt that its signer signed for this erasure and nothing else."""
    receipt = signed.receipt
    named = {*erasure.records, *erasure.digests}
    if receipt.erasure_hash != message_digest(wallet.domain, erasure) or not named.issuperset(receipt.deleted):
        raise SignatureError("Receipt", "it is for another erasure")
    require_signer(message_digest(wallet.domain, receipt), signed.signature, signer, "Receipt")
    return HeldReceipt(signer, receipt, signed.signature)


def _keep(
    wallet: Wallet, journey: JourneyPage, erasure: ErasurePage, told: Iterable[Told[tuple[HeldReceipt, ...]]]
) -> None:
    fresh = [receipt for some in told for _, receipts in some.answers for receipt in receipts]

    def kept(now: JourneyPage) -> JourneyPage:
        current = next(page for page in now.erasures if page.erasure == erasure.erasure)
        return now.with_erasure(replace(current, receipts=tuple(dict.fromkeys((*current.receipts, *fresh)))))

    wallet.book.change_journey(journey, kept)


def _all_deleted(page: ErasurePage, store: Address) -> bool:
    """Whether a store has signed for the deletion of every block that an erasure names."""
    deleted = {item for receipt in page.receipts if receipt.signer == store for item in receipt.receipt.deleted}
    return deleted.issuperset(page.erasure.digests)


async def _count(wallet: Wallet, page: DepositPage, erasures: Sequence[ErasurePage]) -> tuple[int, int]:
    """Return how many keepers and how many stores signed for everything that the erasures name."""
    tip = await wallet.reader.tip()
    keepers = await keepers_in_office(wallet, tip, page.deposit.body.keeper_epoch)
    stores = [await wallet.reader.member_named(name, tip) for name in wallet.stores]
    signed = sum(all(account in one.signers() for one in erasures) for account in keepers.epoch.accounts)
    deleted = sum(all(_all_deleted(one, store.account) for one in erasures) for store in stores)
    return signed, deleted
