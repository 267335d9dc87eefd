"""Watching: every open case, until the chain says how it ended; the next hospital when one stays silent.

One task a case, so that a slow hospital delays nobody else's alert. It reads the chain and has `raising` do the rest.

Sources: PROTOCOL section 7 (`acknowledge`, `escalate`).
"""

import asyncio
import contextlib
from dataclasses import replace
from typing import Final

import structlog

from hospes.core.chain import AlertState
from hospes.core.errors import HospesError
from hospes.core.identities import Hash
from hospes.core.messages import Alert
from hospes.core.proof import FinalHeader
from hospes.oracle.cases import ACKNOWLEDGED, ESCALATED, ID_BYTES, UNANSWERED, Case
from hospes.oracle.misdirection import linked_wrongly, misdirected
from hospes.oracle.parts import OracleParts
from hospes.oracle.raising import Raising

GRACE_S: Final = 1
"""After a deadline, since the contract wants a later block's time."""
LAST_ANSWER_S: Final = 24 * 60 * 60
"""After its deadline, an alert that nobody answered is watched no longer: late help is help, but not for ever."""
_log = structlog.get_logger("hospes.oracle")


class Watching:
    """Sees to open cases.

    Parameters
    ----------
    parts : OracleParts
    """

    def __init__(self, parts: OracleParts) -> None:
        self._parts = parts
        self._raising: Raising | None = None
        self._tasks: dict[bytes, asyncio.Task[None]] = {}
        self._woken: dict[bytes, asyncio.Event] = {}

    def begin(self, raising: Raising) -> None:
        """See to everything that is open; after a restart this is where it goes on."""
        self._raising = raising
        for case in self._parts.cases.open():
            self.opened(case)

    def opened(self, case: Case) -> None:
        """See to a case from now on, and at once."""
        if self._raising is None:
            return
        woken = self._woken.setdefault(case.id, asyncio.Event())
        woken.set()
        if case.id not in self._tasks:
            self._tasks[case.id] = asyncio.create_task(self._see_to(case.id, woken, self._raising))

    @property
    def count(self) -> int:
        """How many cases are seen to."""
        return len(self._tasks)

    async def stop(self) -> None:
        """Leave everything as it is; harmless when called twice."""
        self._raising = None
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _see_to(self, case_id: bytes, woken: asyncio.Event, raising: Raising) -> None:
        try:
            while await self._still_open(case_id, raising):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), self._parts.configuration.look_s)
                woken.clear()
        finally:
            self._tasks.pop(case_id, None)
            self._woken.pop(case_id, None)

    async def _still_open(self, case_id: bytes, raising: Raising) -> bool:
        """Do what is next for a case; return whether there will be more."""
        woken = self._woken[case_id]
        woken.clear()
        case = self._parts.cases.get(case_id)
        if case is None or not case.open:
            return False
        try:
            await self._advance(case, raising)
        except HospesError as error:  # the next look tries again
            self._parts.happenings.tell("case-failed", alert_hash=case.alert_hash, reason=error.slug)
            _log.warning("case_failed", error=error.slug)
            return True
        except Exception as error:  # noqa: BLE001 - likewise: an alert is not given up for a defect
            self._parts.happenings.tell("case-failed", alert_hash=case.alert_hash, reason="defect")
            _log.error("defect", error=type(error).__name__)
            return True
        after = self._parts.cases.get(case_id)
        if after is not None and after.open and after != case:
            woken.set()
        return after is not None and after.open

    async def _advance(self, case: Case, raising: Raising) -> None:
        tip = await self._parts.chain.tip()
        if case.alert is None or case.alert_hash is None:
            await raising.compose(case, tip)
            return
        state = await self._parts.chain.alert(case.alert_hash, tip)
        if state.raised:
            await self._after(case, case.alert, case.alert_hash, state, raising, tip)
        else:
            await raising.bring(case, case.alert, case.alert_hash, tip)

    async def _after(
        self, case: Case, alert: Alert, alert_hash: Hash, state: AlertState, raising: Raising, tip: FinalHeader
    ) -> None:
        """See to an alert that stands on the chain."""
        parts = self._parts
        astray, wrong_link = await misdirected(parts, alert, state, tip), linked_wrongly(parts, case, state)
        if astray or wrong_link:
            following = await raising.mend(case, alert_hash, state, asked=not astray)
            if following is not None:
                self.opened(following)
        elif state.acknowledged:
            parts.happenings.tell("acknowledged", alert_hash=alert_hash)
            await raising.close(case, ACKNOWLEDGED)
        elif any(state.escalated_to):
            parts.happenings.tell("escalated", alert_hash=alert_hash)
            await raising.close(case, ESCALATED)
        else:
            await self._unanswered(case, alert, alert_hash, raising, tip)

    async def _unanswered(self, case: Case, alert: Alert, alert_hash: Hash, raising: Raising, tip: FinalHeader) -> None:
        parts, now = self._parts, self._parts.clock()
        later_s = raising.turn_s(case, await parts.epoch(tip))
        if not case.delivered and now >= alert.raised_at + later_s:
            await raising.deliver(case, alert, alert_hash, tip)
        if now > alert.deadline + LAST_ANSWER_S:
            await raising.close(case, UNANSWERED)
        elif now > alert.deadline + GRACE_S + later_s and case.signed_by(parts.address):
            following = await asyncio.to_thread(self._ask_the_next, case, alert, alert_hash)
            if following is not None:
                self.opened(following)

    def _ask_the_next(self, case: Case, alert: Alert, alert_hash: Hash) -> Case | None:
        """Return the case of the next hospital, which is durable; None when there is one already."""
        following = replace(
            case,
            id=self._parts.entropy(ID_BYTES),
            own=True,
            decided_at=int(self._parts.clock()),
            alert=None,
            alert_hash=None,
            oracle_epoch=0,
            attestations=(),
            asked=(*case.asked, alert.addressee),
            previous=alert_hash,
            delivered=False,
        )
        cases = self._parts.cases
        admitted = cases.admit(
            following, lambda one: one.previous == alert_hash and (one.own or one.open), lambda _: False
        )
        return following if admitted else None
