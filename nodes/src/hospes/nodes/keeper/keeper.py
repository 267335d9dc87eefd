"""A keeper, put together: its disk, its view of the chain, its calls, and the round that deletes what is due.

It only composes. Who starts a process, reads files and opens a port is `app`.
"""

import os
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Gauge

from hospes.core.genesis import Genesis
from hospes.nodes.keeper.break_glass import BreakGlassReview
from hospes.nodes.keeper.configuration import KeeperConfiguration
from hospes.nodes.keeper.holdings import Holdings
from hospes.nodes.keeper.inquiries import Inquiries
from hospes.nodes.keeper.intake import Intake
from hospes.nodes.keeper.parts import KeeperParts
from hospes.nodes.keeper.relaying import Relaying
from hospes.nodes.keeper.release import Release
from hospes.nodes.keeper.service import KeeperService
from hospes.nodes.keeper.sweep import Sweep
from hospes.nodes.keeper.under_way import UnderWay
from hospes.service.allowances import Allowances
from hospes.service.chain import ChainReader
from hospes.service.membership import MemberKeys
from hospes.service.memory import FileMemory
from hospes.service.node import Node
from hospes.service.relay import Relay
from hospes.service.rounds import Rounds
from hospes.service.sender import Sender

MEMORY_FILE: Final = "highest-header"
BURST: Final = 60
"""Things that one source may leave here at once: a journey needs about ten, most of them once the chain knows it, and a
waiting room may share one address. A thing is `THING_BYTES`, so a source leaves less than 90 MB a day."""
REFILL_S: Final = 2.0
"""Seconds until one more is allowed."""


class Keeper:
    """One keeper; serve its `app`. `open_keeper` makes one with its own view of the chain.

    Parameters
    ----------
    configuration : KeeperConfiguration
    keys : MemberKeys
        Of the member that runs it.
    chain : ChainReader
        With a memory that survives a restart, such as `FileMemory`.
    relay : Relay
        Sends from the member's account.
    clock : callable
        Unix seconds.
    entropy : callable
        Returns that many random bytes.

    Attributes
    ----------
    app : FastAPI
        Closes the keeper's files when it stops.
    holdings : Holdings
        What it keeps.
    under_way : UnderWay
        The answers that are leaving.
    """

    def __init__(
        self,
        configuration: KeeperConfiguration,
        keys: MemberKeys,
        chain: ChainReader,
        relay: Relay,
        clock: Callable[[], float] = time.time,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.holdings = Holdings(configuration.directory, entropy)
        self.under_way = UnderWay()
        strangers = Allowances("things to keep", BURST, 1 / REFILL_S)
        parts = KeeperParts(keys, chain, self.holdings, self.under_way, strangers, clock, entropy)
        self._sweep = Sweep(parts, configuration.retention_s)
        self._sweeps = Rounds("sweep", configuration.sweep_every_s, self.sweep)
        relaying = Relaying(parts, self._sweep, relay, configuration.grace_s)
        service = KeeperService(Intake(parts), Release(parts), relaying, Inquiries(parts))
        self.app: FastAPI = service.application(self._lifespan)
        self._sweeps.watched_by(self.app)
        _measure(self.app.state.metrics, self.holdings)

    async def sweep(self) -> None:
        """Delete what is due now; the running app does so by itself.

        Raises
        ------
        ProofError, NodeError, UnreachableError
            When the chain cannot be read; what does not depend on it is deleted all the same.
        """
        await self._sweep.run()

    def reviews(self) -> tuple[BreakGlassReview, ...]:
        """Return the break-glass entries that somebody should look at."""
        return self.holdings.break_glass.reviews()

    def back_up(self, path: Path) -> None:
        """Write the copy of the holdings that belongs into a backup; the keys do not.

        Raises
        ------
        ConfigurationError
            When there is a file already, or none can be made.
        """
        self.holdings.back_up(path)

    def close(self) -> None:
        """Close the files; harmless when called twice."""
        self.holdings.close()

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncGenerator[None]:
        self._sweeps.start()
        try:
            yield
        finally:
            await self._sweeps.stop()
            self.close()


def open_keeper(
    configuration: KeeperConfiguration,
    keys: MemberKeys,
    node: Node,
    genesis: Genesis,
    clock: Callable[[], float] = time.time,
    entropy: Callable[[int], bytes] = os.urandom,
) -> Keeper:
    """Return a keeper that reads and writes the chain through `node`.

    Raises
    ------
    ConfigurationError
        When its files cannot be opened.
    """
    chain = ChainReader(node, genesis, FileMemory(configuration.directory / MEMORY_FILE))
    relay = Relay(Sender(node, keys.account, genesis.chain_id))
    return Keeper(configuration, keys, chain, relay, clock, entropy)


def _measure(registry: CollectorRegistry, holdings: Holdings) -> None:
    reviews = Gauge("hospes_keeper_break_glass_reviews", "Break-glass entries marked for review", registry=registry)
    reviews.set_function(lambda: len(holdings.break_glass.reviews()))
