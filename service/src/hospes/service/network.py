"""Which network this installation belongs to: its pinned genesis, a node, and the stores.

The file is a convenience, the pin is the trust: everything else that it says is proven before it is used.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hospes.core import wire
from hospes.core.errors import ConfigurationError, HospesError
from hospes.core.genesis import Genesis
from hospes.core.identities import Hash, MemberId, member_id, to_hex

HOME: Final = "HOSPES_HOME"
"""Environment variable: where Hospes keeps its files; ``~/.hospes`` unless set."""
GENESIS_FILE: Final = "genesis.json"
NETWORK_FILE: Final = "network.json"
MEMBERS_FOLDER: Final = "members"
MEMORY_FOLDER: Final = "highest-blocks"


@dataclass(frozen=True, slots=True)
class Network:
    """One network as this installation reaches it.

    Attributes
    ----------
    genesis : Genesis
        Checked against the pin.
    ledger_url : str
        Of a node; it need not be trusted.
    stores : tuple of MemberId
        Members that run a store, in the order to try.
    directory : Path
    """

    genesis: Genesis
    ledger_url: str
    stores: tuple[MemberId, ...]
    directory: Path

    def member_file(self, name: MemberId) -> Path:
        """Return where the keys of a member would be kept here."""
        return self.directory / MEMBERS_FOLDER / f"{name}.json"

    def memory_file(self, name: MemberId) -> Path:
        """Return where a member that runs commands here remembers the highest final block that it saw."""
        return self.directory / MEMORY_FOLDER / name


@dataclass(frozen=True, slots=True)
class _File:
    genesis: Hash
    ledger: str
    stores: tuple[MemberId, ...]


def home() -> Path:
    """Return the directory that Hospes keeps its files in."""
    return Path(os.environ.get(HOME) or Path.home() / ".hospes")


def default_directory() -> Path:
    """Return the directory of the network that `hospes up` runs."""
    return home() / "network"


def store_network(network: Network) -> None:
    """Write both files; the genesis first, so that a pin never stands without it."""
    network.directory.mkdir(parents=True, exist_ok=True)
    (network.directory / GENESIS_FILE).write_bytes(network.genesis.encode())
    file = _File(network.genesis.pin(), network.ledger_url, network.stores)
    fresh = network.directory / (NETWORK_FILE + ".new")
    fresh.write_bytes(wire.encode(file))
    fresh.replace(network.directory / NETWORK_FILE)


def load_network(directory: Path) -> Network:
    """Read both files.

    Raises
    ------
    ConfigurationError
        When there is no network here, or the genesis is not the pinned one.
    """
    try:
        file = wire.decode(_File, (directory / NETWORK_FILE).read_bytes())
        genesis = Genesis.decode((directory / GENESIS_FILE).read_bytes())
        stores = tuple(member_id(store) for store in file.stores)
    except OSError as error:
        raise ConfigurationError(str(directory), "there is no network here; start one with: hospes up") from error
    except HospesError as error:
        raise ConfigurationError(str(directory), f"the files of the network are damaged ({error})") from error
    if genesis.pin() != file.genesis:
        reason = f"{GENESIS_FILE} is not the genesis that {NETWORK_FILE} pins ({to_hex(file.genesis)})"
        raise ConfigurationError(str(directory), reason)
    return Network(genesis, file.ledger, stores, directory)
