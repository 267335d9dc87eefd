"""The alerts contract in plain Python: the slow, obvious version that judges the real one.

Attestations are names of oracles here: `test_attestations` has what is said about signatures.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hospes.core.chain import AlertState
from hospes.core.identities import ZERO_HASH, Address, Hash
from tests.contracts.model import require

DAY_S = 86_400
NEVER = AlertState(0, 0, 0, 0, Address(bytes(20)), 0, 0, ZERO_HASH)


@dataclass
class Alerts:
    """The contract, in block `block` at time `time`, with the members and the oracles in office that it looks at."""

    block: int
    time: int
    hospitals: set[Address]
    oracles: set[Address]
    in_office: set[Address]
    threshold: int
    epoch: int = 1
    alerts: dict[Hash, AlertState] = field(default_factory=dict[Hash, AlertState])

    def state(self, name: Hash) -> AlertState:
        """Return what is kept of an alert."""
        return self.alerts.get(name, NEVER)

    def raise_alert(
        self, sender: Address, name: Hash, addressee: Address, deadline: int, epoch: int, attesters: Sequence[Address]
    ) -> None:
        """Raise an alert."""
        require(sender in self.oracles, "not_active_oracle")
        require(name not in self.alerts, "already_raised")
        require(addressee in self.hospitals, "addressee_not_active_hospital")
        require(deadline > self.time, "deadline_not_ahead")
        require(deadline <= self.time + DAY_S, "deadline_too_far")
        require(epoch == self.epoch, "oracle_epoch_not_in_office")
        require(len(attesters) >= self.threshold, "attestations_missing")
        for number, oracle in enumerate(attesters):
            require(oracle in self.in_office, "attester_not_in_office")
            require(all(earlier < oracle for earlier in attesters[:number]), "attesters_not_in_order")
            require(oracle in self.oracles, "attester_not_active")
        self.alerts[name] = replace(
            NEVER,
            raised_block=self.block,
            raised_time=self.time,
            addressee=addressee,
            deadline=deadline,
            oracle_epoch=epoch,
        )

    def acknowledge(self, sender: Address, name: Hash) -> bool:
        """Acknowledge an alert; return whether that is late."""
        state = self.state(name)
        require(state.raised, "alert_unknown")
        require(sender == state.addressee, "not_addressee")
        require(sender in self.hospitals, "not_active_hospital")
        require(not state.acknowledged, "already_acknowledged")
        self.alerts[name] = replace(state, acknowledged_block=self.block, acknowledged_time=self.time)
        return self.time > state.deadline

    def escalate(
        self,
        sender: Address,
        name: Hash,
        following: Hash,
        addressee: Address,
        deadline: int,
        epoch: int,
        attesters: Sequence[Address],
    ) -> None:
        """Raise the next alert after one that was not acknowledged in time."""
        state = self.state(name)
        require(state.raised, "alert_unknown")
        require(not state.acknowledged, "already_acknowledged")
        require(state.escalated_to == ZERO_HASH, "already_escalated")
        require(self.time > state.deadline, "deadline_not_over")
        require(addressee != state.addressee, "addressee_unchanged")
        self.raise_alert(sender, following, addressee, deadline, epoch, attesters)
        self.alerts[name] = replace(state, escalated_to=following)
