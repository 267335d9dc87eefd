"""A node that lies: it answers as the honest one does, except where a test meddles."""

from collections.abc import Awaitable, Callable
from typing import Any

from web3.providers.async_base import AsyncBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from hospes.nodes.ledger.provider import LedgerProvider
from hospes.nodes.ledger.rpc import Rpc
from hospes.service.node import Node
from tests.simulators.world import World


class Meddler(AsyncBaseProvider):
    """A node that answers as another does, except where the test meddles.

    Attributes
    ----------
    asked : list of (method, parameters)
    """

    def __init__(self, world: World) -> None:
        super().__init__()
        self._honest = LedgerProvider(Rpc(world.engine.chain, world.engine))
        self.asked: list[tuple[str, Any]] = []
        self.meddle: Callable[[str, object], Awaitable[object] | None] = lambda _, __: None

    async def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:  # noqa: ANN401 - web3's signature
        """Answer one call."""
        self.asked.append((method, params))
        answer = self.meddle(method, params)
        if answer is not None:
            return {"jsonrpc": "2.0", "id": 1, "result": await answer}
        return await self._honest.make_request(method, params)

    async def honest(self, method: str, params: object) -> object:
        """Return what the honest node answers."""
        response = await self._honest.make_request(RPCEndpoint(method), params)
        return response.get("result")

    async def disconnect(self) -> None:
        """Do nothing."""

    def node(self) -> Node:
        """Return the node."""
        return Node(self, "meddler")
