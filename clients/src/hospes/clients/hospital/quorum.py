"""Asking the keepers: all at once, each under its own box, each answer checked before it counts.

It does not put shares together (`record` does). A keeper that refuses, is silent or lies is named; the others go on.

Sources: PROTOCOL sections 5 (``POST /v1/access``) and 6.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import httpx

from hospes.clients.hospital.logged import LoggedAccess
from hospes.clients.hospital.recipient import Recipient
from hospes.core import boxes, wire
from hospes.core.audit import Evidence, Opening, SignedAnswer
from hospes.core.bodies import AccessBox, AccessRequest, AnswerReply, ReleasedShare, ShownGrant, unpack_answer
from hospes.core.chain import Entry, Member
from hospes.core.errors import BoxError, MalformedError, SignatureError, TooLargeError
from hospes.core.identities import HASH_BYTES, Hash, keccak, require_signer
from hospes.core.messages import Access, Alert, Answer
from hospes.core.typed_data import Domain, digest
from hospes.service.client import Peer
from hospes.service.errors import RemoteError, UnreachableError

AGAIN: Final = frozenset({"clock-behind", "not-final"})
"""Problems that say "try again later". After silence nothing is asked again: the keeper may have counted the access."""
PAUSES_S: Final = (0.2, 0.5, 1.0)
"""Before each further try, so that a keeper's node can catch up with the block of the entry."""
STRAGGLERS_S: Final = 0.25
"""How long the last keepers are waited for once the others suffice: honest ones answer at the same moment."""
NOT_AWAITED: Final = "no answer before the others sufficed"


@dataclass(frozen=True, slots=True)
class Answered:
    """A keeper that answered as the protocol says, whether or not it released anything.

    Attributes
    ----------
    keeper : Member
    shares : tuple of ReleasedShare
    signed : SignedAnswer
        Evidence for the auditor.
    doubt : str
        What is odd about it all the same; empty when nothing is.
    """

    keeper: Member
    shares: tuple[ReleasedShare, ...] = field(repr=False)
    signed: SignedAnswer
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A keeper that answered with a problem: the slug and the text of its error."""

    keeper: Member
    problem: str
    detail: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A keeper that gave no answer."""

    keeper: Member
    reason: str


@dataclass(frozen=True, slots=True)
class Lying:
    """A keeper whose answer is not what an honest one gives; nothing of it is used."""

    keeper: Member
    reason: str


Outcome: TypeAlias = Answered | Refused | Unreachable | Lying


def complaint(outcome: Outcome) -> str:
    """Return what there is to say against an outcome, in words; empty for an answer, and for one not waited for."""
    match outcome:
        case Answered(keeper, doubt=doubt):
            return f"{keeper.id}: {doubt}" if doubt else ""
        case Refused(keeper, problem, detail):
            return f"{keeper.id} refused ({problem}): {detail}"
        case Unreachable(keeper, reason):
            return "" if reason == NOT_AWAITED else f"{keeper.id} cannot be reached: {reason}"
        case Lying(keeper, reason):
            return f"{keeper.id} does not tell the truth: {reason}"


@dataclass(frozen=True, slots=True)
class Asked:
    """One access with what became of each keeper; all that a hospital can prove of it later.

    Attributes
    ----------
    access : Access
    entry : Entry
    outcomes : tuple of Outcome
    """

    access: Access
    entry: Entry
    outcomes: tuple[Outcome, ...]

    @property
    def answers(self) -> tuple[SignedAnswer, ...]:
        """The signed answers."""
        return tuple(outcome.signed for outcome in self.outcomes if isinstance(outcome, Answered))

    @property
    def complaints(self) -> tuple[str, ...]:
        """What there is to say against keepers, one line each."""
        return tuple(text for text in map(complaint, self.outcomes) if text)

    def evidence(self, pin: Hash) -> Evidence:
        """Return what the hospital hands to an auditor: what it asked, and who answered."""
        return Evidence(pin, self.access.journey, (Opening(access=self.access),), self.answers, ())


@dataclass(frozen=True, slots=True)
class Question:
    """One logged access as it is put to each keeper.

    Attributes
    ----------
    domain : Domain
    logged : LoggedAccess
    recipient : Recipient
    grants : tuple of ShownGrant
    gate : bytes
    alert : Alert, optional
        What the access names as its evidence.
    """

    domain: Domain
    logged: LoggedAccess
    recipient: Recipient
    grants: tuple[ShownGrant, ...]
    gate: bytes = field(repr=False)
    alert: Alert | None = field(default=None, repr=False)

    def sealed_to(self, keeper: Member) -> AccessRequest:
        """Return the request that only this keeper can read."""
        box = AccessBox(self.logged.access, self.logged.entry.number, self.grants, self.gate, self.alert)
        info = boxes.request_info(self.domain, keeper.account)
        return AccessRequest(boxes.seal(keeper.box_key, info, wire.encode(box)))

    def opened(self, keeper: Member, reply: AnswerReply) -> Answered:
        """Return a reply as an answer.

        Raises
        ------
        SignatureError, BoxError, MalformedError
            When no honest keeper would have sent it.
        """
        entry = self.logged.entry
        if len(reply.final_block) != HASH_BYTES:
            raise MalformedError("AnswerReply", "finalBlock", f"expected {HASH_BYTES} bytes")
        answer = Answer(entry.entry_hash, entry.number, keccak(reply.box), reply.final_block)
        require_signer(digest(self.domain, answer), reply.signature, keeper.account, "the answer")
        info = boxes.answer_info(self.domain, entry.journey, entry.number, entry.entry_hash, keeper.account)
        shares = unpack_answer(entry.journey, self.recipient.open(reply.box, info))
        return Answered(keeper, shares, SignedAnswer(keeper.account, answer, reply.signature))


Sleep: TypeAlias = Callable[[float], Awaitable[None]]
Enough: TypeAlias = Callable[[Sequence[Outcome], int], bool]
"""Given the outcomes so far and the number of keepers still asked: can anything change any more?"""


async def ask_keepers(
    question: Question, keepers: Sequence[Member], http: httpx.AsyncClient, enough: Enough, sleep: Sleep = asyncio.sleep
) -> tuple[Outcome, ...]:
    """Ask all keepers at once and return what became of each, in their order.

    Parameters
    ----------
    question : Question
    keepers : sequence of Member
        Proven by the registry, box keys included.
    http : httpx.AsyncClient
    enough : callable
        When it says so, keepers that did not answer yet get `STRAGGLERS_S` more.
    sleep : callable
        `asyncio.sleep` in production.
    """
    tasks = [asyncio.create_task(_ask(question, keeper, http, sleep)) for keeper in keepers]
    try:
        pending = set(tasks)
        while pending:
            _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            if pending and enough([task.result() for task in tasks if task.done()], len(pending)):
                await asyncio.wait(pending, timeout=STRAGGLERS_S)
                break
        outcomes = [task.result() if task.done() else None for task in tasks]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return tuple(outcome or Unreachable(keeper, NOT_AWAITED) for keeper, outcome in zip(keepers, outcomes, strict=True))


async def _ask(question: Question, keeper: Member, http: httpx.AsyncClient, sleep: Sleep) -> Outcome:
    """Ask one keeper, again while it says "try again later"."""
    outcome = await _ask_once(question, keeper, http)
    for pause_s in PAUSES_S:
        if not isinstance(outcome, Refused) or outcome.problem not in AGAIN:
            break
        await sleep(pause_s)
        outcome = await _ask_once(question, keeper, http)
    return outcome


async def _ask_once(question: Question, keeper: Member, http: httpx.AsyncClient) -> Outcome:
    """Ask one keeper; whatever its key, address or answer brings about is an outcome of this keeper alone."""
    try:
        return await _answer_of(question, keeper, http)
    except Exception as error:  # noqa: BLE001 - one keeper must never keep the others' shares from counting
        return Unreachable(keeper, f"asking it failed in an unforeseen way ({type(error).__name__})")


async def _answer_of(question: Question, keeper: Member, http: httpx.AsyncClient) -> Outcome:
    if not keeper.service:
        return Unreachable(keeper, "the registry has no address of it that can be read")
    try:
        request = question.sealed_to(keeper)
    except (MalformedError, ValueError):  # a key of another suite, or a point that nothing can be sealed to
        return Unreachable(keeper, "the registry has no key of it that this version can seal to")
    try:
        reply = await Peer(keeper.service, http).post("/v1/access", request, AnswerReply)
        return question.opened(keeper, reply)
    except RemoteError as error:
        return Refused(keeper, error.problem, error.detail)
    except UnreachableError as error:
        return Unreachable(keeper, error.reason)
    except (SignatureError, BoxError, MalformedError, TooLargeError) as error:
        return Lying(keeper, str(error))
