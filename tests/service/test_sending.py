"""Sending and relaying: one transaction each, refusals before anything is sent, nobody relays without end."""

import asyncio
import os
from typing import Any

import pytest

from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG, CONSENT, REGISTRY
from hospes.contracts.refusals import ContractRefusedError
from hospes.core.bodies import RelayArguments, RelayRequest
from hospes.core.chain import EntryKind
from hospes.core.identities import Account, Address, Hash, RecordId, keccak
from hospes.core.messages import Consent, Deposit, Ending, Erasure, Withdrawal
from hospes.core.typed_data import Message, digest, digest_of_struct, type_hash
from hospes.service.allowances import RateLimitedError
from hospes.service.errors import NodeError, TransactionFailedError, TransactionPendingError
from hospes.service.node import Node
from hospes.service.relay import BURST, REFILL_S, Relay
from hospes.service.sender import NONCES, Sender
from tests.simulators.world import Clock, World, hashes

JOURNEY = Account(b"\x07" * 32)


def _signed(world: World, message: Message) -> bytes:
    return JOURNEY.sign(digest(world.genesis.domain, message))


def test_independent_transactions_share_a_block(world: World) -> None:
    """Calls sent at once from one account and from several get one block, each its own nonce."""

    async def story() -> None:
        sender, other = world.sender("hospital-evora"), world.sender("hospital-badajoz")
        data = [calls.append(JOURNEY.address, entry_hash) for entry_hash in hashes(6)]
        sent = await asyncio.gather(
            *(sender.send(ACCESS_LOG, call) for call in data[:3]), *(other.send(ACCESS_LOG, call) for call in data[3:])
        )
        block = world.seal()
        receipts = [await sender.final(transaction) for transaction in sent]
        assert {receipt.block for receipt in receipts} == {block.number}
        assert len(set(sent)) == len(block.transactions) == 6

    asyncio.run(story())


def test_the_dearest_call_has_gas_enough(world: World) -> None:
    """The longest box key that the protocol foresees can be registered."""

    async def story() -> None:
        sender, reader, key = world.sender("keeper-porto"), world.reader(), b"\xff" * 1218
        url = "http://" + "x" * 121
        transaction = await sender.send(REGISTRY, calls.set_service(url, key))
        world.seal()
        assert (await sender.final(transaction)).succeeded
        member = await reader.member(sender.account.address, await reader.tip())
        assert (member.service, member.box_key) == (url, key)

    asyncio.run(story())


class _Flaky(Node):
    """A node in front of which others are quicker, or whose line carries a request twice."""

    def __init__(self, world: World, *, stale: int = 0, twice: str = "", reason: str = "") -> None:
        super().__init__(world.node().provider, "a flaky node")
        self._world, self._stale, self._twice, self._reason = world, stale, twice, reason
        self.sent: list[bytes] = []

    async def nonce(self, account: Address) -> int:
        """Return a nonce that is used up by the time that it is used."""
        nonce = await super().nonce(account)
        if self._stale:
            self._stale -= 1
            await self._world.sender("hospital-evora").send(ACCESS_LOG, calls.append(JOURNEY.address, hashes(1)[0]))
        return nonce

    async def send(self, raw: bytes) -> Hash:
        """Carry a transaction, and perhaps carry it again."""
        self.sent.append(raw)
        if self._reason:
            raise NodeError("eth_sendRawTransaction", self._reason)
        if self._twice:
            await super().send(raw)
        if self._twice == "sealed":
            self._world.seal()
            raise NodeError("eth_sendRawTransaction", "nonce too low: next nonce 1, tx nonce 0")
        return await super().send(raw)


def _flaky(world: World, **how: Any) -> tuple[Sender, _Flaky]:  # noqa: ANN401 - passed on
    node = _Flaky(world, **how)
    return Sender(node, world["hospital-evora"].account, world.genesis.chain_id), node


def test_a_nonce_that_another_took_is_drawn_again(world: World) -> None:
    """Two programs that send from one account at once both get their calls into the log, each once."""

    async def story() -> None:
        (sender, node), entry_hash = _flaky(world, stale=2), hashes(1)[0]
        transaction = await sender.send(ACCESS_LOG, calls.append(JOURNEY.address, entry_hash))
        world.seal()
        assert (await sender.final(transaction)).succeeded
        journal = await world.reader().journal(JOURNEY.address, await world.reader().tip())
        assert [entry.entry_hash for entry in journal.entries].count(entry_hash) == 1
        assert len(journal.entries) == len(node.sent) == 3

    asyncio.run(story())


@pytest.mark.parametrize("twice", ["waiting", "sealed"])
def test_what_was_taken_is_not_sent_again(world: World, twice: str) -> None:
    """A node that already knows the transaction took it: its hash is the answer, and there is one entry."""

    async def story() -> None:
        (sender, node), entry_hash = _flaky(world, twice=twice), hashes(1)[0]
        transaction = await sender.send(ACCESS_LOG, calls.append(JOURNEY.address, entry_hash))
        if twice == "waiting":
            world.seal()
        assert (await sender.final(transaction)).succeeded
        journal = await world.reader().journal(JOURNEY.address, await world.reader().tip())
        assert [entry.entry_hash for entry in journal.entries] == [entry_hash]
        assert len(node.sent) == 1

    asyncio.run(story())


@pytest.mark.parametrize(("reason", "times"), [("nonce too low: next nonce 7", NONCES), ("the pool is full", 1)])
def test_sending_again_ends(world: World, reason: str, times: int) -> None:
    """A node that refuses every nonce is believed at last, and any other refusal at once."""

    async def story() -> None:
        sender, node = _flaky(world, reason=reason)
        with pytest.raises(NodeError, match=reason):
            await sender.send(ACCESS_LOG, calls.append(JOURNEY.address, hashes(1)[0]))
        assert len(node.sent) == times

    asyncio.run(story())


def test_a_call_that_would_be_refused_is_not_sent(world: World) -> None:
    """The contract's reason comes back as an error that says what to do, and nothing waits in the pool."""

    async def story() -> None:
        with pytest.raises(ContractRefusedError) as caught:
            await world.sender("keeper-porto").send(ACCESS_LOG, calls.append(JOURNEY.address, hashes(1)[0]))
        assert caught.value.reason == "not_active_hospital"
        assert world.engine.waiting_count() == 0

    asyncio.run(story())


def test_who_is_no_member_cannot_write(world: World) -> None:
    """The node refuses a stranger's transaction where it enters."""

    async def story() -> None:
        stranger = Sender(world.node(), Account(os.urandom(32)), world.genesis.chain_id)
        signature = _signed(world, Ending(5))
        with pytest.raises(NodeError):
            await stranger.send(CONSENT, calls.end(JOURNEY.address, 5, signature))

    asyncio.run(story())


def test_a_transaction_that_fails_after_all_is_named(world: World) -> None:
    """Of two equal calls in one block the second fails, and its sender learns it."""

    async def story() -> None:
        call = calls.end(JOURNEY.address, 5, _signed(world, Ending(5)))
        first, second = world.sender("keeper-porto"), world.sender("keeper-paris")
        transactions = [await first.send(CONSENT, call), await second.send(CONSENT, call)]
        world.seal()
        assert (await first.final(transactions[0])).succeeded
        with pytest.raises(TransactionFailedError):
            await second.final(transactions[1])

    asyncio.run(story())


def test_a_transaction_in_no_block_is_pending(world: World) -> None:
    """Waiting ends with an error that says that it may still become final."""

    async def story() -> None:
        sender = world.sender("hospital-evora")
        transaction = await sender.send(ACCESS_LOG, calls.append(JOURNEY.address, hashes(1)[0]))
        with pytest.raises(TransactionPendingError, match="may still"):
            await sender.final(transaction, timeout_s=0.1)
        world.seal()
        assert (await sender.final(transaction)).succeeded

    asyncio.run(story())


def _requests(world: World) -> list[tuple[RelayRequest, EntryKind]]:
    """One relayed call of each kind, rightly signed, in an order that the contracts accept."""
    domain, journey = world.genesis.domain, JOURNEY.address
    grants, body, deadline = hashes(1)[0], hashes(1)[0], 2_000_000_000

    def struct(cls: type[Message], *words: bytes) -> bytes:
        encoded = type_hash(cls) + b"".join(word.rjust(32, b"\0") for word in words)
        return JOURNEY.sign(digest_of_struct(domain, keccak(encoded)))

    erasure = Erasure((RecordId(b"r" * 32),), (Hash(b"d" * 32),), deadline, hashes(1)[0])
    given = struct(Consent, grants, deadline.to_bytes(32))
    deposited = struct(Deposit, journey, body)
    return [
        (RelayRequest("give", RelayArguments(journey, grants, deadline), given), EntryKind.GIVEN),
        (RelayRequest("withdraw", RelayArguments(journey, grants), struct(Withdrawal, grants)), EntryKind.WITHDRAWN),
        (RelayRequest("end", RelayArguments(journey, through=1), _signed(world, Ending(1))), EntryKind.ENDED),
        (RelayRequest("deposit", RelayArguments(journey, body_hash=body), deposited), EntryKind.DEPOSITED),
        (RelayRequest("erase", RelayArguments(journey, erasure=erasure), _signed(world, erasure)), EntryKind.ERASED),
    ]


def test_every_call_of_a_journey_can_be_relayed(world: World) -> None:
    """A member sends each kind of call for the traveller, and the entry names the member as relayer."""

    async def story() -> None:
        relay, reader = Relay(world.sender("keeper-paris")), world.reader()
        kinds: list[EntryKind] = []
        for request, kind in _requests(world):
            await relay.relay(request, "127.0.0.1")
            world.seal()
            kinds.append(kind)
        journal = await reader.journal(JOURNEY.address, await reader.tip())
        assert [entry.kind for entry in journal.entries] == kinds
        assert {entry.account for entry in journal.entries} == {world["keeper-paris"].account.address}

    asyncio.run(story())


def test_a_relayer_cannot_speak_for_a_journey(world: World) -> None:
    """A signature of somebody else, or over another call, is refused by the contract."""

    async def story() -> None:
        relay = Relay(world.sender("keeper-paris"))
        other = RelayArguments(Address(b"x" * 20), through=5)
        for arguments in (other, RelayArguments(JOURNEY.address, through=6)):
            with pytest.raises(ContractRefusedError) as caught:
                await relay.relay(RelayRequest("end", arguments, _signed(world, Ending(5))), "x")
            assert caught.value.reason == "signature_wrong"

    asyncio.run(story())


def test_relaying_is_limited_by_source(world: World) -> None:
    """One source cannot spend a member's funds without end; others are not held up, and patience helps."""

    async def story() -> None:
        clock = Clock(0)
        relay = Relay(world.sender("keeper-paris"), clock)
        wrong = RelayRequest("end", RelayArguments(JOURNEY.address, through=6), _signed(world, Ending(5)))

        async def ask(source: str) -> type[Exception]:
            try:
                await relay.relay(wrong, source)
            except (ContractRefusedError, RateLimitedError) as error:
                return type(error)
            raise AssertionError

        assert [await ask("a") for _ in range(BURST + 1)] == [ContractRefusedError] * BURST + [RateLimitedError]
        assert await ask("b") is ContractRefusedError
        clock.now += REFILL_S
        assert [await ask("a") for _ in range(2)] == [ContractRefusedError, RateLimitedError]

    asyncio.run(story())
