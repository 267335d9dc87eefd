"""The ledger as a service: JSON-RPC at ``POST /``, health, metrics, and the sealer for as long as it runs.

It answers anybody who reaches it, as every Ethereum node does: all that it shows is on the chain, and only members'
transactions are taken. Work of py-evm runs in threads, so that the event loop stays free; what runs contracts has few
threads of its own, so that finality, headers, proofs, logs and transactions never wait for it. Browsers are different
from anybody: a page that the operator visits speaks from the operator's machine, so a page is answered only when its
origin is that machine, or one that was named.

Sources: Fetch standard (CORS; a browser sends ``Origin`` with every POST); Prometheus text format 0.0.4.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from fastapi import FastAPI, Request, Response
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.middleware.cors import CORSMiddleware

from hospes.core.errors import TABLE, HospesError
from hospes.nodes.ledger.engine import Engine
from hospes.nodes.ledger.errors import BusyError, ForeignPageError
from hospes.nodes.ledger.rpc import MAX_BODY_BYTES, Question, Rpc, failed, read
from hospes.nodes.ledger.sealer import Sealer
from hospes.service.arrivals import is_this_machine
from hospes.service.http import JSON, application, raw_body, source_of

WORKERS: Final = 8
"""Threads that answer at once. They share one interpreter: more would only make each slower."""
SIMULATORS: Final = 2
"""Threads that run contracts for questions."""
MAX_SIMULATING: Final = 32
"""Bodies that ask for it, under way and waiting together; each takes a second of processor time at most."""
MAX_OF_A_SOURCE: Final = 64
"""Bodies of one address of another machine, under way and waiting together."""
MAX_SIMULATING_OF_A_SOURCE: Final = 8
"""Those among them that run contracts, so that a few strangers do not keep everybody else from it."""
LOOPBACK: Final = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.ASCII)
"""Origins of pages that this machine serves."""


def ledger_app(engine: Engine, origins: Collection[str] = ()) -> FastAPI:
    """Return the service of one engine, which it seals while it runs and closes when it stops.

    Parameters
    ----------
    engine : Engine
    origins : collection of str
        Of web pages and browser extensions that may use it, besides pages of this machine:
        ``https://explorer.example``, ``chrome-extension://...``.
    """
    sealer, lanes = Sealer(engine), _Lanes(Rpc(engine.chain, engine))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        sealer.start()
        try:
            yield
        finally:  # also when the program is stopped twice over: a thread that is left would keep the process
            await asyncio.to_thread(sealer.stop)
            await asyncio.to_thread(lanes.close)
            engine.close()

    async def answer(request: Request) -> Response:
        origin = request.headers.get("origin")
        if origin is not None and origin not in origins and not LOOPBACK.fullmatch(origin):
            return _refused(ForeignPageError())
        try:
            body = await raw_body(request, "request", MAX_BODY_BYTES)
        except HospesError as error:
            return _refused(error)
        reply = await lanes.answer(body, source_of(request))
        return Response(status_code=204) if reply is None else Response(reply, media_type=JSON)

    app = application("Hospes ledger", lifespan)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_origin_regex=LOOPBACK.pattern,
        allow_methods=["POST"],
        allow_headers=["*"],
    )
    app.add_api_route("/", answer, methods=["POST"])
    registry: CollectorRegistry = app.state.metrics
    registry.register(LedgerMetrics(engine))
    return app


def _refused(error: HospesError) -> Response:
    # Its body was not read to the end, and nobody waits for the rest.
    return Response(failed(None, "", error), TABLE[error.slug].status, {"Connection": "close"}, JSON)


class _Lanes:
    """The threads that answer: many for what is quick, few for what runs contracts."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self._workers = ThreadPoolExecutor(WORKERS, "hospes-ledger-rpc")
        self._simulators = ThreadPoolExecutor(SIMULATORS, "hospes-ledger-call")
        self._all = _Turns("requests", None, MAX_OF_A_SOURCE)
        self._simulating = _Turns("calls", MAX_SIMULATING, MAX_SIMULATING_OF_A_SOURCE)

    def close(self) -> None:
        """Wait for what is under way."""
        self._workers.shutdown()
        self._simulators.shutdown()

    async def answer(self, body: bytes, source: str) -> bytes | None:
        """Answer a body in the lane where it holds up no other kind."""
        loop = asyncio.get_running_loop()
        try:
            with self._all.turn(source):
                question = await loop.run_in_executor(self._workers, read, body)
                if question.simulations:
                    return await self._simulate(question, source)
                return await loop.run_in_executor(self._workers, self._rpc.reply, question)
        except HospesError as error:
            return failed(None, "", error)

    async def _simulate(self, question: Question, source: str) -> bytes | None:
        with self._simulating.turn(source):
            return await asyncio.get_running_loop().run_in_executor(self._simulators, self._rpc.reply, question)


class _Turns:
    """Counts what is under way, altogether and for each source; this machine's own services are no source."""

    def __init__(self, what: str, most: int | None, most_of_a_source: int) -> None:
        self._what, self._most, self._most_of_a_source = what, most, most_of_a_source
        self._of: Counter[str] = Counter()

    @contextmanager
    def turn(self, source: str) -> Generator[None]:
        """Take part while the block runs, or raise `BusyError`."""
        if self._most is not None and self._of.total() >= self._most:
            raise BusyError(self._of.total(), self._most, self._what)
        if self._of[source] >= self._most_of_a_source and not is_this_machine(source):
            raise BusyError(self._of[source], self._most_of_a_source, f"{self._what} from this address")
        self._of[source] += 1
        try:
            yield
        finally:
            self._of[source] -= 1
            if not self._of[source]:
                del self._of[source]


class LedgerMetrics(Collector):
    """The engine's numbers for Prometheus, read when they are asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def describe(self) -> Iterable[Metric]:
        """Return nothing, so that registering does not read the chain."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Yield the head, what waits, what was sealed, dropped and refused."""
        head, tally = self._engine.chain.head(), dict(self._engine.tally)
        gauges = {
            "hospes_ledger_head_block": ("Number of the latest sealed block", head.number),
            "hospes_ledger_head_time_seconds": ("Time of the latest sealed block, Unix seconds", head.time),
            "hospes_ledger_waiting_transactions": ("Transactions not sealed yet", self._engine.waiting_count()),
            "hospes_ledger_due_seconds": (
                "Until the clock allows the next block; 0 when idle",
                self._engine.due_s() or 0,
            ),
            "hospes_ledger_database_bytes": ("Bytes in use on disk", self._engine.chain.database.size_bytes()),
        }
        for name, (text, value) in gauges.items():
            yield GaugeMetricFamily(name, text, value)
        for kind in ("blocks", "transactions", "dropped"):
            yield CounterMetricFamily(f"hospes_ledger_{kind}", f"Since the start: {kind}", tally.get(kind, 0))
        refused = CounterMetricFamily("hospes_ledger_refused", "Transactions refused, by reason", labels=["reason"])
        for name, count in tally.items():
            if name.startswith("refused "):
                refused.add_metric([name.removeprefix("refused ")], count)
        yield refused
