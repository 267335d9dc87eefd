"""A translation: what the engine answered for one text, and how to read it.

It translates nothing; `translator` does. Ranges count Unicode code points, as Python's strings do.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hospes.translator_wasm.kinds import Kind

OPENING, CLOSING = "⟦", "⟧"
"""Brackets around what stayed in the source language, in `Translation.marked`."""


class Status(StrEnum):
    """How much of a text is known; SPEC.md section 1."""

    EXACT = "exact"
    COMPOSED = "composed"
    PARTIAL = "partial"
    UNKNOWN = "unknown"


STATUSES: Final = tuple(Status)
"""By the number that the engine gives."""


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of a translation.

    Attributes
    ----------
    source, target : tuple[int, int]
        Ranges in the two texts, in code points: first, and first behind.
    kind : str
        Of the concept (``"finding"``), or ``"number"``, ``"unknown"``, ``"joint"``.
    concept : str
        Id of the concept; empty if it is none.
    known : bool
        False: this stayed in the source language, or is the joint of two phrases that no pattern joins.
    """

    source: tuple[int, int]
    target: tuple[int, int]
    kind: str
    concept: str
    known: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the target: text, and whether it is in the target language."""

    text: str
    known: bool


@dataclass(frozen=True, slots=True)
class Translation:
    """One text in both languages.

    Attributes
    ----------
    source, target : str
    status : Status
    spans : tuple[Span, ...]
        In the order of the target. Words that belong to a pattern have none.
    """

    source: str
    target: str
    status: Status
    spans: tuple[Span, ...]

    @property
    def is_known(self) -> bool:
        """Whether nothing of it stayed in the source language."""
        return self.status in {Status.EXACT, Status.COMPOSED}

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The target in order, parted where the language changes."""
        found: list[Piece] = []
        done = 0
        for span in self.spans:
            start, end = span.target
            if not span.known and span.kind == Kind.UNKNOWN.name.lower():
                found += [Piece(self.target[done:start], known=True)] if start > done else []
                found += [Piece(self.target[start:end], known=False)] if end > start else []
                done = end
        return (*found, Piece(self.target[done:], known=True)) if done < len(self.target) else tuple(found)

    @property
    def marked(self) -> str:
        """The target with brackets around what stayed in the source language."""
        return "".join(piece.text if piece.known else f"{OPENING}{piece.text}{CLOSING}" for piece in self.pieces)

    def __repr__(self) -> str:
        """Give the status alone: the texts are somebody's health, and this may reach a log."""
        return f"<Translation: {self.status}, {len(self.spans)} spans>"
