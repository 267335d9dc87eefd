"""Permissions in a header: one spelling of each, and no other."""

import pytest
from hypothesis import given, strategies as st

from hospes.core.errors import HospesError, MalformedError, TooLargeError
from hospes.core.identities import Address, Hash, RecordId
from hospes.core.messages import Blocks, Erasure, Fetch
from hospes.core.permissions import (
    MAX_HEADER_CHARACTERS,
    DeletePermission,
    FetchPermission,
    PutPermission,
    from_header,
    to_header,
)
from tests.simulators.strategies import addresses, hashes, uint64

ZERO = Hash(bytes(32))
FETCH = FetchPermission(Fetch(ZERO, Address(bytes(20)), 0), b"\xff" * 65)
HEADER = to_header(FETCH)


@given(hashes, addresses, uint64, st.binary(max_size=65))
def test_a_permission_is_read_as_written(digest: Hash, journey: Address, at: int, signature: bytes) -> None:
    """Each of the three comes back from its header."""
    fetch = FetchPermission(Fetch(digest, journey, at), signature)
    assert from_header(FetchPermission, to_header(fetch)) == fetch
    put = PutPermission(journey, Blocks((digest,), at, digest), signature)
    assert from_header(PutPermission, to_header(put)) == put
    delete = DeletePermission(journey, Erasure((RecordId(digest),), (digest,), at, digest), signature)
    assert from_header(DeletePermission, to_header(delete)) == delete


def test_the_largest_permission_fits() -> None:
    """An erasure of as many records and digests as the protocol allows is not too long for the header."""
    many = tuple(Hash(i.to_bytes(32)) for i in range(64))
    erasure = Erasure(tuple(RecordId(each) for each in many), many, 2**64 - 1, ZERO)
    permission = DeletePermission(Address(bytes(20)), erasure, bytes(65))
    assert from_header(DeletePermission, to_header(permission)) == permission
    with pytest.raises(TooLargeError):
        from_header(DeletePermission, "A" * (MAX_HEADER_CHARACTERS + 1))


@pytest.mark.parametrize(
    "header",
    [
        HEADER + "=" * (-len(HEADER) % 4),
        HEADER[:-1] + chr(ord(HEADER[-1]) + 1),
        " " + HEADER,
        HEADER + "\n",
        HEADER.replace("e", "é"),
        HEADER[:-1],
        "",
    ],
    ids=["padded", "spare bits", "space", "line end", "not ASCII", "cut off", "empty"],
)
def test_another_spelling_is_refused(header: str) -> None:
    """Base64url without padding has one form for each JSON, and every other text is a typed error."""
    assert from_header(FetchPermission, HEADER) == FETCH
    with pytest.raises(MalformedError):
        from_header(FetchPermission, header)


def test_the_other_alphabet_is_refused() -> None:
    """The signs + and / of plain base64 do not stand for - and _."""
    header = "-_-_"
    for text in (header, header.replace("-", "+").replace("_", "/")):
        with pytest.raises(MalformedError) as caught:
            from_header(FetchPermission, text)
        assert (caught.value.what == "FetchPermission") is (text == header)


@given(st.text(max_size=80))
def test_noise_is_a_typed_error(header: str) -> None:
    """Whatever stands in the header."""
    with pytest.raises(HospesError):
        from_header(FetchPermission, header)
