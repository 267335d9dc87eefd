"""The console's API: what the page of this hospital asks its own gateway, under the same bearer tokens as FHIR.

There are no cookies and no session of its own, so another web page can do nothing in somebody's name. The glass is
broken in two calls. Errors are problem documents.

Sources: HTML standard, section 9.2 (Server-Sent Events); PROTOCOL section 7.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from hospes.clients.hospital.bell import HEARTBEAT, event
from hospes.clients.hospital.console_bodies import (
    Confirm,
    GivenCard,
    Kept,
    Look,
    Press,
    ReadAgain,
    Session,
    ShownAccesses,
    ShownAlert,
    ShownInbox,
    ShownOpening,
    ShownPatient,
    ShownPatients,
    ShownRecord,
    ThisNetwork,
    ToConfirm,
)
from hospes.clients.hospital.desk import Desk
from hospes.clients.hospital.gateway_errors import TokenError, WrongAlertError
from hospes.clients.hospital.hospital import OpenedRecords
from hospes.clients.hospital.inbox import Standing
from hospes.clients.hospital.reading import LANGUAGES, Reading, read_record
from hospes.clients.hospital.record import OpenedRecord
from hospes.clients.hospital.screen import MAX_LINE, header, warnings
from hospes.clients.hospital.tokens import Badge
from hospes.core import wire
from hospes.core.bodies import GrantFile, ShownGrant
from hospes.core.identities import HASH_BYTES, Hash, from_hex
from hospes.core.moments import moment
from hospes.core.printing import printable
from hospes.service import http

API: Final = "/console/api"
MAX_SHOWN: Final = 200
"""Alerts that a page gets."""
MAX_AGAIN_BYTES: Final = 8 << 20
STREAM: Final = "text/event-stream"
Answer = Callable[[Request, Badge], Awaitable[wire.Shaped]]


def console_routes(desk: Desk) -> APIRouter:
    """Return the routes below ``/console/api``."""
    console = Console(desk)
    router = APIRouter(prefix=API)
    calls: dict[tuple[str, str], Answer] = {
        ("GET", "/session"): console.session,
        ("GET", "/inbox"): console.inbox,
        ("POST", "/alerts/{alert_hash}/acknowledge"): console.acknowledge,
        ("GET", "/patients"): console.patients,
        ("POST", "/patients/forget"): console.forget,
        ("POST", "/cards"): console.add_card,
        ("POST", "/grants"): console.add_grant,
        ("POST", "/break-glass"): console.press,
        ("POST", "/break-glass/{name}"): console.confirm,
        ("POST", "/summaries"): console.look,
        ("POST", "/readings"): console.read_again,
        ("GET", "/accesses"): console.accesses,
    }
    for (method, path), answer in calls.items():
        router.add_api_route(path, _guarded(desk, answer), methods=[method])
    router.add_api_route("/network", console.network, methods=["GET"])
    router.add_api_route("/events", console.events, methods=["GET"])
    return router


class Console:
    """The calls of the page, each with the badge of who makes it.

    Parameters
    ----------
    desk : Desk
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._genesis = desk.hospital.chain.genesis

    async def network(self) -> Response:
        """Say whose console this is, to anybody."""
        return http.reply(ThisNetwork(self._desk.hospital.keys.id, self._genesis.demonstration))

    async def session(self, _: Request, badge: Badge) -> Session:
        """Say who looks."""
        return Session(
            practitioner=badge.practitioner,
            purpose=badge.purpose,
            may_break_glass=badge.may_break_glass,
            not_after=badge.not_after,
            member=self._desk.hospital.keys.id,
            demonstration=self._genesis.demonstration,
            languages=LANGUAGES,
            now=self._desk.now(),
        )

    async def inbox(self, _: Request, __: Badge) -> ShownInbox:
        """Show the alerts."""
        account = self._desk.inbox.account
        # Those that wait for an answer first: strangers must not push one off the screen.
        waiting_first = sorted(
            self._desk.inbox.alerts(), key=lambda each: each.standing(account) is not Standing.CONFIRMED
        )
        shown = tuple(ShownAlert.of(each, account) for each in waiting_first[:MAX_SHOWN])
        return ShownInbox(shown, self._desk.now())

    async def acknowledge(self, request: Request, _: Badge) -> ShownAlert:
        """Say on the chain that somebody here sees to an alert."""
        alert_hash = Hash(from_hex(request.path_params["alert_hash"], HASH_BYTES, "alertHash"))
        return ShownAlert.of(await self._desk.acknowledge(alert_hash), self._desk.inbox.account)

    async def patients(self, _: Request, __: Badge) -> ShownPatients:
        """Show for whom cards and grants are kept."""
        found = await asyncio.to_thread(self._desk.patients.all)
        return ShownPatients(
            tuple(
                ShownPatient(each.journey, each.since, bool(each.gate), tuple(map(_grant, each.grants)))
                for each in found
            )
        )

    async def forget(self, request: Request, _: Badge) -> Kept:
        """Forget what was kept for a journey, which stands in the body: a path can get into a log."""
        journey = (await http.body(request, Kept)).journey
        await asyncio.to_thread(self._desk.patients.forget, journey)
        return Kept(journey)

    async def add_card(self, request: Request, _: Badge) -> Kept:
        """Keep a card."""
        given = await http.body(request, GivenCard)
        return Kept(await asyncio.to_thread(self._desk.patients.add_card, given.card, self._desk.now()))

    async def add_grant(self, request: Request, _: Badge) -> Kept:
        """Keep a grant."""
        file = await http.body(request, GrantFile)
        return Kept(await asyncio.to_thread(self._desk.patients.add_grant, file, self._desk.now()))

    async def press(self, request: Request, badge: Badge) -> ToConfirm:
        """Take the first action of a break-glass; nobody is asked yet."""
        press = await http.body(request, Press)
        if press.alert_hash is not None and self._desk.inbox.alert(press.alert_hash).box.alert.journey != press.journey:
            raise WrongAlertError("it is of another journey")
        name = self._desk.glass.press(badge, press.journey, press.alert_hash, self._desk.now())
        seconds = self._desk.configuration.two_actions_s
        return ToConfirm(name, badge.practitioner, self._desk.hospital.keys.id, seconds)

    async def confirm(self, request: Request, badge: Badge) -> ShownOpening:
        """Take the second action, and break the glass."""
        said = await http.body(request, Confirm)
        name, now = request.path_params["name"], self._desk.now()
        pressed = self._desk.glass.confirm(badge, name, said.practitioner, said.reason, now)
        answered, reason = pressed.alert_hash, said.reason
        opened = await self._desk.open(badge, pressed.journey, break_glass=True, reason=reason, answered=answered)
        return await self._shown(opened, said.to)

    async def look(self, request: Request, badge: Badge) -> ShownOpening:
        """Read a summary under a grant."""
        look = await http.body(request, Look)
        return await self._shown(await self._desk.open(badge, look.journey, break_glass=False), look.to)

    async def read_again(self, request: Request, _: Badge) -> Reading:
        """Read a document that the page has in another language; nobody is asked."""
        again = await http.body(request, ReadAgain, limit=MAX_AGAIN_BYTES)
        document, texts = again.document.encode(), (again.media_type, again.to, again.written_in)
        return await asyncio.to_thread(read_record, document, *texts)

    async def accesses(self, _: Request, __: Badge) -> ShownAccesses:
        """Show the hospital's own list."""
        return ShownAccesses(await asyncio.to_thread(self._desk.accesses.latest))

    async def events(self, request: Request) -> Response:
        """Stream that the inbox changed, with heartbeats, for a bounded time."""
        authorization = request.headers.get("Authorization", "")
        await self._desk.recognise(authorization)
        self._desk.bell.require_room()
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._changes(authorization), media_type=STREAM, headers=headers)

    async def _changes(self, authorization: str) -> AsyncGenerator[bytes, None]:
        settings, clock = self._desk.configuration, asyncio.get_running_loop().time
        end = clock() + settings.stream_s
        async with self._desk.bell.listener() as heard:
            while clock() < end and await self._still_known(authorization):
                try:
                    async with asyncio.timeout(settings.heartbeat_s):
                        await heard.wait()
                except TimeoutError:
                    yield HEARTBEAT
                    continue
                heard.clear()
                yield event("inbox", str(self._desk.bell.rings))

    async def _still_known(self, authorization: str) -> bool:
        try:
            await self._desk.recognise(authorization)
        except TokenError:
            return False
        return True

    async def _shown(self, opened: OpenedRecords, to: str) -> ShownOpening:
        asked = opened.asked
        return ShownOpening(
            journey=asked.access.journey,
            entry=asked.entry.number,
            country=asked.access.where,
            break_glass=asked.access.break_glass,
            header=tuple(printable(line, MAX_LINE) for line in header(opened, self._genesis)),
            warnings=tuple(printable(line, MAX_LINE) for line in warnings(opened)),
            records=tuple([await self._record(record, to) for record in opened.records]),
        )

    async def _record(self, record: OpenedRecord, to: str) -> ShownRecord:
        reading = await asyncio.to_thread(read_record, record.document, record.media_type, to)
        return ShownRecord(
            what=record.what,
            number=record.number,
            deposited_at=record.deposited_at,
            media_type=printable(record.media_type),
            origin=printable(record.origin.text, MAX_LINE),
            issued=record.origin.issuer is not None,
            reading=reading,
            document=_text(record.document),
        )


def _guarded(desk: Desk, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """Return a handler that first finds out who asks, and whose answers stay in no cache."""

    async def handler(request: Request) -> Response:
        badge = await desk.recognise(request.headers.get("Authorization", ""))
        response = http.reply(await answer(request, badge))
        response.headers["Cache-Control"] = "no-store"
        return response

    return handler


def _grant(shown: ShownGrant) -> str:
    """Return a grant in words."""
    grant = shown.grant
    return f"{', '.join(grant.what)} for {', '.join(grant.why)}, until {moment(grant.not_after)}"


def _text(document: bytes) -> str | None:
    try:
        return document.decode()
    except UnicodeDecodeError:
        return None
