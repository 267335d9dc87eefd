"""A small network of its own: the real ledger in this process, with a clock that the test turns.

Nothing is simulated but time: blocks are executed, sealed and durable as ever, only nobody waits a second for them.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from web3.types import RPCEndpoint, RPCResponse

from hospes.app.founding import LEDGER_FOLDER, Ports, found, load_authority
from hospes.app.roster import EVERYBODY
from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG
from hospes.core.identities import Account, Address, Hash, MemberId
from hospes.nodes.ledger.blocks import SealedBlock
from hospes.nodes.ledger.engine import Engine
from hospes.nodes.ledger.fork import copy_ledger
from hospes.nodes.ledger.provider import LedgerProvider
from hospes.nodes.ledger.rpc import Rpc
from hospes.service.chain import ChainReader
from hospes.service.membership import MemberKeys, load_member
from hospes.service.memory import ChainMemory
from hospes.service.node import Node
from hospes.service.sender import Sender

START = 1_900_000_000
"""Time of block 0, Unix seconds."""


class Clock:
    """Unix seconds that move when a test says so."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        """Return the time."""
        return self.now


class Line(LedgerProvider):
    """The way to a ledger that is there only while its world says so."""

    def __init__(self, rpc: Rpc, world: "World") -> None:
        super().__init__(rpc)
        self._world = world

    async def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:  # noqa: ANN401 - web3's signature
        """Answer one call, or nobody does."""
        if self._world.ledger_is_away:
            raise ConnectionRefusedError
        return await super().make_request(method, params)


class World:
    """The roster's network, founded in `directory`.

    Attributes
    ----------
    ledger_is_away : bool
        Whether nobody reaches the ledger: neither members nor travellers.
    clock : Clock
    engine : Engine
    members : dict of MemberId to MemberKeys
    """

    def __init__(self, directory: Path) -> None:
        self.ledger_is_away = False
        self.network = found(directory / "network", Ports.fixed(), START)
        self.directory = self.network.directory
        self.genesis = self.network.genesis
        self.clock = Clock(START + 10)
        self.engine = Engine.open(self.directory / LEDGER_FOLDER, load_authority(self.directory), clock=self.clock)
        self.members = {place.id: load_member(self.network.member_file(place.id)) for place in EVERYBODY}

    def __getitem__(self, name: str) -> MemberKeys:
        """Return a member's keys."""
        return self.members[MemberId(name)]

    def node(self) -> Node:
        """Return a node without a socket between."""
        return Node(Line(Rpc(self.engine.chain, self.engine), self), "in process")

    def reader(self, memory: ChainMemory | None = None) -> ChainReader:
        """Return a new reader that has seen nothing yet."""
        return ChainReader(self.node(), self.genesis, memory)

    def sender(self, name: str) -> Sender:
        """Return a sender of a member's account."""
        return Sender(self.node(), self[name].account, self.genesis.chain_id)

    def seal(self) -> SealedBlock:
        """Let a second pass and seal what waits."""
        return seal(self.engine, self.clock)

    async def append(self, journey: Address, access_hash: Hash, member: str = "hospital-evora") -> SealedBlock:
        """Log an access by a hospital, final when this returns."""
        await self.sender(member).send(ACCESS_LOG, calls.append(journey, access_hash))
        return self.seal()

    def fork(self, target: Path) -> Engine:
        """Return a copy of the ledger that a stranger seals."""
        copy_ledger(self.engine.chain, target)
        return Engine.open(target, Account(os.urandom(32)), clock=self.clock, stranger=True)

    def close(self) -> None:
        """Close the ledger."""
        self.engine.close()


def node_of(engine: Engine) -> Node:
    """Return a node in front of an engine of this process."""
    return Node(LedgerProvider(Rpc(engine.chain, engine)), "in process")


def seal(engine: Engine, clock: Clock) -> SealedBlock:
    """Let a second pass and seal what waits in an engine."""
    clock.now += 1
    sealed = engine.seal()
    assert sealed is not None, "nothing waited"
    return sealed


def hashes(count: int) -> Sequence[Hash]:
    """Return some random hashes."""
    return [Hash(os.urandom(32)) for _ in range(count)]
