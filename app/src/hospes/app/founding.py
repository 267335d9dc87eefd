"""Founding: keys for every member of the roster, block 0, and the files that pin it.

A network is founded once; afterwards only votes change it. The embedded authority's key lies beside the ledger: whoever
holds it is trusted, and every screen says so.
"""

import itertools
import secrets
import shutil
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hospes.app.roster import EVERYBODY, KEEPERS, LEDGER_PORT, ORACLES, STORE, THRESHOLD, Place
from hospes.contracts.addresses import CONTRACTS
from hospes.contracts.genesis import FirstSet, Founder, GenesisSpec, allocation
from hospes.contracts.sets import oracle_threshold
from hospes.core.boxes import BoxSecret
from hospes.core.chain import DEMONSTRATION_CHAIN_ID
from hospes.core.errors import ConfigurationError, HospesError, MalformedError
from hospes.core.identities import Account, MemberId
from hospes.nodes.ledger.directory import WriterLock
from hospes.nodes.ledger.engine import Engine
from hospes.nodes.ledger.genesis import make_genesis
from hospes.service.membership import MemberKeys, store_member
from hospes.service.network import MEMBERS_FOLDER, NETWORK_FILE, Network, load_network, store_network
from hospes.service.private_files import write_private

LEDGER_FOLDER: Final = "ledger"
AUTHORITY_FILE: Final = "authority.key"
STORY_FILE: Final = "made-for-a-demonstration"
"""Marks a network that the next demonstration in the same place may remove."""
FUNDING_WEI: Final = 10**24
"""What an account starts with: gas costs nothing here, clients only check that they could pay."""
HOST: Final = "127.0.0.1"

Entropy = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Ports:
    """Where everything listens on this machine."""

    ledger: int
    members: dict[MemberId, int]

    @classmethod
    def fixed(cls) -> "Ports":
        """Return the ports of the roster."""
        return cls(LEDGER_PORT, {place.id: place.port for place in EVERYBODY})

    @classmethod
    def usual(cls) -> "Ports":
        """Return the ports of the roster, or free ones when another program has any of them."""
        fixed = cls.fixed()
        return fixed if all(_is_free(port) for port in (fixed.ledger, *fixed.members.values())) else cls.free()

    @classmethod
    def free(cls) -> "Ports":
        """Return ports that are free now, so that a demonstration disturbs nothing that runs here."""
        with ExitStack() as stack:
            sockets = [stack.enter_context(socket.socket()) for _ in range(len(EVERYBODY) + 1)]
            for one in sockets:
                one.bind((HOST, 0))
            ledger, *members = (int(one.getsockname()[1]) for one in sockets)
        return cls(ledger, {place.id: port for place, port in zip(EVERYBODY, members, strict=True)})


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def found(
    directory: Path, ports: Ports, now: int, entropy: Entropy = secrets.token_bytes, *, for_a_story: bool = False
) -> Network:
    """Found a network in `directory`, whole or not at all.

    Parameters
    ----------
    directory : Path
        Must not exist yet.
    ports : Ports
        Written into the registry as the addresses of the members' services.
    now : int
        Time of block 0, Unix seconds.
    for_a_story : bool
        Whether `clear_story` may remove it again.

    Raises
    ------
    ConfigurationError
        When `directory` exists.
    """
    if directory.exists():
        raise ConfigurationError(str(directory), "there is something here already; choose another place with --data")
    building = directory.with_name(directory.name + ".new")
    shutil.rmtree(building, ignore_errors=True)
    _build(building, ports, now, entropy)
    if for_a_story:
        (building / STORY_FILE).touch()
    building.replace(directory)
    return load_network(directory)


def story_directory(parent: Path) -> Path:
    """Return where a demonstration keeps its network in `parent`: a name that is free, or an earlier story's."""
    names = itertools.chain(["demonstration"], (f"demonstration-{number}" for number in itertools.count(2)))
    return next(path for path in map(parent.joinpath, names) if not path.exists() or (path / STORY_FILE).exists())


def clear_story(directory: Path) -> None:
    """Remove what an earlier demonstration left in `directory`; anything else that is there is refused.

    Raises
    ------
    ConfigurationError
        When it was not made for a demonstration, or one is running in it.
    """
    if not directory.exists():
        return
    if not (directory / STORY_FILE).exists():
        raise ConfigurationError(str(directory), "something else is here; choose another place with --data")
    try:
        lock = WriterLock(directory / LEDGER_FOLDER)
    except HospesError as error:
        reason = "a demonstration is running here; wait for its end, or choose another place with --data"
        raise ConfigurationError(str(directory), reason) from error
    shutil.rmtree(directory)
    lock.release()


def founded(directory: Path) -> bool:
    """Whether a network was founded in `directory`."""
    return (directory / NETWORK_FILE).exists()


def load_authority(directory: Path) -> Account:
    """Return the key that seals this network's blocks."""
    try:
        return Account((directory / AUTHORITY_FILE).read_bytes())
    except (OSError, MalformedError) as error:
        raise ConfigurationError(str(directory / AUTHORITY_FILE), "the authority's key cannot be read") from error


def _build(directory: Path, ports: Ports, now: int, entropy: Entropy) -> None:
    keys = {place.id: _new_member(place.id, entropy) for place in EVERYBODY}
    for name, member in keys.items():
        store_member(directory / MEMBERS_FOLDER / f"{name}.json", member)
    authority = Account(entropy(32))
    write_private(directory / AUTHORITY_FILE, authority.secret)
    founders = tuple(_founder(place, keys[place.id], ports) for place in EVERYBODY)
    keepers = FirstSet(tuple(keys[place.id].account.address for place in KEEPERS), THRESHOLD)
    watching = tuple(keys[place.id].account.address for place in ORACLES)
    oracles = FirstSet(watching, oracle_threshold(len(watching)))
    spec = GenesisSpec(founders, keepers, oracles, funding_wei=FUNDING_WEI, treasury_wei=FUNDING_WEI * 1024)
    accounts = allocation(spec)
    genesis = make_genesis(DEMONSTRATION_CHAIN_ID, accounts, authority.address, now, CONTRACTS)
    Engine.create(directory / LEDGER_FOLDER, genesis, accounts, authority).close()
    store_network(Network(genesis, f"http://{HOST}:{ports.ledger}", (STORE.id,), directory))


def _new_member(name: MemberId, entropy: Entropy) -> MemberKeys:
    return MemberKeys(name, Account(entropy(32)), BoxSecret(entropy(32)))


def _founder(place: Place, keys: MemberKeys, ports: Ports) -> Founder:
    url = f"http://{HOST}:{ports.members[place.id]}"
    return Founder(keys.account.address, place.id, place.role, place.country, url, keys.box.public)
