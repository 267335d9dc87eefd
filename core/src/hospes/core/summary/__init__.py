"""Patient summaries: read as they really come, judged, told as facts, cut for an emergency, shown.

It does not fetch, translate, sign or store anything, and it imports nothing that does. `read` turns bytes into a
`Summary` or refuses them; everything else starts from a `Summary`.

Sources: FHIR R4 (4.0.1); HL7 International Patient Summary 2.0.0.
"""

from hospes.core.summary.cutting import RECORD_CLASS, Cut, SectionCut, cut_emergency
from hospes.core.summary.datatypes import Coding
from hospes.core.summary.facts import Detail, Fact, Label
from hospes.core.summary.findings import Code, Finding, Grade, Severity
from hospes.core.summary.model import Contact, DocumentHeader, PatientHeader, Section, Summary
from hospes.core.summary.reading import read
from hospes.core.summary.sections import SectionKind
from hospes.core.summary.showing import Line, Style, render_text
from hospes.core.summary.tree import Json, JsonObject, encode
from hospes.core.summary.trimming import Text

__all__ = [
    "RECORD_CLASS",
    "Code",
    "Coding",
    "Contact",
    "Cut",
    "Detail",
    "DocumentHeader",
    "Fact",
    "Finding",
    "Grade",
    "Json",
    "JsonObject",
    "Label",
    "Line",
    "PatientHeader",
    "Section",
    "SectionCut",
    "SectionKind",
    "Severity",
    "Style",
    "Summary",
    "Text",
    "cut_emergency",
    "encode",
    "read",
    "render_text",
]
