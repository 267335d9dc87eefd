"""Bodies that arrive or wait to be answered: how many and how large they are, altogether and of each source.

It counts before anything is kept, and it knows no HTTP. This machine's own services are no source: a proxy on this
machine either names its callers (`http.Server`) or sets limits of its own.

Sources: RFC 9110 (408 Request Timeout), RFC 6585 (429 Too Many Requests).
"""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Final

from hospes.core.errors import HospesError

BODY_S: Final = 20.0
"""For a whole body: the largest, 8 MiB, comes within it over 3.4 Mbit/s, and a sealed block over 0.4 Mbit/s."""
MAX_BODIES: Final = 64
"""Of one source."""
MAX_BYTES: Final = 64 << 20
"""Of one source: eight bodies of the largest size."""
MAX_BYTES_TOGETHER: Final = 512 << 20
"""Of all sources of other machines."""


class BodyLateError(HospesError):
    """A body that did not come whole in time."""

    slug = "body-late"

    def __init__(self, what: str, seconds: float) -> None:
        self.what, self.seconds = what, seconds
        super().__init__(f"the {what} did not arrive whole within {seconds:g} s; send it again")


class CrowdedError(HospesError):
    """More under way from one source than it may have."""

    slug = "crowded"

    def __init__(self, limit: int, unit: str) -> None:
        self.limit, self.unit = limit, unit
        super().__init__(f"this address has more under way than {limit} {unit}; wait for the answers first")


class OverfullError(HospesError):
    """More under way from all sources than the service has memory for."""

    slug = "overfull"

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"requests of {limit} bytes are under way, and no more fit; try again later")


def is_this_machine(source: str) -> bool:
    """Whether an address is this machine's own; what is no address is a stranger's."""
    try:
        return ip_address(source).is_loopback
    except ValueError:
        return False


class Arrivals:
    """Counts what is under way."""

    def __init__(self) -> None:
        self._bodies: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()

    @contextmanager
    def of(self, source: str) -> Generator["Arriving"]:
        """Forget what a source brings in a request once that is answered."""
        arriving = Arriving(source, self._bodies, self._bytes)
        try:
            yield arriving
        finally:
            arriving.forget()


class Arriving:
    """What one request brings."""

    def __init__(self, source: str, bodies: Counter[str], sizes: Counter[str]) -> None:
        self._source, self._bodies, self._sizes = source, bodies, sizes
        self._exempt = is_this_machine(source)
        self._counted, self._size = False, 0

    def begin(self) -> None:
        """Count a body that is about to be read.

        Raises
        ------
        CrowdedError
            When its source has too many under way.
        """
        if self._exempt or self._counted:
            return
        if self._bodies[self._source] >= MAX_BODIES:
            raise CrowdedError(MAX_BODIES, "bodies")
        self._bodies[self._source] += 1
        self._counted = True

    def add(self, size: int) -> None:
        """Count bytes before they are kept.

        Raises
        ------
        CrowdedError
            When its source has too many under way.
        OverfullError
            When all sources together have.
        """
        if self._exempt:
            return
        if self._sizes[self._source] + size > MAX_BYTES:
            raise CrowdedError(MAX_BYTES, "bytes")
        if self._sizes.total() + size > MAX_BYTES_TOGETHER:
            raise OverfullError(MAX_BYTES_TOGETHER)
        self._sizes[self._source] += size
        self._size += size

    def forget(self) -> None:
        """Take back what was counted."""
        if self._exempt:
            return
        for counter, amount in ((self._bodies, int(self._counted)), (self._sizes, self._size)):
            counter[self._source] -= amount
            if not counter[self._source]:
                del counter[self._source]
