"""Make the sheet of a second reading or judge its answers: who sees only a translation should name the concept.

``sheet pt`` prints the preferred terms of a language, numbered, in an order that says nothing. The reader writes one
English name a line, in the same order, and ``judge pt answers.txt`` lists every name that is none of the concept's
English terms, for somebody to decide. It changes no term; what came of it stands in translator_wasm/REVIEW.md.
"""

import argparse
import random
import signal
import sys
from pathlib import Path
from typing import Final

from hospes.translator_wasm.building.base import read_base
from hospes.translator_wasm.building.terms import Concept
from hospes.translator_wasm.building.words import words_of
from hospes.translator_wasm.kinds import Kind
from hospes.translator_wasm.languages import Language

SEED: Final = 4
"""Any number will do, so long as sheet and judge have the same."""
LEFT_OUT: Final = frozenset({Kind.UNIT, Kind.MONTH})
"""Nobody needs a second reading to know them."""


def order(language: Language, count: int | None) -> list[Concept]:
    """Return the concepts in the order of a language's sheet, its own: all, or the first of a shuffled list."""
    concepts = [concept for concept in read_base().concepts if concept.kind not in LEFT_OUT]
    random.Random(f"{SEED} {language}").shuffle(concepts)  # noqa: S311 - an order, not a secret
    return concepts[:count]


def sheet(language: Language, count: int | None) -> None:
    """Print the sheet."""
    for number, concept in enumerate(order(language, count), 1):
        print(f"{number}. {concept.terms[language].forms[0]}")


def judge(language: Language, count: int | None, answers: Path) -> int:
    """Print what the reader named differently, and how many that are."""
    concepts = order(language, count)
    named = answers.read_text("utf-8").splitlines()
    if len(named) != len(concepts):
        print(f"{len(concepts)} terms, {len(named)} answers")
        return 2
    differing = 0
    for number, (concept, name) in enumerate(zip(concepts, named, strict=True), 1):
        if words_of(name) not in {words_of(spelling) for spelling in concept.terms[Language.EN].spellings}:
            differing += 1
            term = concept.terms[language].forms[0]
            print(f"{number}. {term!r} was named {name!r}; it stands for {concept.terms[Language.EN].forms[0]!r}")
    print(f"{language}: {len(concepts)} read, {differing} named in other words")
    return 0


def main() -> int:
    """Print a sheet or judge answers."""
    parser = argparse.ArgumentParser(description="Second reading of the translator's terms.")
    parser.add_argument("what", choices=["sheet", "judge"])
    parser.add_argument("language", type=Language)
    parser.add_argument("answers", type=Path, nargs="?")
    parser.add_argument("--count", type=int, help="read only so many")
    # A reader that has seen enough (``| head``) ends the tool as it ends any other: without a traceback.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    options = parser.parse_args()
    if options.what == "sheet":
        sheet(options.language, options.count)
        return 0
    return judge(options.language, options.count, options.answers)


if __name__ == "__main__":
    sys.exit(main())
