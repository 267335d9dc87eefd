"""The registry's votes and sets in plain Python: the slow, obvious version that judges the real one.

It walks over sets and lists as PROTOCOL section 2 words its rules, and knows neither slots nor bits.
"""

from dataclasses import dataclass, field

from hospes.contracts.sets import require_set
from hospes.core.chain import Epoch, MemberWord, Role
from hospes.core.identities import Address, Country, MemberId
from tests.contracts.model import require


@dataclass(frozen=True)
class Admission:
    """A new member."""

    account: Address
    id: MemberId
    roles: Role
    country: Country


@dataclass(frozen=True)
class Suspension:
    """A member's end."""

    account: Address


@dataclass(frozen=True)
class Change:
    """The next set of a role."""

    role: Role
    threshold: int
    accounts: tuple[Address, ...]


@dataclass
class Proposal:
    """A proposal and its votes."""

    what: Admission | Suspension | Change
    block: int
    replaces: int
    votes: set[Address] = field(default_factory=set[Address])
    passed: int | None = None
    executed: bool = False


@dataclass
class Registry:
    """The registry, in block `block` at time `time`."""

    block: int
    time: int
    delay: int
    ids: dict[Address, MemberId]
    words: dict[Address, MemberWord]
    epochs: dict[Role, list[Epoch]]
    proposals: list[Proposal] = field(default_factory=list[Proposal])

    def propose(self, sender: Address, what: Admission | Suspension | Change) -> None:
        """Make a proposal."""
        self._require_possible(what)
        require(self._active(sender, self.block), "not_active_member")
        replaces = len(self.epochs.get(what.role, [])) if isinstance(what, Change) else 0
        self.proposals.append(Proposal(what, self.block, replaces))

    def vote(self, sender: Address, number: int, *, support: bool) -> None:
        """Vote, or take a vote back."""
        proposal = self._open(number)
        require(self._active(sender, self.block), "not_active_member")
        require(self._active(sender, proposal.block), "not_active_at_proposal")
        require((sender in proposal.votes) is not support, "vote_unchanged")
        passed = proposal.passed is not None and self.passes(number)
        proposal.votes ^= {sender}
        if not self.passes(number):
            proposal.passed = None
        elif not passed:
            proposal.passed = self.time

    def execute(self, number: int) -> None:
        """Carry a proposal out."""
        proposal = self._open(number)
        require(proposal.passed is not None and self.passes(number), "not_passed")
        what = proposal.what
        if isinstance(what, Change):
            require(self.time >= (proposal.passed or 0) + self.delay, "delay_not_over")
            epochs = self.epochs.setdefault(what.role, [])
            require(len(epochs) == proposal.replaces, "epoch_superseded")
        self._require_possible(what)
        match what:
            case Admission(account, name, roles, country):
                self.ids[account] = name
                self.words[account] = MemberWord(roles, country, self.block, 0)
            case Suspension(account):
                word = self.words[account]
                self.words[account] = MemberWord(word.roles, word.country, word.admitted_block, self.block)
            case Change():
                self._start(what)
        proposal.executed = True

    def passes(self, number: int) -> bool:
        """Whether a proposal has its majorities."""
        proposal = self.proposals[number - 1]
        electorate = {account for account in self.words if self._active(account, proposal.block)}
        supporters = {account for account in electorate & proposal.votes if self._active(account, self.block)}
        countries = {self.words[account].country for account in electorate}
        agreeing = {self.words[account].country for account in supporters}
        enough = len(supporters) * 2 > len(electorate)
        return enough and (not isinstance(proposal.what, Change) or len(agreeing) * 2 > len(countries))

    def _start(self, change: Change) -> None:
        epochs = self.epochs[change.role]
        if change.role == Role.KEEPER and epochs:
            office = epochs[-1]
            gone = set(office.accounts) - set(change.accounts)
            most = min(office.threshold - 1, len(office.accounts) - office.threshold)
            require(len(gone) <= most, "replaces_too_many")
        epochs.append(Epoch(len(epochs) + 1, change.accounts, change.threshold, self.block))

    def _require_possible(self, what: Admission | Suspension | Change) -> None:
        match what:
            case Admission(account, name):
                require(account not in self.words, "account_known")
                require(name not in self.ids.values(), "id_known")
            case Suspension(account):
                require(account in self.words, "account_unknown")
                require(self.words[account].suspended_block == 0, "already_suspended")
            case Change(role, threshold, accounts):
                require_set(role, threshold, accounts, self.words, self.block)

    def _open(self, number: int) -> Proposal:
        require(0 < number <= len(self.proposals), "proposal_unknown")
        require(not self.proposals[number - 1].executed, "proposal_executed")
        return self.proposals[number - 1]

    def _active(self, account: Address, block: int) -> bool:
        return account in self.words and self.words[account].active_at(block)
