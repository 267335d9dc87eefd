"""Which sets of keepers, oracles and validators the registry takes."""

from collections.abc import Callable, Sequence

import pytest

from hospes.contracts import calls
from hospes.contracts.addresses import REGISTRY
from hospes.contracts.genesis import FirstSet
from hospes.contracts.refusals import ContractRefusedError
from hospes.contracts.sets import oracle_threshold, require_set, validator_threshold
from hospes.contracts.storage import NotOnChainError, current_epoch, epoch, epoch_at, epoch_number
from hospes.core.chain import Epoch, MemberWord, Role
from hospes.core.identities import Country
from tests.contracts.conftest import DELAY_S, FOUNDERS, RELAYER, World, account, addresses, refused

WORDS = {account(name).address: MemberWord(roles, Country(code), 0, 0) for name, (roles, code) in FOUNDERS.items()}
ALL = ("ada", "bel", "cor", "dun", "elm", "fox", "gil")


def adopt(world: World, role: Role, threshold: int, names: Sequence[str]) -> Epoch:
    """Bring a set into office, in a block of its own, and return it as the chain has it."""
    number = world.propose("ada", calls.propose_epoch(role, threshold, addresses(*names)))
    world.vote(number, "ada", "bel", "cor", "dun")
    world.pass_time(DELAY_S)
    world.execute(number)
    found: Epoch = world.read(REGISTRY, current_epoch(role))
    return found


REFUSED = [
    (Role.KEEPER, 2, (), "set_empty"),
    (Role.KEEPER, 2, ("ada", "bel", "ada"), "set_repeats"),
    (Role.KEEPER, 2, ("ada", "bel", "gil"), "not_active_in_role"),
    (Role.KEEPER, 2, ("ada", "bel", "nobody"), "not_active_in_role"),
    (Role.KEEPER, 0, ("ada", "bel", "cor"), "threshold_impossible"),
    (Role.KEEPER, 4, ("ada", "bel", "cor"), "threshold_impossible"),
    (Role.KEEPER, 1, ("ada", "bel", "cor"), "country_reaches_threshold"),
    (Role.KEEPER, 2, ("ada", "elm", "bel", "cor"), "country_reaches_threshold"),
    (Role.KEEPER, 2, ("bel", "cor", "dun", "fox"), "country_reaches_threshold"),
    (Role.ORACLE, 2, ("cor", "dun", "ada"), "not_active_in_role"),
    (Role.ORACLE, 2, ("cor", "dun", "fox"), "threshold_impossible"),
    (Role.ORACLE, 1, ("cor", "dun", "fox", "gil"), "threshold_impossible"),
    (Role.VALIDATOR, 4, ("ada", "bel", "cor", "dun"), "threshold_impossible"),
    (Role.VALIDATOR, 2, ("ada", "bel", "cor", "dun"), "threshold_impossible"),
    (Role.VALIDATOR, 3, ("ada", "bel", "cor"), "country_has_third"),
    (Role.VALIDATOR, 4, ("ada", "elm", "bel", "cor", "dun"), "country_has_third"),
    (Role.VALIDATOR, 3, ("ada", "bel", "cor", "fox"), "not_active_in_role"),
]
TAKEN = [
    (Role.KEEPER, 2, ("ada", "bel", "cor")),
    (Role.KEEPER, 3, ("ada", "elm", "bel", "cor")),
    (Role.KEEPER, 3, ("ada", "elm", "bel", "fox")),
    (Role.ORACLE, 1, ("cor",)),
    (Role.ORACLE, 1, ("cor", "dun", "fox")),
    (Role.ORACLE, 2, ("cor", "dun", "fox", "gil")),
    (Role.VALIDATOR, 3, ("ada", "bel", "cor", "dun")),
]


@pytest.mark.parametrize(("role", "threshold", "names", "reason"), REFUSED)
def test_sets_that_are_refused(world: World, role: Role, threshold: int, names: tuple[str, ...], reason: str) -> None:
    """The registry refuses a set against the rules when it is proposed, and so does the library, with its reason."""
    with refused(reason):
        world.propose("ada", calls.propose_epoch(role, threshold, addresses(*names)))
    with refused(reason):
        require_set(role, threshold, addresses(*names), WORDS, block=1)


@pytest.mark.parametrize(("role", "threshold", "names"), TAKEN)
def test_sets_that_are_taken(world: World, role: Role, threshold: int, names: tuple[str, ...]) -> None:
    """The registry lets a set within the rules be proposed, and so does the library."""
    world.propose("ada", calls.propose_epoch(role, threshold, addresses(*names)))
    require_set(role, threshold, addresses(*names), WORDS, block=1)


@pytest.mark.parametrize("role", [0, 1, 8, 3, 6, 32, 1 << 64])
def test_only_three_roles_have_sets(world: World, role: int) -> None:
    """Hospitals, auditors, unknown roles and two roles at once have no sets."""
    with refused("role_without_sets"):
        world.propose("ada", calls.encode("registry", "propose_epoch", role, 2, addresses("ada", "bel", "cor")))
    with refused("role_without_sets"):
        require_set(Role(role & 31), 2, addresses("ada", "bel", "cor"), WORDS, block=1)


@pytest.mark.parametrize(("size", "oracles", "validators"), [(1, 1, 1), (3, 1, 3), (4, 2, 3), (7, 3, 5), (16, 6, 11)])
def test_thresholds_by_size(size: int, oracles: int, validators: int) -> None:
    """Oracles need f + 1 of n and validators n - f, where n = 3 f + 1 at least."""
    assert (oracle_threshold(size), validator_threshold(size)) == (oracles, validators)


def test_a_set_of_more_than_sixteen_does_not_decode(world: World) -> None:
    """Seventeen accounts are more than a set can have."""
    many = tuple(account(f"keeper {i}").address for i in range(17))
    with refused("unknown"):
        world.propose("ada", calls.propose_epoch(Role.KEEPER, 9, many))


def test_the_first_epoch_is_of_the_genesis(world: World) -> None:
    """Epoch 1 of the keepers stands in the genesis; validators have none."""
    first = Epoch(1, addresses("ada", "bel", "cor", "dun"), 2, 0)
    assert world.read(REGISTRY, epoch(Role.KEEPER, 1)) == first == world.read(REGISTRY, epoch_at(Role.KEEPER, 0))
    for reading in (epoch_number(Role.VALIDATOR), current_epoch(Role.VALIDATOR), epoch_at(Role.VALIDATOR, 9)):
        with pytest.raises(NotOnChainError, match="epoch of validators"):
            world.read(REGISTRY, reading)
    for number in (0, 2):
        with pytest.raises(NotOnChainError, match=rf"epoch {number} of keepers"):
            world.read(REGISTRY, epoch(Role.KEEPER, number))


def test_epochs_follow_each_other_and_stay_readable(world: World) -> None:
    """A new set has the next number and its block; the old one stays, and each block finds its own."""
    second = adopt(world, Role.KEEPER, 3, ("fox", "cor", "bel", "dun"))
    assert second == Epoch(2, addresses("fox", "cor", "bel", "dun"), 3, 2)
    third = adopt(world, Role.KEEPER, 3, ("fox", "cor", "bel", "dun", "ada"))
    assert (third.number, third.from_block) == (3, 3)
    for block, number in {0: 1, 1: 1, 2: 2, 3: 3, 99: 3}.items():
        found = world.read(REGISTRY, epoch_at(Role.KEEPER, block))
        assert found.number == number
        shown = world.view("registry", "epoch", 2, number)
        assert (shown.fromBlock, shown.threshold) == (found.from_block, found.threshold)
        assert [bytes.fromhex(each[2:]) for each in shown.accounts] == list(found.accounts)
    assert world.view("registry", "epoch_number", 2) == 3


def test_roles_have_epochs_of_their_own(world: World) -> None:
    """A change of oracles or validators leaves the keepers alone."""
    assert adopt(world, Role.ORACLE, 1, ("fox", "gil")).number == 2
    assert adopt(world, Role.VALIDATOR, 3, ("ada", "bel", "cor", "dun")).number == 1
    assert world.view("registry", "epoch_number", 2) == 1


TWO_OF_FOUR = FirstSet(addresses("ada", "bel", "cor", "dun"), threshold=2)
"""t - 1 = 1 and n - t = 2: one keeper at once."""
FOUR_OF_SIX = FirstSet(addresses("ada", "bel", "cor", "dun", "elm", "fox"), threshold=4)
"""t - 1 = 3 and n - t = 2: two keepers at once."""
THREE_OF_THREE = FirstSet(addresses("ada", "bel", "cor"), threshold=3)
"""t - 1 = 2 and n - t = 0: none leaves, but others may join, and the threshold may change."""


@pytest.mark.parametrize(
    ("first", "threshold", "names"),
    [
        (TWO_OF_FOUR, 2, ("ada", "bel", "cor")),
        (FOUR_OF_SIX, 3, ("ada", "bel", "cor", "dun")),
        (THREE_OF_THREE, 2, ("ada", "bel", "cor")),
        (THREE_OF_THREE, 3, ("ada", "bel", "cor", "dun", "elm")),
    ],
)
def test_few_keepers_are_replaced_at_once(
    new_world: Callable[..., World], first: FirstSet, threshold: int, names: tuple[str, ...]
) -> None:
    """Up to min(t - 1, n - t) of the keepers in office leave with one change; who joins is not limited."""
    assert adopt(new_world(keepers=first), Role.KEEPER, threshold, names).number == 2


@pytest.mark.parametrize(
    ("first", "threshold", "names"),
    [
        (TWO_OF_FOUR, 3, ("ada", "bel", "elm", "fox")),
        (FOUR_OF_SIX, 2, ("bel", "cor", "dun")),
        (THREE_OF_THREE, 2, ("ada", "bel", "dun")),
    ],
)
def test_more_keepers_are_not_replaced_at_once(
    new_world: Callable[..., World], first: FirstSet, threshold: int, names: tuple[str, ...]
) -> None:
    """One keeper more than min(t - 1, n - t) cannot leave with one change."""
    world = new_world(keepers=first)
    with refused("replaces_too_many"):
        adopt(world, Role.KEEPER, threshold, names)


def test_all_oracles_can_be_replaced_at_once(world: World) -> None:
    """The limit on replacing is for keepers, whose shares outlive their office."""
    adopt(world, Role.ORACLE, 1, ("cor",))
    assert adopt(world, Role.ORACLE, 1, ("dun",)).accounts == addresses("dun")


def test_two_changes_do_not_add_up(world: World) -> None:
    """Of two changes against the same set the second must be proposed again, and wait again."""
    sets = (("ada", "bel", "cor", "fox"), ("ada", "bel", "dun", "cor"))
    numbers = [world.propose("ada", calls.propose_epoch(Role.KEEPER, 3, addresses(*names))) for names in sets]
    for number in numbers:
        world.vote(number, "ada", "bel", "cor", "dun")
    world.pass_time(DELAY_S)
    world.execute(numbers[0])
    with refused("epoch_superseded"):
        world.execute(numbers[1])


def test_a_keeper_suspended_while_the_change_waits_is_refused(world: World) -> None:
    """Every member of a set is active, in the set's role, at the block in which the set comes into office."""
    number = world.propose("ada", calls.propose_epoch(Role.KEEPER, 2, addresses("ada", "bel", "cor")))
    world.vote(number, "ada", "bel", "dun", "elm", "fox", "cor")
    world.suspend("bel")
    world.pass_time(DELAY_S)
    with refused("not_active_in_role"):
        world.execute(number)


def test_anybody_may_execute(world: World) -> None:
    """Carrying out what was decided needs no membership."""
    number = world.propose("ada", calls.propose_epoch(Role.ORACLE, 1, addresses("cor")))
    world.vote(number, *ALL)
    world.pass_time(DELAY_S)
    world.send(REGISTRY, calls.execute(number), RELAYER)


def test_a_member_suspended_or_not_yet_admitted_is_in_no_set() -> None:
    """The library's rule counts members active at the block it is asked about."""
    word = MemberWord(Role.ORACLE, Country("IT"), 5, 9)
    cor = account("cor").address
    for block in (4, 9):
        with pytest.raises(ContractRefusedError, match="not_active_in_role"):
            require_set(Role.ORACLE, 1, [cor], {cor: word}, block)
    require_set(Role.ORACLE, 1, [cor], {cor: word}, block=8)
