"""Everybody of a small network at work in this process: the real ledger, keepers and store, reached without sockets.

Requests go straight into each member's application; a test can cut a member off, or cut the caller's power at any
request. Blocks are sealed as soon as something waits, the clock moving a second each time.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from fastapi import FastAPI

from hospes.app.roster import KEEPERS, STORE
from hospes.core.identities import MemberId
from hospes.nodes.keeper.configuration import KeeperConfiguration
from hospes.nodes.keeper.keeper import Keeper, open_keeper
from hospes.nodes.store.blocks import SqliteBlocks
from hospes.nodes.store.service import StoreService
from tests.simulators.world import World

SEALING_S = 0.005
"""How often the sealer looks whether something waits."""


class PowerCutError(BaseException):
    """The program that was asking is dead; no handler of an ordinary error may notice."""


class Streets(httpx.AsyncBaseTransport):
    """The way from a caller to the members, by the port of their address.

    Attributes
    ----------
    apps : dict of int to FastAPI
    cut_off : set of int
        Ports that nobody reaches.
    count : int
        Requests so far.
    power_cut : tuple of (int, bool), optional
        At which request the caller dies, and whether the request still arrives.
    """

    def __init__(self) -> None:
        self.apps: dict[int, FastAPI] = {}
        self.cut_off: set[int] = set()
        self.count = 0
        self.power_cut: tuple[int, bool] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request to whom it is for."""
        self.count += 1
        dead, arrives = (self.count >= self.power_cut[0], self.power_cut[1]) if self.power_cut else (False, True)
        if dead and not (arrives and self.power_cut and self.count == self.power_cut[0]):
            raise PowerCutError
        port = request.url.port or 0
        if port in self.cut_off or port not in self.apps:
            raise httpx.ConnectError("nobody answers", request=request)
        response = await httpx.ASGITransport(self.apps[port]).handle_async_request(request)
        if dead:
            await response.aread()
            raise PowerCutError
        return response


class Town:
    """A world with its keepers and store at work; use `town` to make one.

    Attributes
    ----------
    world : World
    keepers : dict of MemberId to Keeper
    streets : Streets
    """

    def __init__(self, world: World) -> None:
        self.world, self.streets = world, Streets()
        self.keepers: dict[MemberId, Keeper] = {}
        for place in KEEPERS:
            configuration = KeeperConfiguration(world.directory.parent / place.id, grace_s=0)
            keeper = open_keeper(configuration, world.members[place.id], world.node(), world.genesis, world.clock)
            self.keepers[place.id] = keeper
            self.streets.apps[place.port] = keeper.app
        blocks = SqliteBlocks(world.directory.parent / "blocks.db")
        store = StoreService(blocks, world.reader(), world.members[STORE.id].account, world.clock)
        self.streets.apps[STORE.port] = store.application()
        self._blocks = blocks

    def cut_off(self, *names: str) -> None:
        """Make members unreachable; all others can be reached again."""
        places = {place.id: place.port for place in (*KEEPERS, STORE)}
        self.streets.cut_off = {places[MemberId(name)] for name in names}

    def http(self) -> httpx.AsyncClient:
        """Return a client whose requests go through the streets."""
        return httpx.AsyncClient(transport=self.streets)

    def close(self) -> None:
        """Close all files but the ledger's."""
        for keeper in self.keepers.values():
            keeper.close()
        self._blocks.close()


@asynccontextmanager
async def town(directory: Path) -> AsyncGenerator[Town, None]:
    """Found a network in a directory, and run it until the end of the block."""
    world = World(directory)
    place = Town(world)
    sealing = asyncio.create_task(_seal_for_ever(world))
    try:
        yield place
    finally:
        sealing.cancel()
        await asyncio.gather(sealing, return_exceptions=True)
        place.close()
        world.close()


async def _seal_for_ever(world: World) -> None:
    while True:
        if world.engine.waiting_count():
            world.clock.now += 1
            world.engine.seal()
        await asyncio.sleep(SEALING_S)
