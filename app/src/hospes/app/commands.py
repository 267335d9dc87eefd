"""``hospes demo``, its emergency, and ``hospes up``: the embedded network, shown or running."""

import asyncio
import signal
import time
from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from hospes.app.demonstration import demonstrate
from hospes.app.embedded import EmbeddedNetwork
from hospes.app.emergency import Telltale, require_shared, tell_emergency
from hospes.app.forgery import FORGERY_FOLDER
from hospes.app.founding import LEDGER_FOLDER, Ports, clear_story, found, founded, story_directory
from hospes.app.roster import EVERYBODY, LEDGER_PORT
from hospes.app.telling import JsonTeller, ScreenTeller, Telling
from hospes.core.chain import Role
from hospes.core.errors import ConfigurationError, HospesError
from hospes.core.identities import to_hex
from hospes.core.summary import read
from hospes.service.network import Network, default_directory, home, load_network

MAX_RECORD_BYTES: Final = 16 << 20
_ROLES: Final = {Role.KEEPER: "keeper", Role.HOSPITAL: "hospital", Role.ORACLE: "oracle", Role.AUDITOR: "store"}
"""What the members of the roster do here."""


_RECORD: Final = click.option(
    "--record", metavar="FILE", type=click.Path(path_type=Path), help="A patient summary (FHIR R4 document, JSON)."
)
_JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the story.")
_DATA: Final = click.option(
    "--data", metavar="DIR", type=click.Path(path_type=Path), help="Where to keep what the story leaves."
)


@click.group(invoke_without_command=True)
@_RECORD
@_JSON
@_DATA
@click.pass_context
def demo(ctx: click.Context, record: Path | None, data: Path | None, *, as_json: bool) -> None:
    """Show a record on its way through the chain.

    A fictional traveller's, or yours with --record. What an earlier demonstration left in the same place is removed.
    The same traveller in an emergency:  hospes demo emergency
    """
    if ctx.invoked_subcommand is not None:
        if record or data or as_json:
            raise click.UsageError(f"options of the story go behind its name: hospes demo {ctx.invoked_subcommand} ...")
        return
    document = _summary(record) if record else _default_record()
    begun = time.perf_counter()
    network, telling = _begin(data, as_json=as_json)
    asyncio.run(_demonstrate(network, document, telling))
    forged = f"hospes ledger inspect HASH --data {network.directory / FORGERY_FOLDER}"
    telling.finish({**_left(network, begun), "a forged one": forged})


@demo.command()
@_RECORD
@_JSON
@_DATA
@click.option("--silent", is_flag=True, help="The first hospital stays silent, and the next one is asked.")
@click.option(
    "--shared",
    metavar="DIR",
    envvar="HOSPES_SHARED_DATA",
    type=click.Path(path_type=Path),
    help="Real heartbeats and hospitals [default: $HOSPES_SHARED_DATA, else synthetic ones].",
)
def emergency(record: Path | None, data: Path | None, shared: Path | None, *, as_json: bool, silent: bool) -> None:
    """Show an emergency, from a heartbeat to a history in the reader's language.

    A traveller of 72 in rural Portugal: her wearable on a bad network, four oracles, an alert on the chain, the nearest
    hospital, break-glass with evidence. Every hop is timed.
    """
    document = _summary(record) if record else _default_record()
    if shared is not None:
        require_shared(shared)
    begun = time.perf_counter()
    network, telling = _begin(data, as_json=as_json)
    asyncio.run(tell_emergency(network, Telltale(document, shared, silent), telling))
    telling.finish(_left(network, begun))


def _begin(data: Path | None, *, as_json: bool) -> tuple[Network, Telling]:
    """Found the network of a story, in place of the story before it."""
    directory = data or story_directory(home())
    clear_story(directory)
    network = found(directory, Ports.free(), int(time.time()), for_a_story=True)
    return network, Telling(JsonTeller() if as_json else ScreenTeller())


def _left(network: Network, begun: float) -> dict[str, str]:
    """Return what a story says at its end."""
    return {
        "whole story": f"{time.perf_counter() - begun:.1f} s, start and stop of the network included",
        "left behind": str(network.directory),
        "look a hash up": f"hospes ledger inspect HASH --data {network.directory / LEDGER_FOLDER}",
    }


@click.command()
@click.option("--data", metavar="DIR", type=click.Path(path_type=Path), help="Directory of the network.")
def up(data: Path | None) -> None:
    """Run the embedded network until Ctrl-C.

    A ledger, seven keepers, three hospitals, a store, the traveller's wallet page, and four oracles, oracle-coimbra,
    oracle-caceres, oracle-toulouse and oracle-freiburg, each on a port of this machine.
    """
    directory = data or default_directory()
    if not founded(directory):
        found(directory, Ports.usual(), int(time.time()))
    asyncio.run(_run(load_network(directory)))


async def _demonstrate(network: Network, document: bytes, telling: Telling) -> None:
    begun = time.perf_counter()
    running = EmbeddedNetwork(network)
    await running.start()
    try:
        await demonstrate(running, time.perf_counter() - begun, document, telling)
    finally:
        await running.stop()


async def _run(network: Network) -> None:
    running = EmbeddedNetwork(network)
    stopping = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    begun = time.perf_counter()
    await running.start()
    try:
        await running.serve_wallet_page()
        _announce(running, time.perf_counter() - begun)
        await stopping.wait()
    finally:
        await running.stop()
    click.echo("stopped; everything acknowledged is on disk")


def _announce(running: EmbeddedNetwork, seconds: float) -> None:
    network = running.network
    click.echo("demonstration network: the embedded authority is trusted, and one process holds every keeper's shares")
    click.echo(f"genesis pin  {to_hex(network.genesis.pin())}")
    click.echo(f"directory    {network.directory}")
    click.echo(f"ledger       {network.ledger_url}")
    for place in EVERYBODY:
        click.echo(f"  {place.id:<18} {place.country}  {_ROLES[place.role]:<8}  {running.addresses[place.id]}")
    click.echo(f"the traveller's wallet, in a browser: {running.wallet_page}")
    click.echo("consoles, each with a token for a day of trying:")
    for name, url in running.consoles.items():
        click.echo(f"  {name:<18} {url}")
    if not network.ledger_url.endswith(f":{LEDGER_PORT}"):
        click.echo("another program had one of the usual ports when this network was founded, so it has others")
    click.echo(f"ready after {seconds:.1f} s; stop with Ctrl-C; in another terminal, try: hospes wallet new")


def _default_record() -> bytes:
    return (files("hospes.app") / "records" / "traveller.json").read_bytes()


def _summary(path: Path) -> bytes:
    """Read a patient summary before anything is founded for it, or say what is wrong with the file."""
    document = _read(path)
    try:
        read(document)
    except HospesError as error:
        reason = f"this is no patient summary (a FHIR R4 document bundle in JSON): {error}"
        raise ConfigurationError(str(path), reason) from error
    return document


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_RECORD_BYTES:
            raise ConfigurationError(str(path), f"the file is larger than {MAX_RECORD_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(str(path), f"the record cannot be read ({error.strerror})") from error
