"""A paper summary: the smallest document that is read as clean, and the places in it that tests change.

One patient, one author, a penicillin allergy, high blood pressure and a medicine for it.
"""

import json
from typing import Any, Final, TypeAlias

from hospes.core.summary import Summary, read

Tree: TypeAlias = dict[str, Any]
"""JSON of which a test knows the shape."""

LOINC: Final = "http://loinc.org"
SNOMED: Final = "http://snomed.info/sct"
HL7: Final = "http://terminology.hl7.org/CodeSystem/"


def concept(text: str, system: str = "", code: str = "") -> Tree:
    """Return a CodeableConcept."""
    return {"text": text} | ({"coding": [{"system": system, "code": code}]} if code else {})


def status(system: str, code: str) -> Tree:
    """Return a status of one of HL7's own systems."""
    return {"coding": [{"system": HL7 + system, "code": code}]}


def link(name: str) -> Tree:
    """Return a reference to the entry of a name."""
    return {"reference": f"urn:uuid:{name}"}


def section(code: str, title: str, *names: str, text: str = "Text.") -> Tree:
    """Return a section that lists entries by name."""
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{text}</p></div>'
    part: Tree = {"title": title, "code": {"coding": [{"system": LOINC, "code": code}]}}
    part |= {"text": {"status": "generated", "div": div}}
    return part | ({"entry": [link(name) for name in names]} if names else {})


def condition(text: str, clinical: str = "active", **members: object) -> Tree:
    """Return a condition."""
    return {
        "resourceType": "Condition",
        "clinicalStatus": status("condition-clinical", clinical),
        "code": concept(text),
        "subject": link("patient"),
    } | members


def observation(text: str, value: str, **members: object) -> Tree:
    """Return an observation."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": concept(text),
        "subject": link("patient"),
        "effectiveDateTime": "2026-05-01",
        "valueString": value,
    } | members


def procedure(text: str, performed: str, **members: object) -> Tree:
    """Return a procedure."""
    return {
        "resourceType": "Procedure",
        "status": "completed",
        "code": concept(text),
        "subject": link("patient"),
        "performedDateTime": performed,
    } | members


class PaperSummary:
    """A document in the making.

    Attributes
    ----------
    bundle : Tree
    resources : dict[str, Tree]
        By the name of their entry, which is the end of its fullUrl.
    """

    def __init__(self) -> None:
        self.bundle: Tree = {
            "resourceType": "Bundle",
            "identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:document"},
            "type": "document",
            "timestamp": "2026-06-01T12:00:00Z",
            "entry": [],
        }
        self.resources: dict[str, Tree] = {}
        for name, resource in _first_resources().items():
            self.add(name, resource)

    @property
    def composition(self) -> Tree:
        """The head of the document."""
        return self.resources["composition"]

    @property
    def sections(self) -> list[Tree]:
        """Its sections: allergies, problems, medicines, and what the test added."""
        found: list[Tree] = self.composition["section"]
        return found

    def add(self, name: str, resource: Tree) -> Tree:
        """Add an entry that no section lists, and return its resource."""
        self.resources[name] = resource
        self.bundle["entry"].append({"fullUrl": f"urn:uuid:{name}", "resource": resource})
        return resource

    def tell(self, code: str, name: str, resource: Tree, title: str = "Section") -> Tree:
        """Add an entry, list it in the section of a LOINC code (made if there is none) and return the section."""
        self.add(name, resource)
        for part in self.sections:
            if part["code"]["coding"][0]["code"] == code:
                part.setdefault("entry", []).append(link(name))
                return part
        self.sections.append(section(code, title, name))
        return self.sections[-1]

    def drop(self, name: str) -> Tree:
        """Take an entry out of the bundle and return its resource; references to it stay."""
        resource = self.resources.pop(name)
        self.bundle["entry"] = [entry for entry in self.bundle["entry"] if entry["resource"] is not resource]
        return resource

    @property
    def data(self) -> bytes:
        """The document as JSON."""
        return json.dumps(self.bundle, ensure_ascii=False).encode()

    def read(self) -> Summary:
        """Read the document."""
        return read(self.data)


def _first_resources() -> dict[str, Tree]:
    return {
        "composition": {
            "resourceType": "Composition",
            "status": "final",
            "type": {"coding": [{"system": LOINC, "code": "60591-5"}]},
            "subject": link("patient"),
            "date": "2026-06-01T12:00:00Z",
            "author": [link("author")],
            "title": "Patient Summary",
            "section": [
                section("48765-2", "Allergies", "allergy", text="Penicillin: anaphylaxis in 1987."),
                section("11450-4", "Problems", "problem", text="High blood pressure."),
                section("10160-0", "Medicines", "medicine", text="Losartan 50 mg."),
            ],
        },
        "patient": {
            "resourceType": "Patient",
            "name": [{"family": "Example", "given": ["Eva"]}],
            "gender": "female",
            "birthDate": "1954-03-17",
        },
        "author": {"resourceType": "Organization", "name": "Health Centre"},
        "allergy": {
            "resourceType": "AllergyIntolerance",
            "clinicalStatus": status("allergyintolerance-clinical", "active"),
            "criticality": "high",
            "code": concept("Penicillin", SNOMED, "764146007"),
            "patient": link("patient"),
            "reaction": [{"manifestation": [concept("Anaphylaxis")], "severity": "severe"}],
        },
        "problem": condition("High blood pressure", onsetDateTime="2006"),
        "medicine": {
            "resourceType": "MedicationStatement",
            "status": "active",
            "medicationCodeableConcept": concept("Losartan 50 mg"),
            "subject": link("patient"),
            "effectivePeriod": {"start": "2013-11-05"},
            "dosage": [{"text": "1 in the morning"}],
        },
    }
