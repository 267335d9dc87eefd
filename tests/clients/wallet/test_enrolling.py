"""Enrolling a wearable from the wallet's library, at four real oracles."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from hospes.app.embedded import EmbeddedNetwork
from hospes.app.founding import Ports, found
from hospes.clients.wallet.enrolling import Enrolled, enrol
from hospes.clients.wallet.pages import JourneyPage
from hospes.clients.wallet.secret import create_secret
from hospes.clients.wallet.wallet import Wallet, WalletFiles, at_work
from hospes.core.identities import Country

DEVICE = 7
PORTUGAL = Country("PT")


def _on_the_network(directory: Path, act: Callable[[EmbeddedNetwork, Wallet, JourneyPage], Awaitable[None]]) -> None:
    async def run() -> None:
        running = EmbeddedNetwork(found(directory / "network", Ports.free(), int(time.time())))
        files = WalletFiles(directory / "wallet")
        secret = create_secret(files.secret, "a long passphrase", os.urandom)
        await running.start()
        try:
            async with at_work(secret, files, running.network) as wallet:
                await act(running, wallet, await wallet.new_journey("Portugal"))
        finally:
            await running.stop()

    asyncio.run(run())


def test_each_oracle_gets_a_key_of_its_own(tmp_path: Path) -> None:
    """Each oracle in office has the device under its own key and index, and the card's gate; again, under new keys."""

    async def act(running: EmbeddedNetwork, wallet: Wallet, page: JourneyPage) -> None:
        done = await enrol(wallet, page, DEVICE, PORTUGAL, wallet.now() + 3_600)
        _same_as_theirs(running, page, done)
        await asyncio.sleep(1.1)  # a later word is one of a later second
        again = await enrol(wallet, page, DEVICE, PORTUGAL, wallet.now() + 3_600)
        _same_as_theirs(running, page, again)
        assert not {one.frame_key for one in done.paired} & {one.frame_key for one in again.paired}

    _on_the_network(tmp_path, act)


def _same_as_theirs(running: EmbeddedNetwork, page: JourneyPage, done: Enrolled) -> None:
    assert done.missing == ()
    assert [one.stream for one in done.paired] == list(range(len(running.oracles)))
    assert len({one.frame_key for one in done.paired}) == len(running.oracles)
    for paired in done.paired:
        oracle = running.oracles[paired.oracle.id]
        held = oracle.parts.enrolments.of_journey(page.address)
        assert held is not None
        assert (held.box.frame_key, held.box.gate) == (paired.frame_key, page.gate_secret)
        assert (held.enrolment.stream, oracle.tcp.port) == (paired.stream, paired.frames_port)


def test_whoever_refuses_is_named(tmp_path: Path) -> None:
    """An enrolment for longer than an oracle takes one is nobody's, and each oracle is named with its reason."""

    async def act(running: EmbeddedNetwork, wallet: Wallet, page: JourneyPage) -> None:
        done = await enrol(wallet, page, DEVICE, PORTUGAL, wallet.now() + 400 * 86_400)
        assert done.paired == ()
        assert {one.member for one in done.missing} == set(running.oracles)
        assert all(one.reason for one in done.missing)

    _on_the_network(tmp_path, act)
