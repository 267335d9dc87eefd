"""Sifting: the verdict on every fact of a summary, and what must not come back in by a reference.

It applies the rules of `emergency` and makes no document; `cutting` does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hospes.core.summary.document import Document, Entry, Target
from hospes.core.summary.emergency import Verdict, is_allergy, is_mental_illness, judge
from hospes.core.summary.facts import Fact
from hospes.core.summary.findings import Ledger
from hospes.core.summary.model import Summary
from hospes.core.summary.reader import Reader
from hospes.core.summary.sections import SectionKind
from hospes.core.summary.telling import state
from hospes.core.summary.tree import Json, JsonObject, as_text

MASK: Final[JsonObject] = {
    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]
}
"""What stands for a reference to something withheld."""


@dataclass(frozen=True, slots=True)
class Sieve:
    """What becomes of each fact.

    Attributes
    ----------
    document : Document
    entries : dict[int, Entry]
        The document's entries by their index.
    verdicts : dict[str, Verdict]
        By `place` of the fact.
    withheld : frozenset[int]
        Indices of the entries that no reference may bring in.
    """

    document: Document
    entries: dict[int, Entry]
    verdicts: dict[str, Verdict]
    withheld: frozenset[int]

    def carried(self, facts: Iterable[Fact]) -> list[Fact]:
        """Return those of some facts that are carried."""
        return [fact for fact in facts if self.verdicts[place(fact)] is Verdict.CARRIED]

    def count(self, facts: Iterable[Fact], verdict: Verdict) -> int:
        """Return how many of some facts have a verdict."""
        return sum(self.verdicts[place(fact)] is verdict for fact in facts)

    def unlike(self, entry: Entry) -> bool:
        """Whether the entry's fullUrl is missing or leads to another entry, so that it needs one of its own."""
        target = self.document.resolve(entry.full_url, entry)
        return target is None or target.loose or target.entry.index != entry.index

    def masked(self, value: Json, base: Entry) -> Json:
        """Return JSON of one entry with every reference to something withheld masked."""
        if not self.withheld:
            return value
        if isinstance(value, list):
            return [self.masked(child, base) for child in value]
        if not isinstance(value, dict):
            return value
        if self.hides(as_text(value.get("reference")), base):
            return MASK
        return {name: self.masked(child, base) for name, child in value.items()}

    def hides(self, reference: str, base: Entry) -> bool:
        """Whether a reference leads to something withheld."""
        target = self.document.resolve(reference, base) if reference else None
        return target is not None and target.entry.index in self.withheld


def place(fact: Fact) -> str:
    """Return where a fact is listed, or, if no section lists it, where it stands."""
    return fact.listed_at or fact.pointer


def sift(summary: Summary) -> Sieve:
    """Judge every fact of a summary, and every entry that no section tells."""
    document = Document(summary.document, Ledger())
    resources = {entry.pointer: entry.resource for entry in document.entries}
    today = summary.header.date
    verdicts: dict[str, Verdict] = {}
    met: dict[int, set[Verdict]] = {}
    for section in summary.sections:
        for fact in section.facts:
            verdict = judge(fact, section.kind, resources.get(fact.pointer, {}), today)
            verdicts[place(fact)] = verdict
            met.setdefault(fact.entry, set()).add(verdict)
    hidden = {index for index, found in met.items() if Verdict.WITHHELD in found and Verdict.CARRIED not in found}
    untold = (entry for entry in document.entries if entry.index not in met)
    hidden |= _mental(Reader(document, Ledger()), list(untold))
    # The head of the document and its patient stand above all rules; a contained fact does not hide its container.
    kept = {document.composition.index, document.patient.index, -1}
    return Sieve(document, {entry.index: entry for entry in document.entries}, verdicts, frozenset(hidden - kept))


def _mental(reader: Reader, untold: list[Entry]) -> set[int]:
    """Return the indices of the entries that belong to the class `mental-health`, by rule 3 alone."""
    ledger = Ledger()
    facts = [state(reader, ledger, Target(entry, entry.pointer, entry.resource), "") for entry in untold]
    return {fact.entry for fact in facts if is_mental_illness(fact) and not is_allergy(fact, SectionKind.OTHER)}
