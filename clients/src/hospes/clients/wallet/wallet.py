"""One traveller's wallet at work on one network: its secret, its book, and how it reaches and reads the network.

It holds the parts together and nothing else; what is done with them stands in the module named after it (`deposit`,
`consent`, `accesses`). Time and randomness come in, so that every flow runs with a fixed clock.
"""

import os
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from hospes.clients.wallet.book import Book
from hospes.clients.wallet.errors import WalletFileError
from hospes.clients.wallet.pages import JourneyPage, Pages
from hospes.clients.wallet.secret import RootSecret
from hospes.core.cards import GATE_SECRET_BYTES
from hospes.core.genesis import Genesis
from hospes.core.identities import Hash, MemberId
from hospes.core.journeys import JourneyKeys
from hospes.core.proof import FinalHeader
from hospes.core.typed_data import Domain, Message, digest
from hospes.service.chain import ChainReader
from hospes.service.client import connection
from hospes.service.memory import FileMemory
from hospes.service.network import Network
from hospes.service.node import Node


@dataclass(frozen=True, slots=True)
class WalletFiles:
    """Where a wallet keeps what."""

    directory: Path

    @property
    def secret(self) -> Path:
        """The sealed root secret."""
        return self.directory / "secret"

    @property
    def book(self) -> Path:
        """The sealed book."""
        return self.directory / "book"

    @property
    def unfinished(self) -> Path:
        """Sealed blocks of deposits that are under way."""
        return self.directory / "unfinished"

    @property
    def depositing(self) -> Path:
        """The lock of whoever deposits or erases: two at once could deposit a document twice, or an erased one."""
        return self.directory / "depositing.lock"

    def highest(self, genesis: Genesis) -> Path:
        """Return where the highest final block seen is remembered, so that no node can take the wallet back in time."""
        return self.directory / f"highest-block-{genesis.pin()[:8].hex()}"


class Wallet:
    """The parts, open.

    Parameters
    ----------
    secret : RootSecret
    files : WalletFiles
    reader : ChainReader
        Of the network.
    stores : tuple of MemberId
        Members that run a store.
    http : httpx.AsyncClient
        Whoever made it closes it.
    clock : callable
        Unix seconds.
    entropy : callable
        Returns that many random bytes.
    """

    def __init__(
        self,
        secret: RootSecret,
        files: WalletFiles,
        reader: ChainReader,
        stores: tuple[MemberId, ...],
        http: httpx.AsyncClient,
        *,
        clock: Callable[[], float] = time.time,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.secret, self.files, self.reader, self.stores, self.http = secret, files, reader, stores, http
        self.clock, self.entropy = clock, entropy
        self.book = Book(files.book, secret.book_key(), entropy)

    @property
    def chain_id(self) -> int:
        """Of the network."""
        return self.reader.genesis.chain_id

    @property
    def network(self) -> Hash:
        """The pin of the network's genesis."""
        return self.reader.genesis.pin()

    @property
    def domain(self) -> Domain:
        """The signing domain of the network."""
        return self.reader.domain

    def now(self) -> int:
        """Return the wallet's time, whole Unix seconds."""
        return int(self.clock())

    def time_at(self, final: FinalHeader) -> int:
        """Return the later of the wallet's time and a final block's: others count from that at least."""
        return max(self.now(), final.time)

    def salt(self) -> Hash:
        """Draw a salt."""
        return Hash(self.entropy(32))

    def journeys(self) -> tuple[JourneyPage, ...]:
        """Return the journeys on this network, in the order they began."""
        return self.book.read().on(self.network)

    def journey(self, index: int | None = None) -> JourneyPage:
        """Return a journey, the latest when none is named, or raise `NoJourneyError`."""
        return self.book.read().journey(self.network, index)

    def keys(self, journey: JourneyPage) -> JourneyKeys:
        """Return a journey's keys."""
        return self.secret.journey(journey.chain_id, journey.index)

    def sign(self, journey: JourneyPage, message: Message) -> bytes:
        """Sign a message with a journey's key."""
        return self.keys(journey).account.sign(digest(self.domain, message))

    async def new_journey(self, name: str) -> JourneyPage:
        """Begin a journey under a key that the chain has never seen.

        The chain is asked, since a wallet that lost its book must not take up an old address again: two journeys under
        one address could be linked.
        """
        tip = await self.reader.tip()
        index = self.book.read().next_index(self.chain_id)
        while (await self.reader.journal(self.secret.journey(self.chain_id, index).address, tip)).entries:
            index += 1
        gate_secret, address = self.entropy(GATE_SECRET_BYTES), self.secret.journey(self.chain_id, index).address
        page = JourneyPage(self.network, self.chain_id, index, address, name, gate_secret, self.now())

        def begun(pages: Pages) -> Pages:
            if any(other.address == address for other in pages.journeys):
                raise WalletFileError(self.files.book, "another program began a journey just now; please repeat")
            return pages.with_journey(page)

        self.book.change(begun)
        return page


async def require_ledger(network: Network) -> None:
    """Refuse a network whose ledger does not answer, by `UnreachableError` or `NodeError`; it proves nothing."""
    node = Node.at(network.ledger_url)
    try:
        await node.finality()
    finally:
        await node.close()


@asynccontextmanager
async def at_work(secret: RootSecret, files: WalletFiles, network: Network) -> AsyncGenerator[Wallet, None]:
    """Open a wallet on a network, and close its connections at the end."""
    node = Node.at(network.ledger_url)
    reader = ChainReader(node, network.genesis, FileMemory(files.highest(network.genesis)))
    async with connection() as http:
        try:
            yield Wallet(secret, files, reader, network.stores, http)
        finally:
            await node.close()
