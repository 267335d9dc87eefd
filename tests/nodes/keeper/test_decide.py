"""The decision: what is released, to whom, and what is silently left out."""

import pytest

from hospes.nodes.keeper.errors import StaleError
from tests.nodes.keeper.cases import CASES, Case
from tests.nodes.keeper.scenes import TIME, but


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_each_rule_lets_through_and_refuses_what_it_should(case: Case) -> None:
    """Every rule of PROTOCOL section 6 has the case that it refuses and the one beside it that it lets through."""
    assert case.passes()


def test_a_refused_access_says_why_in_facts() -> None:
    """An error of step 4 carries the age and the limit, so that a hospital's engineer sees which clock is wrong."""
    with pytest.raises(StaleError) as raised:
        but(now=TIME + 700.0).ask()
    assert (raised.value.age_s, raised.value.limit_s) == (700, 600)
