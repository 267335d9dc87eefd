"""The document: the entries of a bundle, its composition and its patient, and where references lead.

It holds the JSON as it came and judges only what keeps a reader from finding things. Nothing is fetched: a reference
leads to an entry of the same bundle, to a contained resource, or nowhere.

Source: FHIR R4, sections 3.3 (documents), 2.36.4.1 (resolving references in bundles), 2.3.0.1 (contained resources).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hospes.core.errors import MalformedError
from hospes.core.summary.bounds import WHAT, bound_entries
from hospes.core.summary.findings import Code, Ledger
from hospes.core.summary.tree import JsonObject, as_object, as_text, items, join

_RESTFUL: Final = re.compile(r"(https?://\S+/)[A-Z][A-Za-z]+/([A-Za-z0-9.-]{1,64})")
"""A fullUrl that tells the base for relative references, and the id."""
_TYPE_AND_ID: Final = re.compile(r"(?:.*/)?([A-Z][A-Za-z]{0,63})/([A-Za-z0-9._:-]{1,255})(?:/_history/[^/]*)?")
_UUID: Final = re.compile(r"urn:(?:uuid|oid):(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a bundle that holds a resource.

    Attributes
    ----------
    index : int
        Its position among the bundle's entries.
    pointer : str
        JSON pointer of the resource.
    full_url, resource_type, id : str
        Empty where absent; the type never is.
    root : str
        What relative references from this resource are relative to; empty if its fullUrl does not tell.
    resource : JsonObject
        As it came.
    """

    index: int
    pointer: str
    full_url: str
    resource_type: str
    id: str
    root: str
    resource: JsonObject

    @property
    def place(self) -> str:
        """JSON pointer of the entry itself."""
        return self.pointer.removesuffix("/resource")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a reference leads.

    Attributes
    ----------
    entry : Entry
        The entry that holds it; for a contained resource, the container.
    pointer : str
    resource : JsonObject
    loose : bool
        Found by type and id alone, where the standard's rules find nothing.
    """

    entry: Entry
    pointer: str
    resource: JsonObject
    loose: bool = False

    @property
    def resource_type(self) -> str:
        """The type that the resource says it has, or nothing."""
        return as_text(self.resource.get("resourceType"))


class Document:
    """A bundle that has a composition and a patient.

    Attributes
    ----------
    bundle : JsonObject
        As it came.
    entries : list[Entry]
        Those with a resource, in their order.
    composition, patient : Entry
    """

    def __init__(self, bundle: JsonObject, ledger: Ledger) -> None:
        self.bundle = bundle
        self.entries = list(_entries(bundle, ledger))
        self._urls: dict[str, Entry] = {}
        self._ids: dict[tuple[str, str], list[Entry]] = {}
        self._contained: dict[int, dict[str, Target]] = {}
        for entry in self.entries:
            self._index(entry, ledger)
        self.composition = self._find_composition(ledger)
        self.patient = self._find_patient(ledger)

    def resolve(self, reference: str, base: Entry) -> Target | None:
        """Return where a reference leads that stands in the resource of `base`.

        Parameters
        ----------
        reference : str
            As it stands: an absolute URL, ``Type/id``, ``urn:uuid:...``, or ``#id`` of a contained resource.
        base : Entry
            Relative references are relative to its fullUrl.
        """
        if reference.startswith("#"):
            return self._resolve_contained(reference[1:], base)
        exact = self._urls.get(reference) or (self._urls.get(base.root + reference) if base.root else None)
        if exact is not None:
            return Target(exact, exact.pointer, exact.resource)
        loose = self._resolve_loosely(reference)
        return None if loose is None else Target(loose, loose.pointer, loose.resource, loose=True)

    def _resolve_loosely(self, reference: str) -> Entry | None:
        """Return the one entry that has the type and id which the reference ends in, or the id of its URN."""
        if parts := _TYPE_AND_ID.fullmatch(reference):
            found = self._ids.get((parts[1], parts[2]), [])
        elif urn := _UUID.fullmatch(reference):
            found = self._ids.get(("", urn[1]), [])
        else:
            return None
        return found[0] if len(found) == 1 else None

    def _resolve_contained(self, own_id: str, base: Entry) -> Target | None:
        """Return the resource with an id that the resource of `base` contains; an empty id means that resource."""
        if not own_id:
            return Target(base, base.pointer, base.resource)
        if base.index not in self._contained:
            found = items(base.resource.get("contained"), join(base.pointer, "contained"))
            targets = ((item, Target(base, pointer, item)) for pointer, item in found if isinstance(item, dict))
            self._contained[base.index] = {as_text(item.get("id")): target for item, target in targets}
        return self._contained[base.index].get(own_id)

    def _index(self, entry: Entry, ledger: Ledger) -> None:
        if not entry.full_url:
            ledger.add(Code.NO_FULL_URL, entry.place)
        elif self._urls.setdefault(entry.full_url, entry) is not entry:
            ledger.add(Code.REPEATED_FULL_URL, join(entry.place, "fullUrl"))
        if entry.id:
            self._ids.setdefault((entry.resource_type, entry.id), []).append(entry)
            self._ids.setdefault(("", entry.id), []).append(entry)

    def _find_composition(self, ledger: Ledger) -> Entry:
        found = [entry for entry in self.entries if entry.resource_type == "Composition"]
        if not found:
            raise MalformedError(WHAT, "/entry", "there is no composition")
        for other in found[1:]:
            ledger.add(Code.SEVERAL_COMPOSITIONS, other.pointer)
        if found[0].index != 0:
            ledger.add(Code.COMPOSITION_NOT_FIRST, found[0].pointer)
        return found[0]

    def _find_patient(self, ledger: Ledger) -> Entry:
        patients = [entry for entry in self.entries if entry.resource_type == "Patient"]
        if not patients:
            raise MalformedError(WHAT, "/entry", "there is no patient")
        if len(patients) > 1:
            ledger.add(Code.SEVERAL_PATIENTS, patients[1].pointer)
        subject = as_object(self.composition.resource.get("subject"))
        target = self.resolve(as_text(subject.get("reference")), self.composition)
        if target is not None and target.resource_type == "Patient" and target.entry.resource_type == "Patient":
            return target.entry
        ledger.add(Code.PATIENT_UNCERTAIN, join(self.composition.pointer, "subject"))
        return patients[0]


def _entries(bundle: JsonObject, ledger: Ledger) -> Iterator[Entry]:
    found = bundle.get("entry")
    bound_entries(len(found) if isinstance(found, list) else 0)
    for index, (pointer, item) in enumerate(items(found, "/entry")):
        entry = as_object(item)
        resource = as_object(entry.get("resource"))
        resource_type = as_text(resource.get("resourceType"))
        if not resource_type:
            ledger.add(Code.ENTRY_UNREADABLE, pointer)
            continue
        full_url, own_id = as_text(entry.get("fullUrl")), as_text(resource.get("id"))
        restful = _RESTFUL.fullmatch(full_url)
        if restful and own_id not in {"", restful[2]}:
            ledger.add(Code.OTHER_FULL_URL, join(pointer, "fullUrl"))
        root = restful[1] if restful else ""
        yield Entry(index, join(pointer, "resource"), full_url, resource_type, own_id, root, resource)
