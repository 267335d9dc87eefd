"""Evidence on a real ledger: an access that names an alert is served only if oracles raised it, for that journey."""

from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from hospes.contracts.addresses import ALERTS, CONSENT
from hospes.contracts.storage import alert_slots
from hospes.core.bodies import AnswerReply, ShownGrant
from hospes.core.errors import ProofError
from hospes.core.identities import Address, Hash, MemberId, keccak, to_hex
from hospes.core.messages import Alert
from hospes.core.typed_data import digest
from tests.nodes.keeper.meddler import Meddler
from tests.nodes.keeper.travelling import Asked, Company, refused, run, shown
from tests.simulators.elected import Oracle, elect_oracle
from tests.simulators.world import World


@dataclass(frozen=True)
class Alarmed:
    """A traveller whose record lies with the keeper, and an oracle in office."""

    company: Company
    oracle: Oracle

    def alert(self, label: str = "alert", **changes: Address | MemberId) -> Alert:
        """Return an alert for the traveller to the hospital at Evora, each label another."""
        now = int(self.company.world.clock.now)
        salt = keccak(label.encode())
        alert = Alert(self.company.address, MemberId("hospital-evora"), 3, now, now + 600, salt, salt)
        return replace(alert, **changes)  # type: ignore[arg-type]

    async def consented(self) -> ShownGrant:
        """Deposit a record, give a consent, and return its grant."""
        await self.company.deposited()
        return shown(await self.company.give(self.company.grant()))

    async def asked(self, evidence: Hash) -> Asked:
        """Log an access with this evidence."""
        return await self.company.asked(evidence=evidence)

    def hash(self, alert: Alert) -> Hash:
        """Return an alert's hash."""
        return digest(self.company.domain, alert)


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oracle]:
    """Return the oracle of a world of its own: electing it takes two weeks."""
    world = World(tmp_path_factory.mktemp("alarmed"))
    yield run(elect_oracle(world))
    world.close()


@pytest.fixture
def alarmed(oracle: Oracle, tmp_path: Path) -> Iterator[Alarmed]:
    """Return a traveller, a hospital and a keeper in it."""
    made = Company(oracle.world, tmp_path / "keeper", tmp_path.name)
    yield Alarmed(made, oracle)
    made.keeper.close()


def test_an_alert_that_was_raised_is_evidence(alarmed: Alarmed) -> None:
    """An access that names an alert, raised on the chain and shown, is served as one without evidence."""

    async def flow() -> None:
        grant = await alarmed.consented()
        alert = alarmed.alert()
        asked = await alarmed.asked(await alarmed.oracle.raise_alert(alert))
        assert len(await alarmed.company.answer(asked, grant, alert=alert)) == 1
        bare = await alarmed.company.asked()
        assert len(await alarmed.company.answer(bare, grant)) == 1
        assert len(await alarmed.company.answer(bare, grant, alert=alert)) == 1

    run(flow())


def test_an_alert_that_nobody_raised_covers_nothing(alarmed: Alarmed) -> None:
    """A hospital cannot make up an alert: until oracles raise it, nothing is released, whatever was granted."""

    async def flow() -> None:
        grant = await alarmed.consented()
        alert = alarmed.alert()
        asked = await alarmed.asked(alarmed.hash(alert))
        assert await alarmed.company.answer(asked, grant, alert=alert) == ()
        await alarmed.oracle.raise_alert(alert)
        assert len(await alarmed.company.answer(asked, grant, alert=alert)) == 1

    run(flow())


def test_evidence_must_be_shown(alarmed: Alarmed) -> None:
    """A raised alert that is not shown, or another one that is, covers nothing."""

    async def flow() -> None:
        grant = await alarmed.consented()
        alert, other = alarmed.alert(), alarmed.alert("other")
        asked = await alarmed.asked(await alarmed.oracle.raise_alert(alert))
        await alarmed.oracle.raise_alert(other)
        assert await alarmed.company.answer(asked, grant) == ()
        assert await alarmed.company.answer(asked, grant, alert=other) == ()

    run(flow())


def test_an_alert_of_another_journey_covers_nothing(alarmed: Alarmed) -> None:
    """A raised alert says something of the traveller that it names, and of nobody else."""

    async def flow() -> None:
        grant = await alarmed.consented()
        alert = alarmed.alert(journey=Address(b"j" * 20))
        asked = await alarmed.asked(await alarmed.oracle.raise_alert(alert))
        assert await alarmed.company.answer(asked, grant, alert=alert) == ()

    run(flow())


def test_an_alert_to_another_hospital_is_evidence(alarmed: Alarmed) -> None:
    """A traveller who was brought elsewhere than the oracles thought is helped there: the journey counts."""

    async def flow() -> None:
        grant = await alarmed.consented()
        alert = alarmed.alert(addressee=MemberId("hospital-badajoz"))
        asked = await alarmed.asked(await alarmed.oracle.raise_alert(alert))
        assert len(await alarmed.company.answer(asked, grant, alert=alert)) == 1

    run(flow())


def test_the_same_look_ups_whatever_the_evidence(alarmed: Alarmed) -> None:
    """Without evidence, with an alert that was raised and with one that was not, the keeper looks up one alert and
    eight consents, in the same number of questions, and its answers have one size.
    """

    async def flow() -> None:
        grant = await alarmed.consented()
        raised, made_up = alarmed.alert("raised"), alarmed.alert("made up")
        await alarmed.oracle.raise_alert(raised)
        cases = (None, raised, made_up)
        asked = [await (alarmed.company.asked() if one is None else alarmed.asked(alarmed.hash(one))) for one in cases]
        meddler = Meddler(alarmed.company.world)
        alarmed.company.reopen(meddler.node())
        await alarmed.company.answer(asked[0], grant)  # the keeper has caught up with the chain
        seen = [await _questions(alarmed, meddler, each, grant, one) for each, one in zip(asked, cases, strict=True)]
        assert seen[0] == seen[1] == seen[2]
        proofs = seen[0][0]
        assert proofs.count((to_hex(ALERTS), 3)) == 1
        assert proofs.count((to_hex(CONSENT), 9)) == 1

    run(flow())


async def _questions(
    alarmed: Alarmed, meddler: Meddler, asked: Asked, grant: ShownGrant, alert: Alert | None
) -> tuple[list[tuple[str, int]], list[str], int]:
    """Return the proofs that the keeper asked for (contract, slots), all its questions, and its answer's size."""
    meddler.asked.clear()
    request = alarmed.company.request(asked, grant, alert=alert)
    reply = await alarmed.company.post("access", request, AnswerReply)
    methods = [method for method, _ in meddler.asked]
    proofs = [(params[0], len(params[1])) for method, params in meddler.asked if method == "eth_getProof"]
    return proofs, methods, len(reply.box)


def test_an_alert_is_never_the_same_look_up_twice(alarmed: Alarmed) -> None:
    """Without evidence a random alert is looked up, so that its slots do not tell that there was none."""

    async def flow() -> None:
        meddler = Meddler(alarmed.company.world)
        alarmed.company.reopen(meddler.node())
        asked = await alarmed.company.asked()
        for _ in range(3):
            await alarmed.company.answer(asked)
        proofs = [params for method, params in meddler.asked if method == "eth_getProof"]
        slots = [asked_for for account, asked_for, _ in proofs if account == to_hex(ALERTS)]
        assert len(slots) == 3
        assert len({slot for each in slots for slot in each}) == 9

    run(flow())


def test_a_node_cannot_raise_an_alert(alarmed: Alarmed) -> None:
    """A node that proves another alert's slots in its place is found out, and nothing is released."""

    async def flow() -> None:
        grant = await alarmed.consented()
        raised, made_up = alarmed.alert("raised"), alarmed.alert("made up")
        name = await alarmed.oracle.raise_alert(raised)
        asked = await alarmed.asked(alarmed.hash(made_up))
        meddler = Meddler(alarmed.company.world)
        slots = [to_hex(slot.to_bytes(32)) for slot in alert_slots(name)]

        def lie(method: str, params: object) -> Awaitable[object] | None:
            account, _, block = cast("list[object]", params) if method == "eth_getProof" else (None, None, None)
            return meddler.honest(method, [account, slots, block]) if account == to_hex(ALERTS) else None

        meddler.meddle = lie
        alarmed.company.reopen(meddler.node())
        problem = await refused(alarmed.company.answer(asked, grant, alert=made_up))
        assert problem.problem == ProofError.slug

    run(flow())
