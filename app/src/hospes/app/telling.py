"""How a demonstration is told: chapters with sentences, facts and times, for a person, a pipe or a program.

It knows nothing of what it tells.
"""

import json
import textwrap
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

import click
from rich.console import Console
from rich.text import Text

INDENT: Final = 3
LABEL_WIDTH: Final = 20
PIPE_WIDTH: Final = 110
"""Columns when nobody's terminal says: a label and a hash fit on one line."""


@dataclass(slots=True)
class Chapter:
    """One step of a story.

    Attributes
    ----------
    title : str
    sentences : list of str
    facts : list of (str, str)
        Label and value, such as a hash or a number, in the order told; an indented label belongs to the one above it.
    seconds : float
        How long the step took, explanation excluded.
    """

    title: str
    sentences: list[str] = field(default_factory=list[str])
    facts: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    seconds: float = 0.0


class Teller(Protocol):
    """Who tells a story to somebody."""

    def begin(self, number: int, chapter: Chapter) -> None:
        """Open a chapter."""
        ...

    def say(self, sentence: str) -> None:
        """Tell a sentence."""
        ...

    def fact(self, label: str, value: str) -> None:
        """Tell a fact."""
        ...

    def show(self, lines: Sequence[str]) -> None:
        """Show a document."""
        ...

    def end(self, chapter: Chapter) -> None:
        """Close a chapter."""
        ...

    def finish(self, facts: Mapping[str, str]) -> None:
        """Close the story."""
        ...


class Telling:
    """A story being told, chapter by chapter.

    Parameters
    ----------
    teller : Teller
    """

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._chapters: list[Chapter] = []

    @contextmanager
    def chapter(self, title: str) -> Generator[Chapter]:
        """Open a chapter; its time runs until the block ends."""
        chapter = Chapter(title)
        self._chapters.append(chapter)
        self._teller.begin(len(self._chapters), chapter)
        begun = time.perf_counter()
        yield chapter
        chapter.seconds = time.perf_counter() - begun
        self._teller.end(chapter)

    def say(self, sentence: str) -> None:
        """Tell a sentence of the chapter that is open."""
        self._chapters[-1].sentences.append(sentence)
        self._teller.say(sentence)

    def fact(self, label: str, value: object) -> None:
        """Tell a fact of the chapter that is open."""
        self._chapters[-1].facts.append((label, str(value)))
        self._teller.fact(label, str(value))

    def show(self, lines: Sequence[str]) -> None:
        """Show a document in the chapter that is open."""
        self._chapters[-1].sentences.extend(lines)
        self._teller.show(lines)

    def finish(self, facts: Mapping[str, str]) -> None:
        """End the story with the facts that stay."""
        self._teller.finish(facts)


class ScreenTeller:
    """Tells to a terminal with colours, or to a pipe without; never shortens a value.

    Parameters
    ----------
    console : Console, optional
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        if not self._console.is_terminal:
            self._console.width = PIPE_WIDTH

    def begin(self, number: int, chapter: Chapter) -> None:
        """Draw the chapter's line."""
        self._console.print()
        self._console.print(Text(f"{number}  {chapter.title}", "bold"), soft_wrap=True)

    def say(self, sentence: str) -> None:
        """Print a sentence, wrapped."""
        for line in textwrap.wrap(sentence, self._console.width - INDENT):
            self._console.print(Text(" " * INDENT + line), soft_wrap=True)

    def fact(self, label: str, value: str) -> None:
        """Print label and value on one line, so that the value can be copied."""
        line = Text(" " * INDENT + label.ljust(LABEL_WIDTH), "dim") + Text(value, "cyan")
        self._console.print(line, soft_wrap=True)

    def show(self, lines: Sequence[str]) -> None:
        """Print a document beside a bar."""
        for line in lines:
            self._console.print(Text(" " * INDENT + "│ ", "dim") + Text(line), soft_wrap=True)

    def end(self, chapter: Chapter) -> None:
        """Print how long it took."""
        self._console.print(Text(f"{' ' * INDENT}{chapter.seconds:.2f} s", "dim green"))

    def finish(self, facts: Mapping[str, str]) -> None:
        """Print what stays."""
        self._console.print()
        for label, value in facts.items():
            self.fact(label, value)


class JsonTeller:
    """Collects the story and prints it as one JSON object at its end."""

    def __init__(self) -> None:
        self._chapters: list[Chapter] = []

    def begin(self, number: int, chapter: Chapter) -> None:
        """Remember the chapter, which fills itself."""
        del number
        self._chapters.append(chapter)

    def say(self, sentence: str) -> None:
        """Do nothing: the chapter has it."""

    def fact(self, label: str, value: str) -> None:
        """Do nothing: the chapter has it."""

    def show(self, lines: Sequence[str]) -> None:
        """Do nothing: the chapter has it."""

    def end(self, chapter: Chapter) -> None:
        """Do nothing: the chapter has it."""

    def finish(self, facts: Mapping[str, str]) -> None:
        """Print everything."""
        chapters = [
            {"title": each.title, "seconds": round(each.seconds, 3), "sentences": each.sentences}
            | {"facts": [{"label": label, "value": value} for label, value in each.facts]}
            for each in self._chapters
        ]
        click.echo(json.dumps({"chapters": chapters, "facts": dict(facts)}, ensure_ascii=False, indent=1))
