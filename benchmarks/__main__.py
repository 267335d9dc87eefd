"""Measure everything, show a table, and write ``results.json``: ``PYTHONPATH=. python -m benchmarks``.

A run of a part (``--only``) or with another count (``--count``) is for looking, and writes nothing unless it is told
where (``--output``): what is written comes from one whole run on one machine. Nothing fails
because a bar is missed.
"""

import argparse
import importlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol, cast

from rich.console import Console
from rich.table import Table

from benchmarks.machine import machine, versions
from benchmarks.measures import Measure, shown

NAMES: Final = ("risk", "firmware", "translator", "alerts")
RESULTS: Final = Path(__file__).with_name("results.json")
WIDTH: Final = 140
"""Columns of the table at least, also where nobody says how wide the terminal is."""


class Subject(Protocol):
    """What a module of this folder offers."""

    def measure(self, count: int | None = None) -> Sequence[Measure]:
        """Return its measures, each from its own number of runs or from `count`."""
        ...


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what was asked for."""
    asked = _parser().parse_args(arguments)
    on = machine()
    print(", ".join(f"{name} {value}" for name, value in (on | versions()).items()))
    measures: list[Measure] = []
    for name in asked.only or NAMES:
        print(f"\n{name}")
        measures += subject(name).measure(asked.count)
    show(measures)
    whole = not asked.only and asked.count is None
    output = asked.output or (RESULTS if whole else None)
    if output is not None:
        output.write_text(json.dumps(results(measures, on), indent=1, ensure_ascii=False) + "\n", "utf-8")
        print(f"written: {output.name}")


def subject(name: str) -> Subject:
    """Return a module by its name; only what is asked for is imported."""
    return cast("Subject", importlib.import_module(f"benchmarks.{name}"))


def results(measures: Sequence[Measure], on: dict[str, str | int | float]) -> dict[str, Any]:
    """Return what is written."""
    date = datetime.now(UTC).isoformat(timespec="seconds")
    return {"machine": on, "versions": versions(), "date": date, "measures": [asdict(one) for one in measures]}


def show(measures: Sequence[Measure]) -> None:
    """Print the table."""
    table = Table("what", "value", "bar", "unit", "holds", "peer", "its value", "times better", title="Measures")
    for one in measures:
        holds = {True: "yes", False: "no", None: "not measured"}[one.holds]
        numbers = ["" if each is None else shown(each) for each in (one.value, one.bar, one.peer_value, one.ratio)]
        table.add_row(one.what, numbers[0], numbers[1], one.unit, holds, one.peer, numbers[2], numbers[3])
    console = Console()
    console.width = max(console.width, WIDTH)
    console.print(table)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure, beside a peer of the same run.")
    parser.add_argument("--only", action="append", choices=NAMES, help="this subject; may be given again")
    parser.add_argument("--count", type=int, help="runs of each measure, instead of its own number")
    parser.add_argument("--output", type=Path, help="write the results there")
    return parser


if __name__ == "__main__":
    main()
