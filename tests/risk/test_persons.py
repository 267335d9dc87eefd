"""Persons: what risk takes from a patient summary, from codes and units alone."""

# The hints of pytest.approx and of numpy 1.26 are partly unknown.
# pyright: reportUnknownMemberType=false

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, strategies as st

from hospes.core.summary import read
from hospes.risk.persons import ABSENT, FACTORS, LOINC, SNOMED, age_on, person_of, readings_of
from hospes.risk.readings import Person, Reading
from hospes.risk.variables import variable

TODAY = date(2027, 3, 1)
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
ATC = "http://www.whocc.no/atc"


def _condition(system: str, code: str, **more: object) -> dict[str, Any]:
    return {"resourceType": "Condition", "code": {"coding": [{"system": system, "code": code, "display": "x"}]}, **more}


def _medicine(system: str, code: str, status: str = "active") -> dict[str, Any]:
    coding = {"coding": [{"system": system, "code": code, "display": "x"}]}
    return {"resourceType": "MedicationStatement", "status": status, "medicationCodeableConcept": coding}


def _observation(code: str, value: float, unit: str, when: str = "2027-02-28T10:00:00Z") -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code, "display": "x"}]},
        "effectiveDateTime": when,
        "valueQuantity": {"value": value, "code": unit, "system": "http://unitsofmeasure.org"},
    }


def _summary(**sections: list[dict[str, Any]]) -> bytes:
    """A summary with these sections: problems, medications, results."""
    codes = {"problems": "11450-4", "medications": "10160-0", "results": "30954-2"}
    patient = {"resourceType": "Patient", "gender": "female", "birthDate": "1954-05-06", "name": [{"text": "x"}]}
    entries: list[dict[str, Any]] = [{"fullUrl": "urn:uuid:p", "resource": patient}]
    listed: list[dict[str, Any]] = []
    for name, resources in sections.items():
        urls = [f"urn:uuid:{name}-{index}" for index in range(len(resources))]
        coding = {"coding": [{"system": LOINC, "code": codes[name]}]}
        listed.append({"title": name, "code": coding, "entry": [{"reference": url} for url in urls]})
        entries += [{"fullUrl": url, "resource": resource} for url, resource in zip(urls, resources, strict=True)]
    composition: dict[str, Any] = {
        "resourceType": "Composition",
        "status": "final",
        "type": {"coding": [{"system": LOINC, "code": "60591-5"}]},
        "subject": {"reference": "urn:uuid:p"},
        "date": "2027-02-28",
        "title": "x",
        "section": listed,
    }
    entries.insert(0, {"fullUrl": "urn:uuid:c", "resource": composition})
    return json.dumps({"resourceType": "Bundle", "type": "document", "entry": entries}).encode()


def _person(**sections: list[dict[str, Any]]) -> Person:
    return person_of(read(_summary(**sections)), TODAY)


def test_age_and_sex_come_from_the_head() -> None:
    """A summary without sections still says how old, and which sex."""
    assert _person() == Person(age_y=72, sex=0)


@pytest.mark.parametrize(
    ("system", "code", "group"),
    [
        (SNOMED, "49436004", "atrial_fibrillation"),
        (ICD_10, "I48.9", "atrial_fibrillation"),
        ("http://hl7.org/fhir/sid/icd-10-cm", "I50.22", "heart_failure"),
        (ICD_10, "E11.9", "diabetes"),
        (ICD_10, "i10", "hypertension"),
        ("urn:oid:2.16.840.1.113883.6.3", "J44.1", "chronic_lung_disease"),
        (SNOMED, "13645005", "chronic_lung_disease"),
        (ICD_10, "C50.9", "cancer"),
    ],
)
def test_a_coded_condition_is_in_its_group(system: str, code: str, group: str) -> None:
    """A code of either system leads to the group, with its dots and small letters or without."""
    assert _person(problems=[_condition(system, code)]).conditions == frozenset({group})


def test_a_condition_of_no_group_makes_the_list_known() -> None:
    """A list that holds something else says that what is not on it is absent."""
    person = _person(problems=[_condition(SNOMED, "198436008")])
    assert person.conditions == frozenset()
    assert person.medicines is None


def test_a_code_of_another_system_is_not_mistaken() -> None:
    """A local code that looks like ICD-10 is none."""
    for system in ("urn:oid:1.2.3", "http://example.org/batch", "http://hl7.org/fhir/sid/icd-10-pcs"):
        assert _person(problems=[_condition(system, "I48.9")]).conditions == frozenset()


def test_no_known_problems_are_none_and_no_information_is_unknown() -> None:
    """The two ways of the standard to list nothing mean two different things."""
    assert _person(problems=[_condition(ABSENT, "no-known-problems")]).conditions == frozenset()
    assert _person(problems=[_condition(ABSENT, "no-problem-info")]).conditions is None
    assert _person(problems=[]).conditions is None


def test_medicines_count_while_they_are_taken() -> None:
    """A medicine that was stopped is not one of today."""
    given = [_medicine(ATC, "B01AF02"), _medicine(ATC, "C07AB07"), _medicine(ATC, "H02AB06", "stopped")]
    assert _person(medications=given).medicines == frozenset({"anticoagulant", "rate_control"})


def test_measurements_become_readings_in_the_variables_units() -> None:
    """Units are converted where the factor is known, and what is not understood is left out."""
    summary = read(
        _summary(
            results=[
                _observation("8867-4", 88, "/min"),
                _observation("2160-0", 88.4, "umol/L"),
                _observation("2345-7", 5.5, "mmol/L"),
                _observation("2823-3", 4.1, "[lb_av]"),
                _observation("2951-2", 140, "mmol/L", "2027"),
                _observation("8302-2", 1.6, "m"),
                _observation("29463-7", 64, "kg"),
                _observation("99999-9", 1, "1"),
            ]
        )
    )
    at = datetime(2027, 2, 28, 10, tzinfo=UTC).timestamp()
    found = {reading.variable: reading for reading in readings_of(summary)}
    assert set(found) == {"heart_rate", "creatinine", "glucose"}
    assert found["heart_rate"] == Reading("heart_rate", at, 88)
    assert found["creatinine"].value == pytest.approx(1.0, abs=0.001)
    assert found["glucose"].value == pytest.approx(99.1, abs=0.1)
    assert person_of(summary, TODAY).height_cm == 160
    assert person_of(summary, TODAY).weight_kg == 64


def test_the_latest_weight_counts() -> None:
    """Of two weights the younger one is the person's."""
    old = _observation("29463-7", 70, "kg", "2020-01-01")
    new = _observation("29463-7", 64, "kg", "2026-01-01")
    assert _person(results=[new, old]).weight_kg == 64


@pytest.mark.parametrize(
    ("birth", "age"),
    [("1954-03-01", 73), ("1954-03-02", 72), ("1954-03", 73), ("1954-04", 72), ("1954", 72), ("", None), ("x", None)],
)
def test_ages_are_completed_years(birth: str, age: float | None) -> None:
    """A birthday tomorrow is not yet a year, and a date that is none gives no age."""
    assert age_on(birth, TODAY) == age


@given(st.text(max_size=12))
def test_no_date_breaks_the_age(birth: str) -> None:
    """Whatever stands as a date of birth, there is an age or none."""
    age = age_on(birth, TODAY)
    assert age is None or isinstance(age, float)


def test_factors_are_for_variables_that_exist() -> None:
    """Each conversion is to a variable's unit, from another one."""
    for name, unit in FACTORS:
        assert variable(name).unit != unit
