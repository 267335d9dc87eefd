"""The traveller's question to a keeper: which accesses it was shown.

It gives sealed notices as they lie; only the journey's notice key opens them.

Sources: PROTOCOL section 5 (``POST /v1/notices``: "signed `Inquiry` (its clock within 300 s)").
"""

import asyncio
from typing import Final

from hospes.core.bodies import InquiryRequest, NoticesReply
from hospes.core.errors import SignatureError
from hospes.core.identities import require_signer
from hospes.core.typed_data import digest
from hospes.nodes.keeper.errors import StaleError
from hospes.nodes.keeper.parts import KeeperParts

CLOCKS_S: Final = 300
"""How far the traveller's clock may be from the keeper's, in seconds."""


class Inquiries:
    """Answers inquiries.

    Parameters
    ----------
    parts : KeeperParts
    """

    def __init__(self, parts: KeeperParts) -> None:
        self._parts = parts

    async def notices(self, request: InquiryRequest) -> NoticesReply:
        """Return a journey's sealed notices from an entry's number on, at most 1,024 at once.

        Raises
        ------
        SignatureError
            When the journey did not sign the inquiry, or signed one to another keeper.
        StaleError
            When its time is more than 300 s from this keeper's clock.
        """
        inquiry = request.inquiry
        require_signer(digest(self._parts.domain, inquiry), request.signature, inquiry.journey, "Inquiry")
        if inquiry.keeper != self._parts.account:
            raise SignatureError("Inquiry", "it is to another keeper")
        apart_s = abs(self._parts.clock() - inquiry.at)
        if apart_s > CLOCKS_S:
            raise StaleError("the inquiry", apart_s, CLOCKS_S)
        found = await asyncio.to_thread(self._parts.holdings.notices.of, inquiry.journey, inquiry.from_number)
        return NoticesReply(found)
