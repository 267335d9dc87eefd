"""What the access log takes, and how its entries fold."""

import pytest

from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG, CONSENT
from hospes.contracts.storage import log_count, log_head, log_state
from hospes.core.chain import Entry, EntryKind, first_head, fold
from hospes.core.messages import Deposit
from hospes.core.typed_data import digest
from tests.contracts.conftest import (
    CHAIN_ID,
    DOMAIN,
    FORWARDER,
    RELAYER,
    START,
    Traveller,
    World,
    account,
    deposit_body,
    erasure_of,
    grants,
    hash_of,
    refused,
)


@pytest.fixture
def anna() -> Traveller:
    """A traveller on a journey."""
    return Traveller()


def test_a_hospital_logs_an_access_under_its_own_account(world: World, anna: Traveller) -> None:
    """An access of an active hospital is an entry with the hospital's account and the hash it gave."""
    result = world.send(ACCESS_LOG, calls.append(anna.journey, hash_of("access")), account("ada"))
    (entry,) = result.entries
    expected = Entry(anna.journey, 1, EntryKind.ACCESS, account("ada").address, hash_of("access"), 1, START)
    assert entry == expected


@pytest.mark.parametrize("name", ["cor", "fox", "nobody"])
def test_only_hospitals_log_accesses(world: World, anna: Traveller, name: str) -> None:
    """A keeper, an auditor and a stranger cannot log an access."""
    with refused("not_active_hospital"):
        world.send(ACCESS_LOG, calls.append(anna.journey, hash_of("access")), account(name))


def test_a_hospital_does_not_vouch_for_contracts_that_it_calls(world: World, anna: Traveller) -> None:
    """When a hospital's account calls a contract that calls the log, the contract is the sender, and no hospital."""
    data = calls.append(anna.journey, hash_of("access"))
    with refused("not_active_hospital"):
        world.send_through_contract(ACCESS_LOG, data, account("ada"))


def test_who_brings_a_consent_is_who_calls(world: World, anna: Traveller) -> None:
    """The account of an entry is the sender of the call, also when that is a contract."""
    (entry,) = world.send_through_contract(*anna.give(grants(1)), account("ada")).entries
    assert entry.account == FORWARDER


def test_a_suspended_hospital_logs_no_access(world: World, anna: Traveller) -> None:
    """From the block of its suspension on a hospital cannot log accesses."""
    world.suspend("gil")
    with refused("not_active_hospital"):
        world.send(ACCESS_LOG, calls.append(anna.journey, hash_of("access")), account("gil"))


def test_a_deposit_is_logged_once_a_journey(world: World, anna: Traveller) -> None:
    """The log takes a deposit's digest once; another deposit is another entry."""
    result = world.deliver(anna.deposit(deposit_body(1)))
    (entry,) = result.entries
    expected = digest(DOMAIN, Deposit(anna.journey, deposit_body(1)))
    assert (entry.kind, entry.account, entry.entry_hash) == (EntryKind.DEPOSITED, RELAYER.address, expected)
    assert world.view("access_log", "accepted", anna.journey, expected)
    with refused("already_logged"):
        world.deliver(anna.deposit(deposit_body(1)))
    assert world.deliver(anna.deposit(deposit_body(2))).entries[0].number == 2


def test_an_erasure_is_logged_once_by_each_journey_that_signs_it(world: World, anna: Traveller) -> None:
    """The log takes an erasure's digest once a journey, and it is the same digest for another journey."""
    ben = Traveller("Ben's journey")
    (entry,) = world.deliver(anna.erase(erasure_of())).entries
    assert (entry.kind, entry.entry_hash) == (EntryKind.ERASED, digest(DOMAIN, erasure_of()))
    with refused("already_logged"):
        world.deliver(anna.erase(erasure_of()))
    assert world.deliver(ben.erase(erasure_of())).entries[0].entry_hash == entry.entry_hash


def test_an_erasure_is_taken_until_its_deadline(world: World, anna: Traveller) -> None:
    """An erasure is logged in the second of its deadline, and not one later."""
    world.time = START + 1
    with refused("deadline_passed"):
        world.deliver(anna.erase(erasure_of(deadline=START)))
    world.time = START
    world.deliver(anna.erase(erasure_of(deadline=START)))


@pytest.mark.parametrize("kind", EntryKind)
@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_nobody_but_the_consent_contract_records(world: World, anna: Traveller, kind: int, name: str) -> None:
    """No account, not even a member's, can write an entry of any kind past the checks."""
    data = calls.encode("access_log", "record", anna.journey, kind, account("ada").address, hash_of("made up"))
    with refused("not_consent_contract"):
        world.send(ACCESS_LOG, data, account(name))


@pytest.mark.parametrize("kind", [0, 1, 5, 6, 7, 255])
def test_the_consent_contract_records_its_own_kinds_only(world: World, anna: Traveller, kind: int) -> None:
    """Accesses, erasures and deposits cannot come from the consent contract."""
    data = calls.encode("access_log", "record", anna.journey, kind, account("ada").address, hash_of("made up"))
    with refused("kind_not_of_consent"):
        world.send_as(CONSENT, ACCESS_LOG, data)


def test_a_journey_without_entries_has_no_head(world: World, anna: Traveller) -> None:
    """Before the first entry head and count stand as zero in storage, which reads as ``head_0``."""
    assert world.read(ACCESS_LOG, log_head(anna.journey)) == bytes(32)
    assert world.read(ACCESS_LOG, log_count(anna.journey)) == 0
    start = first_head(CHAIN_ID, ACCESS_LOG, anna.journey)
    assert world.read(ACCESS_LOG, log_state(anna.journey, CHAIN_ID)) == (start, 0)


def test_all_kinds_of_entries_fold_to_the_head(world: World, anna: Traveller) -> None:
    """The events of a journey, folded from ``head_0`` by the library, give the head in storage at each step."""
    steps = [
        anna.deposit(deposit_body()),
        anna.give(grants(1)),
        (ACCESS_LOG, calls.append(anna.journey, hash_of("access"))),
        anna.withdraw(grants(1)),
        anna.end(7),
        anna.erase(erasure_of()),
    ]
    entries: list[Entry] = []
    start = first_head(CHAIN_ID, ACCESS_LOG, anna.journey)
    for step in steps:
        entries += world.deliver(step, account("ada")).entries
        head, count = world.read(ACCESS_LOG, log_state(anna.journey, CHAIN_ID))
        assert (head, count) == (fold(start, 0, entries), len(entries))
        assert head == world.view("access_log", "head", anna.journey)
        assert count == world.view("access_log", "count", anna.journey)
        world.pass_time(3)
    assert [entry.kind for entry in entries] == [6, 2, 1, 3, 4, 5]
    assert {entry.account for entry in entries} == {account("ada").address}


def test_journeys_are_numbered_apart(world: World, anna: Traveller) -> None:
    """Each journey counts its own entries from 1."""
    ben = Traveller("Ben's journey")
    for expected in (1, 2):
        for traveller in (anna, ben):
            data = calls.append(traveller.journey, hash_of("access"))
            assert world.send(ACCESS_LOG, data, account("bel")).entries[0].number == expected
