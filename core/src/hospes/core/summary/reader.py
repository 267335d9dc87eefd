"""The reader: typed resources of one document, each read once, and what references lead to.

It makes no statements about the patient; `drafts` does.
"""

from typing import Final, TypeVar

from hospes.core.summary.bounds import bound_told
from hospes.core.summary.datatypes import CodeableConcept, Coding, Element, Reference
from hospes.core.summary.document import Document, Entry, Target
from hospes.core.summary.findings import Code, Ledger
from hospes.core.summary.fit import fit
from hospes.core.summary.narrative import clean
from hospes.core.summary.resources import (
    RESOURCES,
    AnyResource,
    Device,
    Medication,
    Organization,
    Patient,
    Practitioner,
    PractitionerRole,
    RelatedPerson,
    Resource,
)
from hospes.core.summary.tree import Json, as_object, as_text, objects, texts
from hospes.core.summary.wording import concept, concepts, joined, name

E = TypeVar("E", bound=Element)
_OBJECT: Final = 128
"""Characters that an object counts for, besides its strings: a part takes time even where nothing stands in it."""


class Reader:
    """Reads resources as typed structures and remembers them.

    Parameters
    ----------
    document : Document
    ledger : Ledger
        Takes a finding for each element that does not have its type.
    """

    def __init__(self, document: Document, ledger: Ledger) -> None:
        self.document = document
        self._ledger = ledger
        self._resources: dict[str, Resource] = {}
        self._sizes: dict[str, int] = {}
        self._told = 0

    def fit(self, value: Json, wanted: type[E], pointer: str) -> E:
        """Read a value as the wanted structure."""
        return fit(value, wanted, pointer, lambda place: self._ledger.add(Code.ELEMENT_TYPE, place))

    def resource(self, value: Json, pointer: str) -> Resource:
        """Read a resource by its type.

        Raises
        ------
        TooLargeError
            When all that was asked for, repetitions counted, is more than any document has reason to tell.
        """
        if pointer not in self._resources:
            wanted = RESOURCES.get(as_text(as_object(value).get("resourceType")), AnyResource)
            self._resources[pointer] = self.fit(value, wanted, pointer)
            self._sizes[pointer] = _size(value)
        self._told += self._sizes[pointer]
        bound_told(self._told)
        return self._resources[pointer]


class View:
    """The reader as seen from one resource, in which references have their base.

    Parameters
    ----------
    reader : Reader
    base : Entry
        The entry that holds the resource.
    steps : int
        References followed so far. A name is looked for one step away at most, so that no circle is walked.
    """

    def __init__(self, reader: Reader, base: Entry, steps: int = 0) -> None:
        self._reader = reader
        self._base = base
        self._steps = steps

    def target(self, reference: Reference) -> Target | None:
        """Return where a reference leads."""
        if not reference.reference:
            return None
        return self._reader.document.resolve(reference.reference, self._base)

    def follow(self, reference: Reference) -> tuple[Resource, "View"] | None:
        """Return the resource that a reference leads to, and the view from there."""
        target = self.target(reference)
        if target is None:
            return None
        return self._reader.resource(target.resource, target.pointer), View(self._reader, target.entry, self._steps + 1)

    def who(self, *references: Reference) -> str:
        """Return the name of the first of these persons, organisations or devices that has one."""
        return next(filter(None, (self._name(reference) for reference in references)), "")

    def thing(self, reference: Reference) -> tuple[str, tuple[Coding, ...]]:
        """Return what a medicine, device or other thing is, as text and as codes."""
        found = self.follow(reference)
        meaning = meaning_of(found[0]) if found else CodeableConcept()
        text = concept(meaning) or (_device_name(found[0]) if found else "")
        return text or clean(reference.display) or clean(reference.identifier.value), meaning.coding

    def _name(self, reference: Reference) -> str:
        found = self.follow(reference)
        text = own_name(found[0]) if found else ""
        if found and isinstance(found[0], PractitionerRole) and self._steps == 0:
            role, view = found[0], found[1]
            text = joined((view.who(role.practitioner), view.who(role.organization))) or concepts(role.code)
        return text or clean(reference.display) or clean(reference.identifier.value)


def own_name(resource: Resource) -> str:
    """Return what a person, organisation or device is called."""
    match resource:
        case Patient():
            return "the patient"
        case Practitioner() | RelatedPerson():
            return name(resource.name)
        case Organization():
            return clean(resource.name)
        case Device():
            return concept(resource.type) or _device_name(resource)
        case _:
            return ""


def meaning_of(resource: Resource) -> CodeableConcept:
    """Return what a medicine, device or resource of another type is."""
    match resource:
        case Medication() if concept(resource.code):
            return resource.code
        case Medication():
            parts = [part.item_codeable_concept for part in resource.ingredient]
            codings = tuple(coding for part in parts for coding in part.coding)
            return CodeableConcept(coding=codings, text=concepts(parts))
        case Device():
            return resource.type
        case AnyResource():
            return resource.code if concept(resource.code) else resource.type
        case _:
            return CodeableConcept()


def _size(value: Json) -> int:
    """Return what telling a resource once counts for, in characters."""
    return sum(len(text) for _, text in texts(value)) + _OBJECT * sum(1 for _ in objects(value))


def _device_name(resource: Resource) -> str:
    names = resource.device_name if isinstance(resource, Device) else ()
    return next(filter(None, (clean(name.name) for name in names)), "")
