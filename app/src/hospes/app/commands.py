"""``hospes demo`` and ``hospes up``: the embedded network, shown or running."""

import asyncio
import signal
import time
from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from hospes.app.demonstration import demonstrate
from hospes.app.embedded import EmbeddedNetwork
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


@click.command()
@click.option(
    "--record", metavar="FILE", type=click.Path(path_type=Path), help="A patient summary (FHIR R4 document, JSON)."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the story.")
@click.option("--data", metavar="DIR", type=click.Path(path_type=Path), help="Where to keep what the story leaves.")
def demo(record: Path | None, data: Path | None, *, as_json: bool) -> None:
    """Show a record on its way through the chain.

    A fictional traveller's, or yours with --record. What an earlier demonstration left in the same place is removed.
    """
    document = _summary(record) if record else _default_record()
    directory = data or story_directory(home())
    begun = time.perf_counter()
    clear_story(directory)
    network = found(directory, Ports.free(), int(time.time()), for_a_story=True)
    telling = Telling(JsonTeller() if as_json else ScreenTeller())
    asyncio.run(_demonstrate(network, document, telling))
    seconds = f"{time.perf_counter() - begun:.1f} s, start and stop of the network included"
    inspect = f"hospes ledger inspect HASH --data {directory / LEDGER_FOLDER}"
    forged = f"hospes ledger inspect HASH --data {directory / FORGERY_FOLDER}"
    telling.finish(
        {"whole story": seconds, "left behind": str(directory), "look a hash up": inspect, "a forged one": forged}
    )


@click.command()
@click.option("--data", metavar="DIR", type=click.Path(path_type=Path), help="Directory of the network.")
def up(data: Path | None) -> None:
    """Run the embedded network until Ctrl-C.

    A ledger, seven keepers, three hospitals and a store, each on a port of this machine.
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
