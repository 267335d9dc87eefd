"""Asking keepers: when it is safe to ask again, and when the last ones are not waited for."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace

import httpx
import pytest

from hospes.clients.hospital import Lying, Outcome, Refused, Unreachable
from hospes.clients.hospital.logged import LoggedAccess
from hospes.clients.hospital.quorum import PAUSES_S, STRAGGLERS_S, Question, ask_keepers, complaint
from hospes.clients.hospital.recipient import Recipient
from hospes.core.boxes import BoxSecret
from hospes.core.chain import Entry, EntryKind, Member, MemberWord, Role
from hospes.core.identities import Account, Address, Country, Hash, MemberId, keccak
from hospes.core.messages import Access
from hospes.core.proof import FinalHeader, Header, Journal
from hospes.core.typed_data import Domain

Handler = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]
ZERO = Hash(bytes(32))
JOURNEY = Address(bytes(20))
NEVER = 3600.0


@dataclass
class Pauses:
    """A clock that does not wait, and remembers for how long it should have."""

    slept: list[float] = field(default_factory=list[float])

    async def __call__(self, seconds: float) -> None:
        """Let the time pass."""
        self.slept.append(seconds)


def _keeper(name: str, service: str = "", box_key: bytes | None = None) -> Member:
    account = Account(keccak(name.encode()))
    public = BoxSecret(keccak(name.encode() + b"box")).public
    word = MemberWord(Role.KEEPER, Country("PT"), 0, 0)
    url = service or f"http://{name}.test"
    return Member(account.address, MemberId(name), word, url, public if box_key is None else box_key)


def _question() -> Question:
    recipient = Recipient(lambda size: bytes([7]) * size)
    access = Access(
        JOURNEY, MemberId("h"), "Dr. A", ("imaging",), "treatment", Country("PT"), recipient.public, ZERO, 0, ZERO
    )
    entry = Entry(JOURNEY, 1, EntryKind.ACCESS, JOURNEY, ZERO, 1, 1)
    header = FinalHeader(Header(1, 1, ZERO, ZERO, ZERO, b""), b"", 1)
    logged = LoggedAccess(access, entry, Journal(JOURNEY, header, ZERO, (entry,)))
    return Question(Domain(1, JOURNEY), logged, recipient, (), b"")


def _problem(slug: str) -> httpx.Response:
    return httpx.Response(409, json={"type": f"urn:hospes:problem:{slug}", "detail": "as it happens"})


def _ask(
    keepers: Sequence[Member],
    handle: Handler,
    pauses: Pauses | None = None,
    enough: Callable[[Sequence[Outcome], int], bool] = lambda _outcomes, _pending: False,
) -> tuple[Outcome, ...]:
    async def ask() -> tuple[Outcome, ...]:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as http:
            return await ask_keepers(_question(), keepers, http, enough, pauses or Pauses())

    return asyncio.run(ask())


@pytest.mark.parametrize("slug", ["not-final", "clock-behind"])
def test_a_keeper_that_says_later_is_asked_later(slug: str) -> None:
    """A problem that passes is worth a few more tries, with growing pauses, and then counts."""
    tries: list[int] = []

    async def handle(_: httpx.Request) -> httpx.Response:
        tries.append(1)
        return _problem(slug)

    pauses = Pauses()
    (outcome,) = _ask([_keeper("a")], handle, pauses)
    assert isinstance(outcome, Refused)
    assert outcome.problem == slug
    assert len(tries) == 1 + len(PAUSES_S)
    assert pauses.slept == list(PAUSES_S)


def test_a_keeper_that_catches_up_is_asked_no_more() -> None:
    """The first answer that is no "try again later" stands."""
    slugs = ["not-final", "not-final", "stale"]

    async def handle(_: httpx.Request) -> httpx.Response:
        return _problem(slugs.pop(0))

    (outcome,) = _ask([_keeper("a")], handle)
    assert isinstance(outcome, Refused)
    assert outcome.problem == "stale"


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (httpx.ReadTimeout("slow"), "it did not answer in time"),
        (httpx.ConnectError("down"), "nobody answers there; is it running?"),
        (httpx.ReadError("cut"), "the connection broke before a whole answer came, or the answer was no HTTP"),
    ],
)
def test_silence_is_not_asked_again(failure: httpx.HTTPError, told: str) -> None:
    """A keeper that may have heard the first request is not asked a second time: it would count two accesses."""
    tries: list[int] = []

    async def handle(_: httpx.Request) -> httpx.Response:
        tries.append(1)
        raise failure

    (outcome,) = _ask([_keeper("a")], handle)
    assert outcome == Unreachable(_keeper("a"), told)
    assert len(tries) == 1


def test_the_last_keepers_are_not_awaited_for_ever() -> None:
    """Once the others suffice, a keeper that hangs costs a moment and is named."""

    async def handle(request: httpx.Request) -> httpx.Response:
        if request.url.host == "slow.test":
            await asyncio.sleep(NEVER)
        return _problem("stale")

    keepers = [_keeper("slow"), _keeper("quick")]
    slow, quick = _ask(keepers, handle, enough=lambda outcomes, _: len(outcomes) >= 1)
    assert slow == Unreachable(keepers[0], "no answer before the others sufficed")
    assert isinstance(quick, Refused)


def test_a_straggler_within_the_moment_counts() -> None:
    """An answer that comes just after the others suffice is taken: an auditor may want it."""

    async def handle(request: httpx.Request) -> httpx.Response:
        if request.url.host == "later.test":
            await asyncio.sleep(STRAGGLERS_S / 10)
        return _problem("stale")

    outcomes = _ask([_keeper("later"), _keeper("quick")], handle, enough=lambda outcomes, _: len(outcomes) >= 1)
    assert all(isinstance(outcome, Refused) for outcome in outcomes)


@pytest.mark.parametrize(
    ("keeper", "reason"),
    [
        (_keeper("a", box_key=b""), "no key of it that this version can seal to"),
        (_keeper("a", box_key=b"\x64\x7a" + bytes(1216)), "no key of it that this version can seal to"),
        (_keeper("a", box_key=b"\x00\x20" + bytes(32)), "no key of it that this version can seal to"),
    ],
)
def test_a_keeper_without_a_usable_key_is_not_asked(keeper: Member, reason: str) -> None:
    """A request is sealed or not sent."""

    async def handle(_: httpx.Request) -> httpx.Response:
        raise AssertionError

    (outcome,) = _ask([keeper], handle)
    assert isinstance(outcome, Unreachable)
    assert reason in outcome.reason


def test_an_answer_that_is_too_large_is_no_answer() -> None:
    """A keeper cannot fill a hospital's memory."""

    async def handle(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b'"' + b"a" * (5 << 20) + b'"')

    (outcome,) = _ask([_keeper("a")], handle)
    assert isinstance(outcome, Lying)
    assert "too large" in outcome.reason


@pytest.mark.parametrize(
    "broken",
    [
        _keeper("a", service="http://bad.test/?as="),
        _keeper("a", service="http://[::1"),
        _keeper("a", service="http://\x1b[2J\ud800"),
        replace(_keeper("a"), box_key=None),  # type: ignore[arg-type]  # what no type checker would let happen
    ],
)
def test_one_broken_keeper_fails_nobody_else(broken: Member) -> None:
    """An address or a key that no code foresaw is that keeper's failure; the others are asked all the same."""

    async def handle(_: httpx.Request) -> httpx.Response:
        return _problem("stale")

    first, second = _ask([broken, _keeper("b")], handle)
    assert isinstance(first, Unreachable)
    assert complaint(first).isprintable()
    assert isinstance(second, Refused)


def test_an_answer_that_nobody_foresaw_fails_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a defect of ours that one answer brings to light is told as that keeper's, by its kind."""

    async def handle(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"box": "0x", "finalBlock": "0x", "signature": "0x"})

    def defect(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Question, "opened", defect)
    (outcome,) = _ask([_keeper("a")], handle)
    assert isinstance(outcome, Unreachable)
    assert "ZeroDivisionError" in outcome.reason
