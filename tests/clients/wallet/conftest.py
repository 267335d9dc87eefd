"""One town at work for all tests of the wallet; each test gets wallets of its own."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from hospes.clients.wallet import relaying
from hospes.clients.wallet.consent import draft, emergency_wish, give
from hospes.clients.wallet.deposit import deposit
from hospes.clients.wallet.drafting import Document
from hospes.clients.wallet.secret import create_secret, open_secret
from hospes.clients.wallet.wallet import Wallet, WalletFiles
from hospes.service import relay
from tests.simulators.clinic import Place
from tests.simulators.town import town

PASSPHRASE = "a passphrase of words"  # noqa: S105 - of wallets that last as long as a test
CHEAP = 1 << 10
"""scrypt's N for tests: they do not guess passphrases."""

DOCUMENT = Document("emergency-summary", "text/plain", b"allergic to penicillin")

Open = Callable[[], Wallet]


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The town; each test leaves everybody within reach."""
    with asyncio.Runner() as runner:
        manager = town(tmp_path_factory.mktemp("town"))
        with pytest.MonkeyPatch.context() as patch:  # all wallets of all tests are one source
            patch.setattr(relay, "BURST", 10_000)
            opened_town = runner.run(manager.__aenter__())
        yield Place(opened_town, runner)
        runner.run(manager.__aexit__(None, None, None))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks come in milliseconds here, so nobody needs to wait for seconds."""
    monkeypatch.setattr(relaying, "POLL_S", 0.01)


@pytest.fixture
def everybody(place: Place) -> Iterator[Place]:
    """The town, for a test that cuts off members, the ledger or the power."""
    yield place
    place.town.cut_off()
    place.town.streets.power_cut = None
    place.town.world.ledger_is_away = False


@pytest.fixture
def opened(place: Place, tmp_path: Path) -> Open:
    """Open the wallet of this test, as often as it likes: each time as a program that was just started."""
    files = WalletFiles(tmp_path / "wallet")
    create_secret(files.secret, PASSPHRASE, os.urandom, CHEAP)
    http = place.town.http()

    def open_again() -> Wallet:
        return open_wallet(place, files, http)

    return open_again


@pytest.fixture
def wallet(opened: Open) -> Wallet:
    """The wallet of this test."""
    return opened()


async def prepare(wallet: Wallet) -> None:
    """Begin a journey with the emergency permission for Portugal and one record."""
    journey = await wallet.new_journey("")
    wish = emergency_wish(["PT"], wallet.now() - 60, wallet.now() + 86_400)
    await give(wallet, journey, await draft(wallet, journey, [wish]), standing=True)
    await deposit(wallet, wallet.journey(), [DOCUMENT])


def open_wallet(place: Place, files: WalletFiles, http: httpx.AsyncClient) -> Wallet:
    """Open the wallet in `files` on the town's network."""
    world = place.town.world
    secret = open_secret(files.secret, PASSPHRASE)
    return Wallet(secret, files, world.reader(), world.network.stores, http, clock=world.clock)
