"""The chain reader believes no node: lies are found out, truth is read whole."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hospes.app.roster import EVERYBODY, KEEPERS
from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG, CONSENT, REGISTRY
from hospes.contracts.storage import NotOnChainError
from hospes.core.chain import EntryKind
from hospes.core.errors import HospesError, ProofError
from hospes.core.identities import Account, Address, Hash, MemberId
from hospes.core.messages import Ending
from hospes.core.proof import AccountProof, Header
from hospes.core.typed_data import digest
from hospes.service import chain
from hospes.service.chain import ChainReader
from hospes.service.errors import NodeError
from hospes.service.memory import VolatileMemory
from hospes.service.node import Log, Node
from tests.simulators.world import World, hashes, node_of, seal

JOURNEY = Address(b"j" * 20)


def test_a_log_is_read_whole(world: World) -> None:
    """Every entry of a journey comes back in order, proven complete, also when it is read in steps."""

    async def story() -> None:
        reader, appended = world.reader(), hashes(5)
        for entry_hash in appended[:3]:
            await world.append(JOURNEY, entry_hash)
        first = await reader.journal(JOURNEY, await reader.tip())
        for entry_hash in appended[3:]:
            await world.append(JOURNEY, entry_hash)
        whole = await reader.journal(JOURNEY, await reader.tip())
        assert [entry.entry_hash for entry in first.entries] == appended[:3]
        assert [entry.entry_hash for entry in whole.entries] == appended
        assert {entry.kind for entry in whole.entries} == {EntryKind.ACCESS}
        assert whole == await world.reader().journal(JOURNEY, await reader.tip())
        assert (await reader.journal(Address(b"n" * 20), await reader.tip())).entries == ()

    asyncio.run(story())


def test_an_older_block_shows_the_log_as_it_was(world: World) -> None:
    """A journal at an earlier final block ends there."""

    async def story() -> None:
        reader, appended = world.reader(), hashes(2)
        for entry_hash in appended:
            await world.append(JOURNEY, entry_hash)
        await reader.journal(JOURNEY, await reader.tip())
        assert len((await reader.journal(JOURNEY, await reader.final(1))).entries) == 1

    asyncio.run(story())


def test_members_and_keepers_are_read(world: World) -> None:
    """Ids, countries, roles, addresses and box keys are those that the network was founded with."""

    async def story() -> None:
        reader = world.reader()
        tip = await reader.tip()
        everybody = await reader.everybody(tip)
        assert [(m.id, m.word.country, m.word.roles) for m in everybody] == [
            (p.id, p.country, p.role) for p in EVERYBODY
        ]
        assert [m.box_key for m in everybody] == [world[p.id].box.public for p in EVERYBODY]
        keepers = await reader.epoch(tip)
        assert keepers == await reader.epoch(tip, 1)
        assert keepers.accounts == tuple(world[place.id].account.address for place in KEEPERS)
        assert (await reader.member_named(MemberId("keeper-porto"), tip)).service.endswith(":8602")
        nobody = await reader.member(JOURNEY, tip)
        assert (nobody.id, nobody.word.country, nobody.word.active_at(0)) == ("", "", False)
        for missing in (reader.member_named(MemberId("nobody"), tip), reader.epoch(tip, 2)):
            with pytest.raises(NotOnChainError):
                await missing

    asyncio.run(story())


@pytest.mark.parametrize(("url", "read"), [("http://!!!", ""), ("http://x:1?y=", "http://x:1?y="), ("h\x1b", "h\x1b")])
def test_one_member_cannot_make_the_others_unreadable(world: World, url: str, read: str) -> None:
    """A member that registers an address without any meaning has no address, and everybody else has theirs."""

    async def story() -> None:
        data = calls.set_service(url, b"\xff" * 34).replace(b"!!!", b"\xff\xfe\xfd")
        await world.sender("keeper-porto").send(REGISTRY, data)
        world.seal()
        reader = world.reader()
        everybody = await reader.everybody(await reader.tip())
        assert [member.service for member in everybody if member.id == "keeper-porto"] == [read]
        assert all(member.service.startswith("http://127") for member in everybody if member.id != "keeper-porto")

    asyncio.run(story())


def test_endings_are_read(world: World) -> None:
    """What a journey ended stands in the proven storage."""

    async def story() -> None:
        journey, reader = Account(os.urandom(32)), world.reader()
        signature = journey.sign(digest(world.genesis.domain, Ending(7)))
        await world.sender("keeper-porto").send(CONSENT, calls.end(journey.address, 7, signature))
        world.seal()
        consents = await reader.consents(journey.address, hashes(8), await reader.tip())
        assert consents.through == 7
        assert len(consents.words) == 8

    asyncio.run(story())


def test_a_block_that_the_authority_never_sealed_is_not_the_tip(world: World, tmp_path: Path) -> None:
    """A fork, sealed by a stranger, is refused, and so is everything in it."""

    async def story() -> None:
        await world.append(JOURNEY, hashes(1)[0])
        fork = world.fork(tmp_path / "fork")
        reader = world.reader()
        await reader.tip()
        reader.node = node_of(fork)
        assert (await reader.tip()).number == 1
        sender = world.sender("hospital-evora")
        sender.node = reader.node
        await sender.send(ACCESS_LOG, calls.append(JOURNEY, hashes(1)[0]))
        seal(fork, world.clock)
        with pytest.raises(ProofError, match="never sealed"):
            await reader.tip()
        fork.close()

    asyncio.run(story())


def test_an_old_head_is_found_out(world: World, tmp_path: Path) -> None:
    """Whoever has seen block N does not accept a node whose latest block is older."""

    async def story() -> None:
        old = world.fork(tmp_path / "old")
        await world.append(JOURNEY, hashes(1)[0])
        memory = VolatileMemory()
        reader = world.reader(memory)
        await reader.tip()
        for later in (reader, world.reader(memory)):
            later.node = node_of(old)
            with pytest.raises(ProofError, match="was final before"):
                await later.tip()
        old.close()

    asyncio.run(story())


def test_two_histories_under_one_authority_are_found_out(world: World, tmp_path: Path) -> None:
    """Even blocks that the authority sealed are refused when they do not descend from what was final before."""
    other = World(tmp_path / "other")

    async def story() -> None:
        for each in (world, other):
            await each.append(JOURNEY, hashes(1)[0])
        reader = world.reader()
        await reader.tip()
        await world.append(JOURNEY, hashes(1)[0])

        async def elsewhere(first: int, count: int) -> tuple[bytes, ...]:
            return await other.node().headers(first - 1, count)

        reader.node = _Lying(world.node(), headers=elsewhere)
        with pytest.raises(ProofError, match="descent"):
            await reader.tip()

    asyncio.run(story())
    other.close()


def test_another_network_is_refused(world: World, tmp_path: Path) -> None:
    """A node of another network, with the same chain id, is refused at its first word."""
    other = World(tmp_path / "other")

    async def story() -> None:
        reader = world.reader()
        reader.node = other.node()
        with pytest.raises(ProofError, match="another network"):
            await reader.tip()
        await other.append(JOURNEY, hashes(1)[0])
        with pytest.raises(ProofError, match="never sealed"):
            await reader.tip()

    asyncio.run(story())
    other.close()


class _Lying(Node):
    """A node that answers some calls in another way."""

    def __init__(self, honest: Node, **lies: Callable[..., Any]) -> None:
        super().__init__(honest.provider, "a lying node")
        self._lies = lies
        for name, lie in lies.items():
            setattr(self, name, lie)


@pytest.mark.parametrize("lie", ["hidden", "repeated", "changed", "moved", "not an entry"])
def test_a_node_cannot_hide_or_change_an_entry(world: World, lie: str) -> None:
    """Leaving out, repeating, changing or moving an event is found out by the proven head."""

    async def logs(*arguments: Any) -> tuple[Log, ...]:  # noqa: ANN401
        first, second = await world.node().logs(*arguments)
        return {
            "hidden": (second,),
            "repeated": (first, first),
            "changed": (first, replace(second, data=second.data[:-1] + b"\x01")),
            "moved": (first, replace(second, block=first.block)),
            "not an entry": (first, replace(second, topics=(Hash(bytes(32)),))),
        }[lie]

    async def story() -> None:
        for entry_hash in hashes(2):
            await world.append(JOURNEY, entry_hash)
        reader = world.reader()
        reader.node = _Lying(world.node(), logs=logs)
        with pytest.raises(ProofError, match="the log"):
            await reader.journal(JOURNEY, await reader.tip())

    asyncio.run(story())


def test_a_long_log_is_asked_for_at_once_or_in_halves(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One question suffices for the whole chain; when the node says that it is too much, smaller ones are asked."""
    asked: list[tuple[int, int]] = []

    async def logs(contract: Address, topics: Any, first: int, last: int) -> tuple[Log, ...]:  # noqa: ANN401
        asked.append((first, last))
        return await world.node().logs(contract, topics, first, last)

    async def story() -> None:
        for entry_hash in hashes(7):
            await world.append(JOURNEY, entry_hash)
        for limit, questions in ((7, 1), (3, 3)):
            monkeypatch.setattr("hospes.nodes.ledger.logs.MAX_LOGS", limit)
            asked.clear()
            reader = world.reader()
            reader.node = _Lying(world.node(), logs=logs)
            assert len((await reader.journal(JOURNEY, await reader.tip())).entries) == 7
            assert len(asked) >= questions
            assert (len(asked) == 1) is (questions == 1)
        monkeypatch.setattr("hospes.nodes.ledger.logs.MAX_LOGS", 0)
        with pytest.raises(NodeError, match="query exceeds limit"):
            await world.reader().journal(JOURNEY, await world.reader().tip())

    asyncio.run(story())


def test_a_node_cannot_make_up_storage(world: World) -> None:
    """A proof of another account, of another block or with fewer slots is refused."""

    async def story() -> None:
        await world.append(JOURNEY, hashes(1)[0])
        honest = world.node()

        async def elsewhere(_: Address, slots: Any, block: int) -> AccountProof:  # noqa: ANN401
            return await honest.proof(CONSENT, slots, block)

        async def earlier(address: Address, slots: Any, _: int) -> AccountProof:  # noqa: ANN401
            return await honest.proof(address, slots, 0)

        async def fewer(address: Address, slots: Any, block: int) -> AccountProof:  # noqa: ANN401
            return replace(await honest.proof(address, slots, block), slots=())

        for lie in (elsewhere, earlier, fewer):
            reader = world.reader()
            reader.node = _Lying(honest, proof=lie)
            with pytest.raises(ProofError):
                await reader.journal(JOURNEY, await reader.tip())

    asyncio.run(story())


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"header": "0x", "signature": 5}, {"header": "zz", "signature": "0x"}]
)
def test_a_node_that_speaks_nonsense_is_named(world: World, answer: object) -> None:
    """An answer of the wrong form is an error that names the method, not a crash."""

    async def story() -> None:
        async def nonsense(*_: object) -> object:
            return answer

        reader = world.reader()
        reader.node = _Lying(world.node(), request=nonsense)
        with pytest.raises(HospesError) as caught:
            await reader.tip()
        assert isinstance(caught.value, NodeError | ProofError)

    asyncio.run(story())


def test_memory_lasts(world: World) -> None:
    """A reader that starts again goes on from the highest block seen, also across a thousand headers' page."""

    async def story() -> None:
        memory = VolatileMemory()
        await world.append(JOURNEY, hashes(1)[0])
        await world.reader(memory).tip()
        seen = memory.load()
        await world.append(JOURNEY, hashes(1)[0])
        again: ChainReader = world.reader(memory)
        assert (await again.tip()).number == 2
        assert memory.load() != seen

    asyncio.run(story())


def test_another_block_is_not_the_one_asked_for(world: World) -> None:
    """A node that gives another final block than the one asked for is found out."""

    async def story() -> None:
        for _ in range(2):
            await world.append(JOURNEY, hashes(1)[0])
        honest, reader = world.node(), world.reader()

        async def other(number: int) -> tuple[bytes, bytes]:
            return await honest.finality(number - 1)

        assert [(await reader.final(number)).number for number in (0, 1, 2)] == [0, 1, 2]
        reader.node = _Lying(honest, finality=other)
        for number in (1, 2):
            with pytest.raises(ProofError, match=f"gave block {number - 1}"):
                await reader.final(number)

    asyncio.run(story())


class _Counting(VolatileMemory):
    """A memory that keeps all that it was ever told."""

    def __init__(self) -> None:
        super().__init__()
        self.stored: list[bytes] = []

    def store(self, header_rlp: bytes) -> None:
        """Remember a header, and that it came."""
        self.stored.append(header_rlp)
        super().store(header_rlp)


def test_two_callers_at_once_both_get_the_tip(world: World) -> None:
    """Whoever asks while another advances waits for it: an answer that was overtaken would look like an old one."""

    async def story() -> None:
        honest, memory = world.node(), _Counting()
        reader = world.reader(memory)

        async def growing(*block: Any) -> tuple[bytes, bytes]:  # noqa: ANN401 - passed on
            found = await honest.finality(*block)
            await world.append(JOURNEY, hashes(1)[0])
            return found

        async def slow(first: int, count: int) -> tuple[bytes, ...]:
            await asyncio.sleep(0.2 / first)  # the first caller's page comes last, unless the second one waits
            return await honest.headers(first, count)

        await world.append(JOURNEY, hashes(1)[0])
        reader.node = _Lying(honest, finality=growing, headers=slow)
        first, second = await asyncio.gather(reader.tip(), reader.tip())
        assert (first.number, second.number) == (1, 2)
        assert memory.stored == [first.header.rlp, second.header.rlp]

    asyncio.run(story())


def test_progress_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader far behind remembers each page that it verified, so that a node that fails later costs one page."""
    monkeypatch.setattr(chain, "HEADERS_A_CALL", 2)

    async def story() -> None:
        for _ in range(5):
            await world.append(JOURNEY, hashes(1)[0])
        honest, memory = world.node(), _Counting()

        async def failing(first: int, count: int) -> tuple[bytes, ...]:
            if first > 4:
                raise NodeError("hospes_getHeaders", "enough")
            return await honest.headers(first, count)

        reader = world.reader(memory)
        reader.node = _Lying(honest, headers=failing)
        with pytest.raises(NodeError, match="enough"):
            await reader.tip()
        assert [Header.decode(rlp).number for rlp in memory.stored] == [2, 4]
        again = world.reader(memory)
        assert (await again.tip()).number == 5
        assert [Header.decode(rlp).number for rlp in memory.stored] == [2, 4, 5]

    asyncio.run(story())


def test_what_never_became_final_is_not_remembered(world: World, tmp_path: Path) -> None:
    """A node cannot plant a page of its own headers, against which every honest node would look like a liar."""
    fork = world.fork(tmp_path / "fork")

    async def story() -> None:
        for _ in range(5):
            await world.append(JOURNEY, hashes(1)[0])
        sender = world.sender("hospital-evora")
        sender.node = node_of(fork)
        for _ in range(2):
            await sender.send(ACCESS_LOG, calls.append(JOURNEY, hashes(1)[0]))
            seal(fork, world.clock)
        memory = _Counting()
        reader = world.reader(memory)
        reader.node = _Lying(world.node(), headers=node_of(fork).headers)
        with pytest.raises(ProofError, match="never became final"):
            await reader.tip()
        assert memory.stored == []
        reader.node = world.node()
        assert (await reader.tip()).number == 5

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain, "HEADERS_A_CALL", 2)
        asyncio.run(story())
    fork.close()
