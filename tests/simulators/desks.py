"""A hospital's desk in a clinic, with badges, and the way to its gateway without sockets."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from fastapi import FastAPI

from hospes.clients.hospital import Hospital
from hospes.clients.hospital.configuration import GatewayConfiguration
from hospes.clients.hospital.desk import Desk
from hospes.clients.hospital.gateway import gateway_app
from hospes.clients.hospital.tokens import Badge, Tokens, hash_of
from hospes.core import wire
from hospes.core.chain import AlertState
from hospes.core.identities import ZERO_HASH, Hash
from hospes.core.messages import TREATMENT
from hospes.core.proof import FinalHeader
from hospes.service.relay import Relay
from tests.simulators.clinic import Place

DOCTOR = "Dr. Inês Costa"
DOCTORS_TOKEN = "doctor-" + "d" * 36
CLERKS_TOKEN = "clerk-" + "c" * 36
LATE_TOKEN = "late-" + "e" * 36
FOREVER = 2**40
NEVER_RAISED = AlertState(0, 0, 0, 0, ZERO_HASH[:20], 0, 0, ZERO_HASH)  # type: ignore[arg-type]


def badges() -> tuple[Badge, ...]:
    """Return three: one may break the glass, one may not, one has expired."""
    return (
        Badge(hash_of(DOCTORS_TOKEN), DOCTOR, TREATMENT, may_break_glass=True, not_after=FOREVER),
        Badge(hash_of(CLERKS_TOKEN), "R. Nunes", TREATMENT, may_break_glass=False, not_after=FOREVER),
        Badge(hash_of(LATE_TOKEN), DOCTOR, TREATMENT, may_break_glass=True, not_after=1),
    )


@dataclass
class Told:
    """What a chain that a test holds says of alerts."""

    states: dict[Hash, AlertState] = field(default_factory=dict[Hash, AlertState])
    fails: Exception | None = None

    async def alert(self, alert_hash: Hash, at: FinalHeader) -> AlertState:
        """Return what the test says."""
        del at
        if self.fails is not None:
            raise self.fails
        return self.states.get(alert_hash, NEVER_RAISED)


@dataclass
class Counter:
    """A gateway of a clinic, and the calls to it.

    Attributes
    ----------
    place : Place
    desk : Desk
    app : FastAPI
    """

    place: Place
    desk: Desk
    app: FastAPI

    def call(
        self,
        method: str,
        path: str,
        body: wire.Shaped | bytes = b"",
        token: str | None = DOCTORS_TOKEN,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Make one call."""
        content = body if isinstance(body, bytes) else wire.encode(body)
        return self.place.run(self._call(method, path, content, token, headers or {}))

    async def _call(
        self, method: str, path: str, content: bytes, token: str | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        sent = dict(headers)
        if token is not None:
            sent.setdefault("Authorization", f"Bearer {token}")
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as http:
            return await http.request(method, path, content=content, headers=sent)


def open_counter(place: Place, directory: Path, hospital: Hospital | None = None, **settings: int) -> Counter:
    """Return a gateway whose files lie in a directory; whoever asked closes its desk."""
    world, hospital = place.town.world, hospital or place.hospital()
    configuration = GatewayConfiguration(directory, **settings)
    tokens = Tokens(configuration.tokens_file)
    if not tokens.all():
        for badge in badges():
            tokens.add(badge, 0)
    desk = Desk(configuration, hospital, world.clock, os.urandom)
    return Counter(place, desk, gateway_app(Relay(hospital.sender), desk))
