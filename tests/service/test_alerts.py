"""Alerts and oracles as the chain reader proves them."""

import asyncio
from collections.abc import Mapping

import pytest

from hospes.contracts import calls
from hospes.contracts.addresses import ALERTS
from hospes.contracts.genesis import FirstSet
from hospes.contracts.storage import NotOnChainError, alert_slots
from hospes.core.chain import AlertState, Role
from hospes.core.errors import ProofError
from hospes.core.identities import ZERO_HASH, Address, keccak
from hospes.core.proof import AccountProof
from hospes.service.chain import ChainReader
from hospes.service.sender import Sender
from tests.simulators.paper_chain import START, PaperChain, founder

HOSPITALS = [founder(name, Role.HOSPITAL, "PT")[1] for name in ("evora", "beja")]
ORACLES = [founder(name, Role.ORACLE, country)[1] for name, country in (("oslo", "NO"), ("bern", "CH"))]
FIRST, SECOND = keccak(b"first alert"), keccak(b"second alert")
EVORA, BEJA = (hospital.account for hospital in HOSPITALS)
NEVER = AlertState(0, 0, 0, 0, Address(bytes(20)), 0, 0, ZERO_HASH)


@pytest.fixture
def chain() -> PaperChain:
    """Return a chain with two hospitals, and two oracles in office."""
    oracles = FirstSet(tuple(each.account for each in ORACLES), 1)
    return PaperChain((*HOSPITALS, *ORACLES), None, oracles=oracles)


def reader(chain: PaperChain) -> ChainReader:
    """Return a reader that has seen nothing yet."""
    return ChainReader(chain.node(), chain.genesis)


def test_an_alert_is_read_as_it_stood_at_a_block(chain: PaperChain) -> None:
    """Raised, acknowledged, escalated: each block shows what was so at its end, and an unknown alert is all zero."""

    async def story() -> None:
        chain.raise_alert(FIRST, EVORA, START + 600, 1)
        chain.escalate(FIRST, SECOND, BEJA, START + 1200, 1)
        chain.acknowledge(FIRST)
        at = reader(chain)
        tip = await at.tip()
        raised = AlertState(1, START + 1, 0, 0, EVORA, START + 600, 1, ZERO_HASH)
        assert await at.alert(FIRST, await at.final(0)) == NEVER
        assert await at.alert(FIRST, await at.final(1)) == raised
        whole = AlertState(1, START + 1, 3, START + 3, EVORA, START + 600, 1, SECOND)
        assert await at.alert(FIRST, tip) == whole
        assert (await at.alert(SECOND, tip)).addressee == BEJA
        assert not (await at.alert(keccak(b"unknown"), tip)).raised

    asyncio.run(story())


def test_one_look_up_whatever_the_alert(chain: PaperChain, monkeypatch: pytest.MonkeyPatch) -> None:
    """A raised alert and one that never was are asked for alike: one proof of three slots."""
    chain.raise_alert(FIRST, EVORA, START + 600, 1)
    at, asked = reader(chain), list[tuple[Address, int]]()
    proof = at.node.proof

    async def watched(contract: Address, slots: list[int], number: int) -> AccountProof:
        asked.append((contract, len(slots)))
        return await proof(contract, slots, number)

    monkeypatch.setattr(at.node, "proof", watched)

    async def story() -> None:
        tip = await at.tip()
        for name in (FIRST, SECOND):
            await at.alert(name, tip)

    asyncio.run(story())
    assert asked == [(ALERTS, 3), (ALERTS, 3)]


def test_a_node_cannot_make_up_an_alert(chain: PaperChain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another alert's proof, or that of another contract, does not pass for the alert's."""
    chain.raise_alert(FIRST, EVORA, START + 600, 1)
    at = reader(chain)
    proof = at.node.proof

    async def another(_: Address, __: list[int], number: int) -> AccountProof:
        return await proof(ALERTS, list(alert_slots(FIRST)), number)

    monkeypatch.setattr(at.node, "proof", another)

    async def story() -> None:
        with pytest.raises(ProofError):
            await at.alert(SECOND, await at.tip())

    asyncio.run(story())


def test_a_call_reaches_the_alerts(chain: PaperChain) -> None:
    """A sender's transaction goes to the alerts, whose address has a capital letter in its checksum."""

    async def story() -> None:
        chain.raise_alert(FIRST, EVORA, START + 600, 1)
        evora, _ = founder("evora", Role.HOSPITAL, "PT")
        sender = Sender(chain.node(), evora, chain.genesis.chain_id)
        await sender.final(await sender.send(ALERTS, calls.acknowledge(FIRST)))
        at = reader(chain)
        assert (await at.alert(FIRST, await at.tip())).acknowledged_block == 2

    asyncio.run(story())


def test_the_oracles_in_office_are_read(chain: PaperChain) -> None:
    """A network founded with oracles has them in epoch 1, in order; else, and for another role, there are none."""

    async def story(found: PaperChain, expected: Mapping[Role, tuple[Address, ...]]) -> None:
        at = reader(found)
        tip = await at.tip()
        for role in (Role.KEEPER, Role.ORACLE, Role.VALIDATOR):
            if role not in expected:
                with pytest.raises(NotOnChainError):
                    await at.epoch(tip, role=role)
                continue
            epoch = await at.epoch(tip, role=role)
            assert epoch == await at.epoch(tip, 1, role)
            assert (epoch.number, epoch.accounts, epoch.threshold) == (1, expected[role], 1)

    asyncio.run(story(chain, {Role.ORACLE: tuple(each.account for each in ORACLES)}))
    asyncio.run(story(PaperChain(tuple(HOSPITALS), None), {}))
