"""Deciding: from one judgement after the other to alerts, each once; a pure function with its memory as an argument.

It does not measure, knows no hospital and sends nothing. Time is the device's, so that frames that come late and
together are judged like those that came one by one; the oracle's clock only says how late they are.

Rules, for each row of the policy (`decide` quotes them):

1. Time does not go back: a judgement that is older than the last one counts as of the last one.
2. After `gap_s` of silence nothing is taken to have lasted.
3. A measure that came back to `rearm` lets its row fire again, `quiet_s` after it fired.
4. A row is ripe when it may fire, has been alarming for `for_s`, and the readings are not later than `fresh_s`.
5. Of all ripe rows the gravest leads, the first of these in the policy; the others have fired with it.
6. Below critical, ripe rows have fired silently while an alert as grave is younger than the leader's `quiet_s`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from hospes.core.alert_box import Severity
from hospes.oracle.policy import Policy, Row

MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class RowMemory:
    """What is remembered of one row.

    Attributes
    ----------
    row : str
    since_ms : int
        Since when it has been alarming; 0 when it is not.
    armed : bool
        Whether the measure came back since the row fired.
    quiet_until_ms : int
    """

    row: str
    since_ms: int = 0
    armed: bool = True
    quiet_until_ms: int = 0


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of one journey.

    Attributes
    ----------
    rows : tuple of RowMemory
        Of rows that were ever judged.
    at_ms : int
        Time of the last judgement.
    raised_ms, raised_severity : int
        When, and how grave, the last alert was; 0 for never.
    """

    rows: tuple[RowMemory, ...] = ()
    at_ms: int = 0
    raised_ms: int = 0
    raised_severity: int = 0

    def of(self, row: Row) -> RowMemory:
        """Return what is remembered of a row."""
        return next((one for one in self.rows if one.row == row.name), RowMemory(row.name))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was measured of one traveller at one time.

    Attributes
    ----------
    at_ms : int
        By the device, Unix milliseconds.
    measures : mapping of str to float
        Those that are known and fresh.
    """

    at_ms: int
    measures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Decision:
    """That an alert is to be raised.

    Attributes
    ----------
    row : Row
        The one that leads.
    at_ms : int
        Time of the judgement, by the device.
    reasons : tuple of Row
        The leading row and all others that are alarming now, the gravest first.
    """

    row: Row
    at_ms: int
    reasons: tuple[Row, ...]


def decide(memory: Memory, judgement: Judgement, policy: Policy, now_ms: int) -> tuple[Memory, Decision | None]:
    """Take one more judgement.

    Parameters
    ----------
    memory : Memory
    judgement : Judgement
    policy : Policy
    now_ms : int
        The oracle's clock, brought to the device's time, Unix milliseconds.

    Returns
    -------
    Memory
        For the next judgement; make it durable together with the decision.
    Decision or None
    """
    at_ms = max(memory.at_ms, judgement.at_ms)  # rule 1
    silent = at_ms - memory.at_ms > policy.gap_s * MS  # rule 2
    seen = [
        _seen(memory.of(row), row, judgement.measures.get(row.measure), at_ms, silent=silent) for row in policy.rows
    ]
    pairs = list(zip(policy.rows, seen, strict=True))
    ripe = [row for row, one in pairs if _ripe(row, one, at_ms, now_ms)]
    rows = tuple(_fired(one, row, at_ms) if row in ripe else one for row, one in pairs)
    after = replace(memory, rows=rows, at_ms=at_ms)
    if not ripe:
        return after, None
    lead = max(ripe, key=lambda row: row.severity)  # rule 5: max returns the first of the gravest
    if _absorbed(memory, lead, at_ms):
        return after, None
    others = sorted((row for row, one in pairs if one.since_ms and row is not lead), key=lambda row: -row.severity)
    raised = replace(after, raised_ms=at_ms, raised_severity=int(lead.severity))
    return raised, Decision(lead, at_ms, (lead, *others))


def _seen(memory: RowMemory, row: Row, value: float | None, at_ms: int, *, silent: bool) -> RowMemory:
    """Return a row's memory after it was measured."""
    if value is None:
        return replace(memory, since_ms=0)
    lasted = 0 if silent else memory.since_ms
    since_ms = (lasted or at_ms) if row.alarming(value) else 0
    return replace(memory, since_ms=since_ms, armed=memory.armed or row.harmless(value))  # rule 3


def _ripe(row: Row, seen: RowMemory, at_ms: int, now_ms: int) -> bool:
    may_fire = seen.armed and at_ms >= seen.quiet_until_ms
    lasted = seen.since_ms > 0 and at_ms - seen.since_ms >= row.for_s * MS
    return may_fire and lasted and now_ms - at_ms <= row.fresh_s * MS  # rule 4


def _fired(seen: RowMemory, row: Row, at_ms: int) -> RowMemory:
    return replace(seen, armed=False, quiet_until_ms=at_ms + row.quiet_s * MS)


def _absorbed(memory: Memory, lead: Row, at_ms: int) -> bool:
    """Rule 6."""
    younger = memory.raised_ms > 0 and at_ms - memory.raised_ms < lead.quiet_s * MS
    return younger and lead.severity <= memory.raised_severity and lead.severity < Severity.CRITICAL
