"""Enrolling: what a traveller sends to begin and to end, opened, checked, kept.

Sources: PROTOCOL sections 5 (``POST /v1/enrol``, ``POST /v1/unenrol``) and 7.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from hospes.core import boxes, wire
from hospes.core.identities import Address, require_signer
from hospes.core.oracle_bodies import EnrolBox, EnrolReply, EnrolRequest, UnenrolReply, UnenrolRequest
from hospes.core.typed_data import digest
from hospes.oracle.errors import EnrolmentRefusedError
from hospes.oracle.parts import OracleParts
from hospes.service.allowances import Allowances

BURST: Final = 30
"""Enrolments that one source may begin at once: a journey costs nothing to make."""
REFILL_S: Final = 10.0


class Enrolling:
    """Begins and ends enrolments.

    Parameters
    ----------
    parts : OracleParts
    frames_port : callable
        Where devices are heard.
    """

    def __init__(self, parts: OracleParts, frames_port: Callable[[], int]) -> None:
        self._parts, self._frames_port = parts, frames_port
        self._strangers = Allowances("enrolments", BURST, 1 / REFILL_S)
        self._turn = asyncio.Lock()

    async def enrol(self, request: EnrolRequest, source: str) -> EnrolReply:
        """Take an enrolment; it is on the disk when this returns.

        Raises
        ------
        BoxError, MalformedError
            When it is no enrolment at this oracle.
        SignatureError
            When the journey did not sign it.
        EnrolmentRefusedError, OracleFullError, RateLimitedError
        """
        parts = self._parts
        info = boxes.enrol_info(parts.domain, request.journey, parts.address)
        box = wire.decode(EnrolBox, parts.keys.box.open(request.box, info))
        enrolment_hash = digest(parts.domain, box.enrolment)
        require_signer(enrolment_hash, box.signature, request.journey, "Enrolment")
        if (box.enrolment.journey, box.enrolment.oracle) != (request.journey, parts.address):
            raise EnrolmentRefusedError("it names another journey or another oracle")
        async with self._turn:
            await self._forget(parts.enrolments.never_heard(parts.clock()))
            if parts.enrolments.require_possible(box, parts.clock(), source):
                self._strangers.spend(source)
                await self._take(box, source)
        return EnrolReply(enrolment_hash, self._frames_port())

    async def unenrol(self, request: UnenrolRequest) -> UnenrolReply:
        """Forget a journey at its own word; its keys are destroyed when this returns.

        Raises
        ------
        SignatureError
            When the journey did not sign it.
        EnrolmentRefusedError
        """
        parts, word = self._parts, request.unenrolment
        require_signer(digest(parts.domain, word), request.signature, word.journey, "Unenrolment")
        if word.oracle != parts.address:
            raise EnrolmentRefusedError("it names another oracle")
        async with self._turn:
            await asyncio.to_thread(parts.enrolments.end, word, parts.clock())
            self._forgotten(word.journey)
        return UnenrolReply(word.journey)

    async def expire(self) -> None:
        """Forget every journey whose enrolment is over."""
        async with self._turn:
            await self._forget(self._parts.enrolments.expired(self._parts.clock()))

    async def _forget(self, journeys: Iterable[Address]) -> None:
        for journey in journeys:
            await asyncio.to_thread(self._parts.enrolments.forget, journey)
            self._forgotten(journey)

    async def _take(self, box: EnrolBox, source: str) -> None:
        """Keep an enrolment, with nobody in the middle of a frame of the one that it replaces."""
        known = self._parts.enrolments.of_journey(box.enrolment.journey)
        if known is None:
            await asyncio.to_thread(self._parts.enrolments.take, box, source)
        else:
            async with known.lock:
                await asyncio.to_thread(self._parts.enrolments.take, box, source)
        self._parts.happenings.tell("enrolled")

    def _forgotten(self, journey: Address) -> None:
        self._parts.cases.forget(journey)
        self._parts.happenings.tell("unenrolled")
