"""Calls without trace: answers, refusals, gas, and the fast path judged by the slow one."""

import threading

import pytest
from eth.abc import StateAPI
from hypothesis import given, strategies as st

from hospes.core.identities import Address
from hospes.nodes.ledger import calls as calls_module, evm
from hospes.nodes.ledger.calls import Call, Calls, revert_reason
from hospes.nodes.ledger.errors import ExecutionError, RevertedError, UnknownBlockError
from tests.simulators.ledgers import (
    CLEARER,
    DIVER,
    NOTEPAD,
    NOTEPAD_CODE,
    REFUSER,
    WEALTH,
    SmallLedger,
    account,
    creation,
    note,
    small_ledger,
)


def _read(slot: int) -> Call:
    return Call(to=NOTEPAD, data=slot.to_bytes(32))


def test_a_call_sees_the_state_at_the_end_of_its_block(ledger: SmallLedger) -> None:
    """Old blocks answer as they did when they were the head."""
    ledger.write(account(0), 1, 11)
    ledger.write(account(0), 1, 22)
    calls = Calls(ledger.engine.chain)
    answers = [int.from_bytes(calls.call(block, _read(1))) for block in (0, 1, 2)]
    assert answers == [0, 11, 22]
    with pytest.raises(UnknownBlockError):
        calls.call(3, _read(1))


def test_an_estimate_meets_the_time_that_its_block_would_have_now(ledger: SmallLedger) -> None:
    """What a contract allows after a time can be estimated once it has come, though no block was sealed since."""
    chain, engine = ledger.engine.chain, ledger.engine
    assert chain.state_after(0).timestamp == chain.head().time + 1
    ledger.now += 500
    assert engine.next_time() == int(ledger.now)
    assert chain.state_after(0, engine.next_time()).timestamp == int(ledger.now)


def test_a_call_leaves_no_trace(ledger: SmallLedger) -> None:
    """Writing in a call changes neither the chain nor the next call, on the state that is kept open."""
    ledger.write(account(0), 1, 11)
    calls = Calls(ledger.engine.chain)
    for _ in range(3):
        calls.call(1, Call(to=NOTEPAD, data=note(1, 99)))
        assert int.from_bytes(calls.call(1, _read(1))) == 11
    calls.call(1, Call(sender=account(0).address, to=account(50).address, value=WEALTH))
    assert ledger.engine.chain.account(1, account(50).address).balance == 0


@given(steps=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2**256 - 1), st.booleans()), max_size=12))
def test_the_kept_state_answers_as_a_fresh_one(steps: list[tuple[int, int, bool]], calls_ledger: SmallLedger) -> None:
    """The fast path (one state for many calls) and the slow one (a state for each call) never differ."""
    fast = Calls(calls_ledger.engine.chain)
    for slot, word, reads in steps:
        call = _read(slot) if reads else Call(to=NOTEPAD, data=note(slot, word))
        slow = Calls(calls_ledger.engine.chain)
        assert fast.call(1, call) == slow.call(1, call)
        assert fast.estimate(1, call) == slow.estimate(1, call)


@pytest.fixture(scope="module")
def calls_ledger(tmp_path_factory: pytest.TempPathFactory) -> SmallLedger:
    """A ledger with one note, which no test of this module changes."""
    small = small_ledger(tmp_path_factory.mktemp("calls"))
    small.write(account(0), 2, 22)
    return small


def test_a_refusal_carries_the_contracts_reason(ledger: SmallLedger) -> None:
    """A revert gives its data and its text; a transfer without funds says so."""
    calls = Calls(ledger.engine.chain)
    for ask in (calls.call, calls.estimate):
        with pytest.raises(RevertedError, match=r"^execution reverted: ended$") as caught:
            ask(0, Call(to=REFUSER))
        assert caught.value.output[:4].hex() == "08c379a0"
        assert caught.value.reason == "ended"
    with pytest.raises(ExecutionError, match="insufficient funds"):
        calls.call(0, Call(sender=account(60).address, to=NOTEPAD, value=1))


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (b"", ""),
        (bytes.fromhex("08c379a0"), ""),
        (bytes.fromhex("08c379a0") + bytes(31) + b"\x20" + b"\xff" * 32 + b"a", "a"),
        (bytes.fromhex("08c379a0") + bytes(31) + b"\x20" + bytes(31) + b"\x02" + b"\n\0", ""),
        (bytes.fromhex("4e487b71") + bytes(31) + b"\x11", "panic 0x11"),
        (bytes.fromhex("4e487b71"), ""),
        (b"\x01\x02\x03\x04", ""),
    ],
)
def test_reasons_are_read_from_anything(output: bytes, reason: str) -> None:
    """Whatever a contract returns, the reason is a printable text or empty."""
    assert revert_reason(output) == reason


def test_an_estimate_suffices_and_is_not_far_from_the_least(ledger: SmallLedger) -> None:
    """A transaction with the estimated gas succeeds, and one with 2 % less does not."""
    sender = account(0).address
    wanted = [
        Call(sender, NOTEPAD, note(5, 1)),
        Call(sender, None, creation(NOTEPAD_CODE)),
        Call(sender, account(70).address, value=1),
        Call(sender, CLEARER, b"\x01" * 1_000),
        Call(sender, DIVER, gas=500_000),
    ]
    calls = Calls(ledger.engine.chain)
    for call in wanted:
        gas = calls.estimate(ledger.engine.chain.head_number(), call)
        ledger.submit(account(0), call.data, call.to, gas=gas, value=call.value)
        assert ledger.seal().receipts[0].state_root == b"\x01"
    assert calls.estimate(0, wanted[2]) == 21_000
    assert calls.estimate(0, wanted[3]) == evm.floor_gas(wanted[3].data)
    exact = calls.estimate(0, wanted[0])
    with pytest.raises(ExecutionError, match="out of gas"):
        calls.call(0, Call(sender, NOTEPAD, note(5, 1), gas=exact * 98 // 100))


def test_gas_below_the_intrinsic_cost_is_refused(ledger: SmallLedger) -> None:
    """A call with less gas than a transaction needs to begin is refused as one."""
    with pytest.raises(ExecutionError, match="intrinsic gas too low"):
        Calls(ledger.engine.chain).call(0, Call(to=NOTEPAD, gas=20_999))


def test_calls_as_deep_as_gas_allows_do_not_break_a_thread(ledger: SmallLedger) -> None:
    """Recursion inside a contract never overflows the stack of the thread that answers."""
    answers: list[bytes] = []
    thread = threading.Thread(
        target=lambda: answers.append(Calls(ledger.engine.chain).call(0, Call(to=DIVER, gas=evm.MAX_TRANSACTION_GAS)))
    )
    thread.start()
    thread.join()
    assert answers == [b""]


def test_a_kept_state_is_replaced_after_many_calls(ledger: SmallLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a state has read does not pile up for ever."""
    opened: list[int] = []
    state = ledger.engine.chain.state

    def opening(number: int) -> StateAPI:
        opened.append(number)
        return state(number)

    monkeypatch.setattr(calls_module, "CALLS_OF_STATE", 3)
    monkeypatch.setattr(ledger.engine.chain, "state", opening)
    calls = Calls(ledger.engine.chain)
    for _ in range(9):
        calls.call(0, _read(1))
    assert len(opened) == 3


def test_a_defect_inside_the_engine_is_an_error_of_the_call(
    ledger: SmallLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even when py-evm fails the caller gets a typed error, and the next call a fresh state."""
    calls = Calls(ledger.engine.chain)
    with monkeypatch.context() as patch:
        patch.setattr(calls_module, "Message", None)
        with pytest.raises(ExecutionError, match="inside the engine"):
            calls.call(0, _read(1))
    assert calls.call(0, _read(1)) == bytes(32)


def test_a_created_contract_is_called_at_its_address(ledger: SmallLedger) -> None:
    """The address of a new contract is the one that its receipt and everybody else computes."""
    ledger.submit(account(0), creation(NOTEPAD_CODE), None, gas=500_000)
    ledger.seal()
    address = evm.created_address(account(0).address, 0)
    assert ledger.engine.chain.code(1, address) == NOTEPAD_CODE
    assert ledger.engine.chain.code(1, Address(bytes(20))) == b""
