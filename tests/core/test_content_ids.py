"""Content ids equal those of IPFS, in one spelling."""

import random

import pytest
from hypothesis import given, strategies as st

from hospes.core.content_ids import check_block, decode, digest_of, encode
from hospes.core.errors import MalformedError, SealingError
from hospes.core.identities import Hash
from tests.simulators.strategies import hashes

# Made by other implementations: raw blocks of `random.Random(n).randbytes(n)`, as Kubo, Helia and aleph-cid name them.
GOLDEN = {
    10: "bafkreiblqcz6uzaj76k7owjybueoyzhmntevkqtep3bxjz5skdv2fsb6i4",
    262144: "bafkreih2bk74eu5axngebs6vftmmkcaqboysjjy726xzy5hksnqmfgw5fy",
}


@pytest.mark.parametrize(("size", "cid"), GOLDEN.items())
def test_cids_are_those_of_ipfs(size: int, cid: str) -> None:
    """The id of a raw block is the one that IPFS itself gives it."""
    block = random.Random(size).randbytes(size)  # noqa: S311  (the vector's recipe)
    assert encode(digest_of(block)) == cid
    assert decode(cid) == digest_of(block)


@given(hashes)
def test_an_id_holds_its_digest(digest: Hash) -> None:
    """Digest to text and back."""
    assert decode(encode(digest)) == digest


@given(st.text(max_size=70) | st.from_regex(r"\Ab[a-z2-7]{58}\Z"))
def test_other_spellings_are_refused(text: str) -> None:
    """Anything else is a typed error: other versions, codecs, hashes and spare bits."""
    try:
        digest = decode(text)
    except MalformedError:
        return
    assert encode(digest) == text


@pytest.mark.parametrize(
    "text",
    [
        "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG",
        "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
        GOLDEN[10].upper(),
        GOLDEN[10] + "=",
        "",
    ],
    ids=["version 0", "dag-pb", "upper case", "padding", "empty"],
)
def test_foreign_ids_are_refused(text: str) -> None:
    """Version 0, other codecs and other letters name nothing here."""
    with pytest.raises(MalformedError):
        decode(text)


def test_a_block_is_checked() -> None:
    """A store that returns another block is found out."""
    check_block(digest_of(b"block"), b"block")
    with pytest.raises(SealingError):
        check_block(digest_of(b"block"), b"blocx")
