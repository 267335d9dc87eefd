"""Features of one short recording of a hand-held electrocardiogram: its beats, its atrial waves, its noise.

It takes samples and names no rhythm. Beside the regularity of intervals it looks at what stands before each beat: in a
sinus rhythm the same P wave, in atrial fibrillation none, or waves that belong to no beat.

Sources: those of `rhythm` and `beats`; Clifford et al. 2017 (doi:10.22489/CinC.2017.065-469) for the recordings and
why noise is a class of its own; Ladavich and Ghoraani 2015 (doi:10.1016/j.bspc.2014.12.007) for the absence of P waves.
"""

from typing import Final

import numpy as np

from hospes.risk import beats, rhythm
from hospes.risk.windows import Floats, Integers, Truths

NAMES: Final = (
    *(f"rhythm.{name}" for name in rhythm.NAMES),
    "rhythm.beats",
    "rhythm.rate",
    "rhythm.longest",
    "rhythm.shortest",
    "rhythm.settled_change",
    "wave.p_height",
    "wave.p_likeness",
    "wave.p_consistency",
    "wave.atrial_power",
    "wave.qrs_likeness",
    "wave.qrs_width",
    "noise.between_beats",
    "noise.high",
    "noise.low",
    "noise.agreement",
)
"""What `measure` returns, in this order."""

FEWEST_BEATS: Final = 6
"""Beats below which no rhythm is measured."""

_MS: Final = 1000.0
_BEFORE_S: Final = 0.30
_PAUSE_S: Final = 0.06
_AFTER_S: Final = 0.40
_QRS_S: Final = 0.06
_FAR: Final = 0.3


def measure(samples: Floats, rate_hz: float) -> Floats:
    """Return the features of a recording.

    Parameters
    ----------
    samples : Floats
        Shape (n,): one lead.
    rate_hz : float
        Samples a second.

    Returns
    -------
    Floats
        Shape (27,), in the order of `NAMES`; NaN where there are too few beats to tell.
    """
    values = np.full(len(NAMES), np.nan)
    if len(samples) < beats.SHORTEST_S * rate_hz:
        return values
    found = beats.find(samples, rate_hz)
    noise = _noise(samples, rate_hz, found)
    values[-4:] = noise
    values[len(rhythm.NAMES)] = len(found) * rate_hz / len(samples)
    if len(found) >= FEWEST_BEATS:
        intervals = np.diff(found) * (_MS / rate_hz)
        values[: len(rhythm.NAMES)] = rhythm.measure(intervals, FEWEST_BEATS - 1)
        first = len(rhythm.NAMES) + 1
        values[first : first + 4] = _extremes(intervals)
        values[first + 4 : first + 10] = _waves(samples, rate_hz, found)
    return values


def _extremes(intervals_ms: Floats) -> tuple[float, float, float, float]:
    """Return median rate, longest and shortest interval over the median, and the change apart from early beats."""
    median = float(np.median(intervals_ms))
    ratios = intervals_ms / median
    settled = np.abs(np.diff(intervals_ms))[(np.abs(ratios - 1) < 0.2)[1:] & (np.abs(ratios - 1) < 0.2)[:-1]]  # noqa: PLR2004
    change = float(settled.mean()) / median if len(settled) else float(np.abs(np.diff(intervals_ms)).mean()) / median
    return 60 * _MS / median, float(np.quantile(ratios, 0.95)), float(np.quantile(ratios, 0.05)), change


def _waves(samples: Floats, rate_hz: float, found: Integers) -> tuple[float, float, float, float, float, float]:
    """Return what stands before the beats, and how alike the beats are."""
    smooth = beats.band_passed(samples, rate_hz, 0.7, 40)
    before, qrs, after = (round(span * rate_hz) for span in (_BEFORE_S, _QRS_S, _AFTER_S))
    inside = found[(found >= before + qrs) & (found < len(samples) - after)]
    if len(inside) < 3:  # noqa: PLR2004 - two beats have no typical one
        return (np.nan, np.nan, np.nan, np.nan, np.nan, np.nan)
    around: Floats = np.stack([smooth[beat - before : beat + after] for beat in inside])
    complexes = around[:, before - qrs : before + qrs]
    typical: Floats = np.median(around, axis=0)
    height = float(np.ptp(np.median(complexes, axis=0))) or 1.0
    early: Floats = around[:, : before - round(_PAUSE_S * rate_hz)]
    early = early - np.linspace(0, 1, early.shape[1]) * (early[:, -1:] - early[:, :1]) - early[:, :1]
    wave: Floats = np.median(early, axis=0)
    apart: Floats = early - wave
    residue = float(np.abs(apart).mean())
    width = _width(typical, rate_hz)
    return (
        float(np.ptp(wave)) / height,
        _likeness(early, wave),
        float(np.abs(wave).mean() / (residue + 1e-9)),
        _atrial_power(smooth, rate_hz, inside, height),
        _likeness(complexes, np.median(complexes, axis=0)),
        width,
    )


def _width(typical: Floats, rate_hz: float) -> float:
    """Return for how many seconds the typical beat is far from its middle."""
    size: Floats = np.abs(typical - float(np.median(typical)))
    return float(np.count_nonzero(size > _FAR * float(np.abs(typical).max()))) / rate_hz


def _likeness(parts: Floats, typical: Floats) -> float:
    """Return the median correlation of parts with the typical one."""
    centred = parts - parts.mean(axis=1, keepdims=True)
    pattern = typical - typical.mean()
    size: Floats = np.sqrt((centred * centred).sum(axis=1) * (pattern * pattern).sum()) + 1e-12
    alike: Floats = centred @ pattern / size
    return float(np.median(alike))


def _atrial_power(smooth: Floats, rate_hz: float, found: Integers, height: float) -> float:
    """Return the size of waves of 4 to 10 a second between the beats, in heights of a beat."""
    band = beats.band_passed(smooth, rate_hz, 4, 10)
    quiet = _apart_from(found, len(smooth), round(0.12 * rate_hz), round(0.32 * rate_hz))
    return float(np.sqrt(np.mean(band[quiet] ** 2))) / height if quiet.any() else np.nan


def _apart_from(found: Integers, length: int, before: int, after: int) -> Truths:
    """Return which samples are in no beat: neither its complex nor its T wave."""
    edges = np.zeros(length + 1)
    np.add.at(edges, np.maximum(found - before, 0), 1)
    np.add.at(edges, np.minimum(found + after, length), -1)
    quiet: Truths = np.cumsum(edges[:-1]) == 0
    return quiet


def _noise(samples: Floats, rate_hz: float, found: Integers) -> tuple[float, float, float, float]:
    """Return four measures of how far the recording can be trusted, each larger with more noise but the last."""
    strength = beats.energy(samples, rate_hz)
    at_beats = float(np.median(strength[found])) if len(found) else 1.0
    between = float(np.median(strength)) / (at_beats + 1e-12)
    high = beats.band_passed(samples, rate_hz, 40, 90)
    qrs = beats.band_passed(samples, rate_hz)
    low = beats.band_passed(samples, rate_hz, 0.05, 0.7)
    scale = float(qrs.std()) + 1e-9
    return between, float(high.std()) / scale, float(low.std()) / scale, _agreement(qrs, rate_hz, found)


def _agreement(qrs: Floats, rate_hz: float, found: Integers) -> float:
    """Return the share of beats that a second, cruder detector finds too: peaks above half the usual height."""
    if not len(found):
        return 0.0
    size = np.abs(qrs)
    usual = float(np.median(size[found]))
    crude = np.flatnonzero(size > usual / 2)
    groups = np.split(crude, np.flatnonzero(np.diff(crude) > 0.2 * rate_hz) + 1)
    return len(found) / max(len(groups), len(found)) if len(crude) else 0.0
