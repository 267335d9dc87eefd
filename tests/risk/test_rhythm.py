"""The rhythm of beats: each feature by example, artefacts, and what tells fibrillation from a sinus rhythm."""

# The hints of pytest.approx and of numpy 1.26 are partly unknown.
# pyright: reportUnknownMemberType=false, reportPrivateUsage=false

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from hospes.risk import rhythm
from hospes.risk.features import BEATS

Floats = NDArray[np.float64]


def _measured(intervals: Floats) -> dict[str, float]:
    return dict(zip(rhythm.NAMES, rhythm.measure(intervals), strict=True))


def _sinus(count: int = 128) -> Floats:
    """A breathing heart: 60 a minute, faster and slower by 5 % with each breath."""
    return np.array([1000 + 50 * math.sin(beat * 2 * math.pi / 5) for beat in range(count)])


def _fibrillating(count: int = 128) -> Floats:
    return np.random.default_rng(1).uniform(450, 1000, count)


def test_a_clock_has_no_variation() -> None:
    """Equal intervals have no change, no entropy and no turning point."""
    found = _measured(np.full(128, 800.0))
    assert found["mean"] == 800
    for name in ("variation", "successive", "median_change", "changes_over_50ms", "shannon_entropy"):
        assert found[name] == 0, name
    for name in ("turning_points", "autocorrelation", "scatter", "early_beats", "artefacts"):
        assert found[name] == 0, name


def test_an_alternating_heart_by_hand() -> None:
    """Long and short in turn: every change is 200 ms, every beat inside turns, each interval opposes the next."""
    found = _measured(np.tile([900.0, 700.0], 64))
    assert found["mean"] == 800
    assert found["variation"] == pytest.approx(100 / 800)
    assert found["successive"] == pytest.approx(200 / 800)
    assert found["median_change"] == pytest.approx(200 / 900)
    assert found["changes_over_50ms"] == 1
    assert found["turning_points"] == 1
    assert found["autocorrelation"] == pytest.approx(-127 / 128)
    assert found["scatter"] == 0
    assert found["shannon_entropy"] == pytest.approx(math.log(2) / math.log(16))


def test_sample_entropy_of_a_short_row_by_hand() -> None:
    """Of six intervals, pairs within 30 ms are counted; whether their followers match too gives the entropy."""
    row = np.array([800.0, 810.0, 820.0, 800.0, 810.0, 820.0])
    # Ten pairs of the first five are all near, and so are their followers: log(10 / 10) vanishes.
    assert rhythm.sample_entropy(row, 810.0) == pytest.approx(math.log(60) - math.log(810))


@given(st.lists(st.integers(240, 2400), min_size=3, max_size=40))
def test_matches_are_those_that_one_pair_at_a_time_gives(row: list[int]) -> None:
    """Counting along the memory counts each pair of templates once."""
    near = np.abs(np.subtract.outer(row, row)) <= 30
    pairs = [(i, j) for i in range(len(row) - 1) for j in range(i) if near[i, j]]
    assert rhythm._matches(near) == (len(pairs), sum(1 for i, j in pairs if near[i + 1, j + 1]))


def test_sample_entropy_widens_until_there_are_enough_matches() -> None:
    """Wild intervals still get a value, at a coarser tolerance."""
    wild = np.array([300.0, 900.0, 1500.0, 600.0, 1200.0, 2100.0, 400.0, 1800.0] * 2) + np.arange(16) * 7.0
    assert math.isfinite(rhythm.sample_entropy(wild, float(wild.mean())))


def test_early_beats_are_counted() -> None:
    """One extra beat in eight, early by 40 %, is one early interval in eight."""
    row = np.full(128, 800.0)
    row[4::8], row[5::8] = 480.0, 1120.0
    assert _measured(row)["early_beats"] == pytest.approx(1 / 8)


def test_artefacts_are_set_aside_and_counted() -> None:
    """Beats too many and beats missed do not stretch the rhythm that is left."""
    row = np.full(128, 800.0)
    row[10], row[50], row[90] = 210.0, 2900.0, 239.9
    found = _measured(row)
    assert found["mean"] == 800
    assert found["artefacts"] == pytest.approx(3 / 128)


@pytest.mark.parametrize(("count", "known"), [(0, False), (63, False), (64, True), (128, True)])
def test_too_few_intervals_say_nothing(*, count: int, known: bool) -> None:
    """Below 64 usable intervals all features are missing, and from there on none is."""
    found = rhythm.measure(_sinus(count))
    assert np.isnan(found).all() != known
    assert np.isnan(found).any() != known


def test_only_the_last_128_intervals_count() -> None:
    """What the heart did before does not matter."""
    assert np.array_equal(rhythm.measure(np.concatenate((_fibrillating(), _sinus()))), rhythm.measure(_sinus()))


def test_fibrillation_is_more_irregular_than_a_sinus_rhythm_in_every_way() -> None:
    """What the literature says of each feature is so."""
    calm, wild = _measured(_sinus()), _measured(_fibrillating())
    for name in ("variation", "successive", "median_change", "changes_over_50ms", "sample_entropy", "scatter"):
        assert wild[name] > calm[name], name


@given(st.lists(st.floats(200, 3000), min_size=0, max_size=200))
def test_whatever_the_intervals_features_stay_in_their_ranges(row: list[float]) -> None:
    """No possible row of intervals breaks a feature or its range."""
    found = rhythm.measure(np.array(row))
    for value, (name, _, low, high, _) in zip(found, BEATS, strict=True):
        assert math.isnan(value) or low <= value <= high, name
    assert np.isnan(found).all() or not np.isnan(found).any()


@given(st.lists(st.integers(300, 2000), min_size=64, max_size=128), st.sampled_from((0.5, 2.0)))
def test_shares_do_not_depend_on_the_pace(row: list[int], pace: float) -> None:
    """Features that compare intervals with each other are the same for a heart of twice the rate."""
    one = np.array(row, float)
    usable = one[(one >= 480) & (one <= 1200)]
    if len(usable) < 64:
        return
    slow, fast = _measured(usable), _measured(usable * pace)
    for name in ("variation", "successive", "median_change", "turning_points", "autocorrelation", "early_beats"):
        assert slow[name] == pytest.approx(fast[name]), name
