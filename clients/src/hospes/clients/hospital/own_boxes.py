"""Boxes that a hospital seals to itself, so that what its gateway keeps can be read with its key and not without.

It keeps nothing (`shelf` does). The label is of this gateway alone: no box of the protocol opens in its place.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

import structlog

from hospes.clients.hospital.shelf import Kept
from hospes.core import boxes, wire
from hospes.core.boxes import BoxSecret
from hospes.core.errors import HospesError

T = TypeVar("T")
_AT_REST: Final = b"hospes/gateway-shelf/1"
_log = structlog.get_logger("hospes.gateway")


class OwnBoxes:
    """Seals to one key and opens with it.

    Parameters
    ----------
    secret : BoxSecret
        Of the hospital.
    """

    def __init__(self, secret: BoxSecret) -> None:
        self._secret = secret

    def seal(self, kind: str, value: wire.Shaped) -> bytes:
        """Return a box of a value; it opens as this kind alone."""
        return boxes.seal(self._secret.public, _AT_REST + kind.encode(), wire.encode(value))

    def open(self, kind: str, box: bytes, cls: type[T]) -> T:
        """Return the value of a box, or raise `BoxError` or `MalformedError`."""
        return wire.decode(cls, self._secret.open(box, _AT_REST + kind.encode()))


def readable(kept: Iterable[Kept], opened: Callable[[Kept], T]) -> Iterator[T]:
    """Yield what opens, and log how many do not.

    A hospital that got a new key cannot read what was sealed to the old one. That must not keep its gateway from
    starting; the boxes stay where they are, for the old key.
    """
    closed = 0
    for one in kept:
        try:
            yield opened(one)
        except HospesError:
            closed += 1
    if closed:
        _log.warning("sealed-to-another-key", number=closed)
