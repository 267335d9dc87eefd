"""The thread that seals: at once when it may, never before, and orderly to the end."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Final

import pytest
from structlog.testing import capture_logs

from hospes.nodes.ledger import Sealer
from hospes.nodes.ledger.service import ledger_app
from tests.simulators.ledgers import START, SmallLedger, account, note

PATIENCE_S: Final = 5.0


def _until(condition: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_what_comes_in_is_sealed_without_being_asked(ledger: SmallLedger) -> None:
    """A transaction becomes final by itself; while the clock stands still the next one waits."""
    chain = ledger.engine.chain
    with Sealer(ledger.engine) as sealer:
        assert sealer.running
        ledger.submit(account(0), note(1, 1))
        _until(lambda: chain.head_number() == 1)
        ledger.submit(account(0), note(2, 2))
        time.sleep(0.05)
        assert (chain.head_number(), chain.head().time) == (1, START + 1)
        ledger.now = START + 2.0
        ledger.submit(account(0), note(3, 3))
        _until(lambda: chain.head_number() == 2)
        assert len(chain.head().transactions) == 2
    assert not sealer.running


def test_stopping_seals_what_still_waits_when_that_is_soon_possible(ledger: SmallLedger) -> None:
    """An orderly shutdown leaves nobody's transaction behind that one more second would have sealed."""
    sealer = Sealer(ledger.engine)
    ledger.now = START + 0.9
    sealer.start()
    ledger.submit(account(0), note(1, 1))
    timer = threading.Timer(0.05, lambda: setattr(ledger, "now", START + 1.0))
    timer.start()
    sealer.stop()
    timer.join()
    sealer.stop()
    assert ledger.engine.chain.head_number() == 1


def test_a_disk_that_fails_costs_time_only(ledger: SmallLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a block cannot be written nothing of it is kept, and it is tried again."""
    commit = ledger.engine.chain.database.commit
    failures = iter([OSError("no space left")])

    def failing(writes: object) -> None:
        for failure in failures:
            raise failure
        commit(writes)  # type: ignore[arg-type]

    monkeypatch.setattr(ledger.engine.chain.database, "commit", failing)
    monkeypatch.setattr("hospes.nodes.ledger.sealer._RETRY_S", 0.01)
    with capture_logs() as logs, Sealer(ledger.engine):
        ledger.submit(account(0), note(1, 1))
        _until(lambda: ledger.engine.chain.head_number() == 1)
    assert [(line["event"], line["error"]) for line in logs] == [("sealing_failed", "OSError")]


def test_a_service_that_is_cut_off_leaves_no_thread(ledger: SmallLedger) -> None:
    """Whoever stops the program twice over gets their prompt back: the sealer ends with its service."""
    app = ledger_app(ledger.engine)

    async def cut_off() -> None:
        async with app.router.lifespan_context(app):
            assert "hospes-sealer" in {thread.name for thread in threading.enumerate()}
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cut_off())
    assert "hospes-sealer" not in {thread.name for thread in threading.enumerate()}
