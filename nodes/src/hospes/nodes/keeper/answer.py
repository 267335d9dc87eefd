"""What leaves a keeper after a decision: the answer to the hospital and the notice to the traveller.

It decides nothing. The answer has one size whatever was released, and so has the notice of an access.

Sources: PROTOCOL section 6, step 6 and the paragraph after it; section 5 ("Boxes and bodies").
"""

from typing import Final

from hospes.core import boxes, wire
from hospes.core.bodies import AnswerReply, Notice, pack_answer
from hospes.core.identities import Account, Hash, keccak
from hospes.core.messages import CLASSES, Answer
from hospes.core.proof import FinalHeader
from hospes.core.typed_data import Domain, digest
from hospes.nodes.keeper.decide import Decision
from hospes.nodes.keeper.notices import KeptNotice
from hospes.nodes.keeper.opening import OpenedRequest

_ALL_CLASSES: Final = tuple(sorted(CLASSES))


def seal_answer(
    domain: Domain, account: Account, request: OpenedRequest, decision: Decision, final: FinalHeader
) -> AnswerReply:
    """Return the answer: sealed to the key inside the entry, signed by this keeper.

    Parameters
    ----------
    account : Account
        This keeper's.
    final : FinalHeader
        The block that the decision stands on.
    """
    entry, journey = decision.entry, request.access.journey
    info = boxes.answer_info(domain, journey, entry.number, entry.entry_hash, account.address)
    box = boxes.seal(request.access.recipient_key, info, pack_answer(decision.shares))
    answer = Answer(entry.entry_hash, entry.number, keccak(box), final.hash)
    return AnswerReply(box, final.hash, account.sign(digest(domain, answer)))


def seal_notice(
    domain: Domain, request: OpenedRequest, decision: Decision, notice_key: bytes, now: float
) -> KeptNotice:
    """Return the notice of a decision, sealed to the traveller.

    Parameters
    ----------
    notice_key : bytes
        The journey's, or a throw-away one for a journey that is not known here.
    now : float
        Unix seconds.
    """
    journey, number = request.access.journey, decision.entry.number
    text, longest = (wire.encode(Notice(request.access, what, int(now))) for what in (decision.released, _ALL_CLASSES))
    padded = text.ljust(len(longest))  # white space after JSON means nothing, so the length tells nothing either
    box = boxes.seal(notice_key, boxes.notice_info(domain, journey, number), padded)
    return KeptNotice(journey, number, _mark(request, decision), box)


def _mark(request: OpenedRequest, decision: Decision) -> Hash:
    """Return a hash over what was released, blinded by the access's salt, which does not stand on the chain."""
    released = bytes(CLASSES[what] for what in decision.released)
    return keccak(b"hospes keeper notice" + request.access.salt + request.access_hash + released)
