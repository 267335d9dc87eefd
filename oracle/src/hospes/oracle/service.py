"""The oracle over HTTP: enrolments, requests to attest, health, metrics, and a live stream without anything personal.

It decides nothing. Frames do not come here (`link`).

Sources: PROTOCOL section 5; Server-Sent Events, section 9.2 of the HTML standard.
"""

from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from hospes.core.oracle_bodies import AttestRequest, EnrolRequest, UnenrolRequest
from hospes.oracle.attesting import Attesting
from hospes.oracle.configuration import OracleConfiguration
from hospes.oracle.enrolling import Enrolling
from hospes.oracle.happenings import Happenings
from hospes.service import http
from hospes.service.allowances import Allowances

EVENT_STREAM: Final = "text/event-stream"
MAX_ENROL_BYTES: Final = 8 << 10
MAX_ATTEST_BYTES: Final = 512 << 10
"""The largest detail that the protocol allows takes about 100 kB, twice that in hexadecimal."""
BURST: Final = 120
"""Requests to attest that one source may send at once: three oracles ask for each traveller who falls ill."""
A_SECOND: Final = 4.0


class OracleService:
    """The calls of an oracle.

    Parameters
    ----------
    enrolling : Enrolling
    attesting : Attesting
    happenings : Happenings
    configuration : OracleConfiguration
    """

    def __init__(
        self, enrolling: Enrolling, attesting: Attesting, happenings: Happenings, configuration: OracleConfiguration
    ) -> None:
        self._enrolling, self._attesting = enrolling, attesting
        self._happenings, self._configuration = happenings, configuration
        self._asked = Allowances("requests to attest", BURST, A_SECOND)

    def application(self, lifespan: http.Lifespan) -> FastAPI:
        """Return the application to serve."""
        app = http.application("Hospes oracle", lifespan)
        for name, call in {"enrol": self.enrol, "unenrol": self.unenrol, "attest": self.attest}.items():
            app.add_api_route(f"/v1/{name}", call, methods=["POST"])
        app.add_api_route("/v1/stream", self.stream, methods=["GET"])
        return app

    async def enrol(self, request: Request) -> Response:
        """Judge a device from now on."""
        body = await http.body(request, EnrolRequest, limit=MAX_ENROL_BYTES)
        return http.reply(await self._enrolling.enrol(body, http.source_of(request)))

    async def unenrol(self, request: Request) -> Response:
        """Forget a journey."""
        return http.reply(
            await self._enrolling.unenrol(await http.body(request, UnenrolRequest, limit=MAX_ENROL_BYTES))
        )

    async def attest(self, request: Request) -> Response:
        """Stand for another oracle's alert, or not."""
        self._asked.spend(http.source_of(request))
        return http.reply(await self._attesting.answer(await http.body(request, AttestRequest, limit=MAX_ATTEST_BYTES)))

    async def stream(self, request: Request) -> Response:
        """Show what happens, as it happens."""
        settings, source = self._configuration, http.source_of(request)
        self._happenings.require_room(source)
        headers = {"Cache-Control": "no-store"}
        events = self._happenings.events(source, settings.heartbeat_s, settings.stream_s)
        return StreamingResponse(events, media_type=EVENT_STREAM, headers=headers)
