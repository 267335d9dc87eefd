"""Relaying: a member sends, and pays for, a call that carries a journey's own signature.

The traveller needs no account, no money and no node. The relayer can refuse or delay, never change: the contracts
recover the signer from what the call says. So a wallet tries members of two countries.

Sources: PROTOCOL section 5 (``POST /v1/relay``).
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG, CONSENT
from hospes.core.bodies import RelayReply, RelayRequest
from hospes.core.errors import HospesError
from hospes.core.identities import Address
from hospes.core.typed_data import hash_words
from hospes.service.sender import Sender

BURST: Final = 30
"""Calls that one source may relay at once: a wallet needs about six for a whole journey."""
REFILL_S: Final = 2.0
"""Seconds until one more is allowed."""
MAX_SOURCES: Final = 10_000


class RateLimitedError(HospesError):
    """A source that asked for more relayed calls than its share."""

    slug = "rate-limited"

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"too many relayed calls from this address; please try again in {seconds:.0f} s")


class Relay:
    """Relays calls through a member's sender, limited by source.

    Parameters
    ----------
    sender : Sender
    clock : callable
        Monotonic seconds.
    """

    def __init__(self, sender: Sender, clock: Callable[[], float] = time.monotonic) -> None:
        self._sender, self._clock = sender, clock
        self._spent: OrderedDict[str, tuple[float, float]] = OrderedDict()

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
        self._count(source)
        to, data = encoded(request)
        return RelayReply(await self._sender.send(to, data))

    def _count(self, source: str) -> None:
        now = self._clock()
        tokens, since = self._spent.pop(source, (float(BURST), now))
        tokens = min(float(BURST), tokens + (now - since) / REFILL_S)
        if tokens < 1:
            self._spent[source] = (tokens, now)
            raise RateLimitedError((1 - tokens) * REFILL_S)
        self._spent[source] = (tokens - 1, now)
        if len(self._spent) > MAX_SOURCES:
            self._spent.popitem(last=False)


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
