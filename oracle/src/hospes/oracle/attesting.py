"""Attesting: answers an oracle that asks this one to stand for an alert, and asks others to stand for this one's.

What it attests is durable, as a case of its own, before its signature leaves: from then on this oracle sees to the
alert too. Whether it agrees is `agreeing`'s to say.

Sources: PROTOCOL section 7 ("Attesting"); docs/adr/0007-oracle.md, decisions 5 to 7.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import structlog

from hospes.core import boxes, wire
from hospes.core.chain import AlertState, Epoch, Member, Role
from hospes.core.errors import HospesError, SignatureError
from hospes.core.identities import Address, recover
from hospes.core.oracle_bodies import AttestBox, AttestReply, AttestRequest
from hospes.core.proof import FinalHeader
from hospes.core.typed_data import digest
from hospes.oracle.agreeing import Own, require_agreement
from hospes.oracle.cases import ID_BYTES, WITHOUT_EFFECT, Attested, Case
from hospes.oracle.enrolment import Enrolled
from hospes.oracle.errors import NotAttestedError
from hospes.oracle.parts import OracleParts, attestation_digest
from hospes.service.client import Peer

MAX_NOTES: Final = 16
"""Open alerts of one journey that this oracle was shown and did not attest: an oracle that lies has an end."""
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 5.0
"""Between two times that the others are asked, since their frames may still be under way."""
PATH: Final = "/v1/attest"
DISTRUSTED_S: Final = 24 * 60 * 60
"""For how long an oracle that sent an alert astray is left out: until people have looked into it."""
_log = structlog.get_logger("hospes.oracle")


class Attesting:
    """One oracle's word for alerts.

    Parameters
    ----------
    parts : OracleParts
    opened : callable
        Called with each case that is to be seen to from now on.
    """

    def __init__(self, parts: OracleParts, opened: Callable[[Case], None]) -> None:
        self._parts, self._opened = parts, opened
        self._asking: set[asyncio.Task[Attested | None]] = set()
        self._pauses: dict[bytes, tuple[float, float]] = {}
        self._told: set[tuple[bytes, Address]] = set()
        self._distrusted: dict[Address, float] = {}

    async def answer(self, request: AttestRequest) -> AttestReply:
        """Attest another oracle's alert.

        Raises
        ------
        BoxError, MalformedError
            For what is no request to this oracle.
        NotAttestedError
            For everything else; it says nothing.
        ProofError, NodeError, UnreachableError
            When this oracle cannot read the chain.
        """
        info = boxes.attest_info(self._parts.domain, request.alert_hash, self._parts.address)
        asked = wire.decode(AttestBox, self._parts.keys.box.open(request.box, info))
        try:
            signature = await self._attested(request, asked)
        except NotAttestedError as error:
            self._parts.happenings.tell("not-attested", reason=error.reason)
            raise
        self._parts.happenings.tell("attested", alert_hash=request.alert_hash)
        return AttestReply(signature)

    async def ask(self, case: Case, epoch: Epoch, tip: FinalHeader) -> tuple[Attested, ...]:
        """Return what the case has of attestations once enough oracles attested, or all have answered.

        Those that answer later have been asked all the same: they know then that an alert is under way.
        """
        now = self._parts.clock()
        due, pause = self._pauses.get(case.id, (now, FIRST_PAUSE_S))
        if now < due:
            return case.attestations
        self._pauses[case.id] = (now + pause, min(2 * pause, LONGEST_PAUSE_S))
        missing = [account for account in epoch.accounts if not case.signed_by(account)]
        found = {one.oracle: one for one in case.attestations}
        waiting = {self._begin(case, member) for member in await self._parts.chain.members(missing, tip)}
        while waiting and len(found) < epoch.threshold:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            answers = [task.result() for task in done]
            found |= {one.oracle: one for one in answers if one is not None}
        if len(found) >= epoch.threshold:
            self._pauses.pop(case.id, None)
        return tuple(found.values())

    def distrust(self, oracle: Address) -> None:
        """Attest nothing for an oracle, and show it nothing, for a while: it sent an alert astray.

        Only this oracle's own node says who it was, so it is not for ever, and nobody else is told.
        """
        if oracle != self._parts.address:
            self._distrusted[oracle] = self._parts.clock() + DISTRUSTED_S

    def _trusts(self, oracle: Address) -> bool:
        return self._parts.clock() >= self._distrusted.get(oracle, 0.0)

    async def stop(self) -> None:
        """Ask nobody any more; harmless when called twice."""
        for task in tuple(self._asking):
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)

    def _begin(self, case: Case, member: Member) -> asyncio.Task[Attested | None]:
        task = asyncio.create_task(self._ask_one(case, member))
        self._asking.add(task)
        task.add_done_callback(self._asked)
        return task

    def _asked(self, task: "asyncio.Task[Attested | None]") -> None:
        self._asking.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("defect", error=type(task.exception()).__name__)

    async def _ask_one(self, case: Case, member: Member) -> Attested | None:
        """Return an oracle's attestation, or None when it gave none that holds."""
        parts, alert, alert_hash = self._parts, case.alert, case.alert_hash
        if alert is None or alert_hash is None or not member.service or not self._trusts(member.account):
            return None
        own = next(one.signature for one in case.attestations if one.oracle == parts.address)
        box = AttestBox(alert, case.detail, case.row, case.as_of_ms, case.oracle_epoch, own, case.previous)
        try:
            info = boxes.attest_info(parts.domain, alert_hash, member.account)
            request = AttestRequest(alert_hash, boxes.seal(member.box_key, info, wire.encode(box)))
            reply = await Peer(member.service, parts.http).post(PATH, request, AttestReply)
            signer = recover(attestation_digest(parts.domain, alert_hash, case.oracle_epoch), reply.attestation)
        except HospesError as error:
            parts.happenings.tell("attestation-missing", alert_hash=alert_hash, reason=error.slug)
            return None
        except Exception as error:  # noqa: BLE001 - one oracle's odd answer does not cost the others'
            parts.happenings.tell("attestation-missing", alert_hash=alert_hash, reason="defect")
            _log.error("defect", error=type(error).__name__)
            return None
        return Attested(member.account, reply.attestation) if signer == member.account else None

    async def _attested(self, request: AttestRequest, asked: AttestBox) -> bytes:
        parts = self._parts
        if digest(parts.domain, asked.alert) != request.alert_hash:
            raise NotAttestedError("hash")
        enrolled = parts.enrolments.of_journey(asked.alert.journey)
        tip = await parts.chain.tip()
        epoch = await parts.epoch(tip)
        raiser = await self._raiser(asked, request, epoch, tip)
        if enrolled is None:
            raise NotAttestedError("journey")
        signature = parts.attestation(request.alert_hash, epoch.number)
        known = parts.cases.with_alert(request.alert_hash)
        if known is not None and known.signed_by(parts.address):
            return signature
        given = Attested(raiser.account, asked.attestation)
        case = self._case(request, asked, known, (given, Attested(parts.address, signature)))
        try:
            await self._require_next(asked, tip)
            ranked = await parts.ranked(enrolled, asked.row, tip)
            async with enrolled.lock:
                own = Own(parts.scorer, enrolled.track, ranked, parts.clock())
                await asyncio.to_thread(require_agreement, asked, own)
                earlier = parts.turn(epoch, case, raiser.account) < parts.turn(epoch, case, parts.address)
                await asyncio.to_thread(self._admit, case, enrolled, earlier)
        except NotAttestedError:
            if known is None:
                await self._note(replace(case, attestations=(given,)))
            self._tell(case, raiser)
            raise
        self._opened(case)
        return signature

    async def _raiser(self, asked: AttestBox, request: AttestRequest, epoch: Epoch, tip: FinalHeader) -> Member:
        """Return who asks: another oracle in office, active, by its own attestation."""
        parts = self._parts
        try:
            raiser = recover(attestation_digest(parts.domain, request.alert_hash, epoch.number), asked.attestation)
        except SignatureError as error:
            raise NotAttestedError("signature") from error
        in_office = asked.oracle_epoch == epoch.number and {raiser, parts.address} <= set(epoch.accounts)
        if not in_office or raiser == parts.address:
            raise NotAttestedError("epoch")
        if not self._trusts(raiser):
            raise NotAttestedError("distrusted")
        member = await parts.chain.member(raiser, tip)
        if not (Role.ORACLE in member.word.roles and member.word.active_at(tip.number)):
            raise NotAttestedError("epoch")
        return member

    async def _require_next(self, asked: AttestBox, tip: FinalHeader) -> None:
        """Check that the alert before this one was really left without an answer."""
        if asked.previous is None:
            return
        state: AlertState = await self._parts.chain.alert(asked.previous, tip)
        settled = state.acknowledged or any(state.escalated_to)
        if not state.raised or settled or self._parts.clock() <= state.deadline:
            raise NotAttestedError("previous")

    def _admit(self, case: Case, enrolled: Enrolled, earlier: bool) -> None:  # noqa: FBT001 - a fact, not a switch
        """Keep the case, unless this oracle stands for another alert of the same event already.

        An alert of its own that nobody else attested yet makes room for one of an oracle that is earlier in the order:
        otherwise oracles that begin together would wait for each other for ever.
        """
        parts = self._parts
        row = parts.policy.row(case.row)
        quiet_s = 0 if row is None else row.quiet_s

        def makes_room(other: Case) -> bool:
            alone = other.alert is None or (other.own and len(other.attestations) == 1 and earlier)
            return other.open and alone and other.previous is None

        def blocks(other: Case) -> bool:
            stands = other.signed_by(parts.address) and other.outcome not in WITHOUT_EFFECT
            another = other.alert_hash != case.previous and other.same_event(case, quiet_s)
            return stands and another and not makes_room(other)

        def stands_back(other: Case) -> bool:
            return makes_room(other) and other.same_event(case, quiet_s)

        if parts.enrolments.of_journey(case.journey) is not enrolled:
            raise NotAttestedError("journey")
        if not parts.cases.admit(case, blocks, stands_back):
            raise NotAttestedError("another")

    def _tell(self, case: Case, raiser: Member) -> None:
        """Show the raiser of another alert those that stand for the same event, once: it may have been away."""
        for other in self._parts.cases.of(case.journey, case.row):
            mine = other.alert_hash != case.alert_hash and other.signed_by(self._parts.address)
            if mine and (other.id, raiser.account) not in self._told:
                self._told.add((other.id, raiser.account))
                self._begin(other, raiser)

    async def _note(self, case: Case) -> None:
        """Remember an alert that this oracle did not attest: if others do, it need not raise one of its own."""
        cases = self._parts.cases
        notes = [one for one in cases.open() if not one.own and one.journey == case.journey]
        if len(notes) < MAX_NOTES:
            await asyncio.to_thread(cases.keep, case)
            self._opened(case)

    def _case(
        self, request: AttestRequest, asked: AttestBox, known: Case | None, attestations: tuple[Attested, ...]
    ) -> Case:
        before = None if asked.previous is None else self._parts.cases.with_alert(asked.previous)
        return Case(
            id=self._parts.entropy(ID_BYTES) if known is None else known.id,
            journey=asked.alert.journey,
            row=asked.row,
            severity=asked.alert.severity,
            own=False,
            decided_at=int(self._parts.clock()),
            as_of_ms=asked.as_of,
            detail=asked.detail,
            alert=asked.alert,
            alert_hash=request.alert_hash,
            oracle_epoch=asked.oracle_epoch,
            attestations=attestations,
            asked=() if before is None or before.alert is None else (*before.asked, before.alert.addressee),
            previous=asked.previous,
        )
