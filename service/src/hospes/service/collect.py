"""Collecting an audit bundle: everything that proves one journey's history, asked of any node.

It judges nothing but what it must read to know what to ask next; whoever receives the bundle verifies all of it
(`clients.auditor`). It shows what it was given to show and nothing else.

Sources: PROTOCOL section 9.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from hospes.contracts import storage
from hospes.contracts.addresses import ACCESS_LOG, CONSENT, REGISTRY
from hospes.contracts.artifacts import load
from hospes.core.audit import (
    AuditBundle,
    CodeHashes,
    Evidence,
    Opening,
    SealedHeader,
    SignedAnswer,
    SignedReceipt,
    StateProofs,
    appearing,
)
from hospes.core.chain import Entry, EntryKind, Epoch, Role
from hospes.core.errors import ProofError
from hospes.core.identities import HASH_BYTES, Address
from hospes.core.proof import AccountProof, FinalHeader, Journal
from hospes.service.chain import HEADERS_A_CALL, ChainReader

SLOTS_A_CALL: Final = 512
"""Of one ``eth_getProof``, so that a node never has to build an unbounded answer."""


async def collect(
    chain: ChainReader,
    journey: Address,
    openings: Sequence[Opening] = (),
    answers: Sequence[SignedAnswer] = (),
    receipts: Sequence[SignedReceipt] = (),
    since: int | None = None,
) -> AuditBundle:
    """Return the bundle of a journey at the latest final block.

    Parameters
    ----------
    chain : ChainReader
    journey : Address
    openings, answers, receipts
        What the holder chooses to show.
    since : int, optional
        Height of a checkpoint: the headers from there on come into the bundle, so that it can be shown to descend.

    Raises
    ------
    ProofError
        When the node does not prove what it says.
    NodeError, UnreachableError
        When it gave no answer.
    """
    at = await chain.tip()
    journal = await chain.journal(journey, at)
    epochs = await _epochs(chain, at, openings, [each.keeper for each in answers])
    accounts = appearing(journal.entries, answers, receipts)
    # The alerts know no journey: nothing of them belongs to one journey's history.
    code = {name: load()[name].code_hash for name in ("access_log", "consent", "registry")}
    return AuditBundle(
        genesis=chain.genesis.encode(),
        journey=journey,
        final=SealedHeader(at.header.rlp, at.seal),
        headers=await _headers(chain, at, since),
        code_hashes=CodeHashes(**code),
        proofs=StateProofs(
            access_log=await _proof(chain, ACCESS_LOG, _log_slots(journey), at),
            consent=await _proof(chain, CONSENT, _consent_slots(journal), at),
            registry=await _proof(chain, REGISTRY, _registry_slots(accounts, epochs), at),
        ),
        epochs=tuple(epoch.number for epoch in epochs),
        entries=journal.entries,
        openings=tuple(openings),
        answers=tuple(answers),
        receipts=tuple(receipts),
    )


def merge(evidence: Sequence[Evidence]) -> Evidence:
    """Return several holders' evidence of one journey as one, everything once.

    Raises
    ------
    ProofError
        When they are of different networks or journeys.
    """
    first = evidence[0]
    if any((each.genesis, each.journey) != (first.genesis, first.journey) for each in evidence):
        raise ProofError("the evidence", "the files are of different networks or journeys")
    return replace(
        first,
        openings=tuple(dict.fromkeys(item for each in evidence for item in each.openings)),
        answers=tuple(dict.fromkeys(item for each in evidence for item in each.answers)),
        receipts=tuple(dict.fromkeys(item for each in evidence for item in each.receipts)),
    )


async def _epochs(
    chain: ChainReader, at: FinalHeader, openings: Sequence[Opening], keepers: Sequence[Address]
) -> tuple[Epoch, ...]:
    """Return the epochs that opened deposits name, and for each keeper the latest that it belongs to."""
    wanted = {opening.deposit.body.keeper_epoch for opening in openings if opening.deposit}
    missing = set(keepers)
    if not wanted and not missing:
        return ()
    epoch = await chain.epoch(at)
    found: list[Epoch] = []
    while True:
        if epoch.number in wanted or missing & set(epoch.accounts):
            found.append(epoch)
            missing -= set(epoch.accounts)
        if epoch.number == 1 or (not missing and epoch.number <= min(wanted, default=epoch.number)):
            return tuple(reversed(found))
        epoch = await chain.epoch(at, epoch.number - 1)


def _log_slots(journey: Address) -> list[int]:
    return [storage.log_head_slot(journey), storage.log_count_slot(journey)]


def _consent_slots(journal: Journal) -> list[int]:
    consents = {entry.entry_hash for entry in _of_consent(journal.entries)}
    words = [storage.consent_slot(journal.journey, grants_hash) for grants_hash in consents]
    return [*words, storage.through_slot(journal.journey)]


def _of_consent(entries: Iterable[Entry]) -> Iterable[Entry]:
    return (entry for entry in entries if entry.kind in (EntryKind.GIVEN, EntryKind.WITHDRAWN))


def _registry_slots(accounts: Sequence[Address], epochs: Sequence[Epoch]) -> list[int]:
    slots = [storage.member_word_slot(account) for account in accounts]
    slots += [storage.member_id_slot(account) for account in accounts]
    for epoch in epochs:
        places = storage.epoch_slots(Role.KEEPER, epoch.number)
        slots += [places.from_block, places.threshold, places.accounts]
        slots += range(places.accounts + 1, places.accounts + 1 + len(epoch.accounts))
    return slots


async def _proof(chain: ChainReader, contract: Address, slots: Sequence[int], at: FinalHeader) -> AccountProof:
    """Return one proof of any number of slots, in order, without the nodes that stand in their parents anyway."""
    asked = sorted(slots)
    pages = [asked[start : start + SLOTS_A_CALL] for start in range(0, len(asked), SLOTS_A_CALL)] or [[]]
    proofs = [await chain.node.proof(contract, page, at.number) for page in pages]
    found = [replace(slot, nodes=_hashed(slot.nodes)) for proof in proofs for slot in proof.slots]
    return AccountProof(contract, _hashed(proofs[0].nodes), tuple(found))


def _hashed(nodes: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return tuple(node for node in nodes if len(node) >= HASH_BYTES)


async def _headers(chain: ChainReader, at: FinalHeader, since: int | None) -> tuple[bytes, ...]:
    headers: list[bytes] = []
    start = at.number if since is None else since
    while start + len(headers) < at.number:
        first = start + len(headers) + 1
        page = await chain.node.headers(first, min(HEADERS_A_CALL, at.number - first + 1))
        if not page:
            raise ProofError(f"descent of block {at.number}", "the node does not give the headers between")
        headers += page
    return tuple(headers)
