"""A ward: one traveller with the real device core, four oracles on the real ledger, and hospitals with their inboxes.

Nothing is simulated but the line, the sensors and time: frames are sealed by the core and may be lost on the way,
oracles keep their files and can be killed at any write or request, and the clock moves when the test says so.
"""

import asyncio
import os
import random
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from hospes.app.roster import HOSPITALS, ORACLES
from hospes.clients.hospital.configuration import GatewayConfiguration
from hospes.clients.hospital.desk import Desk
from hospes.clients.hospital.gateway import gateway_app
from hospes.clients.hospital.gateway_errors import UnconfirmedAlertError
from hospes.clients.hospital.hospital import Hospital
from hospes.contracts.addresses import ALERTS
from hospes.core import boxes, wire
from hospes.core.cards import Card
from hospes.core.identities import Address, Country, Hash, MemberId, keccak
from hospes.core.journeys import derive
from hospes.core.messages import Enrolment, Unenrolment
from hospes.core.oracle_bodies import (
    EnrolBox,
    EnrolReply,
    EnrolRequest,
    UnenrolReply,
    UnenrolRequest,
)
from hospes.core.typed_data import digest
from hospes.firmware.device import Device
from hospes.firmware.frames import DeviceId, Lane
from hospes.firmware.readings import Battery, Button, OxygenSaturation, Position, Pulse, Reading
from hospes.oracle.configuration import OracleConfiguration
from hospes.oracle.oracle import Oracle, open_oracle
from hospes.oracle.parts import turn_of
from hospes.service.client import Peer
from hospes.service.relay import Relay
from tests.simulators.town import PowerCutError, Streets
from tests.simulators.world import World

DEVICE: Final = DeviceId(7_041)
EVORA: Final = (38.5712, -7.9060)
NAMES: Final = tuple(place.id for place in ORACLES)
LOOK_S: Final = 0.01
"""Real seconds between two looks of an oracle; the clock of the ward moves by itself only when blocks are sealed."""


POLL_S: Final = 0.005


class Fuse:
    """Cuts an oracle's power at one of its steps; whatever it tries afterwards fails as well.

    Attributes
    ----------
    steps : int
        Steps made so far.
    blows_at : int
        The step at which the power goes; 0 for never.
    """

    def __init__(self, blows_at: int = 0) -> None:
        self.steps, self.blows_at = 0, blows_at

    @property
    def blown(self) -> bool:
        """Whether the power is gone."""
        return 0 < self.blows_at <= self.steps

    def burn(self) -> None:
        """Make a step, or die."""
        if self.blown:
            raise PowerCutError
        self.steps += 1
        if self.blown:
            raise PowerCutError


class FusedStreets(httpx.AsyncBaseTransport):
    """The way from one oracle to everybody: its power may go before a request, or before the reply."""

    def __init__(self, streets: Streets, fuse: Fuse) -> None:
        self._streets, self._fuse = streets, fuse

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request."""
        self._fuse.burn()
        response = await self._streets.handle_async_request(request)
        await response.aread()
        self._fuse.burn()
        return response


def wire_fuse(oracle: Oracle, fuse: Fuse) -> None:
    """Let a fuse cut an oracle's power before, within and after each write, and around each transaction."""
    holdings: Any = oracle.holdings
    writing: Callable[[], Any] = holdings.writing
    run: Callable[..., None] = holdings.run

    @contextmanager
    def fused_writing() -> Generator[None, None, None]:
        fuse.burn()
        with writing():
            yield
            fuse.burn()
        fuse.burn()

    def fused_run(statement: str, *values: object) -> None:
        fuse.burn()
        run(statement, *values)

    sender: Any = oracle.parts.sender
    send = sender.send

    async def fused_send(to: Address, data: bytes) -> Hash:
        fuse.burn()
        transaction: Hash = await send(to, data)
        fuse.burn()
        return transaction

    holdings.writing, holdings.run, sender.send = fused_writing, fused_run, fused_send


@dataclass
class Running:
    """One oracle at work."""

    oracle: Oracle
    fuse: Fuse
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)


class Ward:
    """Everybody; use `ward` to make one.

    Attributes
    ----------
    world : World
    desks : dict of MemberId to Desk
    running : dict of MemberId to Running
        The oracles that have power.
    device : Device
    cut : set of MemberId
        Oracles that the device does not reach.
    loss : float
        Share of frames and acknowledgements that are lost.
    pushed : list of Reading
        Everything that the sensors measured.
    """

    def __init__(self, world: World, root: Path, seed: int = 0) -> None:
        self.world, self.root, self.streets = world, root, Streets()
        self.random = random.Random(seed)  # noqa: S311 - losses, not keys
        self.keys = derive(os.urandom(32), world.genesis.chain_id, 0)
        self.card = Card(world.genesis.chain_id, self.keys.address, os.urandom(16))
        self.frame_keys = [os.urandom(32) for _ in ORACLES]
        self.device = Device.enrolled(DEVICE, self.frame_keys, batch_ms=1_000)
        self.desks = {place.id: self._desk(place.id) for place in HOSPITALS}
        for place in HOSPITALS:
            relay = Relay(world.sender(place.id))
            self.streets.apps[place.port] = gateway_app(relay, self.desks[place.id])
        self.running: dict[MemberId, Running] = {}
        self.cut: set[MemberId] = set()
        self.loss = 0.0
        self.pushed: list[Reading] = []

    @property
    def journey(self) -> Address:
        """The traveller's."""
        return self.keys.address

    @property
    def now_ms(self) -> int:
        """The ward's clock, which the device shares."""
        return int(self.world.clock() * 1_000)

    def __getitem__(self, name: MemberId) -> Oracle:
        """Return an oracle that has power."""
        return self.running[name].oracle

    async def power_on(self, name: MemberId, blows_at: int = 0) -> Oracle:
        """Start an oracle on its files, with a fuse that may blow even while it starts."""
        fuse = Fuse(blows_at)
        http = httpx.AsyncClient(transport=FusedStreets(self.streets, fuse))
        configuration = OracleConfiguration(self.root / name, look_s=LOOK_S, heartbeat_s=0.05)
        node, genesis = self.world.node(), self.world.genesis
        oracle = open_oracle(configuration, self.world.members[name], node, genesis, http, self.world.clock)
        wire_fuse(oracle, fuse)
        running = self.running[name] = Running(oracle, fuse)
        running.stack.callback(oracle.close)
        with suppress(PowerCutError):
            await running.stack.enter_async_context(oracle.running())
            self.streets.apps[_port(name)] = oracle.app
        return oracle

    async def power_off(self, name: MemberId) -> None:
        """Let an oracle's power go: nothing more of it is written or sent."""
        running = self.running.pop(name, None)
        if running is None:
            return
        running.fuse.blows_at = running.fuse.blows_at or 1
        running.fuse.steps = max(running.fuse.steps, running.fuse.blows_at)
        self.streets.apps.pop(_port(name), None)
        with suppress(PowerCutError):
            await running.stack.aclose()

    def enrol_request(self, name: MemberId, at: int | None = None, **changes: Any) -> EnrolRequest:  # noqa: ANN401
        """Return what the wallet sends an oracle."""
        keys, index = self.world.members[name], NAMES.index(name)
        at = int(self.world.clock()) if at is None else at
        frame_key, signer = changes.pop("frame_key", self.frame_keys[index]), changes.pop("signer", self.keys.account)
        fields: dict[str, Any] = {
            "journey": self.journey, "oracle": keys.account.address, "device": DEVICE, "stream": index,
            "frame_key_hash": keccak(frame_key), "gate": self.card.gate, "where": Country("PT"),
            "not_after": at + 30 * 86_400, "at": at,
        }  # fmt: skip
        enrolment = Enrolment(**(fields | changes))
        signature = signer.sign(digest(self.world.genesis.domain, enrolment))
        box = EnrolBox(enrolment, signature, frame_key, self.card.gate_secret)
        info = boxes.enrol_info(self.world.genesis.domain, self.journey, keys.account.address)
        return EnrolRequest(self.journey, boxes.seal(keys.box.public, info, wire.encode(box)))

    async def enrol(self, *names: MemberId) -> None:
        """Enrol at these oracles, or all."""
        for name in names or NAMES:
            await self.post(name, "/v1/enrol", self.enrol_request(name), EnrolReply)

    async def unenrol(self, name: MemberId) -> None:
        """End the enrolment at an oracle."""
        word = Unenrolment(self.journey, self.world.members[name].account.address, int(self.world.clock()))
        signature = self.keys.account.sign(digest(self.world.genesis.domain, word))
        await self.post(name, "/v1/unenrol", UnenrolRequest(word, signature), UnenrolReply)

    async def post(self, name: MemberId, path: str, content: wire.Shaped, cls: type[Any]) -> Any:  # noqa: ANN401
        """Send something to an oracle over the streets."""
        async with httpx.AsyncClient(transport=self.streets) as http:
            return await Peer(f"http://127.0.0.1:{_port(name)}", http).post(path, content, cls)

    def feel(self, *readings: Reading, lane: Lane = Lane.ROUTINE) -> None:
        """Let the sensors measure."""
        for reading in readings:
            self.device.push(reading, self.now_ms, lane=lane)
            self.pushed.append(reading)

    async def live(self, seconds: int, pulse: float = 72.0, oxygen: float = 97.0, *, step_s: int = 10) -> None:
        """Let time pass, with a reading of pulse and oxygen in each step, and the line at work."""
        for _ in range(0, seconds, step_s):
            self.world.clock.now += step_s
            latitude, longitude = EVORA
            place = Position(self.now_ms, latitude, longitude, 12)
            self.feel(Pulse(self.now_ms, pulse), OxygenSaturation(self.now_ms, oxygen), place)
            self.device.flush(self.now_ms)
            await self.carry()

    async def press(self) -> None:
        """Press the button for help."""
        self.feel(Button(self.now_ms, Button.HELP_WANTED), Battery(self.now_ms, 61), lane=Lane.EMERGENCY)
        self.device.flush(self.now_ms)
        await self.carry()

    async def carry(self) -> None:
        """Let what is due travel, and what answers it travel back, with the line's losses."""
        for index, name in enumerate(NAMES):
            if name in self.running and name not in self.cut:
                frames = [one for one in self.device.outgoing(index, self.now_ms) if self._arrives()]
                await self._deliver(name, frames)
        await asyncio.sleep(0)

    async def deliver_all(self, rounds: int = 60) -> None:
        """Let the line work until nothing is due any more, with the clock moving for what is sent again."""
        for name in NAMES:
            self.device.reconnected(NAMES.index(name))
        for _ in range(rounds):
            self.world.clock.now += 1
            self.device.tick(self.now_ms)
            await self.carry()

    async def until(self, holds: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait until something holds, the clock moving four times as fast as ours; the test fails when it does not."""
        async with asyncio.timeout(seconds):
            while not holds():
                self.world.clock.now += 4 * POLL_S
                await asyncio.sleep(POLL_S)

    async def until_raised(self, count: int = 1) -> list[Hash]:
        """Wait until so many alerts stand on the chain, and return their hashes in order."""
        async with asyncio.timeout(20):
            while len(found := await self.raised()) < count:
                self.world.clock.now += 4 * POLL_S
                await asyncio.sleep(POLL_S)
        return found

    async def acknowledge(self, name: MemberId, alert_hash: Hash) -> None:
        """Have a hospital acknowledge an alert of its inbox, as soon as the chain has it."""
        async with asyncio.timeout(20):
            while True:
                try:
                    await self.desks[name].acknowledge(alert_hash)
                except UnconfirmedAlertError:
                    self.world.clock.now += 4 * POLL_S
                    await asyncio.sleep(POLL_S)
                else:
                    return

    async def settle(self, seconds: float = 0.4) -> None:
        """Give everybody some real time."""
        await asyncio.sleep(seconds)

    def first_in_turn(self, row: str) -> list[MemberId]:
        """Return the oracles in the order in which they raise an alert of a row."""
        accounts = {name: self.world.members[name].account.address for name in NAMES}
        epoch = _Epoch(tuple(accounts.values()))
        return sorted(NAMES, key=lambda name: turn_of(epoch, self.journey, row, accounts[name]))  # type: ignore[arg-type]

    async def raised(self) -> list[Hash]:
        """Return the hashes of all alerts on the chain, in order."""
        node = self.world.node()
        tip = await self.world.reader().tip()
        logs = await node.logs(ALERTS, [], 0, tip.number)
        return [log.topics[1] for log in logs if log.topics[0] == _RAISED]

    def received(self, name: MemberId) -> list[Hash]:
        """Return the hashes of the alerts in a hospital's inbox."""
        return [one.alert_hash for one in self.desks[name].inbox.alerts()]

    def _arrives(self) -> bool:
        return self.random.random() >= self.loss

    async def _deliver(self, name: MemberId, frames: list[bytes]) -> None:
        try:
            answers, _ = await self[name].tcp.take(frames)
        except PowerCutError:
            return
        for answer in answers:
            if self._arrives():
                self.device.incoming(answer, self.now_ms)

    def _desk(self, name: MemberId) -> Desk:
        world = self.world
        http = httpx.AsyncClient(transport=self.streets)
        hospital = Hospital(world.members[name], world.reader(), world.sender(name), http, (), world.clock, os.urandom)
        return Desk(GatewayConfiguration(self.root / name), hospital, world.clock, os.urandom)


@dataclass(frozen=True)
class _Epoch:
    accounts: tuple[Address, ...]


_RAISED: Final = keccak(b"Raised(bytes32,address,uint64,uint32,address)")


def _port(name: MemberId) -> int:
    return next(place.port for place in (*ORACLES, *HOSPITALS) if place.id == name)


@asynccontextmanager
async def ward(root: Path, *, seed: int = 0, power: bool = True) -> AsyncGenerator[Ward, None]:
    """Found a network in a directory, with everybody at work until the end of the block."""
    world = World(root)
    place = Ward(world, root, seed)
    sealing = asyncio.create_task(_seal_for_ever(world))
    try:
        for name in NAMES if power else ():
            await place.power_on(name)
        yield place
    finally:
        for name in NAMES:
            await place.power_off(name)
        sealing.cancel()
        await asyncio.gather(sealing, return_exceptions=True)
        for desk in place.desks.values():
            desk.close()
        world.close()


async def _seal_for_ever(world: World) -> None:
    while True:
        if world.engine.waiting_count():
            world.clock.now += 1
            world.engine.seal()
        await asyncio.sleep(0.005)
