"""The data types of FHIR R4 that a patient summary is shown with, as far as they are shown.

An element that is absent reads as an empty one, so nothing here is optional that a reader would have to ask about.
Members that are not named here are not lost: they stay in `Summary.document`.

Source: FHIR R4 (4.0.1), section 2.24 (data types), 2.3 (references), 2.4 (narrative).
"""

from decimal import Decimal
from typing import TypeAlias

import msgspec

Number: TypeAlias = int | Decimal


class Element(msgspec.Struct, frozen=True, rename="camel"):
    """Any element: read by its name in FHIR, unknown members skipped, printed without its contents."""

    def __repr__(self) -> str:
        """Name the type alone: contents are somebody's health, and this text may reach a log."""
        return f"<{type(self).__name__}>"


class Coding(Element, frozen=True):
    """One code of one code system."""

    system: str = ""
    version: str = ""
    code: str = ""
    display: str = ""


class CodeableConcept(Element, frozen=True):
    """A meaning: as codes, as text, or both."""

    coding: tuple[Coding, ...] = ()
    text: str = ""


class Quantity(Element, frozen=True):
    """A measured amount; also an age or a duration."""

    value: Number | None = None
    comparator: str = ""
    unit: str = ""
    system: str = ""
    code: str = ""


class Range(Element, frozen=True):
    """An amount between two bounds, both included."""

    low: Quantity = Quantity()
    high: Quantity = Quantity()


class Ratio(Element, frozen=True):
    """One amount in relation to another."""

    numerator: Quantity = Quantity()
    denominator: Quantity = Quantity()


class Period(Element, frozen=True):
    """A time between two dates, each possibly absent."""

    start: str = ""
    end: str = ""


class Identifier(Element, frozen=True):
    """A number or name that somebody issued."""

    system: str = ""
    value: str = ""
    type: CodeableConcept = CodeableConcept()


class Reference(Element, frozen=True):
    """A link to another resource, or what is known of it."""

    reference: str = ""
    type: str = ""
    display: str = ""
    identifier: Identifier = Identifier()


class HumanName(Element, frozen=True):
    """A person's name."""

    use: str = ""
    text: str = ""
    family: str = ""
    given: tuple[str | None, ...] = ()
    prefix: tuple[str | None, ...] = ()
    suffix: tuple[str | None, ...] = ()


class ContactPoint(Element, frozen=True):
    """A telephone number, address of electronic mail or the like."""

    system: str = ""
    value: str = ""
    use: str = ""


class Address(Element, frozen=True):
    """A place of residence or business."""

    text: str = ""
    line: tuple[str | None, ...] = ()
    city: str = ""
    postal_code: str = ""
    state: str = ""
    country: str = ""


class Annotation(Element, frozen=True):
    """A remark."""

    text: str = ""


class Narrative(Element, frozen=True):
    """XHTML for a reader."""

    status: str = ""
    div: str = ""


class TimingRepeat(Element, frozen=True):
    """How often something happens."""

    frequency: Number | None = None
    period: Number | None = None
    period_unit: str = ""
    when: tuple[str | None, ...] = ()


class Timing(Element, frozen=True):
    """When something happens, once or again and again."""

    event: tuple[str | None, ...] = ()
    repeat: TimingRepeat = TimingRepeat()
    code: CodeableConcept = CodeableConcept()


class DoseAndRate(Element, frozen=True):
    """How much of a medicine at a time."""

    dose_quantity: Quantity = Quantity()
    dose_range: Range = Range()


class Dosage(Element, frozen=True):
    """How a medicine is taken."""

    text: str = ""
    patient_instruction: str = ""
    timing: Timing = Timing()
    as_needed_boolean: bool = False
    as_needed_codeable_concept: CodeableConcept = CodeableConcept()
    route: CodeableConcept = CodeableConcept()
    dose_and_rate: tuple[DoseAndRate, ...] = ()
