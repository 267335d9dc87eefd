"""The pinned genesis: the one document that tells which network one is on, and whom its blocks are trusted from.

Whoever holds its 32-byte hash needs nothing else from anybody on trust. The allocation (code and storage) stands in a
second file whose hash is in it; the state root of the header proves it as well.

Sources: PROTOCOL section 2 ("Pinned genesis"), RFC 8785.
"""

from dataclasses import dataclass

from hospes.core import wire
from hospes.core.chain import DEMONSTRATION_CHAIN_ID
from hospes.core.errors import MalformedError
from hospes.core.identities import ADDRESS_BYTES, HASH_BYTES, Address, Hash, keccak
from hospes.core.typed_data import Domain


@dataclass(frozen=True, slots=True)
class ContractAddresses:
    """Where the contracts are, from block 0 on."""

    access_log: Address
    alerts: Address
    consent: Address
    registry: Address


@dataclass(frozen=True, slots=True)
class Genesis:
    """The contents of ``genesis.json``.

    Attributes
    ----------
    allocation_hash : Hash
        keccak256 of ``allocation.json``.
    authority : Address
        Whose seal makes a block final on the embedded engine.
    chain_id : int
        Drawn at random in [2**32, 2**52), or the demonstration's.
    contracts : ContractAddresses
    header : bytes
        RLP of the header of block 0.
    """

    allocation_hash: Hash
    authority: Address
    chain_id: int
    contracts: ContractAddresses
    header: bytes

    def __post_init__(self) -> None:
        """Refuse values of the wrong size."""
        contracts = self.contracts
        sizes: dict[str, tuple[bytes, int]] = {"allocationHash": (self.allocation_hash, HASH_BYTES)}
        addresses = {"authority": self.authority, "contracts.accessLog": contracts.access_log}
        addresses |= {"contracts.alerts": contracts.alerts, "contracts.consent": contracts.consent}
        addresses |= {"contracts.registry": contracts.registry}
        sizes |= {where: (value, ADDRESS_BYTES) for where, value in addresses.items()}
        for where, (value, size) in sizes.items():
            if len(value) != size:
                raise MalformedError("Genesis", where, f"expected {size} bytes, got {len(value)}")
        if not 1 << 32 <= self.chain_id < 1 << 52:
            raise MalformedError("Genesis", "chainId", "expected a number in [2**32, 2**52)")

    @classmethod
    def decode(cls, data: bytes) -> "Genesis":
        """Read ``genesis.json``; any order of keys and white space is accepted, the pin is of the canonical form."""
        return wire.decode(cls, data)

    def encode(self) -> bytes:
        """Return the canonical bytes of ``genesis.json``."""
        return wire.encode(self)

    def pin(self) -> Hash:
        """Return the hash that a wallet, a keeper and an auditor pin."""
        return keccak(self.encode())

    @property
    def block_hash(self) -> Hash:
        """The hash of block 0."""
        return keccak(self.header)

    @property
    def domain(self) -> Domain:
        """The signing domain of every typed message of this network."""
        return Domain(self.chain_id, self.contracts.consent)

    @property
    def demonstration(self) -> bool:
        """Whether this is the demonstration network, which every screen must say."""
        return self.chain_id == DEMONSTRATION_CHAIN_ID
