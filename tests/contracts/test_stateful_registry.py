"""Any sequence of proposals and votes leaves the registry where the plain model has it."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from hospes.contracts import calls
from hospes.contracts.addresses import REGISTRY
from hospes.contracts.refusals import ContractRefusedError
from hospes.contracts.storage import current_epoch, member_id, member_word, members
from hospes.core.chain import Epoch, MemberWord, Role
from hospes.core.identities import Account, Country, MemberId
from tests.contracts.conftest import FOUNDERS, RELAYER, SPEC, World, account, addresses, refused
from tests.contracts.model import RefusedError
from tests.contracts.model_registry import Admission, Change, Registry, Suspension

DELAY_S = 4
NEWCOMERS = ("hal", "ida")
NAMES = (*FOUNDERS, *NEWCOMERS)
CANDIDATES = ("ada", "bel", "cor", "dun", "elm", "fox", "hal")

names = st.sampled_from(NAMES)
senders = st.sampled_from([*(account(name) for name in NAMES), RELAYER])
numbers = st.integers(0, 4)
sets = st.lists(st.sampled_from(CANDIDATES), min_size=3, max_size=6)


def founding(world: World) -> Registry:
    """Return the model as the genesis of a world leaves it."""
    first = SPEC.keepers
    assert first is not None
    return Registry(
        block=world.block,
        time=world.time,
        delay=DELAY_S,
        ids={account(name).address: MemberId(name) for name in FOUNDERS},
        words={
            account(name).address: MemberWord(roles, Country(code), 0, 0) for name, (roles, code) in FOUNDERS.items()
        },
        epochs={Role.KEEPER: [Epoch(1, first.accounts, first.threshold, 0)]},
    )


class Votes(RuleBasedStateMachine):
    """The registry beside its model, in a world to which each run returns."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(self.world.anchor())
        self.model = founding(self.world)

    def teardown(self) -> None:
        """Forget this run."""
        self.stack.close()

    def both(self, data: bytes, sender: Account, model: Callable[[], None]) -> None:
        """Make the same call of both; they must accept it both, or refuse it for the same reason."""
        try:
            model()
        except RefusedError as error:
            with refused(str(error)):
                self.world.send(REGISTRY, data, sender)
        except ContractRefusedError as error:  # from the library's own rules for sets
            with refused(error.reason):
                self.world.send(REGISTRY, data, sender)
        else:
            self.world.send(REGISTRY, data, sender)

    @rule(seconds=st.integers(0, DELAY_S))
    def pass_time(self, seconds: int) -> None:
        """Go to the next block."""
        self.world.pass_time(seconds)
        self.model.block, self.model.time = self.world.block, self.world.time

    @rule(sender=senders, name=st.sampled_from((*NEWCOMERS, "ada")), code=st.sampled_from(("DE", "PT")))
    def propose_admission(self, sender: Account, name: str, code: str) -> None:
        """Propose a member, at times one that there is."""
        roles = Role.HOSPITAL | Role.KEEPER
        what = Admission(account(name).address, MemberId(name), roles, Country(code))
        data = calls.propose_admission(what.account, what.id, what.roles, what.country)
        self.both(data, sender, lambda: self.model.propose(sender.address, what))

    @rule(sender=senders, name=names)
    def propose_suspension(self, sender: Account, name: str) -> None:
        """Propose a suspension, at times of nobody."""
        what = Suspension(account(name).address)
        self.both(calls.propose_suspension(what.account), sender, lambda: self.model.propose(sender.address, what))

    @rule(sender=senders, chosen=sets, threshold=st.integers(2, 3))
    def propose_keepers(self, sender: Account, chosen: list[str], threshold: int) -> None:
        """Propose keepers, often ones that cannot be."""
        what = Change(Role.KEEPER, threshold, addresses(*chosen))
        data = calls.propose_epoch(what.role, what.threshold, what.accounts)
        self.both(data, sender, lambda: self.model.propose(sender.address, what))

    @rule(sender=senders, number=numbers, support=st.booleans())
    def vote(self, sender: Account, number: int, *, support: bool) -> None:
        """Vote, or take a vote back."""
        data = calls.vote(number, support=support)
        self.both(data, sender, lambda: self.model.vote(sender.address, number, support=support))

    @rule(number=numbers)
    def vote_by_most(self, number: int) -> None:
        """Let five members vote for, so that something passes."""
        for name in ("ada", "bel", "cor", "dun", "elm"):
            self.vote(account(name), number, support=True)

    @rule(number=numbers)
    def execute(self, number: int) -> None:
        """Carry out a proposal, at times too early or again."""
        self.both(calls.execute(number), RELAYER, lambda: self.model.execute(number))

    @invariant()
    def storage_is_as_in_the_model(self) -> None:
        """Members, ids and the keepers in office are those of the model, by the library's storage readings."""
        assert self.world.read(REGISTRY, members()) == tuple(self.model.words)
        for each, word in self.model.words.items():
            assert self.world.read(REGISTRY, member_word(each)) == word
            assert self.world.read(REGISTRY, member_id(each)) == self.model.ids[each]
        assert self.world.read(REGISTRY, current_epoch(Role.KEEPER)) == self.model.epochs[Role.KEEPER][-1]

    @invariant()
    def passing_is_as_in_the_model(self) -> None:
        """The registry counts votes as the model does."""
        for number in range(1, len(self.model.proposals) + 1):
            assert self.world.view("registry", "passes", number) is self.model.passes(number)

    @invariant()
    def no_country_can_open_a_record(self) -> None:
        """The keepers in office of one country are always fewer than the threshold."""
        office = self.world.read(REGISTRY, current_epoch(Role.KEEPER))
        countries = Counter(self.model.words[each].country for each in office.accounts)
        assert max(countries.values()) < office.threshold <= len(office.accounts)


def test_any_sequence_of_votes_is_as_in_the_model(new_world: Callable[..., World]) -> None:
    """Whatever is proposed, voted and executed: the same calls are taken, with the same reasons and the same state."""
    run_state_machine_as_test(
        type("VotesHere", (Votes,), {"world": new_world(delay_s=DELAY_S)}),
        settings=settings(
            max_examples=settings().max_examples // 4,  # each is a whole history
            stateful_step_count=25,
            deadline=None,
            phases=[Phase.generate],  # shrinking would run the chain for minutes
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
