"""What the protocol forbids in a message cannot be made."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from hospes.core.errors import MalformedError
from hospes.core.identities import Address, Country, Hash, MemberId, RecordId
from hospes.core.messages import (
    Access,
    Blocks,
    Consent,
    DepositBody,
    Erasure,
    Grant,
    Receipt,
    Withdrawal,
    sorted_grants,
)

PT = Country("PT")
ZERO, ONE = Hash(bytes(32)), Hash(b"\x01" * 32)
GRANT = Grant("member:hospital-lisboa", ("imaging",), ("treatment",), (PT,), 10, 20, ZERO, ONE)
OTHER = replace(GRANT, salt=ZERO)
ACCESS = Access(Address(bytes(20)), MemberId("h"), "Dr. A", ("imaging",), "treatment", PT, b"k", ZERO, 0, ONE)
BODY = DepositBody(RecordId(ONE), "imaging", ONE, 1, 2, (ONE, ONE, ONE), ONE, 0, ONE)


@pytest.mark.parametrize(
    "change",
    [
        {"who": "hospital:*"},
        {"who": "hospital:lisboa"},
        {"who": "member:"},
        {"who": "member:Lisboa"},
        {"who": "member:" + "a" * 32},
        {"who": "country:pt"},
        {"who": "country:PRT"},
        {"who": "carer:0x" + "00" * 20},
        {"what": ()},
        {"what": ("imaging", "discharge")},
        {"what": ("imaging", "imaging")},
        {"what": ("everything",)},
        {"why": ("self",)},
        {"why": ("treatment", "emergency")},
        {"where": ()},
        {"where": ("pt",)},
        {"where": ("PT", "ES")},
        {"not_after": 10},
        {"not_after": 9},
        {"gate": b"\x01" * 31},
        {"salt": b""},
    ],
)
def test_grants_outside_the_protocol_are_refused(change: dict[str, Any]) -> None:
    """Unknown words, unsorted, repeated or empty lists and inverted times make no grant."""
    with pytest.raises(MalformedError):
        replace(GRANT, **change)


@pytest.mark.parametrize("who", ["member:a", "member:" + "a-9" * 10, "country:PT"])
def test_the_forms_of_who(who: str) -> None:
    """A member by id and a country by code can be granted without a gate."""
    assert replace(GRANT, who=who).who == who


def test_any_hospital_needs_a_gate() -> None:
    """A grant to everybody holds only for those who have met the traveller."""
    assert replace(GRANT, who="hospital:*", gate=ONE).gate == ONE


def _consent(grants: tuple[Grant, ...]) -> Consent:
    return Consent(grants, 5)


@pytest.mark.parametrize("cls", [_consent, Withdrawal])
def test_lists_of_grants(cls: Callable[[tuple[Grant, ...]], Consent | Withdrawal]) -> None:
    """Grants are sorted by struct hash, unique, one to sixty-four."""
    ordered = sorted_grants([GRANT, OTHER])
    assert cls(ordered).grants == ordered
    for wrong in (ordered[::-1], (GRANT, GRANT), (), _many(65)):
        with pytest.raises(MalformedError):
            cls(wrong)
    assert len(cls(_many(64)).grants) == 64


def _many(count: int) -> tuple[Grant, ...]:
    return sorted_grants(replace(GRANT, salt=Hash(i.to_bytes(32))) for i in range(count))


@pytest.mark.parametrize(
    "change",
    [
        {"member": "H"},
        {"practitioner": ""},
        {"practitioner": "x" * 257},
        {"practitioner": "a\nb"},
        {"practitioner": "a\x1b[31m"},
        {"what": ("x",)},
        {"why": "curiosity"},
        {"where": "Portugal"},
    ],
)
def test_accesses_outside_the_protocol_are_refused(change: dict[str, Any]) -> None:
    """Unknown words, unprintable names and wrong countries make no access."""
    with pytest.raises(MalformedError):
        replace(ACCESS, **change)


def test_break_glass_is_the_purpose_emergency() -> None:
    """An access is a break-glass exactly when its purpose is emergency."""
    assert replace(ACCESS, why="emergency").break_glass
    assert not ACCESS.break_glass


@pytest.mark.parametrize(
    "change", [{"threshold": 0}, {"threshold": 4}, {"share_hashes": ()}, {"share_hashes": (ONE,) * 17}, {"what": "x"}]
)
def test_deposits_outside_the_protocol_are_refused(change: dict[str, Any]) -> None:
    """A threshold that no set of keepers can meet makes no deposit."""
    with pytest.raises(MalformedError):
        replace(BODY, **change)


def test_lists_of_digests() -> None:
    """Digests are sorted and unique; only a receipt's list may be empty."""
    assert Blocks((ZERO, ONE), 0, ZERO).digests == (ZERO, ONE)
    assert Receipt(ZERO, (), 0).deleted == ()
    for wrong in ((), (ONE, ZERO), (ONE, ONE)):
        with pytest.raises(MalformedError):
            Blocks(wrong, 0, ZERO)
        with pytest.raises(MalformedError):
            Erasure((RecordId(ONE),), wrong, 0, ZERO)
    with pytest.raises(MalformedError):
        Receipt(ZERO, (ONE, ONE), 0)
