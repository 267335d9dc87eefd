"""Fitting: a misfit is reported where it stands, mended where its meaning is plain, and costs no neighbour anything."""

from decimal import Decimal
from typing import TypeVar

import pytest
from hypothesis import given, strategies as st

from hospes.core.summary.datatypes import CodeableConcept, Coding, Element, HumanName, Quantity, Reference
from hospes.core.summary.fit import fit
from hospes.core.summary.resources import RESOURCES, AllergyIntolerance, Condition, Immunization, Observation, Patient
from hospes.core.summary.tree import Json

E = TypeVar("E", bound=Element)
PENICILLIN = CodeableConcept(text="Penicillin")

names = st.sampled_from(sorted({name for wanted in RESOURCES.values() for name in wanted.__struct_encode_fields__}))
scalars = (
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5), max_leaves=30
)


def fitted(value: Json, wanted: type[E]) -> tuple[E, list[str]]:
    """Return what was made of a value, and the places that were reported."""
    misfits: list[str] = []
    return fit(value, wanted, "", misfits.append), misfits


@given(anything, st.sampled_from(sorted(RESOURCES)))
def test_any_json_can_be_read_as_any_resource(value: Json, resource_type: str) -> None:
    """Reading never fails, and what does not fit is always reported."""
    read, misfits = fitted(value, RESOURCES[resource_type])
    assert isinstance(read, RESOURCES[resource_type])
    assert not isinstance(value, dict) or misfits or read == fitted(dict(value), RESOURCES[resource_type])[0]
    assert isinstance(value, dict) or misfits


@pytest.mark.parametrize(
    ("value", "wanted", "meant", "misfits"),
    [
        ({"text": "Penicillin"}, CodeableConcept, PENICILLIN, []),
        ("Penicillin", CodeableConcept, PENICILLIN, [""]),
        ([{"text": "Penicillin"}], CodeableConcept, PENICILLIN, [""]),
        ({"text": ["Penicillin"]}, CodeableConcept, CodeableConcept(), ["/text"]),
        ({"coding": {"code": "c"}}, CodeableConcept, CodeableConcept(coding=(Coding(code="c"),)), ["/coding"]),
        ({"coding": [[{"code": "c"}]]}, CodeableConcept, CodeableConcept(coding=(Coding(code="c"),)), ["/coding"]),
        ({"coding": [{"code": 5}]}, CodeableConcept, CodeableConcept(coding=(Coding(code="5"),)), ["/coding/0/code"]),
        ({"text": True}, CodeableConcept, CodeableConcept(text="true"), ["/text"]),
        ({"value": "7.20"}, Quantity, Quantity(value=Decimal("7.20")), ["/value"]),
        ({"value": "much"}, Quantity, Quantity(), ["/value"]),
        ({"value": "NaN"}, Quantity, Quantity(), ["/value"]),
        ({"value": False}, Quantity, Quantity(), ["/value"]),
        ({"value": 7}, Quantity, Quantity(value=7), []),
        ("Dr A", Reference, Reference(display="Dr A"), [""]),
        (None, Reference, Reference(), [""]),
        ({"given": "Eva"}, HumanName, HumanName(given=("Eva",)), ["/given"]),
        ({"given": [None, "Eva"]}, HumanName, HumanName(given=(None, "Eva")), []),
    ],
)
def test_plain_meanings_are_mended(value: Json, wanted: type[Element], meant: Element, misfits: list[str]) -> None:
    """A lone item stands for a list of one, a string for a concept, digits for a number; the rest reads as absent."""
    assert fitted(value, wanted) == (meant, misfits)


def test_a_misfit_costs_its_neighbours_nothing() -> None:
    """Everything beside and below a misfit that does fit is read."""
    value: Json = {
        "resourceType": "AllergyIntolerance",
        "code": {"coding": [{"display": "Penicillin"}, 5]},
        "criticality": ["high"],
        "reaction": {"severity": "severe", "manifestation": "Anaphylaxis"},
        "recordedDate": "2004",
    }
    read, misfits = fitted(value, AllergyIntolerance)
    assert read.code.coding[0].display == "Penicillin"
    assert read.recorded_date == "2004"
    assert read.reaction[0].severity == "severe"
    assert read.reaction[0].manifestation == (CodeableConcept(text="Anaphylaxis"),)
    assert misfits == [
        "/criticality",
        "/code/coding/1",
        "/reaction",
        "/reaction/manifestation",
        "/reaction/manifestation",
    ]


@pytest.mark.parametrize(
    ("value", "number", "misfits"),
    [(2, 2, []), ("2", 2, 1), ("2.5", 0, 1), ("1e999999999", 0, 1), (Decimal("2.5"), 0, 1), (True, 0, 1)],
)
def test_whole_numbers_stay_whole(value: Json, number: int, misfits: int | list[str]) -> None:
    """A dose number that is none is absent, and no text can make a number that fills the memory."""
    read, places = fitted({"protocolApplied": [{"doseNumberPositiveInt": value}]}, Immunization)
    assert read.protocol_applied[0].dose_number_positive_int == number
    assert len(places) == (misfits or 0)


@pytest.mark.parametrize(("value", "meant"), [(True, True), ("true", True), ("false", False), ("yes", None), (1, None)])
def test_truths_are_read_from_their_words(value: Json, *, meant: bool | None) -> None:
    """`"true"` means true; another word means nothing."""
    assert fitted({"valueBoolean": value}, Observation)[0].value_boolean is meant


def test_nothing_that_is_printed_holds_what_was_read() -> None:
    """A structure in a traceback or log tells its type alone."""
    read = fitted({"name": [{"text": "Eva Example"}]}, Patient)[0]
    assert repr(read) == "<Patient>"
    assert "Eva" not in repr(read.name)
    assert fitted({}, Condition)[0] == Condition()
