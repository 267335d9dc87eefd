"""Facts: what a patient summary says, one statement at a time, in the form in which it is shown.

A fact is a view of one resource. What it does not show is not lost, its `pointer` leads to the whole resource; and it
draws no conclusions: a status is repeated as it was stated, or shown as absent.
"""

from enum import StrEnum

from hospes.core.summary.datatypes import Coding, Element


class Label(StrEnum):
    """What a detail of a fact is about."""

    CRITICALITY = "criticality"
    REACTION = "reaction"
    CATEGORY = "category"
    CERTAINTY = "certainty"
    SEVERITY = "severity"
    BODY_SITE = "body site"
    END = "ended"
    DOSAGE = "dosage"
    REASON = "reason"
    VALUE = "value"
    INTERPRETATION = "interpretation"
    USUAL = "usual range"
    PART = "part"
    DEVICE = "device"
    MODEL = "model"
    SERIES = "dose"
    LOT = "lot"
    OUTCOME = "outcome"
    CONCLUSION = "conclusion"
    DIRECTIVE = "directive"
    DOCUMENT = "document"
    PLAN = "planned"
    NOTE = "note"


class Detail(Element, frozen=True):
    """One particular of a fact."""

    label: Label
    text: str


class Fact(Element, frozen=True, kw_only=True):
    """One statement about the patient.

    Attributes
    ----------
    resource_type : str
        FHIR type, such as ``"AllergyIntolerance"``.
    text : str
        What it is; never empty.
    codings : tuple[Coding, ...]
        The same as codes, in every system that was given.
    status : str
        As stated: a code such as ``"active"``, or nothing.
    date : str
        When it began or happened, else when it was recorded; as written, up to the day, possibly a period.
    source : str
        Who stated, did or measured it; nothing if the document does not say.
    details : tuple[Detail, ...]
    pointer : str
        JSON pointer of the resource; of the reference to it, if that leads nowhere.
    listed_at : str
        JSON pointer of the section's reference to it; nothing for a fact that no section lists.
    entry : int
        Index of the bundle's entry that holds it; -1 if the reference leads nowhere.
    """

    resource_type: str
    text: str
    codings: tuple[Coding, ...] = ()
    status: str = ""
    date: str = ""
    source: str = ""
    details: tuple[Detail, ...] = ()
    pointer: str = ""
    listed_at: str = ""
    entry: int = -1

    def detail(self, label: Label) -> str:
        """Return the details of one kind, parted by semicolons."""
        return "; ".join(detail.text for detail in self.details if detail.label == label)


class Draft(Element, frozen=True, kw_only=True):
    """A fact before it is known where it stands and whether it can be named."""

    text: str
    codings: tuple[Coding, ...] = ()
    status: str = ""
    date: str = ""
    source: str = ""
    details: tuple[Detail, ...] = ()
