"""A clinic: hospitals of a town, and a traveller whose emergency summary lies with its keepers."""

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from hospes.app.roster import STORE
from hospes.clients.hospital import Hospital
from hospes.core.identities import MemberId
from tests.simulators.liars import Lie, LyingStreets
from tests.simulators.town import Town
from tests.simulators.traveller import Deposited, Traveller

T = TypeVar("T")
DOCUMENT = b"allergic to penicillin"


@dataclass(frozen=True)
class Place:
    """A town and the loop that it lives in.

    Attributes
    ----------
    town : Town
    """

    town: Town
    runner: asyncio.Runner

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the town's loop."""
        return self.runner.run(work)

    def hospital(
        self, name: str = "hospital-evora", lies: dict[str, Lie] | None = None, stores: tuple[str, ...] = (STORE.id,)
    ) -> Hospital:
        """Return a hospital that has seen nothing yet; some keepers may lie to it."""
        world = self.town.world
        http = httpx.AsyncClient(transport=LyingStreets(self.town, lies or {}))
        names = [MemberId(store) for store in stores]
        return Hospital(world[name], world.reader(), world.sender(name), http, names, world.clock, os.urandom)


@dataclass(frozen=True)
class Ready:
    """A traveller with a standing emergency consent and one deposit."""

    traveller: Traveller
    deposited: Deposited


async def prepare(town: Town) -> Ready:
    """Return a traveller who is ready to fall ill."""
    traveller = Traveller(town)
    deposited = await traveller.deposit(DOCUMENT)
    await traveller.consent(traveller.emergency_grant())
    return Ready(traveller, deposited)
