"""Any sequence of calls leaves the alerts contract where the plain model has it."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from hospes.contracts import calls
from hospes.contracts.addresses import ALERTS
from hospes.core.identities import Address, Hash
from tests.contracts.conftest import Result, World, account, addresses, refused
from tests.contracts.model import RefusedError
from tests.contracts.model_alerts import Alerts
from tests.contracts.raising import DAY_S, FIRST, SECOND, THIRD, Raising, in_order, state_of

HOSPITALS = ("ada", "bel", "elm", "gil")
ORACLES = ("cor", "dun", "fox", "gil")
NAMES = (FIRST, SECOND, THIRD)

names = st.sampled_from(NAMES)
hospitals = st.sampled_from(HOSPITALS)
seldom = st.integers(0, 9).map(lambda number: number == 0)
"""Now and then, so that most calls are nearly right and many are taken."""


@st.composite
def raisings(draw: st.DrawFn) -> Raising:
    """Return an alert that is often right; its deadline is counted from the moment of the call."""
    attesters = draw(st.lists(st.sampled_from(ORACLES), min_size=1, max_size=4, unique=True))
    attesters += ["ada"] if draw(seldom) else []
    return Raising(
        alert_hash=draw(names),
        addressee="cor" if draw(seldom) else draw(hospitals),
        deadline=draw(st.one_of(st.integers(1, 9), st.sampled_from([-1, 0, DAY_S, DAY_S + 1]))),
        epoch=2 if draw(seldom) else 1,
        attesters=tuple(attesters) if draw(seldom) else in_order(*attesters),
        sender="ada" if draw(seldom) else draw(st.sampled_from(ORACLES)),
    )


class Machine(RuleBasedStateMachine):
    """The contract beside its model, in a world to which each run returns."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(self.world.anchor())
        oracles = set(addresses(*ORACLES))
        hospitals = set(addresses(*HOSPITALS))
        self.model = Alerts(self.world.block, self.world.time, hospitals, set(oracles), oracles, threshold=2)

    def teardown(self) -> None:
        """Forget this run."""
        self.stack.close()

    def both(self, call: Callable[[], Result], model: Callable[[], object]) -> tuple[Result, object] | None:
        """Make the same call of both; they must accept it both, or refuse it for the same reason."""
        try:
            said = model()
        except RefusedError as reason:
            with refused(str(reason)):
                call()
            return None
        return call(), said

    @rule(seconds=st.integers(0, 5))
    def pass_time(self, seconds: int) -> None:
        """Go to the next block."""
        self.world.pass_time(seconds)
        self.model.block, self.model.time = self.world.block, self.world.time

    @rule(raising=raisings())
    def raise_alert(self, raising: Raising) -> None:
        """Raise an alert, at times wrongly."""
        sent = raising.but(deadline=self.world.time + raising.deadline)
        attesters = addresses(*sent.attesters)
        arguments = sent.account.address, sent.alert_hash, *sent.state, attesters
        self.both(lambda: sent.raised(self.world), lambda: self.model.raise_alert(*arguments))

    @rule(raising=raisings(), before=names)
    def escalate(self, raising: Raising, before: Hash) -> None:
        """Raise an alert after another one, at times wrongly or too early."""
        sent = raising.but(deadline=self.world.time + raising.deadline)
        attesters = addresses(*sent.attesters)
        arguments = sent.account.address, before, sent.alert_hash, *sent.state, attesters
        self.both(lambda: sent.following(self.world, before), lambda: self.model.escalate(*arguments))

    @rule(name=names, member=hospitals, right=st.booleans())
    def acknowledge(self, name: Hash, member: str, *, right: bool) -> None:
        """Acknowledge an alert, as its addressee or as any hospital."""
        asked = self.model.state(name).addressee
        sender = asked if right else account(member).address

        def call() -> Result:
            return self.world.send_as(sender, ALERTS, calls.acknowledge(name))

        done = self.both(call, lambda: self.model.acknowledge(sender, name))
        assert done is None or done[0].events[0].arguments["late"] is done[1]

    @rule(name=st.sampled_from(["gil", "fox"]))
    def suspend(self, name: str) -> None:
        """Suspend a hospital that is an oracle too, or an oracle; one of them only, so that enough can vote."""
        member: Address = account(name).address
        if len(self.model.oracles) == len(ORACLES):
            self.world.suspend(name)
            self.model.oracles.discard(member)
            self.model.hospitals.discard(member)

    @invariant()
    def storage_is_as_in_the_model(self) -> None:
        """Every word of every alert is that of the model, by the library's storage readings and by the getters."""
        for name in NAMES:
            assert state_of(self.world, name) == self.model.state(name)


def test_any_sequence_of_calls_is_as_in_the_model(world: World) -> None:
    """Whatever is called in whatever order: the same calls are taken, the same reasons given, the same state left."""
    run_state_machine_as_test(
        type("AlertsHere", (Machine,), {"world": world}),
        settings=settings(
            max_examples=settings().max_examples // 4,  # each is a whole history
            stateful_step_count=25,
            deadline=None,
            phases=[Phase.generate],  # shrinking would run the chain for minutes
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
