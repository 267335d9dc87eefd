"""Alerts: from an oracle's decision to the alert on the hospital's disk, on the network that `hospes up` runs.

Four oracles, the ledger with its second between blocks, hospitals and everything they say to each other over HTTP on
loopback, all in this one process. Each run is another traveller, enrolled at the four oracles, who presses for help.
The time begins when the first oracle has its decision on the disk, and ends when an oracle hears that the inbox has the
alert on its own. In between: the hospital is chosen on a proven state of the chain, a second oracle opens its own
frames and attests, the transaction leaves. The chain's own time, which an inbox does not wait for, is printed beside.

The peer is the same alert posted to the same inbox by somebody who asks neither oracle nor chain. Networks between
members, and the device's own, are not in either.
"""

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from benchmarks.measures import MS, Measure, at_most, spread
from hospes.app.embedded import EmbeddedNetwork
from hospes.app.founding import Ports, found
from hospes.app.roster import HOSPITALS, ORACLES
from hospes.clients.hospital.desk import Desk
from hospes.clients.hospital.inbox import Received, Standing
from hospes.core import boxes, wire
from hospes.core.bodies import InboxReply
from hospes.core.cards import Card
from hospes.core.identities import Country, Hash, keccak
from hospes.core.journeys import derive
from hospes.core.messages import Enrolment
from hospes.core.oracle_bodies import FRAME_KEY_BYTES, EnrolBox, EnrolReply, EnrolRequest
from hospes.core.typed_data import digest
from hospes.firmware.device import Device
from hospes.firmware.frames import DeviceId, Lane
from hospes.firmware.readings import Button, Position, Pulse
from hospes.service.client import Peer, connection
from hospes.service.membership import load_member
from tests.simulators.alerts import sealed

COUNT: Final = 24
MOST: Final = 29
"""Travellers in one go: an oracle takes 30 new enrolments of one source at once, and then makes it wait."""
EVORA: Final = (38.5712, -7.9060)
DAY_S: Final = 86_400
PATIENCE_S: Final = 30.0
LOOK_S: Final = 0.005
BAR_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Told:
    """One event of an oracle, and when it was told, in seconds of `time.perf_counter`."""

    what: str
    alert_hash: Hash | None
    at: float


@dataclass(frozen=True, slots=True)
class Run:
    """One alert.

    Attributes
    ----------
    alert_hash : Hash
    desk : Desk
        Of the hospital that has it.
    inbox_s : float
        From the decision to the inbox.
    chain_s : float
        From the decision to the hospital's proof that the chain has it.
    """

    alert_hash: Hash
    desk: Desk
    inbox_s: float
    chain_s: float


def measure(count: int | None = None) -> list[Measure]:
    """Return the one measure."""
    runs, straight = asyncio.run(_measure(min(count or COUNT, MOST)))
    own, peer = spread([run.inbox_s for run in runs]), spread(straight)
    print(f"alert raised to inbox: s, {own}")
    print(f"  to the hospital's proof that the chain has it: s, {spread([run.chain_s for run in runs])}")
    print(f"  posted straight to the inbox: ms, {spread([MS * each for each in straight])}")
    what = "alert raised to the hospital's inbox, durable, p95"
    return [at_most(what, own.p95, "s", BAR_S, ("the same alert posted straight, nobody attests, p95", peer.p95))]


async def _measure(count: int) -> tuple[list[Run], list[float]]:
    with tempfile.TemporaryDirectory() as folder:
        network = EmbeddedNetwork(found(Path(folder) / "network", Ports.free(), int(time.time())))
        await network.start()
        try:
            told = _listen(network)
            await _one(network, told, 0)  # makes the connections, and does not count
            runs = [await _one(network, told, number + 1) for number in range(count)]
            return runs, [await _straight(network, run) for run in runs]
        finally:
            await network.stop()


def _listen(network: EmbeddedNetwork) -> list[Told]:
    """Return what all oracles will have told, each event stamped at once and not when somebody hears it."""
    told: list[Told] = []

    def stamped(tell: Callable[..., None]) -> Callable[..., None]:
        def stamp(what: str, count: int = 1, alert_hash: Hash | None = None, reason: str | None = None) -> None:
            told.append(Told(what, alert_hash, time.perf_counter()))
            tell(what, count, alert_hash, reason)

        return stamp

    for oracle in network.oracles.values():
        happenings: Any = oracle.parts.happenings
        happenings.tell = stamped(happenings.tell)
    return told


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - several things are waited for, and none of them rings a bell
            await asyncio.sleep(LOOK_S)


async def _one(network: EmbeddedNetwork, told: list[Told], number: int) -> Run:
    """Let one more traveller press for help, and return how long that took; the hospital acknowledges it."""
    device = await _enrolled(network, number)
    await asyncio.sleep(random.random())  # noqa: S311 - at any time between two blocks
    told.clear()
    now_ms = int(time.time() * 1_000)
    device.push(Position(now_ms, *EVORA, 12), now_ms, lane=Lane.EMERGENCY)
    device.push(Pulse(now_ms, 96), now_ms, lane=Lane.EMERGENCY)
    device.push(Button(now_ms, Button.HELP_WANTED), now_ms, lane=Lane.EMERGENCY)
    device.flush(now_ms)
    oracles = [network.oracles[place.id] for place in ORACLES]
    await asyncio.gather(*(oracle.tcp.take(device.outgoing(stream, now_ms)) for stream, oracle in enumerate(oracles)))
    await _until(lambda: bool(_of(told, "delivered")) and len(_of(told, "decided")) == len(oracles))
    delivered, decided = _of(told, "delivered")[0], _of(told, "decided")[0]
    desk, received = _received(network, delivered.alert_hash)
    account, key = desk.inbox.account, received.alert_hash
    await _until(lambda: desk.inbox.alert(key).standing(account) is not Standing.UNCONFIRMED)
    confirmed = time.perf_counter()
    await desk.acknowledge(key)
    await _until(lambda: not any(oracle.parts.cases.open() for oracle in oracles))  # the next run finds nobody busy
    return Run(key, desk, delivered.at - decided.at, confirmed - decided.at)


def _of(told: list[Told], what: str) -> list[Told]:
    return [one for one in told if one.what == what]


def _received(network: EmbeddedNetwork, alert_hash: Hash | None) -> tuple[Desk, Received]:
    """Return the hospital that has an alert, and the alert."""
    for desk in network.desks.values():
        for received in desk.inbox.alerts():
            if received.alert_hash == alert_hash:
                return desk, received
    raise AssertionError("no inbox has the alert that an oracle delivered")


async def _enrolled(network: EmbeddedNetwork, number: int) -> Device:
    """Return the device of a new traveller, enrolled at all oracles."""
    domain, at = network.network.genesis.domain, int(time.time())
    keys = derive(os.urandom(32), domain.chain_id, 0)
    card = Card(domain.chain_id, keys.address, os.urandom(16))
    frame_keys = [os.urandom(FRAME_KEY_BYTES) for _ in ORACLES]
    async with connection() as http:
        for stream, place in enumerate(ORACLES):
            member = load_member(network.network.member_file(place.id))
            enrolment = Enrolment(
                journey=keys.address,
                oracle=member.account.address,
                device=DeviceId(number),
                stream=stream,
                frame_key_hash=keccak(frame_keys[stream]),
                gate=card.gate,
                where=Country("PT"),
                not_after=at + DAY_S,
                at=at,
            )
            signature = keys.account.sign(digest(domain, enrolment))
            box = EnrolBox(enrolment, signature, frame_keys[stream], card.gate_secret)
            info = boxes.enrol_info(domain, keys.address, member.account.address)
            request = EnrolRequest(keys.address, boxes.seal(member.box.public, info, wire.encode(box)))
            await Peer(network.addresses[place.id], http).post("/v1/enrol", request, EnrolReply)
    return Device.enrolled(DeviceId(number), frame_keys, batch_ms=1_000)


async def _straight(network: EmbeddedNetwork, run: Run) -> float:
    """Return how long an alert like this one takes when nobody attests it, in seconds."""
    place = next(place for place in HOSPITALS if network.desks[place.id] is run.desk)
    keys, domain = load_member(network.network.member_file(place.id)), network.network.genesis.domain
    box = run.desk.inbox.alert(run.alert_hash).box
    another = replace(box, alert=replace(box.alert, salt=Hash(os.urandom(32))))
    async with connection() as http:
        begun = time.perf_counter()
        request = sealed(another, domain, keys)
        await Peer(network.addresses[place.id], http).post("/v1/inbox", request, InboxReply)
        return time.perf_counter() - begun
