"""`hospes up` where something is in its way."""

import asyncio
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from hospes.app.commands import up
from hospes.app.embedded import EmbeddedNetwork, NotServedError
from hospes.app.founding import HOST, Ports, found
from hospes.app.roster import EVERYBODY, ORACLES, STORE
from hospes.service.http import Server
from tests.simulators.world import START


def test_the_help_names_all_that_is_started() -> None:
    """Whoever asks what `hospes up` starts reads of the four oracles, each by its name, and of the wallet page."""
    told = " ".join(CliRunner().invoke(up, ["--help"]).output.split())
    assert len(ORACLES) == 4
    for part in ("four oracles", *(place.id for place in ORACLES), "wallet page"):
        assert part in told


def test_a_recorded_port_that_is_taken_is_named_with_its_service(tmp_path: Path) -> None:
    """The registry says where each service is, so another port is no way out: the message says what is."""
    ports = Ports.free()
    network = found(tmp_path / "network", ports, START)
    for name, port in (("the ledger", ports.ledger), (STORE.id, ports.members[STORE.id])):
        with socket.socket() as other:
            other.bind((HOST, port))
            other.listen()
            with pytest.raises(NotServedError) as caught:
                asyncio.run(EmbeddedNetwork(network).start())
        assert urlsplit(caught.value.url).port == port
        for part in (f"{HOST}:{port}", name, "taken by another program", "end the other program", "--data DIR"):
            assert part in str(caught.value)


def test_a_network_starts_when_the_port_is_free_again(tmp_path: Path) -> None:
    """What had started before the failure was stopped, and nothing is lost."""
    ports = Ports.free()
    network = found(tmp_path / "network", ports, START)

    async def run() -> None:
        with socket.socket() as other:
            other.bind((HOST, ports.members[STORE.id]))
            other.listen()
            with pytest.raises(NotServedError):
                await EmbeddedNetwork(network).start()
        running = EmbeddedNetwork(network)
        await running.start()
        await running.stop()

    asyncio.run(run())


class _StubbornError(Exception):
    """A server that does not stop."""


def test_a_server_that_fails_to_stop_keeps_no_other_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its error is told when everything else is stopped: all other ports are free, and the ledger can be opened."""
    ports = Ports.free()
    network = found(tmp_path / "network", ports, START)
    stop = Server.stop

    async def stop_but_one(server: Server) -> None:
        await stop(server)
        if server.url.endswith(f":{ports.members[STORE.id]}"):
            raise _StubbornError

    async def run() -> None:
        running = EmbeddedNetwork(network)
        await running.start()
        monkeypatch.setattr(Server, "stop", stop_but_one)
        with pytest.raises(_StubbornError):
            await running.stop()
        await running.stop()
        again = EmbeddedNetwork(network)
        monkeypatch.undo()
        await again.start()
        assert len(again.addresses) == len(EVERYBODY)
        await again.stop()

    asyncio.run(run())
