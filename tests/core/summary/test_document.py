"""The document: where its parts are, and where references lead; it is refused only where nothing could be shown."""

import pytest

from hospes.core.errors import MalformedError
from hospes.core.summary.document import Document
from hospes.core.summary.findings import Code, Ledger
from tests.core.summary.paper_summary import PaperSummary, Tree, link

AT_A_SERVER = "https://a.example/fhir/Condition/c1"


def document(paper: PaperSummary) -> Document:
    """Return the document without judging it."""
    return Document(paper.bundle, Ledger())


@pytest.fixture
def paper() -> PaperSummary:
    """A clean document."""
    return PaperSummary()


@pytest.mark.parametrize("lost", ["composition", "patient"])
def test_without_a_head_or_a_patient_there_is_nothing_to_show(paper: PaperSummary, lost: str) -> None:
    """Each of the two is needed, and the refusal names it."""
    paper.drop(lost)
    with pytest.raises(MalformedError, match=lost) as refused:
        paper.read()
    assert refused.value.where == "/entry"


@pytest.mark.parametrize("entry", [None, [], {}, "text", [None, 5, {"resource": None}], [{"resource": {"id": "x"}}]])
def test_a_bundle_without_entries_is_refused(paper: PaperSummary, entry: object) -> None:
    """Whatever stands where the entries should be."""
    paper.bundle["entry"] = entry
    with pytest.raises(MalformedError, match="composition"):
        paper.read()


@pytest.mark.parametrize(
    ("reference", "found", "loose"),
    [
        (AT_A_SERVER, "c1", False),
        ("Condition/c1", "c1", False),
        ("https://a.example/fhir/Condition/c1/_history/2", "c1", True),
        ("https://b.example/Condition/c1", "c1", True),
        ("urn:uuid:c1", "c1", True),
        ("Condition/c9", None, False),
        ("Patient/c1", None, False),
        ("#k1", "k1", False),
        ("#", "c1", False),
        ("#k9", None, False),
        ("c1", None, False),
        ("", None, False),
    ],
)
def test_references_are_followed_as_the_standard_says(
    paper: PaperSummary, reference: str, found: str | None, *, loose: bool
) -> None:
    """By fullUrl, by base and by contained id; where that finds nothing, by type and id, and then it is said."""
    resource: Tree = {"resourceType": "Condition", "id": "c1", "contained": [{"resourceType": "Device", "id": "k1"}]}
    paper.bundle["entry"].append({"fullUrl": AT_A_SERVER, "resource": resource})
    made = document(paper)
    target = made.resolve(reference, made.entries[-1])
    assert (target.resource["id"] if target else None) == found
    assert (target is not None and target.loose) == loose


def test_a_relative_reference_needs_a_base(paper: PaperSummary) -> None:
    """From an entry whose fullUrl is a URN, type and id are all that there is, and they must be of one entry."""
    paper.bundle["entry"].append({"fullUrl": AT_A_SERVER, "resource": {"resourceType": "Condition", "id": "c1"}})
    made = document(paper)
    target = made.resolve("Condition/c1", made.composition)
    assert target is not None
    assert target.loose
    paper.bundle["entry"].append({"fullUrl": "urn:uuid:c2", "resource": {"resourceType": "Condition", "id": "c1"}})
    made = document(paper)
    assert made.resolve("Condition/c1", made.composition) is None


def test_the_subject_is_the_patient(paper: PaperSummary) -> None:
    """Among several patients the composition's subject is shown; if it leads nowhere, that is an error."""
    paper.add("other", {"resourceType": "Patient", "name": [{"text": "Otto Other"}], "birthDate": "1950"})
    paper.composition["subject"] = link("other")
    assert paper.read().patient.name == "Otto Other"
    paper.composition["subject"] = link("nobody")
    uncertain = paper.read()
    assert uncertain.patient.name == "Eva Example"
    assert Code.PATIENT_UNCERTAIN in {finding.code for finding in uncertain.findings}


def test_the_first_composition_is_read_wherever_it_stands(paper: PaperSummary) -> None:
    """A composition behind another entry, or a second one, is a finding and no refusal."""
    paper.bundle["entry"].reverse()
    paper.add("second", {"resourceType": "Composition", "title": "Second"})
    summary = paper.read()
    assert summary.header.title == "Patient Summary"
    assert {Code.COMPOSITION_NOT_FIRST, Code.SEVERAL_COMPOSITIONS} <= {finding.code for finding in summary.findings}
