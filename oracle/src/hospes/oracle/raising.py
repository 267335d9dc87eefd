"""Raising: from a decision to an alert on the chain, f + 1 oracles sure of it, once.

Each step is made from what is durable and leaves something durable, so that whoever repeats it after a crash does the
same: the alert and its salt are on the disk before anybody is shown them, and the chain takes each hash once. What
happens after it is raised is `watching`'s.

Sources: PROTOCOL section 7; docs/adr/0005-alerts.md, docs/adr/0007-oracle.md (decision 7).
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from hospes.contracts import calls
from hospes.contracts.addresses import ALERTS
from hospes.contracts.refusals import ContractRefusedError
from hospes.core.chain import AlertState, Epoch
from hospes.core.identities import Hash
from hospes.core.messages import Alert
from hospes.core.proof import FinalHeader
from hospes.core.typed_data import digest
from hospes.oracle.attesting import Attesting
from hospes.oracle.cases import MISDIRECTED, NEVER_RAISED, NOBODY_LEFT, STOOD_BACK, WITHOUT_EFFECT, Attested, Case
from hospes.oracle.choosing import next_of
from hospes.oracle.delivery import Delivery
from hospes.oracle.errors import NoHospitalError
from hospes.oracle.misdirection import begun_anew, misdirected, sender_of
from hospes.oracle.parts import OracleParts

SALT_BYTES: Final = 32
LAST_S: Final = 5
"""An alert that is not raised this long before its deadline is made anew: its hospital would have no time."""
AGAIN_S: Final = 5.0
"""How long a transaction may take to become final before it is sent again."""
REFUSED_S: Final = 1.0
"""How long to wait after a refusal that time may heal, such as a deadline that is not over for the chain."""
BACKUP_S: Final = 10.0
"""How much later than its own turn an oracle sees to what another one raises."""
DEFAULT_DEADLINE_S: Final = 300
"""For a case whose row is no longer in the policy."""
MADE_ANEW: Final = frozenset({"deadline_not_ahead", "deadline_too_far", "oracle_epoch_not_in_office"})
SETTLED: Final = frozenset({"already_escalated", "already_acknowledged"})
"""Why an escalation is not needed any more."""


class Raising:
    """Brings cases to the chain.

    Parameters
    ----------
    parts : OracleParts
    attesting : Attesting
    delivery : Delivery
    """

    def __init__(self, parts: OracleParts, attesting: Attesting, delivery: Delivery) -> None:
        self._parts, self._attesting, self._delivery = parts, attesting, delivery
        self._pauses: dict[Hash, float] = {}

    async def compose(self, case: Case, tip: FinalHeader) -> None:
        """Give a case its alert and this oracle's attestation, when it is this oracle's turn.

        Raises
        ------
        HospesError
            When the chain cannot be read, or knows no hospital at all.
        """
        parts = self._parts
        epoch = await parts.epoch(tip)
        enrolled = parts.enrolments.of_journey(case.journey)
        turn_s = 0.0 if case.previous is not None else parts.turn(epoch, case) * parts.configuration.turn_s
        if enrolled is None or parts.clock() < case.decided_at + turn_s:
            return
        if await self._superseded(case, tip):
            await self.close(case, STOOD_BACK)
            return
        try:
            hospital = next_of(await parts.ranked(enrolled, case.row, tip), case.asked)
        except NoHospitalError:
            if case.asked:
                await self.close(case, NOBODY_LEFT)
                return
            raise
        row, now = parts.policy.row(case.row), int(parts.clock())
        deadline = now + (DEFAULT_DEADLINE_S if row is None else row.deadline_s)
        salt = Hash(parts.entropy(SALT_BYTES))
        alert = Alert(case.journey, hospital.id, case.severity, now, deadline, case.detail.hash, salt)
        alert_hash = digest(parts.domain, alert)
        own = Attested(parts.address, parts.attestation(alert_hash, epoch.number))

        def composed(present: Case) -> Case:
            if not present.open or present.alert is not None:
                return present
            return replace(present, alert=alert, alert_hash=alert_hash, oracle_epoch=epoch.number, attestations=(own,))

        await self._change(case, composed)

    async def bring(self, case: Case, alert: Alert, alert_hash: Hash, tip: FinalHeader) -> None:
        """Do what is next for an alert that the chain does not have yet.

        Raises
        ------
        HospesError
            When the chain cannot be read, or refuses for a reason that time may heal.
        """
        parts = self._parts
        epoch = await parts.epoch(tip)
        now = parts.clock()
        late = now > alert.deadline - LAST_S
        if late or epoch.number != case.oracle_epoch:
            if case.own and not self._too_old(case):
                await self.make_anew(case)
            elif late:
                await self.close(case, NEVER_RAISED)
            return
        if not case.signed_by(parts.address) or not self._my_turn(case, alert, epoch, now):
            return
        if await self._superseded(case, tip):
            await self.close(case, STOOD_BACK)
            return
        if len(case.attestations) < epoch.threshold:
            found = await self._attesting.ask(case, epoch, tip)
            case = await self._change(case, lambda present: _with(present, alert_hash, found)) or case
        if len(case.attestations) >= epoch.threshold and case.open and case.alert_hash == alert_hash:
            await asyncio.gather(self._send(case, alert, alert_hash, tip), self._deliver(case, alert, alert_hash, tip))

    async def make_anew(self, case: Case) -> None:
        """Let a case have another alert: the chain never took this one, and cannot any more."""

        def emptied(present: Case) -> Case:
            if present.alert_hash != case.alert_hash:
                return present
            return replace(present, alert=None, alert_hash=None, oracle_epoch=0, attestations=(), delivered=False)

        await self._change(case, emptied)

    async def mend(self, case: Case, alert_hash: Hash, state: AlertState, *, asked: bool) -> Case | None:
        """See that an alert that went astray is raised anew, by whoever stood for it; trust its sender no more.

        Parameters
        ----------
        case : Case
        alert_hash : Hash
        state : AlertState
            What stands on the chain in its place.
        asked : bool
            Whether its hospital was asked all the same.

        Returns
        -------
        Case or None
            The one that follows, durable; None when this oracle did not stand for the alert.
        """
        parts = self._parts
        parts.happenings.tell("misdirected", alert_hash=alert_hash)
        sender = await sender_of(parts, alert_hash, state)
        if sender is not None:
            self._attesting.distrust(sender)

        def divided(present: Case) -> tuple[Case, ...]:
            if not present.open or present.alert_hash != alert_hash:
                return ()
            if not (present.own or present.signed_by(parts.address)):
                return (replace(present, outcome=MISDIRECTED),)
            return begun_anew(parts, present, asked=asked)

        first = next(iter(await asyncio.to_thread(parts.cases.divide, case.id, divided)), None)
        return first if first is not None and first.open else None

    async def close(self, case: Case, outcome: str) -> None:
        """Close a case."""
        await self._change(case, lambda present: replace(present, outcome=outcome) if present.open else present)
        self._parts.happenings.tell("closed", alert_hash=case.alert_hash, reason=outcome.replace(" ", "-"))

    async def deliver(self, case: Case, alert: Alert, alert_hash: Hash, tip: FinalHeader) -> None:
        """Bring an alert to its hospital, unless it is there."""
        await self._deliver(case, alert, alert_hash, tip)

    def turn_s(self, case: Case, epoch: Epoch) -> float:
        """Return how much later than the raiser this oracle sees to a case: 0 for its own."""
        parts = self._parts
        return 0.0 if case.own else BACKUP_S + parts.turn(epoch, case) * parts.configuration.turn_s

    def _too_old(self, case: Case) -> bool:
        """Whether what was decided is too long ago to be raised now."""
        row = self._parts.policy.row(case.row)
        return self._parts.clock() > case.decided_at + (DEFAULT_DEADLINE_S if row is None else row.fresh_s)

    def _my_turn(self, case: Case, alert: Alert, epoch: Epoch, now: float) -> bool:
        return now >= alert.raised_at + self.turn_s(case, epoch)

    async def _superseded(self, case: Case, tip: FinalHeader) -> bool:
        """Return whether others raised an alert of the same event, or the one before this has its answer by now."""
        parts = self._parts
        row = parts.policy.row(case.row)
        quiet_s = 0 if row is None else row.quiet_s
        if case.previous is not None:
            before = await parts.chain.alert(case.previous, tip)
            return before.acknowledged or any(before.escalated_to)
        for other in parts.cases.of(case.journey, case.row):
            if other.id == case.id or other.alert_hash is None or not other.same_event(case, quiet_s):
                continue
            if other.outcome and other.outcome not in WITHOUT_EFFECT:
                return True
            if other.open and other.alert is not None:
                state = await parts.chain.alert(other.alert_hash, tip)
                if state.raised and not await misdirected(parts, other.alert, state, tip):
                    return True
        return False

    async def _send(self, case: Case, alert: Alert, alert_hash: Hash, tip: FinalHeader) -> None:
        """Send the transaction, unless it is under way."""
        parts = self._parts
        if parts.clock() < self._pauses.get(alert_hash, 0.0):
            return
        hospital = await parts.chain.member_named(alert.addressee, tip)
        signatures = calls.in_order({one.oracle: one.signature for one in case.attestations})
        terms = hospital.account, alert.deadline, case.oracle_epoch, signatures
        data = calls.raise_alert(alert_hash, *terms)
        if case.previous is not None:
            data = calls.escalate(case.previous, alert_hash, *terms)
        try:
            await parts.sender.send(ALERTS, data)
        except ContractRefusedError as error:
            self._pause(alert_hash, REFUSED_S)
            await self._refused(case, error)
        else:
            self._pause(alert_hash, AGAIN_S)
            parts.happenings.tell("sent", alert_hash=alert_hash)

    def _pause(self, alert_hash: Hash, seconds: float) -> None:
        """Send nothing of an alert for a while."""
        now = self._parts.clock()
        self._pauses = {key: until for key, until in self._pauses.items() if now < until} | {alert_hash: now + seconds}

    async def _refused(self, case: Case, error: ContractRefusedError) -> None:
        """Do what a refusal of the contract asks for."""
        self._parts.happenings.tell("refused", alert_hash=case.alert_hash, reason=error.reason)
        if error.reason in MADE_ANEW and case.own:
            await self.make_anew(case)
        elif error.reason in SETTLED:
            await self.close(case, STOOD_BACK)
        elif error.reason in ("attester_not_active", "attester_not_in_office"):
            own = self._parts.address
            kept = tuple(one for one in case.attestations if one.oracle == own)
            await self._change(case, lambda present: replace(present, attestations=kept))

    async def _deliver(self, case: Case, alert: Alert, alert_hash: Hash, tip: FinalHeader) -> None:
        if not case.delivered and await self._delivery.deliver(case, alert, alert_hash, tip):
            await self._change(
                case, lambda present: replace(present, delivered=present.alert_hash == alert_hash or present.delivered)
            )

    async def _change(self, case: Case, change: Callable[[Case], Case]) -> Case | None:
        return await asyncio.to_thread(self._parts.cases.change, case.id, change)


def _with(case: Case, alert_hash: Hash, found: tuple[Attested, ...]) -> Case:
    """Return a case with attestations of its present alert added."""
    if case.alert_hash != alert_hash or not case.open:
        return case
    both = {one.oracle: one for one in (*case.attestations, *found)}
    return replace(case, attestations=tuple(both.values()))
