"""The rules for a set of keepers, oracles or validators, as the registry applies them.

A genesis and whoever proposes a set can so be refused early, with the registry's own reasons. It does not know the set
in office: the rule on how many keepers one change may replace is the registry's alone.

Sources: PROTOCOL section 2 ("Registry") and section 7 (f + 1 oracles, f = floor((n - 1) / 3)); ``registry.vy``.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from hospes.contracts.refusals import ContractRefusedError
from hospes.core.chain import MemberWord, Role
from hospes.core.identities import Address

ROLES: Final = (Role.KEEPER, Role.ORACLE, Role.VALIDATOR)
"""The roles that have sets in office."""


def oracle_threshold(size: int) -> int:
    """Return how many oracles of `size` must attest an alert: f + 1."""
    return (size - 1) // 3 + 1


def validator_threshold(size: int) -> int:
    """Return how many validators of `size` make a block final: all but f."""
    return size - (size - 1) // 3


def require_set(
    role: Role, threshold: int, accounts: Sequence[Address], words: Mapping[Address, MemberWord], block: int
) -> None:
    """Check a set against the rules that stand on their own.

    Parameters
    ----------
    role : Role
        One of `ROLES`.
    threshold : int
    accounts : sequence of Address
        In order.
    words : mapping of Address to MemberWord
        Of all members.
    block : int
        At which the members must be active.

    Raises
    ------
    ContractRefusedError
        With the reason that the registry would give.
    """
    _require(role in ROLES, "role_without_sets")
    _require(len(accounts) > 0, "set_empty")
    for index, account in enumerate(accounts):
        word = words.get(account)
        active = word is not None and role in word.roles and word.active_at(block)
        _require(active, "not_active_in_role")
        _require(account not in accounts[:index], "set_repeats")
    largest = max(Counter(words[account].country for account in accounts).values())
    _require_threshold(role, threshold, len(accounts), largest)


def _require_threshold(role: Role, threshold: int, size: int, largest: int) -> None:
    """Check the threshold, and `largest`, how many of the set one country has at most."""
    if role == Role.KEEPER:
        _require(0 < threshold <= size, "threshold_impossible")
        _require(largest < threshold, "country_reaches_threshold")
    elif role == Role.ORACLE:
        _require(threshold == oracle_threshold(size), "threshold_impossible")
    else:
        _require(threshold == validator_threshold(size), "threshold_impossible")
        _require(largest * 3 < size, "country_has_third")


def _require(holds: bool, reason: str) -> None:  # noqa: FBT001 - the condition reads as the sentence it checks
    if not holds:
        raise ContractRefusedError(reason)
