"""One running network for all stories of a worker, and a traveller with a home of her own for each story."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.simulators.terminal import RECORD, Terminal, Up, card_of, journey_of


@dataclass(frozen=True)
class Traveller:
    """A traveller who has a journey, both records deposited, and an emergency consent for Portugal and Spain."""

    terminal: Terminal
    network: str
    journey: str
    card: str

    def wallet(self, command: str, *arguments: str, typed: str = "") -> str:
        """Run a wallet's command that must succeed."""
        return self.terminal.ok("wallet", command, *arguments, "--network", self.network, typed=typed)


@pytest.fixture(scope="session")
def member(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """Return the terminal of the member that runs the network."""
    terminal = Terminal(tmp_path_factory.mktemp("member"))
    up = Up(terminal)
    up.start()
    yield terminal
    assert up.stop() == 0


@pytest.fixture(scope="session")
def network(member: Terminal) -> str:
    """Return the directory of the network's files."""
    return str(member.home / "network")


def ready(network: str, home: Path) -> Traveller:
    """Make a traveller who is ready to leave."""
    terminal = Terminal(home)
    begun = terminal.ok("wallet", "new", "--network", network)
    terminal.ok("wallet", "deposit", "--record", str(RECORD), "--network", network)
    emergency = ("--emergency", "--country", "PT", "--country", "ES", "--yes")
    terminal.ok("wallet", "consent", *emergency, "--network", network)
    card = card_of(terminal.ok("wallet", "card", "--network", network))
    return Traveller(terminal, network, journey_of(begun), card)


@pytest.fixture(scope="module")
def traveller(network: str, tmp_path_factory: pytest.TempPathFactory) -> Traveller:
    """Return a traveller that the stories of one module share; none of them changes her consents."""
    return ready(network, tmp_path_factory.mktemp("traveller"))


@pytest.fixture
def leaving(network: str, tmp_path: Path) -> Traveller:
    """Return a traveller of one story alone."""
    return ready(network, tmp_path)
