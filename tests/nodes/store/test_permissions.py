"""Permissions: what the header must hold, and that each permits exactly what it names, while it lasts."""

import base64
from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from hospes.contracts.addresses import CONSENT
from hospes.core import wire
from hospes.core.errors import HospesError, MalformedError, SignatureError, TooLargeError
from hospes.core.identities import Account, Address, Hash, RecordId
from hospes.core.messages import Blocks, Erasure, Fetch
from hospes.core.permissions import MAX_HEADER_CHARACTERS, DeletePermission, FetchPermission, PutPermission
from hospes.core.typed_data import Domain, Message, digest
from hospes.nodes.store.errors import (
    ClockDiffersError,
    NotNamedError,
    PermissionExpiredError,
    PermissionMissingError,
)
from hospes.nodes.store.permissions import (
    check_delete,
    check_fetch,
    check_put,
    read_permission,
)

DOMAIN = Domain(0x486F73706573, CONSENT)
JOURNEY, STRANGER, HOSPITAL = (Account(bytes([n]) * 32) for n in (1, 2, 3))
STORE = Address(b"S" * 20)
ONE, TWO, SALT = Hash(b"\1" * 32), Hash(b"\2" * 32), Hash(b"s" * 32)
NOW, DEADLINE = 1_000_000, 1_000_100


def _signed(signer: Account, message: Message, domain: Domain = DOMAIN) -> bytes:
    return signer.sign(digest(domain, message))


def _put(signer: Account = JOURNEY, domain: Domain = DOMAIN) -> PutPermission:
    blocks = Blocks((ONE,), DEADLINE, SALT)
    return PutPermission(JOURNEY.address, blocks, _signed(signer, blocks, domain))


def _delete(signer: Account = JOURNEY, domain: Domain = DOMAIN) -> DeletePermission:
    erasure = Erasure((RecordId(SALT),), (ONE,), DEADLINE, SALT)
    return DeletePermission(JOURNEY.address, erasure, _signed(signer, erasure, domain))


def _fetch(at: int = NOW, store: Address = STORE) -> FetchPermission:
    fetch = Fetch(ONE, store, at)
    return FetchPermission(fetch, _signed(HOSPITAL, fetch))


def _header(permission: wire.Shaped) -> str:
    return base64.urlsafe_b64encode(wire.encode(permission)).decode().rstrip("=")


def test_a_journey_may_put_the_blocks_that_it_named() -> None:
    """The journey's own signature, a named block and a deadline to come permit a put, up to the deadline's second."""
    assert check_put(_put(), DOMAIN, ONE, NOW) == JOURNEY.address
    assert check_put(_put(), DOMAIN, ONE, DEADLINE) == JOURNEY.address


def test_a_journey_may_delete_the_blocks_that_it_named() -> None:
    """Likewise a deletion; its hash is that of the signed erasure."""
    assert check_delete(_delete(), DOMAIN, ONE, NOW) == digest(DOMAIN, _delete().erasure)


OTHER_NETWORK = Domain(DOMAIN.chain_id + 1, CONSENT)
REFUSALS: list[tuple[Callable[[], object], type[HospesError]]] = [
    (lambda: check_put(_put(), DOMAIN, TWO, NOW), NotNamedError),
    (lambda: check_put(_put(), DOMAIN, ONE, DEADLINE + 1), PermissionExpiredError),
    (lambda: check_put(_put(STRANGER), DOMAIN, ONE, NOW), SignatureError),
    (lambda: check_put(_put(domain=OTHER_NETWORK), DOMAIN, ONE, NOW), SignatureError),
    (lambda: check_delete(_delete(), DOMAIN, TWO, NOW), NotNamedError),
    (lambda: check_delete(_delete(), DOMAIN, ONE, DEADLINE + 1), PermissionExpiredError),
    (lambda: check_delete(_delete(STRANGER), DOMAIN, ONE, NOW), SignatureError),
    (lambda: check_delete(_delete(domain=OTHER_NETWORK), DOMAIN, ONE, NOW), SignatureError),
    (lambda: check_fetch(_fetch(), DOMAIN, TWO, STORE, NOW), NotNamedError),
    (lambda: check_fetch(_fetch(store=Address(b"T" * 20)), DOMAIN, ONE, STORE, NOW), NotNamedError),
    (lambda: check_fetch(_fetch(NOW - 301), DOMAIN, ONE, STORE, NOW), ClockDiffersError),
    (lambda: check_fetch(_fetch(NOW + 301), DOMAIN, ONE, STORE, NOW), ClockDiffersError),
]


@pytest.mark.parametrize(("check", "error"), REFUSALS)
def test_anything_else_is_refused(check: Callable[[], object], error: type[HospesError]) -> None:
    """Another block, store, signer, network or time is refused with the error that says which."""
    with pytest.raises(error):
        check()


@pytest.mark.parametrize("at", [NOW - 300, NOW, NOW + 300])
def test_a_fetch_of_these_minutes_names_its_signer(at: int) -> None:
    """Within 300 seconds either way a fetch gives the account that signed it."""
    assert check_fetch(_fetch(at), DOMAIN, ONE, STORE, NOW) == HOSPITAL.address


def test_a_signature_over_another_fetch_gives_another_account() -> None:
    """A fetch that was changed after it was signed is nobody's whom the registry could know."""
    changed = FetchPermission(Fetch(ONE, STORE, NOW + 1), _fetch().signature)
    assert check_fetch(changed, DOMAIN, ONE, STORE, NOW) != HOSPITAL.address


@pytest.mark.parametrize("permission", [_put(), _delete(), _fetch()])
def test_a_header_carries_any_permission(permission: wire.Shaped) -> None:
    """What was encoded is what is read."""
    assert read_permission(type(permission), _header(permission)) == permission


def test_the_largest_erasure_fits_in_a_header() -> None:
    """64 records and 64 digests stay below the header's bound."""
    many = tuple(bytes([n]) * 32 for n in range(64))
    erasure = Erasure(tuple(map(RecordId, many)), tuple(map(Hash, many)), 2**64 - 1, SALT)
    permission = DeletePermission(JOURNEY.address, erasure, bytes(65))
    assert read_permission(DeletePermission, _header(permission)) == permission


def test_a_call_without_a_header_is_told_so() -> None:
    """No header is no permission."""
    with pytest.raises(PermissionMissingError):
        read_permission(PutPermission, None)


def test_a_giant_header_is_refused_unread() -> None:
    """A longer header is refused by its length."""
    with pytest.raises(TooLargeError):
        read_permission(PutPermission, "A" * (MAX_HEADER_CHARACTERS + 1))


@given(st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda data: base64.b64encode(data).decode())))
def test_any_other_header_is_malformed(header: str) -> None:
    """Whatever stands in the header, the answer is a typed error."""
    with pytest.raises(MalformedError):
        read_permission(PutPermission, header)
