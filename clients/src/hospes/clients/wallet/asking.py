"""The terminal's side of a command: which wallet and network, the passphrase, the traveller's yes, and what is printed.

It knows no flow of the wallet. With ``--json`` one object goes to standard output and all else to standard error.
"""

import asyncio
import json
import os
import shutil
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from hospes.clients.wallet.errors import NotAgreedError
from hospes.clients.wallet.pages import JourneyPage
from hospes.clients.wallet.screens import DEMONSTRATION, named
from hospes.clients.wallet.secret import RootSecret, create_secret, open_secret, require_secret
from hospes.clients.wallet.wallet import Wallet, WalletFiles, at_work, require_ledger
from hospes.core import wire
from hospes.core.errors import ConfigurationError, MalformedError
from hospes.service.network import Network, default_directory, home, load_network
from hospes.service.private_files import write_private

PASSPHRASE: Final = "HOSPES_PASSPHRASE"  # noqa: S105 - the name of an environment variable
WALLET_FOLDER: Final = "wallet"
_ANY_WIDTH: Final = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """The options that every command takes.

    Attributes
    ----------
    home, directory : Path, optional
        Where the wallet's folder is; where the network's files are.
    index : int, optional
        Which journey; the latest unless said.
    as_json : bool
    """

    home: Path | None
    directory: Path | None
    index: int | None
    as_json: bool

    @property
    def files(self) -> WalletFiles:
        """Where the wallet is."""
        return WalletFiles((self.home or home()) / WALLET_FOLDER)

    def network(self) -> Network:
        """Return the network that the wallet works on."""
        return load_network(self.directory or default_directory())

    def run(self, use: Callable[[Wallet], Awaitable[None]], *, create: bool = False, reads_ledger: bool = True) -> None:
        """Open the wallet, or make one, and let `use` work with it.

        Parameters
        ----------
        use : callable
        create : bool
            Whether a wallet is made where there is none.
        reads_ledger : bool
            Whether nothing of it works without the ledger; then the passphrase is asked for when that answers.
        """
        network = self.network()
        if network.genesis.demonstration:
            self.show([DEMONSTRATION])
        if not create:
            require_secret(self.files.secret)
        if reads_ledger and PASSPHRASE not in os.environ:  # nobody types a passphrase in vain
            asyncio.run(require_ledger(network))
        secret = self._secret(create=create)

        async def work() -> None:
            async with at_work(secret, self.files, network) as wallet:
                await use(wallet)

        asyncio.run(work())

    def journey(self, wallet: Wallet) -> JourneyPage:
        """Return the journey that the command is about, and name it on the screen."""
        journey = wallet.journey(self.index)
        self.show([named(journey.index, journey.name)])
        return journey

    @property
    def columns(self) -> int:
        """Of the terminal; a file or a pipe takes any width."""
        return shutil.get_terminal_size((_ANY_WIDTH, 24)).columns

    def show(self, lines: Iterable[str]) -> None:
        """Print lines for a person."""
        for line in lines:
            click.echo(line, err=self.as_json)

    def tell(self, name: str, report: object, lines: Iterable[str]) -> None:
        """Print the outcome: `report` under its name as JSON, or `lines`."""
        if self.as_json:
            tree = {"demonstration": self.network().genesis.demonstration, name: report}
            click.echo(json.dumps(tree, default=_tree, indent=1, ensure_ascii=False, sort_keys=True))
        else:
            self.show(lines)

    def _secret(self, *, create: bool) -> RootSecret:
        fresh = create and not self.files.secret.exists()
        passphrase = os.environ.get(PASSPHRASE)
        if passphrase is None:
            question = "Choose a passphrase for your wallet" if fresh else "Passphrase"
            prompted = click.prompt(question, hide_input=True, confirmation_prompt=fresh, err=True)
            passphrase = str(prompted)
        if fresh:
            return create_secret(self.files.secret, passphrase, os.urandom)
        return open_secret(self.files.secret, passphrase)


def agree(asked: Asked, lines: Iterable[str], *, yes: bool) -> None:
    """Show what would be signed, and have it agreed to.

    Raises
    ------
    NotAgreedError
        When the answer is not yes.
    """
    asked.show(lines)
    asked.show([""])
    if not yes and not click.confirm("Do you agree?", default=False, err=True):
        raise NotAgreedError


def until(now: int, last_day: str | None, days: int) -> int:
    """Return the end of a day, Unix seconds UTC: of `last_day`, or of the day `days` from now.

    >>> until(0, None, 30), until(0, "1970-01-02", 30)
    (2678400, 172800)
    """
    today = datetime.fromtimestamp(now, UTC).date()
    try:
        day = today + timedelta(days=days) if last_day is None else date.fromisoformat(last_day)
        end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise MalformedError("--until", "", "expected a day such as 2027-03-31") from error
    if day < today:
        raise MalformedError("--until", "", f"{day} is over; today is {today} (UTC)")
    return int(end.timestamp())


def read_file(path: Path) -> bytes:
    """Return the content of a file that the traveller named."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(str(path), f"the file cannot be read ({error.strerror})") from error


def write_file(path: Path, data: bytes) -> None:
    """Write a file that the traveller named, readable by its owner only."""
    try:
        write_private(path, data)
    except OSError as error:
        raise ConfigurationError(str(path), f"the file cannot be written ({error.strerror})") from error


def _tree(report: wire.Shaped) -> object:
    """Return a dataclass as JSON has it on every boundary."""
    tree: object = json.loads(wire.encode(report))
    return tree
