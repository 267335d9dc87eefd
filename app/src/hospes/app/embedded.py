"""The embedded network: ledger, keepers, hospitals, oracles and store of the roster in one process, each with its port.

The parts speak to each other over HTTP on loopback, as they would between members. One process is convenient, not
independent: whoever runs it could read every keeper's shares, so it is for trying, teaching and testing.
"""

import os
import secrets
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fastapi import FastAPI

from hospes.app.founding import LEDGER_FOLDER, load_authority
from hospes.app.roster import DOCTORS, HOSPITALS, KEEPERS, ORACLES, STORE, Place
from hospes.clients.hospital.configuration import GatewayConfiguration, gateway_directory
from hospes.clients.hospital.desk import Desk
from hospes.clients.hospital.gateway import gateway_app
from hospes.clients.hospital.hospital import Hospital
from hospes.clients.hospital.page_files import PAGE
from hospes.clients.hospital.tokens import TOKEN_BYTES, Badge, hash_of
from hospes.clients.wallet.page import PORT as WALLET_PAGE_PORT, page_app
from hospes.core.errors import ConfigurationError
from hospes.core.identities import MemberId
from hospes.core.messages import TREATMENT
from hospes.nodes.keeper.configuration import KeeperConfiguration
from hospes.nodes.keeper.keeper import MEMORY_FILE, Keeper
from hospes.nodes.ledger.engine import Engine
from hospes.nodes.ledger.service import ledger_app
from hospes.nodes.store.blocks import SqliteBlocks
from hospes.nodes.store.service import StoreService
from hospes.oracle.configuration import OracleConfiguration
from hospes.oracle.oracle import Oracle, open_oracle
from hospes.service.chain import ChainReader
from hospes.service.client import connection
from hospes.service.http import Server
from hospes.service.membership import MemberKeys, load_member
from hospes.service.memory import FileMemory
from hospes.service.network import Network
from hospes.service.node import Node
from hospes.service.relay import Relay
from hospes.service.sender import Sender

KEEPERS_FOLDER: Final = "keepers"
ORACLES_FOLDER: Final = "oracles"
STORE_FILE: Final = "store/blocks.sqlite"
GRACE_S: Final = 0.0
"""Erased shares are deleted at once: nobody's wallet can be stolen from a demonstration (PROTOCOL section 8)."""
TOKEN_S: Final = 86_400
"""Seconds that a console's token lasts: a day of trying."""


class NotServedError(ConfigurationError):
    """A service of the network that could not begin to listen.

    Parameters
    ----------
    name : str
        Which.
    url : str
        Where the registry says that it is; another port would be another address.
    reason : str
    """

    def __init__(self, name: str, url: str, reason: str) -> None:
        self.name, self.url = name, url
        advice = "end the other program, or found another network beside this one with: hospes up --data DIR"
        super().__init__(url, f"{name} cannot listen here: {reason}; {advice}")


@dataclass(frozen=True, slots=True)
class OracleTables:
    """What all oracles go by; each None for what comes with `hospes.oracle`.

    Attributes
    ----------
    policy : Path or None
        When to alert.
    facilities : Path or None
        Hospitals with their places.
    members : Path or None
        Which member a facility belongs to.
    """

    policy: Path | None = None
    facilities: Path | None = None
    members: Path | None = None


OWN_TABLES: Final = OracleTables()


class EmbeddedNetwork:
    """A founded network, running between `start` and `stop`.

    Parameters
    ----------
    network : Network
    tables : OracleTables

    Attributes
    ----------
    engine : Engine
        The ledger.
    addresses : dict of MemberId to str
        Where each member listens, as the registry says.
    keeper_chains : dict of MemberId to ChainReader
        What each keeper sees of the chain, through a node that can be replaced by a lying one.
    desks : dict of MemberId to Desk
        What the people of each hospital work with.
    oracles : dict of MemberId to Oracle
        Each hears devices on a port of its own, `Oracle.tcp.port`, which its reply to an enrolment names.
    consoles : dict of MemberId to str
        Where each hospital's console is, with a token for this run behind the ``#``, which no browser sends.
    wallet_page : str
        Where the traveller's page is, once `serve_wallet_page` has been called; empty before.
    """

    def __init__(self, network: Network, tables: OracleTables = OWN_TABLES) -> None:
        self.network, self._tables = network, tables
        self.addresses: dict[MemberId, str] = {}
        self.keeper_chains: dict[MemberId, ChainReader] = {}
        directory, pin = network.directory / LEDGER_FOLDER, network.genesis.pin()
        self.engine = Engine.open(directory, load_authority(network.directory), pin=pin)
        self.desks: dict[MemberId, Desk] = {}
        self.oracles: dict[MemberId, Oracle] = {}
        self.consoles: dict[MemberId, str] = {}
        self.wallet_page = ""
        self._servers: list[Server] = []
        self._http = connection()
        self._node = Node.at(network.ledger_url)

    async def start(self) -> None:
        """Start everything; each service answers when this returns.

        Raises
        ------
        NotServedError
            When a port is taken; what had started is stopped again.
        ConfigurationError
            When a file cannot be read, likewise.
        """
        try:
            await self._serve("the ledger", ledger_app(self.engine), self.network.ledger_url)
            chain = ChainReader(self._node, self.network.genesis)
            self.addresses = {member.id: member.service for member in await chain.everybody(await chain.tip())}
            for place, app in self._apps(chain):
                await self._serve(place.id, app, self.addresses[place.id])
        except BaseException:
            await self.stop()
            raise

    async def serve_wallet_page(self) -> None:
        """Serve the traveller's page, at its usual port unless another program has that.

        A browser keeps a wallet for one address: at another port it begins with none.
        """
        page = page_app(self.network, self.addresses.values())
        try:
            server = Server(page, port=WALLET_PAGE_PORT)
            await server.start()
        except ConfigurationError:
            server = Server(page)
            await server.start()
        self._servers.append(server)
        self.wallet_page = f"http://localhost:{urlsplit(server.url).port}"  # a passkey's domain cannot be an address

    async def stop(self) -> None:
        """Stop everything, the ledger last; harmless when called twice.

        One that fails to stop keeps no other from stopping; its error is raised when all have been tried.
        """
        async with AsyncExitStack() as stack:
            stack.callback(self.engine.close)
            stack.push_async_callback(self._node.close)
            stack.push_async_callback(self._http.aclose)
            for desk in self.desks.values():
                stack.callback(desk.close)
            for oracle in self.oracles.values():
                stack.callback(oracle.close)
            for server in self._servers:
                stack.push_async_callback(server.stop)
            self._servers.clear()

    def _apps(self, chain: ChainReader) -> list[tuple[Place, FastAPI]]:
        blocks = _made(self.network.directory / STORE_FILE)
        store = StoreService(SqliteBlocks(blocks), chain, self._keys(STORE).account)
        keepers = [(place, self._keeper(place)) for place in KEEPERS]
        hospitals = [(place, self._gateway(place)) for place in HOSPITALS]
        oracles = [(place, self._oracle(place)) for place in ORACLES]
        return [(STORE, store.application()), *keepers, *hospitals, *oracles]

    def _keeper(self, place: Place) -> FastAPI:
        keys = self._keys(place)
        configuration = KeeperConfiguration(self.network.directory / KEEPERS_FOLDER / place.id, grace_s=GRACE_S)
        memory = FileMemory(configuration.directory / MEMORY_FILE)
        chain = self.keeper_chains[place.id] = ChainReader(self._node, self.network.genesis, memory)
        return Keeper(configuration, keys, chain, self._relay(keys)).app

    def _gateway(self, place: Place) -> FastAPI:
        """Return a hospital's gateway, with a token for the console that this run's screen can name."""
        keys, configuration = self._keys(place), GatewayConfiguration(gateway_directory(self.network, place.id))
        chain = ChainReader(self._node, self.network.genesis, FileMemory(configuration.memory_file))
        sender = Sender(self._node, keys.account, self.network.genesis.chain_id)
        hospital = Hospital(keys, chain, sender, self._http, self.network.stores, time.time, os.urandom)
        desk = self.desks[place.id] = Desk(configuration, hospital, time.time, os.urandom)
        token, until = secrets.token_urlsafe(TOKEN_BYTES), desk.now() + TOKEN_S
        badge = Badge(hash_of(token), DOCTORS[place.id], TREATMENT, may_break_glass=True, not_after=until)
        desk.tokens.add(badge, desk.now())
        self.consoles[place.id] = f"{self.addresses[place.id]}{PAGE}#{token}"
        return gateway_app(Relay(sender), desk)

    def _oracle(self, place: Place) -> FastAPI:
        directory, tables = self.network.directory / ORACLES_FOLDER / place.id, self._tables
        configuration = OracleConfiguration(directory, tables.policy, tables.facilities, tables.members)
        oracle = open_oracle(configuration, self._keys(place), self._node, self.network.genesis)
        self.oracles[place.id] = oracle
        return oracle.app

    def _keys(self, place: Place) -> MemberKeys:
        return load_member(self.network.member_file(place.id))

    def _relay(self, keys: MemberKeys) -> Relay:
        return Relay(Sender(self._node, keys.account, self.network.genesis.chain_id))

    async def _serve(self, name: str, app: FastAPI, url: str) -> None:
        parts = urlsplit(url)
        server = Server(app, parts.hostname or "127.0.0.1", parts.port or 0)
        try:
            await server.start()
        except ConfigurationError as error:
            raise NotServedError(name, url, error.reason) from error
        self._servers.append(server)


def _made(path: Path) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
