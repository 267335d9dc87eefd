"""The verdict: what a true bundle proves, and that every lie in one is found under its code."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from hospes.clients.auditor import Checkpoint, Code, Verdict, verify
from hospes.core.audit import AuditBundle, Opening, SignedAnswer
from hospes.core.chain import DEMONSTRATION_CHAIN_ID
from hospes.core.genesis import Genesis
from hospes.core.identities import Account, Hash, keccak
from hospes.core.messages import Answer
from hospes.core.proof import AccountProof, Header
from hospes.core.typed_data import Domain, digest
from hospes.service.chain import ChainReader
from hospes.service.collect import collect
from tests.simulators.paper_chain import PaperChain


def _codes(verdict: Verdict) -> set[Code]:
    return {finding.code for finding in verdict.findings}


def test_a_true_bundle_is_proven_without_findings(bundle: AuditBundle, pin: Hash) -> None:
    """Every kind of entry, with openings, answers and receipts, verifies, and the sentence names the last block."""
    verdict = verify(bundle, pin)
    assert verdict.proven
    assert verdict.findings == ()
    assert verdict.sentence == (
        f"Complete up to block {verdict.block} at 2030-03-17 17:46:48 UTC: 8 entries, none missing; "
        "later entries unknown."
    )
    kinds = ["deposited", "given", "break-glass", "given", "withdrawn", "access", "ended", "erased"]
    assert [line.kind for line in verdict.lines] == kinds


def test_lines_tell_who_and_what_was_shown(bundle: AuditBundle, pin: Hash) -> None:
    """A shown access names its practitioner and its answering keepers; an entry not shown says so."""
    lines = verify(bundle, pin).lines
    assert lines[2].who == "hospital-lisboa"
    assert lines[2].meaning == "Dr. Nuñez (PT) asked for emergency-summary, for emergency"
    assert lines[2].answers == ("keeper-bilbao", "keeper-lyon", "keeper-porto")
    assert lines[3].meaning == "not shown"
    assert lines[4].who.startswith("0x")
    assert lines[6].meaning == "every consent given up to block 6"


def test_an_unknown_journey_has_a_proven_empty_log(journey_chain: PaperChain) -> None:
    """That nothing ever happened in a journey is provable like anything else."""
    reader = ChainReader(journey_chain.node(), journey_chain.genesis)
    empty = asyncio.run(collect(reader, Account(keccak(b"nobody")).address))
    verdict = verify(empty, journey_chain.genesis.pin())
    assert verdict.proven
    assert verdict.sentence.startswith("Nothing was ever written under this address, up to block ")
    assert "compare it with the traveller's" in verdict.sentence


def test_a_bundle_is_complete_as_of_its_last_blocks_time(bundle: AuditBundle, pin: Hash) -> None:
    """With a time asked for, the last block must not be older than it; its own second is enough."""
    end = Header.decode(bundle.final.header).time
    for early in (end - 100, end):
        verdict = verify(bundle, pin, as_of=early)
        assert verdict.proven
        assert verdict.sentence.startswith("Complete as of 2030-03-17")
    late = verify(bundle, pin, as_of=end + 1)
    assert not late.proven
    assert _codes(late) == {Code.AS_OF}
    assert late.sentence.startswith("NOT COMPLETE: it ends with block 8")


def test_another_pin_refutes_everything(bundle: AuditBundle) -> None:
    """A bundle of another network says nothing about this one."""
    verdict = verify(bundle, Hash(keccak(b"elsewhere")))
    assert _codes(verdict) == {Code.PIN}
    assert verdict.lines == ()
    assert verdict.sentence.startswith("NOT PROVEN: the bundle is of network")


def _first_entry(bundle: AuditBundle) -> AuditBundle:
    changed = replace(bundle.entries[0], account=bundle.entries[2].account)
    return replace(bundle, entries=(changed, *bundle.entries[1:]))


def _no_slots(proof: AccountProof) -> AccountProof:
    return replace(proof, slots=proof.slots[1:])


def _other_code(bundle: AuditBundle) -> AuditBundle:
    return replace(bundle, code_hashes=replace(bundle.code_hashes, consent=bundle.code_hashes.registry))


LIES: dict[str, tuple[Code, Callable[[AuditBundle], AuditBundle]]] = {
    "genesis with white space": (Code.PIN, lambda b: replace(b, genesis=b.genesis + b"\n")),
    "a seal by nobody": (Code.SEAL, lambda b: replace(b, final=replace(b.final, seal=bytes(65)))),
    "a header that was never sealed": (
        Code.SEAL,
        lambda b: replace(b, final=replace(b.final, header=b.final.header[:-1] + b"\1")),
    ),
    "a missing storage proof": (
        Code.STORAGE,
        lambda b: replace(b, proofs=replace(b.proofs, consent=_no_slots(b.proofs.consent))),
    ),
    "a proof of another contract": (
        Code.STORAGE,
        lambda b: replace(b, proofs=replace(b.proofs, consent=b.proofs.registry)),
    ),
    "an epoch that never was": (Code.STORAGE, lambda b: replace(b, epochs=(1, 2))),
    "another code hash": (Code.CODE, _other_code),
    "a changed entry": (Code.LOG, _first_entry),
    "a missing last entry": (Code.LOG, lambda b: replace(b, entries=b.entries[:-1])),
    "entries out of order": (Code.LOG, lambda b: replace(b, entries=(b.entries[1], b.entries[0], *b.entries[2:]))),
}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_in_the_foundation_refutes_the_bundle(bundle: AuditBundle, pin: Hash, name: str) -> None:
    """Pin, seal, proofs, code and entries each have their code, and no entry is shown after one failed."""
    code, change = LIES[name]
    verdict = verify(change(bundle), pin)
    assert _codes(verdict) == {code}
    assert verdict.lines == ()
    assert not verdict.proven


def test_a_refuted_bundle_of_the_demonstration_is_told_as_one(bundle: AuditBundle, pin: Hash) -> None:
    """Every screen of a demonstration says so, also the one on which nothing else can be judged."""
    genesis = replace(Genesis.decode(bundle.genesis), chain_id=DEMONSTRATION_CHAIN_ID)
    assert verify(replace(bundle, genesis=genesis.encode()), pin).demonstration
    assert not verify(replace(bundle, final=replace(bundle.final, seal=bytes(65))), pin).demonstration
    assert not verify(replace(bundle, genesis=b"{}"), pin).demonstration


def test_a_slot_that_nothing_needs_is_refused(bundle: AuditBundle, pin: Hash) -> None:
    """A bundle holds nothing that is not part of what it proves."""
    fewer = replace(bundle, epochs=())
    assert _codes(verify(fewer, pin)) == {Code.STORAGE}


def test_a_node_that_hangs_on_nothing_is_refused(bundle: AuditBundle, pin: Hash) -> None:
    """Trie nodes beside the path would be bytes that nobody vouches for."""
    log = bundle.proofs.access_log
    slot = replace(log.slots[0], nodes=(*log.slots[0].nodes, bytes(40)))
    changed = replace(log, slots=(slot, *log.slots[1:]))
    verdict = verify(replace(bundle, proofs=replace(bundle.proofs, access_log=changed)), pin)
    assert _codes(verdict) == {Code.STORAGE}
    assert "a node hangs on nothing" in verdict.sentence


def test_a_node_that_stands_in_its_parent_is_not_repeated(bundle: AuditBundle, pin: Hash) -> None:
    """What is shorter than a hash stands in its parent already; a second copy would be bound by nothing."""
    log = bundle.proofs.access_log
    changed = replace(log, nodes=(*log.nodes, b"\x80"))
    assert _codes(verify(replace(bundle, proofs=replace(bundle.proofs, access_log=changed)), pin)) == {Code.STORAGE}


def test_a_checkpoint_must_be_an_ancestor(journey_chain: PaperChain, since_four: AuditBundle) -> None:
    """With the headers since a checkpoint, the bundle shows that its block descends from it, and from no other."""
    pin = journey_chain.genesis.pin()
    for height in (4, 5, journey_chain.height):
        true = Checkpoint(height, keccak(journey_chain.blocks[height].header))
        assert verify(since_four, pin, checkpoint=true).proven
        other = Checkpoint(height, keccak(b"another block"))
        assert _codes(verify(since_four, pin, checkpoint=other)) == {Code.CHECKPOINT}


@pytest.mark.parametrize("height", [3, 1000])
def test_a_checkpoint_outside_the_headers_cannot_be_judged(
    journey_chain: PaperChain, since_four: AuditBundle, height: int
) -> None:
    """A checkpoint that the bundle does not reach, or begins after, refutes rather than passes."""
    verdict = verify(since_four, journey_chain.genesis.pin(), checkpoint=Checkpoint(height, Hash(bytes(32))))
    assert _codes(verdict) == {Code.CHECKPOINT}


def test_headers_must_follow_each_other_without_a_checkpoint_too(
    journey_chain: PaperChain, since_four: AuditBundle
) -> None:
    """Headers in a bundle are checked whether or not anybody asks for a checkpoint."""
    gap = replace(since_four, headers=(since_four.headers[0], *since_four.headers[2:]))
    assert _codes(verify(gap, journey_chain.genesis.pin())) == {Code.CHECKPOINT}


def test_an_answer_without_its_entry_is_found(bundle: AuditBundle, pin: Hash, keeper: Account) -> None:
    """A keeper that answered what the log does not have is named: that is a release without a mark."""
    entry = bundle.entries[2]
    ghosts = (
        Answer(Hash(keccak(b"never logged")), entry.number, Hash(bytes(32)), Hash(bytes(32))),
        Answer(entry.entry_hash, 99, Hash(bytes(32)), Hash(bytes(32))),
        Answer(entry.entry_hash, 2, Hash(bytes(32)), Hash(bytes(32))),
    )
    for ghost in ghosts:
        signed = SignedAnswer(keeper.address, ghost, keeper.sign(digest(_domain(bundle), ghost)))
        verdict = verify(replace(bundle, answers=(signed,)), pin)
        assert _codes(verdict) == {Code.ANSWER}
        assert "keeper-bilbao answered" in verdict.sentence


def test_an_answer_signed_by_another_is_found(bundle: AuditBundle, pin: Hash) -> None:
    """A signature counts for its signer only."""
    first, second = bundle.answers[:2]
    verdict = verify(replace(bundle, answers=(replace(first, signature=second.signature), second)), pin)
    assert _codes(verdict) == {Code.ANSWER}


def test_a_receipt_without_its_erasure_is_found(bundle: AuditBundle, pin: Hash) -> None:
    """A receipt is worth something only with the entry that it answers, and names only what that erased."""
    first = bundle.receipts[0]
    signed = replace(first, receipt=replace(first.receipt, erasure_hash=Hash(bytes(32))))
    assert _codes(verify(replace(bundle, receipts=(signed, bundle.receipts[1])), pin)) == {Code.RECEIPT}


def test_an_opening_that_opens_nothing_is_found(bundle: AuditBundle, pin: Hash) -> None:
    """Nobody can show a message that the journey's log never took."""
    shown = bundle.openings[0].access
    assert shown is not None
    other = Opening(access=replace(shown, practitioner="Dr. Nobody"))
    verdict = verify(replace(bundle, openings=(other, *bundle.openings[1:])), pin)
    assert _codes(verdict) == {Code.OPENING}
    assert verdict.lines[2].meaning == "not shown"


def test_a_grant_shown_without_its_siblings_opens_its_consent(bundle: AuditBundle, pin: Hash) -> None:
    """One grant can be shown without the words of the others."""
    given = verify(bundle, pin).lines[1]
    assert given.meaning.startswith("hospital:* may read emergency-summary for emergency in ES, PT with the card")
    assert given.meaning.endswith("; 1 more not shown")


def _domain(bundle: AuditBundle) -> Domain:
    return Genesis.decode(bundle.genesis).domain
