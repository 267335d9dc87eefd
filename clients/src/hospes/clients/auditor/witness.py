"""The proofs of a bundle, taken as one witness: every node bound, every slot used, nothing beside.

`core.proof` says what the values are. This module adds that the bundle holds no byte that nothing vouches for, so that
a changed byte is always found.

Sources: EIP-1186 (nodes from the root down), yellow paper appendix D (a node stands in its parent by its hash, or, when
it is shorter than a hash, itself).
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final, TypeVar

from hospes.contracts.storage import Reading, resolve
from hospes.core.errors import ProofError
from hospes.core.identities import HASH_BYTES, Address, Hash, keccak
from hospes.core.proof import AccountProof, FinalHeader, ProvenStorage, verify_storage

T = TypeVar("T")
_ROOT: Final = "the proof of a contract"


class Witness:
    """The proven storage of one contract, which must be read in full.

    Parameters
    ----------
    header : FinalHeader
    contract : Address
        Whose proof it must be.
    proof : AccountProof

    Raises
    ------
    ProofError
        When it is of another account, does not hold, or has nodes that hang on nothing.
    """

    def __init__(self, header: FinalHeader, contract: Address, proof: AccountProof) -> None:
        if proof.address != contract:
            raise ProofError(_ROOT, "it is of another account")
        _require_linked(header.header.state_root, proof)
        self._proven: ProvenStorage = verify_storage(header, proof, [slot.slot for slot in proof.slots])
        self._unread = set(self._proven.values)
        if len(self._unread) != len(proof.slots):
            raise ProofError(_ROOT, "a slot stands twice")

    @property
    def code_hash(self) -> Hash:
        """keccak256 of the contract's runtime code."""
        return self._proven.code_hash

    def read(self, reading: Reading[T]) -> T:
        """Return what a reading gives; `ProofError` when the proof lacks a slot that it needs."""
        return resolve(reading, self._fetch)

    def require_read(self) -> None:
        """Check that every slot of the proof was needed by something."""
        if self._unread:
            raise ProofError(_ROOT, f"it holds {len(self._unread)} slots that nothing needs")

    def _fetch(self, slots: tuple[int, ...]) -> Mapping[int, int]:
        for slot in slots:
            if slot not in self._proven.values:
                raise ProofError(f"slot {slot:#x}", "the bundle does not hold its proof")
            self._unread.discard(slot)
        return self._proven.values


def _require_linked(root: Hash, proof: AccountProof) -> None:
    """Check that every node stands, by its hash, in the node before it."""
    _require_path(root, proof.nodes)
    leaf = proof.nodes[-1] if proof.nodes else b""
    for slot in proof.slots:
        _require_path(leaf, slot.nodes)


def _require_path(above: bytes, nodes: Sequence[bytes]) -> None:
    """Check a path from the root down; `above` is the root itself or what holds it."""
    for parent, node in pairwise((above, *nodes)):
        if len(node) < HASH_BYTES:
            raise ProofError(_ROOT, "a node that stands in its parent already stands beside it too")
        if parent.find(keccak(node)) < 0:
            raise ProofError(_ROOT, "a node hangs on nothing")
