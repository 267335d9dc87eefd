"""Asking several members at once: each failure is one member's."""

import asyncio
import os
from types import SimpleNamespace
from typing import NoReturn, cast

import pytest

from hospes.clients.wallet import relaying
from hospes.clients.wallet.errors import NotRelayedError
from hospes.clients.wallet.keepers import Keepers, ask_each
from hospes.clients.wallet.relaying import end_call, relay
from hospes.clients.wallet.wallet import Wallet
from hospes.core.chain import Epoch, Member, MemberWord, Role
from hospes.core.identities import Address, Country, MemberId
from hospes.core.proof import FinalHeader
from hospes.service.client import Peer
from hospes.service.errors import RemoteError


def _member(name: str) -> Member:
    word = MemberWord(Role.KEEPER, Country("PT"), 0, 0)
    return Member(Address(name.encode().ljust(20)), MemberId(name), word, "http://x", b"")


@pytest.mark.parametrize("failure", [RemoteError("x", 500, "a", "b\x1b[2J"), KeyError("a"), ZeroDivisionError()])
def test_one_member_fails_for_itself_alone(failure: Exception) -> None:
    """Whatever one member brings about, foreseen or not, the others' answers count and it is named."""

    async def ask(member: Member, _: Peer) -> str:
        if member.id == "bad":
            raise failure
        return f"{member.id} answered"

    wallet = cast("Wallet", SimpleNamespace(http=None))
    told = asyncio.run(ask_each(wallet, [_member("good"), _member("bad"), _member("best")], ask))
    assert [answer for _, answer in told.answers] == ["good answered", "best answered"]
    (missing,) = told.missing
    assert missing.member == "bad"
    assert missing.reason.isprintable()
    assert isinstance(failure, RemoteError) or type(failure).__name__ in missing.reason


def test_a_call_goes_on_after_an_unforeseen_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A member at which even our own code fails costs nothing but its turn; all are named when none brought it."""
    asked: list[str] = []

    class Broken:
        def __init__(self, url: str, _: object) -> None:
            self.url = url

        async def post(self, *_: object) -> NoReturn:
            asked.append(self.url)
            raise ZeroDivisionError

    async def nothing(*_: object) -> None:
        return None

    async def office(*_: object) -> Keepers:
        tip = cast("FinalHeader", SimpleNamespace(number=1))
        members = (_member("a"), _member("b"))
        return Keepers(Epoch(1, tuple(member.account for member in members), 1, 0), members, tip)

    for name, instead in {"Peer": Broken, "logged": nothing, "keepers_in_office": office}.items():
        monkeypatch.setattr(relaying, name, instead)
    wallet = cast("Wallet", SimpleNamespace(http=None, entropy=os.urandom))
    with pytest.raises(NotRelayedError, match="ZeroDivisionError"):
        asyncio.run(relay(wallet, end_call(Address(bytes(20)), 1, b"")))
    assert len(asked) == 2
