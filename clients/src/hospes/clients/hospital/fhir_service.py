"""The FHIR endpoint: ``$summary`` of a journey, and the statement of what this server can do.

Every error is an OperationOutcome. The token is judged before anything else is looked at.

Sources: FHIR R4 (4.0.1) sections 3.1 (RESTful API) and 3.2 (operations); RFC 6750 section 3 (``WWW-Authenticate``).
"""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from fastapi import APIRouter, Request, Response

from hospes.clients.hospital.desk import Desk
from hospes.clients.hospital.fhir import Outcome, accepts, capability, outcome, outcome_of, summary_bundle
from hospes.clients.hospital.gateway_errors import NotAcceptableError
from hospes.clients.hospital.requesting import said_break_glass
from hospes.clients.hospital.screen import FHIR
from hospes.core.errors import HospesError
from hospes.core.identities import ADDRESS_BYTES, Address, from_hex
from hospes.service.http import METHODS

RETRY_S: Final = 5
_NOT_HERE: Final = "this server has /fhir/metadata and /fhir/Patient/{journey}/$summary, both with GET"
_log = structlog.get_logger("hospes.http")
Handler = Callable[[Request], Awaitable[Response]]


def fhir_routes(desk: Desk) -> APIRouter:
    """Return the routes below ``/fhir``."""
    genesis = desk.hospital.chain.genesis

    async def metadata(request: Request) -> Response:
        _require_json(request)
        title = f"Hospes gateway of {desk.hospital.keys.id}"
        url = f"{request.url.scheme}://{request.url.netloc}/fhir"
        return Response(capability(title, url, demonstration=genesis.demonstration), media_type=FHIR)

    async def summary(request: Request) -> Response:
        badge = await desk.recognise(request.headers.get("Authorization", ""))
        _require_json(request)
        journey = Address(from_hex(request.path_params["journey"], ADDRESS_BYTES, "journey"))
        break_glass = said_break_glass(request.query_params.getlist("break_glass"))
        opened = await desk.open(badge, journey, break_glass=break_glass)
        why = opened.asked.access.why
        (record,), unopened = opened.records, opened.unopened  # one class was asked for
        body = summary_bundle(record, why, demonstration=genesis.demonstration, unopened=unopened)
        return Response(body, media_type=FHIR, headers={"Cache-Control": "no-store"})

    async def elsewhere(_: Request) -> Response:
        return _response(outcome(404, "http", "Not found", _NOT_HERE))

    router = APIRouter()
    router.add_api_route("/fhir/metadata", _told(metadata), methods=["GET"])
    router.add_api_route("/fhir/Patient/{journey}/$summary", _told(summary), methods=["GET"])
    router.add_api_route("/fhir{rest:path}", _told(elsewhere), methods=sorted(METHODS))
    return router


def _told(handler: Handler) -> Handler:
    """Return a handler whose every error is an OperationOutcome."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except HospesError as error:
            return _response(outcome_of(error))
        except Exception as error:  # noqa: BLE001 - whatever it was, a FHIR client gets FHIR
            _log.error("defect", path="/fhir", error=type(error).__name__)
            text = "the log of the service names the kind of failure"
            return _response(outcome(500, HospesError.slug, "Something failed inside this service", text))

    return answer


def _response(refusal: Outcome) -> Response:
    headers = {"Cache-Control": "no-store"}
    if refusal.status == 401:  # noqa: PLR2004 - as RFC 6750 has it
        headers["WWW-Authenticate"] = 'Bearer realm="hospes"'
    if refusal.status == 503:  # noqa: PLR2004 - as RFC 9110 has it
        headers["Retry-After"] = str(RETRY_S)
    return Response(refusal.body, refusal.status, headers, FHIR)


def _require_json(request: Request) -> None:
    if not accepts(request.headers.get("Accept", ""), request.query_params.getlist("_format")):
        raise NotAcceptableError
