"""The desk: what the people of one hospital work with, put together: tokens, inbox, cards and grants, accesses.

Every reading goes through `open`, and so through the log. It serves no page and speaks no FHIR.

Sources: PROTOCOL sections 5, 6 and 7.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog

from hospes.clients.hospital.accesses import Accesses, Line
from hospes.clients.hospital.bell import Bell
from hospes.clients.hospital.configuration import GatewayConfiguration
from hospes.clients.hospital.errors import NothingReleasedError, RecordsFailedError, TooFewSharesError
from hospes.clients.hospital.gateway_errors import UnconfirmedAlertError
from hospes.clients.hospital.glass import Glass
from hospes.clients.hospital.hospital import Hospital, OpenedRecords
from hospes.clients.hospital.inbox import Inbox, Received, Standing
from hospes.clients.hospital.own_boxes import OwnBoxes
from hospes.clients.hospital.patients import Patients
from hospes.clients.hospital.recipient import Entropy
from hospes.clients.hospital.requesting import Held, request_for
from hospes.clients.hospital.shelf import Shelf
from hospes.clients.hospital.tokens import Badge, Tokens, hash_in
from hospes.contracts import calls
from hospes.contracts.addresses import ALERTS
from hospes.contracts.refusals import ContractRefusedError
from hospes.core.bodies import InboxRequest
from hospes.core.errors import TABLE, HospesError
from hospes.core.identities import Address, Hash
from hospes.core.printing import printable
from hospes.service.errors import TransactionFailedError

LOOK_UPS: Final = 64
"""Alerts that one look at the chain asks for; those that were not looked at the longest come first."""
SALT_BYTES: Final = 32
_RAISED: Final = (Standing.CONFIRMED, Standing.ACKNOWLEDGED, Standing.ESCALATED)
_log = structlog.get_logger("hospes.gateway")


class Desk:
    """One hospital's desk.

    Parameters
    ----------
    configuration : GatewayConfiguration
    hospital : Hospital
        Asks, under its own account.
    clock : callable
        Unix seconds; `time.time` in production.
    entropy : callable
        Returns that many random bytes; `os.urandom` in production.

    Attributes
    ----------
    tokens, inbox, patients, accesses, glass, bell
        What it is made of.
    """

    def __init__(
        self,
        configuration: GatewayConfiguration,
        hospital: Hospital,
        clock: Callable[[], float],
        entropy: Entropy,
    ) -> None:
        self.configuration, self.hospital = configuration, hospital
        self._clock, self._entropy = clock, entropy
        keys, genesis = hospital.keys, hospital.chain.genesis
        self._shelf, own = Shelf(configuration.shelf_file), OwnBoxes(keys.box)
        self.tokens = Tokens(configuration.tokens_file)
        self.inbox = Inbox(self._shelf, keys, genesis.domain, configuration.max_unconfirmed)
        self.patients = Patients(self._shelf, own, genesis.chain_id)
        self.accesses = Accesses(self._shelf, own)
        self.glass = Glass(configuration.two_actions_s, entropy)
        self.bell = Bell(configuration.max_streams)
        self._looked: dict[Hash, int] = {}

    def now(self) -> int:
        """Return Unix seconds."""
        return int(self._clock())

    def close(self) -> None:
        """Close the file; harmless when called twice."""
        self._shelf.close()

    def badge(self, authorization: str) -> Badge:
        """Return who asks, or raise `TokenError`."""
        return self.tokens.badge(authorization, self._clock())

    async def recognise(self, authorization: str) -> Badge:
        """Return who asks, or raise `TokenError`; without a token no file is read, and none is read here."""
        hash_in(authorization)
        return await asyncio.to_thread(self.badge, authorization)

    def held(self, journey: Address, answered: Hash | None = None) -> Held:
        """Return what there is to show for a journey.

        A card goes before the gate that an alert brought, and the alert that is `answered` before others.
        """
        patient = self.patients.of(journey)
        alerts = sorted(self.inbox.of_journey(journey), key=lambda each: each.alert_hash != answered)
        raised = [each for each in alerts if each.standing(self.inbox.account) in _RAISED]
        gates = [each.box.gate for each in (*raised, *alerts)]
        gate = patient.gate or next(iter(gates), b"")
        return Held(gate, patient.grants, raised[0].box.alert if raised else None)

    async def open(
        self, badge: Badge, journey: Address, *, break_glass: bool, reason: str = "", answered: Hash | None = None
    ) -> OpenedRecords:
        """Read a summary. The traveller will see it, and so will the hospital's own list, whatever comes of it.

        Parameters
        ----------
        badge : Badge
        journey : Address
        break_glass : bool
            Whether somebody said so; there is no other way to `emergency`.
        reason : str
            What they gave as the reason, for the hospital's own list.
        answered : Hash, optional
            The alert that it answers: evidence, if the chain has it.

        Raises
        ------
        NotAllowedError
            When the badge does not allow it; nothing was asked.
        HospesError
            As `Hospital.read`.
        """
        request = request_for(badge, journey, self.held(journey, answered), break_glass=break_glass)
        line = Line(self.now(), journey, badge.practitioner, request.what, request.why, reason)
        key = await asyncio.to_thread(self.accesses.begin, line, self._entropy(SALT_BYTES))
        entry, outcome = 0, ""
        try:
            opened = await self.hospital.ask(request)
            entry, outcome = opened.asked.entry.number, "opened"
        except (NothingReleasedError, TooFewSharesError, RecordsFailedError) as error:
            entry, outcome = error.asked.entry.number, TABLE[error.slug].title
            raise
        except HospesError as error:
            outcome = printable(str(error))
            raise
        finally:
            if outcome:
                await asyncio.to_thread(self.accesses.finish, key, line, entry, outcome)
        return opened

    async def receive(self, request: InboxRequest) -> None:
        """Take an alert; it is on the disk when this returns.

        Raises
        ------
        HospesError
            As `Inbox.receive`; and, when there is no room for unconfirmed ones, as the chain's node.
        """
        state = None
        if self.inbox.full:  # then only the chain makes room
            state = await self.hospital.chain.alert(request.alert_hash, await self.hospital.chain.tip())
        if await asyncio.to_thread(self.inbox.receive, request, self.now(), state):
            self.bell.ring()

    async def acknowledge(self, alert_hash: Hash) -> Received:
        """Say on the chain that somebody here sees to an alert; harmless when that was said before.

        Whoever may look may acknowledge: an alert that waits for the right token helps nobody.

        Raises
        ------
        NoAlertError
            When it is not in the inbox.
        UnconfirmedAlertError
            When the chain does not have it as raised to this hospital.
        HospesError
            When the chain does not take it, or its node does not answer.
        """
        await self._look_at(alert_hash)
        standing = self.inbox.alert(alert_hash).standing(self.inbox.account)
        if standing in (Standing.UNCONFIRMED, Standing.CONTRADICTED):
            raise UnconfirmedAlertError
        if standing is not Standing.ACKNOWLEDGED:
            await self._send_acknowledgement(alert_hash)
        return self.inbox.alert(alert_hash)

    async def look(self) -> None:
        """See what the chain says of the alerts that wait for it.

        Raises
        ------
        HospesError
            When the node does not prove, or does not answer.
        """
        waiting = sorted(self.inbox.waiting(), key=lambda key: self._looked.get(key, -1))[:LOOK_UPS]
        self._looked = {key: block for key, block in self._looked.items() if key in set(self.inbox.waiting())}
        if not waiting:
            return
        tip = await self.hospital.chain.tip()
        news = False
        for alert_hash in waiting:
            if self._looked.get(alert_hash) != tip.number:
                news |= self.inbox.note(alert_hash, await self.hospital.chain.alert(alert_hash, tip))
                self._looked[alert_hash] = tip.number
        old = self.now() - self.configuration.keep_unconfirmed_s
        news |= await asyncio.to_thread(self.inbox.drop_unconfirmed, old)
        if news:
            self.bell.ring()

    @asynccontextmanager
    async def watching(self) -> AsyncGenerator[None, None]:
        """Look at the chain again and again until the end of the block."""
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except HospesError as error:
                _log.warning("chain-not-read", error=error.slug)
            except Exception as error:  # noqa: BLE001 - the next look may succeed, and nobody else would look
                _log.error("defect", error=type(error).__name__)
            await asyncio.sleep(self.configuration.look_s)

    async def _look_at(self, alert_hash: Hash) -> None:
        self.inbox.alert(alert_hash)
        state = await self.hospital.chain.alert(alert_hash, await self.hospital.chain.tip())
        if self.inbox.note(alert_hash, state):
            self.bell.ring()

    async def _send_acknowledgement(self, alert_hash: Hash) -> None:
        sender = self.hospital.sender
        try:
            await sender.final(await sender.send(ALERTS, calls.acknowledge(alert_hash)))
        except (ContractRefusedError, TransactionFailedError):
            await self._look_at(alert_hash)  # two colleagues at once: one of them is refused, and it is said
            if self.inbox.alert(alert_hash).standing(self.inbox.account) is Standing.ACKNOWLEDGED:
                return
            raise
        await self._look_at(alert_hash)
