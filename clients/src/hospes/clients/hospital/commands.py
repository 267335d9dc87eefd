"""``hospes hospital``: break the glass with a card, or read with a grant, from a terminal.

It finds the keys and the network, calls `Hospital`, and prints. Errors leave as `HospesError`; the entry point makes
them one line.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

from hospes.clients.hospital.card_text import HELP, asked_card, given_card
from hospes.clients.hospital.errors import (
    NothingReleasedError,
    RecordsFailedError,
    TooFewSharesError,
    UnprovenAccessError,
)
from hospes.clients.hospital.grant_file import read_grant
from hospes.clients.hospital.hospital import Hospital, OpenedRecords
from hospes.clients.hospital.report import report
from hospes.clients.hospital.screen import DEMONSTRATION, show
from hospes.clients.hospital.token_command import token
from hospes.contracts.storage import NotOnChainError
from hospes.core.audit import Evidence, Opening
from hospes.core.bodies import GrantFile
from hospes.core.cards import Card
from hospes.core.chain import Role
from hospes.core.errors import ConfigurationError, HospesError, MalformedError
from hospes.core.genesis import Genesis
from hospes.core.identities import ADDRESS_BYTES, Address, Hash, MemberId, address, from_hex, member_id
from hospes.core.messages import CLASSES, PURPOSES, TREATMENT
from hospes.core.printing import printable
from hospes.service.chain import ChainReader
from hospes.service.client import connection
from hospes.service.membership import load_member
from hospes.service.memory import FileMemory
from hospes.service.network import Network, default_directory, load_network
from hospes.service.node import Node
from hospes.service.private_files import write_private
from hospes.service.sender import Sender

Use = Callable[[Hospital], Awaitable[OpenedRecords]]

_shared: Final = (
    click.option("--practitioner", metavar="NAME", required=True, help="Who asks; the traveller will see it."),
    click.option(
        "--as", "member", metavar="MEMBER", help="Which hospital; needed when several hospitals' keys are here."
    ),
    click.option("--save", metavar="FILE", type=click.Path(path_type=Path), help="Write the record to a private file."),
    click.option(
        "--evidence", metavar="FILE", type=click.Path(path_type=Path), help="Write the signed answers, for an auditor."
    ),
    click.option("--json", "as_json", is_flag=True, help="Print JSON, records included."),
    click.option("--network", "directory", type=click.Path(path_type=Path), help="Directory of the network's files."),
)


def _with_shared(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_shared):
        command = option(command)
    return command


@click.group()
def hospital() -> None:
    """Open a traveller's record, and leave a mark.

    The traveller sees in the log who opened it, when and why.
    """


hospital.add_command(token)


@hospital.command("break-glass")
@click.option("--card", "card_text", metavar="TEXT", help=f"{HELP} At a terminal it is asked for unless given.")
@_with_shared
def break_glass(card_text: str | None, practitioner: str, **shared: Any) -> None:  # noqa: ANN401 - click's options
    """Read an emergency summary with a card.

    It is for somebody who cannot be asked.
    """
    card = asked_card(sys.stdin) if card_text is None else given_card(card_text, sys.stdin)
    _run(lambda opening: opening.break_glass(card, practitioner), **shared)


@hospital.command()
@click.option(
    "--grant", "grants", metavar="FILE", type=click.Path(path_type=Path), multiple=True, help="May be repeated."
)
@click.option("--journey", metavar="ADDRESS", help="Whose record; a grant or card says it, too.")
@click.option("--card", "card_text", metavar="TEXT", help=f"If the grant needs it. {HELP}")
@click.option(
    "--what",
    metavar="CLASS",
    type=click.Choice(sorted(CLASSES)),
    multiple=True,
    help="Such as patient-summary; all that the grants name unless said.",
)
@click.option(
    "--why", metavar="PURPOSE", type=click.Choice(PURPOSES), default=TREATMENT, show_default=True, help="What for."
)
@_with_shared
def read(
    grants: tuple[Path, ...],
    journey: str | None,
    card_text: str | None,
    what: tuple[str, ...],
    why: str,
    practitioner: str,
    **shared: Any,  # noqa: ANN401 - click's options
) -> None:
    """Read a record under a grant.

    The traveller handed it over, or it is a standing one.
    """
    files = [read_grant(path) for path in grants]
    card = None if card_text is None else given_card(card_text, sys.stdin)
    whose = _journey(journey, card, files)
    shown = tuple(file.shown for file in files)
    classes = what or tuple(sorted({each for one in shown for each in one.grant.what}))
    if not classes:
        raise MalformedError("--what", "", "name at least one class, or give a grant")
    gate = card.gate_secret if card else b""
    _run(lambda opening: opening.read(whose, classes, why, practitioner, shown, gate), **shared)


def _run(
    use: Use,
    member: str | None,
    save: Path | None,
    evidence: Path | None,
    directory: Path | None,
    *,
    as_json: bool,
) -> None:
    network = load_network(directory or default_directory())
    try:
        opened = asyncio.run(_use(network, member, use))
    except HospesError as error:
        if network.genesis.demonstration:
            click.echo(DEMONSTRATION, err=True)
        if held := _evidence_of(error, network.genesis.pin()):
            _written(evidence, partial(_keep, held=held))
        raise
    _print(opened, network.genesis, as_json=as_json)
    kept = _written(evidence, partial(_keep, held=opened.asked.evidence(network.genesis.pin())))
    saved = _written(save, partial(_save, opened=opened))
    if not (kept and saved):
        raise SystemExit(1)


def _written(path: Path | None, write: Callable[[Path], None]) -> bool:
    """Write a file that was asked for, or say why it could not be.

    What came of the access is told in any case: to ask again would leave another mark in the log.
    """
    try:
        if path:
            write(path)
    except ConfigurationError as error:
        click.echo(printable(f"hospes: {error}"), err=True)
        return False
    return True


async def _use(network: Network, member: str | None, use: Use) -> OpenedRecords:
    async with _hospital(network, member) as opening:
        return await use(opening)


@asynccontextmanager
async def _hospital(network: Network, member: str | None) -> AsyncGenerator[Hospital, None]:
    node, http = Node.at(network.ledger_url), connection()
    try:
        name = await _chosen(member, network, ChainReader(node, network.genesis))
        keys = load_member(network.member_file(name))
        chain = ChainReader(node, network.genesis, FileMemory(network.memory_file(name)))
        sender = Sender(node, keys.account, network.genesis.chain_id)
        yield Hospital(keys, chain, sender, http, network.stores, time.time, os.urandom)
    finally:
        await http.aclose()
        await node.close()


async def _chosen(member: str | None, network: Network, chain: ChainReader) -> MemberId:
    """Return the hospital that was named, or the only one whose keys are here; of several, somebody must say which."""
    if member is not None and network.member_file(member_id(member)).exists():
        return member_id(member)
    hospitals = await _hospitals_here(network, chain)
    if member is None and len(hospitals) == 1:
        return hospitals[0]
    folder = network.member_file(MemberId("any")).parent
    wrong = "" if member is None else f"there are no keys of {member} here; "
    choice = f"choose one with --as: {', '.join(hospitals)}" if hospitals else "there are no keys of a hospital here"
    raise ConfigurationError(str(folder), wrong + choice)


async def _hospitals_here(network: Network, chain: ChainReader) -> list[MemberId]:
    """Return the members whose keys are here and that the registry has as hospitals."""
    tip = await chain.tip()
    found: list[MemberId] = []
    for path in sorted(network.member_file(MemberId("any")).parent.glob("*.json")):
        try:
            member = await chain.member_named(member_id(path.stem), tip)
        except (NotOnChainError, MalformedError):
            continue
        if Role.HOSPITAL in member.word.roles:
            found.append(member.id)
    return found


def _print(opened: OpenedRecords, genesis: Genesis, *, as_json: bool) -> None:
    if as_json:
        click.echo(report(opened, genesis))
    else:
        show(opened, genesis, Console(highlight=False), datetime.fromtimestamp(time.time(), UTC).date())


def _evidence_of(error: HospesError, pin: Hash) -> Evidence | None:
    """Return what a failed access leaves for an auditor, once it may be in the log."""
    match error:
        case NothingReleasedError() | TooFewSharesError() | RecordsFailedError():
            return error.asked.evidence(pin)
        case UnprovenAccessError():
            return Evidence(pin, error.access.journey, (Opening(access=error.access),), (), ())
        case _:
            return None


def _keep(path: Path, held: Evidence) -> None:
    """Write the opening of the access and the keepers' signed answers to it."""
    write_private(path, held.encode())


def _save(path: Path, opened: OpenedRecords) -> None:
    """Write each record to its own file, readable by its owner only; several get their class in the name."""
    for record in opened.records:
        target = path if len(opened.records) == 1 else path.with_stem(f"{path.stem}-{record.what}")
        write_private(target, record.document)


def _journey(text: str | None, card: Card | None, files: Sequence[GrantFile]) -> Address:
    """Return the one journey that address, card and grants name."""
    named = {file.journey for file in files}
    if card is not None:
        named.add(card.journey)
    if text is not None:
        named.add(address(from_hex(text, ADDRESS_BYTES, "--journey")))
    if len(named) != 1:
        reason = (
            "the grants, the card and the address are of different journeys" if named else "give a grant, or a card"
        )
        raise MalformedError("journey", "", reason)
    return named.pop()
