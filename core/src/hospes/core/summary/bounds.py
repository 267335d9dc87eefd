"""Bounds: what a patient summary may at most weigh, measured before anything is built from it.

It does not read JSON; it counts brackets, commas, colons and quotes, in time and memory linear in the input.

Sources: the limits are ours. The largest of 22 summaries that vendors, countries and the standard brought to test
events has 1.8 MB, 43,000 values, 117,000 quotation marks, 420 entries and a depth of 12; each limit holds five of it.
"""

from typing import Final

from hospes.core.errors import TooLargeError
from hospes.core.skeleton import depth, skeleton

WHAT: Final = "patient summary"
"""The name that refusals give to the input."""
MAX_BYTES: Final = 16 * 1024 * 1024
MAX_QUOTES: Final = 600_000
"""Quotation marks, those inside of strings included: a bound on strings that costs one pass."""
MAX_VALUES: Final = 250_000
MAX_DEPTH: Final = 64
"""Objects and lists around a value."""
MAX_ENTRIES: Final = 10_000
MAX_TOLD: Final = 8 * MAX_BYTES
"""Characters of all resources, each counted as often as it is told or followed: a small document may list one entry ten
thousand times, and that entry refer ten thousand times to another. Measured while reading, not before."""

MAX_HEARD: Final = 5_000_000
"""Characters that a cut searches for words, each end of a sentence counted as `SENTENCE` of them: a second of work.
The largest of the 22 summaries has 1.6 million; the next one has a twentieth of that."""
SENTENCE: Final = 32
_ENDS: Final = ".;!?|。"


def measure(data: bytes) -> int:
    """Refuse an input beyond the bounds, and return the number of its object members.

    Parameters
    ----------
    data : bytes
        JSON as it came, in UTF-8. It need not be well formed.

    Returns
    -------
    int
        Colons outside of strings. In well-formed JSON this is the number of members, repeated names included.

    Raises
    ------
    TooLargeError
        For more than `MAX_BYTES`, `MAX_QUOTES`, `MAX_VALUES` or a depth of more than `MAX_DEPTH`.
    """
    _bound(len(data), MAX_BYTES, "bytes")
    _bound(data.count(b'"'), MAX_QUOTES, "quotation marks")
    bones = skeleton(data)
    _bound(bones.count(b",") + bones.count(b"[") + bones.count(b"{"), MAX_VALUES, "values")
    _bound(depth(bones, MAX_DEPTH), MAX_DEPTH, "levels")
    return bones.count(b":")


def bound_entries(count: int) -> None:
    """Refuse a bundle with more than `MAX_ENTRIES` entries by `TooLargeError`."""
    _bound(count, MAX_ENTRIES, "entries")


def bound_told(size: int) -> None:
    """Refuse a document that tells more than `MAX_TOLD` by `TooLargeError`."""
    _bound(size, MAX_TOLD, "characters, repetitions counted")


def heard(text: str) -> int:
    """Return what searching a text for words counts for, in characters."""
    return len(text) + SENTENCE * sum(map(text.count, _ENDS))


def bound_heard(size: int) -> None:
    """Refuse to cut a document with more than `MAX_HEARD` to search by `TooLargeError`."""
    _bound(size, MAX_HEARD, "characters of text, repetitions and sentences counted")


def _bound(size: int, limit: int, unit: str) -> None:
    if size > limit:
        raise TooLargeError(WHAT, size, limit, unit)
