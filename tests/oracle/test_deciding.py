"""The decision: no alert flaps, an emergency always fires once, and the fold says what the whole history says."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, strategies as st

from hospes.core import wire
from hospes.core.alert_box import Severity
from hospes.oracle.deciding import MS, Decision, Judgement, Memory, decide
from hospes.oracle.policy import Policy, Row, Whom

NOW_MS = 1_900_000_000_000
LOW, HIGH, MIDDLE = 80.0, 150.0, 120.0


def row(name: str = "fast", **changes: object) -> Row:
    """Return a row that fires at 140 and rearms at 100."""
    usual: dict[str, object] = {
        "name": name, "measure": "heart_rate.last", "threshold": 140.0, "upwards": True, "for_s": 60,
        "severity": Severity.CRITICAL, "whom": Whom.NEAREST, "deadline_s": 120, "rearm": 100.0, "quiet_s": 600,
        "fresh_s": 3_600, "tolerance": 5.0, "says": "fast", "source": "a test",
    }  # fmt: skip
    return Row(**(usual | changes))  # type: ignore[arg-type]


POLICY = Policy((row(),), gap_s=180, stale_s=900)
History = Sequence[tuple[int, float | None]]
"""Seconds since the judgement before, and the value; None when nothing was measured."""

steps = st.tuples(st.sampled_from([1, 20, 60, 179, 181, 700]), st.sampled_from([LOW, 100.0, MIDDLE, 140.0, HIGH, None]))
histories = st.lists(steps, min_size=1, max_size=60)


def judgements(history: History, measure: str = "heart_rate.last") -> list[Judgement]:
    """Return a history as judgements."""
    at_ms, found = NOW_MS, list[Judgement]()
    for after_s, value in history:
        at_ms += after_s * MS
        found.append(Judgement(at_ms, {} if value is None else {measure: value}))
    return found


def fired(history: Sequence[Judgement], policy: Policy = POLICY, late_ms: int = 0) -> list[Decision]:
    """Return all decisions that a history leads to, each memory taken over a wire as a restart would."""
    memory, decisions = Memory(), list[Decision]()
    for judgement in history:
        memory, decision = decide(memory, judgement, policy, judgement.at_ms + late_ms)
        memory = wire.decode(Memory, wire.encode(memory))
        decisions += [] if decision is None else [decision]
    return decisions


def obvious(history: Sequence[Judgement], one: Row, gap_s: int) -> list[int]:
    """Return when a critical row alone fires, found by walking back over the whole history at every step."""
    times: list[int] = []
    for i, now in enumerate(history):
        since = i
        while since >= 0 and one.alarming(history[since].measures.get(one.measure, MIDDLE)):
            if since < i and history[since + 1].at_ms - history[since].at_ms > gap_s * MS:
                break
            since -= 1
        lasted = i > since and now.at_ms - history[since + 1].at_ms >= one.for_s * MS
        rest = [each for each in history[: i + 1] if not times or each.at_ms > times[-1]]
        back = not times or any(one.harmless(each.measures.get(one.measure, MIDDLE)) for each in rest)
        if lasted and back and (not times or now.at_ms >= times[-1] + one.quiet_s * MS):
            times.append(now.at_ms)
    return times


@given(histories)
def test_the_fold_says_what_the_whole_history_says(history: History) -> None:
    """Remembering a little for each row gives the same alerts as looking at everything again."""
    past = judgements(history)
    assert [decision.at_ms for decision in fired(past)] == obvious(past, POLICY.rows[0], POLICY.gap_s)


@given(histories)
def test_no_alert_flaps(history: History) -> None:
    """Between two alerts of one row, the measure came back to where it is harmless, and the quiet time passed."""
    past = judgements(history)
    for first, second in pairwise(fired(past)):
        between = [
            one.measures.get("heart_rate.last", MIDDLE) for one in past if first.at_ms < one.at_ms <= second.at_ms
        ]
        assert second.at_ms - first.at_ms >= 600 * MS
        assert any(value <= 100 for value in between)


@given(histories, st.integers(60, 178))
def test_an_emergency_always_fires_once(history: History, lasts_s: int) -> None:
    """Whatever came before: once it is back to harmless for long enough, the next emergency that lasts is told once."""
    calm = [(601, LOW)]
    emergency = [(1, HIGH), (lasts_s, HIGH), (10, HIGH), (10, HIGH)]
    before = len(fired(judgements([*history, *calm])))
    assert len(fired(judgements([*history, *calm, *emergency]))) == before + 1


def test_an_outage_is_not_taken_for_something_that_lasts() -> None:
    """Two alarming readings with silence between say nothing of the time between; with readings between they do."""
    assert not fired(judgements([(1, HIGH), (181, HIGH)]))
    assert len(fired(judgements([(1, HIGH), (60, HIGH), (121, HIGH)]))) == 1


def test_late_frames_raise_while_they_are_fresh() -> None:
    """What happened within `fresh_s` is still raised when its frames come late; what is older is not."""
    past = judgements([(1, HIGH), (60, HIGH)])
    assert len(fired(past, late_ms=3_600 * MS)) == 1
    assert not fired(past, late_ms=3_601 * MS)


def test_time_does_not_go_back() -> None:
    """A judgement from before the last one counts as of the last one, and lasts no longer for it."""
    memory, _ = decide(Memory(), Judgement(NOW_MS, {"heart_rate.last": HIGH}), POLICY, NOW_MS)
    memory, decision = decide(memory, Judgement(NOW_MS - 90 * MS, {"heart_rate.last": HIGH}), POLICY, NOW_MS)
    assert decision is None
    assert memory.at_ms == NOW_MS


def test_of_rows_that_fire_together_the_gravest_leads() -> None:
    """One alert goes out, the gravest row leads it, and the others are among its reasons and have fired."""
    urgent = row("urgent", severity=Severity.URGENT)
    policy = Policy((urgent, row("critical"), row("slow", upwards=False, threshold=40.0, rearm=50.0)), 180, 900)
    (decision,) = fired(judgements([(1, HIGH), (60, HIGH), (10, HIGH)]), policy)
    assert (decision.row.name, [one.name for one in decision.reasons]) == ("critical", ["critical", "urgent"])


def test_below_critical_a_row_is_silent_beside_an_alert_as_grave() -> None:
    """A second urgent row says nothing new to a hospital that was just asked; a critical one always does."""
    first, second = row("first", severity=Severity.URGENT), row("second", severity=Severity.URGENT, for_s=90)
    past = judgements([(1, HIGH), (60, HIGH), (30, HIGH), (30, HIGH)])
    assert [one.row.name for one in fired(past, Policy((first, second), 180, 900))] == ["first"]
    critical = row("critical", for_s=90)
    assert [one.row.name for one in fired(past, Policy((first, critical), 180, 900))] == ["first", "critical"]
    graver = row("graver", severity=Severity.CRITICAL)
    lesser = row("lesser", severity=Severity.NOTICE, for_s=90)
    assert [one.row.name for one in fired(past, Policy((graver, lesser), 180, 900))] == ["graver"]
