"""Keepers that lie: whatever an honest keeper answered is replaced on its way by what its member could have signed.

The lies are as good as they get: made with the keeper's own keys, for the very request, after reading it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import httpx

from hospes.app.roster import KEEPERS
from hospes.core import boxes, wire
from hospes.core.bodies import AccessBox, AccessRequest, AnswerReply, ReleasedShare, pack_answer
from hospes.core.identities import Hash, keccak
from hospes.core.messages import CLASSES, Answer
from hospes.core.typed_data import digest
from hospes.service.membership import MemberKeys
from tests.simulators.town import Town

Shares = tuple[ReleasedShare, ...]


@dataclass(frozen=True)
class Told:
    """One request with the honest answer to it, and the liar's keys."""

    town: Town
    keeper: MemberKeys
    asked: AccessBox
    reply: AnswerReply

    def signed(self, box: bytes, final_block: Hash | None = None) -> AnswerReply:
        """Return a box as this keeper's answer, signed."""
        domain = self.town.world.genesis.domain
        block = final_block or self.reply.final_block
        answer = Answer(digest(domain, self.asked.access), self.asked.number, keccak(box), block)
        return AnswerReply(box, block, self.keeper.account.sign(digest(domain, answer)))

    def releasing(self, shares: Shares) -> AnswerReply:
        """Return an answer that releases other shares, in the right form."""
        access, domain = self.asked.access, self.town.world.genesis.domain
        account = self.keeper.account.address
        info = boxes.answer_info(domain, access.journey, self.asked.number, digest(domain, access), account)
        slots = tuple((CLASSES[share.deposit.body.what], share) for share in shares)
        return self.signed(boxes.seal(access.recipient_key, info, pack_answer(slots)))


Lie = Callable[[Told], AnswerReply | httpx.Response]


class LyingStreets(httpx.AsyncBaseTransport):
    """The town's streets, in which some keepers lie about accesses.

    Parameters
    ----------
    town : Town
    lies : dict of str to Lie
        By member id.
    """

    def __init__(self, town: Town, lies: dict[str, Lie]) -> None:
        self._town = town
        self._lies = {place.port: (place.id, lies[place.id]) for place in KEEPERS if place.id in lies}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request, and replace the answer of a liar."""
        response = await self._town.streets.handle_async_request(request)
        if request.url.port not in self._lies or request.url.path != "/v1/access":
            return response
        name, lie = self._lies[request.url.port]
        keys, domain = self._town.world[name], self._town.world.genesis.domain
        box = wire.decode(AccessRequest, request.content).box
        asked = wire.decode(AccessBox, keys.box.open(box, boxes.request_info(domain, keys.account.address)))
        reply = wire.decode(AnswerReply, await response.aread(), limit=1 << 20)
        lied = lie(Told(self._town, keys, asked, reply))
        return lied if isinstance(lied, httpx.Response) else httpx.Response(200, content=wire.encode(lied))


def forged(share: ReleasedShare) -> ReleasedShare:
    """Return a share with one bit turned."""
    return replace(share, share=share.share[:-1] + bytes([share.share[-1] ^ 1]))
