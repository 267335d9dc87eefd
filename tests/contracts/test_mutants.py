"""Faults put into the contracts one at a time, each with the test that must notice it.

Coverage says that a line ran; this says that somebody looks at what it does. The rules of ARCHITECTURE section 5 that
rest on the contracts are among them: numbering (2), withdrawals and endings (3), keepers of one country (5).
"""

# The compiler has no type hints of its own.
# mypy: disable-error-code="import-untyped"
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.outcomes import Failed
from vyper.compiler import CompilerData
from vyper.compiler.input_bundle import FilesystemInputBundle
from vyper.compiler.settings import OptimizationLevel, Settings

from hospes.contracts import calls
from hospes.contracts.addresses import REGISTRY
from hospes.contracts.genesis import FirstSet
from hospes.contracts.storage import epoch_number_slot, epoch_slots
from hospes.core.chain import DEMONSTRATION_CHAIN_ID, EntryKind, Role
from hospes.core.errors import HospesError
from tests.contracts import (
    test_access_log,
    test_alerts,
    test_attestations,
    test_consent,
    test_registry_members,
    test_registry_sets,
    test_registry_votes,
    test_signatures,
)
from tests.contracts.conftest import SOURCES, Traveller, World, account, addresses
from tests.contracts.raising import DAY_S


@dataclass(frozen=True)
class Mutant:
    """One fault.

    Attributes
    ----------
    contract : str
        The contract that has it; for a fault in `source` "signatures" the one that is called.
    source : str
        The file.
    before, after : str
        What is replaced; `before` stands in the file once.
    killer : callable
        The test that must fail.
    """

    contract: str
    source: str
    before: str
    after: str
    killer: Callable[[World], None]


def consent(before: str, after: str, killer: Callable[[World, Traveller], None]) -> Mutant:
    """Return a fault of the consent contract."""
    return Mutant("consent", "consent", before, after, lambda world: killer(world, Traveller()))


def log(before: str, after: str, killer: Callable[[World, Traveller], None]) -> Mutant:
    """Return a fault of the access log."""
    return Mutant("access_log", "access_log", before, after, lambda world: killer(world, Traveller()))


def signatures(before: str, after: str, killer: Callable[[World, test_signatures.Signed], None]) -> Mutant:
    """Return a fault of the shared module."""
    signed = test_signatures.Signed(*Traveller().end(9))
    return Mutant("consent", "signatures", before, after, lambda world: killer(world, signed))


def registry(before: str, after: str, killer: Callable[[World], None]) -> Mutant:
    """Return a fault of the registry."""
    return Mutant("registry", "registry", before, after, killer)


def alerts(before: str, after: str, killer: Callable[[World], None]) -> Mutant:
    """Return a fault of the alerts."""
    return Mutant("alerts", "alerts", before, after, killer)


def attested(before: str, after: str, killer: Callable[[World], None]) -> Mutant:
    """Return a fault of the shared module, as the alerts have it."""
    return Mutant("alerts", "signatures", before, after, killer)


def judges_next(changes: dict[str, object], reason: str) -> Callable[[World], None]:
    """Return the test that the next alert is judged as any other."""
    return lambda world: test_alerts.test_the_next_alert_is_judged_as_any_other(world, changes, reason)


def no_oracles(world: World) -> None:
    """Run the test that nothing is raised before the first oracles, in a world that forgot that it had any."""

    def forgetful(**_: object) -> World:
        return world

    world.set_slot(REGISTRY, epoch_number_slot(Role.ORACLE), 0)
    test_attestations.test_before_the_first_oracles_nothing_is_raised(forgetful, (), 0)


def out_of_office(world: World) -> None:
    """Run the test that an oracle that is not in office does not attest, in a world whose set lost its last one."""

    def smaller(**_: object) -> World:
        return world

    world.set_slot(REGISTRY, epoch_slots(Role.ORACLE, 1).accounts, 3)
    world.set_slot(REGISTRY, epoch_slots(Role.ORACLE, 1).threshold, 1)
    test_attestations.test_an_oracle_out_of_office_does_not_attest(smaller)


def refuses_form(form: str) -> Callable[[World], None]:
    """Return the test that an attestation of another form is refused."""
    return lambda world: test_attestations.test_an_attestation_has_one_form(world, form)


def refuses_set(role: Role, threshold: int, *names: str, reason: str) -> Callable[[World], None]:
    """Return the test that a set is refused."""
    return lambda world: test_registry_sets.test_sets_that_are_refused(world, role, threshold, names, reason)


def through_equal(world: World, anna: Traveller) -> None:
    """Run the test that an ending cannot be repeated."""
    test_consent.test_through_must_grow(world, anna, 5)


def replaced_too_many(world: World) -> None:
    """Run the test of the limit on replacing in a world that begins with two of four keepers."""

    def same(**_: FirstSet) -> World:
        return world

    first = FirstSet(addresses("ada", "bel", "cor", "dun"), 2)
    test_registry_sets.test_more_keepers_are_not_replaced_at_once(same, first, 3, ("ada", "bel", "elm", "fox"))


NOT_YET = 'assert word & (2**128 - 1) == 0, "already_acknowledged"\n    assert self.escalated_to'
"""In `escalate`; `acknowledge` has the same first line."""

MUTANTS = {
    "give after the deadline": consent(
        'assert block.timestamp <= convert(deadline, uint256), "deadline_passed"',
        "pass",
        test_consent.test_a_consent_is_given_until_its_deadline,
    ),
    "give before the deadline only": consent(
        "block.timestamp <= convert(deadline, uint256)",
        "block.timestamp < convert(deadline, uint256)",
        test_consent.test_a_consent_is_given_until_its_deadline,
    ),
    "give twice": consent(
        'assert word >> 192 == 0, "already_given"\n    assert word == 0, "already_withdrawn"',
        'assert word & (2**128 - 1) == 0, "already_withdrawn"',
        test_consent.test_a_consent_is_given_once,
    ),
    "give what was withdrawn": consent(
        'assert word == 0, "already_withdrawn"\n',
        "pass\n",
        test_consent.test_withdrawing_before_giving_voids_the_consent,
    ),
    "give in the ended block": consent(
        "assert block.number > convert(self.through",
        "assert block.number >= convert(self.through",
        test_consent.test_ending_voids_what_was_given_up_to_its_block,
    ),
    "forget the giving": consent(
        "= word | (block.number << 64) | block.timestamp",
        "= (block.number << 64) | block.timestamp",
        test_consent.test_withdrawing_a_live_consent,
    ),
    "withdraw twice": consent(
        'assert word & (2**128 - 1) == 0, "already_withdrawn"', "pass", test_consent.test_a_consent_is_withdrawn_once
    ),
    "say live after an ending": consent(
        "live=word >> 192 > convert(self.through[journey], uint256)",
        "live=word >> 192 != 0",
        test_consent.test_an_ended_consent_can_be_withdrawn_but_was_not_live,
    ),
    "say live before giving": consent(
        "live=word >> 192 > convert(self.through[journey], uint256)",
        "live=True",
        test_consent.test_withdrawing_before_giving_voids_the_consent,
    ),
    "end the same again": consent(
        "assert through > self.through",
        "assert through >= self.through",
        through_equal,
    ),
    "log no ending": consent(
        "extcall AccessLog(places.ACCESS_LOG).record(journey, ENDED, msg.sender, convert(through, bytes32))",
        "pass",
        test_consent.test_ending_voids_what_was_given_up_to_its_block,
    ),
    "name the origin, not the sender": consent(
        "record(journey, GIVEN, msg.sender, grantsHash)",
        "record(journey, GIVEN, tx.origin, grantsHash)",
        test_access_log.test_who_brings_a_consent_is_who_calls,
    ),
    "take the twin with high s": signatures(
        'assert s <= HALF_ORDER, "signature_high_s"', "pass", test_signatures.test_the_twin_with_high_s_is_refused
    ),
    "take a signature of nobody": signatures(
        "signer != empty(address) and ", "", test_signatures.test_a_signature_of_nobody_is_not_of_the_zero_address
    ),
    "take anybody's signature": signatures(
        " and signer == journey", "", test_signatures.test_another_journey_cannot_use_it
    ),
    "forget the chain": signatures(
        "VERSION_HASH, chain.id,",
        f"VERSION_HASH, convert({DEMONSTRATION_CHAIN_ID + 1}, uint256),",
        test_signatures.test_the_right_signature_is_taken,
    ),
    "log anybody's access": log(
        'assert staticcall Registry(places.REGISTRY).is_active_as(msg.sender, HOSPITAL), "not_active_hospital"',
        "pass",
        lambda world, anna: test_access_log.test_only_hospitals_log_accesses(world, anna, "cor"),
    ),
    "ask about the origin": log(
        "is_active_as(msg.sender, HOSPITAL)",
        "is_active_as(tx.origin, HOSPITAL)",
        test_access_log.test_a_hospital_does_not_vouch_for_contracts_that_it_calls,
    ),
    "let anybody record": log(
        'assert msg.sender == places.CONSENT, "not_consent_contract"',
        "pass",
        lambda world, anna: test_access_log.test_nobody_but_the_consent_contract_records(
            world, anna, EntryKind.GIVEN, "nobody"
        ),
    ),
    "record any kind": log(
        'assert GIVEN <= kind and kind <= ENDED, "kind_not_of_consent"',
        "pass",
        lambda world, anna: test_access_log.test_the_consent_contract_records_its_own_kinds_only(world, anna, 1),
    ),
    "take a deposit twice": log(
        "self.accepted[journey][digest] = True", "pass", test_access_log.test_a_deposit_is_logged_once_a_journey
    ),
    "share digests between journeys": log(
        "assert not self.accepted[journey][digest]",
        "assert not self.accepted[empty(address)][digest]",
        test_access_log.test_an_erasure_is_logged_once_by_each_journey_that_signs_it,
    ),
    "begin every head at zero": log(
        "if number == 1:", "if False:", test_access_log.test_all_kinds_of_entries_fold_to_the_head
    ),
    "keep the old head": log(
        "self.head[journey] = keccak256(",
        "head = keccak256(",
        test_access_log.test_all_kinds_of_entries_fold_to_the_head,
    ),
    "number from zero": log(
        "number: uint64 = self.count[journey] + 1",
        "number: uint64 = self.count[journey]",
        test_access_log.test_journeys_are_numbered_apart,
    ),
    "let anybody raise": alerts(
        'assert self._active_as(msg.sender, ORACLE), "not_active_oracle"',
        "pass",
        lambda world: test_alerts.test_oracles_raise_and_nobody_else(world, "ada"),
    ),
    "let anybody escalate": alerts(
        'assert self._active_as(msg.sender, ORACLE), "not_active_oracle"',
        "pass",
        lambda world: test_alerts.test_oracles_escalate_and_nobody_else(world, "nobody"),
    ),
    "let who called the contract raise": alerts(
        "self._active_as(msg.sender, ORACLE)",
        "self._active_as(tx.origin, ORACLE)",
        test_alerts.test_an_oracle_does_not_vouch_for_contracts_that_it_calls,
    ),
    "raise nothing": alerts(
        'assert alertHash != empty(bytes32), "alert_hash_zero"', "pass", test_alerts.test_an_alert_needs_a_hash
    ),
    "raise twice": alerts(
        'assert self.words[alertHash] == 0, "already_raised"', "pass", test_alerts.test_an_alert_is_raised_once
    ),
    "ask anybody": alerts(
        'assert self._active_as(addressee, HOSPITAL), "addressee_not_active_hospital"',
        "pass",
        lambda world: test_alerts.test_only_an_active_hospital_is_asked(world, "nobody"),
    ),
    "ask any member": alerts(
        "self._active_as(addressee, HOSPITAL)",
        "self._active_as(addressee, 31)",
        lambda world: test_alerts.test_only_an_active_hospital_is_asked(world, "cor"),
    ),
    "take a deadline of now": alerts(
        "assert until > block.timestamp",
        "assert until >= block.timestamp",
        lambda world: test_alerts.test_a_deadline_is_ahead_and_near(world, 0, "deadline_not_ahead"),
    ),
    "take any deadline": alerts(
        'assert until <= block.timestamp + LONGEST, "deadline_too_far"',
        "pass",
        lambda world: test_alerts.test_a_deadline_is_ahead_and_near(world, DAY_S + 1, "deadline_too_far"),
    ),
    "take a deadline of less than a day": alerts(
        "assert until <= block.timestamp",
        "assert until < block.timestamp",
        lambda world: test_alerts.test_a_deadline_is_ahead_and_near(world, 0, "deadline_not_ahead"),
    ),
    "raise without attestations": alerts(
        "self._require_attested(alertHash, oracleEpoch, attestations)",
        "pass",
        lambda world: test_attestations.test_fewer_than_f_plus_1_are_not_enough(world, ()),
    ),
    "let f attest": alerts(
        "len(attestations) >= convert(epoch.threshold, uint256)",
        "len(attestations) + 1 >= convert(epoch.threshold, uint256)",
        lambda world: test_attestations.test_fewer_than_f_plus_1_are_not_enough(world, ("cor",)),
    ),
    "ask for f + 2": alerts(
        "len(attestations) >= convert(epoch.threshold, uint256)",
        "len(attestations) > convert(epoch.threshold, uint256)",
        lambda world: test_attestations.test_any_f_plus_1_or_more_are_enough(world, test_attestations.ORACLES[:2]),
    ),
    "take an epoch before the first": alerts(
        'assert oracleEpoch != 0, "oracle_epoch_not_in_office"', "pass", no_oracles
    ),
    "take any epoch": alerts(
        'assert oracleEpoch == staticcall Registry(places.REGISTRY).epoch_number(ORACLE), "oracle_epoch_not_in_office"',
        "pass",
        test_attestations.test_only_the_epoch_in_office_attests,
    ),
    "take epochs before too": alerts(
        "assert oracleEpoch == staticcall",
        "assert oracleEpoch <= staticcall",
        test_attestations.test_only_the_epoch_in_office_attests,
    ),
    "take the keepers' epoch": alerts(
        "epoch(ORACLE, oracleEpoch)",
        "epoch(2, oracleEpoch)",
        lambda world: test_attestations.test_any_f_plus_1_or_more_are_enough(world, test_attestations.ORACLES),
    ),
    "let any oracle attest": alerts('assert signer in epoch.accounts, "attester_not_in_office"', "pass", out_of_office),
    "count an oracle twice": alerts(
        "assert convert(signer, uint256) > last",
        "assert convert(signer, uint256) >= last",
        test_attestations.test_one_oracle_counts_once,
    ),
    "forget who attested": alerts(
        "        last = convert(signer, uint256)", "        pass", test_attestations.test_one_oracle_counts_once
    ),
    "let the suspended attest": alerts(
        'assert self._active_as(signer, ORACLE), "attester_not_active"',
        "pass",
        test_attestations.test_a_suspended_oracle_does_not_attest,
    ),
    "attest no alert": alerts(
        "abi_encode(ATTESTATION_TYPE, alertHash, oracleEpoch)",
        "abi_encode(ATTESTATION_TYPE, empty(bytes32), oracleEpoch)",
        test_attestations.test_the_contract_takes_a_wallets_attestation,
    ),
    "attest no epoch": alerts(
        "abi_encode(ATTESTATION_TYPE, alertHash, oracleEpoch)",
        "abi_encode(ATTESTATION_TYPE, alertHash, convert(1, uint32))",
        test_attestations.test_only_the_epoch_in_office_attests,
    ),
    "take an attestation's twin with high s": attested(
        'assert s <= HALF_ORDER, "signature_high_s"',
        "pass",
        refuses_form("high s"),
    ),
    "take an attestation with another v": attested(
        'assert v == 27 or v == 28, "signature_v"',
        "pass",
        refuses_form("v 0"),
    ),
    "attest for any chain": attested(
        "VERSION_HASH, chain.id,",
        f"VERSION_HASH, convert({DEMONSTRATION_CHAIN_ID + 1}, uint256),",
        test_attestations.test_the_contract_takes_a_wallets_attestation,
    ),
    "attest for this contract": attested(
        "chain.id, places.CONSENT",
        "chain.id, self",
        test_attestations.test_the_contract_takes_a_wallets_attestation,
    ),
    "forget when it was raised": alerts(
        "(block.number << 192) | (block.timestamp << 128)",
        "block.number << 192",
        test_alerts.test_an_alert_is_raised,
    ),
    "forget the oracles' epoch": alerts(" | convert(oracleEpoch, uint256)", "", test_alerts.test_an_alert_is_raised),
    "acknowledge what nobody raised": alerts(
        'assert word != 0, "alert_unknown"\n    asked: uint256 = self.asked[alertHash]\n    assert convert(msg',
        "asked: uint256 = self.asked[alertHash]\n    assert convert(msg",
        test_alerts.test_an_unknown_alert_is_not_acknowledged,
    ),
    "let anybody acknowledge": alerts(
        'assert convert(msg.sender, uint256) == asked >> 96, "not_addressee"',
        "pass",
        lambda world: test_alerts.test_nobody_else_acknowledges(world, "bel"),
    ),
    "let who called the contract acknowledge": alerts(
        "assert convert(msg.sender, uint256) == asked >> 96",
        "assert convert(tx.origin, uint256) == asked >> 96",
        test_alerts.test_a_hospital_does_not_vouch_for_contracts_that_it_calls,
    ),
    "let the suspended acknowledge": alerts(
        'assert self._active_as(msg.sender, HOSPITAL), "not_active_hospital"',
        "pass",
        test_alerts.test_a_suspended_hospital_does_not_acknowledge,
    ),
    "acknowledge twice": alerts(
        'assert word & (2**128 - 1) == 0, "already_acknowledged"\n    self.words',
        "self.words",
        test_alerts.test_an_alert_is_acknowledged_once,
    ),
    "forget the raising": alerts(
        "= word | (block.number << 64) | block.timestamp",
        "= (block.number << 64) | block.timestamp",
        test_alerts.test_the_addressee_acknowledges,
    ),
    "call it late in the last second": alerts(
        "late=block.timestamp > (asked >> 32) & MASK",
        "late=block.timestamp >= (asked >> 32) & MASK",
        lambda world: test_alerts.test_a_late_acknowledgement_counts(world, 0, late=False),
    ),
    "escalate what nobody raised": alerts(
        f'assert word != 0, "alert_unknown"\n    {NOT_YET}',
        NOT_YET,
        test_alerts.test_what_was_not_raised_is_not_escalated,
    ),
    "escalate what was acknowledged": alerts(
        NOT_YET, "assert self.escalated_to", test_alerts.test_an_acknowledged_alert_is_not_escalated
    ),
    "escalate twice": alerts(
        'assert self.escalated_to[alertHash] == empty(bytes32), "already_escalated"',
        "pass",
        test_alerts.test_an_alert_is_escalated_once,
    ),
    "escalate in the last second": alerts(
        "assert block.timestamp > (asked >> 32) & MASK",
        "assert block.timestamp >= (asked >> 32) & MASK",
        test_alerts.test_the_deadline_is_waited_for,
    ),
    "do not wait for the deadline": alerts(
        'assert block.timestamp > (asked >> 32) & MASK, "deadline_not_over"',
        "pass",
        test_alerts.test_the_deadline_is_waited_for,
    ),
    "ask the silent hospital again": alerts(
        'assert convert(addressee, uint256) != asked >> 96, "addressee_unchanged"',
        "pass",
        test_alerts.test_the_silent_hospital_is_not_asked_again_at_once,
    ),
    "escalate without raising": alerts(
        "self._raise(nextHash, addressee, deadline, oracleEpoch, attestations)",
        "pass",
        judges_next({"attesters": ("cor",)}, "attestations_missing"),
    ),
    "name no next alert": alerts(
        "self.escalated_to[alertHash] = nextHash", "pass", test_alerts.test_the_next_hospital_is_asked
    ),
    "let half of the members decide": registry(
        "votes * 2 > active", "votes * 2 >= active", test_registry_votes.test_exactly_half_is_not_enough
    ),
    "let half of the countries decide": registry(
        "agreeing * 2 > countries",
        "agreeing * 2 >= countries",
        lambda world: test_registry_votes.test_a_change_of_a_set_needs_countries_too(
            world, test_registry_votes.KEEPERS
        ),
    ),
    "count votes of the suspended": registry(
        "if self.votes[number][account] and self._active(word, block.number):",
        "if self.votes[number][account]:",
        test_registry_votes.test_votes_of_suspended_members_stop_counting,
    ),
    "keep the delay of a lost majority": registry(
        "passedTime != 0 and self._passes(number)\n    self.votes",
        "passedTime != 0\n    self.votes",
        test_registry_votes.test_a_majority_lost_by_suspension_starts_the_delay_again,
    ),
    "keep the delay of a vote taken back": registry(
        "        self.proposals[number].passedTime = 0\n",
        "        pass\n",
        test_registry_votes.test_a_vote_counts_once_and_can_be_taken_back,
    ),
    "let newcomers vote": registry(
        'assert self._active(word, proposed), "not_active_at_proposal"',
        "pass",
        test_registry_votes.test_who_cannot_vote,
    ),
    "do not wait": registry(
        'assert block.timestamp >= convert(proposal.passedTime + self.delay, uint256), "delay_not_over"',
        "pass",
        test_registry_votes.test_a_change_of_keepers_waits,
    ),
    "execute twice": registry(
        "self.proposals[number].executed = True", "pass", test_registry_votes.test_an_executed_proposal_is_over
    ),
    "be active in the block of the suspension": registry(
        "suspended > number",
        "suspended >= number",
        test_registry_members.test_a_member_is_active_from_admission_to_suspension,
    ),
    "be active in any role": registry(
        "(word >> 192) & role != 0 and ",
        "",
        lambda world: test_registry_members.test_a_member_is_active_in_its_roles_only(world, Role.KEEPER),
    ),
    "admit without money": registry(
        "    send(proposal.account, amount)",
        "    pass",
        test_registry_members.test_an_admitted_member_has_id_word_and_money,
    ),
    "reuse an id": registry(
        'assert self.account[id] == empty(address), "id_known"',
        "pass",
        test_registry_members.test_a_suspended_account_and_its_id_never_come_back,
    ),
    "let strangers set services": registry(
        'assert self._active(self.word[msg.sender], block.number), "not_active_member"\n    assert len(url)',
        "assert len(url)",
        lambda world: test_registry_members.test_only_active_members_act(
            world, account("gil"), calls.set_service("https://x.example", b"")
        ),
    ),
    "let one country open records": registry(
        "assert largest < threshold",
        "assert largest <= threshold",
        refuses_set(Role.KEEPER, 2, "ada", "elm", "bel", "cor", reason="country_reaches_threshold"),
    ),
    "let one country have a third": registry(
        "assert largest * 3 < size",
        "assert largest * 3 <= size",
        refuses_set(Role.VALIDATOR, 3, "ada", "bel", "cor", reason="country_has_third"),
    ),
    "take a keeper twice": registry(
        'assert accounts[i] != account, "set_repeats"',
        "pass",
        refuses_set(Role.KEEPER, 3, "ada", "bel", "ada", "cor", reason="set_repeats"),
    ),
    "replace as many as stay": registry(
        "min(threshold - 1, len(current.accounts) - threshold)",
        "max(threshold - 1, len(current.accounts) - threshold)",
        replaced_too_many,
    ),
    "add changes up": registry(
        'assert number == proposal.replaces, "epoch_superseded"',
        "pass",
        test_registry_sets.test_two_changes_do_not_add_up,
    ),
    "check a set only when it is proposed": registry(
        "self._require_set(role, proposal.threshold, proposal.accounts)",
        "pass",
        test_registry_sets.test_a_keeper_suspended_while_the_change_waits_is_refused,
    ),
}


def compiled_with(mutant: Mutant, folder: Path) -> bytes:
    """Return the runtime code of a contract with a fault; unoptimised, which compiles in half the time."""
    for path in SOURCES.glob("*.vy"):
        (folder / path.name).write_text(path.read_text())
    text = (folder / f"{mutant.source}.vy").read_text()
    assert text.count(mutant.before) == 1
    (folder / f"{mutant.source}.vy").write_text(text.replace(mutant.before, mutant.after))
    bundle = FilesystemInputBundle([folder])
    settings = Settings(evm_version="prague", optimize=OptimizationLevel.NONE)
    code: bytes = CompilerData(bundle.load_file(f"{mutant.contract}.vy"), bundle, settings=settings).bytecode_runtime
    return code


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
def test_a_fault_is_noticed(world: World, tmp_path: Path, name: str) -> None:
    """The test that is named beside a fault fails with it."""
    world.set_code(MUTANTS[name].contract, compiled_with(MUTANTS[name], tmp_path))
    with pytest.raises((AssertionError, Failed, HospesError, ValueError)):
        MUTANTS[name].killer(world)


@pytest.mark.parametrize("name", MUTANTS)
def test_without_the_fault_the_same_test_passes(world: World, name: str) -> None:
    """The test that is named beside a fault passes with the contracts as they are."""
    MUTANTS[name].killer(world)
