"""Unmodified web3.py against the ledger: over HTTP and in process, blocking and not, with the sealer running."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

import httpx
import pytest
from eth_account import Account as Signer
from web3 import AsyncHTTPProvider, AsyncWeb3, Web3
from web3.exceptions import ContractLogicError, Web3RPCError
from web3.providers.async_base import AsyncBaseProvider
from web3.types import RPCEndpoint

from hospes.core.identities import keccak
from hospes.core.proof import verify_seal
from hospes.nodes.ledger import Rpc, Sealer
from hospes.nodes.ledger.provider import BlockingLedgerProvider, LedgerProvider
from hospes.nodes.ledger.service import ledger_app
from hospes.service.http import Server
from hospes.service.node import Node
from tests.simulators.ledgers import (
    CHAIN_ID,
    NOTEPAD,
    NOTEPAD_CODE,
    REFUSER,
    SmallLedger,
    account,
    creation,
    note,
    signed,
    small_ledger,
)

POLL_S: Final = 0.01


@pytest.fixture
def live(tmp_path: Path) -> Iterator[SmallLedger]:
    """A ledger whose clock makes every second pass at once."""
    small = small_ledger(tmp_path / "ledger")
    small.hurry = True
    yield small
    small.engine.close()


async def _use_as_a_dapp_would(w3: "AsyncWeb3[Any]") -> None:
    """Deploy, write, read, fail and look for logs, with nothing but web3.py's own calls."""
    signer = Signer.from_key(account(0).secret)
    assert await w3.eth.chain_id == CHAIN_ID
    assert await w3.is_connected()
    w3.eth.default_account = signer.address

    async def send(fields: dict[str, Any]) -> Any:  # noqa: ANN401 - web3's receipt
        nonce = await w3.eth.get_transaction_count(signer.address, "pending")
        filled = {"from": signer.address, "chainId": CHAIN_ID, "nonce": nonce, "value": 0} | fields
        filled["gas"] = await w3.eth.estimate_gas(cast("Any", filled))
        filled |= {"maxFeePerGas": 10**9, "maxPriorityFeePerGas": await w3.eth.max_priority_fee}
        raw = signer.sign_transaction(filled).raw_transaction
        return await w3.eth.wait_for_transaction_receipt(await w3.eth.send_raw_transaction(raw), 10, POLL_S)

    deployed = await send({"data": creation(NOTEPAD_CODE)})
    pad = deployed["contractAddress"]
    assert deployed["status"] == 1
    assert bytes(await w3.eth.get_code(pad)) == NOTEPAD_CODE
    written = await send({"to": pad, "data": note(7, 9)})
    assert int.from_bytes(await w3.eth.call({"to": pad, "data": cast("Any", (7).to_bytes(32))})) == 9
    (log,) = await w3.eth.get_logs({"address": pad, "fromBlock": deployed["blockNumber"]})
    assert log["transactionHash"] == written["transactionHash"]
    assert log["topics"][0] == (7).to_bytes(32)
    block = await w3.eth.get_block("finalized", full_transactions=True)
    assert block.get("number") == written["blockNumber"]
    with pytest.raises(ContractLogicError, match="ended"):
        await w3.eth.estimate_gas({"from": signer.address, "to": Web3.to_checksum_address(REFUSER)})
    with pytest.raises(Web3RPCError, match="nonce too low"):
        await w3.eth.send_raw_transaction(signed(account(0), 0, NOTEPAD, note(1, 1)))
    history = await w3.eth.fee_history(2, "latest", [50.0])
    assert history["baseFeePerGas"] == [0, 0, 0]


def test_web3_works_over_http(live: SmallLedger) -> None:
    """A client that knows nothing of Hospes deploys, calls and reads through the served ledger."""

    async def story() -> None:
        server = Server(ledger_app(live.engine))
        await server.start()
        provider = AsyncHTTPProvider(server.url)
        try:
            await _use_as_a_dapp_would(AsyncWeb3(provider))
        finally:
            await provider.disconnect()
            await server.stop()

    asyncio.run(story())


def test_web3_works_in_the_same_process(live: SmallLedger) -> None:
    """The in-process provider gives what the served one gives."""
    provider: AsyncBaseProvider = LedgerProvider(Rpc(live.engine.chain, live.engine))
    with Sealer(live.engine):
        asyncio.run(_use_as_a_dapp_would(AsyncWeb3(provider)))


def test_the_chain_readers_node_reads_finality_headers_and_proofs(live: SmallLedger) -> None:
    """What `service.node` fetches through a provider is what `core.proof` verifies."""

    async def story() -> None:
        node = Node(LedgerProvider(Rpc(live.engine.chain, live.engine)), "in process")
        transaction = await node.send(signed(account(0), await node.nonce(account(0).address), NOTEPAD, note(1, 2)))
        receipt = await node.receipt(transaction)
        for _ in range(500):
            receipt = receipt or await node.receipt(transaction)
            await asyncio.sleep(0 if receipt else POLL_S)
        assert receipt is not None
        assert receipt.succeeded
        final = verify_seal(live.genesis, *await node.finality())
        assert final.number == receipt.block
        assert await node.headers(0, 2) == (live.genesis.header, final.header.rlp)
        await node.close()

    with Sealer(live.engine):
        asyncio.run(story())


def test_batches_travel_through_both_in_process_providers(ledger: SmallLedger) -> None:
    """web3's batching works without a socket, too."""
    rpc = Rpc(ledger.engine.chain, ledger.engine)
    wanted: list[tuple[RPCEndpoint, Any]] = [(RPCEndpoint("eth_chainId"), []), (RPCEndpoint("eth_blockNumber"), [])]
    blocking = BlockingLedgerProvider(rpc).make_batch_request(wanted)
    patient = asyncio.run(LedgerProvider(rpc).make_batch_request(wanted))
    for answers in (blocking, patient):
        assert [cast("Any", answer)["result"] for answer in answers] == [hex(CHAIN_ID), "0x0"]


def test_the_blocking_provider_serves_plain_web3(ledger: SmallLedger) -> None:
    """Scripts and ape use web3 without an event loop."""
    ledger.write(account(0), 7, 9)
    w3 = Web3(BlockingLedgerProvider(Rpc(ledger.engine.chain, ledger.engine)))
    assert w3.is_connected()
    assert w3.client_version.startswith("Hospes/")
    assert w3.eth.get_balance(Web3.to_checksum_address(account(0).address)) == 10**18
    assert w3.eth.get_storage_at(Web3.to_checksum_address(NOTEPAD), 7) == (9).to_bytes(32)
    proof = cast("Any", w3.eth).get_proof(Web3.to_checksum_address(NOTEPAD), [7, 0], "latest")
    assert [int.from_bytes(item["value"]) for item in proof["storageProof"]] == [9, 0]
    assert bytes(proof["codeHash"]) == keccak(NOTEPAD_CODE)
    with w3.batch_requests() as batch:
        batch.add(w3.eth.get_block(0))
        batch.add(w3.eth.get_block(1))
        blocks = cast("Any", batch.execute())
    assert [block["number"] for block in blocks] == [0, 1]


def test_the_service_answers_browsers_and_operators(live: SmallLedger) -> None:
    """CORS for pages of this machine, health, metrics, and nothing but JSON-RPC at the root."""

    async def story() -> None:
        server = Server(ledger_app(live.engine))
        await server.start()
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
            asked = {"Origin": "http://localhost:5173", "Access-Control-Request-Method": "POST"}
            preflight = await http.options("/", headers=asked)
            assert preflight.headers["access-control-allow-origin"] == "http://localhost:5173"
            assert (await http.get("/health")).json() == {"status": "up"}
            assert (await http.get("/")).status_code == 405
            assert (await http.post("/", content=b"nonsense")).json()["error"]["code"] == -32700
            assert (await http.post("/", content=b'{"jsonrpc":"2.0","method":"eth_chainId"}')).status_code == 204
            large = await http.post("/", content=b" " * ((1 << 23) + 1))
            assert (large.status_code, large.json()["error"]["code"]) == (413, -32602)
            metrics = (await http.get("/metrics")).text
        await server.stop()
        assert "hospes_ledger_head_block 0.0" in metrics
        assert "hospes_ledger_transactions_total 0.0" in metrics

    asyncio.run(story())
