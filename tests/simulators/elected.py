"""An oracle that members voted into office, and the alerts that it raises: real votes, real delay, real contract.

It judges no frames and fills no inbox: the alerts are the test's.
"""

from dataclasses import dataclass

from hospes.app.roster import HOSPITALS, KEEPERS
from hospes.contracts import calls
from hospes.contracts.addresses import ALERTS, REGISTRY
from hospes.contracts.genesis import DEFAULT_DELAY_S
from hospes.core.chain import Role
from hospes.core.identities import ZERO_HASH, Account, Address, Country, Hash, MemberId, keccak
from hospes.core.messages import Alert, Attestation
from hospes.core.typed_data import digest
from hospes.service.sender import Sender
from tests.simulators.world import World


@dataclass(frozen=True)
class Oracle:
    """The only oracle in office of a world; of one, one must attest."""

    world: World
    account: Account
    epoch: int

    async def raise_alert(self, alert: Alert) -> Hash:
        """Raise an alert to the hospital that it names, final when this returns."""
        domain = self.world.genesis.domain
        alert_hash = digest(domain, alert)
        attestation = self.account.sign(digest(domain, Attestation(alert_hash, self.epoch)))
        addressee = self.world[alert.addressee].account.address
        data = calls.raise_alert(alert_hash, addressee, alert.deadline, self.epoch, (attestation,))
        sender = Sender(self.world.node(), self.account, self.world.genesis.chain_id)
        await sender.send(ALERTS, data)
        self.world.seal()
        return alert_hash


async def elect_oracle(world: World, name: str = "oracle-tromso") -> Oracle:
    """Admit an oracle and put it into office, by the votes of the keepers and hospitals; two weeks pass.

    Nothing was proposed before.
    """
    account = Account(keccak(name.encode()))
    await _decide(world, 1, calls.propose_admission(account.address, MemberId(name), Role.ORACLE, Country("NO")))
    await _decide(world, 2, calls.propose_epoch(Role.ORACLE, 1, (account.address,)), DEFAULT_DELAY_S)
    reader = world.reader()
    epoch = await reader.epoch(await reader.tip(), role=Role.ORACLE)
    assert epoch.accounts == (account.address,)
    return Oracle(world, account, epoch.number)


async def _decide(world: World, number: int, proposal: bytes, delay_s: int = 0) -> None:
    """Propose, vote and execute, each in a block of its own; it is proposal `number`."""
    proposer = world.sender(KEEPERS[0].id)
    await proposer.send(REGISTRY, proposal)
    world.seal()
    for place in (*KEEPERS, *HOSPITALS):  # more than half of the members, and of the countries
        await world.sender(place.id).send(REGISTRY, calls.vote(number, support=True))
    world.seal()
    # What a call would do is tried out on the latest block, so there must be one after the delay.
    world.clock.now += delay_s
    await world.append(Address(b"time passes".ljust(20)), ZERO_HASH)
    await proposer.send(REGISTRY, calls.execute(number))
    world.seal()
