"""Groups of conditions and medicines, and the codes by which a patient summary names them.

It reads codes, never words: a condition that a summary names in free text alone is not seen, and nothing says that it
is absent. A group is a coarse thing made for counting risk; it is not a diagnosis.

Sources: ICD-10 (WHO, 2019) chapters; SNOMED CT concept identifiers of the International Patient Summary's free set;
ATC/DDD index 2024 (WHO Collaborating Centre). The groups of conditions are those of CHA2DS2-VASc (Lip et al. 2010,
doi:10.1378/chest.09-1584) and of the comorbidity index of Charlson et al. 1987 (doi:10.1016/0021-9681(87)90171-8) as
far as ICD-10 codes them in Quan et al. 2005 (doi:10.1097/01.mlr.0000182534.19832.83).
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions, or medicines, that count as one.

    Attributes
    ----------
    name : str
    prefixes : tuple[str, ...]
        Beginnings of ICD-10 codes of a condition, or of ATC codes of a medicine, without dots.
    concepts : tuple[str, ...]
        SNOMED CT identifiers, each exactly.
    meaning : str
    """

    name: str
    prefixes: tuple[str, ...]
    concepts: tuple[str, ...]
    meaning: str


def _group(name: str, meaning: str, prefixes: str, concepts: str = "") -> Group:
    return Group(name, tuple(prefixes.split()), tuple(concepts.split()), meaning)


CONDITIONS: Final[tuple[Group, ...]] = (
    _group("atrial_fibrillation", "atrial fibrillation or flutter", "I48", "49436004 5370000 282825002 440059007"),
    _group(
        "heart_failure", "heart failure, cardiomyopathy", "I50 I110 I130 I132 I42 I43", "84114007 42343007 48447003"
    ),
    _group(
        "coronary_disease", "coronary heart disease", "I20 I21 I22 I23 I24 I25", "53741008 22298006 414545008 194828000"
    ),
    _group("hypertension", "high blood pressure", "I10 I11 I12 I13 I15", "38341003 59621000"),
    _group("diabetes", "diabetes mellitus", "E10 E11 E12 E13 E14", "73211009 44054006 46635009"),
    _group("stroke", "stroke, transient attack or embolism", "I63 I64 G45 I69 I74", "230690007 266257000 422504002"),
    _group("vascular_disease", "disease of arteries", "I70 I71 I739", "400047006 399957001"),
    _group(
        "chronic_lung_disease", "chronic lung disease, asthma", "J40 J41 J42 J43 J44 J45 J47 J84", "13645005 195967001"
    ),
    _group("kidney_disease", "chronic kidney disease", "N18 N19", "709044004 433146000 46177005"),
    _group("liver_disease", "chronic liver disease", "K70 K72 K73 K74", "328383001 19943007"),
    _group("cancer", "malignant tumour", "C", "363346000 254837009 254637007 399068003 363406005"),
    _group("dementia", "dementia", "F00 F01 F02 F03 G30", "52448006 26929004"),
)
"""Groups of long-term conditions."""

MEDICINES: Final[tuple[Group, ...]] = (
    _group("anticoagulant", "against clotting, but not against platelets", "B01AA B01AB B01AE B01AF B01AX"),
    _group("antiplatelet", "against platelets", "B01AC"),
    _group("rate_control", "slows the heart: beta blockers, digoxin, verapamil, diltiazem", "C07 C01AA C08D"),
    _group("diuretic", "drives out water", "C03"),
    _group("glucose_lowering", "against diabetes", "A10"),
    _group("corticosteroid", "cortisone and its kin, by mouth or injected", "H02"),
)
"""Groups of medicines."""

CONDITION_WORDS: Final = tuple(group.name for group in CONDITIONS)
"""All that `Person.conditions` may hold."""

MEDICINE_WORDS: Final = tuple(group.name for group in MEDICINES)
"""All that `Person.medicines` may hold."""
