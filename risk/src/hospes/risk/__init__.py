"""Risk: features, clinical scores and learned models; pure, without any input or output but the models' own files.

It reads no network, clock or record, and it decides nothing: whom to alert, and when, is the policy of the oracle.
"""

from hospes.risk.assessing import assess
from hospes.risk.assessment import NOTICE, Assessment, Direction, Reason, Score
from hospes.risk.extraction import extract
from hospes.risk.features import FEATURES, Feature
from hospes.risk.news2 import news2
from hospes.risk.persons import person_of, readings_of
from hospes.risk.published import scores
from hospes.risk.readings import Person, Reading, Travel
from hospes.risk.refusals import Refusal
from hospes.risk.variables import VARIABLES, Source, Variable
from hospes.risk.vector import FeatureVector
from hospes.risk.windows import Windows

__all__ = [
    "FEATURES",
    "NOTICE",
    "VARIABLES",
    "Assessment",
    "Direction",
    "Feature",
    "FeatureVector",
    "Person",
    "Reading",
    "Reason",
    "Refusal",
    "Score",
    "Source",
    "Travel",
    "Variable",
    "Windows",
    "assess",
    "extract",
    "news2",
    "person_of",
    "readings_of",
    "scores",
]
