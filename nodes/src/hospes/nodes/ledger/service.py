"""The ledger as a service: JSON-RPC at ``POST /``, health, metrics, and the sealer for as long as it runs.

It answers anybody who reaches it, as every Ethereum node does: all that it shows is on the chain, and only members'
transactions are taken. Work of py-evm runs in threads, so that the event loop stays free.

Sources: CORS as browsers and wallets need it (Fetch standard); Prometheus text format 0.0.4.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI, Request, Response
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.middleware.cors import CORSMiddleware

from hospes.core.errors import TooLargeError
from hospes.nodes.ledger.engine import Engine
from hospes.nodes.ledger.rpc import MAX_BODY_BYTES, Rpc, failed
from hospes.nodes.ledger.sealer import Sealer
from hospes.service.http import JSON, application, raw_body

WORKERS: Final = 8
"""Threads that answer at once. They share one interpreter: more would only make each slower."""


def ledger_app(engine: Engine) -> FastAPI:
    """Return the service of one engine, which it seals while it runs and closes when it stops.

    Parameters
    ----------
    engine : Engine
    """
    rpc, sealer = Rpc(engine.chain, engine), Sealer(engine)
    workers = ThreadPoolExecutor(WORKERS, "hospes-ledger-rpc")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        sealer.start()
        yield
        await asyncio.to_thread(sealer.stop)
        await asyncio.to_thread(workers.shutdown)
        engine.close()

    async def answer(request: Request) -> Response:
        try:
            body = await raw_body(request, "request", MAX_BODY_BYTES)
        except TooLargeError as error:
            return Response(failed(None, "", error), 413, media_type=JSON)
        reply = await asyncio.get_running_loop().run_in_executor(workers, rpc.answer, body)
        return Response(status_code=204) if reply is None else Response(reply, media_type=JSON)

    app = application("Hospes ledger", lifespan)
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["POST"], allow_headers=["*"])
    app.add_api_route("/", answer, methods=["POST"])
    registry: CollectorRegistry = app.state.metrics
    registry.register(LedgerMetrics(engine))
    return app


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
