"""The chain as anybody may believe it: every answer of a node verified against the pinned genesis.

It returns values at one final block, never "the latest" of whatever a node says, and it remembers the highest final
block it ever saw, so that a node that lies about the past or serves another chain is found out. It sends nothing.

Sources: PROTOCOL sections 2, 6 (steps 2, 3 and 5) and 7; EIP-1186.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from hospes.contracts import storage
from hospes.contracts.addresses import ACCESS_LOG, ALERTS, CONSENT, REGISTRY, require_constant
from hospes.contracts.events import ENTRY, decode_entry
from hospes.contracts.storage import Reading
from hospes.core.chain import AlertState, ConsentWord, Entry, Epoch, Member, MemberWord, Role
from hospes.core.errors import MalformedError, ProofError
from hospes.core.genesis import Genesis
from hospes.core.identities import Address, Country, Hash, MemberId
from hospes.core.proof import (
    FinalHeader,
    Header,
    Journal,
    extend_journal,
    open_journal,
    verify_descent,
    verify_seal,
    verify_storage,
)
from hospes.core.typed_data import Domain
from hospes.service.errors import NodeError
from hospes.service.memory import ChainMemory, VolatileMemory
from hospes.service.node import Log, Node

T = TypeVar("T")
HEADERS_A_CALL: Final = 1024
"""Of ``hospes_getHeaders`` (PROTOCOL section 2)."""
LIMIT_EXCEEDED: Final = -32005
"""How a node says that an answer would be too large (EIP-1474)."""
KEPT_JOURNALS: Final = 4096
NOBODY: Final = MemberWord(Role(0), Country(""), 0, 0)
"""The word of an account that is no member."""


@dataclass(frozen=True, slots=True)
class Consents:
    """What the chain says of a journey's consents at one final block.

    Attributes
    ----------
    words : mapping of Hash to ConsentWord
        By ``grantsHash``; all zero for one that was never given.
    through : int
        Every consent given in a block up to this one has ended.
    """

    words: Mapping[Hash, ConsentWord]
    through: int


class ChainReader:
    """Reads one network through one node.

    Parameters
    ----------
    node : Node
        May lie; may be replaced by assigning `node`.
    genesis : Genesis
        Pinned.
    memory : ChainMemory, optional
        Volatile unless given.
    """

    def __init__(self, node: Node, genesis: Genesis, memory: ChainMemory | None = None) -> None:
        require_constant(genesis.contracts)
        self.node = node
        self.genesis = genesis
        self._memory = memory or VolatileMemory()
        seen = self._memory.load()
        self._highest = Header.decode(genesis.header if seen is None else seen)
        self._tip_lock = asyncio.Lock()
        self._journals: OrderedDict[Address, Journal] = OrderedDict()

    @property
    def domain(self) -> Domain:
        """The signing domain of the network."""
        return self.genesis.domain

    @property
    def highest(self) -> Header:
        """The highest final block ever seen, known without asking anybody."""
        return self._highest

    async def tip(self) -> FinalHeader:
        """Return the latest final block.

        Raises
        ------
        ProofError
            When the node's latest block is not final, is older than one seen before, or does not descend from it.
        NodeError, UnreachableError
            When the node gave no answer.
        """
        while True:
            # One page under the lock, then the others have their turn, and the node is asked anew.
            async with self._tip_lock:
                final = verify_seal(self.genesis, *await self.node.finality())
                if final.hash != self._highest.hash:
                    await self._advance(final.header)
                if final.hash == self._highest.hash:
                    return final

    async def final(self, number: int) -> FinalHeader:
        """Return block `number` as final; it is not checked to descend from the highest one."""
        final = verify_seal(self.genesis, *await self.node.finality(number))
        if final.number != number:
            raise ProofError(f"finality of block {number}", f"the node gave block {final.number}")
        return final

    async def journal(self, journey: Address, at: FinalHeader) -> Journal:
        """Return a journey's complete log up to `at`, folded to the head proven there."""
        known = self._journals.get(journey)
        if known is None or known.header.number > at.number:
            known = open_journal(self.genesis, journey)
        if known.header.hash == at.hash:
            return known
        head, count = await self._read(ACCESS_LOG, storage.log_state(journey, self.genesis.chain_id), at)
        fresh = await self._entries(journey, known.header.number + 1, at.number) if count > len(known.entries) else ()
        journal = extend_journal(known, at, head, count, fresh)
        self._keep(journal)
        return journal

    async def consents(self, journey: Address, grants_hashes: Sequence[Hash], at: FinalHeader) -> Consents:
        """Return what the chain says of these consents and of the journey's ending; always one look-up of all."""
        words = [storage.consent_word(journey, grants_hash) for grants_hash in grants_hashes]
        found = await self._together(CONSENT, [*words, storage.through(journey)], at)
        *given, through = found
        return Consents(dict(zip(grants_hashes, given, strict=True)), through)

    async def alert(self, alert_hash: Hash, at: FinalHeader) -> AlertState:
        """Return what the chain says of an alert; all zero for one that was never raised. Always one look-up."""
        return await self._read(ALERTS, storage.alert(alert_hash), at)

    async def member(self, account: Address, at: FinalHeader) -> Member:
        """Return what the registry says of an account; one that is no member has no id, no role and no country."""
        (found,) = await self.members((account,), at)
        return found

    async def member_named(self, name: MemberId, at: FinalHeader) -> Member:
        """Return a member by its id, or raise `NotOnChainError`."""
        return await self.member(await self._read(REGISTRY, storage.account_of(name), at), at)

    async def members(self, accounts: Sequence[Address], at: FinalHeader) -> tuple[Member, ...]:
        """Return several accounts' members, in the same order."""
        readings = [_member_or_nobody(account, at.number) for account in accounts]
        return tuple(await self._together(REGISTRY, readings, at))

    async def everybody(self, at: FinalHeader) -> tuple[Member, ...]:
        """Return every member ever admitted, in the order of admission."""
        return await self.members(await self._read(REGISTRY, storage.members(), at), at)

    async def epoch(self, at: FinalHeader, number: int | None = None, role: Role = Role.KEEPER) -> Epoch:
        """Return the keepers, or others of `role`, in office at `at`, or those of epoch `number`.

        Raises
        ------
        NotOnChainError
            When there are none.
        """
        if number is None:
            return await self._read(REGISTRY, storage.current_epoch(role), at)
        return await self._read(REGISTRY, storage.epoch(role, number), at)

    async def _advance(self, tip: Header) -> None:
        """Go one page of headers towards `tip`, checked to descend from the highest block seen, and remember its end.

        What is remembered is final itself: otherwise headers that a node made up would be held against all others.
        """
        known = self._highest
        if tip.number <= known.number:
            reason = f"the node serves block {tip.number}, but block {known.number} was final before"
            raise ProofError("the latest block", reason)
        count = min(HEADERS_A_CALL, tip.number - known.number)
        page = await self.node.headers(known.number + 1, count)
        if len(page) != count:
            raise ProofError(f"descent of block {tip.number}", "the node does not give the headers between")
        last = Header.decode(page[-1])
        verify_descent(known, page, last)
        sealed = tip if last.number == tip.number else (await self.final(last.number)).header
        if last.hash != sealed.hash:
            raise ProofError(f"descent of block {tip.number}", "the node gave headers that never became final")
        self._memory.store(last.rlp)
        self._highest = last

    async def _entries(self, journey: Address, first: int, last: int) -> tuple[Entry, ...]:
        """Return what the node says are a journey's entries, unproven.

        A node finds them by its index, so the whole range is asked for at once; only when the answer would be too large
        for the node, it is asked for in halves.
        """
        topics = [ENTRY, Hash(journey.rjust(32, b"\0"))]
        found: list[Entry] = []
        ranges = [(first, last)]
        while ranges:
            start, end = ranges.pop()
            try:
                logs = await self.node.logs(ACCESS_LOG, topics, start, end)
            except NodeError as error:
                if error.code != LIMIT_EXCEEDED or start == end:
                    raise
                middle = (start + end) // 2
                ranges += [(middle + 1, end), (start, middle)]
                continue
            found += map(_entry, logs)
        return tuple(found)

    def _keep(self, journal: Journal) -> None:
        self._journals[journal.journey] = journal
        self._journals.move_to_end(journal.journey)
        if len(self._journals) > KEPT_JOURNALS:
            self._journals.popitem(last=False)

    async def _read(self, contract: Address, reading: Reading[T], at: FinalHeader) -> T:
        (value,) = await self._together(contract, [reading], at)
        return value  # type: ignore[no-any-return]

    async def _together(self, contract: Address, readings: Sequence[Reading[Any]], at: FinalHeader) -> list[Any]:
        """Run readings in step, so that each step of all of them is one proof."""
        results: list[Any] = [None] * len(readings)
        wanted: dict[int, tuple[int, ...]] = {}
        values: Mapping[int, int] = {}
        waiting: Iterable[int] = range(len(readings))
        first = True
        while first or wanted:
            following: dict[int, tuple[int, ...]] = {}
            for i in waiting:
                try:
                    following[i] = next(readings[i]) if first else readings[i].send(values)
                except StopIteration as stop:
                    results[i] = stop.value
            first, wanted, waiting = False, following, list(following)
            values = await self._slots(contract, {slot for slots in wanted.values() for slot in slots}, at)
        return results

    async def _slots(self, contract: Address, slots: Iterable[int], at: FinalHeader) -> Mapping[int, int]:
        asked = sorted(slots)
        if not asked:
            return {}
        proof = await self.node.proof(contract, asked, at.number)
        if proof.address != contract:
            raise ProofError("storage", "the node proved another account")
        return verify_storage(at, proof, asked).values


def _entry(log: Log) -> Entry:
    try:
        return decode_entry(log.topics, log.data, log.block)
    except MalformedError as error:
        raise ProofError("the log", "the node gave an event that is no entry") from error


def _member_or_nobody(account: Address, block: int) -> Reading[Member]:
    try:
        return (yield from storage.member(account, block))
    except storage.NotOnChainError:
        return Member(account, MemberId(""), NOBODY, "", b"")
