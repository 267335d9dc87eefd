"""Block headers, the authority's seal under them, and descent by parent hashes.

It executes no block: what the authority seals is taken as valid, and every screen of the embedded ledger says so.

Sources: PROTOCOL section 2 ("Finality proof"); header fields: Ethereum execution specification, Prague, `blocks.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hospes.core.chain import seal_digest
from hospes.core.errors import ProofError, SignatureError
from hospes.core.genesis import Genesis
from hospes.core.identities import HASH_BYTES, Hash, keccak, recover
from hospes.core.proof.encoding import byte_strings, decode

MAX_HEADER_BYTES: Final = 2048
"""A Prague header is below 700 bytes; more is somebody's joke."""
_PARENT_HASH, _STATE_ROOT, _NUMBER, _TIME = 0, 3, 8, 11
_FIELDS: Final = (15, 25)
"""Fewest and most fields of a header: the first fifteen since Frontier; forks append."""


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of a header that proofs need.

    Attributes
    ----------
    number, time : int
        Block number; Unix seconds.
    hash, parent_hash, state_root : Hash
    rlp : bytes
        What `hash` is the hash of.
    """

    number: int
    time: int
    hash: Hash
    parent_hash: Hash
    state_root: Hash
    rlp: bytes

    @classmethod
    def decode(cls, data: bytes) -> "Header":
        """Read a header's RLP, or raise `ProofError`."""
        fields = _header_fields(data)
        number, time = int.from_bytes(fields[_NUMBER]), int.from_bytes(fields[_TIME])
        parent, root = fields[_PARENT_HASH], fields[_STATE_ROOT]
        sizes = len(parent) == HASH_BYTES and len(root) == HASH_BYTES
        if not sizes or max(number, time) >= 1 << 64:
            raise ProofError("the header", "a field has the wrong size")
        return cls(number, time, keccak(data), Hash(parent), Hash(root), data)


@dataclass(frozen=True, slots=True)
class FinalHeader:
    """A header that the pinned genesis makes final; only `verify_seal` returns one.

    Attributes
    ----------
    header : Header
    seal : bytes
        The authority's signature, 65 bytes; empty for block 0, which the pin itself makes final.
    chain_id : int
        Of the genesis it was verified against.
    """

    header: Header
    seal: bytes
    chain_id: int

    @property
    def number(self) -> int:
        """Block number."""
        return self.header.number

    @property
    def time(self) -> int:
        """Unix seconds."""
        return self.header.time

    @property
    def hash(self) -> Hash:
        """Block hash."""
        return self.header.hash


def verify_seal(genesis: Genesis, header_rlp: bytes, seal: bytes) -> FinalHeader:
    """Return the header as final if the genesis' authority sealed it.

    Parameters
    ----------
    genesis : Genesis
        The pinned one.
    header_rlp, seal : bytes
        What ``hospes_getFinality`` gave.

    Raises
    ------
    ProofError
        When it is no header, or the authority's seal is not under it.
    """
    header = Header.decode(header_rlp)
    if header.number == 0:
        if header.hash != genesis.block_hash:
            raise ProofError("block 0", "it is not the pinned genesis: this is another network")
        return FinalHeader(header, b"", genesis.chain_id)
    digest = seal_digest(genesis.chain_id, header.hash)
    try:
        signer = recover(digest, seal, "the seal")
    except SignatureError as error:
        raise ProofError(f"finality of block {header.number}", error.reason) from error
    if signer != genesis.authority:
        raise ProofError(f"finality of block {header.number}", "the network's authority never sealed it")
    return FinalHeader(header, seal, genesis.chain_id)


def verify_descent(ancestor: Header, chain: Iterable[bytes], tip: Header) -> None:
    """Check that `tip` descends from `ancestor` by parent hashes.

    Parameters
    ----------
    ancestor : Header
        The highest header known before.
    chain : iterable of bytes
        RLP of the headers after it, in order, up to and including the tip; empty when they are one.

    Raises
    ------
    ProofError
        At the first header that does not follow.
    """
    parent = ancestor
    for data in chain:
        header = Header.decode(data)
        if header.parent_hash != parent.hash or header.number != parent.number + 1:
            raise ProofError(f"descent of block {tip.number}", f"block {header.number} does not follow its parent")
        parent = header
    if parent.hash != tip.hash:
        raise ProofError(f"descent of block {tip.number}", f"it does not descend from known block {ancestor.number}")


def _header_fields(data: bytes) -> list[bytes]:
    if len(data) > MAX_HEADER_BYTES:
        raise ProofError("the header", "it is longer than any header")
    fields = byte_strings(decode(data, "the header"), "the header")
    if not _FIELDS[0] <= len(fields) <= _FIELDS[1]:
        raise ProofError("the header", "it does not have a header's fields")
    return fields
