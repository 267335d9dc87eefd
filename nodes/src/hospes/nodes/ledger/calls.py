"""Calls that leave no trace: what a contract would answer, and how much gas a transaction would need.

Nothing is signed, paid or kept. The state of the head is kept open between calls, which makes a call several times
faster than opening a state for each (`tests/nodes/ledger/test_calls.py` holds the two against each other).

Sources: Ethereum JSON-RPC specification, ``eth_call`` and ``eth_estimateGas``; geth 1.17 ``eth/gasestimator`` (search
and its tolerance); Solidity ABI specification (``Error(string)``, ``Panic(uint256)``).
"""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from eth.abc import ComputationAPI, StateAPI
from eth.constants import CREATE_CONTRACT_ADDRESS
from eth.exceptions import OutOfGas, Revert, VMError
from eth.vm.message import Message

from hospes.core.errors import HospesError
from hospes.core.identities import Address
from hospes.nodes.ledger import evm
from hospes.nodes.ledger.chain import Chain
from hospes.nodes.ledger.errors import ExecutionError, RevertedError, TooCostlyError
from hospes.nodes.ledger.metering import Budget, MeteredComputation, MeteredContext

SIMULATED_GAS: Final = 2_000_000
"""Of a call that names no gas limit: as much as members' programs name at most. A call can name more."""
CALLS_OF_STATE: Final = 2_000
"""A kept state is thrown away after so many calls, so that what it has read does not pile up."""
_STIPEND: Final = 2_300
_TOLERANCE: Final = 0.015
_MAX_REASON: Final = 1_000
_WORD_BYTES: Final = 32
_ERROR_SELECTOR: Final = bytes.fromhex("08c379a0")
_PANIC_SELECTOR: Final = bytes.fromhex("4e487b71")


@dataclass(frozen=True, slots=True)
class Call:
    """A transaction that nobody signed.

    Attributes
    ----------
    sender : Address
    to : Address or None
        None creates a contract.
    data : bytes
    value : int
        Wei.
    gas : int
        Its gas limit.
    gas_price : int
        What the GASPRICE instruction tells; nobody pays it.
    access_list : AccessList
    """

    sender: Address = Address(bytes(20))
    to: Address | None = None
    data: bytes = b""
    value: int = 0
    gas: int = evm.MAX_TRANSACTION_GAS
    gas_price: int = 0
    access_list: evm.AccessList = ()

    @property
    def creates(self) -> bool:
        """Whether it creates a contract."""
        return self.to is None


class Calls:
    """Runs calls on sealed blocks; safe to share between threads.

    Parameters
    ----------
    chain : Chain
    """

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._lock = threading.Lock()
        self._kept_block = -1
        self._kept: list[_KeptState] = []

    def call(self, block: int, call: Call, budget: Budget | None = None) -> bytes:
        """Return what the call returns at the end of `block`.

        Raises
        ------
        RevertedError, ExecutionError, TooCostlyError, UnknownBlockError
        """
        with self._state(block) as state:
            outcome = _run(state, call, call.gas, budget or Budget())
        return _require_success(outcome, call.gas).output

    def estimate(self, block: int, call: Call, budget: Budget | None = None, now: int = 0) -> int:
        """Return a gas limit with which the call succeeds as a transaction in the block after `block`.

        At most 1.5 % above the smallest one. That block is sealed at `now` (Unix seconds) or later: a call that must
        wait for a time succeeds once it has come, even when no block was sealed since.

        Raises
        ------
        RevertedError, ExecutionError, TooCostlyError, UnknownBlockError
        """
        return _search(self._chain.state_after(block, now), call, budget or Budget())

    @contextmanager
    def _state(self, block: int) -> Generator[StateAPI]:
        kept = self._take(block) or _KeptState(self._chain.state(block))
        yield kept.state
        # A call that failed inside the engine does not get here: its state is not used again.
        kept.uses += 1
        self._give_back(block, kept)

    def _take(self, block: int) -> "_KeptState | None":
        with self._lock:
            return self._kept.pop() if self._kept and self._kept_block == block else None

    def _give_back(self, block: int, kept: "_KeptState") -> None:
        if kept.uses >= CALLS_OF_STATE or block != self._chain.head_number():
            return
        with self._lock:
            if self._kept_block != block:
                self._kept, self._kept_block = [], block
            self._kept.append(kept)


@dataclass(slots=True)
class _KeptState:
    """A state that is as new after each call."""

    state: StateAPI
    uses: int = 0


def _run(state: StateAPI, call: Call, gas: int, budget: Budget) -> ComputationAPI:
    """Run a call with this gas limit and take back all its effects."""
    intrinsic = evm.intrinsic_gas(call.data, creates=call.creates, access_list=call.access_list)
    if gas < intrinsic:
        raise ExecutionError(f"intrinsic gas too low: gas {gas}, needed at least {intrinsic}")
    if call.creates and len(call.data) > evm.MAX_INITCODE_BYTES:
        raise ExecutionError(f"max initcode size exceeded: at most {evm.MAX_INITCODE_BYTES} bytes")
    snapshot = state.snapshot()
    try:
        return _apply(state, call, gas - intrinsic, budget)
    except HospesError:
        raise
    except VMError as error:
        raise ExecutionError(_failure(error)) from error
    except Exception as error:
        raise ExecutionError(f"{type(error).__name__} inside the engine") from error
    finally:
        state.revert(snapshot)
        state.lock_changes()  # forgets which accounts and slots were warm
        state.clear_transient_storage()


def _apply(state: StateAPI, call: Call, gas: int, budget: Budget) -> ComputationAPI:
    sender = evm.eth_address(call.sender)
    context = MeteredContext(call.gas_price, sender, budget)
    state.mark_address_warm(sender)
    for account, slots in call.access_list:
        state.mark_address_warm(account)
        for slot in slots:
            state.mark_storage_warm(account, slot)
    target = evm.eth_address(call.to or evm.created_address(call.sender, state.get_nonce(sender)))
    state.mark_address_warm(target)
    if call.creates:
        creation = Message(gas, CREATE_CONTRACT_ADDRESS, sender, call.value, b"", call.data, create_address=target)
        return MeteredComputation.apply_create_message(state, creation, context)
    message = Message(gas, target, sender, call.value, call.data, state.get_code(target))
    return MeteredComputation.apply_message(state, message, context)


def _require_success(outcome: ComputationAPI, gas: int) -> ComputationAPI:
    if not outcome.is_error:
        return outcome
    if isinstance(outcome.error, Revert):
        raise RevertedError(outcome.output, revert_reason(outcome.output))
    if isinstance(outcome.error, OutOfGas):
        raise ExecutionError(f"out of gas: gas required exceeds allowance ({gas})")
    raise ExecutionError(_failure(outcome.error))


def _failure(error: VMError) -> str:
    """Name a failure by its kind; py-evm's texts quote values."""
    words = {
        "InsufficientFunds": "insufficient funds for transfer",
        "InvalidInstruction": "invalid opcode",
        "InvalidJumpDestination": "invalid jump destination",
        "StackDepthLimit": "max call depth exceeded",
    }
    return words.get(type(error).__name__, f"execution failed: {type(error).__name__}")


def _search(state: StateAPI, call: Call, budget: Budget) -> int:
    """Find the gas limit: once with all gas, once with what that used; only calls within calls may need more."""
    outcome = _require_success(_run(state, call, call.gas, budget), call.gas)
    used = call.gas - outcome.get_gas_remaining()
    least = max(used, evm.least_gas(call.data, creates=call.creates, access_list=call.access_list))
    if least >= call.gas or _succeeds(state, call, least, budget):
        return least
    # A callee gets 63/64 of the gas at most, so the limit must leave the last 64th of what was used (EIP-150).
    guess = (used + _STIPEND) * 64 // 63
    low, high = least, call.gas
    if low < guess < high:
        low, high = (low, guess) if _succeeds(state, call, guess, budget) else (guess, high)
    while low + 1 < high and (high - low) / high > _TOLERANCE:
        middle = (low + high) // 2
        low, high = (low, middle) if _succeeds(state, call, middle, budget) else (middle, high)
    return high


def _succeeds(state: StateAPI, call: Call, gas: int, budget: Budget) -> bool:
    try:
        return not _run(state, call, gas, budget).is_error
    except TooCostlyError:
        raise
    except HospesError:
        return False


def revert_reason(output: bytes) -> str:
    """Return the text that a contract gave with its refusal; empty when it gave none that can be read.

    >>> revert_reason(bytes.fromhex("08c379a0") + (32).to_bytes(32) + (5).to_bytes(32) + b"ended" + bytes(27))
    'ended'
    """
    selector, body = output[:4], output[4:]
    if selector == _PANIC_SELECTOR and len(body) == _WORD_BYTES:
        return f"panic {int.from_bytes(body):#04x}"
    if selector != _ERROR_SELECTOR:
        return ""
    length = min(int.from_bytes(body[_WORD_BYTES : 2 * _WORD_BYTES]), _MAX_REASON)
    text = body[2 * _WORD_BYTES :][:length].decode("utf-8", "replace")
    return text if text.isprintable() else ""
