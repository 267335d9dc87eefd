"""Merkle-Patricia proofs: one key's value under a root, or the proof that it has none.

It keeps no trie and builds none. Nodes are untrusted: each counts only by its hash.

Sources: Ethereum yellow paper, appendix D; EIP-1186.
"""

from collections.abc import Sequence
from typing import Final

from hospes.core.errors import ProofError
from hospes.core.identities import Hash, keccak
from hospes.core.proof.encoding import Item, decode

EMPTY_ROOT: Final = keccak(b"\x80")
"""Root of a trie without keys: the hash of RLP's empty string."""
MAX_NODES: Final = 65
"""A path has 64 nibbles; each node but the last consumes one or more."""
MAX_NODE_BYTES: Final = 600
"""A full branch is 532 bytes; a leaf with an account below 150."""
_BRANCH, _SHORT, _LAST_FLAG = 17, 2, 3


def verify_trie(root: Hash, key: bytes, nodes: Sequence[bytes]) -> bytes | None:
    """Return the value of `key` under `root`, or None when the nodes prove that it has none.

    Parameters
    ----------
    root : Hash
    key : bytes
        The path itself: for a secure trie already hashed, 32 bytes.
    nodes : sequence of bytes
        RLP of the nodes on the path, in any order.

    Raises
    ------
    ProofError
        When a node is missing, malformed or too large.
    """
    if len(nodes) > MAX_NODES or any(len(node) > MAX_NODE_BYTES for node in nodes):
        raise ProofError("a value", "its proof is larger than any proof")
    if root == EMPTY_ROOT:
        return None
    known = {keccak(node): node for node in nodes}
    path = _nibbles(key)
    node = _node_of(root, known)
    while True:
        if len(node) == _BRANCH:
            if not path:
                return _value(node[16])
            reference, path = node[path[0]], path[1:]
        else:
            prefix, leaf = _unpack_path(node[0])
            if path[: len(prefix)] != prefix:
                return None
            path = path[len(prefix) :]
            if leaf:
                return None if path else _value(node[1])
            reference = node[1]
        if reference == b"":
            return None
        node = _node_of(reference, known)


def _node_of(reference: Item, known: dict[Hash, bytes]) -> list[Item]:
    """Resolve a reference: a node of less than 32 bytes stands in its parent, others go by their hash."""
    if isinstance(reference, list):
        return _shaped(reference)
    encoded = known.get(Hash(reference))
    if encoded is None:
        raise ProofError("a value", "a node of its path is missing")
    return _shaped(decode(encoded, "a node of a path"))


def _shaped(node: Item) -> list[Item]:
    if not isinstance(node, list) or len(node) not in (_BRANCH, _SHORT):
        raise ProofError("a value", "a node of its path is neither branch nor short node")
    return node


def _unpack_path(packed: Item) -> tuple[tuple[int, ...], bool]:
    """Read the hex-prefix encoding: (nibbles, whether a leaf)."""
    if not isinstance(packed, bytes) or not packed or packed[0] >> 4 > _LAST_FLAG:
        raise ProofError("a value", "a short node has no path")
    nibbles = _nibbles(packed)
    flag = nibbles[0]
    return nibbles[1:] if flag & 1 else nibbles[2:], bool(flag & 2)


def _nibbles(data: bytes) -> tuple[int, ...]:
    return tuple(int(digit, 16) for digit in data.hex())


def _value(value: Item) -> bytes | None:
    if not isinstance(value, bytes):
        raise ProofError("a value", "a node stands where a value should")
    return value or None
