"""The slow, obvious store of blocks: two dictionaries, without limits. Every other store is judged by it."""

from hospes.core.content_ids import MAX_BLOCK_BYTES, digest_of
from hospes.core.errors import TooLargeError
from hospes.core.identities import Address, Hash
from hospes.nodes.store.blocks import Newcomer
from hospes.nodes.store.errors import BlockErasedError, BlockMissingError, WrongBlockError


class ModelBlocks:
    """A `BlockStore` that lasts as long as the test."""

    def __init__(self) -> None:
        self.blocks: dict[tuple[Address, Hash], bytes] = {}
        self.erased: dict[tuple[Address, Hash], int] = {}
        self.came: set[Address] = set()
        self.acknowledged: set[Address] = set()
        self.since: dict[Address, int] = {}

    def put(self, journey: Address, digest: Hash, block: bytes) -> bool:
        """Hold a block."""
        if len(block) > MAX_BLOCK_BYTES:
            raise TooLargeError("block", len(block), MAX_BLOCK_BYTES)
        if digest_of(block) != digest:
            raise WrongBlockError(digest)
        if (journey, digest) in self.erased:
            raise BlockErasedError(digest)
        new = (journey, digest) not in self.blocks
        self.blocks[journey, digest] = block
        self.came.add(journey)
        return new

    def get(self, digest: Hash) -> bytes:
        """Return a block."""
        for (_, name), block in self.blocks.items():
            if name == digest:
                return block
        raise BlockMissingError(digest)

    def delete(self, journey: Address, digest: Hash, at: int) -> int | None:
        """Delete a block."""
        if self.blocks.pop((journey, digest), None) is not None:
            self.erased[journey, digest] = at
        return self.erased.get((journey, digest))

    def newcomers(self, now: int) -> tuple[Newcomer, ...]:
        """Return the journeys that were not acknowledged."""
        for journey in sorted(self.came - self.acknowledged):
            self.since.setdefault(journey, now)
        new = self.came - self.acknowledged
        return tuple(Newcomer(journey, since) for journey, since in self.since.items() if journey in new)

    def acknowledge(self, journey: Address, deposits: int) -> None:
        """Note that a journey is no newcomer; how many deposits it has is nothing to a store without limits."""
        assert deposits
        self.acknowledged |= {journey} & self.came

    def drop(self, journey: Address) -> None:
        """Forget a newcomer."""
        if journey in self.came - self.acknowledged:
            self.came.remove(journey)
            self.since.pop(journey, None)
            self.blocks = {key: block for key, block in self.blocks.items() if key[0] != journey}
            self.erased = {key: at for key, at in self.erased.items() if key[0] != journey}

    def close(self) -> None:
        """Do nothing."""
