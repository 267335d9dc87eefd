"""Bounds what one question may cost: processor time, counted while it is answered, also inside a contract.

Gas alone does not bound time here: it prices instructions for other machines than an interpreter in Python. So calls
stop after a second of work whatever gas they name, and the costliest precompiled contracts, which cannot be stopped
half way, are not run for a question that nobody signed. Transactions are not metered: they are members'.

Sources: py-evm 0.12.1b1, ``vm/computation.py`` (one opcode after the other from ``code``) and ``vm/code_stream.py``;
EIP-196, EIP-197, EIP-198, EIP-2537, EIP-4844 (the precompiled contracts whose cost is in proportion to nothing else).
"""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final, NoReturn

from eth.abc import MessageAPI, StateAPI
from eth.vm.code_stream import CodeStream
from eth.vm.forks.cancun.transaction_context import CancunTransactionContext
from eth.vm.forks.prague.computation import PragueComputation
from eth_typing import Address as EthAddress

from hospes.nodes.ledger.errors import ExecutionError, TooCostlyError

SIMULATION_S: Final = 1.0
"""Processor time of all calls and estimates of one body together; a call of our contracts takes a few milliseconds."""
READING_S: Final = 5.0
"""Processor time of a body that only reads what is sealed."""
_OPCODES: Final = 64
"""Between two looks at the clock; about a tenth of a millisecond."""
_CHEAP_PRECOMPILES: Final = 4
"""ecrecover, SHA-256, RIPEMD-160 and identity, at addresses 1 to 4."""


class Budget:
    """Processor time that the thread which makes it may use from then on.

    Parameters
    ----------
    limit_s : float, optional
        Seconds; without it there is no limit.
    """

    __slots__ = ("_end", "limit_s")

    def __init__(self, limit_s: float | None = None) -> None:
        self.limit_s = float("inf") if limit_s is None else limit_s
        self._end = time.thread_time() + self.limit_s

    def check(self) -> None:
        """Raise `TooCostlyError` when it is used up."""
        if time.thread_time() > self._end:
            raise TooCostlyError(self.limit_s)


class MeteredContext(CancunTransactionContext):
    """What a transaction's contracts share, and what they may cost together."""

    def __init__(self, gas_price: int, origin: EthAddress, budget: Budget) -> None:
        super().__init__(gas_price, origin)
        self.budget = budget


def _not_simulated(_: object) -> NoReturn:
    raise ExecutionError("this precompiled contract is not run in a call that nobody signed")


def _simulated(precompiles: dict[EthAddress, Callable[[Any], Any]]) -> dict[EthAddress, Callable[[Any], Any]]:
    return {
        address: run if int.from_bytes(address) <= _CHEAP_PRECOMPILES else _not_simulated
        for address, run in precompiles.items()
    }


class MeteredComputation(PragueComputation):
    """Prague, stopped when its budget is used up; calls within calls are of the same class and budget."""

    _precompiles = _simulated(PragueComputation.get_precompiles())

    def __init__(self, state: StateAPI, message: MessageAPI, transaction_context: MeteredContext) -> None:
        super().__init__(state, message, transaction_context)
        self.code = _MeteredCode(message.code, transaction_context.budget)


class _MeteredCode(CodeStream):
    """Code that looks at the clock while it runs, and lets other threads go on."""

    def __init__(self, code: bytes, budget: Budget) -> None:
        super().__init__(code)
        self._budget = budget

    def __iter__(self) -> Iterator[int]:
        """Yield one opcode after the other from the program counter on, as the unmetered code does."""
        self._budget.check()  # a call runs few opcodes before it calls again
        for count, opcode in enumerate(super().__iter__(), 1):
            if count % _OPCODES == 0:
                self._budget.check()
                time.sleep(0)
            yield opcode
