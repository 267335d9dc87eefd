"""Published scores of a traveller, exact, from the features: NEWS2, qSOFA, CHA2DS2-VASc.

They are not learned, and none is made up from less than it needs: parts that are not known are named, and the value is
then the least that the score can be; its band then says "at least", or is none where it would reassure. A vital sign
counts while it is at most twelve hours old, the longest interval at which NEWS2 lets a patient be observed.

Sources: `news2`; qSOFA: Seymour et al. 2016 (doi:10.1001/jama.2016.0288); CHA2DS2-VASc: Lip et al. 2010
(doi:10.1378/chest.09-1584), which scores people who have atrial fibrillation and nobody else.
"""

from typing import Final

from hospes.risk.assessment import Score
from hospes.risk.news2 import Consciousness, Observations, news2
from hospes.risk.vector import FeatureVector

FRESH_H: Final = 12.0
"""Age in hours above which a vital sign says nothing of now (NEWS2, chart 4: minimum 12-hourly)."""

_FAST_BREATHING: Final = 22
_LOW_PRESSURE: Final = 100
_FULL_COMA_SCORE: Final = 15
_OLD_A: Final = 75
_ELDERLY_A: Final = 65
_SEPSIS: Final = 2


def scores(vector: FeatureVector, *, hypercapnic: bool = False) -> tuple[Score, ...]:
    """Return all published scores of which at least one part is known.

    Parameters
    ----------
    vector : FeatureVector
    hypercapnic : bool
        As for `news2`; only a clinician can say so.
    """
    found = (news2(observations(vector), hypercapnic=hypercapnic), qsofa(vector), stroke_risk(vector))
    return tuple(score for score in found if score.parts)


def observations(vector: FeatureVector) -> Observations:
    """Return the vital signs that are fresh enough to count."""
    oxygen, awake = _fresh(vector, "supplemental_oxygen"), _fresh(vector, "consciousness")
    return Observations(
        respiratory_rate=_fresh(vector, "respiratory_rate"),
        oxygen_saturation=_fresh(vector, "oxygen_saturation"),
        supplemental_oxygen=None if oxygen is None else oxygen > 0,
        systolic_pressure=_fresh(vector, "systolic_pressure"),
        heart_rate=_fresh(vector, "heart_rate"),
        consciousness=None if awake is None else Consciousness(round(awake)),
        temperature=_fresh(vector, "temperature"),
    )


def qsofa(vector: FeatureVector) -> Score:
    """Return the quick sepsis-related score: fast breathing, low pressure, altered mentation; from 2 on a warning."""
    breathing, pressure = _fresh(vector, "respiratory_rate"), _fresh(vector, "systolic_pressure")
    points = {
        "respiratory_rate": None if breathing is None else int(breathing >= _FAST_BREATHING),
        "systolic_pressure": None if pressure is None else int(pressure <= _LOW_PRESSURE),
        "consciousness": _altered(vector),
    }
    total = sum(filter(None, points.values()))
    below = None if None in points.values() else "below two"
    # Two of three is a warning whatever the third is; "at least" is for the value, as in all scores with missing parts.
    least = "" if below else "at least "
    words = f"{least}two or more: with an infection, look for failing organs" if total >= _SEPSIS else below
    return _score("qSOFA", points, 3, words, "Seymour et al. 2016, doi:10.1001/jama.2016.0288")


def stroke_risk(vector: FeatureVector) -> Score:
    """Return CHA2DS2-VASc. It means something only where there is atrial fibrillation."""
    age, sex = vector["person.age"], vector["person.sex"]
    vascular = max(vector["conditions.coronary_disease"], vector["conditions.vascular_disease"])
    points = {
        "heart_failure": _times(vector["conditions.heart_failure"], 1),
        "hypertension": _times(vector["conditions.hypertension"], 1),
        "age": None if age != age else (age >= _OLD_A) + int(age >= _ELDERLY_A),  # noqa: PLR0124 - NaN is not itself
        "diabetes": _times(vector["conditions.diabetes"], 1),
        "stroke": _times(vector["conditions.stroke"], 2),
        "vascular_disease": _times(vascular, 1),
        "sex": _times(1 - sex, 1),
    }
    least = "at least this, " if None in points.values() else ""
    words = f"{least}for people with atrial fibrillation only: yearly risk of stroke without treatment rises with it"
    return _score("CHA2DS2-VASc", points, 9, words, "Lip et al. 2010, doi:10.1378/chest.09-1584")


def _fresh(vector: FeatureVector, variable: str) -> float | None:
    """Return the latest value of a vital sign, if it is not too old."""
    return vector[f"{variable}.last"] if vector[f"{variable}.age"] <= FRESH_H else None


def _altered(vector: FeatureVector) -> int | None:
    """Return whether consciousness is altered: not alert, or a coma score below 15."""
    awake = _fresh(vector, "consciousness")
    if awake is not None:
        return int(awake > 0)
    # The features keep no age of the coma score, but whether it was taken in the last six hours.
    return int(vector["coma_score.last"] < _FULL_COMA_SCORE) if vector.has("coma_score.mean_6h") else None


def _times(flag: float, points: int) -> int | None:
    return None if flag != flag else points * round(flag)  # noqa: PLR0124 - NaN is not itself


def _score(name: str, points: dict[str, int | None], highest: int, words: str | None, source: str) -> Score:
    known = tuple((part, value) for part, value in points.items() if value is not None)
    missing = tuple(part for part, value in points.items() if value is None)
    return Score(name, sum(value for _, value in known), highest, words, known, missing, source)
