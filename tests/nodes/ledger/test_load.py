"""What strangers can cost the ledger: each question is bounded, and none holds up what everybody needs."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

import httpx
import pytest

from hospes.nodes.ledger import Rpc, logs as logs_module, rpc as rpc_module, service as service_module
from hospes.nodes.ledger.calls import Call, Calls
from hospes.nodes.ledger.errors import ExecutionError, TooCostlyError, TooWideError
from hospes.nodes.ledger.logs import LogQuery, find_logs
from hospes.nodes.ledger.metering import Budget
from hospes.nodes.ledger.service import ledger_app
from hospes.service.http import Server
from tests.simulators.ledgers import NOTEPAD, SmallLedger, account, note, small_ledger

ENDLESS: Final = bytes.fromhex("5b600056")
"""JUMPDEST, back to it."""
PAIRING: Final = bytes.fromhex("60006000600060006000600862ffffff f1 00".replace(" ", ""))
"""Calls the pairing check at address 8."""
PATIENCE_S: Final = 20.0


@pytest.fixture
def live(tmp_path: Path) -> Iterator[SmallLedger]:
    """A ledger that its service closes."""
    yield small_ledger(tmp_path / "ledger")  # noqa: PT022 - the fixture reads like its sisters


def _request(method: str, *params: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}


def _endless(gas: str = "0x1000000") -> dict[str, object]:
    return _request("eth_call", {"data": "0x" + ENDLESS.hex(), "gas": gas}, "latest")


def _answer(rpc: Rpc, body: object) -> Any:  # noqa: ANN401 - JSON
    return json.loads(rpc.answer(json.dumps(body).encode()) or b"null")


@pytest.mark.parametrize("method", ["call", "estimate"])
def test_an_endless_loop_ends_with_its_budget(ledger: SmallLedger, method: str) -> None:
    """Whatever gas a call names, it stops when its processor time is used up, and the next call is as good as ever."""
    calls = Calls(ledger.engine.chain)
    ask, began = getattr(calls, method), time.thread_time()
    with pytest.raises(TooCostlyError, match=r"0\.1 s of processor time"):
        ask(0, Call(data=ENDLESS), Budget(0.1))
    assert time.thread_time() - began < 1
    assert calls.call(0, Call(to=NOTEPAD, data=bytes(32)), Budget(1)) == bytes(32)


def test_a_call_that_names_no_gas_gets_a_bounded_amount(ledger: SmallLedger) -> None:
    """By default a loop runs out of two million gas, and a call can name more."""
    rpc = Rpc(ledger.engine.chain)
    request = _request("eth_call", {"data": "0x" + ENDLESS.hex()})
    assert "out of gas" in _answer(rpc, request)["error"]["message"]
    assert "(2000000)" in _answer(rpc, request)["error"]["message"]


def test_costly_precompiled_contracts_are_not_simulated(ledger: SmallLedger) -> None:
    """A pairing check takes seconds and cannot be stopped half way; ecrecover, which our contracts use, is run."""
    calls = Calls(ledger.engine.chain)
    with pytest.raises(ExecutionError, match="precompiled"):
        calls.call(0, Call(data=PAIRING))
    with pytest.raises(ExecutionError, match="precompiled"):
        calls.estimate(0, Call(data=PAIRING))
    assert calls.call(0, Call(data=PAIRING.replace(b"\x60\x08\x62", b"\x60\x01\x62"))) == b""


def test_a_body_has_one_budget_for_all_its_calls(ledger: SmallLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch of loops costs what one costs, and says so for each."""
    monkeypatch.setattr(rpc_module, "SIMULATION_S", 0.1)
    began = time.thread_time()
    answers = _answer(Rpc(ledger.engine.chain), [_endless()] * 50)
    assert time.thread_time() - began < 1
    assert {answer["error"]["code"] for answer in answers} == {-32005}
    assert len(answers) == 50


def test_a_batch_has_a_bounded_number_of_calls(ledger: SmallLedger) -> None:
    """A hundred calls are answered, one more is refused; reads are not counted among them."""
    rpc = Rpc(ledger.engine.chain)
    call = _request("eth_call", {"to": "0x" + NOTEPAD.hex(), "data": "0x" + "00" * 32})
    reads = [_request("eth_chainId")] * 500
    assert all("result" in answer for answer in _answer(rpc, [call] * 100 + reads))
    assert "101 calls and estimates, at most 100" in _answer(rpc, [call] * 101)["error"]["message"]


def test_logs_and_proofs_end_with_their_budget(ledger: SmallLedger) -> None:
    """A search and a proof stop when their processor time is used up."""
    ledger.write(account(0), 1, 2)
    with pytest.raises(TooCostlyError):
        find_logs(ledger.engine.chain, LogQuery(0, 1), Budget(0))
    rpc = Rpc(ledger.engine.chain)
    for method, params in (
        ("eth_getProof", ["0x" + NOTEPAD.hex(), ["0x1"], "latest"]),
        ("eth_getLogs", [{"fromBlock": "0x0"}]),
    ):
        assert rpc.call(method, list(params), Budget())
        with pytest.raises(TooCostlyError):
            rpc.call(method, list(params), Budget(0))


def test_a_word_in_too_many_blocks_is_refused_before_they_are_listed(
    ledger: SmallLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index is not read further than the limit, even for a word that every block holds."""
    for word in range(3):
        ledger.write(account(0), 1, word)
    query = LogQuery(0, 3, frozenset({NOTEPAD}))
    monkeypatch.setattr(logs_module, "MAX_BLOCKS", 3)
    assert len(find_logs(ledger.engine.chain, query)) == 3
    monkeypatch.setattr(logs_module, "MAX_BLOCKS", 2)
    with pytest.raises(TooWideError, match="2 blocks"):
        find_logs(ledger.engine.chain, query)


def test_finality_never_waits_for_calls(live: SmallLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """While strangers' loops fill every place that calls have, the rest is answered, and one call too many is told."""
    monkeypatch.setattr(service_module, "MAX_SIMULATING", 12)
    monkeypatch.setattr(rpc_module, "SIMULATION_S", 0.3)

    async def story() -> None:
        server = Server(ledger_app(live.engine))
        await server.start()
        try:
            async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=2 * PATIENCE_S) as http:
                await _flooded(http)
        finally:
            await server.stop()

    asyncio.run(story())


async def _flooded(http: httpx.AsyncClient) -> None:
    escaped = json.dumps(_endless()).replace("eth_call", "eth_\\u0063all")
    loops = [asyncio.create_task(http.post("/", content=escaped)) for _ in range(20)]
    await asyncio.sleep(0.1)
    async with asyncio.timeout(PATIENCE_S):
        finality = (await http.post("/", json=_request("hospes_getFinality", "latest"))).json()
    assert "signature" in finality["result"]
    assert sum(not loop.done() for loop in loops) >= 4
    told = [(await loop).json()["error"] for loop in loops]
    assert {error["code"] for error in told} == {-32005}
    messages = sorted({cast("str", error["message"])[:17] for error in told})
    assert messages == ["execution timeout", "too many requests"]


def test_a_strange_machine_has_a_part_of_the_places_only(live: SmallLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its calls beyond that are told so at once, while another machine's, and this one's own, are answered."""
    monkeypatch.setattr(service_module, "MAX_SIMULATING_OF_A_SOURCE", 2)
    monkeypatch.setattr(rpc_module, "SIMULATION_S", 0.3)
    app = ledger_app(live.engine)

    async def ask(source: str) -> str:
        transport = httpx.ASGITransport(app, client=(source, 1))
        async with httpx.AsyncClient(base_url="http://ledger", transport=transport) as http:
            return cast("str", (await http.post("/", json=_endless())).json()["error"]["message"])

    async def story() -> list[str]:
        return await asyncio.gather(*(ask(source) for source in ["10.1.1.1"] * 3 + ["10.1.1.2", "127.0.0.1", "::1"]))

    told = asyncio.run(story())
    assert told[2].startswith("too many requests: 2 calls from this address wait")
    assert {message[:17] for message in told[:2] + told[3:]} == {"execution timeout"}


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 200),
        ("http://localhost:5173", 200),
        ("http://127.0.0.1:8080", 200),
        ("http://[::1]", 200),
        ("https://explorer.example", 200),
        ("https://wallet.example", 403),
        ("http://localhost.wallet.example", 403),
        ("http://localhost:5173.wallet.example", 403),
        ("https://explorer.example.wallet.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_only_pages_of_this_machine_or_named_ones_are_answered(
    live: SmallLedger, origin: str | None, status: int
) -> None:
    """A stranger's page cannot use the ledger, not even with a request that a browser sends without asking first."""
    headers = {"Content-Type": "text/plain"} | ({} if origin is None else {"Origin": origin})

    async def story() -> httpx.Response:
        transport = httpx.ASGITransport(ledger_app(live.engine, ["https://explorer.example"]))
        async with httpx.AsyncClient(transport=transport, base_url="http://ledger") as http:
            return await http.post("/", headers=headers, content=json.dumps(_request("eth_chainId")))

    answer = asyncio.run(story())
    assert answer.status_code == status
    assert ("result" in answer.json()) == (status == 200)
    allowed = answer.headers.get("access-control-allow-origin")
    assert allowed == (origin if status == 200 else None)


def test_a_note_costs_far_less_than_the_bounds(ledger: SmallLedger) -> None:
    """What members do every day is estimated without naming gas, well inside the budget."""
    budget = Budget(0.5)
    estimate = Calls(ledger.engine.chain).estimate(0, Call(account(0).address, NOTEPAD, note(1, 2)), budget)
    assert estimate < 100_000


@pytest.mark.parametrize(
    "value", ["0x" + "1" * 5_000, "1" * 5_000, int("9" * 4_000), 10**30], ids=["hex", "text", "huge", "large"]
)
@pytest.mark.parametrize("method", ["eth_getBlockByNumber", "eth_feeHistory", "hospes_getHeaders", "eth_getLogs"])
def test_numbers_of_thousands_of_digits_are_malformed(ledger: SmallLedger, method: str, value: object) -> None:
    """Python refuses to read so many digits; the answer says that the parameter, or the body, is wrong."""
    params = [{"fromBlock": value}] if method == "eth_getLogs" else [value, "0x0"]
    assert _answer(Rpc(ledger.engine.chain), _request(method, *params))["error"]["code"] in (-32602, -32700)
