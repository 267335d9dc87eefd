"""Erasing a record: release stops, shares and blocks are deleted, and everybody who deleted signs for it.

It proves nothing about what a member kept in secret: a record is beyond recovery when enough keepers really deleted,
and the receipts say who claims to have. Read copies stay read.

Sources: PROTOCOL section 8; ARCHITECTURE section 4 ("unrecoverable if n - t + 1 keepers really deleted").
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from hospes.clients.wallet.handing_in import LEDGER_AWAY, Ended, hand_in, hand_in_unread
from hospes.clients.wallet.history import History, history
from hospes.clients.wallet.keepers import Missing, Told, ask_each, keepers_in_office, remembered_keepers
from hospes.clients.wallet.locking import alone
from hospes.clients.wallet.pages import DepositPage, ErasurePage, HeldReceipt, JourneyPage
from hospes.clients.wallet.receipts import Receipts
from hospes.clients.wallet.relaying import erase_call
from hospes.clients.wallet.unfinished import UnfinishedBlocks
from hospes.clients.wallet.wallet import Wallet
from hospes.core import content_ids, wire
from hospes.core.bodies import ReceiptReply, RelayReply
from hospes.core.chain import Member
from hospes.core.errors import HospesError, SignatureError
from hospes.core.identities import Address, Hash, MemberId, require_signer
from hospes.core.messages import MAX_LIST, Erasure
from hospes.core.permissions import HEADER, DeletePermission, to_header
from hospes.core.proof import open_journal
from hospes.core.typed_data import digest as message_digest
from hospes.service.client import Peer
from hospes.service.errors import RemoteError

REACH_ALL_S: Final = 7 * 24 * 3600
"""How long the log takes a signed erasure and stores can be shown it; then the wallet signs it anew."""
CLOCKS_S: Final = 3600
"""How far a keeper's clock may be ahead of ours: after its deadline it takes an erasure only if the ledger shows it."""
NO_RECEIPT: Final = "no-receipt"
"""The problem of a keeper that was not handed the erasure, or whose grace period runs."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of erasing one record.

    Attributes
    ----------
    what : str
        Its class.
    number : int, optional
        Of the entry; None when it is not proven to be in the log yet.
    told : tuple of MemberId
        Keepers that confirmed just now that they release nothing of it any more.
    unlogged : str
        Why it has no number; empty when it has.
    keepers, stores : int
        That signed for having deleted all they held of it; one that accepted its share must name the record.
    needed : int
        Keepers that must really have deleted for the record to be beyond recovery.
    missing : tuple of Missing
        Who has not signed yet, and why, or has signed what contradicts what it took; repeating asks again.
    """

    what: str
    number: int | None
    told: tuple[MemberId, ...]
    unlogged: str
    keepers: int
    stores: int
    needed: int
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class _Work:
    """One record and the members that can have anything of it."""

    wallet: Wallet
    journey: JourneyPage
    page: DepositPage
    keepers: Sequence[Member]
    stores: Sequence[Member]

    def receipts(self) -> Receipts:
        """Return what the book has by now."""
        return _receipts(self.wallet.journey(self.journey.index), self.page)


async def erase(wallet: Wallet, journey: JourneyPage, page: DepositPage) -> Erased:
    """Erase a record: signed and kept, handed to every keeper, logged, its blocks deleted, receipts collected.

    Repeating it goes on where it ended, and collects the receipts of keepers whose grace period was running. An
    erasure whose time is over before it has done its work is signed anew; the old one stays in the book. A deposit
    that is unfinished ends with it: what the wallet kept to finish it is deleted first.

    Raises
    ------
    NotRelayedError
        When it is not in the log yet and no keeper confirmed it.
    WalletFileError
        When another program is depositing or erasing with this wallet.
    """
    with alone(wallet.files.depositing, wait=False):
        return await _erase(wallet, journey, page)


async def _erase(wallet: Wallet, journey: JourneyPage, page: DepositPage) -> Erased:
    try:
        past = await history(wallet, journey)
        keepers = (await keepers_in_office(wallet, past.journal.header, page.deposit.body.keeper_epoch)).members
        stores = [await wallet.reader.member_named(name, past.journal.header) for name in wallet.stores]
    except LEDGER_AWAY as error:
        return await _erase_unread(wallet, journey, page, error)
    erasures = _erasures(wallet, past, page, stores)
    journey = _written_down(wallet, journey, page, erasures)
    ended = [await _log(wallet, journey, erasure) for erasure in erasures]
    return await _with_receipts(_Work(wallet, journey, page, keepers, stores), erasures, ended)


async def _erase_unread(wallet: Wallet, journey: JourneyPage, page: DepositPage, error: HospesError) -> Erased:
    """Erase a record at the keepers alone, while the ledger cannot be read; the stores follow when it is repeated."""
    unread, now = open_journal(wallet.reader.genesis, journey.address), wallet.reader.highest.time
    past = History(journey, unread, wallet.domain, max(wallet.now(), now) + CLOCKS_S)
    erasures = _erasures(wallet, past, page, ())
    journey = _written_down(wallet, journey, page, erasures)
    calls = [erase_call(wallet, journey.address, one.erasure, one.signature) for one in erasures]
    ended = await hand_in_unread(wallet, calls, error)
    keepers = remembered_keepers(wallet, page.deposit.body.keeper_epoch)
    return await _with_receipts(_Work(wallet, journey, page, keepers, ()), erasures, [ended])


def _written_down(
    wallet: Wallet, journey: JourneyPage, page: DepositPage, erasures: Sequence[ErasurePage]
) -> JourneyPage:
    """Write erasures down, and delete what the wallet kept of an unfinished deposit."""
    journey = wallet.book.change_journey(journey, lambda now: _begun(now, page, erasures))
    UnfinishedBlocks(wallet.files.unfinished).drop(page.record)
    return journey


async def _with_receipts(work: _Work, erasures: Sequence[ErasurePage], ended: Sequence[Ended]) -> Erased:
    """Collect the receipts of what was handed in."""
    page, keepers, stores = work.page, work.keepers, work.stores
    silent = [gone for erasure in erasures for gone in await _collect(work, erasure)]
    for earlier in work.receipts().earlier_than(erasures):
        await _collect_earlier(work, earlier)
    found = work.receipts()
    away = {gone.member for gone in silent}
    here = [[one for one in members if one.id not in away] for members in (keepers, stores)]
    missing = dict.fromkeys((*silent, *found.contradictions(*here)))
    body = page.deposit.body
    return Erased(
        what=body.what,
        number=next((None for one in ended if one.number is None), ended[0].number),
        told=tuple(dict.fromkeys(name for one in ended for name in one.told)),
        unlogged=next((one.unlogged for one in ended if one.unlogged), ""),
        keepers=sum(found.keeper_is_done(keeper.account) for keeper in keepers),
        stores=sum(found.store_is_done(store.account, page.digests) for store in stores),
        needed=len(body.share_hashes) - body.threshold + 1,
        missing=tuple(missing),
    )


def _begun(journey: JourneyPage, page: DepositPage, erasures: Sequence[ErasurePage]) -> JourneyPage:
    """Return the journey with these erasures of a record, and without the shares of one that was unfinished."""
    for erasure in erasures:
        journey = journey.with_erasure(erasure)
    if not page.unfinished:
        return journey
    return journey.with_deposit(replace(page, shares=(), given_up=True))


def _receipts(journey: JourneyPage, page: DepositPage) -> Receipts:
    return Receipts(page, tuple(one for one in journey.erasures if page.record in one.erasure.records))


def _erasures(wallet: Wallet, past: History, page: DepositPage, stores: Sequence[Member]) -> Sequence[ErasurePage]:
    """Return the record's erasures to go on with, each of at most 64 blocks: those signed before while of use."""
    found, digests = _receipts(past.page, page), sorted(set(page.digests))
    latest = {one.erasure.digests: one for one in found.erasures}
    parts = list(latest) or [tuple(digests[first : first + MAX_LIST]) for first in range(0, len(digests), MAX_LIST)]
    erasures: list[ErasurePage] = []
    for part in parts:
        signed = latest.get(part)
        wanting = any(found.store_is_wanting(store, part) for store in stores)
        of_use = signed is not None and _is_of_use(past, signed, wanting=wanting)
        erasures.append(signed if signed and of_use else _sign(wallet, past, page, part))
    return erasures


def _is_of_use(past: History, erasure: ErasurePage, *, wanting: bool) -> bool:
    """Whether the log, and stores that are wanting, still take an erasure: neither does after its deadline."""
    in_time = past.time() <= erasure.erasure.deadline
    return in_time or (past.erased(erasure) is not None and not wanting)


def _sign(wallet: Wallet, past: History, page: DepositPage, digests: tuple[Hash, ...]) -> ErasurePage:
    message = Erasure((page.record,), digests, past.time() + REACH_ALL_S, wallet.salt())
    return ErasurePage(message, wallet.sign(past.page, message), ())


async def _log(wallet: Wallet, journey: JourneyPage, page: ErasurePage) -> Ended:
    return await hand_in(wallet, journey, erase_call(wallet, journey.address, page.erasure, page.signature))


async def _collect(work: _Work, erasure: ErasurePage) -> tuple[Missing, ...]:
    """Have a record's blocks deleted and collect the receipts that are missing; keep all that came."""
    wallet, message = work.wallet, erasure.erasure
    permission, found = _permission(work.journey, erasure), work.receipts()

    async def of_keeper(keeper: Member, peer: Peer) -> tuple[HeldReceipt, ...]:
        return (_checked(wallet, message, keeper.account, await _of_keeper(wallet, peer, permission)),)

    async def of_store(store: Member, peer: Peer) -> tuple[HeldReceipt, ...]:
        signed = [await _of_store(peer, permission, digest) for digest in message.digests]
        return tuple(_checked(wallet, message, store.account, receipt) for receipt in signed)

    silent = [keeper for keeper in work.keepers if keeper.account not in erasure.signers()]
    holding = [store for store in work.stores if not found.store_is_done(store.account, message.digests)]
    told = [await ask_each(wallet, silent, of_keeper), await ask_each(wallet, holding, of_store)]
    _keep(work, erasure, told)
    return tuple(missing for some in told for missing in some.missing)


async def _collect_earlier(work: _Work, erasure: ErasurePage) -> None:
    """Ask keepers that name the record in no receipt whether they did under an erasure that was signed anew since."""
    permission, found = _permission(work.journey, erasure), work.receipts()

    async def of_keeper(keeper: Member, peer: Peer) -> tuple[HeldReceipt, ...]:
        signed = await peer.post("/v1/receipt", permission, ReceiptReply)
        return (_checked(work.wallet, erasure.erasure, keeper.account, signed),)

    asked = [
        keeper
        for keeper in work.keepers
        if not found.keeper_is_done(keeper.account) and keeper.account not in erasure.signers()
    ]
    _keep(work, erasure, [await ask_each(work.wallet, asked, of_keeper)])


def _permission(journey: JourneyPage, erasure: ErasurePage) -> DeletePermission:
    return DeletePermission(journey.address, erasure.erasure, erasure.signature)


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


def _keep(work: _Work, erasure: ErasurePage, told: Iterable[Told[tuple[HeldReceipt, ...]]]) -> None:
    fresh = [receipt for some in told for _, receipts in some.answers for receipt in receipts]

    def kept(now: JourneyPage) -> JourneyPage:
        current = next(page for page in now.erasures if page.erasure == erasure.erasure)
        return now.with_erasure(replace(current, receipts=tuple(dict.fromkeys((*current.receipts, *fresh)))))

    work.wallet.book.change_journey(work.journey, kept)
