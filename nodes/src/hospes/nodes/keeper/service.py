"""The keeper over HTTP: reads a body, has it handled, replies.

It decides nothing. What it adds is the moment at which an answer leaves: always a multiple of 50 ms after its request
was read, whatever became of it.

Sources: PROTOCOL section 5 (the calls), section 6 step 6 (the moment).
"""

import asyncio
import math
from contextlib import ExitStack
from typing import Final

from fastapi import FastAPI, Request, Response

from hospes.core import wire
from hospes.core.bodies import AccessRequest, DepositRequest, InquiryRequest, RelayRequest, StandingRequest
from hospes.core.errors import HospesError
from hospes.core.permissions import DeletePermission
from hospes.nodes.keeper.inquiries import Inquiries
from hospes.nodes.keeper.intake import Intake
from hospes.nodes.keeper.leaving import Leaving, leaving_of
from hospes.nodes.keeper.relaying import Relaying
from hospes.nodes.keeper.release import Release
from hospes.service import http

QUANTUM_S: Final = 0.05
"""Answers leave at multiples of this after their request was read (PROTOCOL section 6, step 6)."""


class KeeperService:
    """The six calls.

    Parameters
    ----------
    intake : Intake
    release : Release
    relaying : Relaying
    inquiries : Inquiries
    """

    def __init__(self, intake: Intake, release: Release, relaying: Relaying, inquiries: Inquiries) -> None:
        self._intake, self._release = intake, release
        self._relaying, self._inquiries = relaying, inquiries

    def application(self, lifespan: http.Lifespan) -> FastAPI:
        """Return the application to serve."""
        app = http.application("Hospes keeper", lifespan, pages=True)
        calls = {
            "deposit": self.deposit,
            "standing": self.standing,
            "access": self.access,
            "notices": self.notices,
            "relay": self.relay,
            "receipt": self.receipt,
        }
        for name, call in calls.items():
            app.add_api_route(f"/v1/{name}", call, methods=["POST"])
        app.add_middleware(Leaving)
        return app

    async def deposit(self, request: Request) -> Response:
        """Hold a record's share."""
        return http.reply(await self._intake.deposit(await http.body(request, DepositRequest), http.source_of(request)))

    async def standing(self, request: Request) -> Response:
        """Hold a standing consent."""
        return http.reply(
            await self._intake.standing(await http.body(request, StandingRequest), http.source_of(request))
        )

    async def notices(self, request: Request) -> Response:
        """Give the traveller what only they can open."""
        return http.reply(await self._inquiries.notices(await http.body(request, InquiryRequest)))

    async def relay(self, request: Request) -> Response:
        """Honour and relay a journey's call."""
        return http.reply(await self._relaying.relay(await http.body(request, RelayRequest), http.source_of(request)))

    async def receipt(self, request: Request) -> Response:
        """Sign for a deletion."""
        return http.reply(await self._relaying.receipt(await http.body(request, DeletePermission)))

    async def access(self, request: Request) -> Response:
        """Answer an access, at a moment that tells nothing."""
        received = await http.raw_body(request, "AccessRequest", wire.MAX_BYTES)
        read_at = asyncio.get_running_loop().time()
        try:
            return await self._answered(received, leaving_of(request.scope))
        finally:
            await asyncio.sleep(until_next_multiple(asyncio.get_running_loop().time() - read_at))

    async def _answered(self, received: bytes, leaving: ExitStack) -> Response:
        try:
            body = wire.decode(AccessRequest, received)
            return http.reply(await self._release.answer(body, leaving))
        except HospesError as error:
            return http.problem(error)


def until_next_multiple(elapsed_s: float) -> float:
    """Return the seconds to wait until the next multiple of 50 ms, which is at least the first.

    >>> round(until_next_multiple(0.0), 3), round(until_next_multiple(0.06), 3)
    (0.05, 0.04)
    """
    return (math.floor(elapsed_s / QUANTUM_S) + 1) * QUANTUM_S - elapsed_s
