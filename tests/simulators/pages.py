"""A network at work with the wallet's page in front of it: what a traveller's browser has before it.

The network is the embedded one, on free ports, with a clock that nobody turns. The browser is `browser`'s.
"""

import asyncio
import os
import threading
import time
from collections.abc import AsyncGenerator, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from hospes.app.embedded import EmbeddedNetwork
from hospes.app.founding import Ports, found
from hospes.clients.hospital import Hospital
from hospes.clients.hospital.hospital import OpenedRecords
from hospes.clients.wallet.page import page_app
from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG
from hospes.core import wire
from hospes.core.bodies import GrantFile
from hospes.core.cards import Card
from hospes.core.identities import Address, MemberId, keccak
from hospes.core.messages import TREATMENT
from hospes.service.chain import ChainReader
from hospes.service.client import connection
from hospes.service.http import Server
from hospes.service.membership import load_member
from hospes.service.node import Node
from hospes.service.sender import Sender

T = TypeVar("T")


class Served:
    """An embedded network and the page for it, running in a thread; use `served`.

    Attributes
    ----------
    running : EmbeddedNetwork
    page : Server
        Of the wallet's page.
    """

    def __init__(self, directory: Path) -> None:
        self.network = found(directory / "network", Ports.free(), int(time.time()))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.running = self.run(self._start())
        self.page = self.run(self._serve(0))

    @property
    def url(self) -> str:
        """Where the page is: by name, since a passkey belongs to a name."""
        return self.page.url.replace("127.0.0.1", "localhost")

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the network's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def stop_page(self) -> None:
        """Take the page's server away; the network goes on."""
        self.run(self.page.stop())

    def start_page(self) -> None:
        """Serve the page again where it was."""
        port = int(self.page.url.rpartition(":")[2])
        self.page = self.run(self._serve(port))

    def break_glass(self, card: str, practitioner: str, hospital: str = "hospital-badajoz") -> OpenedRecords:
        """Let a hospital read the emergency summary with a card."""
        return self.run(self._break_glass(card, practitioner, MemberId(hospital)))

    def read_with(self, file: bytes, practitioner: str, hospital: str) -> OpenedRecords:
        """Let a hospital read a patient summary with a grant that the traveller handed to it."""
        return self.run(self._read_with(file, practitioner, MemberId(hospital)))

    def mark(self, card: str, hospital: str = "hospital-evora") -> None:
        """Let a hospital mark the log of a card's journey, and ask no keeper."""
        self.run(self._mark(Card.decode(card).journey, MemberId(hospital)))

    def close(self) -> None:
        """Stop everything."""
        self.run(self.page.stop())
        self.run(self.running.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self) -> EmbeddedNetwork:
        running = EmbeddedNetwork(self.network)
        await running.start()
        return running

    async def _serve(self, port: int) -> Server:
        server = Server(page_app(self.network, self.running.addresses.values()), port=port)
        await server.start()
        return server

    async def _break_glass(self, card: str, practitioner: str, name: MemberId) -> OpenedRecords:
        async with self._hospital(name) as hospital:
            return await hospital.break_glass(Card.decode(card), practitioner)

    async def _read_with(self, file: bytes, practitioner: str, name: MemberId) -> OpenedRecords:
        given = wire.decode(GrantFile, file)
        async with self._hospital(name) as hospital:
            what, shown = ("patient-summary",), (given.shown,)
            return await hospital.read(given.journey, what, TREATMENT, practitioner, shown)

    async def _mark(self, journey: Address, name: MemberId) -> None:
        async with self._hospital(name) as hospital:
            await hospital.sender.send(ACCESS_LOG, calls.append(journey, keccak(os.urandom(32))))

    @asynccontextmanager
    async def _hospital(self, name: MemberId) -> AsyncGenerator[Hospital]:
        keys, node = load_member(self.network.member_file(name)), Node.at(self.network.ledger_url)
        sender = Sender(node, keys.account, self.network.genesis.chain_id)
        chain = ChainReader(node, self.network.genesis)
        async with connection() as http:
            try:
                yield Hospital(keys, chain, sender, http, self.network.stores, time.time, os.urandom)
            finally:
                await node.close()


@contextmanager
def served(directory: Path) -> Generator[Served]:
    """Found and run a network with the page, until the end of the block."""
    place = Served(directory)
    try:
        yield place
    finally:
        place.close()
