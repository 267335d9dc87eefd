"""A traveller, a hospital and one keeper on a real ledger: the smallest company in which a record travels.

Every byte is made as wallets and hospitals make it, but without them: the keeper is judged by the protocol alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import httpx

from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG, CONSENT
from hospes.core import boxes, journeys, shares, wire
from hospes.core.bodies import (
    AccessBox,
    AccessRequest,
    AnswerReply,
    DepositRequest,
    InquiryRequest,
    Notice,
    NoticesReply,
    ReceiptReply,
    RelayArguments,
    RelayReply,
    RelayRequest,
    ReleasedShare,
    ShareBox,
    ShownGrant,
    StandingBox,
    StandingRequest,
    unpack_answer,
)
from hospes.core.boxes import BoxSecret
from hospes.core.cards import gate_of
from hospes.core.identities import ZERO_HASH, Account, Address, Country, Hash, MemberId, RecordId, keccak, recover
from hospes.core.messages import (
    Access,
    Answer,
    Consent,
    Deposit,
    DepositBody,
    Ending,
    Erasure,
    Grant,
    Inquiry,
    Mailbox,
    Withdrawal,
    share_hash,
    sorted_grants,
)
from hospes.core.permissions import DeletePermission
from hospes.core.typed_data import Domain, Message, digest, hash_struct, hash_words
from hospes.nodes.keeper import Keeper, KeeperConfiguration
from hospes.nodes.keeper.keeper import MEMORY_FILE
from hospes.nodes.keeper.under_way import UnderWay
from hospes.service.chain import ChainReader
from hospes.service.client import Peer
from hospes.service.errors import RemoteError
from hospes.service.memory import FileMemory
from hospes.service.node import Node
from hospes.service.relay import Relay
from tests.simulators.world import Clock, World

T = TypeVar("T")
THRESHOLD = 4
SOON = 1 << 40
"""A deadline long after every test."""


class Randomness:
    """Bytes that look random and are the same in every run."""

    def __init__(self, seed: str) -> None:
        self._seed, self._count = seed, 0

    def __call__(self, size: int) -> bytes:
        """Return the next bytes."""
        self._count += 1
        return b"".join(keccak(f"{self._seed} {self._count} {i}".encode()) for i in range(-(-size // 32)))[:size]


@dataclass(frozen=True)
class Asked:
    """One access as a hospital has it: what it asks, its entry's number, and the key for the answers."""

    access: Access
    number: int
    recipient: BoxSecret


class Company:
    """One journey and one keeper in a world.

    Parameters
    ----------
    world : World
    directory : Path
        Of the keeper.
    label : str
        Names the journey: another label, another journey.
    grace_s : float
    """

    def __init__(self, world: World, directory: Path, label: str, grace_s: float = 0.0) -> None:
        self.world, self.directory, self.grace_s = world, directory, grace_s
        self.sweep_every_s = 600.0
        self.random = Randomness(label)
        self.journey = journeys.derive(self.random(32), world.genesis.chain_id, 0)
        self.keys = world["keeper-lisboa"]
        self.clock = Clock(world.clock.now)
        self.gate_secret = self.random(16)
        self.node = world.node()
        self.keeper = self.open(self.node)

    @property
    def domain(self) -> Domain:
        """The signing domain of the network."""
        return self.world.genesis.domain

    @property
    def under_way(self) -> UnderWay:
        """The answers that the keeper has under way."""
        return self.keeper.under_way

    @property
    def address(self) -> Address:
        """The journey."""
        return self.journey.address

    def open(self, node: Node) -> Keeper:
        """Open the keeper over what is in its directory, its clock the test's."""
        memory = FileMemory(self.directory / MEMORY_FILE)
        self.reader = ChainReader(node, self.world.genesis, memory)
        configuration = KeeperConfiguration(self.directory, grace_s=self.grace_s, sweep_every_s=self.sweep_every_s)
        relay = Relay(self.world.sender("keeper-lisboa"))
        return Keeper(configuration, self.keys, self.reader, relay, self.clock)

    def reopen(self, node: Node | None = None) -> None:
        """Stop the keeper and start it again."""
        self.keeper.close()
        self.keeper = self.open(node or self.node)

    def seal(self) -> None:
        """Seal what waits on the ledger; the keeper's clock goes with the ledger's."""
        self.world.seal()
        self.clock.now = self.world.clock.now + 0.5

    def sign(self, message: Message) -> bytes:
        """Return the journey's signature."""
        return self.journey.account.sign(digest(self.domain, message))

    # ------------------------------------------------------------------------------------------------- the traveller

    def deposit(self, what: str = "medication", **changes: Any) -> tuple[DepositRequest, bytes]:  # noqa: ANN401
        """Return the request that deposits a new record at the keeper, and the keeper's share."""
        share, *others = shares.split(self.random(32), THRESHOLD, 7, self.random)
        salt = Hash(self.random(32))
        body = DepositBody(
            record=RecordId(self.random(32)),
            what=what,
            manifest=Hash(self.random(32)),
            keeper_epoch=1,
            threshold=THRESHOLD,
            share_hashes=tuple(share_hash(salt, one) for one in (share, *others)),
            key_check=Hash(self.random(32)),
            deposited_at=int(self.clock.now),
            salt=salt,
        )
        return self.deposit_request(Deposit(self.address, replace(body, **changes)), share), share

    def deposit_request(self, deposit: Deposit, share: bytes) -> DepositRequest:
        """Return the request that hands one share to the keeper."""
        info = boxes.deposit_info(self.domain, digest(self.domain, deposit), self.keys.account.address)
        box = boxes.seal(self.keys.box.public, info, wire.encode(ShareBox(share)))
        return DepositRequest(deposit, self.sign(deposit), box)

    async def log_deposit(self, request: DepositRequest) -> None:
        """Write a deposit's entry."""
        body_hash = hash_struct(request.deposit.body)
        await self._write(ACCESS_LOG, calls.deposit(self.address, body_hash, request.signature))

    async def deposited(self, what: str = "medication") -> tuple[Deposit, bytes]:
        """Deposit a record at the keeper and log it."""
        request, share = self.deposit(what)
        await self.post("deposit", request)
        await self.log_deposit(request)
        return request.deposit, share

    def grant(self, **changes: Any) -> Grant:  # noqa: ANN401
        """Return a new grant, which covers treatment in Évora unless changed."""
        values: dict[str, Any] = {
            "who": "member:hospital-evora",
            "what": ("medication",),
            "why": ("treatment",),
            "where": (Country("PT"),),
            "not_before": 0,
            "not_after": SOON,
            "gate": ZERO_HASH,
            "salt": Hash(self.random(32)),
        }
        return Grant(**(values | changes))

    def break_glass_grant(self) -> Grant:
        """Return the grant that a wallet offers with each journey."""
        gate = gate_of(self.gate_secret)
        return self.grant(who="hospital:*", why=("emergency",), gate=gate)

    async def give(self, *grants: Grant) -> Consent:
        """Give a consent on the chain."""
        consent = Consent(sorted_grants(grants), SOON)
        data = calls.give(self.address, consent.grants_hash, SOON, self.sign(consent))
        await self._write(CONSENT, data)
        return consent

    async def leave(self, consent: Consent, notice_key: bytes | None = None) -> None:
        """Leave a standing consent with the keeper."""
        await self.post("standing", self.standing_request(consent, notice_key))

    def standing_request(self, consent: Consent, notice_key: bytes | None = None) -> StandingRequest:
        """Return the request that leaves a standing consent."""
        key = notice_key or self.journey.notice.public
        inside = StandingBox(consent, self.sign(consent), key, self.sign(Mailbox(self.address, key)))
        info = boxes.standing_info(self.domain, self.address, self.keys.account.address)
        return StandingRequest(self.address, boxes.seal(self.keys.box.public, info, wire.encode(inside)))

    async def withdraw_on_chain(self, consent: Consent) -> None:
        """Withdraw a consent past the keeper."""
        signature = self.sign(Withdrawal(consent.grants))
        await self._write(CONSENT, calls.withdraw(self.address, consent.grants_hash, signature))

    def withdrawal(self, consent: Consent) -> RelayRequest:
        """Return the request that withdraws a consent."""
        arguments = RelayArguments(self.address, grants_hash=consent.grants_hash)
        return RelayRequest("withdraw", arguments, self.sign(Withdrawal(consent.grants)))

    def ending(self, through: int) -> RelayRequest:
        """Return the request that ends every consent given in a block up to `through`."""
        return RelayRequest("end", RelayArguments(self.address, through=through), self.sign(Ending(through)))

    def erasure(self, *deposits: Deposit, deadline: int = SOON) -> Erasure:
        """Return the erasure of these deposits."""
        records = tuple(sorted(deposit.body.record for deposit in deposits))
        manifests = tuple(sorted(deposit.body.manifest for deposit in deposits))
        return Erasure(records, manifests, deadline, Hash(self.random(32)))

    def erasing(self, erasure: Erasure) -> RelayRequest:
        """Return the request that erases."""
        return RelayRequest("erase", RelayArguments(self.address, erasure=erasure), self.sign(erasure))

    async def erase_on_chain(self, erasure: Erasure) -> None:
        """Log an erasure past the keeper."""
        hashes = hash_words(erasure.records), hash_words(erasure.digests)
        data = calls.erase(self.address, *hashes, erasure.deadline, erasure.salt, self.sign(erasure))
        await self._write(ACCESS_LOG, data)

    async def hand(self, request: RelayRequest) -> RelayReply:
        """Hand a call to the keeper, and seal what it relayed."""
        reply = await self.post("relay", request, RelayReply)
        self.seal()
        return reply

    async def receipt(self, erasure: Erasure) -> ReceiptReply:
        """Ask for the receipt of an erasure."""
        return await self.post("receipt", DeletePermission(self.address, erasure, self.sign(erasure)), ReceiptReply)

    async def notices(self, first: int = 1) -> list[Notice]:
        """Ask for the notices, and open them."""
        inquiry = Inquiry(self.address, self.keys.account.address, first, int(self.clock.now))
        reply = await self.post("notices", InquiryRequest(inquiry, self.sign(inquiry)), NoticesReply)
        infos = [boxes.notice_info(self.domain, self.address, one.number) for one in reply.notices]
        texts = [self.journey.notice.open(one.box, info) for one, info in zip(reply.notices, infos, strict=True)]
        return [wire.decode(Notice, text) for text in texts]

    # --------------------------------------------------------------------------------------------------- the hospital

    def access(self, recipient: BoxSecret, **changes: Any) -> Access:  # noqa: ANN401
        """Return an access of Évora's, for treatment and medication unless changed."""
        values: dict[str, Any] = {
            "journey": self.address,
            "member": MemberId("hospital-evora"),
            "practitioner": "Dr. Inês Nunes",
            "what": ("medication",),
            "why": "treatment",
            "where": Country("PT"),
            "recipient_key": recipient.public,
            "evidence": ZERO_HASH,
            "requested_at": int(self.clock.now),
            "salt": Hash(self.random(32)),
        }
        return Access(**(values | changes))

    async def asked(self, member: str = "hospital-evora", **changes: Any) -> Asked:  # noqa: ANN401
        """Log an access, final when this returns."""
        recipient = BoxSecret(self.random(32))
        access = self.access(recipient, **changes)
        await self.world.append(access.journey, digest(self.domain, access), member)
        self.clock.now = self.world.clock.now + 0.5
        return Asked(access, await self.count(access.journey), recipient)

    async def count(self, journey: Address | None = None) -> int:
        """Return the number of the journey's last entry."""
        reader = self.world.reader()
        return len((await reader.journal(journey or self.address, await reader.tip())).entries)

    def request(self, asked: Asked, *shown: ShownGrant, **changes: Any) -> AccessRequest:  # noqa: ANN401
        """Return a request to the keeper."""
        values: dict[str, Any] = {"access": asked.access, "number": asked.number, "grants": shown, "gate": b""}
        box = AccessBox(**(values | changes))
        info = boxes.request_info(self.domain, self.keys.account.address)
        return AccessRequest(boxes.seal(self.keys.box.public, info, wire.encode(box)))

    async def answer(self, asked: Asked, *shown: ShownGrant, **changes: Any) -> tuple[ReleasedShare, ...]:  # noqa: ANN401
        """Ask the keeper, check its signature, and return what it released."""
        reply = await self.post("access", self.request(asked, *shown, **changes), AnswerReply)
        return self.opened(asked, reply)

    def opened(self, asked: Asked, reply: AnswerReply) -> tuple[ReleasedShare, ...]:
        """Return what an answer holds, its signature checked."""
        entry_hash = digest(self.domain, asked.access)
        said = Answer(entry_hash, asked.number, keccak(reply.box), reply.final_block)
        assert recover(digest(self.domain, said), reply.signature) == self.keys.account.address
        keeper, journey = self.keys.account.address, asked.access.journey
        info = boxes.answer_info(self.domain, journey, asked.number, entry_hash, keeper)
        return unpack_answer(journey, asked.recipient.open(reply.box, info))

    # ------------------------------------------------------------------------------------------------------- the wire

    async def post(self, call: str, body: wire.Shaped, cls: type[T] | None = None) -> T:
        """Call the keeper; `cls` is needed only where the reply is looked at."""
        async with self.http() as http:
            peer = Peer("http://keeper", http)
            if cls is None:
                response = await peer.request("POST", f"/v1/{call}", wire.encode(body))
                return response.content  # type: ignore[return-value]
            return await peer.post(f"/v1/{call}", body, cls)

    def http(self) -> httpx.AsyncClient:
        """Return a client that reaches the keeper without a socket."""
        transport = httpx.ASGITransport(self.keeper.app)
        return httpx.AsyncClient(transport=transport, base_url="http://keeper")

    async def _write(self, to: Address, data: bytes) -> None:
        await self.world.sender("keeper-porto").send(to, data)
        self.seal()


async def refused(flow: Awaitable[object]) -> RemoteError:
    """Return the problem that a call ends with."""
    try:
        await flow
    except RemoteError as problem:
        return problem
    raise AssertionError("the call was not refused")


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so, at most some seconds."""
    for _ in range(5000):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it never was so")


def shown(consent: Consent, grant: Grant | None = None) -> ShownGrant:
    """Return one grant as the traveller hands it to a hospital."""
    return ShownGrant.of(consent, grant or consent.grants[0])


def run(flow: Coroutine[Any, Any, T]) -> T:
    """Run a flow to its end."""
    return asyncio.run(flow)


def stranger(label: str = "stranger") -> Account:
    """Return an account that belongs to nobody."""
    return Account(keccak(label.encode()))
