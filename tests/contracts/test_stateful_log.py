"""Any sequence of calls leaves the consent contract and the access log where the plain model has them."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG, CONSENT
from hospes.contracts.storage import consent_word, log_state, through
from hospes.core.identities import Account, Address
from hospes.core.messages import Deposit
from hospes.core.typed_data import digest, hash_list
from tests.contracts.conftest import (
    CHAIN_ID,
    DOMAIN,
    RELAYER,
    Result,
    Traveller,
    World,
    account,
    deposit_body,
    erasure_of,
    grants,
    hash_of,
    refused,
)
from tests.contracts.model import NEVER, Model, RefusedError

TRAVELLERS = (Traveller("Anna's journey"), Traveller("Ben's journey"))
SENDERS = (RELAYER, account("ada"), account("cor"), account("gil"))

travellers = st.sampled_from(TRAVELLERS)
senders = st.sampled_from(SENDERS)
few = st.integers(1, 3)
near = st.integers(-3, 3)


class Log(RuleBasedStateMachine):
    """The contracts beside their model, in a world to which each run returns."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(self.world.anchor())
        hospitals = {account(name).address for name in ("ada", "bel", "elm", "gil")}
        self.model = Model(CHAIN_ID, self.world.block, self.world.time, hospitals)

    def teardown(self) -> None:
        """Forget this run."""
        self.stack.close()

    def both(self, call: tuple[Address, bytes], sender: Account, model: Callable[[], object]) -> Result | None:
        """Make the same call of both; they must accept it both, or refuse it for the same reason."""
        try:
            model()
        except RefusedError as reason:
            with refused(str(reason)):
                self.world.deliver(call, sender)
            return None
        return self.world.deliver(call, sender)

    @rule(seconds=st.integers(0, 5))
    def pass_time(self, seconds: int) -> None:
        """Go to the next block."""
        self.world.pass_time(seconds)
        self.model.block, self.model.time = self.world.block, self.world.time

    @rule(traveller=travellers, sender=senders, salt=few, late=near)
    def give(self, traveller: Traveller, sender: Account, salt: int, late: int) -> None:
        """Give a consent, at times too late."""
        deadline, name = self.world.time + late, hash_list(grants(salt))
        give = traveller.give(grants(salt), deadline)
        self.both(give, sender, lambda: self.model.give(sender.address, traveller.journey, name, deadline))

    @rule(traveller=travellers, sender=senders, salt=few)
    def withdraw(self, traveller: Traveller, sender: Account, salt: int) -> None:
        """Withdraw a consent, given or not."""
        name = hash_list(grants(salt))
        live = self.model.is_live(traveller.journey, name)
        withdraw = traveller.withdraw(grants(salt))
        result = self.both(withdraw, sender, lambda: self.model.withdraw(sender.address, traveller.journey, name))
        assert result is None or result.events[0].arguments["live"] is live

    @rule(traveller=travellers, sender=senders, distance=near)
    def end(self, traveller: Traveller, sender: Account, distance: int) -> None:
        """End what was given up to a block around the present one."""
        block = max(0, self.world.block + distance)
        call = traveller.end(block)
        self.both(call, sender, lambda: self.model.end(sender.address, traveller.journey, block))

    @rule(traveller=travellers, sender=senders, salt=few)
    def append(self, traveller: Traveller, sender: Account, salt: int) -> None:
        """Log an access, also as somebody who is no hospital."""
        name = hash_of(f"access {salt}")
        call = (ACCESS_LOG, calls.append(traveller.journey, name))
        self.both(call, sender, lambda: self.model.append(sender.address, traveller.journey, name))

    @rule(traveller=travellers, sender=senders, salt=few)
    def deposit(self, traveller: Traveller, sender: Account, salt: int) -> None:
        """Log a deposit, at times again."""
        name = digest(DOMAIN, Deposit(traveller.journey, deposit_body(salt)))
        call = traveller.deposit(deposit_body(salt))
        self.both(call, sender, lambda: self.model.deposit(sender.address, traveller.journey, name))

    @rule(traveller=travellers, sender=senders, salt=few, late=near)
    def erase(self, traveller: Traveller, sender: Account, salt: int, late: int) -> None:
        """Log an erasure, at times again or too late."""
        erasure = erasure_of(salt, self.world.time + late)
        name = digest(DOMAIN, erasure)
        call = traveller.erase(erasure)
        self.both(call, sender, lambda: self.model.erase(sender.address, traveller.journey, name, erasure.deadline))

    @rule()
    def suspend(self) -> None:
        """Suspend one of the hospitals."""
        gil = account("gil").address
        if gil in self.model.hospitals:
            self.world.suspend("gil")
            self.model.hospitals.remove(gil)

    @invariant()
    def storage_is_as_in_the_model(self) -> None:
        """Heads, counts, consent words and endings are those of the model, by the library's storage readings."""
        for traveller in TRAVELLERS:
            journey = self.model.journey(traveller.journey)
            state = self.world.read(ACCESS_LOG, log_state(traveller.journey, CHAIN_ID))
            assert state == (self.model.head(traveller.journey), len(journey.entries))
            assert self.world.read(CONSENT, through(traveller.journey)) == journey.through
            for salt in (1, 2, 3):
                name = hash_list(grants(salt))
                word = self.world.read(CONSENT, consent_word(traveller.journey, name))
                assert word == journey.words.get(name, NEVER)


def test_any_sequence_of_calls_is_as_in_the_model(world: World) -> None:
    """Whatever is called in whatever order: the same calls are taken, the same reasons given, the same state left."""
    run_state_machine_as_test(
        type("LogHere", (Log,), {"world": world}),
        settings=settings(
            max_examples=settings().max_examples // 4,  # each is a whole history
            stateful_step_count=25,
            deadline=None,
            phases=[Phase.generate],  # shrinking would run the chain for minutes
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
