"""Block 0: what it places, and which beginnings it refuses."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG, ALERTS, CONSENT, REGISTRY
from hospes.contracts.allocation import (
    MAX_BYTES,
    GenesisAccount,
    allocation_hash,
    decode_allocation,
    encode_allocation,
)
from hospes.contracts.artifacts import load
from hospes.contracts.genesis import DEFAULT_DELAY_S, FirstSet, Founder, GenesisSpec, allocation
from hospes.contracts.refusals import ContractRefusedError
from hospes.core.chain import Role
from hospes.core.errors import HospesError, MalformedError, TooLargeError
from hospes.core.identities import Address, Country, MemberId, keccak
from tests.contracts.conftest import FUNDING_WEI, SPEC, World, account, addresses, founder, refused

ADA = founder("ada")
OTHERS = SPEC.members[1:]


def with_ada(**changes: Any) -> GenesisSpec:  # noqa: ANN401 - the fields of a founder
    """Return a specification of one changed founder, without sets."""
    return GenesisSpec(members=(replace(ADA, **changes), *OTHERS))


def test_the_contracts_have_the_code_of_the_artifacts() -> None:
    """Block 0 has the runtime code at the contracts' addresses, and storage in the registry only."""
    accounts = allocation(SPEC)
    names = {REGISTRY: "registry", CONSENT: "consent", ACCESS_LOG: "access_log", ALERTS: "alerts"}
    for address, name in names.items():
        assert accounts[address].code == load()[name].runtime_code
        assert keccak(accounts[address].code) == load()[name].code_hash
        assert accounts[address].nonce == 1
        assert bool(accounts[address].storage) is (name == "registry")


def test_founders_are_funded_as_admitted_members_are() -> None:
    """Each founder has the funding of an admission, others what the specification says, the registry the treasury."""
    stranger = account("somebody").address
    accounts = allocation(replace(SPEC, balances={stranger: 5, ADA.account: 7}))
    assert accounts[ADA.account] == GenesisAccount(FUNDING_WEI + 7)
    assert accounts[OTHERS[0].account] == GenesisAccount(FUNDING_WEI)
    assert accounts[stranger] == GenesisAccount(5)
    assert accounts[REGISTRY].balance == 10 * FUNDING_WEI


def test_fourteen_days_is_the_usual_delay(new_world: Callable[..., World]) -> None:
    """Without saying anything else a network's changes of sets wait for 14 days."""
    assert GenesisSpec(members=(ADA,)).delay_s == DEFAULT_DELAY_S == 14 * 86_400
    assert new_world(delay_s=DEFAULT_DELAY_S).view("registry", "delay") == DEFAULT_DELAY_S


def test_a_network_may_begin_without_sets(new_world: Callable[..., World]) -> None:
    """Keepers can come into office by a vote, as epoch 1, with no limit on how many are new."""
    world = new_world(keepers=None, oracles=None, delay_s=0)
    number = world.propose("ada", calls.propose_epoch(Role.KEEPER, 2, addresses("ada", "bel", "cor")))
    world.vote(number, "ada", "bel", "cor", "dun")
    world.execute(number)
    assert world.view("registry", "epoch_number", 2) == 1


def keepers(threshold: int, *names: str) -> GenesisSpec:
    """Return a specification with these keepers."""
    return replace(SPEC, keepers=FirstSet(addresses(*names), threshold))


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (keepers(2, "ada", "elm", "bel", "cor"), "country_reaches_threshold"),
        (keepers(5, "ada", "bel", "cor", "dun"), "threshold_impossible"),
        (keepers(2), "set_empty"),
        (keepers(2, "ada", "bel", "bel"), "set_repeats"),
        (keepers(2, "ada", "bel", "gil"), "not_active_in_role"),
        (replace(SPEC, oracles=FirstSet(addresses("cor", "dun", "fox"), 2)), "threshold_impossible"),
        (replace(SPEC, validators=FirstSet(addresses("ada", "bel", "cor"), 3)), "country_has_third"),
        (with_ada(account=OTHERS[0].account), "account_known"),
        (with_ada(id=OTHERS[0].id), "id_known"),
        (with_ada(account=Address(bytes(20))), "account_zero"),
        (with_ada(roles=Role(0)), "roles_unknown"),
        (with_ada(service=""), "url_empty"),
        (GenesisSpec(members=(ADA,) * 1025), "members_full"),
    ],
)
def test_beginnings_that_the_registry_would_refuse(spec: GenesisSpec, reason: str) -> None:
    """A genesis is refused for the reason that the registry would give for the same members and sets."""
    with refused(reason):
        allocation(spec)


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        (with_ada(id=MemberId("Ada")), MalformedError),
        (with_ada(country=Country("de")), MalformedError),
        (with_ada(account=Address(bytes(19))), MalformedError),
        (with_ada(service="u" * 129), TooLargeError),
        (with_ada(box_key=bytes(1219)), TooLargeError),
        (replace(SPEC, keepers=FirstSet(tuple(account(str(i)).address for i in range(17)), 2)), TooLargeError),
        (replace(SPEC, delay_s=-1), MalformedError),
        (replace(SPEC, delay_s=1 << 64), MalformedError),
        (replace(SPEC, treasury_wei=1 << 256), MalformedError),
        (replace(SPEC, balances={CONSENT: 1}), MalformedError),
        (replace(SPEC, balances={ADA.account: -1}), MalformedError),
        (replace(SPEC, balances={ADA.account: (1 << 256) - 1}), MalformedError),
        (with_ada(account=REGISTRY), MalformedError),
    ],
)
def test_beginnings_that_storage_cannot_hold(spec: GenesisSpec, error: type[HospesError]) -> None:
    """Values of the wrong form or size are typed errors."""
    with pytest.raises(error):
        allocation(spec)


def test_the_longest_values_fit(new_world: Callable[..., World]) -> None:
    """The longest URL, key and id of the protocol are placed and read back by the contract."""
    longest = Founder(account("x").address, MemberId("x" * 31), Role.AUDITOR, Country("ZZ"), "u" * 128, b"k" * 1218)
    world = new_world(members=(*SPEC.members, longest))
    shown = world.view("registry", "service", longest.account, 0)
    assert (shown.url, shown.boxKey) == (longest.service, longest.box_key)
    assert world.view("registry", "id", longest.account) == b"x" * 31 + b"\0"


def test_the_allocation_has_one_form() -> None:
    """The allocation reads back from its canonical bytes, whose hash does not depend on the order of accounts."""
    accounts = allocation(SPEC)
    data = encode_allocation(accounts)
    assert decode_allocation(data) == accounts
    assert data == encode_allocation(dict(reversed(accounts.items())))
    assert allocation_hash(accounts) == keccak(data)


def test_the_form_of_an_account() -> None:
    """An account is written with decimal numbers, lower-case hexadecimal and 32-byte slots, keys in order."""
    data = encode_allocation({Address(b"\xab" * 20): GenesisAccount(12, b"\xcd", 1, {2: 3, 4: 0})})
    assert data.decode() == (
        '{"0x' + "ab" * 20 + '":{"balance":"12","code":"0xcd","nonce":"1","storage":'
        '{"0x' + "00" * 31 + '02":"0x' + "00" * 31 + '03"}}}'
    )


GOOD = encode_allocation({Address(b"\xab" * 20): GenesisAccount(12, b"\xcd", 1, {2: 3})}).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        GOOD + " ",
        GOOD.replace("0xab", "0xAB", 1),
        GOOD.replace("abab", "ab", 1),
        GOOD.replace('"12"', "12"),
        GOOD.replace('"12"', '"012"'),
        GOOD.replace('"12"', '"-1"'),
        GOOD.replace('"12"', f'"{1 << 256}"'),
        GOOD.replace('"12"', f'"{"1" * 5000}"'),
        GOOD.replace('"nonce"', '"nonse"'),
        GOOD.replace('"balance":"12",', ""),
        GOOD.replace('"balance":"12",', '"balance":"12","balance":"12",'),
        GOOD.replace('"0xcd"', "null"),
        GOOD.replace('"0xcd"', '"0xc"'),
        GOOD.replace("03", "00"),
        GOOD.replace("0002", "02"),
        GOOD.replace('{"0x00', '{"0x'),
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    """An allocation in any other form is malformed: the genesis has the hash of this one only."""
    assert decode_allocation(GOOD.encode())
    with pytest.raises(MalformedError):
        decode_allocation(text.encode())


def test_a_giant_allocation_is_refused_unread() -> None:
    """Above its bound nothing is parsed."""
    with pytest.raises(TooLargeError):
        decode_allocation(bytes(MAX_BYTES + 1))


@given(
    st.dictionaries(
        st.binary(min_size=20, max_size=20).map(Address),
        st.builds(
            GenesisAccount,
            balance=st.integers(0, 2**256 - 1),
            code=st.binary(max_size=40),
            nonce=st.integers(0, 2**64 - 1),
            storage=st.dictionaries(st.integers(0, 2**256 - 1), st.integers(1, 2**256 - 1), max_size=4),
        ),
        max_size=4,
    )
)
def test_every_allocation_is_read_back(accounts: dict[Address, GenesisAccount]) -> None:
    """What is written is read back, whatever the numbers."""
    assert decode_allocation(encode_allocation(accounts)) == accounts


def test_a_refusal_of_a_genesis_is_the_registrys() -> None:
    """The error of a refused genesis is the one of a refused call, so that it has the same advice."""
    with pytest.raises(ContractRefusedError) as caught:
        allocation(keepers(2, "ada", "elm", "bel", "cor"))
    assert caught.value.reason == "country_reaches_threshold"
