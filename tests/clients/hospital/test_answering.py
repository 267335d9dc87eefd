"""An alert from its raising on the real chain to the hospital's answer, attested by the oracles of the roster."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hospes.app.roster import ORACLES
from hospes.clients.hospital.inbox import Standing
from hospes.contracts import calls
from hospes.contracts.addresses import ALERTS
from hospes.contracts.refusals import ContractRefusedError
from hospes.core.alert_box import AlertBox
from hospes.core.chain import AlertState, Role
from hospes.core.identities import Hash
from hospes.core.messages import Attestation
from hospes.core.typed_data import digest
from tests.simulators.alerts import an_alert_box, sealed
from tests.simulators.clinic import DOCUMENT, Place, Ready, prepare
from tests.simulators.desks import Counter, badges, open_counter
from tests.simulators.town import town


@dataclass(frozen=True)
class Ward:
    """A town with its oracles, a traveller who is ready, and a hospital's gateway."""

    place: Place
    ready: Ready
    counter: Counter

    def alert(self) -> AlertBox:
        """Return an alert for the traveller, raised now."""
        return an_alert_box(self.ready.traveller.card, now=int(self.place.town.world.clock()))

    async def raise_it(self, box: AlertBox) -> Hash:
        """Raise an alert on the chain, final when this returns."""
        world, reader = self.place.town.world, self.place.town.world.reader()
        domain, epoch = world.genesis.domain, await reader.epoch(await reader.tip(), role=Role.ORACLE)
        alert_hash = digest(domain, box.alert)
        word = digest(domain, Attestation(alert_hash, epoch.number))
        oracles = [world[place.id].account for place in ORACLES[: epoch.threshold]]
        attestations = calls.in_order({oracle.address: oracle.sign(word) for oracle in oracles})
        addressee = world[box.alert.addressee].account.address
        data = calls.raise_alert(alert_hash, addressee, box.alert.deadline, epoch.number, attestations)
        sender = world.sender(ORACLES[0].id)
        await sender.final(await sender.send(ALERTS, data))
        return alert_hash

    async def state(self, alert_hash: Hash) -> AlertState:
        """Return what the chain says of an alert."""
        reader = self.place.town.world.reader()
        return await reader.alert(alert_hash, await reader.tip())


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """Everybody at work."""
    directory: Path = tmp_path_factory.mktemp("ward")
    with asyncio.Runner() as runner:
        manager = town(directory)
        place = Place(runner.run(manager.__aenter__()), runner)
        ready = runner.run(prepare(place.town))
        counter = open_counter(place, directory / "gateway")
        yield Ward(place, ready, counter)
        counter.desk.close()
        runner.run(manager.__aexit__(None, None, None))


def test_break_glass_names_the_alert_that_it_answers(ward: Ward) -> None:
    """Raised, received, opened: the access names the alert, keepers find it on the chain, and the record opens."""
    world, desk, box = ward.place.town.world, ward.counter.desk, ward.alert()
    request = sealed(box, world.genesis.domain, world["hospital-evora"])
    assert ward.counter.call("POST", "/v1/inbox", request, token=None).status_code == 200
    alert_hash = ward.place.run(ward.raise_it(box))
    ward.place.run(desk.look())
    assert desk.inbox.alert(alert_hash).standing(desk.inbox.account) is Standing.CONFIRMED
    opened = ward.place.run(desk.open(badges()[0], box.alert.journey, break_glass=True))
    assert opened.asked.access.evidence == alert_hash
    assert opened.records[0].document == DOCUMENT


def test_an_acknowledgement_stands_on_the_chain(ward: Ward) -> None:
    """Once, by the hospital that was asked; a second time changes nothing, and another hospital cannot."""
    world, box = ward.place.town.world, ward.alert()
    request = sealed(box, world.genesis.domain, world["hospital-evora"])
    ward.counter.call("POST", "/v1/inbox", request, token=None)
    alert_hash = ward.place.run(ward.raise_it(box))
    path = f"/console/api/alerts/0x{alert_hash.hex()}/acknowledge"
    with pytest.raises(ContractRefusedError, match="not_addressee"):
        ward.place.run(world.sender("hospital-badajoz").send(ALERTS, calls.acknowledge(alert_hash)))
    shown = ward.counter.call("POST", path).json()
    assert (shown["standing"], shown["late"]) == ("acknowledged", False)
    first = ward.place.run(ward.state(alert_hash))
    assert first.acknowledged
    assert shown["acknowledgedAt"] == str(first.acknowledged_time)
    assert ward.counter.call("POST", path).json() == shown
    assert ward.place.run(ward.state(alert_hash)) == first


def test_two_colleagues_press_at_once(ward: Ward) -> None:
    """Both see that it is acknowledged, whoever's transaction came first."""
    world, box, desk = ward.place.town.world, ward.alert(), ward.counter.desk
    desk.inbox.receive(sealed(box, world.genesis.domain, world["hospital-evora"]), 1)

    async def both() -> list[Standing]:
        alert_hash = await ward.raise_it(box)
        found = await asyncio.gather(desk.acknowledge(alert_hash), desk.acknowledge(alert_hash))
        return [each.standing(desk.inbox.account) for each in found]

    assert ward.place.run(both()) == [Standing.ACKNOWLEDGED] * 2
