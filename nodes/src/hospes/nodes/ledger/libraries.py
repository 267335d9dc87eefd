"""The two libraries below py-evm that carry no types, with the types of what we use of them.

Sources: rlp 5.0, trie 3.1.
"""

from collections.abc import MutableMapping, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Final, Protocol, cast

from eth.abc import DatabaseAPI


class Rlp(Protocol):
    """Recursive length prefix (yellow paper, appendix B)."""

    def encode(self, obj: object) -> bytes:
        """Return the encoding of a byte string, a number, a list of these, or an object that knows its fields."""
        ...

    def decode(self, rlp: bytes, sedes: object = None) -> object:
        """Return byte strings and lists, or the object that `sedes` makes of them."""
        ...


class Trie(Protocol):
    """A Merkle-Patricia trie (yellow paper, appendix D)."""

    root_hash: bytes

    def get(self, key: bytes) -> bytes:
        """Return the value of `key`; empty when there is none."""
        ...

    def get_proof(self, key: bytes) -> Sequence[object]:
        """Return the decoded nodes on the way to `key`."""
        ...

    def squash_changes(self) -> AbstractContextManager[MutableMapping[bytes, bytes]]:
        """Collect writes; only the nodes of the last root are kept."""
        ...


class TrieFactory(Protocol):
    """How a trie is opened."""

    def __call__(self, db: DatabaseAPI | dict[bytes, bytes], root_hash: bytes = ...) -> Trie:
        """Open the trie under `root_hash`; the empty one unless said."""
        ...


rlp: Final = cast("Rlp", import_module("rlp"))
open_trie: Final = cast("TrieFactory", import_module("trie").HexaryTrie)
