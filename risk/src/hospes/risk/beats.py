"""Beats: where the heart beats in one lead of an electrocardiogram, and how clean the recording is.

It finds ventricular beats by the energy of their slopes and names no rhythm. It works at once on a whole recording, for
which thresholds can look both ways; it is not for live monitoring. Own code after the published method.

Sources: Pan and Tompkins 1985 (doi:10.1109/TBME.1985.325532): band-pass, derivative, squaring, moving integration,
adaptive thresholds, refractory period of 200 ms, search back after 166 % of the usual interval; Li, Mark and Clifford
2008 (doi:10.1088/0967-3334/29/1/002) for agreement of two detectors as a measure of quality.
"""

import itertools
from typing import Final

import numpy as np

from hospes.risk.windows import Floats, Integers

LOW_HZ: Final = 5.0
HIGH_HZ: Final = 18.0
"""Band in which the QRS complex has most of its energy, wide enough for a filter by Fourier transform."""

INTEGRATION_S: Final = 0.12
REFRACTORY_S: Final = 0.25
SEARCH_BACK: Final = 1.66
NEAR_S: Final = 0.08
"""How far from the peak of energy a beat's own peak can be."""

SHORTEST_S: Final = 2.0
"""Length of a recording below which there is nothing to compare a beat with."""

_BLOCK_S: Final = 2.0
_ROUNDING: Final = 1e-12
"""Energy, as a share of the largest square, that the arithmetic of a flat line can show."""

_SHARE: Final = 0.30
_SHARE_BACK: Final = 0.15


def band_passed(samples: Floats, rate_hz: float, low_hz: float = LOW_HZ, high_hz: float = HIGH_HZ) -> Floats:
    """Return the part of a signal between two frequencies, without shift in time.

    The edges fall off as half a cosine over a third of the frequency, so that a beat does not ring.
    """
    length = len(samples)
    padded = np.concatenate((samples[::-1], samples, samples[::-1]))
    frequencies = np.fft.rfftfreq(len(padded), 1 / rate_hz)
    gain = _ramp(frequencies, low_hz * 2 / 3, low_hz) * (1 - _ramp(frequencies, high_hz, high_hz * 4 / 3))
    return np.fft.irfft(np.fft.rfft(padded) * gain, len(padded))[length : 2 * length]


def energy(samples: Floats, rate_hz: float) -> Floats:
    """Return the energy of slopes: the band-passed signal's squared derivative, integrated over 120 ms."""
    slopes = np.gradient(band_passed(samples, rate_hz))
    width = max(1, round(INTEGRATION_S * rate_hz))
    return np.convolve(slopes * slopes, np.full(width, 1 / width), "same")


def find(samples: Floats, rate_hz: float) -> Integers:
    """Return the sample numbers of beats, ascending.

    Parameters
    ----------
    samples : Floats
        Shape (n,): one lead, in any unit, either way up.
    rate_hz : float
        Samples a second.
    """
    if len(samples) < SHORTEST_S * rate_hz:
        return np.zeros(0, np.int64)
    strength = energy(samples, rate_hz)
    peaks = _peaks(strength, round(REFRACTORY_S * rate_hz))
    peaks = peaks[strength[peaks] > _ROUNDING * np.square(samples).max()]
    local = _local_height(strength, peaks, rate_hz)
    beats = peaks[strength[peaks] > _SHARE * local]
    beats = _searched_back(beats, peaks[strength[peaks] > _SHARE_BACK * local], strength)
    return _on_the_peak(band_passed(samples, rate_hz), beats, round(NEAR_S * rate_hz))


def _ramp(frequencies: Floats, start: float, end: float) -> Floats:
    """Rise from 0 at one frequency to 1 at another."""
    rise: Floats = 0.5 - 0.5 * np.cos(np.pi * np.clip((frequencies - start) / (end - start), 0, 1))
    return rise


def _peaks(strength: Floats, apart: int) -> Integers:
    """Return the local maxima that are the largest within a refractory period on either side."""
    padded = np.pad(strength, apart, constant_values=-1.0)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * apart + 1).max(axis=1)
    candidates = np.flatnonzero((strength >= around) & (strength > 0))
    apart_enough = np.diff(candidates, prepend=-apart - 1) > apart  # a plateau counts once
    return candidates[apart_enough]


def _local_height(strength: Floats, peaks: Integers, rate_hz: float) -> Floats:
    """Return for each peak the usual height of peaks: the median of the blocks' maxima, nearer blocks counting more."""
    block = round(_BLOCK_S * rate_hz)
    count = max(1, len(strength) // block)
    heights = np.array([part.max() for part in np.array_split(strength, count)])
    padded = np.pad(heights, 2, mode="edge")
    nearby = np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1)
    usual = np.minimum(nearby, 3 * np.median(heights))  # a burst of noise must not hide the beats beside it
    at_peaks: Floats = usual[np.minimum(peaks // block, count - 1)]
    return at_peaks


def _searched_back(beats: Integers, weaker: Integers, strength: Floats) -> Integers:
    """Add the strongest weaker peak wherever a beat is overdue."""
    if len(beats) < 3:  # noqa: PLR2004 - two intervals have no usual one
        return beats
    overdue = SEARCH_BACK * float(np.median(np.diff(beats)))
    found = list(beats)
    for before, after in itertools.pairwise(beats):
        between = weaker[(weaker > before) & (weaker < after)]
        if after - before > overdue and len(between):
            found.append(between[np.argmax(strength[between])])
    return np.sort(np.array(found, np.int64))


def _on_the_peak(signal: Floats, beats: Integers, near: int) -> Integers:
    """Move each beat to the largest deflection nearby, all in the direction that is larger in the recording."""
    if not len(beats):
        return beats
    padded = np.pad(signal, near)
    around: Floats = np.stack([padded[beat : beat + 2 * near + 1] for beat in beats])
    upper: Floats = around.max(axis=1)
    lower: Floats = -around.min(axis=1)
    upwards = float(np.median(upper)) >= float(np.median(lower))
    offsets: Integers = np.argmax(around if upwards else -around, axis=1)
    moved: Integers = np.unique(beats + offsets - near)
    return moved
