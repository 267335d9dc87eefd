"""The form of audit bundles and evidence: one spelling, bounded, and nothing in it that no log could hold."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from hospes.core import wire
from hospes.core.audit import (
    AuditBundle,
    CodeHashes,
    Evidence,
    Opening,
    SealedHeader,
    ShownGrants,
    SignedAnswer,
    StateProofs,
)
from hospes.core.chain import Entry, EntryKind
from hospes.core.errors import HospesError, MalformedError, TooLargeError
from hospes.core.identities import Address, Hash, RecordId
from hospes.core.messages import Answer, Consent, Erasure
from hospes.core.proof import AccountProof, SlotProof
from hospes.core.typed_data import hash_struct
from tests.simulators.strategies import consents, hashes

ZERO, ADDRESS = Hash(bytes(32)), Address(bytes(20))
ERASURE = Erasure((RecordId(ZERO),), (ZERO,), 0, ZERO)
PROOF = AccountProof(ADDRESS, (), ())
ENTRY = Entry(ADDRESS, 1, EntryKind.GIVEN, ADDRESS, ZERO, 1, 1)
BUNDLE = AuditBundle(
    genesis=b"{}",
    journey=ADDRESS,
    final=SealedHeader(b"", b""),
    headers=(),
    code_hashes=CodeHashes(ZERO, ZERO, ZERO),
    proofs=StateProofs(PROOF, PROOF, PROOF),
    epochs=(1,),
    entries=(ENTRY, replace(ENTRY, number=2, account=Address(b"\1" * 20))),
    openings=(),
    answers=(),
    receipts=(),
)


def test_a_bundle_survives_its_file() -> None:
    """What was written is read."""
    assert AuditBundle.decode(BUNDLE.encode()) == BUNDLE


@pytest.mark.parametrize("contract", ["access_log", "consent", "registry"])
@pytest.mark.parametrize(("slots", "fits"), [((), True), ((1, 2**255), True), ((2, 1), False), ((1, 1), False)])
def test_proven_slots_have_one_order(contract: str, slots: tuple[int, ...], *, fits: bool) -> None:
    """Slots ascend without repetition, so that nobody can shuffle a bundle into another one that also verifies."""
    proof = replace(PROOF, slots=tuple(SlotProof(slot, ()) for slot in slots))
    if fits:
        bundle = replace(BUNDLE, proofs=replace(BUNDLE.proofs, **{contract: proof}))
        assert AuditBundle.decode(bundle.encode()) == bundle
        return
    with pytest.raises(MalformedError, match=f"{wire.camel(contract)}.slots"):
        replace(BUNDLE.proofs, **{contract: proof})


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"}", b"}\n"), (b'"epochs":', b'"epochs": '), (b'"headers"', b'"\\u0068eaders"')],
)
def test_a_bundle_has_one_spelling(old: bytes, new: bytes) -> None:
    """White space and escapes, which change nothing, are refused: no byte may change unnoticed."""
    with pytest.raises(MalformedError, match="canonical"):
        AuditBundle.decode(BUNDLE.encode().replace(old, new))


def test_unknown_keys_are_refused() -> None:
    """Nothing travels in a bundle that a verifier would not look at."""
    with pytest.raises(MalformedError, match="unknown key"):
        AuditBundle.decode(BUNDLE.encode().replace(b'"answers"', b'"also":"1","answers"'))


@pytest.mark.parametrize(
    "change",
    [
        {"journey": Address(bytes(19))},
        {"epochs": (2, 1)},
        {"epochs": (0,)},
        {"entries": (replace(ENTRY, journey=Address(b"\1" * 20)),)},
        {"entries": (replace(ENTRY, account=Address(bytes(21))),)},
        {"entries": (replace(ENTRY, entry_hash=Hash(bytes(31))),)},
        {"entries": (replace(ENTRY, time=1 << 64),)},
        {"entries": (ENTRY,) * ((1 << 16) + 1)},
        {"openings": (Opening(erasure=ERASURE),) * ((1 << 16) + 1)},
    ],
)
def test_what_no_log_can_hold_is_refused(change: dict[str, Any]) -> None:
    """Sizes, order and number of everything are bounded before anything is verified."""
    with pytest.raises((MalformedError, TooLargeError)):
        replace(BUNDLE, **change)


def test_accounts_and_consents_are_those_that_appear() -> None:
    """The proofs that a bundle needs follow from what it holds."""
    assert BUNDLE.accounts == (ADDRESS, Address(b"\1" * 20))
    assert BUNDLE.consents == (ZERO,)


def test_an_opening_is_exactly_one_thing() -> None:
    """None or two at once stand for nothing."""
    with pytest.raises(MalformedError):
        Opening()
    with pytest.raises(MalformedError):
        wire.decode(Opening, wire.encode(Opening(erasure=ERASURE)).replace(b"{", b'{"grants":{},', 1))
    assert Opening(erasure=ERASURE).kinds == (EntryKind.ERASED,)


@given(consent=consents(), data=st.data())
def test_shown_grants_have_the_hash_of_their_consent(consent: Consent, data: st.DataObject) -> None:
    """Whichever grants are shown in full, the hash is that of the whole list."""
    count = len(consent.grants)
    chosen = data.draw(st.sets(st.integers(0, count - 1), min_size=1))
    grants = tuple(grant for i, grant in enumerate(consent.grants) if i in chosen)
    siblings = tuple(hash_struct(grant) for i, grant in enumerate(consent.grants) if i not in chosen)
    shown = ShownGrants(grants, siblings)
    assert shown.grants_hash == consent.grants_hash
    assert Opening(grants=shown).kinds == (EntryKind.GIVEN, EntryKind.WITHDRAWN)


@given(consent=consents(), siblings=st.lists(hashes, min_size=1, max_size=3))
def test_unsorted_siblings_are_refused(consent: Consent, siblings: list[Hash]) -> None:
    """One set of grants has one spelling."""
    wrong = (*sorted(siblings, reverse=True), min(siblings))
    with pytest.raises(MalformedError):
        ShownGrants(consent.grants, wrong)


def test_signatures_have_their_size() -> None:
    """A signature of another size never becomes a value."""
    with pytest.raises(MalformedError):
        SignedAnswer(ADDRESS, Answer(ZERO, 1, ZERO, ZERO), bytes(64))


def test_evidence_survives_its_file() -> None:
    """What a hospital saved is read by the auditor, in any spelling."""
    answer = SignedAnswer(ADDRESS, Answer(ZERO, 1, ZERO, ZERO), bytes(65))
    evidence = Evidence(ZERO, ADDRESS, (), (answer,), ())
    assert Evidence.decode(evidence.encode() + b"\n") == evidence


@given(st.binary(max_size=200))
def test_noise_is_refused_by_a_typed_error(data: bytes) -> None:
    """Whatever the bytes are, reading them ends in a bundle or a typed error."""
    for cls in (AuditBundle, Evidence):
        with pytest.raises(HospesError):
            cls.decode(data)
