"""A traveller without a wallet: what a wallet does for one, in the fewest steps, against a `Town`.

It keeps nothing, recovers from nothing and shows nothing; the wallet has its own tests.
"""

import base64
import os
from dataclasses import dataclass, field

from hospes.app.roster import KEEPERS, STORE
from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG, CONSENT
from hospes.core import boxes, content_ids, wire
from hospes.core.bodies import (
    AcceptedReply,
    DepositRequest,
    ShareBox,
    ShownGrant,
    StandingBox,
    StandingReply,
    StandingRequest,
)
from hospes.core.cards import Card
from hospes.core.chain import Member
from hospes.core.content_ids import digest_of
from hospes.core.identities import ZERO_HASH, Address, Country, Hash, RecordId
from hospes.core.journeys import JourneyKeys, derive
from hospes.core.messages import (
    ANY_HOSPITAL,
    EMERGENCY,
    Blocks,
    Consent,
    Deposit,
    DepositBody,
    Grant,
    Mailbox,
    Withdrawal,
    share_hash,
    sorted_grants,
)
from hospes.core.permissions import PutPermission
from hospes.core.sealing import RecordContext, SealedRecord, SignedIssued, seal_record
from hospes.core.shares import split
from hospes.core.typed_data import Message, digest, hash_struct
from hospes.service.client import Peer
from tests.simulators.town import Town

EVERYWHERE = (Country("ES"), Country("FR"), Country("PT"))
RELAYER = "keeper-lisboa"


@dataclass
class Deposited:
    """A record as its traveller knows it."""

    deposit: Deposit
    key: bytes
    shares: tuple[bytes, ...]
    sealed: SealedRecord


@dataclass
class Traveller:
    """One journey of somebody with a card."""

    town: Town
    keys: JourneyKeys = field(init=False)
    card: Card = field(init=False)

    def __post_init__(self) -> None:
        """Draw keys and a gate secret."""
        genesis = self.town.world.genesis
        self.keys = derive(os.urandom(32), genesis.chain_id, 0)
        self.card = Card(genesis.chain_id, self.keys.address, os.urandom(16))

    @property
    def address(self) -> Address:
        """The journey."""
        return self.keys.address

    def sign(self, message: Message) -> bytes:
        """Sign with the journey's key."""
        return self.keys.account.sign(digest(self.town.world.genesis.domain, message))

    async def deposit(
        self,
        document: bytes,
        what: str = "emergency-summary",
        media_type: str = "text/plain",
        issued: SignedIssued | None = None,
        key_check: Hash | None = None,
    ) -> Deposited:
        """Seal a document, store it, share its key, and log it; another `key_check` makes it a bad deposit."""
        context, key = RecordContext(self.address, RecordId(os.urandom(32)), what), os.urandom(32)
        sealed = seal_record(context, key, document, media_type, issued)
        keepers = await self._keepers()
        shares, salt = split(key, 4, len(keepers), os.urandom), Hash(os.urandom(32))
        body = DepositBody(
            record=context.record,
            what=what,
            manifest=sealed.manifest_digest,
            keeper_epoch=1,
            threshold=4,
            share_hashes=tuple(share_hash(salt, share) for share in shares),
            key_check=key_check or sealed.key_check,
            deposited_at=int(self.town.world.clock()),
            salt=salt,
        )
        deposit = Deposit(self.address, body)
        await self._put(sealed.blocks)
        for keeper, share in zip(keepers, shares, strict=True):
            await self._hand_share(keeper, deposit, share)
        await self._send(ACCESS_LOG, calls.deposit(self.address, hash_struct(body), self.sign(deposit)))
        return Deposited(deposit, key, shares, sealed)

    def emergency_grant(self) -> Grant:
        """Return the grant that a wallet offers with each journey."""
        return self.grant(ANY_HOSPITAL, "emergency-summary", EMERGENCY, gate=self.card.gate)

    def grant(self, who: str, what: str, why: str, gate: Hash = ZERO_HASH) -> Grant:
        """Return a grant for one class and purpose, everywhere, for years."""
        return Grant(who, (what,), (why,), EVERYWHERE, 0, 2**40, gate, Hash(os.urandom(32)))

    async def consent(self, *grants: Grant, standing: bool = True) -> Consent:
        """Give a consent and, when it is standing, hand it to every keeper."""
        consent = Consent(sorted_grants(grants), 2**40)
        signature = self.sign(consent)
        await self._send(CONSENT, calls.give(self.address, consent.grants_hash, consent.deadline, signature))
        for keeper in await self._keepers() if standing else ():
            info = boxes.standing_info(self.town.world.genesis.domain, self.address, keeper.account)
            key = self.keys.notice.public
            plain = wire.encode(StandingBox(consent, signature, key, self.sign(Mailbox(self.address, key))))
            request = StandingRequest(self.address, boxes.seal(keeper.box_key, info, plain))
            await self._peer(keeper).post("/v1/standing", request, StandingReply)
        return consent

    async def withdraw(self, consent: Consent) -> None:
        """Withdraw a consent on the chain."""
        signature = self.sign(Withdrawal(consent.grants))
        await self._send(CONSENT, calls.withdraw(self.address, consent.grants_hash, signature))

    def shown(self, consent: Consent) -> ShownGrant:
        """Return a consent's first grant as it is handed to a hospital."""
        return ShownGrant.of(consent, consent.grants[0])

    async def _keepers(self) -> tuple[Member, ...]:
        reader = self.town.world.reader()
        accounts = tuple(self.town.world[place.id].account.address for place in KEEPERS)
        return await reader.members(accounts, await reader.tip())

    async def _put(self, blocks: tuple[bytes, ...]) -> None:
        permitted = Blocks(tuple(sorted({digest_of(block) for block in blocks})), 2**40, Hash(os.urandom(32)))
        permission = PutPermission(self.address, permitted, self.sign(permitted))
        header = base64.urlsafe_b64encode(wire.encode(permission)).decode().rstrip("=")
        async with self.town.http() as http:
            for block in blocks:
                path = f"/v1/blocks/{content_ids.encode(digest_of(block))}"
                peer = Peer(f"http://127.0.0.1:{STORE.port}", http)
                await peer.request("PUT", path, block, {"Hospes-Authorization": header})

    async def _hand_share(self, keeper: Member, deposit: Deposit, share: bytes) -> None:
        domain = self.town.world.genesis.domain
        info = boxes.deposit_info(domain, digest(domain, deposit), keeper.account)
        box = boxes.seal(keeper.box_key, info, wire.encode(ShareBox(share)))
        request = DepositRequest(deposit, self.sign(deposit), box)
        await self._peer(keeper).post("/v1/deposit", request, AcceptedReply)

    async def _send(self, contract: Address, data: bytes) -> None:
        sender = self.town.world.sender(RELAYER)
        await sender.final(await sender.send(contract, data))

    def _peer(self, keeper: Member) -> Peer:
        return Peer(keeper.service, self.town.http())
