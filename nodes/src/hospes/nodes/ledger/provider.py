"""web3.py's providers for a ledger in the same process: the served dispatch, without a socket.

Requests and answers pass through the same bytes as over HTTP, so nothing works here that would not work there.

Sources: web3.py 7.16, ``web3.providers.async_base`` and ``web3.providers.base``.
"""

import asyncio
from typing import Any, cast

from web3.providers import JSONBaseProvider
from web3.providers.async_base import AsyncJSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from hospes.nodes.ledger.rpc import Rpc

Responses = list[RPCResponse] | RPCResponse


class LedgerProvider(AsyncJSONBaseProvider):
    """An asynchronous provider; work runs in threads, so that the event loop stays free.

    Parameters
    ----------
    rpc : Rpc
    """

    def __init__(self, rpc: Rpc) -> None:
        super().__init__()
        self._rpc = rpc

    async def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:  # noqa: ANN401 - web3's signature
        """Answer one call."""
        answer = await asyncio.to_thread(self._rpc.answer, self.encode_rpc_request(method, params))
        return self.decode_rpc_response(answer or b"")

    async def make_batch_request(self, requests: list[tuple[RPCEndpoint, Any]]) -> Responses:
        """Answer several calls."""
        body = self.encode_batch_rpc_request(requests)
        answer = await asyncio.to_thread(self._rpc.answer, body)
        return cast("Responses", self.decode_rpc_response(answer or b"[]"))

    async def disconnect(self) -> None:
        """Do nothing: there is nothing between."""


class BlockingLedgerProvider(JSONBaseProvider):
    """A blocking provider.

    Parameters
    ----------
    rpc : Rpc
    """

    def __init__(self, rpc: Rpc) -> None:
        super().__init__()
        self._rpc = rpc

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:  # noqa: ANN401 - web3's signature
        """Answer one call."""
        return self.decode_rpc_response(self._rpc.answer(self.encode_rpc_request(method, params)) or b"")

    def make_batch_request(self, requests: list[tuple[RPCEndpoint, Any]]) -> Responses:
        """Answer several calls."""
        answer = self._rpc.answer(self.encode_batch_rpc_request(requests))
        return cast("Responses", self.decode_rpc_response(answer or b"[]"))
