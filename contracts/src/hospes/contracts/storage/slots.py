"""Where each value of the contracts stands in their storage.

It computes slot numbers; it does not read what stands in them (`registry`, `consent`, `access_log`, `alerts` do).

Sources: PROTOCOL section 2: "Mapping slots are Vyper's, keccak256(slot || key)"; ``layout.json``.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple

from hospes.contracts.artifacts import read_json
from hospes.core.chain import Role
from hospes.core.identities import Address, Hash, MemberId, keccak

WORD: Final = 32
"""Bytes of a slot."""


@dataclass(frozen=True, slots=True)
class ServiceSlots:
    """The places of one line of a member's services: slots of its start, and of the lengths of both texts.

    The data of a text follows its length, one slot for each 32 bytes begun.
    """

    from_block: int
    url: int
    box_key: int


@dataclass(frozen=True, slots=True)
class EpochSlots:
    """The places of one epoch: the slots of its numbers and of the length of its list, which the accounts follow."""

    from_block: int
    threshold: int
    accounts: int


class AlertSlots(NamedTuple):
    """The places of one alert: when it was raised and acknowledged, who was asked, and the alert that followed."""

    word: int
    asked: int
    escalated_to: int


def log_head_slot(journey: Address) -> int:
    """Return the slot of a journey's head, in the access log."""
    return mapped(base("access_log", "head"), journey)


def log_count_slot(journey: Address) -> int:
    """Return the slot of the number of a journey's entries, in the access log."""
    return mapped(base("access_log", "count"), journey)


def consent_slot(journey: Address, grants_hash: Hash) -> int:
    """Return the slot of one consent's word, in the consent contract."""
    return mapped(mapped(base("consent", "words"), journey), grants_hash)


def through_slot(journey: Address) -> int:
    """Return the slot of the block up to which a journey ended its consents, in the consent contract."""
    return mapped(base("consent", "through"), journey)


def alert_slots(alert_hash: Hash) -> AlertSlots:
    """Return the places of one alert, in the alerts."""
    variables = ("words", "asked", "escalated_to")
    return AlertSlots(*(mapped(base("alerts", variable), alert_hash) for variable in variables))


def member_id_slot(account: Address) -> int:
    """Return the slot of an account's id, in the registry."""
    return mapped(base("registry", "id"), account)


def member_word_slot(account: Address) -> int:
    """Return the slot of an account's word, in the registry."""
    return mapped(base("registry", "word"), account)


def account_slot(member: MemberId) -> int:
    """Return the slot of a member's account, in the registry."""
    return mapped(base("registry", "account"), id_word(member).to_bytes(WORD))


def members_slot() -> int:
    """Return the slot of the number of accounts ever admitted, which the accounts follow, in the registry."""
    return base("registry", "members")


def service_count_slot(account: Address) -> int:
    """Return the slot of the length of the history of a member's services, in the registry."""
    return mapped(base("registry", "service_count"), account)


def service_slots(account: Address, index: int) -> ServiceSlots:
    """Return the places of line `index` (from 0) of the history of a member's services, in the registry."""
    first = mapped(mapped(base("registry", "services"), account), index)
    return ServiceSlots(*(first + offset for offset in _offsets("Service", ("fromBlock", "url", "boxKey"))))


def epoch_number_slot(role: Role) -> int:
    """Return the slot of the number of the epoch in office, in the registry; `role` has one bit."""
    return mapped(base("registry", "epoch_number"), int(role))


def epoch_slots(role: Role, number: int) -> EpochSlots:
    """Return the places of epoch `number` (from 1), in the registry; `role` has one bit."""
    first = mapped(mapped(base("registry", "epochs"), int(role)), number)
    return EpochSlots(*(first + offset for offset in _offsets("Epoch", ("fromBlock", "threshold", "accounts"))))


def delay_slot() -> int:
    """Return the slot of the seconds that a change of a set waits, in the registry."""
    return base("registry", "delay")


def funding_slot() -> int:
    """Return the slot of the wei that an admission pays, in the registry."""
    return base("registry", "funding")


def mapped(slot: int, key: bytes | int) -> int:
    """Return the slot of `key` in the mapping at `slot`; addresses are padded on the left, as numbers are."""
    word = key.to_bytes(WORD) if isinstance(key, int) else key.rjust(WORD, b"\0")
    return int.from_bytes(keccak(slot.to_bytes(WORD) + word))


def id_word(member: MemberId) -> int:
    """Return a member's id as the registry holds it: ASCII, padded on the right."""
    return int.from_bytes(member.encode("ascii").ljust(WORD, b"\0"))


def data_slots(length_slot: int, size: int) -> tuple[int, ...]:
    """Return the slots that hold `size` bytes of a text whose length stands in `length_slot`."""
    return tuple(range(length_slot + 1, length_slot + 1 + -(-size // WORD)))


@cache
def base(contract: str, variable: str) -> int:
    """Return the slot that the compiler gave a variable."""
    slot: int = _layout()[contract]["storage"][variable]["slot"]
    return slot


@cache
def _offsets(struct: str, members: tuple[str, ...]) -> tuple[int, ...]:
    places = _layout()["registry"]["structs"][struct]
    return tuple(places[member]["offset"] for member in members)


@cache
def _layout() -> dict[str, Any]:
    contracts: dict[str, Any] = read_json("layout.json")["contracts"]
    return contracts
