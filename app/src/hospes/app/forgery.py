"""An attack, for the demonstration: all keepers read the chain through nodes that serve a stranger's continuation.

The copy is a real ledger with the same history; only the key that seals its new blocks is not the pinned authority's.
The attacker's own client believes the stranger, as an attacker's would; the keepers' readers are the honest ones.
"""

import os
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from hospes.app.embedded import EmbeddedNetwork
from hospes.core.chain import seal_digest
from hospes.core.identities import Account, Address, keccak
from hospes.nodes.ledger.engine import Engine
from hospes.nodes.ledger.fork import copy_ledger
from hospes.nodes.ledger.service import ledger_app
from hospes.service.chain import ChainReader
from hospes.service.http import Server
from hospes.service.node import FINALIZED, Node

FORGERY_FOLDER: Final = "forgery"


class _StrangersNode(Node):
    """A node whose every block, also the old ones, is sealed by the stranger: the attacker's client believes it."""

    def __init__(self, honest: Node, stranger: Account, chain_id: int) -> None:
        super().__init__(honest.provider, honest.name)
        self._stranger, self._chain_id = stranger, chain_id

    async def finality(self, block: int | str = FINALIZED) -> tuple[bytes, bytes]:
        """Return a header under the stranger's seal."""
        header, _ = await super().finality(block)
        return header, self._stranger.sign(seal_digest(self._chain_id, keccak(header)))


class Forgery:
    """The attack, between entering and leaving.

    Parameters
    ----------
    running : EmbeddedNetwork
        Its keepers' nodes lie meanwhile, and are honest again afterwards.

    Attributes
    ----------
    stranger : Address
        Who seals the copy.
    chain : ChainReader
        The copy, as the attacker sees it.
    """

    def __init__(self, running: EmbeddedNetwork) -> None:
        self._running = running
        self._account = Account(os.urandom(32))
        self.stranger: Address = self._account.address
        directory: Path = running.network.directory / FORGERY_FOLDER
        copy_ledger(running.engine.chain, directory)
        self._server = Server(ledger_app(Engine.open(directory, self._account, stranger=True)))
        self._honest = {name: chain.node for name, chain in running.keeper_chains.items()}

    async def __aenter__(self) -> Self:
        """Serve the copy and turn the keepers' nodes to it."""
        await self._server.start()
        self._node = Node.at(self._server.url)
        genesis = replace(self._running.network.genesis, authority=self.stranger)
        self.chain = ChainReader(_StrangersNode(self._node, self._account, genesis.chain_id), genesis)
        for chain in self._running.keeper_chains.values():
            chain.node = self._node
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Give the keepers their honest nodes back and stop the copy."""
        for name, chain in self._running.keeper_chains.items():
            chain.node = self._honest[name]
        await self._node.close()
        await self._server.stop()
