"""Facts: what each kind of resource states, with its status, date and source, and that none is ever dropped."""

import pytest

from hospes.core.summary import Fact, Label, SectionKind, Summary
from hospes.core.summary.findings import Code
from tests.core.summary.paper_summary import LOINC, SNOMED, PaperSummary, Tree, concept, condition, link, observation

PROBLEMS, MEDICINES, RESULTS = "11450-4", "10160-0", "30954-2"


@pytest.fixture
def paper() -> PaperSummary:
    """A clean document."""
    return PaperSummary()


def told(paper: PaperSummary, resource: Tree, code: str = RESULTS) -> Fact:
    """Return the fact that a resource makes in a section."""
    paper.tell(code, "new", resource)
    return next(fact for fact in paper.read().facts if fact.pointer.startswith(_pointer(paper, "new")))


def codes(summary: Summary) -> set[Code]:
    """Return what was found."""
    return {finding.code for finding in summary.findings}


def _pointer(paper: PaperSummary, name: str) -> str:
    urls = [entry.get("fullUrl") for entry in paper.bundle["entry"]]
    return f"/entry/{urls.index(f'urn:uuid:{name}')}/resource"


def test_an_allergy_says_how_dangerous_it_is(paper: PaperSummary) -> None:
    """Criticality and reactions stand with it, and its codes."""
    (allergy,) = paper.read().of(SectionKind.ALLERGIES)
    assert (allergy.text, allergy.status, allergy.detail(Label.CRITICALITY)) == ("Penicillin", "active", "high")
    assert allergy.detail(Label.REACTION) == "Anaphylaxis (severe)"
    assert [(coding.system, coding.code) for coding in allergy.codings] == [(SNOMED, "764146007")]
    assert allergy.pointer == _pointer(paper, "allergy")
    assert allergy.listed_at == "/entry/0/resource/section/0/entry/0"
    assert repr(allergy) == "<Fact>"


def test_a_medicine_is_named_by_what_its_reference_leads_to(paper: PaperSummary) -> None:
    """As a resource of its own, as a contained one, by its ingredients, or by the reference's own words."""
    medicine = paper.resources["medicine"]
    del medicine["medicationCodeableConcept"]
    paper.add("pill", {"resourceType": "Medication", "code": concept("Apixaban 5 mg")})
    medicine["medicationReference"] = link("pill")
    assert [fact.text for fact in paper.read().of(SectionKind.MEDICATIONS)] == ["Apixaban 5 mg"]
    parts = [{"itemCodeableConcept": concept("Losartan")}, {"itemCodeableConcept": concept("Amlodipine")}]
    medicine["contained"] = [{"resourceType": "Medication", "id": "m", "ingredient": parts}]
    medicine["medicationReference"] = {"reference": "#m"}
    assert [fact.text for fact in paper.read().of(SectionKind.MEDICATIONS)] == ["Losartan, Amlodipine"]
    medicine["medicationReference"] = {"reference": "urn:uuid:lost", "display": "Metformin"}
    (fact,) = paper.read().of(SectionKind.MEDICATIONS)
    assert (fact.text, fact.status, fact.date) == ("Metformin", "active", "since 2013-11-05")
    assert fact.detail(Label.DOSAGE) == "1 in the morning"


@pytest.mark.parametrize(
    ("members", "value"),
    [
        ({"valueQuantity": {"value": 4.7, "unit": "mmol/L"}}, "4.7 mmol/L"),
        ({"valueCodeableConcept": {"text": "Positive"}}, "Positive"),
        ({"valueString": "Clear"}, "Clear"),
        ({"valueBoolean": False}, "no"),
        ({"valueInteger": 0}, "0"),
        ({"valueRange": {"low": {"value": 1}, "high": {"value": 2}}}, "1 to 2"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}, "1 / 128"),
        ({"valueDateTime": "2026-05-01T10:00:00Z"}, "2026-05-01"),
        ({"dataAbsentReason": {"text": "Not done"}}, "Not done"),
        ({}, ""),
    ],
)
def test_a_result_has_its_value_in_whatever_form(paper: PaperSummary, members: Tree, value: str) -> None:
    """Numbers with their unit, codes, texts, truths, ranges, ratios, times, or why there is none."""
    resource = observation("Potassium", "")
    del resource["valueString"]
    fact = told(paper, resource | members)
    assert (fact.text, fact.detail(Label.VALUE), fact.date) == ("Potassium", value, "2026-05-01")


def test_a_panel_is_told_with_its_parts(paper: PaperSummary) -> None:
    """Components and members stand with the panel, the usual range and the interpretation beside the value."""
    paper.add("member", observation("Anti-C", "negative"))
    component = {"code": concept("systolic"), "valueQuantity": {"value": 138, "unit": "mmHg"}}
    reference = [{"low": {"value": 90}, "high": {"value": 140}}, {"text": "in rest"}]
    members: Tree = {"component": [component], "hasMember": [link("member")], "referenceRange": reference}
    fact = told(paper, observation("Panel", "") | members | {"performer": [link("author")]})
    assert fact.detail(Label.PART) == "systolic 138 mmHg; Anti-C negative"
    assert fact.detail(Label.USUAL) == "90 to 140, in rest"
    assert fact.source == "Health Centre"
    assert [fact.text for fact in paper.read().of(SectionKind.RESULTS)] == ["Panel"]


@pytest.mark.parametrize(
    ("resource", "text", "date", "label", "detail"),
    [
        (
            {
                "resourceType": "Immunization",
                "status": "completed",
                "vaccineCode": {"text": "Tetanus"},
                "occurrenceDateTime": "2021-08-24",
                "lotNumber": "L1",
                "protocolApplied": [{"doseNumberPositiveInt": 2, "targetDisease": [{"text": "tetanus"}]}],
            },
            "Tetanus",
            "2021-08-24",
            Label.SERIES,
            "2, against tetanus",
        ),
        (
            {
                "resourceType": "Procedure",
                "status": "completed",
                "code": {"text": "Hip replacement"},
                "performedPeriod": {"start": "2018-10-23", "end": "2018-10-24"},
                "bodySite": [{"text": "Right hip"}],
            },
            "Hip replacement",
            "2018-10-23 to 2018-10-24",
            Label.BODY_SITE,
            "Right hip",
        ),
        (
            {
                "resourceType": "Consent",
                "status": "active",
                "scope": {"text": "Advance directive"},
                "dateTime": "2024-05-02",
                "provision": {"code": [{"text": "No resuscitation"}]},
            },
            "No resuscitation",
            "2024-05-02",
            Label.DIRECTIVE,
            "No resuscitation",
        ),
        (
            {
                "resourceType": "Flag",
                "status": "active",
                "code": {"text": "Pacemaker"},
                "category": [{"text": "Safety"}],
            },
            "Pacemaker",
            "",
            Label.CATEGORY,
            "Safety",
        ),
        (
            {
                "resourceType": "CarePlan",
                "status": "active",
                "title": "Winter stay",
                "period": {"start": "2026-10-03"},
                "activity": [{"detail": {"description": "Blood test"}}],
            },
            "Winter stay",
            "since 2026-10-03",
            Label.PLAN,
            "Blood test",
        ),
        (
            {
                "resourceType": "DiagnosticReport",
                "status": "final",
                "code": {"text": "Echocardiography"},
                "effectiveDateTime": "2025-01-02",
                "conclusion": "Normal",
            },
            "Echocardiography",
            "2025-01-02",
            Label.CONCLUSION,
            "Normal",
        ),
        (
            {"resourceType": "Goal", "description": "Walk", "note": [{"text": "daily"}], "date": "2026"},
            "Walk",
            "2026",
            Label.NOTE,
            "daily",
        ),
        (
            {
                "resourceType": "DocumentReference",
                "status": "current",
                "type": {"text": "Letter"},
                "date": "2026-01-01",
            },
            "Letter",
            "2026-01-01",
            Label.NOTE,
            "",
        ),
        (
            {
                "resourceType": "Device",
                "type": {"text": "Pacemaker"},
                "manufacturer": "M",
                "serialNumber": "S1",
            },
            "Pacemaker",
            "",
            Label.MODEL,
            "M, serial S1",
        ),
    ],
    ids=lambda value: value if isinstance(value, Label) else "",
)
def test_each_kind_of_resource_is_told(
    paper: PaperSummary, resource: Tree, text: str, date: str, label: Label, detail: str
) -> None:
    """Text, date and the particular that matters, for types that the standard names and for one that it does not."""
    fact = told(paper, resource)
    assert (fact.resource_type, fact.text, fact.date) == (resource["resourceType"], text, date)
    assert fact.detail(label) == detail


def test_a_device_in_use_is_named_by_its_device(paper: PaperSummary) -> None:
    """The statement says where and since when, the device what it is."""
    paper.add("device", {"resourceType": "Device", "deviceName": [{"name": "Pacer"}], "modelNumber": "EX-DR"})
    statement: Tree = {"resourceType": "DeviceUseStatement", "status": "active", "device": link("device")}
    fact = told(paper, statement | {"timingPeriod": {"start": "2021-06-09"}, "bodySite": concept("chest")}, "46264-8")
    assert (fact.text, fact.date) == ("Pacer", "since 2021-06-09")
    assert (fact.detail(Label.MODEL), fact.detail(Label.BODY_SITE)) == ("EX-DR", "chest")


def test_a_source_is_named_through_a_role(paper: PaperSummary) -> None:
    """A role is its person and its organisation; one that refers to itself is walked once."""
    paper.add("person", {"resourceType": "Practitioner", "name": [{"text": "Dr Eero"}]})
    role: Tree = {"resourceType": "PractitionerRole", "practitioner": link("person"), "organization": link("author")}
    paper.add("role", role)
    paper.resources["problem"]["asserter"] = link("role")
    assert [fact.source for fact in paper.read().of(SectionKind.PROBLEMS)] == ["Dr Eero, Health Centre"]
    role["practitioner"] = role["organization"] = link("role")
    assert [fact.source for fact in paper.read().of(SectionKind.PROBLEMS)] == [""]


def test_a_fact_without_words_is_told_by_its_text_or_as_such(paper: PaperSummary) -> None:
    """The resource's own narrative stands in, then a sentence that there is nothing to show."""
    problem = paper.resources["problem"]
    problem["code"] = {}
    problem["text"] = {"div": "<div><p>Gout</p></div>"}
    assert [fact.text for fact in paper.read().of(SectionKind.PROBLEMS)] == ["Gout"]
    del problem["text"]
    summary = paper.read()
    assert [fact.text for fact in summary.of(SectionKind.PROBLEMS)] == ["(Condition without text or code)"]
    assert Code.FACT_WITHOUT_TEXT in codes(summary)


def test_a_reference_that_leads_nowhere_still_tells_what_it_says(paper: PaperSummary) -> None:
    """Its display is the fact, and the fact is where it says it is."""
    paper.sections[0]["entry"].append({"reference": "AllergyIntolerance/9", "display": "Latex"})
    paper.sections[1]["entry"].append({"reference": "Condition/9"})
    summary = paper.read()
    latex = summary.of(SectionKind.ALLERGIES)[1]
    assert (latex.text, latex.resource_type, latex.entry) == ("Latex", "AllergyIntolerance", -1)
    assert summary.of(SectionKind.PROBLEMS)[1].text == "(Condition that is not in this document)"
    assert Code.REFERENCE_UNRESOLVED in codes(summary)


@pytest.mark.parametrize("resource_type", ["AllergyIntolerance", "Condition", "Observation", "Procedure", "Goal"])
def test_what_no_section_lists_is_told_all_the_same(paper: PaperSummary, resource_type: str) -> None:
    """In the section of its kind, with a finding."""
    resource: Tree = {"resourceType": resource_type, "code": concept("Forgotten"), "description": "Forgotten"}
    paper.add("stray", resource)
    summary = paper.read()
    (stray,) = (fact for fact in summary.facts if fact.text == "Forgotten")
    assert not stray.listed_at
    assert Code.ENTRY_UNLISTED in codes(summary)


def test_parts_of_a_fact_and_people_are_no_facts_of_their_own(paper: PaperSummary) -> None:
    """A practitioner, a medicine or the member of a panel that something refers to is told with it."""
    paper.add("person", {"resourceType": "Practitioner", "name": [{"text": "Dr Eero"}]})
    paper.add("member", observation("Anti-C", "negative"))
    paper.tell(RESULTS, "panel", observation("Panel", "") | {"hasMember": [link("member")]})
    assert [fact.text for fact in paper.read().of(SectionKind.RESULTS)] == ["Panel"]


def test_an_illness_that_is_only_a_reason_is_told_itself(paper: PaperSummary) -> None:
    """A condition or allergy is more than a part of something else."""
    paper.add("reason", condition("Atrial fibrillation"))
    paper.resources["medicine"]["reasonReference"] = [link("reason")]
    summary = paper.read()
    assert [fact.text for fact in summary.of(SectionKind.PROBLEMS)] == ["High blood pressure", "Atrial fibrillation"]
    assert Code.ENTRY_UNLISTED not in codes(summary)


def test_sections_come_in_the_order_of_a_clinician(paper: PaperSummary) -> None:
    """Whatever their order in the document: allergies first, what no standard knows last."""
    paper.sections.reverse()
    paper.sections.insert(0, {"title": "Hobbies", "code": concept("Hobbies", LOINC, "0-0")})
    kinds = [section.kind for section in paper.read().sections]
    assert kinds == [SectionKind.ALLERGIES, SectionKind.PROBLEMS, SectionKind.MEDICATIONS, SectionKind.OTHER]


@pytest.mark.parametrize(
    ("code", "title", "kind"),
    [
        ({"coding": [{"system": LOINC, "code": "48765-2"}]}, "", SectionKind.ALLERGIES),
        ({"coding": [{"system": "urn:x", "code": "1"}, {"code": "48765-2"}]}, "", SectionKind.ALLERGIES),
        (None, "Alergias e intolerâncias", SectionKind.ALLERGIES),
        (None, "Important", SectionKind.ALLERGIES),
        ("48765-2", "Allergien", SectionKind.ALLERGIES),
        ({"coding": [{"system": "urn:x", "code": "48765-2"}]}, "Important", SectionKind.ALLERGIES),
    ],
)
def test_a_section_is_known_without_its_code(paper: PaperSummary, code: object, title: str, kind: SectionKind) -> None:
    """By its title where that speaks of allergies, else by what it lists."""
    paper.sections[0] |= {"code": code, "title": title}
    assert kind in {section.kind for section in paper.read().sections}


def test_sections_inside_of_sections_are_told(paper: PaperSummary) -> None:
    """The standard forbids them, and some systems write them."""
    paper.add("inner", condition("Gout"))
    inner = {"title": "Chronic", "code": paper.sections[1]["code"], "entry": [link("inner")]}
    paper.sections[1]["section"] = [inner]
    summary = paper.read()
    assert [fact.text for fact in summary.of(SectionKind.PROBLEMS)] == ["High blood pressure", "Gout"]
    assert Code.SECTION_NESTED in codes(summary)


def test_the_head_names_patient_contacts_and_authors(paper: PaperSummary) -> None:
    """Preferred language first; contacts of the patient, then related persons."""
    paper.resources["patient"] |= {
        "identifier": [{"system": "urn:oid:2.999", "value": "42"}],
        "communication": [{"language": concept("English")}, {"language": concept("Finnish"), "preferred": True}],
        "contact": [{"name": {"text": "Kaisa"}, "relationship": [concept("Daughter")], "telecom": [{"value": "43"}]}],
        "address": [{"city": "Mallila"}],
        "deceasedDateTime": "2026-05-05T10:00:00Z",
    }
    paper.add("friend", {"resourceType": "RelatedPerson", "name": [{"text": "Teresa"}], "patient": link("patient")})
    paper.composition["custodian"] = link("author")
    paper.composition["attester"] = [{"mode": "legal", "time": "2026-06-01", "party": link("author")}]
    summary = paper.read()
    patient, header = summary.patient, summary.header
    assert (patient.name, patient.birth_date, patient.gender) == ("Eva Example", "1954-03-17", "female")
    assert (patient.identifiers, patient.languages) == (("42 (urn:oid:2.999)",), ("Finnish", "English"))
    assert [(contact.name, contact.relationship, contact.telecom) for contact in patient.contacts] == [
        ("Kaisa", "Daughter", "43"),
        ("Teresa", "", ""),
    ]
    assert (patient.addresses, patient.deceased) == (("Mallila",), "2026-05-05")
    assert (header.title, header.date, header.authors) == ("Patient Summary", "2026-06-01", ("Health Centre",))
    assert (header.custodian, header.attesters) == ("Health Centre", ("Health Centre, legal, 2026-06-01",))
    assert "Eva" not in repr(summary) + repr(patient) + repr(header)
