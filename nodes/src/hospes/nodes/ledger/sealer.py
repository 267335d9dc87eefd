"""Seals blocks in a thread of its own, so that callers, and an event loop, stay free.

It decides nothing: whether a block may be sealed is the engine's rule. Only one sealer may run on an engine.
"""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

import structlog

from hospes.nodes.ledger.engine import Engine
from hospes.nodes.ledger.errors import place_of

LAST_WAIT_S: Final = 1.5
"""How long `stop` waits for the clock to allow one more block for what still waits."""
_CLOCK_CHECK_S: Final = 1.0
"""While the engine waits for its clock it looks again this often: somebody may have set the clock."""
_RETRY_S: Final = 1.0
_log = structlog.get_logger("hospes.ledger")


class Sealer:
    """A thread that seals as soon as something waits and the clock allows it.

    Parameters
    ----------
    engine : Engine
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; harmless when it runs already."""
        if self._thread is None:
            self._engine.listen(self._woken.set)
            self._thread = threading.Thread(target=self._run, name="hospes-sealer")
            self._thread.start()

    def stop(self) -> None:
        """Finish the block in hand, seal once more what waits if that is soon possible, and end."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._stopping.set()
        self._woken.set()
        thread.join()
        self._engine.listen(lambda: None)
        self._stopping.clear()

    @property
    def running(self) -> bool:
        """Whether the thread is alive."""
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            self._guarded(self._step)
        self._guarded(self._last_step)

    def _step(self) -> None:
        due_s = self._engine.due_s()
        if due_s == 0:
            self._engine.seal()
        elif not self._stopping.is_set():
            self._woken.wait(None if due_s is None else min(due_s, _CLOCK_CHECK_S))

    def _last_step(self) -> None:
        due_s = self._engine.due_s()
        if due_s is not None and due_s <= LAST_WAIT_S:
            time.sleep(due_s)
            self._engine.seal()

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # noqa: BLE001 - a full disk: nothing of the block is kept, all of it still waits
            _log.error("sealing_failed", error=type(error).__name__, reason=place_of(error))
            self._stopping.wait(_RETRY_S)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
