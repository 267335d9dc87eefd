"""The gate on the decision: break any single check of it, and a case notices."""

import pytest

from tests.nodes.keeper.cases import CASES, Case
from tests.nodes.keeper.mutants import NAMED, Mutant, flips, mutated


@pytest.mark.parametrize("mutant", NAMED, ids=lambda mutant: mutant.name)
def test_every_named_mutant_is_killed_by_the_cases_it_names(mutant: Mutant) -> None:
    """Each mutant still applies to the source, and each case that it names fails with it."""
    broken = mutated(mutant)
    survived = [name for name in mutant.killers if _passes(CASES[name], broken)]
    assert not survived


def test_every_mechanical_mutant_is_killed() -> None:
    """Flip, move or drop any comparison, `and`, `or`, `not` or condition of the source, and some case fails."""
    names: list[str] = []
    survivors: list[str] = []
    for name, broken in flips():
        names.append(name)
        if all(_passes(case, broken) for case in CASES.values()):
            survivors.append(name)
    assert len(names) > 60
    assert not survivors


def _passes(case: Case, broken: object) -> bool:
    try:
        return case.passes(broken)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001  (a mutant may break in any way; the case has noticed it)
        return False
