"""When a proposal passes, and when it is carried out."""

from collections.abc import Callable

import pytest

from hospes.contracts import calls
from hospes.contracts.addresses import REGISTRY
from hospes.contracts.storage import current_epoch
from hospes.core.chain import Role
from hospes.core.identities import Country, MemberId
from tests.contracts.conftest import DELAY_S, RELAYER, SPEC, START, World, account, addresses, refused

GIL = account("gil").address
SUSPENSION = calls.propose_suspension(GIL)
KEEPERS = calls.propose_epoch(Role.KEEPER, 2, addresses("elm", "bel", "cor", "dun"))


def passes(world: World, number: int) -> bool:
    """Return whether the contract says that a proposal passes."""
    return bool(world.view("registry", "passes", number))


def test_more_than_half_of_the_members_must_vote_for(world: World) -> None:
    """Of seven members three are not enough and four are."""
    number = world.propose("ada", SUSPENSION)
    world.vote(number, "ada", "bel", "cor")
    assert not passes(world, number)
    with refused("not_passed"):
        world.execute(number)
    world.vote(number, "dun")
    assert passes(world, number)
    world.execute(number)
    assert not world.view("registry", "is_active", GIL, world.block)


def test_exactly_half_is_not_enough(world: World) -> None:
    """Of six members three are not more than half."""
    world.suspend("gil")
    number = world.propose("ada", calls.propose_suspension(account("fox").address))
    world.vote(number, "ada", "bel", "cor")
    assert not passes(world, number)
    world.vote(number, "dun")
    assert passes(world, number)


def test_a_proposal_tells_what_it_is(world: World) -> None:
    """The getter shows all of a proposal, and the events its number, proposer and kind."""
    world.block, world.time = 3, START + 30
    result = world.send(REGISTRY, KEEPERS, account("elm"))
    assert result.events[0].arguments == {"number": 1, "proposer": account("elm").address, "kind": 3}
    world.vote(1, "ada", "bel", "cor", "dun")
    shown = world.view("registry", "proposal", 1)
    assert (shown.kind, shown.proposedBlock, shown.passedTime, shown.executed) == (3, 3, START + 30, False)
    assert (shown.roles, shown.replaces, shown.threshold, len(shown.accounts)) == (2, 1, 2, 4)


def test_proposing_is_not_voting(world: World) -> None:
    """A proposal begins without votes, its proposer's included."""
    number = world.propose("ada", SUSPENSION)
    assert not world.view("registry", "votes", number, account("ada").address)


def test_votes_and_passing_are_events(world: World) -> None:
    """Each vote is an event, and the one that decides is followed by the passing."""
    number = world.propose("ada", SUSPENSION)
    world.vote(number, "ada", "bel", "cor")
    result = world.send(REGISTRY, calls.vote(number, support=True), account("dun"))
    assert result.names() == ["Voted", "Passed"]
    assert result.events[0].arguments == {"number": number, "account": account("dun").address, "support": True}
    assert world.send(REGISTRY, calls.vote(number, support=True), account("elm")).names() == ["Voted"]


def test_a_vote_counts_once_and_can_be_taken_back(world: World) -> None:
    """Voting twice is refused; a vote taken back does not count; the delay starts when it passes again."""
    number = world.propose("ada", SUSPENSION)
    with refused("vote_unchanged"):
        world.vote(number, "ada", support=False)
    world.vote(number, "ada", "bel", "cor", "dun")
    with refused("vote_unchanged"):
        world.vote(number, "dun")
    world.vote(number, "dun", support=False)
    assert world.view("registry", "proposal", number).passedTime == 0
    with refused("not_passed"):
        world.execute(number)
    world.pass_time(10)
    world.vote(number, "elm")
    assert world.view("registry", "proposal", number).passedTime == START + 10
    world.execute(number)


@pytest.mark.parametrize("number", [0, 2, 2**256 - 1])
def test_unknown_proposals(world: World, number: int) -> None:
    """Only proposals that were made can be voted on and executed; their numbers begin with 1."""
    assert world.propose("ada", SUSPENSION) == 1
    with refused("proposal_unknown"):
        world.vote(number, "ada")
    with refused("proposal_unknown"):
        world.execute(number)


def test_an_executed_proposal_is_over(world: World) -> None:
    """What was carried out is neither voted on nor carried out again."""
    number = world.propose("ada", SUSPENSION)
    world.vote(number, "ada", "bel", "cor", "dun")
    world.execute(number)
    with refused("proposal_executed"):
        world.vote(number, "elm")
    with refused("proposal_executed"):
        world.execute(number)


def test_who_cannot_vote(world: World) -> None:
    """Strangers, suspended members, and members admitted after the proposal's block cannot vote on it."""
    number = world.propose("ada", calls.propose_suspension(account("fox").address))
    world.suspend("gil")
    with refused("not_active_member"):
        world.vote(number, "gil")
    with refused("not_active_member"):
        world.send(REGISTRY, calls.vote(number, support=True), RELAYER)
    admission = world.propose(
        "ada", calls.propose_admission(account("hal").address, MemberId("hal"), Role.AUDITOR, Country("PT"))
    )
    world.vote(admission, "ada", "bel", "cor", "dun")
    world.pass_time()
    world.execute(admission)
    with refused("not_active_at_proposal"):
        world.vote(number, "hal")
    later = world.propose("hal", calls.propose_suspension(account("fox").address))
    world.vote(later, "hal")


def test_a_member_admitted_in_the_proposals_block_counts(world: World) -> None:
    """Members active at the proposal's block are counted by their words: one more of them raises what is needed."""
    number = world.propose("ada", SUSPENSION)
    admission = world.propose(
        "ada", calls.propose_admission(account("hal").address, MemberId("hal"), Role.AUDITOR, Country("PT"))
    )
    world.vote(admission, "ada", "bel", "cor", "dun")
    world.vote(number, "ada", "bel", "cor", "dun")
    assert passes(world, number)
    world.execute(admission)
    assert not passes(world, number)
    world.vote(number, "hal")
    assert passes(world, number)


def test_votes_of_suspended_members_stop_counting(world: World) -> None:
    """A proposal that passed by the vote of a member suspended since does not pass any more."""
    number = world.propose("ada", KEEPERS)
    world.vote(number, "ada", "bel", "cor", "gil")
    assert passes(world, number)
    world.pass_time()
    world.suspend("gil")
    assert not passes(world, number)
    world.pass_time(DELAY_S)
    with refused("not_passed"):
        world.execute(number)


def test_a_majority_lost_by_suspension_starts_the_delay_again(world: World) -> None:
    """When new votes replace those of a suspended member, members have the whole delay to react once more."""
    number = world.propose("ada", KEEPERS)
    world.vote(number, "ada", "bel", "cor", "gil")
    world.pass_time()
    world.suspend("gil")
    world.pass_time(DELAY_S)
    world.vote(number, "elm")
    assert passes(world, number)
    with refused("delay_not_over"):
        world.execute(number)
    world.pass_time(DELAY_S)
    world.execute(number)


def test_a_change_of_keepers_waits(world: World) -> None:
    """A change of keepers is carried out at the end of the delay after the deciding vote, not a second before."""
    number = world.propose("ada", KEEPERS)
    world.time = START + 100
    world.vote(number, "ada", "bel", "cor", "dun")
    world.vote(number, "elm")
    world.block, world.time = 50, START + 100 + DELAY_S - 1
    with refused("delay_not_over"):
        world.execute(number)
    world.time += 1
    result = world.execute(number)
    epoch = world.read(REGISTRY, current_epoch(Role.KEEPER))
    assert (epoch.number, epoch.from_block, epoch.accounts) == (2, 50, addresses("elm", "bel", "cor", "dun"))
    assert result.events[1].arguments == {"role": 2, "number": 2}


def test_admissions_and_suspensions_do_not_wait(world: World) -> None:
    """A member can be suspended in the block of the deciding vote."""
    world.suspend("gil")
    assert world.block == 1


def test_the_delay_is_a_number_of_the_genesis(new_world: Callable[..., World]) -> None:
    """A network that begins with another delay keeps to that one."""
    world = new_world(delay_s=60)
    assert world.view("registry", "delay") == 60
    number = world.propose("ada", KEEPERS)
    world.vote(number, "ada", "bel", "cor", "dun")
    world.pass_time(59)
    with refused("delay_not_over"):
        world.execute(number)
    world.pass_time(1)
    world.execute(number)


@pytest.mark.parametrize(
    "data", [KEEPERS, calls.propose_epoch(Role.ORACLE, 1, addresses("cor"))], ids=["keepers", "oracles"]
)
def test_a_change_of_a_set_needs_countries_too(world: World, data: bytes) -> None:
    """Most members cannot change a set when they are of no more than half of the countries."""
    number = world.propose("ada", data)
    world.vote(number, "ada", "bel", "elm", "fox", "gil")  # five of seven members, two of four countries
    assert not passes(world, number)
    world.vote(number, "cor")
    assert passes(world, number)


def test_admission_and_suspension_need_no_countries(world: World) -> None:
    """Four members of two countries out of four are enough for anything but sets."""
    number = world.propose("ada", SUSPENSION)
    world.vote(number, "ada", "elm", "bel", "fox")
    assert passes(world, number)


def test_a_country_agrees_by_one_of_its_members(world: World) -> None:
    """One member of each of three countries out of four, and four members in all, change a set."""
    number = world.propose("ada", KEEPERS)
    world.vote(number, "ada", "bel", "cor")
    assert not passes(world, number)  # three countries, but three members of seven
    world.vote(number, "elm")
    assert passes(world, number)


def test_the_specification_has_four_countries() -> None:
    """The numbers in these tests rest on seven members of four countries."""
    assert len(SPEC.members) == 7
    assert len({member.country for member in SPEC.members}) == 4
