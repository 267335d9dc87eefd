"""Beats in an electrocardiogram: found where they are, in noise, either way up, and not where there are none."""

# The hints of pytest.approx and of numpy 1.26 are partly unknown.
# pyright: reportUnknownMemberType=false

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from hospes.risk import beats, recording

Floats = NDArray[np.float64]
RATE = 300.0


def _strip(at_s: list[float], seconds: float, noise: float = 0.0, p_wave: float = 0.15) -> Floats:
    """A made-up lead: a narrow beat at each time, a P wave 160 ms before and a T wave 250 ms after it."""
    time = np.arange(round(seconds * RATE)) / RATE
    lead = np.zeros(len(time))
    for beat in at_s:
        for shift, height, width in ((0.0, 1.0, 0.012), (-0.16, p_wave, 0.025), (0.25, 0.25, 0.05)):
            lead += height * np.exp(-0.5 * ((time - beat - shift) / width) ** 2)
    wander = 0.3 * np.sin(2 * np.pi * 0.2 * time)
    whole: Floats = lead + wander + noise * np.random.default_rng(3).normal(size=len(time))
    return whole


def _regular(seconds: float, interval: float) -> list[float]:
    return list(np.arange(0.5, seconds - 0.5, interval))


@pytest.mark.parametrize("upside", [1, -1])
@pytest.mark.parametrize("scale", [0.001, 1, 1000])
@pytest.mark.parametrize("interval", [0.4, 0.8, 1.5])
def test_every_beat_is_found_where_it_is(interval: float, scale: float, upside: int) -> None:
    """Fast or slow, in any unit, with the electrodes swapped or not, each beat is found within 20 ms."""
    at = _regular(20, interval)
    found = beats.find(upside * scale * _strip(at, 20, noise=0.02), RATE)
    assert len(found) == len(at)
    assert np.abs(found / RATE - np.array(at)).max() < 0.02


def test_a_weak_beat_among_strong_ones_is_searched_for() -> None:
    """A beat of a third of the height, where one is overdue, is found after all."""
    lead = _strip([0.5, 1.3, 2.1, 3.7, 4.5, 5.3, 6.1], 7)
    lead += 0.4 * (_strip([2.9], 7) - _strip([], 7))
    assert len(beats.find(lead, RATE)) == 8


def test_a_burst_of_noise_hides_no_beat_elsewhere() -> None:
    """Two seconds of a loose electrode cost the beats in them, not those beside them."""
    at = _regular(30, 0.8)
    lead = _strip(at, 30, noise=0.01)
    lead[3000:3300] += np.random.default_rng(4).normal(scale=8, size=300)
    found = beats.find(lead, RATE) / RATE
    calm = [beat for beat in at if not 9.5 < beat < 11.5]
    assert all(np.abs(found - beat).min() < 0.03 for beat in calm)


@pytest.mark.parametrize("samples", [0, 10, 599])
def test_a_recording_of_less_than_two_seconds_has_no_beats(samples: int) -> None:
    """There is nothing to compare a beat with."""
    assert len(beats.find(np.ones(samples), RATE)) == 0


def test_a_flat_line_has_no_beats() -> None:
    """An electrode that fell off is not a heart."""
    assert len(beats.find(np.full(3000, 5.0), RATE)) == 0
    found = dict(zip(recording.NAMES, recording.measure(np.full(3000, 5.0), RATE), strict=True))
    assert np.isnan(found["rhythm.mean"])
    assert found["rhythm.beats"] == 0


@given(st.lists(st.integers(-32768, 32767), max_size=1500))
def test_whatever_the_samples_beats_are_inside_and_apart(samples: list[int]) -> None:
    """No recording breaks the detector, and no two beats are the same."""
    lead = np.array(samples, float)
    found = beats.find(lead, RATE)
    assert all(0 <= beat < len(lead) for beat in found)
    assert (np.diff(found) > 0).all()
    assert len(recording.measure(lead, RATE)) == len(recording.NAMES)


def test_a_p_wave_makes_what_precedes_the_beats_alike() -> None:
    """With a P wave the parts before the beats resemble each other; with noise in its place they do not."""
    at = _regular(20, 0.8)
    with_wave, without = (
        dict(zip(recording.NAMES, recording.measure(_strip(at, 20, 0.03, height), RATE), strict=True))
        for height in (0.2, 0.0)
    )
    assert with_wave["wave.p_likeness"] > without["wave.p_likeness"] + 0.3
    assert with_wave["wave.p_height"] > without["wave.p_height"]


def test_rate_and_intervals_by_hand() -> None:
    """A beat every 0.8 s is 75 a minute, all intervals alike."""
    found = dict(zip(recording.NAMES, recording.measure(_strip(_regular(20, 0.8), 20), RATE), strict=True))
    assert found["rhythm.rate"] == pytest.approx(75, abs=0.5)
    assert found["rhythm.mean"] == pytest.approx(800, abs=2)
    assert found["rhythm.longest"] == pytest.approx(1, abs=0.01)
    assert found["rhythm.shortest"] == pytest.approx(1, abs=0.01)
    assert found["noise.agreement"] == 1
