"""Collecting: whatever the node is like, the bundle is whole or refused."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

import pytest

from hospes.clients.auditor import Code, verify
from hospes.core.audit import AuditBundle, Evidence
from hospes.core.errors import ProofError
from hospes.core.identities import Address, Hash
from hospes.core.proof import AccountProof
from hospes.service import collect as collecting
from hospes.service.chain import ChainReader
from hospes.service.collect import collect, merge
from tests.simulators.paper_journey import Journey, travel


@pytest.fixture(scope="module")
def journey() -> Journey:
    """A journey with every kind of entry; nobody may change it."""
    return travel()


def test_a_bundle_does_not_depend_on_how_it_was_asked_for(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small calls of the node give the very file that few large ones give."""
    at_once = journey.bundle(since=4).encode()
    monkeypatch.setattr(collecting, "SLOTS_A_CALL", 3)
    monkeypatch.setattr(collecting, "HEADERS_A_CALL", 2)
    assert journey.bundle(since=4).encode() == at_once


def test_a_node_that_proves_another_block_is_found_out(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """The collector need not notice: whoever verifies does."""
    node = journey.chain.node()
    reader, honest = ChainReader(node, journey.chain.genesis), node.proof

    async def yesterday(contract: Address, slots: Iterable[int], block: int) -> AccountProof:
        return await honest(contract, slots, block - 1)

    async def gather() -> AuditBundle:
        await reader.journal(journey.account.address, await reader.tip())
        monkeypatch.setattr(node, "proof", yesterday)
        return await collect(reader, journey.account.address)

    verdict = verify(asyncio.run(gather()), journey.chain.genesis.pin())
    assert {finding.code for finding in verdict.findings} == {Code.STORAGE}


def test_a_node_that_gives_no_headers_is_refused(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gap between the checkpoint and the block is no bundle."""
    node = journey.chain.node()

    async def nothing(_first: int, _count: int) -> tuple[bytes, ...]:
        return ()

    reader = ChainReader(node, journey.chain.genesis)

    async def gather() -> None:
        await reader.tip()
        monkeypatch.setattr(node, "headers", nothing)
        await collect(reader, journey.account.address, since=2)

    with pytest.raises(ProofError, match="does not give the headers between"):
        asyncio.run(gather())


def test_evidence_of_several_holders_becomes_one_without_repetition(journey: Journey) -> None:
    """What two holders both have stands once; another network's or journey's does not go in."""
    pin, address = journey.chain.genesis.pin(), journey.account.address
    answers, openings = tuple(journey.answers), tuple(journey.openings)
    one = Evidence(pin, address, openings[:2], answers[:4], ())
    two = Evidence(pin, address, openings[1:], answers[2:], tuple(journey.receipts))
    merged = merge([one, two])
    assert merged == Evidence(pin, address, openings, answers, tuple(journey.receipts))
    for stranger in (replace(one, genesis=Hash(bytes(32))), replace(one, journey=Address(bytes(20)))):
        with pytest.raises(ProofError):
            merge([one, stranger])
