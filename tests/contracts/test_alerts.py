"""What the alerts contract keeps and tells: raised, acknowledged, escalated; and what it refuses."""

import pytest

from hospes.contracts import calls
from hospes.contracts.addresses import ALERTS
from hospes.contracts.artifacts import load
from hospes.contracts.events import ACKNOWLEDGED, ESCALATED, RAISED
from hospes.core.chain import AlertState
from hospes.core.identities import ZERO_HASH, Address, Hash
from tests.contracts.conftest import FOUNDERS, START, World, account, hash_of, refused
from tests.contracts.raising import (
    DAY_S,
    FIRST,
    HOUR_S,
    NEXT,
    SECOND,
    THIRD,
    Raising,
    acknowledge,
    overdue,
    state_of,
)

NEVER = AlertState(0, 0, 0, 0, Address(bytes(20)), 0, 0, ZERO_HASH)
ADA, BEL, COR, DUN = (account(name).address for name in ("ada", "bel", "cor", "dun"))
MAX = 2**64 - 1


# ------------------------------------------------------------------------------------------------------------ raising


def test_an_alert_is_raised(world: World) -> None:
    """A raised alert has the block and time of its raising, its addressee, deadline and oracles, and nothing else; the
    event says so, and who sent it.
    """
    world.pass_time(7)
    assert state_of(world) == NEVER
    result = Raising().raised(world)
    assert state_of(world) == AlertState(2, START + 7, 0, 0, ADA, START + HOUR_S, 1, ZERO_HASH)
    assert state_of(world).raised
    assert not state_of(world).acknowledged
    (event,) = result.events
    assert (event.contract, event.event) == ("alerts", "Raised")
    assert event.arguments == {
        "alertHash": FIRST,
        "addressee": ADA,
        "deadline": START + HOUR_S,
        "oracleEpoch": 1,
        "account": COR,
    }


def test_an_alert_is_raised_once(world: World) -> None:
    """The same alert is not raised again: not to another hospital, not after it was acknowledged or escalated."""
    Raising().raised(world)
    for again in (Raising(), Raising(addressee="bel"), Raising(sender="dun", deadline=START + 5)):
        with refused("already_raised"):
            again.raised(world)
    acknowledge(world, "ada")
    with refused("already_raised"):
        Raising().raised(world)
    overdue(world, Raising(SECOND))
    with refused("already_raised"):
        Raising(SECOND, "bel", world.time + 1).following(world, SECOND)
    assert state_of(world).addressee == ADA


def test_alerts_do_not_touch_each_other(world: World) -> None:
    """Two alerts have their own addressees and times, and acknowledging one leaves the other alone."""
    Raising().raised(world)
    NEXT.raised(world)
    acknowledge(world, "bel", SECOND)
    assert not state_of(world).acknowledged
    assert state_of(world, SECOND).acknowledged


def test_an_alert_needs_a_hash(world: World) -> None:
    """Zero stands for no evidence and for no next alert, so it is no alert."""
    with refused("alert_hash_zero"):
        Raising(ZERO_HASH).raised(world)


@pytest.mark.parametrize("name", ["cor", "nobody", "gone"])
def test_only_an_active_hospital_is_asked(world: World, name: str) -> None:
    """An oracle that is no hospital, nobody, and a hospital that was suspended are not asked; another hospital is."""
    if name == "gone":
        world.suspend("elm")
    with refused("addressee_not_active_hospital"):
        Raising(addressee="elm" if name == "gone" else name).raised(world)
    Raising(addressee="gil").raised(world)


@pytest.mark.parametrize(
    ("ahead_s", "reason"),
    [(-1, "deadline_not_ahead"), (0, "deadline_not_ahead"), (DAY_S + 1, "deadline_too_far")],
)
def test_a_deadline_is_ahead_and_near(world: World, ahead_s: int, reason: str) -> None:
    """A deadline is later than the block and at most a day later."""
    with refused(reason):
        Raising(deadline=START + ahead_s).raised(world)
    with refused("deadline_too_far"):
        Raising(deadline=MAX).raised(world)
    Raising(FIRST, deadline=START + 1).raised(world)
    Raising(SECOND, deadline=START + DAY_S).raised(world)


# ------------------------------------------------------------------------------------------------------ acknowledging


def test_the_addressee_acknowledges(world: World) -> None:
    """An acknowledgement sets its block and time beside those of the raising and changes nothing else."""
    Raising().raised(world)
    world.pass_time(5)
    result = acknowledge(world, "ada")
    assert state_of(world) == AlertState(1, START, 2, START + 5, ADA, START + HOUR_S, 1, ZERO_HASH)
    assert state_of(world).acknowledged
    (event,) = result.events
    assert (event.event, event.arguments) == ("Acknowledged", {"alertHash": FIRST, "addressee": ADA, "late": False})


@pytest.mark.parametrize(("after_s", "late"), [(0, False), (1, True), (100 * DAY_S, True)])
def test_a_late_acknowledgement_counts(world: World, after_s: int, late: bool) -> None:  # noqa: FBT001
    """The second of the deadline is in time; after it an acknowledgement is late, and counts."""
    Raising().raised(world)
    world.pass_time(HOUR_S + after_s)
    (event,) = acknowledge(world, "ada").events
    assert event.arguments["late"] is late
    assert state_of(world).acknowledged_time == START + HOUR_S + after_s


def test_an_alert_is_acknowledged_once(world: World) -> None:
    """A second acknowledgement is refused and keeps the time of the first."""
    Raising().raised(world)
    acknowledge(world, "ada")
    world.pass_time()
    with refused("already_acknowledged"):
        acknowledge(world, "ada")
    assert state_of(world).acknowledged_block == 1


@pytest.mark.parametrize("name", [*(name for name in FOUNDERS if name != "ada"), "nobody"])
def test_nobody_else_acknowledges(world: World, name: str) -> None:
    """Only the account that was asked acknowledges: no other hospital, no oracle, nobody."""
    Raising().raised(world)
    with refused("not_addressee"):
        acknowledge(world, name)
    assert not state_of(world).acknowledged


def test_an_unknown_alert_is_not_acknowledged(world: World) -> None:
    """What was not raised cannot be acknowledged, not by the zero address's neighbours either."""
    with refused("alert_unknown"):
        acknowledge(world, "ada")
    with refused("alert_unknown"):
        world.send_as(Address(bytes(20)), ALERTS, calls.acknowledge(FIRST))


def test_a_suspended_hospital_does_not_acknowledge(world: World) -> None:
    """A hospital that was suspended since can say nothing for itself; the next one is asked after the deadline."""
    Raising(addressee="elm").raised(world)
    world.suspend("elm")
    with refused("not_active_hospital"):
        acknowledge(world, "elm")
    world.pass_time(HOUR_S + 1)
    NEXT.following(world, FIRST)


# --------------------------------------------------------------------------------------------------------- escalating


def test_the_next_hospital_is_asked(world: World) -> None:
    """After the deadline the next alert is raised as any other, and the first names it."""
    overdue(world)
    result = NEXT.following(world, FIRST)
    raised = AlertState(2, START + HOUR_S + 1, 0, 0, BEL, START + 3 * HOUR_S, 1, ZERO_HASH)
    assert state_of(world, SECOND) == raised
    assert state_of(world) == AlertState(1, START, 0, 0, ADA, START + HOUR_S, 1, SECOND)
    assert result.names() == ["Raised", "Escalated"]
    assert result.events[0].arguments["account"] == DUN
    assert result.events[1].arguments == {"alertHash": FIRST, "nextHash": SECOND, "account": DUN}


def test_the_deadline_is_waited_for(world: World) -> None:
    """In the second of the deadline nothing is escalated; in the one after it is."""
    Raising().raised(world)
    world.pass_time(HOUR_S)
    with refused("deadline_not_over"):
        NEXT.following(world, FIRST)
    world.pass_time()
    NEXT.following(world, FIRST)


def test_an_acknowledged_alert_is_not_escalated(world: World) -> None:
    """Once the hospital acknowledged, in time or late, nobody else is asked."""
    Raising().raised(world)
    acknowledge(world, "ada")
    world.pass_time(HOUR_S + 1)
    with refused("already_acknowledged"):
        NEXT.following(world, FIRST)
    assert state_of(world, SECOND) == NEVER


def test_an_alert_is_escalated_once(world: World) -> None:
    """One alert follows another, and no second one does; the chain goes on from the one that followed."""
    overdue(world)
    NEXT.following(world, FIRST)
    third = Raising(THIRD, "elm", START + 5 * HOUR_S)
    with refused("already_escalated"):
        third.following(world, FIRST)
    world.pass_time(3 * HOUR_S)
    third.following(world, SECOND)
    assert (state_of(world).escalated_to, state_of(world, SECOND).escalated_to) == (SECOND, THIRD)
    assert state_of(world, THIRD).escalated_to == ZERO_HASH


def test_late_help_is_help(world: World) -> None:
    """The hospital that was silent may still acknowledge when the next one was asked, and so may the next one."""
    overdue(world)
    NEXT.following(world, FIRST)
    (event,) = acknowledge(world, "ada").events
    assert event.arguments["late"] is True
    acknowledge(world, "bel", SECOND)
    assert state_of(world).acknowledged
    assert state_of(world).escalated_to == SECOND
    assert state_of(world, SECOND).acknowledged


def test_the_silent_hospital_is_not_asked_again_at_once(world: World) -> None:
    """The next hospital is another one; from that one the alert may come back."""
    overdue(world)
    with refused("addressee_unchanged"):
        NEXT.but(addressee="ada").following(world, FIRST)
    NEXT.following(world, FIRST)
    world.pass_time(3 * HOUR_S)
    Raising(THIRD, "ada", world.time + 1).following(world, SECOND)


def test_what_was_not_raised_is_not_escalated(world: World) -> None:
    """An alert that nobody raised has nothing that could follow it."""
    with refused("alert_unknown"):
        NEXT.following(world, FIRST)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"alert_hash": ZERO_HASH}, "alert_hash_zero"),
        ({"alert_hash": FIRST}, "already_raised"),
        ({"alert_hash": THIRD}, "already_raised"),
        ({"addressee": "cor"}, "addressee_not_active_hospital"),
        ({"deadline": START + HOUR_S}, "deadline_not_ahead"),
        ({"deadline": START + 3 * DAY_S}, "deadline_too_far"),
        ({"epoch": 2}, "oracle_epoch_not_in_office"),
        ({"attesters": ("cor",)}, "attestations_missing"),
        ({"attesters": ("cor", "cor")}, "attesters_not_in_order"),
        ({"sender": "ada"}, "not_active_oracle"),
    ],
)
def test_the_next_alert_is_judged_as_any_other(world: World, changes: dict[str, object], reason: str) -> None:
    """What is refused of an alert is refused of the next one, and then the first stays as it was."""
    Raising(THIRD, "elm").raised(world)
    overdue(world)
    before = state_of(world)
    with refused(reason):
        NEXT.but(**changes).following(world, FIRST)
    assert state_of(world) == before
    NEXT.following(world, FIRST)


# --------------------------------------------------------------------------------------------------------- who may what

EVERYBODY = (*FOUNDERS, "nobody")
ORACLES = ("cor", "dun", "fox", "gil")


@pytest.mark.parametrize("name", EVERYBODY)
def test_oracles_raise_and_nobody_else(world: World, name: str) -> None:
    """With the same attestations an oracle's call is taken, and that of any other member or stranger is not."""
    if name in ORACLES:
        Raising(sender=name).raised(world)
        return
    with refused("not_active_oracle"):
        Raising(sender=name).raised(world)
    assert state_of(world) == NEVER


@pytest.mark.parametrize("name", EVERYBODY)
def test_oracles_escalate_and_nobody_else(world: World, name: str) -> None:
    """With the same attestations an oracle's call is taken, and that of any other member or stranger is not."""
    overdue(world)
    if name in ORACLES:
        NEXT.but(sender=name).following(world, FIRST)
        return
    with refused("not_active_oracle"):
        NEXT.but(sender=name).following(world, FIRST)
    assert state_of(world).escalated_to == ZERO_HASH


def test_a_suspended_oracle_raises_nothing(world: World) -> None:
    """An oracle that was suspended cannot send, though others attested."""
    world.suspend("fox")
    with refused("not_active_oracle"):
        Raising(sender="fox").raised(world)


def test_an_oracle_does_not_vouch_for_contracts_that_it_calls(world: World) -> None:
    """The sender of the call counts, not the account behind it: a contract that an oracle uses is no oracle."""
    with refused("not_active_oracle"):
        world.send_through_contract(ALERTS, Raising().data(), account("cor"))


def test_a_hospital_does_not_vouch_for_contracts_that_it_calls(world: World) -> None:
    """A contract that the hospital uses cannot acknowledge in its place."""
    Raising().raised(world)
    with refused("not_addressee"):
        world.send_through_contract(ALERTS, calls.acknowledge(FIRST), account("ada"))


def test_the_calls_take_no_money(world: World) -> None:
    """Wei that is sent with a call would be lost, so the call is refused."""
    world.set_balance(COR, 10)
    with refused("unknown"):
        world.send(ALERTS, Raising().data(), account("cor"), value=1)


# ------------------------------------------------------------------------------------------------------------- events


def test_the_topics_are_those_of_the_events() -> None:
    """What the library filters logs by are the first topics of the contract's events."""
    topics = {event.name: event.topic for event in load()["alerts"].events}
    assert topics == {"Raised": RAISED, "Acknowledged": ACKNOWLEDGED, "Escalated": ESCALATED}


def test_the_state_is_packed_as_it_is_read() -> None:
    """The largest values of every part come back from the words."""
    largest = AlertState(MAX, MAX - 1, MAX - 2, MAX - 3, Address(b"\xff" * 20), MAX - 4, 2**32 - 1, Hash(b"\xff" * 32))
    assert AlertState.unpack(*largest.pack()) == largest
    mixed = AlertState(1, 2, 3, 4, Address(bytes(19) + b"\5"), 6, 7, hash_of("next"))
    assert AlertState.unpack(*mixed.pack()) == mixed
