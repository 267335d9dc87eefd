"""The hospitals' consoles of the embedded network: each on its port, each with a token of its own."""

import asyncio
from pathlib import Path

import httpx

from hospes.app.embedded import EmbeddedNetwork
from hospes.app.founding import Ports, found
from hospes.app.roster import DOCTORS, HOSPITALS
from tests.simulators.world import START


def test_each_hospital_has_a_console_that_its_token_opens(tmp_path: Path) -> None:
    """The token that the screen names opens this console and no other; after a restart there is a new one as well."""
    network = found(tmp_path / "network", Ports.free(), START)

    async def sessions() -> dict[str, str]:
        running = EmbeddedNetwork(network)
        await running.start()
        try:
            async with httpx.AsyncClient(trust_env=False) as http:
                return await _look(running, http)
        finally:
            await running.stop()

    first, second = asyncio.run(sessions()), asyncio.run(sessions())
    assert set(first) == set(second) == {place.id for place in HOSPITALS}
    assert not set(first.values()) & set(second.values())


async def _look(running: EmbeddedNetwork, http: httpx.AsyncClient) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, url in running.consoles.items():
        page, _, token = url.partition("#")
        session = page.replace("/console/", "/console/api/session")
        headers = {"Authorization": f"Bearer {token}"}
        answer = (await http.get(session, headers=headers)).json()
        assert (answer["member"], answer["practitioner"], answer["demonstration"]) == (name, DOCTORS[name], True)
        others = [other for other in found.values() if other != token]
        for other in others:
            assert (await http.get(session, headers={"Authorization": f"Bearer {other}"})).status_code == 401
        found[name] = token
    return found


def test_the_wallets_page_is_served_for_this_network(tmp_path: Path) -> None:
    """It comes from a name that passkeys accept, under a policy that lets it call this network's members alone."""
    network = found(tmp_path / "network", Ports.free(), START)

    async def fetched() -> tuple[httpx.Response, httpx.Response]:
        running = EmbeddedNetwork(network)
        await running.start()
        try:
            await running.serve_wallet_page()
            assert running.wallet_page.startswith("http://localhost:")
            async with httpx.AsyncClient(trust_env=False, base_url=running.wallet_page) as http:
                return await http.get("/"), await http.get("/network.json")
        finally:
            await running.stop()

    page, own = asyncio.run(fetched())
    assert page.headers["Content-Type"].startswith("text/html")
    allowed = page.headers["Content-Security-Policy"]
    assert network.ledger_url in allowed
    assert own.json()["genesis"]["chainId"] == str(network.genesis.chain_id)
