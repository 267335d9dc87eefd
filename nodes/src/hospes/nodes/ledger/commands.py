"""``hospes ledger``: look into a ledger, running or stopped, here or far away.

It only reads.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from hospes.nodes.ledger.archive import Archive
from hospes.nodes.ledger.inspect import Inspector
from hospes.nodes.ledger.sources import DirectorySource, UrlSource
from hospes.nodes.ledger.telling import DEMONSTRATION, Finding, Telling
from hospes.service.network import default_directory


@click.group()
def ledger() -> None:
    """Look into a ledger.

    What is sealed, in which block, by whom.
    """


@ledger.command()
@click.argument("word", required=False)
@click.option("--data", type=click.Path(path_type=Path), help="The ledger's data directory; it may be running.")
@click.option("--url", help="Ask a served ledger instead, such as http://127.0.0.1:8545.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def inspect(word: str | None, data: Path | None, url: str | None, *, as_json: bool) -> None:
    """Tell everything the chain says of WORD, or what the ledger holds.

    WORD is a block number, or a hash of a block or transaction, a journey's address, an entry's or head's hash, any
    32 bytes in calldata or events, or a member's id or account. Exit code 1 when the chain says nothing of it.
    """
    if data is not None and url is not None:
        raise click.UsageError("give --data or --url, not both")
    source = UrlSource(url) if url is not None else DirectorySource(data or default_directory() / "ledger")
    with source:
        archive = Archive(source)
        if archive.genesis.demonstration:  # before anything else, also before an error; JSON stays alone on its stream
            click.echo(DEMONSTRATION, err=as_json)
        findings = _findings(archive, word)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        show(findings, Console(highlight=False, soft_wrap=True))


def _findings(archive: Archive, word: str | None) -> tuple[Finding, ...]:
    return (Telling(archive).summary(),) if word is None else Inspector(archive).find(word)


def show(findings: Iterable[Finding], console: Console) -> None:
    """Print findings one below the other; no line is broken, so that a hash can be copied."""
    for index, finding in enumerate(findings):
        if index:
            console.print()
        console.print(Text(finding.title, "bold"))
        width = max((len(label) for label in finding.facts), default=0)
        for label, value in finding.facts.items():
            console.print(Text(f"  {label:<{width}}  ", "dim"), Text(value), sep="")
        for line in finding.lines:
            console.print(Text("  " + line))
