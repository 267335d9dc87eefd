"""How much strangers may leave here: each source, and each journey, only so much in a while.

A journey costs nothing to make, and its signature under a withdrawal, an erasure or a consent costs little, so without
a limit a stranger could fill a keeper's disk. A journey that is known here is limited by itself, since only its own
signature spends what it has; one that is not known, by where the request came from.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from hospes.service.relay import RateLimitedError

BURST: Final = 60
"""What may be left at once: a journey needs about ten calls, and a waiting room may share one address."""
REFILL_S: Final = 2.0
"""Seconds until one more is allowed."""
MAX_KEYS: Final = 10_000


class Sources:
    """Counts what is left here, by source or journey; only in memory.

    Parameters
    ----------
    clock : callable
        Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: OrderedDict[str | bytes, tuple[float, float]] = OrderedDict()

    def count(self, key: str | bytes) -> None:
        """Count one thing that would be written.

        Raises
        ------
        RateLimitedError
            When `key` used up its share; nothing may be written then.
        """
        now = self._clock()
        left, since = self._left.pop(key, (float(BURST), now))
        left = min(float(BURST), left + (now - since) / REFILL_S)
        allowed = left >= 1
        self._left[key] = (left - 1 if allowed else left, now)
        if len(self._left) > MAX_KEYS:
            self._left.popitem(last=False)
        if not allowed:
            raise RateLimitedError((1 - left) * REFILL_S)
