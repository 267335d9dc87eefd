# pragma version ~=0.4.3
# pragma evm-version prague
# @title Registry
# @license Apache-2.0
# @notice Who belongs to the consortium, in which roles and from which country, where each member's services are, and
#         which keepers, oracles and validators are in office. Members change it by votes; there is no owner.
#         Knows no traveller and no journey, and has no power over consents or entries.
# @dev PROTOCOL section 2, "Registry"; contracts/SPEC.md. Block 0 writes the first members and sets as storage.

MAX_SET: constant(uint256) = 16
MAX_MEMBERS: constant(uint256) = 1024

# Roles are bits; hospital is 1 and auditor 8. These three have sets in office.
KEEPER: constant(uint256) = 2
ORACLE: constant(uint256) = 4
VALIDATOR: constant(uint256) = 16
ALL_ROLES: constant(uint256) = 31

ADMISSION: constant(uint8) = 1
SUSPENSION: constant(uint8) = 2
EPOCH: constant(uint8) = 3

MASK: constant(uint256) = 2**64 - 1


struct Service:
    fromBlock: uint64
    url: String[128]
    boxKey: Bytes[1218]


struct Epoch:
    fromBlock: uint64
    threshold: uint8
    accounts: DynArray[address, MAX_SET]


struct Proposal:
    kind: uint8
    proposedBlock: uint64
    # Zero while it does not pass; else the time of the vote since which it does.
    passedTime: uint64
    executed: bool
    # Admission: all four. Suspension: account.
    account: address
    id: bytes32
    roles: uint256
    country: uint256
    # Epoch: the role (in `roles`), the number of the epoch that it replaces, and the new set.
    replaces: uint32
    threshold: uint8
    accounts: DynArray[address, MAX_SET]


event Proposed:
    number: indexed(uint256)
    proposer: indexed(address)
    kind: uint8


event Voted:
    number: indexed(uint256)
    account: indexed(address)
    support: bool


event Passed:
    number: indexed(uint256)


event Executed:
    number: indexed(uint256)


event Admitted:
    account: indexed(address)
    id: indexed(bytes32)
    word: uint256


event Suspended:
    account: indexed(address)
    id: indexed(bytes32)


event ServiceSet:
    account: indexed(address)
    index: uint256


event EpochStarted:
    role: indexed(uint256)
    number: indexed(uint32)


# Account to id: ASCII, padded with zeros on the right.
id: public(HashMap[address, bytes32])
# Account to roles (highest 64 bits), country (two ASCII letters as a number), admittedBlock, suspendedBlock.
word: public(HashMap[address, uint256])
# Id to account.
account: public(HashMap[bytes32, address])
# Where a member's services were, from block to block.
service_count: public(HashMap[address, uint256])
services: HashMap[address, HashMap[uint256, Service]]
# By role (keeper 2, oracle 4, validator 16): the number of the set in office, from 1; zero for none.
epoch_number: public(HashMap[uint256, uint32])
epochs: HashMap[uint256, HashMap[uint32, Epoch]]
proposal_count: public(uint256)
proposals: HashMap[uint256, Proposal]
votes: public(HashMap[uint256, HashMap[address, bool]])
# Seconds between the vote by which a change of a set passes and its execution. Set in block 0, never changed.
delay: public(uint64)
# Wei that an admitted account receives. Set in block 0, never changed.
funding: public(uint256)
# Every account ever admitted, in order. Last, because it takes a slot for each.
members: public(DynArray[address, MAX_MEMBERS])


@external
@payable
def __default__():
    """
    @notice Take money, from which admitted members are funded.
    """
    assert len(msg.data) == 0, "unknown_call"


@external
def set_service(url: String[128], boxKey: Bytes[1218]):
    """
    @notice Say where the caller's services are from now on, and the key of its boxes. Only an active member.
    @param boxKey uint16 KEM id and public key; empty for a member without boxes.
    """
    assert self._active(self.word[msg.sender], block.number), "not_active_member"
    assert len(url) > 0, "url_empty"
    index: uint256 = self.service_count[msg.sender]
    self.services[msg.sender][index] = Service(
        fromBlock=convert(block.number, uint64), url=url, boxKey=boxKey
    )
    self.service_count[msg.sender] = index + 1
    log ServiceSet(account=msg.sender, index=index)


@external
def propose_admission(account: address, id: bytes32, roles: uint256, country: bytes2) -> uint256:
    """
    @notice Propose a new member. Only an active member. A proposal is not yet a vote.
    @return The number of the proposal.
    """
    code: uint256 = convert(country, uint256)
    self._require_admissible(account, id, roles, code)
    proposal: Proposal = empty(Proposal)
    proposal.kind = ADMISSION
    proposal.account = account
    proposal.id = id
    proposal.roles = roles
    proposal.country = code
    return self._propose(proposal)


@external
def propose_suspension(account: address) -> uint256:
    """
    @notice Propose that a member is suspended, for good. Only an active member.
    @return The number of the proposal.
    """
    self._require_not_suspended(account)
    proposal: Proposal = empty(Proposal)
    proposal.kind = SUSPENSION
    proposal.account = account
    return self._propose(proposal)


@external
def propose_epoch(role: uint256, threshold: uint8, accounts: DynArray[address, MAX_SET]) -> uint256:
    """
    @notice Propose the next set of keepers, oracles or validators, in order. Only an active member.
    @return The number of the proposal.
    """
    self._require_set(role, threshold, accounts)
    proposal: Proposal = empty(Proposal)
    proposal.kind = EPOCH
    proposal.roles = role
    proposal.replaces = self.epoch_number[role]
    proposal.threshold = threshold
    proposal.accounts = accounts
    return self._propose(proposal)


@external
def vote(number: uint256, support: bool):
    """
    @notice Vote for a proposal, or take the vote back. Only a member active now and at the proposal's block.
    """
    self._require_open(number)
    word: uint256 = self.word[msg.sender]
    assert self._active(word, block.number), "not_active_member"
    proposed: uint256 = convert(self.proposals[number].proposedBlock, uint256)
    assert self._active(word, proposed), "not_active_at_proposal"
    assert self.votes[number][msg.sender] != support, "vote_unchanged"
    # A proposal that lost its majority by a suspension starts its delay again.
    passed: bool = self.proposals[number].passedTime != 0 and self._passes(number)
    self.votes[number][msg.sender] = support
    log Voted(number=number, account=msg.sender, support=support)
    if not self._passes(number):
        self.proposals[number].passedTime = 0
    elif not passed:
        self.proposals[number].passedTime = convert(block.timestamp, uint64)
        log Passed(number=number)


@external
def execute(number: uint256):
    """
    @notice Carry out a proposal that passes; a change of a set after the delay. Anybody may call.
    """
    self._require_open(number)
    proposal: Proposal = self.proposals[number]
    assert proposal.passedTime != 0 and self._passes(number), "not_passed"
    self.proposals[number].executed = True
    log Executed(number=number)
    if proposal.kind == ADMISSION:
        self._admit(proposal)
    elif proposal.kind == SUSPENSION:
        self._suspend(proposal.account)
    else:
        assert block.timestamp >= convert(proposal.passedTime + self.delay, uint256), "delay_not_over"
        self._start_epoch(proposal)


@external
@view
def is_active(account: address, number: uint256) -> bool:
    """
    @notice Whether the account was a member admitted, and not suspended, at block `number`.
    """
    return self._active(self.word[account], number)


@external
@view
def is_active_as(account: address, role: uint256) -> bool:
    """
    @notice Whether the account is an active member with this role, now.
    """
    return self._active_as(account, role)


@external
@view
def passes(number: uint256) -> bool:
    """
    @notice Whether the proposal has its majorities, by the votes of the members that are still active.
    """
    return self._passes(number)


@external
@view
def service(account: address, index: uint256) -> Service:
    """
    @notice One line of the history of a member's services, the first at index 0.
    """
    return self.services[account][index]


@external
@view
def epoch(role: uint256, number: uint32) -> Epoch:
    """
    @notice One set of keepers, oracles or validators, the first with number 1.
    """
    return self.epochs[role][number]


@external
@view
def proposal(number: uint256) -> Proposal:
    """
    @notice One proposal, the first with number 1.
    """
    return self.proposals[number]


@external
@view
def member_count() -> uint256:
    """
    @notice How many accounts were ever admitted.
    """
    return len(self.members)


@internal
@pure
def _active(word: uint256, number: uint256) -> bool:
    """
    @notice PROTOCOL: "admittedBlock <= b, and suspendedBlock is 0 or > b"; every member has a role.
    """
    suspended: uint256 = word & MASK
    return word >> 192 != 0 and (word >> 64) & MASK <= number and (suspended == 0 or suspended > number)


@internal
@view
def _active_as(account: address, role: uint256) -> bool:
    word: uint256 = self.word[account]
    return (word >> 192) & role != 0 and self._active(word, block.number)


@internal
def _propose(proposal: Proposal) -> uint256:
    assert self._active(self.word[msg.sender], block.number), "not_active_member"
    number: uint256 = self.proposal_count + 1
    self.proposal_count = number
    self.proposals[number] = proposal
    self.proposals[number].proposedBlock = convert(block.number, uint64)
    log Proposed(number=number, proposer=msg.sender, kind=proposal.kind)
    return number


@internal
@view
def _require_open(number: uint256):
    assert 0 < number and number <= self.proposal_count, "proposal_unknown"
    assert not self.proposals[number].executed, "proposal_executed"


@internal
@view
def _passes(number: uint256) -> bool:
    """
    @notice More than half of the members active at the proposal's block vote for it and, for a change of a set, so
            do members of more than half of their countries. Votes of members suspended since do not count.
    """
    proposed: uint256 = convert(self.proposals[number].proposedBlock, uint256)
    active: uint256 = 0
    votes: uint256 = 0
    countries: uint256 = 0
    agreeing: uint256 = 0
    # One bit for each pair of letters: 26 * 26 in three words.
    seen: uint256[3] = empty(uint256[3])
    agreed: uint256[3] = empty(uint256[3])
    for account: address in self.members:
        word: uint256 = self.word[account]
        if not self._active(word, proposed):
            continue
        code: uint256 = (word >> 128) & MASK
        place: uint256 = (code // 256 - 65) * 26 + code % 256 - 65
        bit: uint256 = 1 << (place % 256)
        active += 1
        if seen[place // 256] & bit == 0:
            seen[place // 256] |= bit
            countries += 1
        if self.votes[number][account] and self._active(word, block.number):
            votes += 1
            if agreed[place // 256] & bit == 0:
                agreed[place // 256] |= bit
                agreeing += 1
    return votes * 2 > active and (self.proposals[number].kind != EPOCH or agreeing * 2 > countries)


@internal
@view
def _require_admissible(account: address, id: bytes32, roles: uint256, country: uint256):
    assert account != empty(address), "account_zero"
    assert self.id[account] == empty(bytes32), "account_known"
    self._require_id(id)
    assert self.account[id] == empty(address), "id_known"
    assert roles != 0 and roles <= ALL_ROLES, "roles_unknown"
    assert self._is_letter(country // 256) and self._is_letter(country % 256), "country_malformed"
    assert len(self.members) < MAX_MEMBERS, "members_full"


@internal
@pure
def _is_letter(code: uint256) -> bool:
    return 65 <= code and code <= 90


@internal
@pure
def _require_id(id: bytes32):
    """
    @notice PROTOCOL: "ASCII `[a-z0-9-]{1,31}`", here followed by zeros only.
    """
    number: uint256 = convert(id, uint256)
    ended: bool = False
    for i: uint256 in range(32):
        code: uint256 = (number >> (248 - 8 * i)) & 255
        if code == 0:
            ended = True
        else:
            letter: bool = 97 <= code and code <= 122
            digit: bool = 48 <= code and code <= 57
            assert not ended and (letter or digit or code == 45), "id_malformed"
    assert ended and number != 0, "id_malformed"


@internal
def _admit(proposal: Proposal):
    self._require_admissible(proposal.account, proposal.id, proposal.roles, proposal.country)
    word: uint256 = (proposal.roles << 192) | (proposal.country << 128) | (block.number << 64)
    self.id[proposal.account] = proposal.id
    self.word[proposal.account] = word
    self.account[proposal.id] = proposal.account
    self.members.append(proposal.account)
    log Admitted(account=proposal.account, id=proposal.id, word=word)
    amount: uint256 = self.funding
    assert self.balance >= amount, "funds_missing"
    send(proposal.account, amount)


@internal
@view
def _require_not_suspended(account: address):
    word: uint256 = self.word[account]
    assert word != 0, "account_unknown"
    assert word & MASK == 0, "already_suspended"


@internal
def _suspend(account: address):
    self._require_not_suspended(account)
    self.word[account] |= block.number
    log Suspended(account=account, id=self.id[account])


@internal
@view
def _require_set(role: uint256, threshold: uint8, accounts: DynArray[address, MAX_SET]):
    """
    @notice The rules for a set that stand on their own; `_require_step` has the one about the set in office.
    """
    assert role == KEEPER or role == ORACLE or role == VALIDATOR, "role_without_sets"
    size: uint256 = len(accounts)
    assert size > 0, "set_empty"
    countries: DynArray[uint256, MAX_SET] = []
    largest: uint256 = 0
    for account: address in accounts:
        assert self._active_as(account, role), "not_active_in_role"
        code: uint256 = (self.word[account] >> 128) & MASK
        compatriots: uint256 = 1
        for i: uint256 in range(len(countries), bound=MAX_SET):
            assert accounts[i] != account, "set_repeats"
            if countries[i] == code:
                compatriots += 1
        countries.append(code)
        largest = max(largest, compatriots)
    self._require_threshold(role, convert(threshold, uint256), size, largest)


@internal
@pure
def _require_threshold(role: uint256, threshold: uint256, size: uint256, largest: uint256):
    """
    @param largest How many of the set one country has, at most.
    """
    faulty: uint256 = (size - 1) // 3
    if role == KEEPER:
        assert 0 < threshold and threshold <= size, "threshold_impossible"
        assert largest < threshold, "country_reaches_threshold"
    elif role == ORACLE:
        assert threshold == faulty + 1, "threshold_impossible"
    else:
        assert threshold == size - faulty, "threshold_impossible"
        assert largest * 3 < size, "country_has_third"


@internal
@view
def _require_step(current: Epoch, accounts: DynArray[address, MAX_SET]):
    """
    @notice PROTOCOL: "replaces at most min(t - 1, n - t) keepers at once", t and n those of the set in office.
    """
    replaced: uint256 = 0
    for account: address in current.accounts:
        if account not in accounts:
            replaced += 1
    threshold: uint256 = convert(current.threshold, uint256)
    assert replaced <= min(threshold - 1, len(current.accounts) - threshold), "replaces_too_many"


@internal
def _start_epoch(proposal: Proposal):
    role: uint256 = proposal.roles
    number: uint32 = self.epoch_number[role]
    # Two proposals against the same set may not add up to a larger step than one of them.
    assert number == proposal.replaces, "epoch_superseded"
    self._require_set(role, proposal.threshold, proposal.accounts)
    if role == KEEPER and number != 0:
        self._require_step(self.epochs[role][number], proposal.accounts)
    self.epoch_number[role] = number + 1
    self.epochs[role][number + 1] = Epoch(
        fromBlock=convert(block.number, uint64), threshold=proposal.threshold, accounts=proposal.accounts
    )
    log EpochStarted(role=role, number=number + 1)
