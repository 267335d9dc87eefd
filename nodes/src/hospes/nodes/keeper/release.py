"""The way of one request from its box to its sealed answer: PROTOCOL section 6 in order.

It only fetches what `decide` needs, keeps the notice, and seals; whether anything is released is decided there.

Sources: PROTOCOL section 6; ARCHITECTURE section 5, rules 1, 3 and 4.
"""

import asyncio
from contextlib import ExitStack
from typing import Final

import structlog

from hospes.core.bodies import AccessRequest, AnswerReply
from hospes.core.boxes import BoxSecret
from hospes.core.identities import Hash
from hospes.core.proof import FinalHeader, Journal
from hospes.nodes.keeper.answer import seal_answer, seal_notice
from hospes.nodes.keeper.break_glass import BREAK_GLASS_AN_HOUR
from hospes.nodes.keeper.decide import LOOK_UPS, ChainView, Decision, decide, evidence, find, look_ups, match
from hospes.nodes.keeper.held import Held
from hospes.nodes.keeper.notices import KeptNotice
from hospes.nodes.keeper.opening import OpenedRequest, open_request
from hospes.nodes.keeper.parts import KeeperParts

_HASH_BYTES: Final = 32
_log = structlog.get_logger("hospes.keeper")


class Release:
    """Answers accesses.

    Parameters
    ----------
    parts : KeeperParts
    """

    def __init__(self, parts: KeeperParts) -> None:
        self._parts = parts
        self._holdings = parts.holdings

    async def answer(self, body: AccessRequest, leaving: ExitStack) -> AnswerReply:
        """Return the answer to a request, its notice kept.

        Parameters
        ----------
        leaving : ExitStack
            Closed by the caller when the answer has left.

        Raises
        ------
        BoxError, MalformedError
            In step 1.
        ProofError, NodeError, UnreachableError, NotFinalError
            In step 2.
        WrongEntryError, ClockBehindError, StaleError
            In steps 3 and 4.
        """
        parts, chain = self._parts, self._parts.chain
        request = open_request(parts.domain, parts.keys.box, parts.account, body.box)
        journey = request.access.journey
        tip = await chain.tip()
        journal = await chain.journal(journey, tip)
        logged = find(request, journal)
        member = await chain.member(logged.entry.account, tip)
        now = parts.clock()
        # Whoever does not stand in the log as a hospital that asks just now has nothing looked up for them.
        match(logged, ChainView(journal, member, {}, 0, frozenset()), now)
        leaving.enter_context(parts.under_way.answering(journey))
        held, notice_key = await asyncio.to_thread(self._read, request, journal)
        padding = [Hash(parts.entropy(_HASH_BYTES)) for _ in range(LOOK_UPS)]
        consents = await chain.consents(journey, look_ups(logged, member, held, padding), tip)
        raised = await self._raised(evidence(request, Hash(parts.entropy(_HASH_BYTES))), tip)
        view = ChainView(journal, member, consents.words, consents.through, raised)
        decision = decide(request, view, held, now)
        notice = seal_notice(parts.domain, request, decision, notice_key, now)
        reply = seal_answer(parts.domain, parts.keys.account, request, decision, tip)
        await asyncio.to_thread(self._keep, request, decision, notice, now)
        return reply

    async def _raised(self, alert_hash: Hash, tip: FinalHeader) -> frozenset[Hash]:
        """Return the hash of an alert if it was raised."""
        state = await self._parts.chain.alert(alert_hash, tip)
        return frozenset({alert_hash} if state.raised else ())

    def _read(self, request: OpenedRequest, journal: Journal) -> tuple[Held, bytes]:
        """Return what is held, and where the notice goes: for an unknown journey to a key that nobody keeps."""
        journey, what = request.access.journey, request.access.what
        nobody = BoxSecret(self._parts.entropy(_HASH_BYTES)).public
        return self._holdings.held_for(journey, what, journal), self._holdings.standing.notice_key(journey) or nobody

    def _keep(self, request: OpenedRequest, decision: Decision, notice: KeptNotice, now: float) -> None:
        """Keep the notice, durably before any share leaves; count break-glass with it."""
        with self._holdings.database.writing():
            self._holdings.notices.keep(notice, now)
            if decision.break_glass:
                self._watch_break_glass(request, decision)

    def _watch_break_glass(self, request: OpenedRequest, decision: Decision) -> None:
        member = request.access.member
        count = self._holdings.break_glass.note(member, decision.entry)
        if count > BREAK_GLASS_AN_HOUR:
            _log.warning("break_glass_rate", member=member, entries=count)
