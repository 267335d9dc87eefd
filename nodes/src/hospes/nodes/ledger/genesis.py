"""Block 0: its state from an allocation, its header, and the document that pins a network.

It does not know who founds the network; `hospes.contracts.genesis` makes the allocation.

Sources: PROTOCOL section 2 ("Pinned genesis"); Ethereum execution specification, Prague, ``blocks.py`` (header).
"""

from collections.abc import Mapping

from eth.db.atomic import AtomicDB

from hospes.contracts.addresses import CONTRACTS
from hospes.contracts.allocation import GenesisAccount, allocation_hash
from hospes.core.genesis import ContractAddresses, Genesis
from hospes.core.identities import Address, Hash
from hospes.nodes.ledger import evm


def make_genesis(
    chain_id: int,
    allocation: Mapping[Address, GenesisAccount],
    authority: Address,
    time: int,
    contracts: ContractAddresses = CONTRACTS,
) -> Genesis:
    """Return the document that pins a new network.

    Parameters
    ----------
    chain_id : int
        Drawn at random in [2**32, 2**52), or the demonstration's.
    allocation : mapping of Address to GenesisAccount
        What `Engine.create` must be given with the result.
    authority : Address
        Whose seal will make blocks final.
    time : int
        Unix seconds of block 0; no block can be older, and none is sealed before.
    contracts : ContractAddresses
        Where `allocation` has them.
    """
    header = evm.first_header(time, authority, allocate(AtomicDB(), allocation))
    return Genesis(
        allocation_hash=allocation_hash(allocation),
        authority=authority,
        chain_id=chain_id,
        contracts=contracts,
        header=evm.encode_header(header),
    )


def allocate(nodes: AtomicDB, allocation: Mapping[Address, GenesisAccount]) -> Hash:
    """Write the state of block 0 into `nodes` and return its root."""
    state = evm.open_state(nodes, evm.first_header(0, Address(bytes(20)), evm.EMPTY_ROOT), 0)
    for address, content in allocation.items():
        account = evm.eth_address(address)
        state.set_balance(account, content.balance)
        state.set_nonce(account, content.nonce)
        if content.code:
            state.set_code(account, content.code)
        for slot, word in content.storage.items():
            state.set_storage(account, slot, word)
    state.persist()
    return Hash(state.state_root)
