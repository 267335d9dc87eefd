"""Grants as rows of one size: what a standing grant says, read back with the same work whatever that is.

A grant's JSON grows with its lists, and so does the time to read it, which an answer would tell. A row has room for
every grant that there can be, and is one unpacking. It holds what a decision looks at, so neither salt nor deadline;
the consent is known by its hash. It checks nothing: a grant was checked when it was made.

Sources: PROTOCOL section 1 (`Grant` and its bounds); ARCHITECTURE section 5, rule 4.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import Final

from hospes.core.identities import Hash
from hospes.core.messages import CLASSES, MAX_LIST, PURPOSES, Grant
from hospes.nodes.keeper.held import StandingGrant

_WHO_BYTES: Final = 40
"""``member:`` and an id of 31 characters are 38."""
_WHERE_BYTES: Final = 3 * MAX_LIST
"""Two letters and a comma a country."""
_ROW: Final = struct.Struct(f">{_WHO_BYTES}sBBQQ32s{_WHERE_BYTES}s")
ROW_BYTES: Final = _ROW.size


def _subsets(words: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return every choice from some words; word i, sorted, is in those whose number has bit i."""
    ordered = sorted(words)
    return tuple(tuple(word for i, word in enumerate(ordered) if bits >> i & 1) for bits in range(1 << len(ordered)))


_WHAT: Final = _subsets(CLASSES)
_WHY: Final = _subsets(PURPOSES)
_WHAT_BITS: Final = {chosen: bits for bits, chosen in enumerate(_WHAT)}
_WHY_BITS: Final = {chosen: bits for bits, chosen in enumerate(_WHY)}
FITS_NOBODY: Final = StandingGrant(
    who="", what=_WHAT[-1], why=_WHY[-1], where="PT,", not_before=0, not_after=(1 << 64) - 1, gate=Hash(bytes(32))
)
"""Stands in for a grant that is not there: it is looked at as any other, and matches no hospital."""
STAND_IN: Final = _ROW.pack(b"", len(_WHAT) - 1, len(_WHY) - 1, 0, (1 << 64) - 1, bytes(32), b"PT,")
"""Its row."""


def rows_of(grants: Iterable[Grant]) -> bytes:
    """Return grants as rows, one after the other."""
    return b"".join(
        _ROW.pack(
            grant.who.encode(),
            _WHAT_BITS[grant.what],
            _WHY_BITS[grant.why],
            grant.not_before,
            grant.not_after,
            grant.gate,
            "".join(f"{code}," for code in grant.where).encode(),
        )
        for grant in grants
    )


def read_rows(rows: bytes) -> Sequence[StandingGrant]:
    """Return the grants of some rows.

    >>> read_rows(STAND_IN)[0] == FITS_NOBODY
    True
    """
    return [_grant(*row) for row in _ROW.iter_unpack(rows)]


def _grant(
    who: bytes, what: int, why: int, not_before: int, not_after: int, gate: bytes, where: bytes
) -> StandingGrant:
    countries = where.rstrip(b"\0").decode()
    return StandingGrant(
        who.rstrip(b"\0").decode(), _WHAT[what], _WHY[why], countries, not_before, not_after, Hash(gate)
    )
