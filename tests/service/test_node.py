"""Whatever a ledger node sends, only our own errors come out of `Node`, and no number that cannot be one."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast

import pytest
from aiohttp import web
from hypothesis import given, strategies as st
from web3.providers.async_base import AsyncBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from hospes.contracts.addresses import ACCESS_LOG
from hospes.core.errors import HospesError
from hospes.core.identities import Account, Address, Hash
from hospes.service.errors import NodeError, UnreachableError
from hospes.service.node import Node
from hospes.service.sender import Sender

ACCOUNT = Account(b"a" * 32)
HASH = Hash(b"h" * 32)


class Saying(AsyncBaseProvider):
    """A node that gives one reply to everything."""

    def __init__(self, reply: object) -> None:
        super().__init__()
        self.reply = reply

    async def make_request(self, method: RPCEndpoint, params: object) -> RPCResponse:
        """Give it."""
        del method, params
        return cast("RPCResponse", self.reply)


def _node(reply: object) -> Node:
    return Node(Saying(reply), "a liar")


async def _nothing_foreign(call: Callable[[], Awaitable[object]]) -> None:
    try:
        await call()
    except HospesError as error:
        told = str(error)
    else:
        told = ""
    assert told.isprintable()


async def _ask_all(node: Node) -> None:
    address = Address(ACCOUNT.address)
    calls: tuple[Callable[[], Awaitable[object]], ...] = (
        node.finality,
        lambda: node.headers(1, 2),
        lambda: node.proof(address, [1], 5),
        lambda: node.logs(address, [HASH], 1, 2),
        lambda: node.send(b"raw"),
        lambda: node.receipt(HASH),
        lambda: node.nonce(address),
        lambda: node.gas(address, address, b""),
        lambda: node.revert_reason(address, address, b""),
        lambda: Sender(node, ACCOUNT, 1).send(ACCESS_LOG, b""),
    )
    for call in calls:
        await _nothing_foreign(call)


HEX = st.one_of(st.from_regex(r"0x[0-9a-f]*", fullmatch=True), st.sampled_from(["-0x5", "0x_1", "0x" + "f" * 65, ""]))
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(), max_size=9), HEX)
KEYS = st.sampled_from(
    ["error", "result", "code", "message", "header", "signature", "accountProof", "storageProof", "proof", "status"]
)
ANY_JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner), max_leaves=8)
REPLIES = st.one_of(
    ANY_JSON,
    st.fixed_dictionaries({"result": ANY_JSON}),
    st.fixed_dictionaries({"error": ANY_JSON}),
    st.fixed_dictionaries({"error": st.dictionaries(KEYS, ANY_JSON)}),
)


@given(REPLIES)
def test_no_reply_gets_a_foreign_error_out(reply: object) -> None:
    """Any JSON is a value or one of our errors, for every method of a node and for a sender that stands on it."""
    asyncio.run(_ask_all(_node(reply)))


@pytest.mark.parametrize(
    "error", [True, [1], 5, 0, "", {}, {"code": [], "message": {}}, {"message": "\x1b[2J\ud800" * 999}]
)
def test_an_error_of_any_type_is_a_refusal(error: object) -> None:
    """What stands at `error` and is not null refuses, and what it says is printable and bounded."""
    with pytest.raises(NodeError) as caught:
        asyncio.run(_node({"error": error}).finality())
    assert caught.value.reason.isprintable()
    assert len(caught.value.reason) < 2000


@pytest.mark.parametrize("number", ["-0x5", "0x", "5", "0x_5", " 0x5", "0x5\n", "0x" + "1" * 65, "0x\u0661", 5, None])
def test_a_number_has_one_form(number: object) -> None:
    """Signs, spaces, underscores, other digits, other types and more than 256 bits are refused."""
    with pytest.raises(NodeError, match="number"):
        asyncio.run(_node({"result": number}).nonce(ACCOUNT.address))


@pytest.mark.parametrize(("text", "number"), [("0x0", 0), ("0x05", 5), ("0xAb", 0xAB), ("0x" + "f" * 64, 2**256 - 1)])
def test_numbers_of_256_bits_are_read(text: str, number: int) -> None:
    """Zeros in front and capitals are what some nodes write."""
    assert asyncio.run(_node({"result": text}).nonce(ACCOUNT.address)) == number


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_hash_has_32_bytes(size: int) -> None:
    """The hash of a transaction that a node names is one, or refused."""
    with pytest.raises(NodeError, match="hash"):
        asyncio.run(_node({"result": "0x" + "00" * size}).send(b"raw"))


@asynccontextmanager
async def _serving(body: bytes) -> AsyncGenerator[str]:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    "body",
    [b"[]", b"null", b"1", b'"x"', b"{}", b'[{"result":{}}]', b"[" * 100_000, b"\xff\xfe", b"9" * 10_000, b"",
     b'{"result":' + b"[" * 50_000 + b"]" * 50_000 + b"}", json.dumps({"error": True}).encode()],
)  # fmt: skip
def test_bytes_over_a_wire_are_an_answer_or_our_error(body: bytes) -> None:
    """No depth, no form and no text that is not JSON ends in an error of a library."""

    async def story() -> None:
        async with _serving(body) as address:
            node = Node.at(address)
            with pytest.raises((NodeError, UnreachableError)):
                await node.finality()
            await node.close()

    asyncio.run(story())
