"""Where values stand: the layout file, the compiler, the getters and the library's readings agree."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from hospes.contracts import storage
from hospes.contracts.addresses import ACCESS_LOG, CONSENT, REGISTRY
from hospes.contracts.artifacts import read_json
from hospes.contracts.storage.slots import base, data_slots, id_word, mapped
from hospes.core.chain import Member, MemberWord, Role
from hospes.core.errors import MalformedError, ProofError
from hospes.core.identities import MemberId, keccak
from hospes.core.typed_data import hash_list
from tests.contracts.conftest import FOUNDERS, SPEC, Traveller, World, account, addresses, founder, grants

ANNA = Traveller()
ADA = account("ada").address
CONTRACTS = ("access_log", "alerts", "consent", "registry")


@pytest.mark.parametrize("name", CONTRACTS)
def test_slots_are_the_compilers(compiled: dict[str, Any], name: str) -> None:
    """Every variable stands where the compiler of the sources puts it."""
    theirs = compiled[name].compiler_data.storage_layout["storage_layout"]
    ours = read_json("layout.json")["contracts"][name]["storage"]
    assert {variable: place["slot"] for variable, place in theirs.items()} == {
        variable: place["slot"] for variable, place in ours.items()
    }
    assert all(base(name, variable) == place["slot"] for variable, place in theirs.items())


def test_the_layout_in_the_package_is_the_one_beside_the_readme() -> None:
    """Programs and readers have the same file."""
    beside = Path(__file__).parents[2] / "contracts" / "layout.json"
    assert json.loads(beside.read_text()) == read_json("layout.json")


def test_packed_words_are_named_as_the_library_packs_them() -> None:
    """The layout names the parts of packed words in the order of the library's fields."""
    layouts = read_json("layout.json")["contracts"]
    assert layouts["consent"]["words"]["words"] == ["givenBlock", "givenTime", "withdrawnBlock", "withdrawnTime"]
    assert layouts["alerts"]["words"]["words"] == ["raisedBlock", "raisedTime", "acknowledgedBlock", "acknowledgedTime"]
    assert layouts["alerts"]["packed"]["asked"] == {"addressee": 160, "deadline": 64, "oracleEpoch": 32}
    assert layouts["registry"]["words"]["word"] == ["roles", "country", "admittedBlock", "suspendedBlock"]


def test_mapping_slots_by_hand() -> None:
    """A nested mapping's slot is two hashes over 64 bytes, as written out here."""
    name = hash_list(grants(1))
    journey = bytes(12) + ANNA.journey
    inner = keccak(bytes(31) + bytes([base("consent", "words")]) + journey)
    assert storage.consent_slot(ANNA.journey, name) == int.from_bytes(keccak(inner + name))
    assert mapped(3, 7) == int.from_bytes(keccak(bytes(31) + b"\x03" + bytes(31) + b"\x07"))


def test_slots_hold_what_the_getters_show(world: World) -> None:
    """After one of each call every single-slot value is found at the slot that the library computes."""
    world.deliver(ANNA.give(grants(1)))
    world.deliver(ANNA.end(7))
    name = hash_list(grants(1))
    log, journey = world.view("access_log", "head", ANNA.journey), ANNA.journey
    assert world.slot(ACCESS_LOG, storage.log_head_slot(journey)).to_bytes(32) == log
    assert world.slot(ACCESS_LOG, storage.log_count_slot(journey)) == 2
    assert world.slot(CONSENT, storage.consent_slot(journey, name)) == world.view("consent", "word", journey, name)
    assert world.slot(CONSENT, storage.through_slot(journey)) == 7
    assert world.slot(REGISTRY, storage.member_word_slot(ADA)) == world.view("registry", "word", ADA)
    assert world.slot(REGISTRY, storage.member_id_slot(ADA)).to_bytes(32) == world.view("registry", "id", ADA)
    assert world.slot(REGISTRY, storage.account_slot(MemberId("ada"))).to_bytes(20) == ADA
    assert world.slot(REGISTRY, storage.service_count_slot(ADA)) == world.view("registry", "service_count", ADA)
    assert world.slot(REGISTRY, storage.epoch_number_slot(Role.KEEPER)) == 1
    assert world.slot(REGISTRY, storage.members_slot()) == world.view("registry", "member_count")
    assert world.slot(REGISTRY, storage.delay_slot()) == world.view("registry", "delay")
    assert world.slot(REGISTRY, storage.funding_slot()) == world.view("registry", "funding")


def test_what_the_genesis_wrote_is_what_the_getters_show(world: World) -> None:
    """The contracts find the founders, their services and the first sets in the storage that Python wrote."""
    for name, (roles, code) in FOUNDERS.items():
        each = account(name).address
        expected = MemberWord(roles, founder(name).country, 0, 0)
        assert world.view("registry", "word", each) == expected.pack()
        assert world.view("registry", "id", each) == name.encode().ljust(32, b"\0")
        shown = world.view("registry", "service", each, 0)
        assert (shown.fromBlock, shown.url, shown.boxKey) == (0, founder(name).service, founder(name).box_key)
        assert bytes.fromhex(world.view("registry", "account", name.encode().ljust(32, b"\0"))[2:]) == each
        assert expected.country == code
    for index, name in enumerate(FOUNDERS):
        assert bytes.fromhex(world.view("registry", "members", index)[2:]) == account(name).address
    for role, first in {Role.KEEPER: SPEC.keepers, Role.ORACLE: SPEC.oracles}.items():
        assert first is not None
        shown = world.view("registry", "epoch", int(role), 1)
        assert (shown.fromBlock, shown.threshold) == (0, first.threshold)
        assert tuple(bytes.fromhex(each[2:]) for each in shown.accounts) == first.accounts
    assert world.view("registry", "epoch_number", int(Role.VALIDATOR)) == 0


def test_a_reading_decodes_the_slots_that_it_asked_for(world: World) -> None:
    """The slots collected by running a reading once are enough to run it again, and one less is not."""
    values: dict[int, int] = {}

    def fetch(slots: tuple[int, ...]) -> dict[int, int]:
        values.update({slot: world.slot(REGISTRY, slot) for slot in slots})
        return values

    found = storage.resolve(storage.member(ADA, 1), fetch)
    expected = founder("ada")
    word = MemberWord(expected.roles, expected.country, 0, 0)
    assert found == Member(ADA, MemberId("ada"), word, expected.service, expected.box_key)
    assert storage.decode(storage.member(ADA, 1), values) == found
    for slot in values:
        fewer = {other: value for other, value in values.items() if other != slot}
        with pytest.raises(ProofError, match=rf"slot {slot:#x} is not proven"):
            storage.decode(storage.member(ADA, 1), fewer)


def test_readings_refuse_what_the_contracts_never_write() -> None:
    """Storage that no registry wrote is a typed error, not a wrong value."""
    epochs = storage.epoch_slots(Role.KEEPER, 1)
    epoch = {epochs.from_block: 0, epochs.threshold: 1}
    bad: list[tuple[storage.Reading[Any], dict[int, int], str]] = [
        (storage.epoch(Role.KEEPER, 1), epoch | {epochs.accounts: 17}, "more than 16"),
        (storage.epoch(Role.KEEPER, 1), epoch | {epochs.accounts: 1, epochs.accounts + 1: 1 << 160}, "not an address"),
        (storage.member_id(ADA), {storage.member_id_slot(ADA): 0xFF << 248}, "not ASCII"),
        (storage.member_id(ADA), {storage.member_id_slot(ADA): 0x41 << 248}, "expected 1 to 31"),
        (storage.account_of(MemberId("ada")), {storage.account_slot(MemberId("ada")): 1 << 200}, "not an address"),
        (storage.members(), {storage.members_slot(): 1025}, "more than 1024"),
    ]
    for reading, values, reason in bad:
        with pytest.raises(MalformedError, match=reason):
            storage.decode(reading, values)


@pytest.mark.parametrize(
    ("changed", "url", "box_key"),
    [
        ({"url": 129}, "", b"k"),
        ({"url": 1 << 255}, "", b"k"),
        ({"url text": 0xFF << 248}, "", b"k"),
        ({"box_key": 1219}, "u", b""),
        ({"box_key": 1 << 255, "url text": 0xC0 << 248}, "", b""),
        ({}, "u", b"k"),
    ],
)
def test_a_service_that_cannot_be_read_is_an_empty_one(changed: dict[str, int], url: str, box_key: bytes) -> None:
    """What a member wrote wrongly fails nobody else's reading: address and key are judged each for itself."""
    places = storage.service_slots(ADA, 0)
    found = {"url": 1, "url text": ord("u") << 248, "box_key": 1, "key text": ord("k") << 248} | changed
    values = {
        storage.service_count_slot(ADA): 1,
        places.from_block: 0,
        places.url: found["url"],
        places.url + 1: found["url text"],
        places.box_key: found["box_key"],
        places.box_key + 1: found["key text"],
    }
    assert storage.decode(storage.service_at(ADA, 0), values) == storage.Service(0, url, box_key)


@given(st.from_regex(re.compile(r"[a-z0-9-]{1,31}", re.ASCII), fullmatch=True))
def test_every_id_is_read_back(name: str) -> None:
    """An id packed into its word and read again is the same."""
    assert storage.decode(storage.member_id(ADA), {storage.member_id_slot(ADA): id_word(MemberId(name))}) == name


@given(size=st.integers(0, 1218))
def test_data_slots_cover_the_data(size: int) -> None:
    """As many slots as 32-byte words are begun, directly after the length."""
    slots = data_slots(100, size)
    assert len(slots) * 32 - 31 <= size <= len(slots) * 32 or not slots
    assert list(slots) == list(range(101, 101 + len(slots)))


def test_keepers_in_order(world: World) -> None:
    """The order of the keepers, which fixes their shares, is kept."""
    found = world.read(REGISTRY, storage.current_epoch(Role.KEEPER))
    assert found.accounts == addresses("ada", "bel", "cor", "dun")
