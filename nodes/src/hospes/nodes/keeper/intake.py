"""What a keeper takes from travellers: deposits of records, and standing consents.

It releases nothing. What it accepts is on disk before it says so.

Sources: PROTOCOL section 5 (``POST /v1/deposit``, ``POST /v1/standing``), section 4.
"""

import asyncio

from hospes.core import boxes, wire
from hospes.core.bodies import AcceptedReply, DepositRequest, ShareBox, StandingBox, StandingReply, StandingRequest
from hospes.core.chain import Epoch
from hospes.core.identities import Address, require_signer
from hospes.core.messages import Accepted, DepositBody, Mailbox, share_hash
from hospes.core.proof import FinalHeader
from hospes.core.typed_data import digest
from hospes.nodes.keeper.deposits import MAX_WAITING
from hospes.nodes.keeper.errors import DepositRefusedError
from hospes.nodes.keeper.grant_rows import ROW_BYTES
from hospes.nodes.keeper.held import HeldDeposit
from hospes.nodes.keeper.parts import KeeperParts
from hospes.nodes.keeper.slots import numbers_of


class Intake:
    """Accepts what journeys sign.

    Parameters
    ----------
    parts : KeeperParts
    """

    def __init__(self, parts: KeeperParts) -> None:
        self._parts = parts

    async def deposit(self, request: DepositRequest, source: str) -> AcceptedReply:
        """Hold one record's share, durably; the same deposit again is accepted again.

        Parameters
        ----------
        source : str
            Who asked, such as a network address; only counted.

        Raises
        ------
        SignatureError
            When the journey did not sign the deposit.
        BoxError, MalformedError
            When the box does not hold this keeper's share of this deposit.
        DepositRefusedError
            When epoch, threshold or share are not what they must be, or too many deposits wait for their entries.
        ConflictError
            When the record is not new, or erased.
        RateLimitedError
            When the source left too much in a while of journeys that the chain does not know.
        """
        parts, deposit = self._parts, request.deposit
        deposit_hash = digest(parts.domain, deposit)
        require_signer(deposit_hash, request.signature, deposit.journey, "Deposit")
        opened = parts.keys.box.open(request.box, boxes.deposit_info(parts.domain, deposit_hash, parts.account))
        share = wire.decode(ShareBox, opened).share
        tip = await parts.chain.tip()
        epoch = await parts.chain.epoch(tip)
        require_own_share(deposit.body, share, epoch, parts.account)
        held = HeldDeposit(deposit_hash, deposit, share)
        await parts.count_stranger(deposit.journey, source, len(wire.encode(deposit)))
        await self._number_waiting(deposit.journey, tip)
        await asyncio.to_thread(parts.holdings.keep_deposit, held, parts.clock())
        return AcceptedReply(deposit_hash, parts.sign(Accepted(deposit_hash)))

    async def _number_waiting(self, journey: Address, tip: FinalHeader) -> None:
        """Look up the entries of a journey's deposits once as many wait for theirs as may, to make room."""
        deposits = self._parts.holdings.deposits
        waiting = await asyncio.to_thread(deposits.waiting, journey)
        if len(waiting) >= MAX_WAITING:
            numbers = numbers_of(await self._parts.chain.journal(journey, tip))
            for one in waiting:
                if one in numbers:
                    await asyncio.to_thread(deposits.mark_logged, one, numbers[one])

    async def standing(self, request: StandingRequest, source: str) -> StandingReply:
        """Hold a standing consent, durably.

        Parameters
        ----------
        source : str
            Who asked, such as a network address; only counted.

        Raises
        ------
        BoxError, MalformedError
            When the box does not hold a consent of this journey for this keeper.
        SignatureError
            When the journey did not sign the consent, or the notice key.
        ConflictError
            When the journey has another notice key here, or withdrew the consent, or left too many.
        RateLimitedError
            As for `deposit`.
        """
        parts, journey = self._parts, request.journey
        info = boxes.standing_info(parts.domain, journey, parts.account)
        opened = wire.decode(StandingBox, parts.keys.box.open(request.box, info))
        require_signer(digest(parts.domain, opened.consent), opened.signature, journey, "Consent")
        mailbox = Mailbox(journey, opened.notice_key)
        require_signer(digest(parts.domain, mailbox), opened.notice_signature, journey, "Mailbox")
        boxes.check_public(opened.notice_key, "StandingBox", "noticeKey")
        await parts.count_stranger(journey, source, ROW_BYTES * len(opened.consent.grants))
        keep = parts.holdings.keep_standing
        await asyncio.to_thread(keep, journey, opened.consent, opened.notice_key, parts.clock())
        return StandingReply(opened.consent.grants_hash)


def require_own_share(body: DepositBody, share: bytes, epoch: Epoch, keeper: Address) -> None:
    """Check a deposit against the epoch in force, and the share against the deposit.

    Parameters
    ----------
    epoch : Epoch
        In force at the latest final block.
    keeper : Address
        This keeper's account.

    Raises
    ------
    DepositRefusedError
        Naming the field that does not fit.
    """
    if body.keeper_epoch != epoch.number:
        raise DepositRefusedError("keeperEpoch", f"epoch {epoch.number} is in force")
    if body.threshold != epoch.threshold:
        raise DepositRefusedError("threshold", f"the epoch's is {epoch.threshold}")
    if len(body.share_hashes) != len(epoch.accounts):
        raise DepositRefusedError("shareHashes", f"the epoch has {len(epoch.accounts)} keepers")
    if keeper not in epoch.accounts:
        raise DepositRefusedError("keeperEpoch", "this keeper is not in office")
    index = epoch.accounts.index(keeper)
    if share[0] != index + 1:
        raise DepositRefusedError("box", f"its share is not that of keeper {index + 1}")
    if share_hash(body.salt, share) != body.share_hashes[index]:
        raise DepositRefusedError("box", "its share is not the one that the deposit names")
