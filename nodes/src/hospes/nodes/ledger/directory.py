"""A ledger's data directory: where it lies, who may write, and whether what it holds is one whole ledger.

It does not seal and holds no key::

    genesis.json      the document that pins the network
    allocation.json   what block 0 holds
    chain/            the LMDB environment; the truth, the two files are for people
    writer.lock       held by the one process that seals

Sources: flock(2): the kernel drops the lock of a process that was killed.
"""

import fcntl
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from eth.abc import BlockHeaderAPI

from hospes.contracts.allocation import GenesisAccount, encode_allocation
from hospes.core.chain import seal_digest
from hospes.core.errors import ConfigurationError, SignatureError
from hospes.core.genesis import Genesis
from hospes.core.identities import Account, Address, Hash, keccak, recover
from hospes.nodes.ledger import evm
from hospes.nodes.ledger.blocks import HEAD_KEY, SealedBlock
from hospes.nodes.ledger.chain import Chain
from hospes.nodes.ledger.database import Database, Overlay, Table, Write
from hospes.nodes.ledger.errors import DirectoryError
from hospes.nodes.ledger.genesis import allocate

FORMAT: Final = b"1"
"""Changes when a ledger written by one version cannot be read by another."""
NO_LEDGER: Final = "there is no ledger here; begin one with: hospes up"
_FORMAT_KEY: Final = b"format"
_GENESIS_KEY: Final = b"genesis"
_ALLOCATION_KEY: Final = b"allocation"


class WriterLock:
    """Held as long as the object lives; the second process that wants it is refused.

    Raises
    ------
    DirectoryError
        When another process seals this ledger.
    """

    def __init__(self, directory: Path) -> None:
        self._file = os.open(directory / "writer.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise DirectoryError(str(directory), "another process is sealing this ledger") from error

    def release(self) -> None:
        """Let the next process in."""
        os.close(self._file)


def create_chain(
    directory: Path, genesis: Genesis, allocation: Mapping[Address, GenesisAccount], authority: Account
) -> Chain:
    """Lay down block 0 in an empty directory.

    Raises
    ------
    DirectoryError
        When a ledger is there already, or `allocation` is not the one that `genesis` names.
    """
    database = Database(_chain_path(directory, create=True))
    try:
        writes = _first_writes(directory, database, genesis, allocation, authority)
        _write_documents(directory, genesis, encode_allocation(allocation))
        database.commit(writes)
        return Chain(database, genesis)
    except BaseException:
        database.close()
        raise


def open_chain(directory: Path, *, read_only: bool = False) -> Chain:
    """Open the ledger in a directory; `read_only` beside a process that may be sealing.

    Raises
    ------
    DirectoryError
        When there is none, or it is of another format, or its head is not whole.
    """
    try:
        database = Database(_chain_path(directory, create=False), read_only=read_only)
    except ConfigurationError as error:
        raise DirectoryError(str(directory), error.reason) from error
    try:
        return _checked(directory, database)
    except BaseException:
        database.close()
        raise


def copy_chain(chain: Chain, target: Path) -> None:
    """Copy a chain at its head into an empty directory, or raise `DirectoryError`."""
    path = _chain_path(target, create=True)
    if (path / "data.mdb").exists():
        raise DirectoryError(str(target), "there is a ledger here already")
    _write_documents(target, chain.genesis, read_allocation(chain))
    chain.database.copy_to(path)


def require_sealed(chain: Chain, signers: tuple[Address, ...], directory: Path) -> None:
    """Check that one of `signers` sealed the head, or raise `DirectoryError`."""
    head = chain.head()
    try:
        signer = recover(seal_digest(chain.chain_id, head.hash), head.seal, "the head's seal")
    except SignatureError as error:
        raise DirectoryError(str(directory), f"block {head.number} is not sealed: {error.reason}") from error
    if signer not in signers:
        raise DirectoryError(str(directory), f"block {head.number} is sealed by a key that the genesis does not name")


def read_allocation(chain: Chain) -> bytes:
    """Return the bytes of ``allocation.json``."""
    return chain.database.get(Table.META, _ALLOCATION_KEY) or b""


def _chain_path(directory: Path, *, create: bool) -> Path:
    path = directory / "chain"
    if create:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif not (path / "data.mdb").exists():
        raise DirectoryError(str(directory), NO_LEDGER)
    return path


def _checked(directory: Path, database: Database) -> Chain:
    kept = database.get(Table.META, _FORMAT_KEY)
    if kept is None:
        raise DirectoryError(str(directory), NO_LEDGER)
    if kept != FORMAT:
        reason = f"expected ledger format {FORMAT.decode()}, found {kept.decode('ascii', 'replace')}"
        raise DirectoryError(str(directory), reason)
    chain = Chain(database, Genesis.decode(database.get(Table.META, _GENESIS_KEY) or b""))
    head = chain.head()
    if database.get(Table.NODES, head.header.state_root) is None:
        raise DirectoryError(str(directory), f"the state of block {head.number} is missing")
    return chain


def _first_writes(
    directory: Path,
    database: Database,
    genesis: Genesis,
    allocation: Mapping[Address, GenesisAccount],
    authority: Account,
) -> list[Write]:
    if database.get(Table.META, HEAD_KEY) is not None:
        raise DirectoryError(str(directory), "there is a ledger here already")
    encoded = encode_allocation(allocation)
    if keccak(encoded) != genesis.allocation_hash:
        raise DirectoryError(str(directory), "the allocation is not the one that the genesis names")
    nodes = Overlay(database)
    header = evm.decode_header(genesis.header)
    _require_first(directory, header, allocate(nodes, allocation))
    seal = authority.sign(seal_digest(genesis.chain_id, genesis.block_hash))
    block = SealedBlock(header, genesis.block_hash, (), (), seal)
    documents = {_FORMAT_KEY: FORMAT, _GENESIS_KEY: genesis.encode(), _ALLOCATION_KEY: encoded}
    meta = [Write(Table.META, key, value) for key, value in documents.items()]
    return [*nodes.writes(), *block.writes(), *meta]


def _require_first(directory: Path, header: BlockHeaderAPI, root: Hash) -> None:
    if Hash(header.state_root) != root:
        raise DirectoryError(str(directory), "the genesis header's state is not that of the allocation")
    if header != evm.first_header(header.timestamp, Address(header.coinbase), root):
        raise DirectoryError(str(directory), "the genesis header is not one of this engine")


def _write_documents(directory: Path, genesis: Genesis, allocation: bytes) -> None:
    (directory / "genesis.json").write_bytes(genesis.encode())
    (directory / "allocation.json").write_bytes(allocation)
