"""``hospes audit``: collect a journey's audit bundle, and verify one offline.

``bundle`` needs a node, which need not be trusted; ``verify`` needs the file and a pin, and neither network nor clock.
"""

import asyncio
import re
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from hospes.clients.auditor.errors import WrongFileError
from hospes.clients.auditor.history import Checkpoint
from hospes.clients.auditor.screen import DEMONSTRATION, show
from hospes.clients.auditor.verify import Verdict, respelled, verify as judge
from hospes.core import wire
from hospes.core.audit import MAX_BUNDLE_BYTES, AuditBundle, Evidence
from hospes.core.errors import ConfigurationError, MalformedError, TooLargeError
from hospes.core.genesis import Genesis
from hospes.core.identities import Address, Hash, address, from_hex, to_hex

_JOURNEY: Final = re.compile(r"0[xX][0-9a-fA-F]{40}")
_HASH: Final = re.compile(r"0x[0-9a-f]{64}")
_SECONDS: Final = re.compile(r"[0-9]{1,19}", re.ASCII)
_CHECKPOINT: Final = re.compile(r"(?P<height>[0-9]{1,19}):(?P<hash>0x[0-9a-f]{64})")


@click.group()
def audit() -> None:
    """Prove a journey's complete history, offline.

    What is proven: every access, consent, withdrawal, ending, deposit and erasure up to one block, in order, none
    missing. What no bundle can prove: that a record was not released by keepers who agreed to leave no trace.
    """


@audit.command()
@click.argument("journey")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where to write the bundle.")
@click.option(
    "--evidence",
    "files",
    type=click.Path(path_type=Path),
    multiple=True,
    help="What a hospital or wallet saved: answers, receipts, openings to show. May be repeated.",
)
@click.option("--network", "directory", type=click.Path(path_type=Path), help="Directory of the network's files.")
@click.option("--since", metavar="HEIGHT", type=click.IntRange(min=0), help="Prove descent from this block on.")
def bundle(journey: str, out: Path, files: tuple[Path, ...], directory: Path | None, since: int | None) -> None:
    """Collect the audit bundle of JOURNEY.

    JOURNEY is 0x and 40 digits, in capitals or not. The bundle comes from the network's node, and is checked.
    """
    if not _JOURNEY.fullmatch(journey):
        raise MalformedError("journey", "", "expected 0x and 40 hexadecimal digits, as hospes wallet status shows it")
    whose = address(from_hex(journey.lower(), 20, "journey"))
    found = asyncio.run(_collected(whose, files, directory, since))
    verdict = judge(found, Genesis.decode(found.genesis).pin())
    _write(out, found.encode())
    if verdict.demonstration:
        click.echo(DEMONSTRATION)
    count = "1 entry" if len(found.entries) == 1 else f"{len(found.entries)} entries"
    click.echo(f"{out}: {count} of {to_hex(whose)}")
    click.echo(verdict.sentence)
    if not verdict.proven:
        raise SystemExit(1)


@audit.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--genesis", metavar="PIN|FILE", required=True, help="The network's pin, or its genesis.json.")
@click.option("--as-of", metavar="TIME", help="Must be complete up to then: 2027-03-01T12:00:00Z or Unix seconds.")
@click.option("--checkpoint", metavar="HEIGHT:HASH", help="A block known from elsewhere to be final.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def verify(file: Path, genesis: str, as_of: str | None, checkpoint: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Judge the bundle in FILE, offline.

    The exit code is 0 when it is proven, and 1 when not.
    """
    verdict = _judged(file, _pin(genesis), _time(as_of), _checkpoint(checkpoint))
    if as_json:
        click.echo(wire.encode(verdict))
    else:
        show(verdict, Console(highlight=False))
    if not verdict.proven:
        raise SystemExit(1)


def _judged(file: Path, pin: Hash, as_of: int | None, checkpoint: Checkpoint | None) -> Verdict:
    data = _read(file)
    with _named(file, "audit bundle"):
        found = wire.decode(AuditBundle, data, limit=MAX_BUNDLE_BYTES)
    if found.encode() != data:
        return respelled(found, str(file))
    return judge(found, pin, as_of, checkpoint)


async def _collected(
    journey: Address, files: tuple[Path, ...], directory: Path | None, since: int | None
) -> AuditBundle:
    # `verify` must run where no network library is installed or wanted; only this function needs the rim.
    from hospes.service.chain import ChainReader  # noqa: PLC0415
    from hospes.service.collect import collect, merge  # noqa: PLC0415
    from hospes.service.network import default_directory, load_network  # noqa: PLC0415
    from hospes.service.node import Node  # noqa: PLC0415

    network = load_network(directory or default_directory())
    nothing = Evidence(network.genesis.pin(), journey, (), (), ())
    shown = merge([nothing, *(_evidence(file) for file in files)])
    node = Node.at(network.ledger_url)
    try:
        reader = ChainReader(node, network.genesis)
        _require_height(since, (await reader.tip()).number)
        return await collect(reader, journey, shown.openings, shown.answers, shown.receipts, since)
    finally:
        await node.close()


def _require_height(since: int | None, tip: int) -> None:
    if since is not None and since > tip:
        raise MalformedError("--since", "", f"block {since} is above the latest final block, which is {tip}")


def _evidence(file: Path) -> Evidence:
    data = _read(file)
    with _named(file, "evidence"):
        return Evidence.decode(data)


@contextmanager
def _named(file: Path, kind: str) -> Generator[None]:
    """Let an error in what a file says name the file."""
    try:
        yield
    except (MalformedError, TooLargeError) as error:
        raise WrongFileError(str(file), kind, error) from error


def _read(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if size > MAX_BUNDLE_BYTES:
            raise TooLargeError(str(file), size, MAX_BUNDLE_BYTES)
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError(str(file), f"the file cannot be read ({error.strerror})") from error


def _write(file: Path, data: bytes) -> None:
    """Write a bundle for its owner alone: it can hold openings, and they say who asked for what."""
    from hospes.service.private_files import write_private  # noqa: PLC0415 - as `_collected`

    write_private(file, data)


def _pin(text: str) -> Hash:
    if _HASH.fullmatch(text):
        return Hash(from_hex(text, 32, "pin"))
    if text.startswith("0x"):
        raise MalformedError("pin", "", "expected 0x and 64 lower-case hexadecimal digits, or a file")
    data = _read(Path(text))
    with _named(Path(text), "genesis.json"):
        return Genesis.decode(data).pin()


def _time(text: str | None) -> int | None:
    if text is None or _SECONDS.fullmatch(text):
        return None if text is None else int(text)
    malformed = MalformedError("--as-of", "", "expected a time such as 2027-03-01T12:00:00Z, or Unix seconds")
    if text.isdecimal():  # more digits than seconds have; Python would read some of them as a date
        raise malformed
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise malformed from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _checkpoint(text: str | None) -> Checkpoint | None:
    if text is None:
        return None
    match = _CHECKPOINT.fullmatch(text)
    if match is None:
        raise MalformedError("--checkpoint", "", "expected HEIGHT:HASH, such as 1200:0x and 64 digits")
    return Checkpoint(int(match["height"]), Hash(from_hex(match["hash"], 32, "checkpoint")))
