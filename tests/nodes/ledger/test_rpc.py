"""JSON-RPC as bytes: every body gets an answer of the right form, and every failure its code."""

import json
import subprocess
import sys
from typing import Any, cast

import pytest
from eth import EVM_RECURSION_LIMIT
from hypothesis import given, strategies as st
from structlog.testing import capture_logs

from hospes.core.identities import keccak, to_hex
from hospes.core.proof import verify_seal
from hospes.nodes.ledger import Rpc, rpc as rpc_module
from hospes.nodes.ledger.engine import Engine
from tests.simulators.ledgers import (
    CHAIN_ID,
    NOTEPAD,
    NOTEPAD_CODE,
    REFUSER,
    START,
    WEALTH,
    SmallLedger,
    account,
    note,
    signed,
    small_ledger,
)

ALICE = to_hex(account(0).address)
PAD = to_hex(NOTEPAD)


class Caller:
    """Sends requests as a client would."""

    def __init__(self, ledger: SmallLedger) -> None:
        self.ledger = ledger
        self.rpc = Rpc(ledger.engine.chain, ledger.engine)

    def body(self, body: object) -> Any:  # noqa: ANN401 - JSON
        """Send a body, as JSON unless it is bytes, and return the decoded answer."""
        answer = self.rpc.answer(body if isinstance(body, bytes) else json.dumps(body).encode())
        return None if answer is None else json.loads(answer)

    def ask(self, method: str, *params: object) -> Any:  # noqa: ANN401 - JSON
        """Return the result of one call."""
        answer = self.body({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})
        assert "error" not in answer, answer
        return answer["result"]

    def fail(self, method: str, *params: object) -> dict[str, Any]:
        """Return the error of one call."""
        answer = self.body({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})
        assert set(answer) == {"jsonrpc", "id", "error"}
        return cast("dict[str, Any]", answer["error"])


@pytest.fixture
def caller(ledger: SmallLedger) -> Caller:
    """A client of a ledger with one block: a note, a failure, a transfer."""
    ledger.submit(account(0), note(7, 9))
    ledger.submit(account(1), b"", REFUSER)
    ledger.submit(account(2), b"", account(0).address, value=5)
    ledger.seal()
    return Caller(ledger)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Caller:
    """A client of a ledger that no test changes."""
    small = small_ledger(tmp_path_factory.mktemp("shared"))
    small.write(account(0), 1, 2)
    return Caller(small)


_methods = st.sampled_from(
    [
        "eth_call",
        "eth_estimateGas",
        "eth_feeHistory",
        "eth_getBlockByNumber",
        "eth_getLogs",
        "eth_getProof",
        "eth_getStorageAt",
        "eth_getTransactionCount",
        "eth_sendRawTransaction",
        "hospes_getFinality",
        "hospes_getHeaders",
    ]
)
_keys = st.sampled_from(["to", "data", "topics", "address", "fromBlock", "blockHash", "accessList", "gas"])
_leaves = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["0x1", "latest", ALICE, PAD])
)
_anything = st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner), max_leaves=12
)


class TestEnvelope:
    """JSON-RPC 2.0 itself."""

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"", -32700),
            (b"\xff\xfe", -32700),
            (b"{", -32700),
            (b"[" * 100_000, -32700),
            (b"[]", -32600),
            (b"1", -32600),
            (b'"text"', -32600),
            (b"null", -32600),
            (b"{}", -32600),
            (b'{"jsonrpc":"1.0","id":1,"method":"eth_chainId"}', -32600),
            (b'{"jsonrpc":"2.0","id":1,"method":1}', -32600),
            (b'{"jsonrpc":"2.0","id":{},"method":"eth_chainId"}', -32600),
            (b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":{}}', -32602),
            (b'{"jsonrpc":"2.0","id":1,"method":"eth_mine"}', -32601),
            (b'{"jsonrpc":"2.0","id":1,"method":"<b>Smith</b>"}', -32601),
        ],
    )
    def test_a_malformed_body_has_a_code(self, shared: Caller, body: bytes, code: int) -> None:
        """Whatever is wrong with a request is said in one line, without quoting it."""
        error = shared.body(body)["error"]
        assert error["code"] == code
        assert "Smith" not in error["message"]
        assert "Traceback" not in error["message"]

    def test_a_batch_is_answered_item_by_item(self, shared: Caller) -> None:
        """Good and bad requests share a batch; notifications in it are not answered."""
        answers = shared.body(
            [
                {"jsonrpc": "2.0", "id": "a", "method": "eth_chainId"},
                7,
                {"jsonrpc": "2.0", "method": "eth_chainId"},
                {"jsonrpc": "2.0", "id": None, "method": "eth_nothing"},
                {"jsonrpc": "2.0", "id": 2.5, "method": "eth_chainId", "params": None},
            ]
        )
        assert [(answer["id"], answer.get("result"), answer.get("error", {}).get("code")) for answer in answers] == [
            ("a", hex(CHAIN_ID), None),
            (None, None, -32600),
            (None, None, -32601),
            (2.5, hex(CHAIN_ID), None),
        ]

    def test_notifications_are_carried_out_and_not_answered(self, caller: Caller) -> None:
        """A request without an id has its effect and no answer, alone and in a batch."""
        raw = to_hex(signed(account(0), 1, NOTEPAD, note(1, 1)))
        request = {"jsonrpc": "2.0", "method": "eth_sendRawTransaction", "params": [raw]}
        assert caller.body(request) is None
        assert caller.body([request, {"jsonrpc": "2.0", "method": "eth_nothing"}]) is None
        assert caller.ledger.engine.waiting_count() == 1

    def test_bodies_batches_and_answers_are_bounded(self, shared: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
        """Above its bounds a request is refused, and what was answered until then is kept."""
        request = {"jsonrpc": "2.0", "id": 1, "method": "eth_getBlockByNumber", "params": ["0x1", True]}
        size = len(json.dumps(request))
        with monkeypatch.context() as patch:
            patch.setattr(rpc_module, "MAX_BODY_BYTES", size - 1)
            assert "too large" in shared.body(request)["error"]["message"]
        with monkeypatch.context() as patch:
            patch.setattr(rpc_module, "MAX_BATCH", 2)
            assert "too large" in shared.body([request] * 3)["error"]["message"]
        monkeypatch.setattr(rpc_module, "MAX_ANSWER_BYTES", 100)
        answers = shared.body([request] * 3)
        assert [answer.get("error", {}).get("code") for answer in answers] == [None, -32005, -32005]

    def test_a_defect_is_an_internal_error_without_a_traceback(
        self, shared: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Even when our own code fails the client gets an answer, and the log the cause."""
        monkeypatch.setattr(shared.ledger.engine.chain, "head_number", lambda: 1 // 0)
        with capture_logs() as logs:
            error = shared.fail("eth_blockNumber")
        assert error == {"code": -32603, "message": "internal error; the ledger's log says more"}
        assert [(line["event"], line["error"]) for line in logs] == [("rpc_failed", "ZeroDivisionError")]

    @given(body=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
    def test_any_bytes_get_an_answer(self, shared: Caller, body: bytes) -> None:
        """No body makes the ledger fail."""
        answer = shared.body(body)
        assert answer is None or "error" in answer

    @given(method=_methods, params=_anything)
    def test_any_parameters_get_a_result_or_a_typed_error(self, shared: Caller, method: str, params: object) -> None:
        """Parameters of any shape never lead to an internal error."""
        answer = shared.body({"jsonrpc": "2.0", "id": 1, "method": method, "params": [params]})
        assert answer["id"] == 1
        assert answer.get("error", {}).get("code") != -32603


class TestAnswers:
    """What clients read."""

    def test_the_network_is_named(self, caller: Caller) -> None:
        """A client learns where it is, and that it need not wait."""
        assert caller.ask("eth_chainId") == hex(CHAIN_ID)
        assert caller.ask("net_version") == str(CHAIN_ID)
        assert caller.ask("web3_clientVersion").startswith("Hospes/")
        assert caller.ask("eth_blockNumber") == "0x1"
        assert (caller.ask("eth_syncing"), caller.ask("eth_accounts"), caller.ask("net_listening")) == (False, [], True)
        assert caller.ask("hospes_getGenesis") == json.loads(caller.ledger.genesis.encode())

    @pytest.mark.parametrize("name", ["latest", "finalized", "safe", "pending", "0x1"])
    def test_all_names_of_the_head_mean_the_sealed_head(self, caller: Caller, name: str) -> None:
        """Only sealed blocks are shown, and every sealed block is final."""
        caller.ledger.submit(account(0), note(1, 1))
        block = caller.ask("eth_getBlockByNumber", name, False)
        assert block["hash"] == to_hex(caller.ledger.engine.chain.head().hash)
        assert block["timestamp"] == hex(START + 3)
        assert len(block["transactions"]) == 3
        assert caller.ask("eth_getBlockByHash", block["hash"], False) == block
        assert caller.ask("eth_getBlockByNumber", "earliest", False)["hash"] == to_hex(caller.ledger.genesis.block_hash)

    def test_what_is_not_there_is_null_or_unknown(self, caller: Caller) -> None:
        """Looking for a block or transaction that is not there gives null; asking about its state is an error."""
        nothing = to_hex(bytes(32))
        assert caller.ask("eth_getBlockByNumber", "0x2", False) is None
        assert caller.ask("eth_getBlockByHash", nothing, False) is None
        assert caller.ask("eth_getTransactionByHash", nothing) is None
        assert caller.ask("eth_getTransactionReceipt", nothing) is None
        for method in ("eth_getBalance", "eth_getTransactionCount", "eth_getCode"):
            assert caller.fail(method, ALICE, "0x2")["message"].startswith("block not found")
        assert "block not found" in caller.fail("eth_getBalance", ALICE, {"blockHash": nothing})["message"]
        assert "block not found" in caller.fail("eth_getBalance", ALICE, hex(2**255))["message"]

    def test_transactions_and_receipts_fit_together(self, caller: Caller) -> None:
        """Receipts of a block are those of its transactions, with gas of their own, failures as status 0."""
        block = caller.ask("eth_getBlockByNumber", "latest", True)
        receipts = caller.ask("eth_getBlockReceipts", "latest")
        assert [receipt["status"] for receipt in receipts] == ["0x1", "0x0", "0x1"]
        for transaction, receipt in zip(block["transactions"], receipts, strict=True):
            assert caller.ask("eth_getTransactionByHash", transaction["hash"]) == transaction
            assert caller.ask("eth_getTransactionReceipt", transaction["hash"]) == receipt
            assert receipt["transactionHash"] == transaction["hash"]
        assert sum(int(receipt["gasUsed"], 16) for receipt in receipts) == int(block["gasUsed"], 16)
        assert (receipts[0]["from"], receipts[0]["to"]) == (ALICE, PAD)

    def test_a_waiting_transaction_is_shown_without_a_block(self, caller: Caller) -> None:
        """Before it is sealed a transaction is known, has no block, and moves only the pending nonce."""
        key = caller.ask("eth_sendRawTransaction", to_hex(signed(account(0), 1, NOTEPAD, note(1, 1))))
        waiting = caller.ask("eth_getTransactionByHash", key)
        assert (waiting["hash"], waiting["blockNumber"]) == (key, None)
        assert caller.ask("eth_getTransactionReceipt", key) is None
        nonces = [caller.ask("eth_getTransactionCount", ALICE, name) for name in ("latest", "pending", "0x0")]
        assert nonces == ["0x1", "0x2", "0x0"]

    def test_state_is_read_at_any_block(self, caller: Caller) -> None:
        """Balances, code and storage of every kept block, with lenient slots."""
        assert caller.ask("eth_getBalance", ALICE, "latest") == hex(WEALTH + 5)
        assert caller.ask("eth_getBalance", ALICE, "0x0") == hex(WEALTH)
        assert caller.ask("eth_getCode", PAD, "latest") == to_hex(NOTEPAD_CODE)
        assert caller.ask("eth_getCode", ALICE, "latest") == "0x"
        nine = "0x" + (9).to_bytes(32).hex()
        for slot in ("0x7", "0x07", "0x" + (7).to_bytes(32).hex()):
            assert caller.ask("eth_getStorageAt", PAD, slot, "latest") == nine
        for slot in ("0x", "0x0", "0x00"):
            assert caller.ask("eth_getStorageAt", PAD, slot, "latest") == to_hex(bytes(32))
        assert caller.ask("eth_getStorageAt", PAD, "0x7", {"blockNumber": "0x0"}) == to_hex(bytes(32))

    def test_calls_answer_and_refuse_as_geth_does(self, caller: Caller) -> None:
        """A revert has code 3, the contract's data, and its reason in the message."""
        read = {"to": PAD, "data": "0x" + (7).to_bytes(32).hex()}
        assert int(caller.ask("eth_call", read, "latest"), 16) == 9
        assert int(caller.ask("eth_call", {"to": PAD, "input": read["data"]}, "0x0"), 16) == 0
        for method in ("eth_call", "eth_estimateGas"):
            error = caller.fail(method, {"to": to_hex(REFUSER)})
            assert (error["code"], error["message"]) == (3, "execution reverted: ended")
            assert error["data"].startswith("0x08c379a0")
        assert "data" not in caller.fail("eth_call", {"from": to_hex(account(77).address), "to": PAD, "value": "0x1"})
        assert (
            caller.ask("eth_estimateGas", {"from": ALICE, "to": to_hex(account(1).address), "value": "0x1"}) == "0x5208"
        )

    def test_logs_are_found_by_filter(self, caller: Caller) -> None:
        """Addresses and topics are single values, lists, or null for anything."""
        seven = "0x" + (7).to_bytes(32).hex()
        (log,) = caller.ask("eth_getLogs", {"fromBlock": "earliest", "address": PAD, "topics": [seven]})
        assert (log["address"], log["topics"], int(log["data"], 16), log["removed"]) == (PAD, [seven], 9, False)
        same = [
            {"blockHash": log["blockHash"]},
            {"fromBlock": "0x0", "toBlock": "latest", "address": [PAD, ALICE], "topics": [[seven, None]]},
            {"topics": [None], "address": []},
            {"fromBlock": "0x1", "toBlock": "0x9"},
        ]
        assert [caller.ask("eth_getLogs", query) for query in same] == [[log]] * 4
        assert caller.ask("eth_getLogs", {"topics": [to_hex(bytes(32))]}) == []
        assert caller.ask("eth_getLogs", {"topics": [None, None]}) == []
        assert caller.fail("eth_getLogs", {"topics": [None] * 5})["code"] == -32602

    def test_proofs_show_slots_as_they_were_asked_for(self, caller: Caller) -> None:
        """A padded slot comes back padded, a number as a number."""
        padded = "0x" + (7).to_bytes(32).hex()
        proof = caller.ask("eth_getProof", PAD, ["0x7", padded, "0x0"], "latest")
        assert [(item["key"], item["value"]) for item in proof["storageProof"]] == [
            ("0x7", "0x9"),
            (padded, "0x9"),
            ("0x0", "0x0"),
        ]
        assert proof["codeHash"] == to_hex(keccak(NOTEPAD_CODE))
        assert caller.ask("eth_getProof", to_hex(account(99).address), [], "latest")["balance"] == "0x0"

    def test_fees_are_zero_and_have_a_history(self, caller: Caller) -> None:
        """Wallets that ask what gas costs learn that it costs nothing."""
        assert (caller.ask("eth_gasPrice"), caller.ask("eth_maxPriorityFeePerGas")) == ("0x0", "0x0")
        history = caller.ask("eth_feeHistory", "0x4", "latest", [10, 50])
        assert history["oldestBlock"] == "0x0"
        assert history["baseFeePerGas"] == ["0x0", "0x0", "0x0"]
        assert history["reward"] == [["0x0", "0x0"]] * 2
        assert history["gasUsedRatio"][0] == 0.0
        assert "reward" not in caller.ask("eth_feeHistory", "0x1", "latest")

    def test_finality_and_headers_are_bytes_that_verify(self, caller: Caller) -> None:
        """PROTOCOL section 2: the header's RLP with its seal, and headers for descent."""
        finality = caller.ask("hospes_getFinality", "finalized")
        header, seal = (bytes.fromhex(finality[key][2:]) for key in ("header", "signature"))
        assert verify_seal(caller.ledger.genesis, header, seal).number == 1
        headers = caller.ask("hospes_getHeaders", "0x0", "0x400")
        assert headers == [to_hex(caller.ledger.genesis.header), finality["header"]]
        assert caller.ask("hospes_getHeaders", "0x2", "0x1") == []
        assert caller.fail("hospes_getHeaders", "0x0", "0x401")["code"] == -32602
        assert caller.fail("hospes_getFinality", "0x2")["data"] == {"slug": "unknown-block"}

    def test_refused_transactions_have_the_words_that_clients_know(self, caller: Caller) -> None:
        """Errors begin as geth's do, and carry the slug of our own table."""
        send = "eth_sendRawTransaction"
        low = caller.fail(send, to_hex(signed(account(0), 0, NOTEPAD, note(7, 8))))
        assert low["message"].startswith("nonce too low")
        assert low["data"] == {"slug": "wrong-nonce"}
        assert caller.fail(send, "0x1234")["code"] == -32602
        assert caller.fail(send, "hello")["code"] == -32602
        assert caller.fail(send)["code"] == -32602

    def test_without_an_engine_nothing_is_taken(self, caller: Caller) -> None:
        """A ledger that is only looked at has no method to write."""
        reader = Rpc(caller.ledger.engine.chain)
        request = {"jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransaction", "params": ["0x"]}
        answer = json.loads(reader.answer(json.dumps(request).encode()) or b"")
        assert answer["error"]["code"] == -32601
        assert isinstance(caller.ledger.engine, Engine)


def test_the_ledger_leaves_no_recursion_limit_that_a_parser_cannot_bear() -> None:
    """py_ecc, below py-evm, raises Python's limit so far that nested JSON would kill the process; that is undone."""
    program = "import sys, hospes.nodes.ledger, json, msgspec; print(sys.getrecursionlimit())"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert int(told) == EVM_RECURSION_LIMIT
