"""What the consent contract keeps, and what it refuses."""

import pytest

from hospes.contracts.addresses import CONSENT
from hospes.contracts.storage import consent_word, through
from hospes.core.chain import ConsentWord, EntryKind
from hospes.core.typed_data import hash_list
from tests.contracts.conftest import RELAYER, START, Traveller, World, grants, refused

LIST = grants(1, 2)
HASH = hash_list(LIST)
MAX = 2**64 - 1


@pytest.fixture
def anna() -> Traveller:
    """A traveller on a journey."""
    return Traveller()


def word_of(world: World, anna: Traveller) -> ConsentWord:
    """Return what the chain says of the consent, by the getter and by the storage, which must agree."""
    word: ConsentWord = world.read(CONSENT, consent_word(anna.journey, HASH))
    assert world.view("consent", "word", anna.journey, HASH) == word.pack()
    return word


def is_live(world: World, anna: Traveller) -> bool:
    """Return whether the contract calls the consent live."""
    return bool(world.view("consent", "is_live", anna.journey, HASH))


def test_giving_sets_block_and_time_and_logs_one_entry(world: World, anna: Traveller) -> None:
    """A consent that is given has the block and the time of its giving, and is entry 1, by whoever brought it."""
    world.pass_time(7)
    result = world.deliver(anna.give(LIST))
    assert word_of(world, anna) == ConsentWord(2, START + 7, 0, 0)
    assert is_live(world, anna)
    (entry,) = result.entries
    assert (entry.journey, entry.number, entry.kind) == (anna.journey, 1, EntryKind.GIVEN)
    assert (entry.account, entry.entry_hash, entry.time) == (RELAYER.address, HASH, START + 7)


def test_a_consent_is_given_once(world: World, anna: Traveller) -> None:
    """The same consent cannot be given again, with the same deadline or another."""
    world.deliver(anna.give(LIST))
    world.pass_time()
    with refused("already_given"):
        world.deliver(anna.give(LIST))
    with refused("already_given"):
        world.deliver(anna.give(LIST, START + 99))
    assert word_of(world, anna).given_block == 1


def test_a_consent_is_given_until_its_deadline(world: World, anna: Traveller) -> None:
    """A consent can be given in the second of its deadline, and not one later."""
    world.time = START + 1
    with refused("deadline_passed"):
        world.deliver(anna.give(LIST, START))
    assert word_of(world, anna) == ConsentWord(0, 0, 0, 0)
    world.time = START
    world.deliver(anna.give(LIST, START))


def test_withdrawing_a_live_consent(world: World, anna: Traveller) -> None:
    """A withdrawal sets its block and time beside those of the giving, and says that the consent was live."""
    world.deliver(anna.give(LIST))
    world.pass_time(5)
    result = world.deliver(anna.withdraw(LIST))
    assert word_of(world, anna) == ConsentWord(1, START, 2, START + 5)
    assert not is_live(world, anna)
    assert result.names() == ["Withdrawn", "Entry"]
    assert result.events[0].arguments == {"journey": anna.journey, "grantsHash": HASH, "live": True}
    (entry,) = result.entries
    assert (entry.number, entry.kind, entry.entry_hash) == (2, EntryKind.WITHDRAWN, HASH)


def test_withdrawing_before_giving_voids_the_consent(world: World, anna: Traveller) -> None:
    """A consent that was withdrawn before it was given can never be given, and was not live."""
    result = world.deliver(anna.withdraw(LIST))
    assert result.events[0].arguments["live"] is False
    assert word_of(world, anna) == ConsentWord(0, 0, 1, START)
    with refused("already_withdrawn"):
        world.deliver(anna.give(LIST))


def test_a_consent_is_withdrawn_once(world: World, anna: Traveller) -> None:
    """A second withdrawal is refused and keeps the time of the first; a given and withdrawn one stays given."""
    world.deliver(anna.give(LIST))
    world.deliver(anna.withdraw(LIST))
    world.pass_time()
    with refused("already_withdrawn"):
        world.deliver(anna.withdraw(LIST))
    with refused("already_given"):
        world.deliver(anna.give(LIST))
    assert word_of(world, anna) == ConsentWord(1, START, 1, START)


def test_ending_voids_what_was_given_up_to_its_block(world: World, anna: Traveller) -> None:
    """An ending through block 2 ends a consent given in block 2, and a consent given in block 3 is live."""
    world.pass_time()
    world.deliver(anna.give(LIST))
    result = world.deliver(anna.end(2))
    assert not is_live(world, anna)
    assert world.read(CONSENT, through(anna.journey)) == 2 == world.view("consent", "through", anna.journey)
    (entry,) = result.entries
    assert (entry.number, entry.kind, entry.entry_hash) == (2, EntryKind.ENDED, (2).to_bytes(32))
    with refused("ended"):
        world.deliver(anna.give(grants(3)))
    world.pass_time()
    world.deliver(anna.give(grants(3)))
    assert world.view("consent", "is_live", anna.journey, hash_list(grants(3)))


def test_an_ended_consent_can_be_withdrawn_but_was_not_live(world: World, anna: Traveller) -> None:
    """A withdrawal after an ending is taken, and says that there was nothing live to withdraw."""
    world.deliver(anna.give(LIST))
    world.deliver(anna.end(1))
    assert world.deliver(anna.withdraw(LIST)).events[0].arguments["live"] is False


@pytest.mark.parametrize("later", [0, 4, 5])
def test_through_must_grow(world: World, anna: Traveller, later: int) -> None:
    """An ending at or before the last one is refused, so an old ending cannot be replayed."""
    world.deliver(anna.end(5))
    with refused("through_not_growing"):
        world.deliver(anna.end(later))
    world.deliver(anna.end(6))


def test_an_ending_through_nothing_is_refused(world: World, anna: Traveller) -> None:
    """Block 0 can hold no consent, and ending it is no entry."""
    with refused("through_not_growing"):
        world.deliver(anna.end(0))


def test_the_brake_stops_a_journey_for_good(world: World, anna: Traveller) -> None:
    """An ending with the largest value, signed in advance, voids all consents, and none can be given afterwards."""
    brake = anna.end(MAX)
    world.deliver(anna.give(LIST))
    world.deliver(brake)
    assert not is_live(world, anna)
    world.pass_time(10**6)
    with refused("ended"):
        world.deliver(anna.give(grants(3)))


def test_journeys_do_not_touch_each_other(world: World, anna: Traveller) -> None:
    """The same grants of two journeys are two consents: ending one journey leaves the other alone."""
    ben = Traveller("Ben's journey")
    world.deliver(anna.give(LIST))
    world.deliver(ben.give(LIST))
    world.deliver(ben.end(1))
    assert is_live(world, anna)
    assert not is_live(world, ben)


def test_wallets_can_read_the_domain(world: World) -> None:
    """The contract tells the domain of EIP-712 in the form of EIP-5267."""
    fields, name, version, chain_id, contract, salt, extensions = world.view("consent", "eip712Domain")
    assert (fields, name, version, chain_id) == (b"\x0f", "Hospes", "1", 0x486F73706573)
    assert (bytes.fromhex(contract[2:]), salt, extensions) == (CONSENT, bytes(32), [])
