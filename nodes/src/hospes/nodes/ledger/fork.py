"""A second history of the same network, as a thief of the data directory could make it, for tests and demonstrations.

The copy is opened with a key that the genesis does not name (`Engine.open` with ``stranger=True``). It seals blocks
that follow the true ones and carry every transaction it likes; whoever verifies seals against the pinned genesis
refuses them.
"""

from pathlib import Path

from hospes.nodes.ledger.chain import Chain
from hospes.nodes.ledger.directory import copy_chain, open_chain


def copy_ledger(source: Chain | Path, target: Path) -> None:
    """Copy a ledger as it is at its head into an empty directory.

    Parameters
    ----------
    source : Chain or Path
        The chain of an engine in this process, or a directory that none has open (another process may).
    target : Path
        Made if it is not there.

    Raises
    ------
    DirectoryError
        When there is no ledger at `source`, or `target` has one.
    """
    if isinstance(source, Chain):
        copy_chain(source, target)
        return
    chain = open_chain(source, read_only=True)
    try:
        copy_chain(chain, target)
    finally:
        chain.database.close()
