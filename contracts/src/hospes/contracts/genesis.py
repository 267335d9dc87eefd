"""The contracts in block 0: their code, and the registry's storage with the first members and sets.

It refuses what the registry would refuse, with the registry's reasons, since no vote stands behind a genesis. It does
not make the header and does not pin anything (`core.genesis` and the ledger do).

Sources: PROTOCOL section 2 ("Pinned genesis", "Registry"); ``registry.vy``, whose rules are repeated here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from hospes.contracts.addresses import REGISTRY
from hospes.contracts.allocation import Allocation, GenesisAccount
from hospes.contracts.artifacts import ADDRESSES, load
from hospes.contracts.refusals import ContractRefusedError
from hospes.contracts.sets import require_set
from hospes.contracts.storage.registry import MAX_BOX_KEY_BYTES, MAX_MEMBERS, MAX_SET, MAX_URL_BYTES
from hospes.contracts.storage.writing import written_epoch, written_member, written_members, written_rules
from hospes.core.chain import Epoch, Member, MemberWord, Role
from hospes.core.errors import MalformedError, TooLargeError
from hospes.core.identities import ADDRESS_BYTES, Address, Country, MemberId, country, member_id

DEFAULT_DELAY_S: Final = 14 * 24 * 60 * 60
"""Seconds that a change of a set waits (PROTOCOL section 2: "14 days by default")."""
FIRST_EPOCH: Final = 1
_CREATED_NONCE: Final = 1
"""Nonce of a contract from its creation on (EIP-161)."""


@dataclass(frozen=True, slots=True)
class Founder:
    """A member from block 0 on.

    Attributes
    ----------
    account : Address
    id : MemberId
    roles : Role
        At least one.
    country : Country
    service : str
        Address (URL) of its services; empty when it has none yet.
    box_key : bytes
        ``uint16 KEM id || public key``; needs a service.
    """

    account: Address
    id: MemberId
    roles: Role
    country: Country
    service: str = ""
    box_key: bytes = b""


@dataclass(frozen=True, slots=True)
class FirstSet:
    """The accounts of a first epoch, in order, and its threshold (see `sets` for what is allowed)."""

    accounts: tuple[Address, ...]
    threshold: int


@dataclass(frozen=True, slots=True)
class GenesisSpec:
    """What a network begins with.

    Attributes
    ----------
    members : tuple of Founder
    keepers, oracles, validators : FirstSet or None
        The first epochs; None when the network begins without.
    delay_s : int
        Seconds that a change of a set waits; no vote changes it.
    funding_wei : int
        What a member's account receives at its admission, and each founder now; no vote changes it.
    treasury_wei : int
        The registry's balance, from which admissions are funded.
    balances : mapping of Address to int
        Wei of further accounts, and on top for founders.
    """

    members: tuple[Founder, ...]
    keepers: FirstSet | None = None
    oracles: FirstSet | None = None
    validators: FirstSet | None = None
    delay_s: int = DEFAULT_DELAY_S
    funding_wei: int = 0
    treasury_wei: int = 0
    balances: Mapping[Address, int] = field(default_factory=dict[Address, int])


def allocation(spec: GenesisSpec) -> Allocation:
    """Return every account of block 0.

    Raises
    ------
    ContractRefusedError
        For members or sets that the registry would refuse.
    MalformedError, TooLargeError
        For values that its storage cannot hold.
    """
    _require_members(spec.members)
    contracts = {
        address: GenesisAccount(0, load()[name].runtime_code, _CREATED_NONCE) for name, address in ADDRESSES.items()
    }
    contracts[REGISTRY] = replace(contracts[REGISTRY], balance=spec.treasury_wei, storage=_registry_storage(spec))
    return contracts | _funded(spec)


def _funded(spec: GenesisSpec) -> Allocation:
    wei = dict.fromkeys((founder.account for founder in spec.members), spec.funding_wei)
    for account, balance in spec.balances.items():
        _require_fits("balances", balance, 256)
        wei[account] = wei.get(account, 0) + balance
    for account, balance in wei.items():
        if account in ADDRESSES.values():
            raise MalformedError("GenesisSpec", "balances", "a contract is no account to fund")
        _require_fits("balances", balance, 256)
    return {account: GenesisAccount(balance) for account, balance in wei.items() if balance}


def _registry_storage(spec: GenesisSpec) -> dict[int, int]:
    _require_fits("delay_s", spec.delay_s, 64)
    _require_fits("funding_wei", spec.funding_wei, 256)
    _require_fits("treasury_wei", spec.treasury_wei, 256)
    storage = written_rules(spec.delay_s, spec.funding_wei)
    storage |= written_members([founder.account for founder in spec.members])
    words = {founder.account: _word(founder) for founder in spec.members}
    for founder in spec.members:
        word = words[founder.account]
        storage |= written_member(Member(founder.account, founder.id, word, founder.service, founder.box_key))
    sets = {Role.KEEPER: spec.keepers, Role.ORACLE: spec.oracles, Role.VALIDATOR: spec.validators}
    for role, first in sets.items():
        if first is not None:
            storage |= _first_epoch(role, first, words)
    return storage


def _word(founder: Founder) -> MemberWord:
    return MemberWord(founder.roles, founder.country, admitted_block=0, suspended_block=0)


def _first_epoch(role: Role, first: FirstSet, words: Mapping[Address, MemberWord]) -> dict[int, int]:
    if len(first.accounts) > MAX_SET:
        raise TooLargeError(f"the set of {(role.name or '').lower()}s", len(first.accounts), MAX_SET, "accounts")
    require_set(role, first.threshold, first.accounts, words, block=0)
    return written_epoch(role, Epoch(FIRST_EPOCH, first.accounts, first.threshold, from_block=0))


def _require_members(members: tuple[Founder, ...]) -> None:
    if len(members) > MAX_MEMBERS:
        raise ContractRefusedError("members_full")
    if len({founder.account for founder in members}) < len(members):
        raise ContractRefusedError("account_known")
    if len({founder.id for founder in members}) < len(members):
        raise ContractRefusedError("id_known")
    for founder in members:
        _require_founder(founder)


def _require_founder(founder: Founder) -> None:
    member_id(founder.id)
    country(founder.country)
    if len(founder.account) != ADDRESS_BYTES:
        raise MalformedError("Founder", "account", f"expected {ADDRESS_BYTES} bytes, got {len(founder.account)}")
    if not any(founder.account):
        raise ContractRefusedError("account_zero")
    if not 0 < founder.roles <= sum(Role):
        raise ContractRefusedError("roles_unknown")
    if founder.box_key and not founder.service:
        raise ContractRefusedError("url_empty")
    if len(founder.service.encode()) > MAX_URL_BYTES:
        raise TooLargeError("service URL", len(founder.service.encode()), MAX_URL_BYTES)
    if len(founder.box_key) > MAX_BOX_KEY_BYTES:
        raise TooLargeError("box key", len(founder.box_key), MAX_BOX_KEY_BYTES)


def _require_fits(where: str, value: int, bits: int) -> None:
    if not 0 <= value < 1 << bits:
        raise MalformedError("GenesisSpec", where, f"expected a whole number below 2**{bits}")
