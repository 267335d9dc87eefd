"""``hospes oracle``: what a clinician and an operator look at. It raises nothing and changes nothing.

The commands only read their arguments; `screen` prints.
"""

import sqlite3
from pathlib import Path

import click
from rich.console import Console

from hospes.core.errors import ConfigurationError, MalformedError
from hospes.oracle.facilities import load_facilities
from hospes.oracle.holdings import DATA_FILE, KEYS_FILE
from hospes.oracle.hospitals import load_hospitals
from hospes.oracle.policy import load_policy
from hospes.oracle.screen import show_facilities, show_policy

EXISTING = click.Path(exists=True, path_type=Path)


@click.group()
def oracle() -> None:
    """Look at what an oracle goes by: its policy, its facilities, its state."""


@oracle.command()
@click.option("--file", "path", type=EXISTING, help="another table than the one that comes with Hospes")
def policy(path: Path | None) -> None:
    """Show when an alert is raised, how grave it is, who is asked, and how fast they must answer."""
    show_policy(_console(), load_policy(path))


@oracle.command()
@click.argument("file", type=EXISTING)
@click.option("--near", required=True, metavar="LAT,LON", help="a place, in degrees, such as 38.57,-7.91")
@click.option("--members", type=EXISTING, help="which member a facility belongs to: CSV of id,member")
def facilities(file: Path, near: str, members: Path | None) -> None:
    """Show the nearest hospitals of FILE, a table in the columns of Eurostat's."""
    latitude, longitude = _place(near)
    read = load_facilities(file)
    member_of = load_hospitals(file, members).member_of
    found = read.by_distance(latitude, longitude)
    show_facilities(_console(), found, [member_of.get(one.id, "") for _, one in found], sum(read.left_out.values()))


@oracle.command()
@click.option("--data", required=True, type=EXISTING, help="the oracle's directory")
def status(data: Path) -> None:
    """Show how much an oracle holds, in numbers; it may be running."""
    console = _console()
    counts = _counts(data)
    for name, count in counts.items():
        console.print(f"{name:>12}  {count}", highlight=False)


def _counts(directory: Path) -> dict[str, int]:
    path = directory / DATA_FILE
    if not path.is_file() or not (directory / KEYS_FILE).is_file():
        raise ConfigurationError(str(directory), "there is no oracle's data here")
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        tables = ("enrolments", "messages", "cases")
        return {name: int(connection.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0]) for name in tables}  # noqa: S608
    except sqlite3.Error as error:
        raise ConfigurationError(str(path), f"the oracle's data cannot be read ({error})") from error
    finally:
        connection.close()


def _place(text: str) -> tuple[float, float]:
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError as error:
        raise MalformedError("place", "--near", "expected two numbers, such as 38.57,-7.91") from error
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # noqa: PLR2004 - degrees
        raise MalformedError("place", "--near", "expected degrees: at most 90 and 180")
    return latitude, longitude


def _console() -> Console:
    return Console(width=None, highlight=False)
