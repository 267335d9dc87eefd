"""Calldata: what is encoded is decoded, by names, and nothing else is."""

from typing import Any

import pytest
from eth_utils.abi import function_signature_to_4byte_selector
from hypothesis import given, strategies as st

from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG, ALERTS, CONSENT, CONTRACTS, REGISTRY, require_constant
from hospes.contracts.artifacts import ADDRESSES, load
from hospes.contracts.calls import decode_call
from hospes.core.chain import Role
from hospes.core.errors import MalformedError
from hospes.core.genesis import ContractAddresses
from hospes.core.identities import Address, Country, Hash, MemberId
from tests.contracts.conftest import SOURCES

addresses_ = st.binary(min_size=20, max_size=20).map(Address)
hashes = st.binary(min_size=32, max_size=32).map(Hash)
signatures = st.binary(max_size=65)
numbers = st.integers(0, 2**64 - 1)

EXAMPLES: dict[str, tuple[bytes, Address, str]] = {
    "give": (calls.give(Address(bytes(20)), Hash(bytes(32)), 5, b"s" * 65), CONSENT, "give"),
    "withdraw": (calls.withdraw(Address(bytes(20)), Hash(bytes(32)), b"s" * 65), CONSENT, "withdraw"),
    "end": (calls.end(Address(bytes(20)), 5, b"s" * 65), CONSENT, "end"),
    "append": (calls.append(Address(bytes(20)), Hash(bytes(32))), ACCESS_LOG, "append"),
    "deposit": (calls.deposit(Address(bytes(20)), Hash(bytes(32)), b"s" * 65), ACCESS_LOG, "deposit"),
    "raise": (
        calls.raise_alert(Hash(bytes(32)), Address(bytes(20)), 5, 1, [b"s" * 65, b"t" * 65]),
        ALERTS,
        "raise_alert",
    ),
    "acknowledge": (calls.acknowledge(Hash(bytes(32))), ALERTS, "acknowledge"),
    "escalate": (
        calls.escalate(Hash(bytes(32)), Hash(b"n" * 32), Address(bytes(20)), 5, 1, [b"s" * 65]),
        ALERTS,
        "escalate",
    ),
    "service": (calls.set_service("https://a.example", b"k" * 34), REGISTRY, "set_service"),
    "admission": (
        calls.propose_admission(Address(bytes(20)), MemberId("hal"), Role.AUDITOR, Country("PT")),
        REGISTRY,
        "propose_admission",
    ),
    "suspension": (calls.propose_suspension(Address(bytes(20))), REGISTRY, "propose_suspension"),
    "epoch": (calls.propose_epoch(Role.KEEPER, 2, [Address(bytes(20))]), REGISTRY, "propose_epoch"),
    "vote": (calls.vote(1, support=True), REGISTRY, "vote"),
    "execute": (calls.execute(1), REGISTRY, "execute"),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_call_says_what_it_is(name: str) -> None:
    """Each call decodes to its function and to the address it is meant for."""
    data, address, function = EXAMPLES[name]
    call = decode_call(data)
    assert (call.address, call.function) == (address, function)


@given(journey=addresses_, name=hashes, deadline=numbers, signature=signatures)
def test_consent_calls_round_trip(journey: Address, name: Hash, deadline: int, signature: bytes) -> None:
    """The arguments of a consent's calls come back by the protocol's names."""
    assert decode_call(calls.give(journey, name, deadline, signature)).arguments == {
        "journey": journey,
        "grantsHash": name,
        "deadline": deadline,
        "sig": signature,
    }
    assert decode_call(calls.withdraw(journey, name, signature)).arguments == {
        "journey": journey,
        "grantsHash": name,
        "sig": signature,
    }
    assert decode_call(calls.end(journey, deadline, signature)).arguments == {
        "journey": journey,
        "through": deadline,
        "sig": signature,
    }


@given(journey=addresses_, names=st.tuples(hashes, hashes, hashes), deadline=numbers, signature=signatures)
def test_log_calls_round_trip(
    journey: Address, names: tuple[Hash, Hash, Hash], deadline: int, signature: bytes
) -> None:
    """The arguments of the access log's calls come back by the protocol's names."""
    first, second, salt = names
    assert decode_call(calls.append(journey, first)).arguments == {"journey": journey, "accessHash": first}
    assert decode_call(calls.deposit(journey, first, signature)).arguments == {
        "journey": journey,
        "bodyHash": first,
        "sig": signature,
    }
    assert decode_call(calls.erase(journey, first, second, deadline, salt, signature)).arguments == {
        "journey": journey,
        "recordsHash": first,
        "digestsHash": second,
        "deadline": deadline,
        "salt": salt,
        "sig": signature,
    }


@given(
    names=st.tuples(hashes, hashes),
    addressee=addresses_,
    deadline=numbers,
    epoch=st.integers(0, 2**32 - 1),
    attestations=st.lists(signatures, max_size=16),
)
def test_alert_calls_round_trip(
    names: tuple[Hash, Hash], addressee: Address, deadline: int, epoch: int, attestations: list[bytes]
) -> None:
    """The arguments of an alert's calls come back by the protocol's names."""
    first, following = names
    asked = {
        "addressee": addressee,
        "deadline": deadline,
        "oracleEpoch": epoch,
        "attestations": tuple(attestations),
    }
    raised = calls.raise_alert(first, addressee, deadline, epoch, attestations)
    assert decode_call(raised).arguments == {"alertHash": first} | asked
    escalated = calls.escalate(first, following, addressee, deadline, epoch, attestations)
    assert decode_call(escalated).arguments == {"alertHash": first, "nextHash": following} | asked
    assert decode_call(calls.acknowledge(first)).arguments == {"alertHash": first}


def test_the_longest_call_is_read() -> None:
    """An escalation with as many attestations as there can be oracles is below the bound, and no call is longer."""
    attestations = [b"s" * 65] * 16
    longest = calls.escalate(Hash(b"a" * 32), Hash(b"b" * 32), Address(bytes(20)), 5, 1, attestations)
    assert len(longest) == 2_788
    assert decode_call(longest).arguments["attestations"] == tuple(attestations)


@given(url=st.text(max_size=32), key=st.binary(max_size=1218), accounts=st.lists(addresses_, max_size=16))
def test_registry_calls_round_trip(url: str, key: bytes, accounts: list[Address]) -> None:
    """Texts, keys and lists come back as they were."""
    assert decode_call(calls.set_service(url, key)).arguments == {"url": url, "boxKey": key}
    expected = {"role": 2, "threshold": 3, "accounts": tuple(accounts)}
    assert decode_call(calls.propose_epoch(Role.KEEPER, 3, accounts)).arguments == expected
    assert decode_call(calls.vote(7, support=False)).arguments == {"number": 7, "support": False}


@given(data=st.binary(max_size=200))
def test_noise_is_a_typed_error(data: bytes) -> None:
    """Bytes that are no call are malformed, whatever they are."""
    with pytest.raises(MalformedError, match="no contract of Hospes has this function"):
        decode_call(data)


@given(name=st.sampled_from(sorted(EXAMPLES)), index=st.integers(4, 200), bit=st.integers(0, 7), cut=st.booleans())
def test_a_damaged_call_is_another_call_or_malformed(name: str, index: int, bit: int, *, cut: bool) -> None:
    """A changed or shortened call decodes only if encoding it again gives the same bytes: each call has one form."""
    data, _, _ = EXAMPLES[name]
    place = index % len(data)
    damaged = data[:place] if cut else data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]
    try:
        call = decode_call(damaged)
    except MalformedError:
        return
    assert calls.encode(call.contract, call.function, *call.arguments.values()) == damaged


def test_more_bytes_behind_a_call_are_refused() -> None:
    """A call with something behind it is not in canonical form."""
    with pytest.raises(MalformedError, match="not in canonical form"):
        decode_call(calls.execute(1) + b"\0")


def test_a_giant_call_is_refused_unread() -> None:
    """Above the longest possible call nothing is decoded."""
    with pytest.raises(MalformedError, match="no contract of Hospes has this function"):
        decode_call(calls.execute(1) + bytes(calls.MAX_CALL_BYTES))


@pytest.mark.parametrize(
    ("function", "arguments"),
    [("execute", (-1,)), ("execute", (1 << 256,)), ("execute", ()), ("propose_suspension", (bytes(19),))],
)
def test_arguments_that_do_not_fit_are_refused(function: str, arguments: tuple[Any, ...]) -> None:
    """A number out of range, a missing argument and half an address are typed errors."""
    with pytest.raises(MalformedError, match="does not fit its type"):
        calls.encode("registry", function, *arguments)


def test_selectors_are_those_of_the_signatures_and_unique() -> None:
    """Selectors are computed as everybody computes them, and no two contracts share one."""
    seen: set[bytes] = set()
    for artifact in load().values():
        for function in artifact.functions:
            kinds = ",".join(parameter.kind for parameter in function.inputs)
            assert function.selector == function_signature_to_4byte_selector(f"{function.name}({kinds})")
            assert function.selector not in seen or not function.writes
            seen.add(function.selector)


def test_views_are_no_calls() -> None:
    """A getter's calldata changes nothing, so it is not decoded as a call."""
    selector = load()["consent"].function("through").selector
    with pytest.raises(MalformedError):
        decode_call(selector + bytes(32))


def test_addresses_are_those_of_the_sources() -> None:
    """The constants stand in the sources as in the library, and begin with the name."""
    text = (SOURCES / "places.vy").read_text()
    for name, address in ADDRESSES.items():
        assert f"{name.upper()}: constant(address) = 0x{address.hex()}" in text.replace("0x486F", "0x486f")
        assert address.startswith(b"Hospes\0")


def test_a_network_with_contracts_elsewhere_is_refused() -> None:
    """The code of the contracts knows one set of addresses, and a genesis must have it."""
    require_constant(CONTRACTS)
    with pytest.raises(MalformedError, match="the addresses that the contracts know each other by"):
        require_constant(ContractAddresses(CONSENT, ALERTS, ACCESS_LOG, REGISTRY))
