"""Delivery: the box of an alert to the hospital's inbox, again and again until it is there.

An inbox takes the same alert twice without harm, so nothing is remembered but that it arrived.

Sources: PROTOCOL section 5 (``POST /v1/inbox``), section 7 ("Box of an alert").
"""

from typing import Final

import structlog

from hospes.core import boxes, wire
from hospes.core.alert_box import AlertBox
from hospes.core.bodies import InboxReply, InboxRequest
from hospes.core.errors import HospesError, MalformedError
from hospes.core.identities import Hash
from hospes.core.messages import Alert
from hospes.core.proof import FinalHeader
from hospes.oracle.cases import Case
from hospes.oracle.parts import OracleParts
from hospes.service.client import Peer

PATH: Final = "/v1/inbox"
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 15.0
_log = structlog.get_logger("hospes.oracle")


class Delivery:
    """Brings alerts to hospitals.

    Parameters
    ----------
    parts : OracleParts
    """

    def __init__(self, parts: OracleParts) -> None:
        self._parts = parts
        self._pauses: dict[bytes, tuple[float, float]] = {}

    async def deliver(self, case: Case, alert: Alert, alert_hash: Hash, tip: FinalHeader) -> bool:
        """Try once, if it is time to; return whether the hospital has it.

        Failing is not an error: the hospital may be down, and the deadline runs all the same.
        """
        if case.delivered:
            return True
        now = self._parts.clock()
        due, pause = self._pauses.get(case.id, (now, FIRST_PAUSE_S))
        if now < due:
            return False
        try:
            await self._post(case, alert, alert_hash, tip)
        except Exception as error:  # noqa: BLE001 - a hospital's odd answer holds up neither the chain nor the next try
            reason = error.slug if isinstance(error, HospesError) else "defect"
            self._pauses[case.id] = (now + pause, min(2 * pause, LONGEST_PAUSE_S))
            self._parts.happenings.tell("delivery-failed", alert_hash=alert_hash, reason=reason)
            _log.warning("delivery_failed", error=reason if isinstance(error, HospesError) else type(error).__name__)
            return False
        self._pauses.pop(case.id, None)
        self._parts.happenings.tell("delivered", alert_hash=alert_hash)
        return True

    async def _post(self, case: Case, alert: Alert, alert_hash: Hash, tip: FinalHeader) -> None:
        parts = self._parts
        enrolled = parts.enrolments.of_journey(case.journey)
        if enrolled is None:
            raise MalformedError("case", "journey", "its enrolment has ended")
        hospital = await parts.chain.member_named(alert.addressee, tip)
        info = boxes.alert_info(parts.domain, alert_hash, hospital.account)
        box = boxes.seal(hospital.box_key, info, wire.encode(AlertBox(alert, enrolled.box.gate, case.detail)))
        reply = await Peer(hospital.service, parts.http).post(PATH, InboxRequest(alert_hash, box), InboxReply)
        if reply.alert_hash != alert_hash:
            raise MalformedError("InboxReply", "alertHash", "it names another alert")
