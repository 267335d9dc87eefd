"""Whoever sees only an answer's status, size and moment cannot tell why it holds nothing, nor whether it does."""

import math
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from hospes.core import wire
from hospes.core.bodies import AccessRequest
from hospes.core.identities import Country
from hospes.core.messages import CLASSES, MAX_LIST
from hospes.nodes.keeper.service import QUANTUM_S
from hospes.nodes.keeper.standing import MAX_GRANTS
from tests.nodes.keeper.test_release import REFUSALS, consented
from tests.nodes.keeper.travelling import Company, run
from tests.simulators.world import World

ROUNDS = 60
Seen = tuple[int, int, int]
"""Status, size, and how many quanta it took."""


@pytest.fixture
def companies(world: World, tmp_path: Path) -> Iterator[dict[str, Company]]:
    """Return a company for each refusal, and one that is answered."""
    made = {name: Company(world, tmp_path / name, f"{tmp_path} {name}") for name in (*REFUSALS, "released")}
    yield made
    for company in made.values():
        company.keeper.close()


async def prepared(companies: dict[str, Company]) -> dict[str, AccessRequest]:
    """Return each company's request, final and fresh."""
    requests: dict[str, AccessRequest] = {}
    for name, company in companies.items():
        if name == "released":
            grant = await consented(company)
            requests[name] = company.request(await company.asked(), grant)
        else:
            asked, grants, changes = await REFUSALS[name](company)
            requests[name] = company.request(asked, *grants, **changes)
    now = max(company.clock.now for company in companies.values())
    for company in companies.values():
        company.clock.now = now
    return requests


async def looked_at(company: Company, request: AccessRequest) -> Seen:
    """Ask, and return what anybody can see."""
    async with company.http() as http:
        began = time.perf_counter()
        response = await http.post("/v1/access", content=wire.encode(request))
        took_s = time.perf_counter() - began
    return response.status_code, len(response.content), math.floor(took_s / QUANTUM_S)


def guessed(seen: dict[str, list[Seen]]) -> float:
    """Return how often the best guess from half of what was seen is right about the other half."""
    learnt: defaultdict[Seen, Counter[str]] = defaultdict(Counter)
    for name, answers in seen.items():
        for answer in answers[::2]:
            learnt[answer][name] += 1
    tried = [(name, answer) for name, answers in seen.items() for answer in answers[1::2]]
    right = sum(learnt[answer].most_common(1)[0][0] == name for name, answer in tried if learnt[answer])
    return right / len(tried)


async def filled(company: Company) -> None:
    """Leave as many grants as a keeper holds, each as long as it can be, in few consents."""
    what, where = tuple(sorted(CLASSES)), tuple(Country(f"{a}{b}") for a in "ABCDEFGH" for b in "ABCDEFGH")
    for _ in range(MAX_GRANTS // MAX_LIST - 1):
        await company.leave(
            await company.give(
                *(company.grant(who="member:hospital-lisboa", what=what, where=where) for _ in range(MAX_LIST))
            )
        )


@pytest.mark.slow
@pytest.mark.parametrize("full", [False, True], ids=["a few grants", "many grants"])
def test_nobody_tells_the_refusals_apart_by_what_can_be_seen(companies: dict[str, Company], *, full: bool) -> None:
    """Over some hundred answers the five refusals and a release have one status and one size, and a guess from their
    moments is right about as often as a die; also when all but the journey that never was left many standing grants.
    """
    seen: dict[str, list[Seen]] = {name: [] for name in companies}

    async def flow() -> None:
        for name, company in companies.items():
            if full and name != "never existed":
                await filled(company)
        requests = await prepared(companies)
        for _ in range(ROUNDS):
            for name, request in requests.items():
                seen[name].append(await looked_at(companies[name], request))

    run(flow())
    assert len({answer[:2] for answers in seen.values() for answer in answers}) == 1
    # By chance one in six is right, with a deviation of 0.03 over 180 guesses.
    assert guessed(seen) < 1 / len(companies) + 0.12, {name: Counter(answers) for name, answers in seen.items()}
