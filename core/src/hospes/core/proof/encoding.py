"""RLP, as headers, trie nodes and accounts are written; decoding only, and strict.

Sources: Ethereum yellow paper, appendix B; the `rlp` library, which refuses every second spelling of a value.
"""

from typing import TypeAlias, cast

import rlp  # type: ignore[import-untyped]  # the library has no types; this is the one place that knows
from rlp.exceptions import RLPException  # type: ignore[import-untyped]

from hospes.core.errors import ProofError

Item: TypeAlias = bytes | list["Item"]


def decode(data: bytes, what: str) -> Item:
    """Return the bytes or nested lists that `data` stands for, or raise `ProofError`."""
    try:
        return cast("Item", rlp.decode(data))  # pyright: ignore[reportUnknownMemberType]
    except (RLPException, TypeError, ValueError, RecursionError) as error:
        raise ProofError(what, "it is not RLP") from error


def byte_strings(item: Item, what: str) -> list[bytes]:
    """Return a list that holds byte strings only, or raise `ProofError`."""
    if not isinstance(item, list):
        raise ProofError(what, "it is not a list")
    found = [part for part in item if isinstance(part, bytes)]
    if len(found) != len(item):
        raise ProofError(what, "a list stands where a field should")
    return found
