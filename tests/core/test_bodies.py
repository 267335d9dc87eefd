"""Bodies of calls and plaintexts of boxes: sizes, shapes, and the answer that always looks the same."""

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from hospes.core.bodies import (
    ANSWER_BYTES,
    SLOT_BYTES,
    AccessBox,
    RelayArguments,
    RelayRequest,
    ReleasedShare,
    ShownGrant,
    pack_answer,
    unpack_answer,
)
from hospes.core.errors import HospesError, MalformedError
from hospes.core.identities import ZERO_HASH, Address, Country, Hash, MemberId
from hospes.core.messages import CLASSES, Access, Consent, Deposit
from hospes.core.typed_data import hash_struct
from tests.simulators.strategies import consents, deposits, hashes

JOURNEY, PT = Address(b"j" * 20), Country("PT")
ACCESS = Access(
    JOURNEY, MemberId("h"), "Dr. A", ("imaging",), "treatment", Country("PT"), b"k", ZERO_HASH, 0, ZERO_HASH
)


@given(st.lists(deposits(), max_size=5), st.integers(1, 2**64 - 1), st.binary(min_size=33, max_size=33))
def test_answers_are_read_as_written(found: list[Deposit], number: int, share: bytes) -> None:
    """Every deposit and share of an answer comes back; the size does not depend on them."""
    released = [ReleasedShare(number, replace(deposit, journey=JOURNEY), share) for deposit in found]
    packed = pack_answer(tuple((CLASSES[one.deposit.body.what], one) for one in released))
    assert len(packed) == ANSWER_BYTES
    assert list(unpack_answer(JOURNEY, packed)) == released


def test_a_refusal_is_as_large_as_a_release() -> None:
    """Nothing released is 64 empty slots."""
    assert pack_answer(()) == bytes(ANSWER_BYTES)
    assert unpack_answer(JOURNEY, pack_answer(())) == ()


@given(st.binary(min_size=1, max_size=SLOT_BYTES))
def test_broken_answers_are_refused(slot: bytes) -> None:
    """A slot that is cut off, unknown or padded with anything but zeros is a typed error."""
    data = slot.ljust(ANSWER_BYTES, b"\0")
    if any(slot):
        with pytest.raises(HospesError):
            unpack_answer(JOURNEY, data)
    with pytest.raises(MalformedError):
        unpack_answer(JOURNEY, data[:-1])


@given(deposits(), st.integers(0, 20))
def test_bytes_behind_a_slot_are_refused(deposit: Deposit, back: int) -> None:
    """An answer cannot carry anything beside its deposits."""
    released = ReleasedShare(1, replace(deposit, journey=JOURNEY), bytes(33))
    packed = bytearray(pack_answer(((CLASSES[deposit.body.what], released),)))
    packed[SLOT_BYTES - 1 - back] = 1
    with pytest.raises(MalformedError):
        unpack_answer(JOURNEY, bytes(packed))


@given(consents())
def test_one_grant_is_shown_without_the_others(consent: Consent) -> None:
    """A shown grant and its siblings' hashes give the hash that the chain knows, and no other."""
    for grant in consent.grants:
        shown = ShownGrant.of(consent, grant)
        assert shown.grants_hash == consent.grants_hash
        assert (
            replace(shown, grant=replace(grant, salt=Hash(b"another salt".ljust(32)))).grants_hash
            != consent.grants_hash
        )


@given(consents(), hashes)
def test_no_consent_holds_a_grant_twice(consent: Consent, salt: Hash) -> None:
    """A list that repeats a grant is none of the protocol's, so nothing of it is shown."""
    grant, shown = consent.grants[0], ShownGrant.of(consent, consent.grants[0])
    for siblings in ((*shown.siblings, hash_struct(grant)), (salt, salt), (Hash(bytes(31)),), (salt,) * 64):
        with pytest.raises(MalformedError, match="siblings"):
            replace(shown, siblings=siblings)


@given(consents())
def test_accesses_have_bounds(consent: Consent) -> None:
    """At most eight grants, a gate of sixteen bytes or none, numbers from one."""
    box, shown = AccessBox(ACCESS, 1, (), b""), ShownGrant.of(consent, consent.grants[0])
    assert replace(box, gate=bytes(16), grants=(shown,) * 8).gate == bytes(16)
    for change in ({"number": 0}, {"number": 2**64}, {"gate": bytes(32)}, {"gate": b"x"}, {"grants": (shown,) * 9}):
        with pytest.raises(MalformedError):
            replace(box, **change)


def test_relayed_calls_have_their_arguments() -> None:
    """A call comes with its own arguments, all of them and no others."""
    give = RelayArguments(JOURNEY, grants_hash=ZERO_HASH, deadline=5)
    assert RelayRequest("give", give, b"").arguments == give
    for call in ("withdraw", "end", "deposit", "erase", "append", ""):
        with pytest.raises(MalformedError):
            RelayRequest(call, give, b"")
    with pytest.raises(MalformedError):
        RelayArguments(JOURNEY, grants_hash=Hash(b"short"))
