"""How much each source may ask for in a while: a share that is spent at once and comes back with time.

It keeps no source beyond its memory, and knows nothing of what is counted: calls, bytes, or anything else. A source
that is pushed out of the memory by many others starts anew.

Sources: the token bucket, as RFC 2697 (section 3) has it for one rate.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from hospes.core.errors import HospesError

MAX_SOURCES: Final = 10_000


class RateLimitedError(HospesError):
    """A source that asked for more than its share.

    Parameters
    ----------
    what : str
        What was too much, such as ``"relayed calls"``.
    seconds : float
        Until the same may be asked again.
    """

    slug = "rate-limited"

    def __init__(self, what: str, seconds: float) -> None:
        self.what, self.seconds = what, seconds
        super().__init__(f"too many {what} from this address; please try again in {seconds:.0f} s")


class Allowances:
    """Counts what sources spend; only in memory.

    Parameters
    ----------
    what : str
        What is counted, in the plural, for the error.
    burst : float
        What a source may spend at once.
    a_second : float
        What comes back each second.
    clock : callable
        Monotonic seconds.
    """

    def __init__(self, what: str, burst: float, a_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._what, self._burst, self._a_second, self._clock = what, burst, a_second, clock
        self._left: OrderedDict[str | bytes, tuple[float, float]] = OrderedDict()

    def spend(self, source: str | bytes, amount: float = 1.0) -> None:
        """Count something that is about to be done.

        Raises
        ------
        RateLimitedError
            When `source` has not that much left; nothing was counted then.
        """
        now = self._clock()
        left, since = self._left.pop(source, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._a_second)
        allowed = left >= amount
        self._left[source] = (left - amount if allowed else left, now)
        if len(self._left) > MAX_SOURCES:
            self._left.popitem(last=False)
        if not allowed:
            raise RateLimitedError(self._what, (amount - left) / self._a_second)
