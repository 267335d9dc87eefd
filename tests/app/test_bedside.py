"""Her history on the screen of the emergency: what it keeps of each fact, and that it says what it leaves out."""

import json
from importlib.resources import files
from typing import Any

from hospes.app.bedside import SHORTENED, beside
from hospes.clients.hospital.reading import read_record
from hospes.clients.hospital.screen import FHIR


def _lines(to: str) -> list[str]:
    document = (files("hospes.app") / "records" / "traveller.json").read_bytes()
    return list(beside(read_record(document, FHIR, to)))


def _allergies() -> list[dict[str, Any]]:
    document = json.loads((files("hospes.app") / "records" / "traveller.json").read_bytes())
    found = (entry["resource"] for entry in document["entry"])
    return [one for one in found if one["resourceType"] == "AllergyIntolerance" and one.get("reaction")]


def test_an_allergy_says_what_it_did_and_how_severely() -> None:
    """Each reaction stands below its allergy with its severity, in the reader's language beside the original."""
    reactions = [reaction for one in _allergies() for reaction in one["reaction"]]
    assert any("severity" in one for one in reactions)
    for to in ("pt", "es", "en"):
        told = "\n".join(_lines(to))
        for reaction in reactions:
            original = reaction["manifestation"][0]["text"]
            line = next(line for line in told.splitlines() if original in line and ": " in line)
            assert reaction.get("severity", "") in line


def test_the_screen_says_that_it_is_shortened() -> None:
    """Dosages and notes are not on it, and it says where they are."""
    told = "\n".join(_lines("pt")).casefold()
    assert "dosage:" not in told
    assert "console" in SHORTENED
    assert "Dosages" in SHORTENED
