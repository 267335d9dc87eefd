"""Judging: every message that came, once and in order, from the disk to a judgement, and from there to a case.

What was judged, the policy's memory and the cases it led to become durable in one transaction. So after a crash the
rest is judged then, and nothing twice: no alert is lost and none doubled. It asks no hospital (`raising` does).

Sources: ARCHITECTURE section 5, rules 8 and 9.
"""

from collections.abc import Callable
from typing import Final

from hospes.core import wire
from hospes.core.identities import Address, Hash
from hospes.firmware.frames import Lane
from hospes.oracle.cases import ID_BYTES, Case, Cases
from hospes.oracle.deciding import MS, Decision, Judgement, Memory, decide
from hospes.oracle.detailing import detail_of
from hospes.oracle.enrolment import Enrolled
from hospes.oracle.holdings import Holdings
from hospes.oracle.messages import Kept, Messages
from hospes.oracle.scoring import Scorer

MEMORY: Final = b"memory"
SALT_BYTES: Final = 32
BATCH: Final = 256
"""Messages that are judged in one transaction, after an outage."""


class Judging:
    """Judges what is on the disk.

    Parameters
    ----------
    holdings : Holdings
    messages : Messages
    cases : Cases
    scorer : Scorer
    clock : callable
        Unix seconds.
    entropy : callable
        Returns that many random bytes.
    """

    def __init__(
        self,
        holdings: Holdings,
        messages: Messages,
        cases: Cases,
        scorer: Scorer,
        clock: Callable[[], float],
        entropy: Callable[[int], bytes],
    ) -> None:
        self._holdings, self._messages, self._cases, self._scorer = holdings, messages, cases, scorer
        self._clock, self._entropy = clock, entropy

    def remember(self, enrolled: Enrolled) -> None:
        """Bring into memory what was judged before a restart."""
        _, place = self._memory(enrolled.journey)
        for kept in self._messages.of(enrolled.journey, last=place):
            enrolled.track.add(kept.signals, kept.arrived_ms)

    def catch_up(self, enrolled: Enrolled) -> tuple[Case, ...]:
        """Judge what was not judged yet; return the new cases, which are durable. One call of a journey at a time.

        Raises
        ------
        OracleFileError, SealingError
            When the disk failed, or the journey was forgotten meanwhile; nothing was judged then.
        """
        memory, place = self._memory(enrolled.journey)
        found: list[Case] = []
        waiting = list(self._messages.of(enrolled.journey, first=place))
        for start in range(0, len(waiting), BATCH):
            memory, cases = self._judge(enrolled, memory, waiting[start : start + BATCH])
            found += cases
        return tuple(found)

    def _judge(self, enrolled: Enrolled, memory: Memory, batch: list[Kept]) -> tuple[Memory, list[Case]]:
        before = enrolled.track.copy()
        try:
            memory, cases = self._decided(enrolled, memory, batch)
            with self._holdings.writing():
                self._cases.write(cases)
                sealed = self._holdings.vault.seal(enrolled.journey, MEMORY, wire.encode(memory))
                values = enrolled.journey, batch[-1].place, sealed
                self._holdings.run("INSERT OR REPLACE INTO memories VALUES (?, ?, ?)", *values)
        except BaseException:
            enrolled.track = before
            raise
        self._cases.remember(cases)
        return memory, cases

    def _decided(self, enrolled: Enrolled, memory: Memory, batch: list[Kept]) -> tuple[Memory, list[Case]]:
        cases: list[Case] = []
        for kept in batch:
            enrolled.track.add(kept.signals, kept.arrived_ms)
            at_ms = max(memory.at_ms, kept.signals.at_ms)
            wanted = kept.signals.help_wanted
            judgement = self._scorer.judge(enrolled.track.windows, at_ms, help_wanted=wanted)
            now_ms = int(self._clock() * MS) - enrolled.track.skew_ms
            memory, decision = decide(memory, judgement, self._scorer.policy, now_ms)
            if decision is not None:
                cases.append(self._case(enrolled, decision, judgement))
        return memory, cases

    def _case(self, enrolled: Enrolled, decision: Decision, judgement: Judgement) -> Case:
        missing = enrolled.lost + sum(len(span) for lane in Lane for span in enrolled.receiver.missing(lane))
        salt = Hash(self._entropy(SALT_BYTES))
        return Case(
            id=self._entropy(ID_BYTES),
            journey=enrolled.journey,
            row=decision.row.name,
            severity=int(decision.row.severity),
            own=True,
            decided_at=int(self._clock()),
            as_of_ms=decision.at_ms,
            detail=detail_of(decision, judgement.measures, enrolled.track, missing, salt),
        )

    def _memory(self, journey: Address) -> tuple[Memory, int]:
        """Return what the policy remembers of a journey, and the last place that was judged."""
        rows = self._holdings.rows("SELECT place, sealed FROM memories WHERE journey = ?", journey)
        if not rows:
            return Memory(), 0
        ((place, sealed),) = rows
        return wire.decode(Memory, self._holdings.vault.open(journey, MEMORY, sealed)), place
