"""A whole small world for the contracts: titanoboa's chain with the contracts placed as a genesis places them.

Calls go through the package's own calldata and come back as its own typed errors and events; the getters are
titanoboa's, made from the sources, and judge the package's storage encoding.
"""

# titanoboa has no type hints of its own.
# mypy: disable-error-code="import-untyped"
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import boa
import boa.interpret
import pytest
from eth_utils.address import to_checksum_address

from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG, CONSENT, REGISTRY
from hospes.contracts.artifacts import ADDRESSES
from hospes.contracts.events import Happened, decode_entry, decode_event
from hospes.contracts.genesis import FirstSet, Founder, GenesisSpec, allocation
from hospes.contracts.refusals import ContractRefusedError, refusal
from hospes.contracts.storage import Reading, members_slot, resolve
from hospes.core.chain import DEMONSTRATION_CHAIN_ID, Entry, Role
from hospes.core.identities import Account, Address, Country, Hash, MemberId, RecordId, keccak
from hospes.core.messages import Consent, Deposit, DepositBody, Ending, Erasure, Grant, Withdrawal, sorted_grants
from hospes.core.typed_data import Domain, Message, digest, hash_list, hash_struct, hash_words

SOURCES: Final = Path(__file__).parents[2] / "contracts" / "src" / "hospes" / "contracts"
CHAIN_ID: Final = DEMONSTRATION_CHAIN_ID
DOMAIN: Final = Domain(CHAIN_ID, CONSENT)
START: Final = 1_800_000_000
"""Unix seconds of block 1."""
FAR: Final = START + 365 * 24 * 60 * 60
"""A deadline that no test reaches."""
DELAY_S: Final = 14 * 24 * 60 * 60
FUNDING_WEI: Final = 10**15
FORWARDER: Final = Address(b"a contract forwards!")
RELAYER: Final = Account(keccak(b"a relayer that is no member"))

KEEPER: Final = Role.HOSPITAL | Role.KEEPER | Role.VALIDATOR
FOUNDERS: Final = {
    "ada": (KEEPER, "DE"),
    "bel": (KEEPER, "FR"),
    "cor": (Role.KEEPER | Role.ORACLE | Role.VALIDATOR, "IT"),
    "dun": (Role.KEEPER | Role.ORACLE | Role.VALIDATOR, "ES"),
    "elm": (KEEPER, "DE"),
    "fox": (Role.AUDITOR | Role.KEEPER | Role.ORACLE, "FR"),
    "gil": (Role.HOSPITAL | Role.ORACLE, "FR"),
}


def account(name: str) -> Account:
    """Return the account of a member of the world, or of anybody else with a name."""
    return Account(keccak(name.encode()))


def hash_of(text: str) -> Hash:
    """Return a hash that stands for something."""
    return keccak(text.encode())


def addresses(*names: str) -> tuple[Address, ...]:
    """Return the addresses of accounts by name."""
    return tuple(account(name).address for name in names)


def founder(name: str) -> Founder:
    """Return a member of the world."""
    roles, code = FOUNDERS[name]
    url = f"https://{name}.example/v1"
    return Founder(account(name).address, MemberId(name), roles, Country(code), url, b"\x00\x20" + keccak(url.encode()))


SPEC: Final = GenesisSpec(
    members=tuple(founder(name) for name in FOUNDERS),
    keepers=FirstSet(addresses("ada", "bel", "cor", "dun"), threshold=2),
    oracles=FirstSet(addresses("cor", "dun", "fox", "gil"), threshold=2),
    delay_s=DELAY_S,
    funding_wei=FUNDING_WEI,
    treasury_wei=10 * FUNDING_WEI,
)


@dataclass(frozen=True)
class Result:
    """What an accepted call left: the entries it logged, and all its events."""

    entries: tuple[Entry, ...]
    events: tuple[Happened, ...]

    def names(self) -> list[str]:
        """Return the names of the events, in order."""
        return [event.event for event in self.events]


class World:
    """The contracts on a chain of their own, with the members of a specification."""

    def __init__(self, compiled: Mapping[str, Any], spec: GenesisSpec = SPEC) -> None:
        self._env = boa.Env()
        self._vm: Any = self._env.evm.vm
        self._env.evm.patch.chain_id = CHAIN_ID
        self.block, self.time = 1, START
        for address, placed in allocation(spec).items():
            name = to_checksum_address(address)
            self._env.set_code(name, placed.code)
            self._env.set_balance(name, placed.balance)
            for slot, value in placed.storage.items():
                self._env.set_storage(name, slot, value)
        self._vm.state.lock_changes()
        with boa.swap_env(self._env):
            places = ((name, to_checksum_address(address)) for name, address in ADDRESSES.items())
            self._contracts = {name: compiled[name].at(place) for name, place in places}

    @property
    def block(self) -> int:
        """The number of the block in which the next call runs."""
        number: int = self._env.evm.patch.block_number
        return number

    @block.setter
    def block(self, number: int) -> None:
        self._env.evm.patch.block_number = number

    @property
    def time(self) -> int:
        """The time of that block, Unix seconds."""
        seconds: int = self._env.evm.patch.timestamp
        return seconds

    @time.setter
    def time(self, seconds: int) -> None:
        self._env.evm.patch.timestamp = seconds

    def pass_time(self, seconds: int = 1) -> None:
        """Go to the next block, `seconds` later."""
        self.block, self.time = self.block + 1, self.time + seconds

    def deliver(self, call: tuple[Address, bytes], sender: Account = RELAYER) -> Result:
        """Run a call that a traveller signed."""
        return self.send(*call, sender=sender)

    def send(self, to: Address, data: bytes, sender: Account = RELAYER, value: int = 0) -> Result:
        """Run a call, or raise `ContractRefusedError`."""
        return self.send_as(sender.address, to, data, value)

    def send_as(self, sender: Address, to: Address, data: bytes, value: int = 0) -> Result:
        """Run a call of any sender, a contract's included."""
        target = to_checksum_address(to)
        contract = self._env.lookup_contract(target)
        computation = self._env.execute_code(
            target, to_checksum_address(sender), value=value, data=data, contract=contract
        )
        if computation.is_error:
            raise refusal(computation.output)
        logs = [(topics, data) for _, _, topics, data in computation.get_raw_log_entries()]
        words = [([topic.to_bytes(32) for topic in topics], data) for topics, data in logs]
        events = tuple(decode_event(topics, data) for topics, data in words)
        entries = tuple(
            decode_entry(topics, data, self.block)
            for (topics, data), event in zip(words, events, strict=True)
            if event.event == "Entry"
        )
        return Result(entries, events)

    def send_through_contract(self, to: Address, data: bytes, sender: Account) -> Result:
        """Let an account call a contract that makes the call, and gives back what comes back."""
        # Copies the call's data, makes the call, copies what came back; returns it, or reverts if the call did.
        copy_and_call = "365f5f375f5f365f5f73" + to.hex() + "5af1"
        answer = "3d5f5f3e602a573d5ffd5b3d5ff3"
        self._env.set_code(to_checksum_address(FORWARDER), bytes.fromhex(copy_and_call + answer))
        return self.send(FORWARDER, data, sender)

    def view(self, contract: str, getter: str, *arguments: object) -> Any:  # noqa: ANN401 - as the getter
        """Call a getter of the sources; 20 bytes count as an address."""
        shown = (
            to_checksum_address(each) if isinstance(each, bytes) and len(each) == 20 else each for each in arguments
        )
        return getattr(self._contracts[contract], getter)(*shown)

    def read(self, address: Address, reading: Reading[Any]) -> Any:  # noqa: ANN401 - whatever the reading gives
        """Run a reading over the storage of a contract."""
        return resolve(reading, lambda slots: {slot: self.slot(address, slot) for slot in slots})

    def slot(self, address: Address, slot: int) -> int:
        """Return the value of one slot."""
        return int(self._env.get_storage(to_checksum_address(address), slot))

    def balance(self, address: Address) -> int:
        """Return the wei of an account."""
        return int(self._env.get_balance(to_checksum_address(address)))

    def set_balance(self, address: Address, wei: int) -> None:
        """Change the wei of an account."""
        self._env.set_balance(to_checksum_address(address), wei)

    def set_code(self, contract: str, code: bytes) -> None:
        """Put other code in the place of a contract."""
        self._env.set_code(to_checksum_address(ADDRESSES[contract]), code)

    def set_slot(self, address: Address, slot: int, value: int) -> None:
        """Change a slot of a contract, which no call does."""
        self._env.set_storage(to_checksum_address(address), slot, value)

    def set_member_count(self, count: int) -> None:
        """Make the registry believe that it admitted so many accounts."""
        self.set_slot(REGISTRY, members_slot(), count)

    def anchor(self) -> AbstractContextManager[None]:
        """Forget at the end of the ``with`` block whatever happens in it, time included."""
        context: AbstractContextManager[None] = self._env.anchor()
        return context

    def propose(self, name: str, data: bytes) -> int:
        """Send a proposal of a member, and return its number."""
        self.send(REGISTRY, data, account(name))
        return int(self.view("registry", "proposal_count"))

    def vote(self, number: int, *names: str, support: bool = True) -> None:
        """Let members vote."""
        for name in names:
            self.send(REGISTRY, calls.vote(number, support=support), account(name))

    def execute(self, number: int) -> Result:
        """Execute a proposal."""
        return self.send(REGISTRY, calls.execute(number))

    def suspend(self, name: str) -> None:
        """Suspend a founder by the votes of the others."""
        others = [other for other in FOUNDERS if other != name]
        number = self.propose(others[0], calls.propose_suspension(account(name).address))
        self.vote(number, *others[:4])
        self.execute(number)


class Traveller:
    """A journey's key, and the calls that it signs."""

    def __init__(self, name: str = "Anna's journey", domain: Domain = DOMAIN) -> None:
        self.key = account(name)
        self.journey = self.key.address
        self.domain = domain

    def sign(self, message: Message) -> bytes:
        """Return the journey's signature over a message."""
        return self.key.sign(digest(self.domain, message))

    def give(self, grants: tuple[Grant, ...], deadline: int = FAR) -> tuple[Address, bytes]:
        """Return the call that gives a consent."""
        consent = Consent(grants, deadline)
        return CONSENT, calls.give(self.journey, consent.grants_hash, deadline, self.sign(consent))

    def withdraw(self, grants: tuple[Grant, ...]) -> tuple[Address, bytes]:
        """Return the call that withdraws a consent."""
        signature = self.sign(Withdrawal(grants))
        return CONSENT, calls.withdraw(self.journey, hash_list(grants), signature)

    def end(self, through: int) -> tuple[Address, bytes]:
        """Return the call that ends all consents given up to a block."""
        return CONSENT, calls.end(self.journey, through, self.sign(Ending(through)))

    def deposit(self, body: DepositBody) -> tuple[Address, bytes]:
        """Return the call that logs a deposit."""
        signature = self.sign(Deposit(self.journey, body))
        return ACCESS_LOG, calls.deposit(self.journey, hash_struct(body), signature)

    def erase(self, erasure: Erasure) -> tuple[Address, bytes]:
        """Return the call that logs an erasure."""
        hashes = hash_words(erasure.records), hash_words(erasure.digests)
        signature = self.sign(erasure)
        return ACCESS_LOG, calls.erase(self.journey, *hashes, erasure.deadline, erasure.salt, signature)


def grants(*salts: int) -> tuple[Grant, ...]:
    """Return a list of grants that differ by their salts."""
    return sorted_grants(
        Grant(
            who="country:ES",
            what=("emergency-summary", "medication"),
            why=("treatment",),
            where=(Country("ES"),),
            not_before=START,
            not_after=FAR,
            gate=Hash(bytes(32)),
            salt=hash_of(f"salt {salt}"),
        )
        for salt in salts
    )


def deposit_body(salt: int = 1) -> DepositBody:
    """Return the body of a deposit with four keepers."""
    return DepositBody(
        record=RecordId(hash_of(f"record {salt}")),
        what="emergency-summary",
        manifest=hash_of("manifest"),
        keeper_epoch=1,
        threshold=2,
        share_hashes=tuple(hash_of(f"share {i}") for i in range(4)),
        key_check=hash_of("key check"),
        deposited_at=START,
        salt=hash_of(f"salt {salt}"),
    )


def erasure_of(salt: int = 1, deadline: int = FAR) -> Erasure:
    """Return an erasure of one record with one block."""
    return Erasure((RecordId(hash_of(f"record {salt}")),), (hash_of("block"),), deadline, hash_of(f"salt {salt}"))


def refused(reason: str) -> AbstractContextManager[pytest.ExceptionInfo[ContractRefusedError]]:
    """Expect that a contract refuses, for this reason and no other."""
    return pytest.raises(ContractRefusedError, match=rf"refused \({reason}\)")


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The contracts as titanoboa compiles them from the sources."""
    boa.interpret.set_cache_dir(
        str(tmp_path_factory.mktemp("titanoboa"))
    )  # the usual one has the paths of its first user
    names = ("access_log", "alerts", "consent", "registry")
    arguments = {"evm_version": "prague"}
    return {name: boa.load_partial(str(SOURCES / f"{name}.vy"), compiler_args=arguments) for name in names}


@pytest.fixture(scope="session")
def shared_world(compiled: dict[str, Any]) -> World:
    """One world for all tests; each uses it through `world`."""
    return World(compiled)


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    """The world as its genesis left it."""
    with shared_world.anchor():
        yield shared_world


@pytest.fixture(scope="session")
def new_world(compiled: dict[str, Any]) -> Callable[..., World]:
    """Make a world of one's own, with changes to the specification."""

    def make(**changes: Any) -> World:  # noqa: ANN401 - the fields of a specification
        return World(compiled, replace(SPEC, **changes))

    return make
