"""The contract of every `BlockStore`: what is put is held for its journey, read back checked, and deleted alone."""

import pytest

from hospes.core.content_ids import MAX_BLOCK_BYTES, digest_of
from hospes.core.errors import TooLargeError
from hospes.core.identities import Address
from hospes.nodes.store.blocks import BlockStore
from hospes.nodes.store.errors import BlockErasedError, BlockMissingError, WrongBlockError

ANNA, BERT = Address(b"A" * 20), Address(b"B" * 20)
BLOCK = b"a sealed block"
DIGEST = digest_of(BLOCK)


def test_a_block_that_was_put_is_read_back(blocks: BlockStore) -> None:
    """What one journey puts is what everybody gets under its digest."""
    assert blocks.put(ANNA, DIGEST, BLOCK)
    assert blocks.get(DIGEST) == BLOCK


def test_a_block_that_was_never_put_is_missing(blocks: BlockStore) -> None:
    """A digest without block gives a typed error."""
    blocks.put(ANNA, DIGEST, BLOCK)
    with pytest.raises(BlockMissingError):
        blocks.get(digest_of(b"another"))


def test_putting_again_changes_nothing(blocks: BlockStore) -> None:
    """A repeated put is harmless and says that it was not new."""
    assert blocks.put(ANNA, DIGEST, BLOCK)
    assert not blocks.put(ANNA, DIGEST, BLOCK)
    assert blocks.get(DIGEST) == BLOCK


@pytest.mark.parametrize("size", [0, 1, MAX_BLOCK_BYTES])
def test_every_size_up_to_one_mebibyte_is_held(blocks: BlockStore, size: int) -> None:
    """The smallest and the largest block are held alike."""
    block = b"\x07" * size
    blocks.put(ANNA, digest_of(block), block)
    assert blocks.get(digest_of(block)) == block


def test_one_byte_above_one_mebibyte_is_refused(blocks: BlockStore) -> None:
    """A larger block is refused, and not held."""
    block = b"\x07" * (MAX_BLOCK_BYTES + 1)
    with pytest.raises(TooLargeError):
        blocks.put(ANNA, digest_of(block), block)
    with pytest.raises(BlockMissingError):
        blocks.get(digest_of(block))


def test_a_block_of_another_digest_is_refused(blocks: BlockStore) -> None:
    """Content that is not that of its digest is refused, and not held."""
    with pytest.raises(WrongBlockError):
        blocks.put(ANNA, DIGEST, BLOCK + b"!")
    with pytest.raises(BlockMissingError):
        blocks.get(DIGEST)


def test_a_deletion_takes_the_block_and_says_when(blocks: BlockStore) -> None:
    """A deleted block is gone; asking again gives the time of the deletion."""
    blocks.put(ANNA, DIGEST, BLOCK)
    assert blocks.delete(ANNA, DIGEST, 100) == 100
    with pytest.raises(BlockMissingError):
        blocks.get(DIGEST)
    assert blocks.delete(ANNA, DIGEST, 200) == 100


def test_deleting_what_was_never_held_says_so(blocks: BlockStore) -> None:
    """A deletion of nothing is no error and claims nothing; the block can still be put."""
    assert blocks.delete(ANNA, DIGEST, 100) is None
    assert blocks.put(ANNA, DIGEST, BLOCK)


def test_a_deletion_of_one_journey_never_touches_another(blocks: BlockStore) -> None:
    """The same bytes of two journeys are two blocks: only the deleting journey's is gone."""
    blocks.put(ANNA, DIGEST, BLOCK)
    assert blocks.put(BERT, DIGEST, BLOCK)
    assert blocks.delete(ANNA, DIGEST, 100) == 100
    assert blocks.get(DIGEST) == BLOCK
    assert not blocks.put(BERT, DIGEST, BLOCK)


def test_a_stranger_cannot_delete(blocks: BlockStore) -> None:
    """A journey that does not hold the block deletes nothing."""
    blocks.put(ANNA, DIGEST, BLOCK)
    assert blocks.delete(BERT, DIGEST, 100) is None
    assert blocks.get(DIGEST) == BLOCK


def test_an_erased_block_does_not_come_back(blocks: BlockStore) -> None:
    """A put with an old permission after the deletion is refused; another journey may still put the same bytes."""
    blocks.put(ANNA, DIGEST, BLOCK)
    blocks.delete(ANNA, DIGEST, 100)
    with pytest.raises(BlockErasedError):
        blocks.put(ANNA, DIGEST, BLOCK)
    assert blocks.put(BERT, DIGEST, BLOCK)
