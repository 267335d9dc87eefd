"""The state of a final block: accounts and storage slots by EIP-1186 proofs.

It does not know what a slot means; `contracts.storage` does.

Sources: EIP-1186 (eth_getProof), yellow paper section 4.1 (account: nonce, balance, storage root, code hash).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hospes.core.errors import MalformedError, ProofError
from hospes.core.identities import ADDRESS_BYTES, HASH_BYTES, Address, Hash, keccak, to_hex
from hospes.core.proof.encoding import byte_strings, decode
from hospes.core.proof.headers import FinalHeader
from hospes.core.proof.trie import EMPTY_ROOT, verify_trie

_ACCOUNT_FIELDS: Final = 4
EMPTY_CODE: Final = keccak(b"")


@dataclass(frozen=True, slots=True)
class SlotProof:
    """The trie nodes of one slot."""

    slot: int
    nodes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class AccountProof:
    """The trie nodes of one account and of slots in its storage, as a node gave them.

    Attributes
    ----------
    address : Address
    nodes : tuple of bytes
        Path from the state root to the account.
    slots : tuple of SlotProof
    """

    address: Address
    nodes: tuple[bytes, ...]
    slots: tuple[SlotProof, ...]

    def __post_init__(self) -> None:
        """Refuse an address of another size."""
        if len(self.address) != ADDRESS_BYTES:
            raise MalformedError("AccountProof", "address", f"expected 20 bytes, got {len(self.address)}")


@dataclass(frozen=True, slots=True)
class ProvenStorage:
    """Slots of one contract at one final block; only `verify_storage` returns one.

    Attributes
    ----------
    header : FinalHeader
    address : Address
    code_hash : Hash
    values : dict of int to int
        Every slot asked for; 0 where the proof shows that nothing stands there.
    """

    header: FinalHeader
    address: Address
    code_hash: Hash
    values: dict[int, int]


def verify_storage(header: FinalHeader, proof: AccountProof, slots: Iterable[int]) -> ProvenStorage:
    """Return the values of `slots`, all of which `proof` must hold, at `header`.

    Raises
    ------
    ProofError
        When the account or a slot is not proven, or a slot is missing from the proof.
    """
    root, code_hash = _account(header, proof)
    given = {slot.slot: slot.nodes for slot in proof.slots}
    values: dict[int, int] = {}
    for slot in slots:
        if slot not in given:
            raise ProofError(f"slot {slot:#x}", "the proof does not hold it")
        values[slot] = _slot_value(root, slot, given[slot])
    return ProvenStorage(header, proof.address, code_hash, values)


def _account(header: FinalHeader, proof: AccountProof) -> tuple[Hash, Hash]:
    encoded = verify_trie(header.header.state_root, keccak(proof.address), proof.nodes)
    if encoded is None:
        return EMPTY_ROOT, EMPTY_CODE
    what = f"account {to_hex(proof.address)}"
    fields = byte_strings(decode(encoded, what), what)
    if len(fields) != _ACCOUNT_FIELDS or [len(field) for field in fields[2:]] != [HASH_BYTES, HASH_BYTES]:
        raise ProofError(what, "it does not have an account's fields")
    return Hash(fields[2]), Hash(fields[3])


def _slot_value(root: Hash, slot: int, nodes: tuple[bytes, ...]) -> int:
    encoded = verify_trie(root, keccak(slot.to_bytes(32)), nodes)
    if encoded is None:
        return 0
    value = decode(encoded, f"slot {slot:#x}")
    if not isinstance(value, bytes) or len(value) > HASH_BYTES:
        raise ProofError(f"slot {slot:#x}", "its value is not a word")
    return int.from_bytes(value)
