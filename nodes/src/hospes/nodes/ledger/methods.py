"""The methods that the ledger serves, by name.

It does not know the envelope they come in (`rpc` does). ``latest``, ``safe`` and ``finalized`` are one block, and
``pending`` is it, too, except where a client asks for its next nonce.

Sources: Ethereum JSON-RPC specification; PROTOCOL section 2 ("Finality proof"); the calls that web3.py, ape, viem and
MetaMask were seen to make.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from hospes.core.errors import MalformedError
from hospes.core.identities import to_hex
from hospes.nodes.ledger.arguments import Arguments
from hospes.nodes.ledger.calls import Calls
from hospes.nodes.ledger.chain import Chain
from hospes.nodes.ledger.database import Table
from hospes.nodes.ledger.engine import Engine
from hospes.nodes.ledger.errors import UnknownBlockError
from hospes.nodes.ledger.logs import find_logs
from hospes.nodes.ledger.metering import Budget
from hospes.nodes.ledger.quantities import read_number, show_number, show_slot
from hospes.nodes.ledger.shapes import (
    Shape,
    block_shape,
    log_shape,
    proof_shape,
    receipt_shapes,
    sealed_transaction_shape,
    transaction_shape,
)

MAX_HEADERS: Final = 1024
"""PROTOCOL section 2: ``hospes_getHeaders(from, count <= 1024)``."""
MAX_SLOTS: Final = 4096
"""Slots in one ``eth_getProof``."""
_MAX_FEE_BLOCKS: Final = 1024
_MAX_PERCENTILES: Final = 100
_CACHED_RECEIPTS: Final = 16

Method = Callable[[Arguments], object]


def client_version() -> str:
    """Return what ``web3_clientVersion`` tells."""
    try:
        number = version("hospes")
    except PackageNotFoundError:
        number = "unknown"
    return f"Hospes/{number}/embedded-trusted-authority"


class Methods:
    """Serves one chain; without an engine it only reads.

    Parameters
    ----------
    chain : Chain
    engine : Engine, optional
        Takes transactions.
    """

    def __init__(self, chain: Chain, engine: Engine | None = None) -> None:
        self._chain = chain
        self._engine = engine
        self._calls = Calls(chain)
        self._receipts = lru_cache(_CACHED_RECEIPTS)(self._make_receipts)

    def table(self) -> Mapping[str, Method]:
        """Return every method by its name on the wire."""
        methods: dict[str, Method] = {
            "eth_accounts": lambda _: [],
            "eth_blockNumber": lambda _: show_number(self._chain.head_number()),
            "eth_call": lambda args: to_hex(self._calls.call(args.block(1), args.call(0), args.budget)),
            "eth_chainId": lambda _: show_number(self._chain.chain_id),
            "eth_estimateGas": self._estimate,
            "eth_feeHistory": self._fee_history,
            "eth_gasPrice": lambda _: show_number(self._chain.head().header.base_fee_per_gas or 0),
            "eth_getBalance": lambda args: show_number(self._chain.account(args.block(1), args.address(0)).balance),
            "eth_getBlockByHash": self._block_by_hash,
            "eth_getBlockByNumber": self._block_by_number,
            "eth_getBlockReceipts": lambda args: self._receipts(args.block(0)),
            "eth_getCode": lambda args: to_hex(self._chain.code(args.block(1), args.address(0))),
            "eth_getLogs": self._logs,
            "eth_getProof": self._proof,
            "eth_getStorageAt": self._storage,
            "eth_getTransactionByHash": self._transaction,
            "eth_getTransactionCount": self._transaction_count,
            "eth_getTransactionReceipt": self._receipt,
            "eth_maxPriorityFeePerGas": lambda _: "0x0",
            "eth_syncing": lambda _: False,
            "hospes_getFinality": self._finality,
            "hospes_getGenesis": lambda _: json.loads(self._chain.genesis.encode()),
            "hospes_getHeaders": self._headers,
            "hospes_getTotals": self._totals,
            "net_listening": lambda _: True,
            "net_version": lambda _: str(self._chain.chain_id),
            "web3_clientVersion": lambda _: client_version(),
        }
        if self._engine is not None:
            submit = self._engine.submit
            methods["eth_sendRawTransaction"] = lambda args: to_hex(submit(args.data(0)))
        return methods

    def _block_by_number(self, args: Arguments) -> Shape | None:
        return self._block(args.block_number(0), full=args.flag(1))

    def _block_by_hash(self, args: Arguments) -> Shape | None:
        try:
            number = self._chain.number_of(args.hash(0))
        except UnknownBlockError:
            return None
        return self._block(number, full=args.flag(1))

    def _block(self, number: int, *, full: bool) -> Shape | None:
        try:
            return block_shape(self._chain.block(number), full=full)
        except UnknownBlockError:
            return None

    def _estimate(self, args: Arguments) -> object:
        """Estimate as of now for the head, and as of the block after it for any other."""
        block = args.block(1)
        now = 0 if self._engine is None or block != self._chain.head_number() else self._engine.next_time()
        return show_number(self._calls.estimate(block, args.call(0), args.budget, now))

    def _make_receipts(self, number: int) -> list[Shape]:
        return receipt_shapes(self._chain.block(number))

    def _transaction(self, args: Arguments) -> Shape | None:
        key = args.hash(0)
        place = self._chain.place_of(key)
        if place is not None:
            return sealed_transaction_shape(self._chain.block(place.block), place.index)
        waiting = self._engine.waiting(key) if self._engine is not None else None
        return None if waiting is None else transaction_shape(waiting)

    def _receipt(self, args: Arguments) -> Shape | None:
        place = self._chain.place_of(args.hash(0))
        return None if place is None else self._receipts(place.block)[place.index]

    def _transaction_count(self, args: Arguments) -> str:
        account = args.address(0)
        if args.get(1) == "pending" and self._engine is not None:
            return show_number(self._engine.next_nonce(account))
        return show_number(self._chain.account(args.block(1), account).nonce)

    def _logs(self, args: Arguments) -> list[Shape]:
        return [log_shape(log) for log in find_logs(self._chain, args.log_query(0), args.budget)]

    def _storage(self, args: Arguments) -> str:
        return f"0x{self._chain.word(args.block(2), args.address(0), args.number(1)):064x}"

    def _proof(self, args: Arguments) -> Shape:
        asked = args.items(1, MAX_SLOTS)
        slots = [read_number(slot, "params[1]") for slot in asked]
        proof = self._chain.proof(args.block(2), args.address(0), _within(args.budget, slots))
        return proof_shape(proof, (show_slot(key, slot) for key, slot in zip(asked, slots, strict=True)))

    def _fee_history(self, args: Arguments) -> Shape:
        newest = args.block(1)
        count = max(1, min(args.number(0), newest + 1, _MAX_FEE_BLOCKS))
        percentiles = args.items(2, _MAX_PERCENTILES)
        headers = [self._chain.header(number) for number in range(newest - count + 1, newest + 1)]
        fees = [show_number(header.base_fee_per_gas or 0) for header in headers]
        history: Shape = {
            "oldestBlock": show_number(newest - count + 1),
            "baseFeePerGas": [*fees, show_number(0)],
            "baseFeePerBlobGas": ["0x1"] * (count + 1),
            "blobGasUsedRatio": [0.0] * count,
            "gasUsedRatio": [header.gas_used / header.gas_limit for header in headers],
        }
        return history | ({"reward": [["0x0"] * len(percentiles)] * count} if percentiles else {})

    def _finality(self, args: Arguments) -> Shape:
        number = args.block(0)
        return {"header": to_hex(self._chain.header_rlp(number)), "signature": to_hex(self._chain.seal(number))}

    def _totals(self, _: Arguments) -> Shape:
        transactions = self._chain.database.total(Table.PLACES)
        return {"blocks": show_number(self._chain.head_number() + 1), "transactions": show_number(transactions)}

    def _headers(self, args: Arguments) -> list[str]:
        first, count = args.block_number(0), args.number(1)
        if count > MAX_HEADERS:
            raise MalformedError("number", "params[1]", f"at most {MAX_HEADERS} headers are given at once")
        last = min(first + count - 1, self._chain.head_number())
        return [to_hex(self._chain.header_rlp(number)) for number in range(first, last + 1)]


def _within(budget: Budget, slots: Iterable[int]) -> Iterator[int]:
    """Yield slots for as long as the budget lasts."""
    for slot in slots:
        budget.check()
        yield slot
