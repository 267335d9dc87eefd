"""Findings: what an audit bundle gets wrong, under names that a script can rely on.

A finding says what and where; it never holds more of a message than its holder chose to show.
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding does to the verdict."""

    ERROR = "error"
    """The bundle contradicts itself or the protocol: it is not proven."""
    NOTICE = "notice"
    """Worth knowing, and no contradiction."""


class Code(StrEnum):
    """Which check a finding comes from. Names are never reused."""

    FILE = "file"
    """The file is not spelled as it was written."""
    PIN = "pin"
    """The genesis is not the pinned one."""
    SEAL = "seal"
    """The authority did not seal the bundle's block."""
    CHECKPOINT = "checkpoint"
    """The block does not descend from the pinned checkpoint, or the bundle cannot show that it does."""
    STORAGE = "storage"
    """An account or storage proof is wrong, missing, or of no use."""
    CODE = "code"
    """The contracts on the chain are not those of this version."""
    LOG = "log"
    """The entries do not fold to the proven head."""
    CONSENT = "consent"
    """A consent's word contradicts the entries."""
    THROUGH = "through"
    """The block up to which consents ended contradicts the entries."""
    HOSPITAL = "hospital"
    """An access by an account that was no active hospital."""
    OPENING = "opening"
    """An opening that opens nothing, or contradicts the registry."""
    ANSWER = "answer"
    """A signed answer without its entry, or not by a keeper."""
    RECEIPT = "receipt"
    """A receipt without its erasure, or not by a member."""
    AS_OF = "as-of"
    """The bundle ends before the asked time."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    Attributes
    ----------
    code : Code
    where : str
        The place: ``entry 3``, ``answer 2``, or an empty string for the whole.
    text : str
    severity : Severity
    """

    code: Code
    where: str
    text: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """Return the finding as one line."""
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.text} ({self.code})"
