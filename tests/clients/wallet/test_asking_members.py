"""Asking several members at once: each failure is one member's."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from hospes.clients.wallet.keepers import ask_each
from hospes.clients.wallet.wallet import Wallet
from hospes.core.chain import Member, MemberWord, Role
from hospes.core.identities import Address, Country, MemberId
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
