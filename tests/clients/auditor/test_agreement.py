"""What the entries must agree with: registry, consent words, endings, openings. Each lie here stands on its chain."""

from dataclasses import replace

import pytest

from hospes.clients.auditor import Code, Severity, Verdict, verify
from hospes.core.audit import AuditBundle, Opening
from hospes.core.chain import EntryKind
from hospes.core.identities import Account, Hash
from hospes.core.messages import Deposit, Erasure
from tests.simulators.paper_journey import Journey, begin, deposit_of, salt

GRANTS = salt("grants")


@pytest.fixture
def fresh() -> Journey:
    """A journey without entries."""
    return begin()


def _verdict(journey: Journey, bundle: AuditBundle | None = None) -> Verdict:
    return verify(bundle or journey.bundle(), journey.chain.genesis.pin())


def _only(verdict: Verdict, code: Code) -> str:
    """Return the text of the only finding, which must be of this code."""
    (finding,) = verdict.findings
    assert finding.code is code
    return finding.text


def test_an_access_by_a_keeper_is_found(fresh: Journey) -> None:
    """Only hospitals may ask; a chain that took another member's access is contradicted by its own registry."""
    fresh.access("keeper-porto", "PT")
    assert _only(_verdict(fresh), Code.HOSPITAL) == "keeper-porto is no hospital"


def test_an_access_after_suspension_is_found(fresh: Journey) -> None:
    """A suspended hospital's access counts before its suspension and not after."""
    fresh.access("hospital-lisboa", "PT")
    fresh.chain.suspend(fresh.accounts["hospital-lisboa"].address)
    assert _verdict(fresh).proven
    fresh.access("hospital-lisboa", "PT", why="treatment")
    assert _only(_verdict(fresh), Code.HOSPITAL) == "hospital-lisboa was not active in block 3"


def test_an_access_in_the_block_of_the_suspension_is_a_notice(fresh: Journey) -> None:
    """Within one block the order is not in the words, so it is said and does not refute."""
    entry = fresh.access("hospital-lisboa", "PT")
    fresh.chain.suspend(fresh.accounts["hospital-lisboa"].address, block=entry.block)
    verdict = _verdict(fresh)
    assert verdict.proven
    assert [finding.severity for finding in verdict.findings] == [Severity.NOTICE]


def test_an_access_that_names_another_hospital_is_found(fresh: Journey) -> None:
    """The member inside an opened access must be the one that appended it, from its registered country."""
    fresh.access("hospital-lisboa", "PT", member="hospital-madrid")
    text = _only(_verdict(fresh), Code.OPENING)
    assert text == "it says hospital-madrid, and hospital-lisboa appended it"


def test_an_access_that_names_another_country_is_found(fresh: Journey) -> None:
    """The country inside an opened access must be the registered one."""
    fresh.access("hospital-lisboa", "FR")
    assert _only(_verdict(fresh), Code.OPENING) == "it says FR, and hospital-lisboa is not registered there"


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ("give give", "it was given or withdrawn more than once"),
        ("withdraw withdraw", "it was given or withdrawn more than once"),
        ("withdraw give", "it was given after it was withdrawn"),
    ],
)
def test_a_consent_is_given_and_withdrawn_once_and_in_order(fresh: Journey, steps: str, text: str) -> None:
    """What the contract never lets happen is found if a chain says that it did."""
    relayer, address = fresh.accounts["keeper-porto"].address, fresh.account.address
    for step in steps.split():
        getattr(fresh.chain, step)(relayer, address, GRANTS)
    assert _only(_verdict(fresh), Code.CONSENT) == text


def test_a_withdrawal_before_the_consent_is_no_contradiction(fresh: Journey) -> None:
    """A journey may void a consent that it never gave."""
    fresh.chain.withdraw(fresh.accounts["keeper-porto"].address, fresh.account.address, GRANTS)
    assert _verdict(fresh).proven


def test_a_consents_word_must_be_that_of_its_entries(fresh: Journey) -> None:
    """A word with another block than the entry's is found."""
    relayer, address = fresh.accounts["keeper-porto"].address, fresh.account.address
    fresh.chain.log(address, EntryKind.GIVEN, relayer, GRANTS)
    assert _only(_verdict(fresh), Code.CONSENT) == "its word is not that of its entries"


def test_endings_grow_and_no_consent_begins_under_one(fresh: Journey) -> None:
    """An ending that goes back and a consent in an ended block are both found."""
    relayer, address = fresh.accounts["keeper-porto"].address, fresh.account.address
    fresh.chain.end(relayer, address, 100)
    fresh.chain.give(relayer, address, GRANTS)
    fresh.chain.end(relayer, address, 50)
    codes = [(finding.code, finding.where) for finding in _verdict(fresh).findings]
    assert codes == [(Code.THROUGH, "entry 2"), (Code.THROUGH, "entry 3")]


def test_through_must_be_that_of_the_last_ending(fresh: Journey) -> None:
    """A chain whose word says another block than its entries is found."""
    fresh.chain.end(fresh.accounts["keeper-porto"].address, fresh.account.address, 1)
    fresh.chain.set_through(fresh.account.address, 7)
    assert _only(_verdict(fresh), Code.THROUGH) == "the chain has 7, the entries end with 1"


def test_an_opened_deposit_must_fit_its_keepers(fresh: Journey) -> None:
    """Threshold and number of shares are those of the epoch that the deposit names."""
    deposit = deposit_of(fresh)
    wrong = Deposit(deposit.journey, replace(deposit.body, threshold=3))
    fresh.chain.deposit(fresh.accounts["keeper-porto"].address, wrong)
    fresh.openings.append(Opening(deposit=wrong))
    assert _only(_verdict(fresh), Code.OPENING) == "its shares are not those of keeper epoch 1"


def test_an_opened_deposit_needs_its_epoch(fresh: Journey) -> None:
    """A deposit for keepers that never were is found, not passed over."""
    deposit = deposit_of(fresh)
    unknown = Deposit(deposit.journey, replace(deposit.body, keeper_epoch=9))
    fresh.chain.deposit(fresh.accounts["keeper-porto"].address, unknown)
    fresh.openings.append(Opening(deposit=unknown))
    assert _only(_verdict(fresh), Code.OPENING) == "it is for keeper epoch 9, which is not proven"


def test_an_opening_of_another_journey_is_found(fresh: Journey) -> None:
    """An entry of this log whose access or deposit names another journey is a contradiction."""
    other, relayer = begin(Account(salt("another journey"))), fresh.accounts["keeper-porto"].address
    other.access("hospital-lisboa", "PT")
    access, deposit = other.openings[0], deposit_of(other)
    fresh.chain.log(
        fresh.account.address, EntryKind.ACCESS, fresh.accounts["hospital-lisboa"].address, _hash(fresh, access)
    )
    fresh.chain.log(fresh.account.address, EntryKind.DEPOSITED, relayer, _hash(fresh, Opening(deposit=deposit)))
    fresh.openings += [access, Opening(deposit=deposit)]
    texts = [finding.text for finding in _verdict(fresh).findings]
    assert texts == [
        "the access that it opens to is for another journey",
        "the deposit that it opens to is of another journey",
    ]


def _hash(journey: Journey, opening: Opening) -> Hash:
    return opening.entry_hash(journey.chain.genesis.domain)


def test_a_receipt_counts_for_the_member_that_signed_it(fresh: Journey) -> None:
    """A receipt by somebody who is no member, and one with another's signature, are both found."""
    deposit, relayer = deposit_of(fresh), fresh.accounts["keeper-porto"].address
    fresh.chain.deposit(relayer, deposit)
    erasure = Erasure((deposit.body.record,), (deposit.body.manifest,), 2**40, salt("erasure"))
    fresh.chain.erase(relayer, fresh.account.address, erasure)
    fresh.accounts["stranger"] = Account(salt("stranger"))
    for signer in ("stranger", "keeper-lyon", "store-paris"):
        fresh.receipt(signer, erasure, ())
    fresh.receipts[1] = replace(fresh.receipts[1], signature=fresh.receipts[2].signature)
    findings = [(finding.code, finding.where) for finding in _verdict(fresh).findings]
    assert findings == [(Code.RECEIPT, "receipt 1"), (Code.RECEIPT, "receipt 2")]


def test_an_answer_by_a_member_that_is_no_keeper_is_found(fresh: Journey) -> None:
    """Only keepers of a proven epoch answer."""
    entry = fresh.access("hospital-lisboa", "PT")
    fresh.answer("store-paris", entry)
    assert _only(_verdict(fresh), Code.ANSWER) == "store-paris is in none of the proven keeper epochs"


def test_answers_by_keepers_of_earlier_epochs_hold(fresh: Journey) -> None:
    """Removed keepers go on serving old deposits; the bundle then proves every epoch that it needs."""
    entry = fresh.access("hospital-lisboa", "PT")
    keepers = [fresh.accounts[name].address for name in ("keeper-porto", "store-paris")]
    fresh.chain.start_epoch(tuple(keepers), 2)
    fresh.answer("store-paris", entry)
    bundle = fresh.bundle()
    assert bundle.epochs == (1, 2)
    assert _verdict(fresh, bundle).proven
