"""The emergency cut: what must be known is carried, what must not be is withheld, and the rest is counted.

The rules are those of `hospes.core.summary.emergency`; each test names the one that it holds down.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from hospes.core.errors import TooLargeError
from hospes.core.summary import Cut, SectionKind, Summary, Text, cut_emergency, encode, read
from hospes.core.summary.words import speaks_of_allergy, speaks_of_mental_illness, speaks_of_penicillin
from tests.core.summary.paper_summary import (
    LOINC,
    SNOMED,
    PaperSummary,
    Tree,
    concept,
    condition,
    link,
    observation,
    procedure,
    section,
    status,
)

ALLERGIES, PROBLEMS, MEDICINES, PROCEDURES = "48765-2", "11450-4", "10160-0", "47519-4"
DEVICES, DIRECTIVES, PAST, RESULTS, ALERTS = "46264-8", "42348-3", "11348-0", "30954-2", "104605-1"
DEPRESSION = condition("Mild depressive episode", code=concept("Mild depressive episode", SNOMED, "310495003"))
Make = Callable[[PaperSummary], object]


@pytest.fixture
def paper() -> PaperSummary:
    """A clean document."""
    return PaperSummary()


def cut(paper: PaperSummary) -> Cut:
    """Cut the document."""
    return cut_emergency(paper.read())


def resources(made: Cut) -> dict[str, Tree]:
    """Return the resources of a cut by the end of their fullUrl."""
    document: Any = json.loads(made.data)
    return {entry["fullUrl"].rpartition(":")[2]: entry["resource"] for entry in document["entry"]}


def carried(made: Cut) -> list[str]:
    """Return the texts of the facts that a reader of the cut finds."""
    return [fact.text for fact in read(made.data).facts]


def spoken(made: Cut) -> str:
    """Return everything that the cut says, as one text."""
    return made.data.decode()


# ------------------------------------------------------------------------------------------------ rule 1: allergies


def _only_narrative(paper: PaperSummary) -> None:
    paper.drop("allergy")
    paper.sections[0].pop("entry")


def _only_elsewhere(code: str) -> Make:
    def make(paper: PaperSummary) -> None:
        _without_allergy(paper)
        paper.sections.append(section(code, "Elsewhere", text="Slept well. Penicillin gave her an anaphylaxis. Walks."))

    return make


def _without_allergy(paper: PaperSummary) -> Tree:
    paper.sections[0] = section(ALLERGIES, "Allergies", text="See elsewhere.")
    return paper.drop("allergy")


def _as(code: str, resource: Tree) -> Make:
    def make(paper: PaperSummary) -> None:
        _without_allergy(paper)
        paper.tell(code, "said", resource)

    return make


def _loose(resource: Tree) -> Make:
    def make(paper: PaperSummary) -> None:
        _without_allergy(paper)
        paper.add("said", resource)

    return make


def _recoded(**members: object) -> Make:
    return lambda paper: paper.resources["allergy"].update(members)


NOTE = {"note": [{"text": "Careful: allergic to penicillin."}]}
PENICILLIN: dict[str, Make] = {
    "coded in SNOMED CT": lambda paper: paper.resources["allergy"].update(code=concept("", SNOMED, "91936005")),
    "coded in ATC": _recoded(code=concept("", "http://www.whocc.no/atc", "J01CE01")),
    "coded in RxNorm": _recoded(code=concept("", "http://www.nlm.nih.gov/research/umls/rxnorm", "70618")),
    "text alone": _recoded(code={"text": "Penicillin"}),
    "a bare string": _recoded(code="Penicillin"),
    "in the reaction alone": _recoded(code=None, reaction=[{"substance": {"text": "Penicillin V"}}]),
    "resolved": _recoded(clinicalStatus=status("allergyintolerance-clinical", "resolved")),
    "refuted": _recoded(verificationStatus=status("allergyintolerance-verification", "refuted")),
    "listed by no section": lambda paper: paper.sections[0].pop("entry"),
    "without section": lambda paper: paper.sections.pop(0),
    "without any section": lambda paper: paper.composition.pop("section"),
    "in a section without code": lambda paper: paper.sections[0].update(code=None, title="Important"),
    "in the wrong section": lambda paper: (paper.sections.pop(0), paper.sections[1]["entry"].append(link("allergy"))),
    "without fullUrl": lambda paper: paper.bundle["entry"][3].pop("fullUrl"),
    "only in the section's text": _only_narrative,
    "only in the text of past illness": _only_elsewhere(PAST),
    "only in the text of results": _only_elsewhere(RESULTS),
    "only in the text of the problems": lambda paper: (
        _without_allergy(paper),
        paper.tell(PROBLEMS, "old", condition("Gout", "resolved")),
        paper.sections[1].update(text=section("", "", text="Gout. Allergy to penicillin.")["text"]),
    ),
    "only in the text of the document": lambda paper: (
        _without_allergy(paper),
        paper.composition.update(text={"div": "<div><p>NB: allergic to penicillin</p></div>"}),
    ),
    "a condition of the past": _as(PAST, condition("Penicillin allergy", "resolved")),
    "a coded condition of the past": _as(
        PAST, condition("", "resolved", code={"coding": [{"system": SNOMED, "code": "91936005"}]})
    ),
    "ICD-10 among past illness": _as(
        PAST,
        condition("", "inactive", code={"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "Z88.0"}]}),
    ),
    "an observation": _as(RESULTS, observation("Allergy", "penicillin")),
    "an alert": _as(ALERTS, {"resourceType": "Flag", "status": "inactive", "code": {"text": "No penicillin!"}}),
    "a note of a resolved illness": _as(PAST, condition("Pneumonia", "resolved") | NOTE),
    "a note of a mental illness": _as(PROBLEMS, DEPRESSION | NOTE),
    "a loose resource of an unknown type": _loose(
        {"resourceType": "Basic", "note": [{"text": "Alergia a penicilina"}]}
    ),
    "in Portuguese": _only_elsewhere("0-0"),
    "a reference that leads nowhere": lambda paper: (
        _without_allergy(paper),
        paper.sections[0].update(entry=[{"reference": "AllergyIntolerance/1", "display": "Penicillin"}]),
    ),
}


@pytest.mark.parametrize("make", PENICILLIN.values(), ids=list(PENICILLIN))
def test_a_penicillin_allergy_is_always_carried(paper: PaperSummary, make: Make) -> None:
    """However it is coded, wherever it stands, and if it is only written (rule 1)."""
    make(paper)
    made = cut(paper)
    told = read(made.data)
    words = [fact.text for fact in told.facts] + [block for part in told.sections for block in part.narrative]
    words += [detail.text for fact in told.facts for detail in fact.details]
    codes = {(coding.system, coding.code) for fact in told.facts for coding in fact.codings}
    coded = codes & {
        (SNOMED, "91936005"),
        ("http://www.whocc.no/atc", "J01CE01"),
        ("http://hl7.org/fhir/sid/icd-10", "Z88.0"),
    }
    coded |= {code for code in codes if code[1] == "70618"}
    assert coded or any("enicil" in word for word in words)


@pytest.mark.parametrize(
    "text",
    [
        "Allergic to penicillin",
        "alergia à penicilina",
        "allergie à la pénicilline",
        "Penicillinallergie",
        "penisilliiniallergia",
        "allergia alla penicillina",
        "uczulenie na penicylinę: alergia",
        "αλλεργία στην πενικιλίνη",
        "аллергия на пенициллин",
        "青黴素過敏",
        "ペニシリンアレルギー",
        "페니실린 알레르기",
        "حساسية من البنسلين",
    ],
)
def test_an_allergy_is_known_in_many_languages(text: str) -> None:
    """By roots of words, without case, accents and hidden letters."""
    assert speaks_of_allergy(text) or speaks_of_penicillin(text)
    assert speaks_of_allergy(text.upper()) or speaks_of_penicillin(text.upper())
    assert speaks_of_penicillin("Peni\u00adcillin")


@pytest.mark.parametrize(("count", "text"), [(9000, "nothing to name here " * 24), (1, "a. " * 100_000)])
def test_a_summary_that_would_take_long_to_search_is_not_cut(paper: PaperSummary, count: int, text: str) -> None:
    """One text told nine thousand times, or very many sentences: read, and refused by size; a fifth is cut."""

    def told(count: int, text: str) -> Summary:
        resource = observation(text, "4.1")
        listed = paper.tell(RESULTS, "long", resource)
        listed["entry"] = [listed["entry"][0]] * count
        summary = paper.read()
        paper.drop("long")
        paper.sections.remove(listed)
        return summary

    with pytest.raises(TooLargeError, match="sentences counted"):
        cut_emergency(told(count, text))
    assert len(carried(cut_emergency(told(max(1, count // 5), text[: max(480, len(text) // 5)])))) > 0


def test_a_course_of_penicillin_and_a_test_of_a_germ_are_no_allergy(paper: PaperSummary) -> None:
    """Who took penicillin tolerates it, and a germ is no patient."""
    taken = paper.resources["medicine"] | {"status": "stopped", "medicationCodeableConcept": concept("Penicillin V")}
    paper.tell(MEDICINES, "taken", taken)
    paper.tell(RESULTS, "germ", observation("Penicillin G susceptibility", "resistant"))
    made = cut(paper)
    assert carried(made) == ["Penicillin", "High blood pressure", "Losartan 50 mg"]
    assert made.quoted == 0


def test_what_is_said_anyway_is_not_quoted(paper: PaperSummary) -> None:
    """A dropped text that repeats what the cut says adds nothing."""
    paper.composition["text"] = {"div": "<div><p>Penicillin</p><p>Latex allergy</p></div>"}
    made = cut(paper)
    (quotes,) = (part for part in read(made.data).sections if part.kind is SectionKind.ALERTS)
    assert quotes.narrative == ("Document: Latex allergy",)
    assert made.quoted == 1


# --------------------------------------------------------------------------------- rule 2 and 3: directives, withheld


def test_an_advance_directive_is_carried_with_its_document(paper: PaperSummary) -> None:
    """Whatever section lists it, and whatever it refers to (rule 2)."""
    paper.add("paper", {"resourceType": "DocumentReference", "status": "current", "description": "Living will"})
    consent: Tree = {"resourceType": "Consent", "status": "active", "scope": concept("No ventilation")}
    paper.tell("18776-5", "directive", consent | {"sourceReference": link("paper")})
    assert {"directive", "paper"} <= resources(cut(paper)).keys()


MENTAL: list[Tree] = [
    DEPRESSION,
    condition("", code={"coding": [{"system": SNOMED, "code": "13746004"}]}),
    condition("", code={"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F32.0"}]}),
    condition("", code={"coding": [{"system": "http://hl7.org/fhir/sid/icpc-2", "code": "P76"}]}),
    condition("Generalised anxiety disorder"),
    condition("Eenmalige episode van ernstige majeure depressieve stoornis"),
    condition("Perturbação depressiva"),
]


@pytest.mark.parametrize("illness", MENTAL, ids=range(len(MENTAL)))
def test_a_mental_illness_is_withheld(paper: PaperSummary, illness: Tree) -> None:
    """Neither the fact, nor the text that names it, nor a reference to it is in the cut (rule 3)."""
    mood = "Eva wept"
    paper.tell(PROBLEMS, "secret", illness | {"note": [{"text": mood}]})
    paper.sections[1]["text"]["div"] = f"<div><p>High blood pressure</p><p>{mood}</p></div>"
    paper.resources["medicine"]["reasonReference"] = [link("secret") | {"display": mood}, link("problem")]
    made = cut(paper)
    assert mood not in spoken(made)
    assert "secret" not in resources(made)
    problems = next(part for part in made.sections if part.kind is SectionKind.PROBLEMS)
    assert (problems.carried, problems.left_out, problems.withheld, problems.text) == (1, 0, 1, Text.REPLACED)
    masked, kept = resources(made)["medicine"]["reasonReference"]
    assert masked["extension"][0]["valueCode"] == "masked"
    assert kept == link("problem")
    assert not [finding for finding in read(made.data).findings if finding.code == "reference-unresolved"]


@pytest.mark.parametrize(
    "text",
    ["Dementia", "ST depression in V4", "Respiratory depression after opioids", "Depression of the skull", "Delirium"],
)
def test_what_only_sounds_like_one_is_carried(paper: PaperSummary, text: str) -> None:
    """Withholding a danger would be worse than showing a mood."""
    assert not speaks_of_mental_illness(text)
    paper.tell(PROBLEMS, "new", condition(text))
    assert text in carried(cut(paper))


def test_a_psychotropic_medicine_is_carried(paper: PaperSummary) -> None:
    """What is taken is always told (rules 3 and 5)."""
    medicine = paper.resources["medicine"] | {"medicationCodeableConcept": concept("Antidepressive sertraline")}
    paper.tell(MEDICINES, "pill", medicine)
    assert "Antidepressive sertraline" in carried(cut(paper))


def test_an_untold_entry_of_a_mental_illness_is_withheld(paper: PaperSummary) -> None:
    """An encounter that no section lists may not bring it in."""
    paper.add("stay", {"resourceType": "Encounter", "status": "finished", "type": [concept("x")], "reason": "x"})
    paper.resources["stay"]["code"] = concept("Psychotherapy")
    paper.resources["problem"]["encounter"] = link("stay")
    made = cut(paper)
    assert "stay" not in resources(made)
    assert resources(made)["problem"]["encounter"]["extension"]


# ------------------------------------------------------------------------------------ rules 4 to 10: what is relevant


@pytest.mark.parametrize(
    ("code", "resource", "is_carried"),
    [
        (PROBLEMS, condition("x", "active"), True),
        (PROBLEMS, condition("x", "relapse"), True),
        (PROBLEMS, condition("x", "resolved"), False),
        (PROBLEMS, condition("x", "remission"), False),
        (PROBLEMS, condition("x", clinicalStatus=None), True),
        (PROBLEMS, condition("x", clinicalStatus=None, abatementDateTime="2020"), False),
        (PROBLEMS, condition("x", clinicalStatus=[{"text": "Resolved"}]), False),
        (PROBLEMS, condition("x", verificationStatus=status("condition-ver-status", "refuted")), False),
        (PROBLEMS, observation("x", "unusual here"), True),
        (PAST, condition("x", "active"), True),
        (PAST, condition("x", "resolved"), False),
        (PAST, condition("x", clinicalStatus=None), False),
        ("47420-5", condition("x", "active"), False),
        (MEDICINES, {"resourceType": "MedicationRequest", "status": "active"}, True),
        (MEDICINES, {"resourceType": "MedicationRequest", "status": "on-hold"}, True),
        (MEDICINES, {"resourceType": "MedicationRequest"}, True),
        (MEDICINES, {"resourceType": "MedicationRequest", "status": "completed"}, False),
        (MEDICINES, {"resourceType": "MedicationStatement", "status": "stopped"}, False),
        (MEDICINES, {"resourceType": "MedicationStatement", "status": "entered-in-error"}, False),
        (DEVICES, {"resourceType": "DeviceUseStatement", "status": "active"}, True),
        (DEVICES, {"resourceType": "DeviceUseStatement", "status": "completed"}, False),
        (DEVICES, {"resourceType": "Device"}, True),
        (PROCEDURES, procedure("Implantation of a pacemaker", "1999"), True),
        (PROCEDURES, procedure("", "1999", code={"coding": [{"system": SNOMED, "code": "52734007"}]}), True),
        (PROCEDURES, procedure("Colonoscopy", "2022-03-30"), False),
        (PROCEDURES, procedure("Colonoscopy", "2025-12-01"), True),
        (PROCEDURES, procedure("Colonoscopy", ""), True),
        (PROCEDURES, procedure("Colonoscopy", "2022", focalDevice=[{"manipulated": {"display": "Clip"}}]), True),
        (PROCEDURES, procedure("Implantation of a pacemaker", "2026-05-01", status="not-done"), False),
        (ALERTS, {"resourceType": "Flag", "status": "active", "code": concept("x")}, True),
        (ALERTS, {"resourceType": "Flag", "status": "inactive", "code": concept("x")}, False),
        ("10162-6", observation("x", "", valueCodeableConcept=concept("", SNOMED, "77386006")), True),
        ("10162-6", observation("x", "not pregnant"), False),
        ("10162-6", observation("", "", code=concept("", LOINC, "11778-8"), valueDateTime="2026-09-01"), True),
        ("10162-6", observation("", "", code=concept("", LOINC, "11778-8"), valueDateTime="2025-09-01"), False),
        (RESULTS, observation("Potassium", "4.7"), False),
        ("8716-3", observation("Heart rate", "64"), False),
        ("11369-6", {"resourceType": "Immunization", "status": "completed"}, False),
        ("18776-5", {"resourceType": "CarePlan", "status": "active"}, False),
        ("0-0", {"resourceType": "Goal", "description": "x"}, False),
    ],
)
def test_each_rule_decides_as_it_says(paper: PaperSummary, code: str, resource: Tree, *, is_carried: bool) -> None:
    """What is doubtful is carried; what is over, done with or not asked for in an emergency is left out (4 to 10)."""
    paper.tell(code, "new", resource)
    made = cut(paper)
    assert ("new" in resources(made)) == is_carried
    assert (made.carried, made.left_out) == ((4, 0) if is_carried else (3, 1))


# ------------------------------------------------------------------------------------------------- the document


def test_the_cut_is_a_document_of_its_own(paper: PaperSummary) -> None:
    """New identifier, the same moment, what it was cut from, and none of what stood for the whole."""
    paper.bundle |= {"id": "b1", "signature": {"data": "AA=="}, "total": 6, "language": "en"}
    head = paper.composition
    head |= {
        "attester": [{"mode": "legal"}],
        "text": {"div": "<div>All</div>"},
        "encounter": link("author"),
        "event": [{"detail": [link("problem")]}],
        "language": "en",
    }
    for entry in paper.bundle["entry"]:
        entry["search"] = {"mode": "match"}
    document: Any = json.loads(cut(paper).data)
    assert (document["type"], document["timestamp"], document["language"]) == ("document", "2026-06-01T12:00:00Z", "en")
    assert not document.keys() & {"id", "signature", "total"}
    assert not any("search" in entry for entry in document["entry"])
    head = document["entry"][0]["resource"]
    assert head["resourceType"] == "Composition"
    assert not head.keys() & {"attester", "text", "encounter", "event"}
    assert head["relatesTo"] == [{"code": "transforms", "targetIdentifier": paper.bundle["identifier"]}]
    assert document["identifier"]["value"] != paper.bundle["identifier"]["value"]
    assert head["title"] == "Emergency summary, cut from: Patient Summary"
    assert read(cut(paper).data).findings == ()


def test_the_same_record_gives_the_same_bytes(paper: PaperSummary) -> None:
    """Cutting changes nothing in the record, and another record gives another identifier."""
    paper.tell(PROBLEMS, "old", DEPRESSION)
    summary = paper.read()
    first, again = cut_emergency(summary), cut_emergency(summary)
    assert first.data == again.data == encode(first.document)
    assert encode(summary.document) == encode(paper.read().document)
    paper.bundle["timestamp"] = "2026-06-02T12:00:00Z"
    assert cut(paper).document["identifier"] != first.document["identifier"]


def test_a_cut_cut_again_keeps_its_facts(paper: PaperSummary) -> None:
    """Nothing that the rules carry is lost by applying them twice."""
    paper.tell(RESULTS, "new", observation("Potassium", "4.7"))
    once = cut(paper)
    assert carried(cut_emergency(read(once.data))) == carried(once)


def test_what_carried_entries_refer_to_is_carried(paper: PaperSummary) -> None:
    """Step by step, so that no reference dangles; what nothing refers to stays behind."""
    paper.add("person", {"resourceType": "Practitioner", "name": [{"text": "Dr"}], "managed": link("clinic")})
    paper.add("clinic", {"resourceType": "Organization", "name": "Clinic"})
    paper.add("idle", {"resourceType": "Organization", "name": "Idle"})
    paper.resources["problem"]["asserter"] = link("person")
    made = cut(paper)
    assert {"person", "clinic", "author"} <= resources(made).keys()
    assert "idle" not in resources(made)
    assert made.supporting == 3
    assert resources(made)["problem"] == paper.resources["problem"]


def test_related_persons_are_contacts_and_carried(paper: PaperSummary) -> None:
    """Though no section lists them."""
    paper.add("friend", {"resourceType": "RelatedPerson", "name": [{"text": "Teresa"}]})
    assert [contact.name for contact in read(cut(paper).data).patient.contacts] == ["Teresa"]


TWO_PARAGRAPHS = section("", "", text="Asthma.</p><p>Bipolar disorder.")["text"]
TEXTS: dict[str, tuple[Make, Text, str]] = {
    "nothing cut": (lambda _: None, Text.KEPT, "High blood pressure."),
    "an entry cut": (
        lambda paper: paper.tell(PROBLEMS, "old", condition("Gout", "resolved")),
        Text.REPLACED,
        "High blood pressure (active",
    ),
    "no text": (lambda paper: paper.sections[1].pop("text"), Text.NONE, ""),
    "text names what is withheld": (
        lambda paper: paper.sections[1].update(text=TWO_PARAGRAPHS),
        Text.REPLACED,
        "High blood pressure (active",
    ),
    "text alone": (
        lambda paper: (
            paper.drop("problem"),
            paper.sections.__setitem__(1, section(PROBLEMS, "Problems") | {"text": TWO_PARAGRAPHS}),
        ),
        Text.REPLACED,
        "Asthma.",
    ),
}


@pytest.mark.parametrize("case", TEXTS.values(), ids=list(TEXTS))
def test_a_text_is_kept_only_if_it_smuggles_nothing_in(paper: PaperSummary, case: tuple[Make, Text, str]) -> None:
    """It is kept as it came, or made anew of what is carried."""
    change, text, said = case
    change(paper)
    made = cut(paper)
    assert next(part.text for part in made.sections if part.kind is SectionKind.PROBLEMS) == text
    assert said in spoken(made)
    assert "Bipolar" not in spoken(made)
    assert "Gout" not in spoken(made)


def test_an_emptied_mandatory_section_says_so(paper: PaperSummary) -> None:
    """It stays, with the reason and the number, and is read without an error."""
    paper.resources["medicine"]["status"] = "stopped"
    made = cut(paper)
    medicines = next(part for part in read(made.data).sections if part.kind is SectionKind.MEDICATIONS)
    assert not medicines.facts
    assert medicines.empty_reason
    assert medicines.narrative == ("1 left out of this emergency summary.",)
    assert read(made.data).findings == ()


def test_a_stray_fact_is_listed_by_the_cut(paper: PaperSummary) -> None:
    """In the section of its kind, whose reason for being empty goes; or in a new one."""
    paper.sections[0].pop("entry")
    paper.sections[0]["emptyReason"] = concept("none")
    paper.add("pacemaker", {"resourceType": "Device", "type": concept("Pacemaker")})
    made = cut(paper)
    told = read(made.data)
    assert all(fact.listed_at for fact in told.facts)
    assert told.findings == ()
    assert [part.code for part in told.sections] == [ALLERGIES, PROBLEMS, MEDICINES, DEVICES]


def test_entries_of_one_full_url_get_their_own(paper: PaperSummary) -> None:
    """A doubled or missing fullUrl does not make the cut ambiguous."""
    paper.bundle["entry"].append(
        {"fullUrl": "urn:uuid:allergy", "resource": paper.resources["allergy"] | {"code": "Latex"}}
    )
    paper.bundle["entry"].append({"resource": condition("Gout")})
    made = cut(paper)
    urls = [entry["fullUrl"] for entry in json.loads(made.data)["entry"]]
    assert len(urls) == len(set(urls))
    assert sorted(carried(made)) == ["Gout", "High blood pressure", "Latex", "Losartan 50 mg", "Penicillin"]


def test_contained_facts_of_the_head_go_with_their_section(paper: PaperSummary) -> None:
    """What was contained for a section that is cut does not stay in the head."""
    secret = condition("Bipolar disorder", id="c1")
    paper.composition["contained"] = [secret, {"resourceType": "Condition", "id": "c2", "code": concept("Asthma")}]
    paper.sections[1]["entry"] += [{"reference": "#c1"}, {"reference": "#c2"}]
    made = cut(paper)
    assert "Bipolar" not in spoken(made)
    assert "Asthma" in carried(made)


def test_every_fact_of_the_record_is_counted_once(paper: PaperSummary) -> None:
    """Carried, left out or withheld, by section; and what is printed of a cut are numbers."""
    paper.tell(PROBLEMS, "one", DEPRESSION)
    paper.tell(PROBLEMS, "two", condition("Gout", "resolved"))
    paper.tell(RESULTS, "three", observation("Potassium", "4.7"))
    summary = paper.read()
    made = cut_emergency(summary)
    assert made.carried + made.left_out == len(list(summary.facts))
    counts = {part.kind: (part.carried, part.left_out, part.withheld, part.text) for part in made.sections}
    assert counts[SectionKind.PROBLEMS] == (1, 1, 1, Text.REPLACED)
    assert counts[SectionKind.RESULTS] == (0, 1, 0, Text.DROPPED)
    assert repr(made) == f"<Cut of {len(made.data)} bytes, 3 facts carried, 3 left out>"
