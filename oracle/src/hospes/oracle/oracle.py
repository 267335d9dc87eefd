"""An oracle, put together: its disk, its view of the chain, its frames, its calls, and the tasks that see to alerts.

It only composes. Who starts a process and reads files is `app`.
"""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx
import structlog
from fastapi import FastAPI

from hospes import risk
from hospes.core.errors import HospesError
from hospes.core.genesis import Genesis
from hospes.oracle.attesting import Attesting
from hospes.oracle.cases import Cases
from hospes.oracle.choosing import Hospitals
from hospes.oracle.configuration import OracleConfiguration
from hospes.oracle.delivery import Delivery
from hospes.oracle.enrolling import Enrolling
from hospes.oracle.enrolment import Enrolled, Enrolments
from hospes.oracle.happenings import Happenings
from hospes.oracle.holdings import Holdings
from hospes.oracle.hospitals import load_hospitals
from hospes.oracle.judging import Judging
from hospes.oracle.link import Link
from hospes.oracle.messages import Messages
from hospes.oracle.parts import OracleParts
from hospes.oracle.policy import load_policy
from hospes.oracle.raising import Raising
from hospes.oracle.scoring import Scorer
from hospes.oracle.service import OracleService
from hospes.oracle.watching import Watching
from hospes.service.chain import ChainReader
from hospes.service.client import connection
from hospes.service.membership import MemberKeys
from hospes.service.memory import FileMemory
from hospes.service.node import Node
from hospes.service.sender import Sender

MEMORY_FILE: Final = "highest-header"
CLOSED_S: Final = 48 * 60 * 60
"""For how long a closed case is remembered: longer than any row of a policy is quiet."""
_log = structlog.get_logger("hospes.oracle")


@dataclass(frozen=True, slots=True)
class Reach:
    """How an oracle reaches others.

    Attributes
    ----------
    chain : ChainReader
        With a memory that survives a restart.
    sender : Sender
        Of the member's account.
    http : httpx.AsyncClient
        Closed when the oracle stops.
    """

    chain: ChainReader
    sender: Sender
    http: httpx.AsyncClient


class Oracle:
    """One oracle; serve its `app`, which listens for frames too. `open_oracle` makes one.

    Parameters
    ----------
    configuration : OracleConfiguration
    keys : MemberKeys
        Of the member that runs it.
    reach : Reach
    hospitals : Hospitals
    scorer : Scorer
    clock : callable
        Unix seconds.
    entropy : callable
        Returns that many random bytes.

    Attributes
    ----------
    app : FastAPI
        Starts and stops everything, and closes the files.
    tcp : Link
        Where devices are heard.
    parts : OracleParts
    holdings : Holdings
        What is on the disk.
    messages : Messages
        What came in frames.
    """

    def __init__(
        self,
        configuration: OracleConfiguration,
        keys: MemberKeys,
        reach: Reach,
        hospitals: Hospitals,
        scorer: Scorer,
        clock: Callable[[], float] = time.time,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.holdings = Holdings(configuration.directory, entropy)
        enrolments = Enrolments(self.holdings, configuration.max_enrolments)
        self.messages, cases = Messages(self.holdings, enrolments), Cases(self.holdings)
        happenings = Happenings(clock, configuration.max_streams, configuration.max_streams_a_source)
        self.parts = OracleParts(
            configuration=configuration,
            keys=keys,
            chain=reach.chain,
            sender=reach.sender,
            http=reach.http,
            hospitals=hospitals,
            scorer=scorer,
            enrolments=enrolments,
            cases=cases,
            happenings=happenings,
            clock=clock,
            entropy=entropy,
        )
        self._judging = Judging(self.holdings, self.messages, cases, scorer, clock, entropy)
        self._watching = Watching(self.parts)
        self._attesting = Attesting(self.parts, self._watching.opened)
        self._raising = Raising(self.parts, self._attesting, Delivery(self.parts))
        self.tcp = Link(configuration, enrolments, self.messages, happenings, clock, self._arrived)
        self._enrolling = Enrolling(self.parts, lambda: self.tcp.port)
        self._judged: set[asyncio.Task[None]] = set()
        service = OracleService(self._enrolling, self._attesting, happenings, configuration)
        self.app: FastAPI = service.application(self._lifespan)
        self._measure()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """Hear, judge and raise until the end of the block; the app does so by itself."""
        for enrolled in self.parts.enrolments.all():
            await asyncio.to_thread(self._judging.remember, enrolled)
        self._watching.begin(self._raising)
        for enrolled in self.parts.enrolments.all():
            await self._catch_up(enrolled)
        await self.tcp.start()
        sweeping = asyncio.create_task(self._sweep_for_ever())
        try:
            yield
        finally:
            sweeping.cancel()
            await asyncio.gather(sweeping, return_exceptions=True)
            await self._stop()

    async def sweep(self) -> None:
        """Forget what is over, as far as that goes; a running oracle does so by itself."""
        now = self.parts.clock()
        await self._swept(self._enrolling.expire())
        await self._swept(asyncio.to_thread(self.messages.drop_old, int(now * 1_000)))
        await self._swept(asyncio.to_thread(self.parts.cases.drop_closed, int(now) - CLOSED_S))

    def close(self) -> None:
        """Close the files; harmless when called twice."""
        self.holdings.close()

    async def _stop(self) -> None:
        await self.tcp.stop()
        await asyncio.gather(*self._judged, return_exceptions=True)
        await self._watching.stop()
        await self._attesting.stop()
        await self.parts.http.aclose()

    def _arrived(self, enrolled: Enrolled) -> None:
        """Judge what came, after the device has its acknowledgement."""
        task = asyncio.create_task(self._catch_up(enrolled))
        self._judged.add(task)
        task.add_done_callback(self._judged.discard)

    async def _catch_up(self, enrolled: Enrolled) -> None:
        try:
            async with enrolled.lock:
                cases = await asyncio.to_thread(self._judging.catch_up, enrolled)
        except HospesError as error:  # what was not judged is judged with the next frame, or after a restart
            self.parts.happenings.tell("judging-failed", reason=error.slug)
            _log.warning("judging_failed", error=error.slug)
            return
        except Exception as error:  # noqa: BLE001 - likewise: the device is heard all the same
            self.parts.happenings.tell("judging-failed", reason="defect")
            _log.error("defect", error=type(error).__name__)
            return
        for case in cases:
            self.parts.happenings.tell("decided")
            self._watching.opened(case)

    async def _sweep_for_ever(self) -> None:
        while True:
            await self.sweep()
            await asyncio.sleep(self.parts.configuration.sweep_every_s)

    async def _swept(self, work: Awaitable[None]) -> None:
        """Do one part of a round: what fails keeps nothing else from being forgotten, and is tried again."""
        try:
            await work
        except HospesError as error:
            self.parts.happenings.tell("sweep-failed", reason=error.slug)
            _log.warning("sweep_failed", error=error.slug)
        except Exception as error:  # noqa: BLE001 - nobody else sweeps
            self.parts.happenings.tell("sweep-failed", reason="defect")
            _log.error("defect", error=type(error).__name__)

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncGenerator[None, None]:
        try:
            async with self.running():
                yield
        finally:
            self.close()

    def _measure(self) -> None:
        parts = self.parts
        gauges: dict[str, Callable[[], float]] = {
            "enrolments": lambda: len(parts.enrolments),
            "connections": lambda: self.tcp.connections,
            "open_cases": lambda: len(parts.cases.open()),
        }
        parts.happenings.measure(self.app.state.metrics, gauges)


def open_oracle(
    configuration: OracleConfiguration,
    keys: MemberKeys,
    node: Node,
    genesis: Genesis,
    http: httpx.AsyncClient | None = None,
    clock: Callable[[], float] = time.time,
    entropy: Callable[[int], bytes] = os.urandom,
) -> Oracle:
    """Return an oracle that reads and writes the chain through `node`.

    Raises
    ------
    ConfigurationError
        When its files, the policy or the facilities cannot be read.
    """
    chain = ChainReader(node, genesis, FileMemory(configuration.directory / MEMORY_FILE))
    reach = Reach(chain, Sender(node, keys.account, genesis.chain_id), http or connection())
    hospitals = load_hospitals(configuration.facilities, configuration.members)
    scorer = Scorer(load_policy(configuration.policy), risk.assess, risk.scores)
    return Oracle(configuration, keys, reach, hospitals, scorer, clock, entropy)
