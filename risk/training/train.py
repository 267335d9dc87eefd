"""Train: learn every model of risk from the shared data, and write its files, its card and the manifest.

``make models`` runs it in an environment of its own (requirements/training.txt); nothing else needs that environment.
The same data, settings and versions give the same files. It takes about five minutes on one core.

Sources: the data's in `inputs`; the method's in `fitting`.
"""

# Packages of the training environment (requirements/training.txt), which the project's own does not have.
# mypy: disable-error-code="import-not-found,import-untyped"
# pyright: basic, reportMissingImports=false
# ruff: noqa: INP001, T201

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from risk.training import cards, inputs
from risk.training.cards import Figures, Subject, figures, write
from risk.training.fitting import Settings, judge
from sklearn.model_selection import LeaveOneGroupOut, StratifiedKFold

from hospes.risk import recording, rhythm
from hospes.risk.features import FEATURES
from hospes.risk.statistics import PARTS_H
from hospes.risk.variables import Source, variable

NAMES: Final = tuple(feature.name for feature in FEATURES)
FOLDS: Final = 10
SPLIT: Final = 1
"""Seed of the folds of all figures. Settings were chosen on the folds of seed 0."""

OLD_A: Final = 65
COUNTED: Final = (".count", ".age")
"""Statistics that tell how a ward measures, and not how a patient is: left out where a device measures."""

STAYS_DATA: Final = (
    "PhysioNet/Computing in Cardiology Challenge 2012, set a: 3,996 stays in intensive care of adults in one hospital "
    "in Boston, 2001 to 2008, first 48 hours, 55 % aged 65 or more; 13.9 % died in hospital. Licence ODC-BY 1.0. "
    "Attribution: Silva et al. 2012, *Predicting in-hospital mortality of ICU patients* (PMID 24678516); Goldberger et "
    "al. 2000 (doi:10.1161/01.CIR.101.23.e215). Ages above 89 are masked in the source and count as 90."
)
STAYS_VALIDATION: Final = (
    f"Stratified {FOLDS}-fold cross-validation over all stays: each is judged by a model that has not seen it, run "
    "from its ONNX graph, and calibrated by a line fitted to the other folds. Intervals from 500 bootstrap samples."
)
STAYS_CHOICES: Final = (
    "Gradient-boosted trees and a ridge-penalised piecewise linear model, added. Depth, number and weights were chosen "
    "among some 25 settings on one split (seed 0) of the same stays by AUROC and AUPRC, and which statistics of a "
    "variable are features with a look at their importance in these stays; the figures are of another split (seed 1). "
    "They are therefore a little too good, by what choosing can gain: expect 0.00 to 0.01 of AUROC less elsewhere in "
    "the same hospital, and more less in another."
)
STAYS_LIMITS: Final = (
    "Learned from one hospital's intensive care, where one in seven died. In a traveller who is not in intensive care "
    "the probability is far too high as it stands: what may be used is its order, and its change in one person. Which "
    "values are missing follows that hospital's habits. Skin colour, pregnancy, age under 16 and implanted devices are "
    "not considered. Age and sex are inputs: errors may differ between groups, and have been looked at by age only."
)
STAYS_USE: Final = (
    "To help a clinician or the alert policy see who is getting worse, with reasons. Never to withhold care, never "
    "alone, never as a diagnosis."
)
STAYS: Final[dict[str, tuple[str, str]]] = {
    "deterioration": ("Deterioration, with laboratory values", "all features of hospital variables"),
    "deterioration_bedside": ("Deterioration, from the bedside", "features of what is seen without a laboratory"),
    "deterioration_wearable": ("Deterioration, from a wearable", "features of what a wearable measures"),
}
SETTINGS: Final = {
    "deterioration": Settings(trees=230, depth=4, rate=0.06, leaf=20, ridge=3, share=0.3, linear=0.3),
    "deterioration_bedside": Settings(trees=200, rate=0.06, leaf=75, copies=2, dropped=0.15),
    "deterioration_wearable": Settings(trees=200, rate=0.06, leaf=100, copies=3, dropped=0.3),
}


ABSENCE: Final = (
    " In intensive care a sign that is not measured says something of the patient; of a device it says that it came "
    "off. So this model has learned from copies of the cases too, in which variables, and the shorter spans, were "
    "missing by chance: it costs 0.002 to 0.017 of AUROC where absence does speak, and gains where it does not."
)
"""What is said of the models that learned from copies."""


def missing_together() -> NDArray[np.bool_]:
    """Return which features go missing together: those of one variable, and those of one shorter span."""
    names = sorted({one for feature in FEATURES for one in feature.variables})
    by_variable = [[name in feature.variables for feature in FEATURES] for name in names]
    by_span = [[feature.name.endswith(f"_{hours}h") for feature in FEATURES] for hours in PARTS_H]
    return np.array(by_variable + by_span)


def may_use(name: str, feature: str) -> bool:
    """Return whether a model of deterioration may use a feature."""
    described = FEATURES[NAMES.index(feature)]
    if not all(_measured(name, one) for one in described.variables):
        return False
    return name == "deterioration" or feature == "person.age" or not feature.endswith(COUNTED)


def _measured(name: str, one: str) -> bool:
    described = variable(one)
    if name == "deterioration":
        return Source.HOSPITAL in described.sources
    if name == "deterioration_bedside":
        laboratory = described.sources == (Source.HOSPITAL, Source.SUMMARY)
        return one == "glucose" or (Source.HOSPITAL in described.sources and not laboratory)
    return one in {"age", "sex", "height", "weight"} or (
        Source.WEARABLE in described.sources and described.sources[0] is Source.WEARABLE
    )


def deterioration(name: str, stays: inputs.Stays) -> dict[str, Any]:
    """Learn one model of deterioration."""
    known = (~np.isnan(stays.inputs)).sum(axis=0) > 0
    columns = [index for index, one in enumerate(NAMES) if known[index] and may_use(name, one)]
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=SPLIT).split(stays.inputs, stays.deaths))
    judged = judge(stays.inputs, stays.deaths, columns, folds, SETTINGS[name], missing_together())
    age = stays.inputs[:, NAMES.index("person.age")]
    table = [
        figures("all", judged.probabilities, stays.deaths),
        figures("aged 65 or more", judged.probabilities[age >= OLD_A], stays.deaths[age >= OLD_A]),
        figures("younger than 65", judged.probabilities[age < OLD_A], stays.deaths[age < OLD_A]),
    ]
    title, of = STAYS[name]
    subject = Subject(
        name=name,
        version="1",
        title=title,
        outcome="death in hospital",
        population="adults in intensive care for 48 hours, one hospital in Boston, 2001 to 2008",
        horizon="from 48 hours after admission to discharge from hospital",
        inputs=NAMES,
        data=f"{STAYS_DATA} This model uses {of}.",
        use=STAYS_USE,
        limits=STAYS_LIMITS,
        choices=STAYS_CHOICES + (ABSENCE if SETTINGS[name].copies else ""),
        validation=STAYS_VALIDATION,
    )
    return write(subject, judged, SETTINGS[name], _shown(table))


def beats() -> dict[str, Any]:
    """Learn the model of atrial fibrillation from windows of beats."""
    data = inputs.windows_of_beats()
    records = np.array(data.records)
    settings = Settings(trees=0, linear=1, bends=False, strength=0.1, calibrate=False)
    folds = list(LeaveOneGroupOut().split(data.inputs, data.fibrillation, records))
    judged = judge(data.inputs, data.fibrillation, list(range(len(rhythm.NAMES))), folds, settings)
    subject = Subject(
        name="fibrillation",
        version="1",
        title="Atrial fibrillation, from intervals between beats",
        outcome="atrial fibrillation",
        population="13 people with mostly paroxysmal atrial fibrillation, ten-hour recordings, Boston, before 1983",
        horizon="during the last 128 beats",
        inputs=tuple(f"beat_interval.{name}" for name in rhythm.NAMES),
        data="MIT-BIH Atrial Fibrillation Database, 13 of its 25 recordings: beat positions at 250 a second, cut into "
        "5,153 windows of 128 beats; a window is positive if most of its beats stand in `(AFIB`, and negative in any "
        "other rhythm, flutter included. Licence ODC-BY 1.0. Attribution: Moody and Mark 1983, *A new method for "
        "detecting atrial fibrillation using R-R intervals*; Goldberger et al. 2000 (doi:10.1161/01.CIR.101.23.e215).",
        use="To suggest that a rhythm be looked at by somebody who can read an electrocardiogram.",
        limits="Thirteen people. Regular flutter looks regular, frequent extra beats look irregular; paced rhythms "
        "were not seen. Beats came from an electrocardiogram: a pulse sensor in movement finds beats that are none. "
        "One recording weighs as much as its windows.",
        choices="Ridge-penalised logistic regression of twelve features, each cut off at the outer 5 %; four settings "
        "were compared, and the simplest was as good as any.",
        validation="Leaving one recording out: each window is judged by a model that has seen no beat of its person, "
        "run from its ONNX graph; all windows pooled. Intervals from 500 bootstrap samples of whole recordings.",
    )
    table = [figures("all windows", judged.probabilities, data.fibrillation, records)]
    return write(subject, judged, settings, _shown(table))


def strips() -> dict[str, Any]:
    """Learn the model of atrial fibrillation from short recordings."""
    data = inputs.strips()
    labels = np.array(data.labels)
    truth = labels == "A"
    settings = Settings(trees=100, depth=3, rate=0.05, leaf=10, ridge=10, share=0.2, linear=0.5, strength=0.1)
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=SPLIT).split(data.inputs, labels))
    judged = judge(data.inputs, truth, list(range(len(recording.NAMES))), folds, settings)
    subject = Subject(
        name="fibrillation_recording",
        version="1",
        title="Atrial fibrillation, from a hand-held recording",
        outcome="atrial fibrillation",
        population="users of a hand-held recorder in the United States; atrial fibrillation over-represented, 28 %",
        horizon="during the recording, 9 to 61 seconds",
        inputs=recording.NAMES,
        data="400 recordings of the training set of the PhysioNet/Computing in Cardiology Challenge 2017: one lead, "
        "300 samples a second; 110 atrial fibrillation, 150 normal, 110 other rhythm, 30 noise. Licence ODC-BY 1.0. "
        "Attribution: Clifford et al. 2017 (doi:10.22489/CinC.2017.065-469); Goldberger et al. 2000 "
        "(doi:10.1161/01.CIR.101.23.e215).",
        use="To suggest that a rhythm be looked at by somebody who can read an electrocardiogram.",
        limits="The probability is calibrated for a collection in which more than one in four fibrillates; in a person "
        "without complaints it is too high. Noise was rare among what it learned from. Recordings of one person may "
        "stand in several folds: the source does not say whose they are.",
        choices="Small trees and a piecewise linear model, added; five settings were compared on the folds of seed 0, "
        "the figures are from those of seed 1.",
        validation=f"Stratified {FOLDS}-fold cross-validation over recordings, calibrated by the other folds. "
        "Intervals from 500 bootstrap samples of recordings.",
    )
    table = [
        figures(what, judged.probabilities[among], truth[among])
        for what, among in (
            ("A against N", np.isin(labels, ("A", "N"))),
            ("A against N and O", np.isin(labels, ("A", "N", "O"))),
            ("A against all, noise included", np.isin(labels, ("A", "N", "O", "~"))),
        )
    ]
    return write(subject, judged, settings, _shown(table))


def _shown(table: list[Figures]) -> list[Figures]:
    """Print what was measured, and hand it on."""
    for line in table:
        print(f"{line.what}: {line.quality}")
    return table


def main() -> None:
    """Learn all models."""
    stays = inputs.stays()
    rows = [deterioration(name, stays) for name in STAYS]
    cards.write_manifest([*rows, beats(), strips()])


if __name__ == "__main__":
    main()
