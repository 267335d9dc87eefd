"""One access from beginning to end: logged, answered, put together, opened, with the time that each step took.

It holds no record afterwards and writes nothing to a disk; whoever called it shows what it returned.

Sources: ARCHITECTURE section 3 ("One walk through the house"), PROTOCOL section 6.
"""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

import httpx

from hospes.clients.hospital.access import (
    Request,
    break_glass,
    evidence_of,
    log_access,
    make_access,
    own_membership,
    require_network,
)
from hospes.clients.hospital.errors import NobodyAskedError, NothingReleasedError, RecordsFailedError, TooFewSharesError
from hospes.clients.hospital.keepers import Keepers, find_keepers
from hospes.clients.hospital.logged import LoggedAccess
from hospes.clients.hospital.quorum import Answered, Asked, Outcome, Question, Unreachable, ask_keepers
from hospes.clients.hospital.recipient import Entropy, Recipient
from hospes.clients.hospital.record import (
    FoundDeposit,
    OpenedRecord,
    Unopened,
    Yardstick,
    open_newest,
    sort_shares,
)
from hospes.clients.hospital.stores import Stores
from hospes.contracts.storage import NotOnChainError
from hospes.core.bodies import ShownGrant
from hospes.core.cards import Card
from hospes.core.chain import Member
from hospes.core.errors import ProofError
from hospes.core.identities import Address, Hash, MemberId
from hospes.core.messages import Alert
from hospes.core.proof import FinalHeader, Header, Journal, verify_descent
from hospes.service.chain import HEADERS_A_CALL, ChainReader
from hospes.service.errors import NodeError, UnreachableError
from hospes.service.membership import MemberKeys
from hospes.service.sender import Sender

SUSPENDED: Final = "it is suspended and was not asked"
STRANGE_BLOCK: Final = "the final block that it names is not one that this hospital's chain has since the entry"


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one step took, in seconds."""

    step: str
    seconds: float


@dataclass(frozen=True, slots=True)
class OpenedRecords:
    """What an access gave.

    Attributes
    ----------
    asked : Asked
        The access, its entry, and what became of each keeper: the evidence.
    records : tuple of OpenedRecord
        The newest of each class that was released.
    unopened : tuple of Unopened
        Newer ones that did not open.
    silent : tuple of str
        Classes that were asked for and not released: no consent, or no record. Nobody can tell which.
    timings : tuple of Timing
    """

    asked: Asked
    records: tuple[OpenedRecord, ...]
    unopened: tuple[Unopened, ...]
    silent: tuple[str, ...]
    timings: tuple[Timing, ...]


class Hospital:
    """One hospital of one network.

    Parameters
    ----------
    keys : MemberKeys
    chain : ChainReader
    sender : Sender
        Of the hospital's account.
    http : httpx.AsyncClient
        Whoever made it closes it.
    stores : sequence of MemberId
        In the order to try.
    clock : callable
        Unix seconds; `time.time` in production.
    entropy : callable
        Returns that many random bytes; `os.urandom` in production.
    """

    def __init__(
        self,
        keys: MemberKeys,
        chain: ChainReader,
        sender: Sender,
        http: httpx.AsyncClient,
        stores: Sequence[MemberId],
        clock: Callable[[], float],
        entropy: Entropy,
    ) -> None:
        self.keys, self.chain, self.sender = keys, chain, sender
        self._http, self._stores = http, tuple(stores)
        self._clock, self._entropy = clock, entropy

    async def break_glass(self, card: Card, practitioner: str, alert: Alert | None = None) -> OpenedRecords:
        """Read the emergency summary of whoever carries this card. The traveller will see it.

        Parameters
        ----------
        card : Card
        practitioner : str
            Who asks.
        alert : Alert, optional
            Evidence. Only one that was raised on the chain for this journey: with any other the keepers release
            nothing, so that in doubt none is better.

        Raises
        ------
        WrongNetworkError
            When the card is of another network; nothing was logged.
        HospesError
            As `read`.
        """
        require_network(card, self.chain.genesis.chain_id)
        return await self.ask(break_glass(card, practitioner, alert))

    async def read(
        self,
        journey: Address,
        what: Sequence[str],
        why: str,
        practitioner: str,
        grants: Sequence[ShownGrant] = (),
        gate: bytes = b"",
    ) -> OpenedRecords:
        """Read the newest record of each class that the traveller's consents cover. The traveller will see it.

        Parameters
        ----------
        journey : Address
        what : sequence of str
            Classes.
        why : str
            A purpose.
        practitioner : str
            Who asks.
        grants : sequence of ShownGrant
            Those that the traveller handed over.
        gate : bytes
            The card's 16 bytes, if there is a card.

        Raises
        ------
        NotAHospitalError, MalformedError, ContractRefusedError
            Before anything was logged.
        UnprovenAccessError
            When the access was sent and is not proven to be in the log.
        NothingReleasedError, TooFewSharesError, RecordsFailedError
            When it was logged and gave no record.
        ProofError, NodeError, UnreachableError
            When the node does not prove, or does not answer, before anything was logged.
        """
        return await self.ask(Request(journey, tuple(what), why, practitioner, tuple(grants), gate))

    async def ask(self, request: Request) -> OpenedRecords:
        """Do what a request says, or raise as `read` does."""
        watch = _Stopwatch()
        async with self._recipient() as recipient:
            logged = await self._log(request, recipient)
            watch.lap("log")
            question = Question(self.chain.domain, logged, recipient, request.grants, request.gate, request.alert)
            keepers = await self._keepers(logged)
            outcomes = await self._ask(question, keepers)
            watch.lap("ask")
        journal = await self._latest(logged)
        deposits, judged = sort_shares(outcomes, self._yardstick(logged, journal, keepers))
        asked = Asked(logged.access, logged.entry, await self._doubted(judged, logged.entry.block, journal.header))
        _require_shares(asked, deposits, keepers)
        records, unopened = await self._open(asked, deposits, journal.header)
        watch.lap("open")
        if not records:
            raise RecordsFailedError(asked, (f"{each.what}: {each.reason}" for each in unopened))
        silent = set(logged.access.what) - {found.what for found in deposits}
        return OpenedRecords(asked, records, unopened, tuple(sorted(silent)), watch.timings)

    @asynccontextmanager
    async def _recipient(self) -> AsyncGenerator[Recipient, None]:
        """Make the key of one access, and destroy it whatever happens."""
        recipient = Recipient(self._entropy)
        try:
            yield recipient
        finally:
            recipient.destroy()

    async def _log(self, request: Request, recipient: Recipient) -> LoggedAccess:
        member = await own_membership(self.keys, self.chain)
        evidence = evidence_of(request, self.chain.domain)
        access = make_access(request, member, recipient.public, evidence, self._clock(), self._entropy)
        return await log_access(access, self.chain, self.sender)

    async def _keepers(self, logged: LoggedAccess) -> Keepers:
        """Return whom to ask; a node that fails now costs the records, and not the evidence of what was logged."""
        try:
            return await find_keepers(self.chain, logged.journal)
        except (NodeError, UnreachableError, ProofError) as error:
            raise NobodyAskedError(Asked(logged.access, logged.entry, ()), str(error)) from error

    async def _ask(self, question: Question, keepers: Keepers) -> tuple[Outcome, ...]:
        block = question.logged.journal.header.number
        asked = [keeper for keeper in keepers.members if keeper.word.active_at(block)]
        yardstick = self._yardstick(question.logged, question.logged.journal, keepers)

        def enough(outcomes: Sequence[Outcome], pending: int) -> bool:
            deposits, _ = sort_shares(outcomes, yardstick)
            if not deposits:
                return _nothing_to_open(outcomes, len(outcomes) + pending, keepers.threshold)
            complete = any(found.missing == 0 for found in deposits)
            return complete and all(found.missing == 0 or found.missing > pending for found in deposits)

        outcomes = await ask_keepers(question, asked, self._http, enough)
        suspended = [keeper for keeper in keepers.members if keeper not in asked]
        return (*outcomes, *(Unreachable(keeper, SUSPENDED) for keeper in suspended))

    def _yardstick(self, logged: LoggedAccess, journal: Journal, keepers: Keepers) -> Yardstick:
        return Yardstick(self.chain.domain, logged.access.what, journal, keepers.epochs)

    async def _doubted(self, outcomes: Sequence[Outcome], since: int, tip: FinalHeader) -> tuple[Outcome, ...]:
        """Mark answers that stand on a block which the chain does not have between the entry and now."""
        try:
            known = await _final_blocks(self.chain, since, tip)
        except (NodeError, UnreachableError, ProofError):
            return tuple(outcomes)  # no record waits for this: shares are right by their hash
        return tuple(
            replace(outcome, doubt=STRANGE_BLOCK)
            if isinstance(outcome, Answered) and outcome.signed.answer.final_block not in known
            else outcome
            for outcome in outcomes
        )

    async def _latest(self, logged: LoggedAccess) -> Journal:
        """Return the log as it is now, or, from a node that fails after the keepers answered, as it was before."""
        try:
            return await self.chain.journal(logged.access.journey, await self.chain.tip())
        except (NodeError, UnreachableError, ProofError):
            return logged.journal

    async def _open(
        self, asked: Asked, deposits: Sequence[FoundDeposit], at: FinalHeader
    ) -> tuple[tuple[OpenedRecord, ...], tuple[Unopened, ...]]:
        """Open the newest records; a node that fails now costs them, and not the evidence of what was asked."""
        try:
            return await open_newest(deposits, await self._open_stores(at), self.chain, at)
        except (NodeError, UnreachableError, ProofError) as error:
            raise RecordsFailedError(asked, (str(error),)) from error

    async def _open_stores(self, at: FinalHeader) -> Stores:
        members: list[Member] = []
        unknown: list[MemberId] = []
        for store in self._stores:
            try:
                members.append(await self.chain.member_named(store, at))
            except NotOnChainError:
                unknown.append(store)
        account, domain = self.keys.account, self.chain.domain
        return Stores(tuple(members), self._http, account, domain, self._clock, tuple(unknown))


class _Stopwatch:
    """Seconds between laps; it measures, nothing depends on it."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self._timings: list[Timing] = []

    @property
    def timings(self) -> tuple[Timing, ...]:
        """The laps so far."""
        return tuple(self._timings)

    def lap(self, step: str) -> None:
        """End a step."""
        now = time.perf_counter()
        self._timings.append(Timing(step, now - self._last))
        self._last = now


def _require_shares(asked: Asked, deposits: Sequence[FoundDeposit], keepers: Keepers) -> None:
    """Refuse to go on when no record has enough shares, and say why as far as anybody can tell."""
    if any(found.missing == 0 for found in deposits):
        return
    if not deposits and _nothing_to_open(asked.outcomes, len(asked.outcomes), keepers.threshold):
        raise NothingReleasedError(asked)
    best = min(deposits, key=lambda found: found.missing, default=None)
    if best is None:
        raise TooFewSharesError(asked, keepers.threshold, 0)
    raise TooFewSharesError(asked, best.deposit.body.threshold, len(best.shares))


def _nothing_to_open(outcomes: Sequence[Outcome], count: int, threshold: int) -> bool:
    """Whether so many of `count` keepers answered without a share that the others could not open anything."""
    answered = sum(isinstance(outcome, Answered) for outcome in outcomes)
    return count - answered < threshold


async def _final_blocks(chain: ChainReader, since: int, tip: FinalHeader) -> frozenset[Hash]:
    """Return the hashes of the blocks from `since` to the tip, proven by descent."""
    first = max(since, tip.number - HEADERS_A_CALL + 1)
    headers = await chain.node.headers(first, tip.number - first + 1)
    if not headers:
        return frozenset({tip.hash})
    verify_descent(Header.decode(headers[0]), headers[1:], tip.header)
    return frozenset(Header.decode(header).hash for header in headers)
