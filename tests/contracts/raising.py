"""An alert on its way to the chain: what an oracle sends, with every part of it open to change."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from hospes.contracts import calls
from hospes.contracts.addresses import ALERTS
from hospes.contracts.storage import alert
from hospes.core.chain import AlertState
from hospes.core.identities import Account, Address, Hash
from hospes.core.messages import Attestation
from hospes.core.typed_data import Domain, digest
from tests.contracts.conftest import DOMAIN, START, Result, World, account, hash_of

HOUR_S = 60 * 60
DAY_S = 24 * HOUR_S
FIRST, SECOND, THIRD = (hash_of(f"alert {name}") for name in ("first", "second", "third"))


def in_order(*names: str) -> tuple[str, ...]:
    """Return oracles by name in the order of their addresses."""
    return tuple(sorted(names, key=lambda name: account(name).address))


@dataclass(frozen=True)
class Raising:
    """One alert as it is sent; the default one is raised."""

    alert_hash: Hash = FIRST
    addressee: str = "ada"
    deadline: int = START + HOUR_S
    epoch: int = 1
    attesters: tuple[str, ...] = in_order("cor", "dun")
    sender: str = "cor"
    domain: Domain = DOMAIN
    mend: Callable[[bytes], bytes] | None = None
    """What becomes of the last attestation."""

    def but(self, **changes: object) -> "Raising":
        """Return it with some parts replaced."""
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def account(self) -> Account:
        """Who sends it."""
        return account(self.sender)

    @property
    def attestations(self) -> tuple[bytes, ...]:
        """Signatures of the attesters, in the order in which they are named."""
        signed = digest(self.domain, Attestation(self.alert_hash, self.epoch))
        signatures = [account(name).sign(signed) for name in self.attesters]
        if self.mend:
            signatures[-1] = self.mend(signatures[-1])
        return tuple(signatures)

    @property
    def state(self) -> tuple[Address, int, int]:
        """Addressee, deadline and epoch, as the chain is to say."""
        return account(self.addressee).address, self.deadline, self.epoch

    def data(self) -> bytes:
        """Return the call that raises it."""
        return calls.raise_alert(self.alert_hash, *self.state, self.attestations)

    def data_after(self, alert_hash: Hash) -> bytes:
        """Return the call that raises it as what follows another alert."""
        return calls.escalate(alert_hash, self.alert_hash, *self.state, self.attestations)

    def raised(self, world: World) -> Result:
        """Raise it."""
        return world.send(ALERTS, self.data(), self.account)

    def following(self, world: World, alert_hash: Hash) -> Result:
        """Raise it after another alert."""
        return world.send(ALERTS, self.data_after(alert_hash), self.account)


NEXT = Raising(SECOND, "bel", START + 3 * HOUR_S, sender="dun")


def acknowledge(world: World, name: str, alert_hash: Hash = FIRST) -> Result:
    """Let somebody acknowledge an alert."""
    return world.send(ALERTS, calls.acknowledge(alert_hash), account(name))


def state_of(world: World, alert_hash: Hash = FIRST) -> AlertState:
    """Return what the chain says of an alert, by the getters and by the storage, which must agree."""
    state: AlertState = world.read(ALERTS, alert(alert_hash))
    shown = world.view("alerts", "word", alert_hash), world.view("alerts", "asked", alert_hash)
    followed = int.from_bytes(world.view("alerts", "escalated_to", alert_hash))
    assert (*shown, followed) == state.pack()
    return state


def overdue(world: World, raising: Raising | None = None) -> None:
    """Raise an alert, and let its deadline pass."""
    sent = raising or Raising()
    sent.raised(world)
    world.pass_time(sent.deadline - world.time + 1)
