"""Windows and their statistics: order, repetition, faults and clocks, judged by the obvious version."""

# The hints of pytest.approx and of numpy 1.26 are partly unknown.
# pyright: reportUnknownMemberType=false

import math
import random
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, strategies as st

from hospes.risk.errors import UnknownVariableError
from hospes.risk.features import STATISTICS
from hospes.risk.readings import Reading
from hospes.risk.refusals import LATER, NOT_A_NUMBER, OUTSIDE, Refusal
from hospes.risk.statistics import LIMIT
from hospes.risk.summarising import ROWS, summarise
from hospes.risk.variables import SERIES, variable
from hospes.risk.windows import AHEAD_S, PLACES, Windows

NOW = 1_800_000_000.0
HOUR = 3600.0

names = st.sampled_from([one.name for one in SERIES])
times = st.integers(-60 * 60, 10).map(lambda minutes: NOW + 60.0 * minutes) | st.sampled_from((math.nan, math.inf))
values = st.floats(0, 400) | st.floats(allow_nan=True, allow_infinity=True)
readings = st.lists(st.builds(Reading, names, times, values), max_size=60)


def _same(one: Windows, other: Windows) -> bool:
    arrays = ((one.times, other.times), (one.values, other.values), (one.starts, other.starts))
    return all(np.array_equal(left, right) for left, right in arrays) and one.refused == other.refused


def _obvious(given: list[Reading], now: float) -> dict[tuple[str, str], float]:
    """Compute every statistic of every variable, one at a time."""
    kept: dict[str, set[tuple[float, float]]] = defaultdict(set)
    for reading in given:
        one = variable(reading.variable)
        if math.isfinite(reading.at) and one.low <= reading.value <= one.high and _counts(reading.at, now):
            kept[reading.variable].add((reading.at, reading.value))
    table: dict[tuple[str, str], float] = {}
    for name, pairs in kept.items():
        ordered = sorted(pairs)
        for statistic, value in _statistics(ordered, now, variable(name).high - variable(name).low).items():
            table[name, statistic] = value
    return table


def _counts(at: float, now: float) -> bool:
    return now - 48 * HOUR < at <= now + AHEAD_S


def _statistics(ordered: list[tuple[float, float]], now: float, span: float) -> dict[str, float]:
    numbers = [value for _, value in ordered]
    hours = [(at - now) / HOUR for at, _ in ordered]
    mean, middle = math.fsum(numbers) / len(numbers), math.fsum(hours) / len(hours)
    found = {
        "last": numbers[-1],
        "first": numbers[0],
        "min": min(numbers),
        "max": max(numbers),
        "mean": mean,
        "sum": math.fsum(numbers),
        "count": float(len(numbers)),
        "age": max(0.0, -hours[-1]),
    }
    if len(numbers) > 1:
        found["sd"] = math.sqrt(math.fsum((value - mean) ** 2 for value in numbers) / len(numbers))
    if hours[-1] - hours[0] >= 1:
        spread = math.fsum((hour - middle) ** 2 for hour in hours)
        slope = math.fsum((hour - middle) * (value - mean) for hour, value in zip(hours, numbers, strict=True)) / spread
        found["slope"] = min(max(slope, -span), span)
    for limit in (6, 24):
        part = [value for hour, value in zip(hours, numbers, strict=True) if hour > -limit]
        if part:
            found |= {f"max_{limit}h": max(part), f"sum_{limit}h": math.fsum(part)}
            found[f"mean_{limit}h"] = math.fsum(part) / len(part)
    return found


@given(readings)
def test_the_statistics_are_those_of_the_obvious_version(given: list[Reading]) -> None:
    """All variables at once give what one at a time gives, and are missing where that is."""
    table = summarise(Windows.of(given).trimmed(NOW), NOW)
    expected = _obvious(given, NOW)
    for name, place in PLACES.items():
        for statistic, row in ROWS.items():
            if statistic.endswith("h") and statistic not in STATISTICS.get(name, "").split():
                continue  # no feature looks at it
            wanted = expected.get((name, statistic), math.nan)
            assert table[row, place] == pytest.approx(wanted, rel=1e-6, abs=1e-6, nan_ok=True), (name, statistic)


@given(readings, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(given: list[Reading], chance: random.Random) -> None:
    """Readings that come late, twice or in parts give the same windows."""
    mixed = [*given, *given[: len(given) // 2]]
    chance.shuffle(mixed)
    cut = len(mixed) // 2
    once, again = Windows.of(given), Windows.of(mixed)
    assert np.array_equal(once.times, again.times)
    assert np.array_equal(once.values, again.values)
    assert _same(again, Windows.of(mixed[:cut]).adding(mixed[cut:]))


@given(readings)
def test_windows_hold_what_is_possible_in_order(given: list[Reading]) -> None:
    """Every value kept is finite and in range, and each variable's times ascend."""
    windows = Windows.of(given)
    assert windows.starts[0] == 0
    assert windows.starts[-1] == len(windows.values)
    for one in SERIES:
        at, kept = windows.of_variable(one.name)
        assert all(one.low <= value <= one.high for value in kept)
        assert all(before <= after for before, after in pairwise(at))
    refused = sum(refusal.count for refusal in windows.refused)
    assert refused + len({(one.variable, one.at, one.value) for one in given if _possible(one)}) <= len(given)


@given(readings)
def test_trimming_twice_is_trimming_once(given: list[Reading]) -> None:
    """What counts at a time is settled by one look."""
    once = Windows.of(given).trimmed(NOW)
    assert _same(once, once.trimmed(NOW))


def _possible(reading: Reading) -> bool:
    one = variable(reading.variable)
    return math.isfinite(reading.at) and one.low <= reading.value <= one.high


def test_impossible_values_are_counted_and_said_by_reason() -> None:
    """A sensor that fell off, a broken number and a clock that runs ahead are three different things."""
    windows = Windows.of(
        [
            Reading("heart_rate", NOW, 0),
            Reading("heart_rate", NOW, 301),
            Reading("heart_rate", NOW, math.nan),
            Reading("temperature", math.inf, 37),
            Reading("temperature", NOW + AHEAD_S + 1, 37),
            Reading("temperature", NOW + AHEAD_S, 37),
        ]
    ).trimmed(NOW)
    assert windows.refused == (
        Refusal("heart_rate", NOT_A_NUMBER, 1),
        Refusal("heart_rate", OUTSIDE, 2),
        Refusal("temperature", LATER, 1),
        Refusal("temperature", NOT_A_NUMBER, 1),
    )
    assert windows.of_variable("temperature")[1].tolist() == [37]
    assert not len(windows.of_variable("heart_rate")[1])


def test_readings_of_a_future_clock_do_not_push_out_real_ones() -> None:
    """After a clock jumped ahead and back, the readings of the right time are all there."""
    real = [Reading("heart_rate", NOW - 60 * minute, 70) for minute in range(10)]
    wrong = [Reading("heart_rate", NOW + 10 * HOUR + second, 71) for second in range(LIMIT + 5)]
    windows = Windows.of([*real, *wrong]).trimmed(NOW)
    assert windows.of_variable("heart_rate")[1].tolist() == [70] * 10
    assert windows.refused == (Refusal("heart_rate", LATER, LIMIT + 5),)


def test_a_window_is_bounded_by_time_and_number() -> None:
    """48 hours and 4,096 readings are kept, the newest ones, of each variable."""
    many = [Reading("movement", NOW - second, second % 100) for second in range(LIMIT + 50)]
    old = [Reading("heart_rate", NOW - 48 * HOUR, 60), Reading("heart_rate", NOW - 48 * HOUR + 1, 61)]
    windows = Windows.of([*many, *old]).trimmed(NOW)
    at, _ = windows.of_variable("movement")
    assert (len(at), at[0], at[-1]) == (LIMIT, NOW - LIMIT + 1, NOW)
    assert windows.of_variable("heart_rate")[1].tolist() == [61]


def test_two_values_at_one_time_both_count() -> None:
    """Two portions of urine in one minute are both urine; the same portion told twice is one."""
    both = [Reading("urine", NOW, 200), Reading("urine", NOW, 100), Reading("urine", NOW, 100)]
    assert Windows.of(both).of_variable("urine")[1].tolist() == [100, 200]


@pytest.mark.parametrize("name", ["pulse", "age", "conditions"])
def test_a_reading_of_no_series_is_an_error(name: str) -> None:
    """What is not measured over time cannot come as a reading."""
    with pytest.raises(UnknownVariableError):
        Windows.of([Reading(name, NOW, 1)])


def test_windows_print_without_a_value() -> None:
    """A window in a log line says how much it holds, and nothing of it."""
    assert repr(Windows.of([Reading("heart_rate", NOW, 123)])) == "<Windows of 1 readings>"
