"""Relaying: a member sends, and pays for, a call that carries a journey's own signature.

The traveller needs no account, no money and no node. The relayer can refuse or delay, never change: the contracts
recover the signer from what the call says. So a wallet tries members of two countries.

Sources: PROTOCOL section 5 (``POST /v1/relay``).
"""

import time
from collections.abc import Callable
from typing import Final

from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG, CONSENT
from hospes.core.bodies import RelayReply, RelayRequest
from hospes.core.identities import Address
from hospes.core.typed_data import hash_words
from hospes.service.allowances import Allowances
from hospes.service.sender import Sender

BURST: Final = 30
"""Calls that one source may relay at once: a wallet needs about six for a whole journey."""
REFILL_S: Final = 2.0
"""Seconds until one more is allowed."""


class Relay:
    """Relays calls through a member's sender, limited by source.

    Parameters
    ----------
    sender : Sender
    clock : callable
        Monotonic seconds.
    """

    def __init__(self, sender: Sender, clock: Callable[[], float] = time.monotonic) -> None:
        self._sender = sender
        self._allowances = Allowances("relayed calls", BURST, 1 / REFILL_S, clock)

    async def relay(self, request: RelayRequest, source: str) -> RelayReply:
        """Send the call of `request`.

        Parameters
        ----------
        request : RelayRequest
        source : str
            Who asked, such as a network address; only counted, never written down.

        Raises
        ------
        RateLimitedError
            When `source` used up its share.
        ContractRefusedError
            When the contract refuses, for example since the signature is not the journey's.
        """
        self._allowances.spend(source)
        to, data = encoded(request)
        return RelayReply(await self._sender.send(to, data))


def encoded(request: RelayRequest) -> tuple[Address, bytes]:
    """Return the contract and the calldata of a relayed call."""
    journey, given, signature = request.arguments.journey, request.arguments, request.signature
    match request.call, given.grants_hash, given.deadline, given.through, given.body_hash, given.erasure:
        case "give", bytes() as grants_hash, int() as deadline, None, None, None:
            return CONSENT, calls.give(journey, grants_hash, deadline, signature)
        case "withdraw", bytes() as grants_hash, None, None, None, None:
            return CONSENT, calls.withdraw(journey, grants_hash, signature)
        case "end", None, None, int() as through, None, None:
            return CONSENT, calls.end(journey, through, signature)
        case "deposit", None, None, None, bytes() as body_hash, None:
            return ACCESS_LOG, calls.deposit(journey, body_hash, signature)
        case "erase", None, None, None, None, erasure if erasure is not None:
            hashes = hash_words(erasure.records), hash_words(erasure.digests)
            data = calls.erase(journey, *hashes, erasure.deadline, erasure.salt, signature)
            return ACCESS_LOG, data
        case _:
            raise AssertionError(request.call)  # RelayRequest refuses every other combination
