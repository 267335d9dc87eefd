"""Screen: what risk says, for a reader, with what is missing and the notice that it is no diagnosis.

It computes nothing and prints nothing; it returns lines.
"""

from collections.abc import Iterator, Sequence

from hospes.risk.assessment import NOTICE, Assessment, Reason, Score
from hospes.risk.features import FEATURES, position
from hospes.risk.vector import FeatureVector


def lines(vector: FeatureVector, assessments: Sequence[Assessment], scores: Sequence[Score]) -> Iterator[str]:
    """Return the screen of one traveller."""
    yield NOTICE
    yield f"{len(FEATURES) - len(vector.missing)} of {len(FEATURES)} features are known."
    for refusal in vector.refused:
        yield f"Set aside: {_words(refusal.variable)}, {refusal.count} {refusal.reason}."
    for assessment in assessments:
        yield ""
        yield from _assessment(assessment)
    for score in scores:
        yield ""
        yield from _score(score)
    if not assessments:
        yield ""
        yield "Too little is known for any learned model."


def _assessment(one: Assessment) -> Iterator[str]:
    yield f"{one.outcome.capitalize()}: {one.probability:.1%}, {one.horizon}"
    yield f"  as among {one.population}"
    for reason in one.reasons:
        yield f"  {reason.direction.value} it: {_reason(reason)}"
    total = one.used + len(one.missing)
    yield f"  model {one.model} {one.version}; {len(one.missing)} of its {total} inputs are missing"


def _reason(reason: Reason) -> str:
    if reason.value is None:
        return f"{_words(reason.feature)} is not known"
    unit = FEATURES[position(reason.feature)].unit
    return f"{_words(reason.feature)} {reason.value:.4g}{'' if unit == '1' else ' ' + unit}"


def _score(one: Score) -> Iterator[str]:
    least = "at least " if one.missing else ""
    yield f"{one.name}: {least}{one.value} of {one.highest}, {one.response}"
    yield "  " + ", ".join(f"{_words(part)} {points}" for part, points in one.parts)
    if one.missing:
        yield f"  not known: {', '.join(map(_words, one.missing))}"


def _words(name: str) -> str:
    return name.replace(".", ", ").replace("_", " ")
