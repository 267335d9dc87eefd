"""What the commands print: the policy as sentences, the nearest facilities as a table.

It reads nothing and decides nothing.
"""

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hospes.core.printing import printable
from hospes.oracle.facilities import Emergency, Facility
from hospes.oracle.policy import Policy, Row, Whom
from hospes.oracle.scoring import unit_of

MAX_SHOWN: Final = 20


def show_policy(console: Console, policy: Policy) -> None:
    """Print the policy as sentences, the gravest rows first."""
    for row in sorted(policy.rows, key=lambda row: -row.severity):
        console.print(f"[bold]{row.severity.name.lower():8}[/bold]  {row.says}  ({row.name})", highlight=False)
        for sentence in sentences(row):
            console.print(Padding(Text(sentence), (0, 0, 0, 10)))
        console.print()
    stale, gap = _span(policy.stale_s), _span(policy.gap_s)
    console.print(f"Readings older than {stale} say nothing of now. Nothing is taken to last over {gap} of silence.")
    console.print("Not validated in patients.")


def sentences(row: Row) -> tuple[str, ...]:
    """Return a row of the policy as sentences."""
    unit = unit_of(row)
    sides = ("at least", "at most") if row.upwards else ("at most", "at least")
    lasting = f"for {_span(row.for_s)}" if row.for_s else "once"
    whom = {Whom.NEAREST: "the nearest emergency hospital", Whom.COUNTRY: "a hospital of the country"}[row.whom]
    return (
        f"When {row.measure} is {sides[0]} {row.threshold:g} {unit}".rstrip() + f" {lasting}: ask {whom}.",
        f"It has {_span(row.deadline_s)} to answer; then the next is asked.",
        f"Again after {_span(row.quiet_s)}, once it was {sides[1]} {row.rearm:g} {unit}".rstrip() + ".",
        f"Another oracle must find the same within {row.tolerance:g} {unit}".rstrip() + ".",
        f"Also from frames that come up to {_span(row.fresh_s)} late. Source: {row.source}.",
    )


def show_facilities(
    console: Console, found: Sequence[tuple[float, Facility]], members: Sequence[str], left_out: int
) -> None:
    """Print facilities with their distances in kilometres, and which member each belongs to."""
    table = Table(title="The nearest hospitals that may take an emergency", title_justify="left")
    for name in ("km", "facility", "country", "emergency", "position", "member"):
        table.add_column(name, overflow="fold")
    for (km, one), member in zip(found[:MAX_SHOWN], members, strict=False):
        emergency = "yes" if one.emergency is Emergency.YES else "not told"
        name = f"{printable(one.name)} ({printable(one.id)})"
        table.add_row(f"{km:.1f}", name, one.country, emergency, one.quality.name.lower(), member or "-")
    console.print(table)
    console.print(f"{left_out} rows were left out: no emergency department, or no position.")


def _span(seconds: int) -> str:
    """Return seconds in the largest unit that is whole.

    >>> _span(90), _span(120), _span(7200)
    ('90 s', '2 min', '2 h')
    """
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
