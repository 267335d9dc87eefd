"""One ledger node over Ethereum JSON-RPC, by web3: fetches, never believes.

What comes back is bytes that `chain` verifies against the pinned genesis, or plain numbers that only help to send a
transaction. The engine behind the address does not matter: in process, embedded over HTTP, or a network.

Sources: Ethereum JSON-RPC, EIP-1186, PROTOCOL section 2 ("Finality proof").
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from aiohttp import ClientConnectionError, ClientError
from web3 import AsyncHTTPProvider
from web3.exceptions import Web3Exception
from web3.providers.async_base import AsyncBaseProvider
from web3.types import RPCEndpoint

from hospes.core.errors import MalformedError
from hospes.core.identities import HASH_BYTES, Address, Hash, from_hex, to_hex
from hospes.core.printing import printable
from hospes.core.proof import AccountProof, SlotProof
from hospes.service.errors import NodeError, UnreachableError

TIMEOUT_S: Final = 10.0
"""A node that takes longer is as good as dead to somebody with a patient on the table."""
FINALIZED: Final = "finalized"
_QUANTITY: Final = re.compile("0x[0-9a-fA-F]{1,64}", re.ASCII)
"""Up to 256 bits; `int` alone would take signs, underscores and spaces too."""


@dataclass(frozen=True, slots=True)
class Log:
    """One event as a node gave it: unproven."""

    topics: tuple[Hash, ...]
    data: bytes
    block: int
    transaction: Hash


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a node says of a transaction: unproven."""

    transaction: Hash
    block: int
    succeeded: bool


class Node:
    """A ledger node.

    Parameters
    ----------
    provider : AsyncBaseProvider
        Any of web3's; `Node.at` makes one from an address.
    name : str
        How errors call it.
    """

    def __init__(self, provider: AsyncBaseProvider, name: str) -> None:
        self.provider = provider
        self.name = name

    @classmethod
    def at(cls, address: str) -> "Node":
        """Return the node behind ``http://...``."""
        kwargs: dict[str, Any] = {"timeout": TIMEOUT_S}
        return cls(AsyncHTTPProvider(address, request_kwargs=kwargs, exception_retry_configuration=None), address)

    async def close(self) -> None:
        """Close idle connections; harmless when called twice."""
        await self.provider.disconnect()

    async def request(self, method: str, *parameters: object) -> object:
        """Return the result of one call.

        Raises
        ------
        UnreachableError
            When the node did not answer.
        NodeError
            When it answered with an error, or with what is no answer.
        """
        try:
            response = await self.provider.make_request(RPCEndpoint(method), list(parameters))
        except (ClientError, Web3Exception, OSError, TimeoutError, ValueError, RecursionError) as error:
            raise UnreachableError(f"the ledger node {self.name}", _in_words(error)) from error
        reply = _mapping(method, response)  # whatever the client's types say, a node may have sent any JSON
        failure = reply.get("error")
        if failure is not None:
            raise _node_error(method, failure)
        if "result" not in reply:
            raise NodeError(method, "no result")
        return reply["result"]

    async def finality(self, block: int | str = FINALIZED) -> tuple[bytes, bytes]:
        """Return (header RLP, seal) of a block, unverified."""
        method = "hospes_getFinality"
        answer = _mapping(method, await self.request(method, _tag(block)))
        return _bytes(method, answer, "header"), _bytes(method, answer, "signature")

    async def headers(self, first: int, count: int) -> tuple[bytes, ...]:
        """Return up to `count` (at most 1,024) headers' RLP from block `first` on, unverified."""
        method = "hospes_getHeaders"
        answer = await self.request(method, hex(first), hex(count))
        return tuple(_hex(method, item) for item in _list(method, answer))

    async def proof(self, address: Address, slots: Iterable[int], block: int) -> AccountProof:
        """Return the proof of an account and of slots of it, unverified."""
        method, wanted = "eth_getProof", list(slots)
        keys = [to_hex(slot.to_bytes(32)) for slot in wanted]
        answer = _mapping(method, await self.request(method, to_hex(address), keys, hex(block)))
        nodes = tuple(_hex(method, node) for node in _list(method, answer.get("accountProof")))
        given = _list(method, answer.get("storageProof"))
        if len(given) != len(wanted):
            raise NodeError(method, "it gave another number of slots")
        proofs = (_list(method, _mapping(method, item).get("proof")) for item in given)
        found = tuple(
            SlotProof(slot, tuple(_hex(method, node) for node in proof))
            for slot, proof in zip(wanted, proofs, strict=True)
        )
        return AccountProof(address, nodes, found)

    async def logs(self, address: Address, topics: Sequence[Hash | None], first: int, last: int) -> tuple[Log, ...]:
        """Return the events of a contract between two blocks, both included, unproven."""
        method = "eth_getLogs"
        wanted = [None if topic is None else to_hex(topic) for topic in topics]
        query = {"address": to_hex(address), "topics": wanted, "fromBlock": hex(first), "toBlock": hex(last)}
        answer = await self.request(method, query)
        return tuple(_log(method, _mapping(method, item)) for item in _list(method, answer))

    async def send(self, raw: bytes) -> Hash:
        """Hand in a signed transaction and return its hash."""
        method = "eth_sendRawTransaction"
        return _hash(method, await self.request(method, to_hex(raw)))

    async def receipt(self, transaction: Hash) -> Receipt | None:
        """Return what became of a transaction, or None while it is in no block."""
        method = "eth_getTransactionReceipt"
        answer = await self.request(method, to_hex(transaction))
        if answer is None:
            return None
        members = _mapping(method, answer)
        return Receipt(transaction, _integer(method, members, "blockNumber"), _integer(method, members, "status") == 1)

    async def nonce(self, account: Address) -> int:
        """Return the next free nonce, queued transactions counted."""
        method = "eth_getTransactionCount"
        return _quantity(method, await self.request(method, to_hex(account), "pending"))

    async def gas(self, sender: Address, to: Address, data: bytes) -> int:
        """Return how much gas a call would take, or raise `NodeError` with the contract's reason against it."""
        method = "eth_estimateGas"
        call = {"from": to_hex(sender), "to": to_hex(to), "data": to_hex(data)}
        return _quantity(method, await self.request(method, call))

    async def revert_reason(self, sender: Address, to: Address, data: bytes, block: int | str = FINALIZED) -> str:
        """Return why a call fails, or an empty string when it would not."""
        call = {"from": to_hex(sender), "to": to_hex(to), "data": to_hex(data)}
        try:
            await self.request("eth_call", call, _tag(block))
        except NodeError as error:
            return error.reason
        return ""


def _in_words(error: Exception) -> str:
    """Return why no answer came, for somebody who need not know the client's library."""
    match error:
        case TimeoutError():
            return f"it did not answer within {TIMEOUT_S:g} s"
        case ClientConnectionError() | ConnectionError():
            return "nobody answers there; is it running?"
        case _:
            return "what answers there is no ledger; is its address right?"


def _tag(block: int | str) -> str:
    return block if isinstance(block, str) else hex(block)


def _node_error(method: str, failure: object) -> NodeError:
    members = cast("Mapping[str, object]", failure) if isinstance(failure, Mapping) else {"message": failure}
    code, message = members.get("code"), members.get("message")
    reason = printable(message) if isinstance(message, str) else "no reason given"
    return NodeError(method, reason, code if isinstance(code, int) else 0)


def _mapping(method: str, answer: object) -> Mapping[str, object]:
    if not isinstance(answer, Mapping):
        raise NodeError(method, "the answer is not an object")
    return cast("Mapping[str, object]", answer)


def _list(method: str, answer: object) -> Sequence[object]:
    if not isinstance(answer, list):
        raise NodeError(method, "the answer is not a list")
    return cast("list[object]", answer)


def _hex(method: str, value: object) -> bytes:
    if not isinstance(value, str):
        raise NodeError(method, "the answer holds something else than hexadecimal")
    try:
        return from_hex(value.lower(), None, method)
    except MalformedError as error:
        raise NodeError(method, error.reason) from error


def _bytes(method: str, answer: Mapping[str, object], key: str) -> bytes:
    return _hex(method, answer.get(key))


def _hash(method: str, value: object) -> Hash:
    found = _hex(method, value)
    if len(found) != HASH_BYTES:
        raise NodeError(method, "the answer holds a hash of another size")
    return Hash(found)


def _quantity(method: str, value: object) -> int:
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise NodeError(method, "the answer holds something else than a number")
    return int(value, 16)


def _integer(method: str, answer: Mapping[str, object], key: str) -> int:
    return _quantity(method, answer.get(key))


def _log(method: str, item: Mapping[str, object]) -> Log:
    topics = tuple(_hash(method, topic) for topic in _list(method, item.get("topics")))
    transaction = _hash(method, item.get("transactionHash"))
    return Log(topics, _bytes(method, item, "data"), _integer(method, item, "blockNumber"), transaction)
