"""Who becomes a member, who stops being one, and where members say their services are."""

import pytest

from hospes.contracts import calls
from hospes.contracts.addresses import REGISTRY
from hospes.contracts.storage import (
    NotOnChainError,
    Service,
    account_of,
    member,
    member_id,
    member_word,
    members,
    service_at,
)
from hospes.core.chain import MemberWord, Role
from hospes.core.identities import Account, Address, Country, MemberId
from tests.contracts.conftest import FOUNDERS, FUNDING_WEI, RELAYER, World, account, founder, refused

NEW = account("hal").address
MAJORITY = ("ada", "bel", "cor", "dun", "elm")
ROLES = Role.HOSPITAL | Role.ORACLE


def admission(address: Address = NEW, name: str = "hal", roles: int = ROLES, country: bytes = b"PT") -> bytes:
    """Return the proposal of a new member, well formed or not."""
    return calls.encode("registry", "propose_admission", address, name.encode().ljust(32, b"\0"), int(roles), country)


def admit(world: World, data: bytes, block: int = 4) -> None:
    """Admit a member in block `block`."""
    number = world.propose("ada", data)
    world.vote(number, *MAJORITY)
    world.block = block
    world.execute(number)


def test_an_admitted_member_has_id_word_and_money(world: World) -> None:
    """After its admission a member has its id, roles, country, block and the money for its first calls."""
    data = calls.propose_admission(NEW, MemberId("hal"), ROLES, Country("PT"))
    assert data == admission()
    number = world.propose("ada", data)
    world.vote(number, *MAJORITY)
    world.block = 4
    result = world.execute(number)
    word = MemberWord(ROLES, Country("PT"), 4, 0)
    assert world.read(REGISTRY, member_word(NEW)) == word
    assert world.view("registry", "word", NEW) == word.pack()
    assert world.read(REGISTRY, member_id(NEW)) == "hal"
    assert world.read(REGISTRY, account_of(MemberId("hal"))) == NEW
    assert world.read(REGISTRY, members())[-1] == NEW
    assert world.view("registry", "member_count") == len(FOUNDERS) + 1
    assert (world.balance(NEW), world.balance(REGISTRY)) == (FUNDING_WEI, 9 * FUNDING_WEI)
    assert result.names() == ["Executed", "Admitted"]
    assert result.events[1].arguments == {"account": NEW, "id": b"hal".ljust(32, b"\0"), "word": word.pack()}


def test_a_member_is_active_from_admission_to_suspension(world: World) -> None:
    """A member admitted in block 4 and suspended in block 9 is active in blocks 4 to 8."""
    admit(world, admission(), block=4)
    number = world.propose("ada", calls.propose_suspension(NEW))
    world.vote(number, *MAJORITY)
    world.block = 9
    result = world.execute(number)
    word: MemberWord = world.read(REGISTRY, member_word(NEW))
    assert (word.admitted_block, word.suspended_block) == (4, 9)
    for block in (0, 3, 4, 8, 9, 10, 2**64 - 1):
        expected = 4 <= block < 9
        assert world.view("registry", "is_active", NEW, block) is expected
        assert word.active_at(block) is expected
    assert result.names() == ["Executed", "Suspended"]
    assert result.events[1].arguments == {"account": NEW, "id": b"hal".ljust(32, b"\0")}


def test_a_stranger_is_never_active(world: World) -> None:
    """An account that is no member is not active at any block, although its word says nothing against it."""
    assert not world.view("registry", "is_active", NEW, 0)
    assert not world.view("registry", "is_active_as", NEW, 0)
    word: MemberWord = world.read(REGISTRY, member_word(NEW))
    assert not word.active_at(1)


@pytest.mark.parametrize("role", Role)
def test_a_member_is_active_in_its_roles_only(world: World, role: Role) -> None:
    """Each founder is active in each of its roles and in no other."""
    for name, (roles, _) in FOUNDERS.items():
        assert world.view("registry", "is_active_as", account(name).address, int(role)) is (role in roles)


def test_a_suspended_account_and_its_id_never_come_back(world: World) -> None:
    """Neither the account nor the id of a suspended member can be admitted again, nor suspended again."""
    world.suspend("gil")
    with refused("account_known"):
        world.propose("ada", admission(address=account("gil").address))
    with refused("id_known"):
        world.propose("ada", admission(name="gil"))
    with refused("already_suspended"):
        world.propose("ada", calls.propose_suspension(account("gil").address))
    word: MemberWord = world.read(REGISTRY, member_word(account("gil").address))
    assert (word.roles, word.country) == FOUNDERS["gil"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (admission(address=Address(bytes(20))), "account_zero"),
        (admission(address=account("bel").address), "account_known"),
        (admission(name="bel"), "id_known"),
        (admission(roles=0), "roles_unknown"),
        (admission(roles=32), "roles_unknown"),
        (admission(roles=1 << 64), "roles_unknown"),
        (admission(country=b"pt"), "country_malformed"),
        (admission(country=b"P["), "country_malformed"),
        (admission(country=b"@T"), "country_malformed"),
        (admission(country=bytes(2)), "country_malformed"),
        (calls.propose_suspension(NEW), "account_unknown"),
    ],
)
def test_what_cannot_be_proposed(world: World, data: bytes, reason: str) -> None:
    """A proposal that could never be carried out is refused when it is made."""
    with refused(reason):
        world.propose("ada", data)


@pytest.mark.parametrize("name", ["", "Hal", "hal ", "h_l", "h\0l", "a" * 32, "\0hal", "h.l", "ha/", "h{"])
def test_ids_have_one_form(world: World, name: str) -> None:
    """An id that is empty, too long, or has another sign than a-z, 0-9 and - is refused."""
    with refused("id_malformed"):
        world.propose("ada", admission(name=name))


@pytest.mark.parametrize("name", ["a", "z-0-9", "a" * 31, "-"])
def test_ids_of_all_lengths_are_taken(world: World, name: str) -> None:
    """An id of 1 to 31 of the signs is taken and read back."""
    admit(world, admission(name=name))
    assert world.read(REGISTRY, member_id(NEW)) == name


def test_two_proposals_cannot_admit_one_id_or_account_twice(world: World) -> None:
    """Of two proposals with the same id, or the same account, only the first is carried out."""
    second = account("ida").address
    numbers = [world.propose("ada", data) for data in (admission(), admission(address=second), admission(name="ida"))]
    for number in numbers:
        world.vote(number, *MAJORITY)
    world.execute(numbers[0])
    with refused("id_known"):
        world.execute(numbers[1])
    with refused("account_known"):
        world.execute(numbers[2])
    assert world.read(REGISTRY, account_of(MemberId("hal"))) == NEW


def test_two_proposals_cannot_suspend_twice(world: World) -> None:
    """The block of a suspension never changes."""
    numbers = [world.propose("ada", calls.propose_suspension(account("gil").address)) for _ in range(2)]
    for number in numbers:
        world.vote(number, *MAJORITY)
    world.execute(numbers[0])
    world.pass_time()
    with refused("already_suspended"):
        world.execute(numbers[1])


def test_an_admission_needs_money(world: World) -> None:
    """When the registry cannot fund the account the admission waits, until somebody sends money."""
    world.set_balance(REGISTRY, FUNDING_WEI - 1)
    number = world.propose("ada", admission())
    world.vote(number, *MAJORITY)
    with refused("funds_missing"):
        world.execute(number)
    world.set_balance(RELAYER.address, 1)
    world.send(REGISTRY, b"", RELAYER, value=1)
    world.execute(number)
    assert (world.balance(NEW), world.balance(REGISTRY)) == (FUNDING_WEI, 0)


def test_the_registry_takes_money_but_no_unknown_call(world: World) -> None:
    """Data that is no call of the registry is refused, so a misspelt call is not taken for a payment."""
    with refused("unknown_call"):
        world.send(REGISTRY, bytes.fromhex("deadbeef"))


def test_a_full_registry_takes_nobody(world: World) -> None:
    """With the largest number of members a proposal of one more is refused."""
    world.set_member_count(1024)
    with refused("members_full"):
        world.propose("ada", admission())
    world.set_member_count(1023)
    world.propose("ada", admission())


@pytest.mark.parametrize("sender", [RELAYER, account("gil")], ids=["stranger", "suspended"])
@pytest.mark.parametrize(
    "data",
    [
        calls.set_service("https://x.example", b""),
        admission(),
        calls.propose_suspension(account("ada").address),
        calls.propose_epoch(Role.ORACLE, 1, [account("cor").address]),
    ],
    ids=["service", "admission", "suspension", "epoch"],
)
def test_only_active_members_act(world: World, sender: Account, data: bytes) -> None:
    """A stranger and a suspended member can neither propose nor set services."""
    world.suspend("gil")
    with refused("not_active_member"):
        world.send(REGISTRY, data, sender)


def test_services_have_a_history(world: World) -> None:
    """A member's services at a block are the last ones that it had set by then."""
    ada = account("ada").address
    first = Service(0, founder("ada").service, founder("ada").box_key)
    second = Service(5, "https://second.example", b"\x64\x7a" + bytes(1216))
    third = Service(8, "https://third.example", b"")
    for service in (second, third):
        world.block = service.from_block
        result = world.send(REGISTRY, calls.set_service(service.url, service.box_key), account("ada"))
    assert result.names() == ["ServiceSet"]
    assert result.events[0].arguments == {"account": ada, "index": 2}
    assert world.view("registry", "service_count", ada) == 3
    for block, expected in {0: first, 4: first, 5: second, 7: second, 8: third, 99: third}.items():
        assert world.read(REGISTRY, service_at(ada, block)) == expected
    for index, expected in enumerate((first, second, third)):
        shown = world.view("registry", "service", ada, index)
        assert (shown.fromBlock, shown.url, shown.boxKey) == (expected.from_block, expected.url, expected.box_key)
    assert world.read(REGISTRY, member(ada, 7)).box_key == second.box_key


def test_the_later_of_two_services_in_a_block_counts(world: World) -> None:
    """Setting services twice in a block leaves the second in force."""
    for url in ("https://one.example", "https://two.example"):
        world.send(REGISTRY, calls.set_service(url, b""), account("bel"))
    assert world.read(REGISTRY, service_at(account("bel").address, 1)).url == "https://two.example"


@pytest.mark.parametrize("size", [1, 31, 32, 33, 127, 128])
def test_services_of_all_lengths_are_read_back(world: World, size: int) -> None:
    """URLs and keys of every length, across the borders of slots, read back as they were set."""
    url, key = "u" * size, bytes(range(size))
    world.send(REGISTRY, calls.set_service(url, key), account("fox"))
    assert world.read(REGISTRY, service_at(account("fox").address, 1)) == Service(1, url, key)


def test_a_service_has_an_address(world: World) -> None:
    """A service without an address is refused."""
    with refused("url_empty"):
        world.send(REGISTRY, calls.set_service("", b"\x00\x20" + bytes(32)), account("ada"))


def test_what_is_not_there_says_so(world: World) -> None:
    """Looking up a stranger, an unknown id and the services of a member before their first block is a typed error."""
    readings = {
        "member with account": member(NEW, 1),
        "member": account_of(MemberId("hal")),
        "service of": service_at(NEW, 1),
    }
    for what, reading in readings.items():
        with pytest.raises(NotOnChainError, match=rf"the chain holds no {what} "):
            world.read(REGISTRY, reading)


def test_a_member_without_services_reads_with_empty_ones(world: World) -> None:
    """A member that never set services is a member all the same."""
    admit(world, admission())
    found = world.read(REGISTRY, member(NEW, 4))
    assert (found.id, found.service, found.box_key) == ("hal", "", b"")
