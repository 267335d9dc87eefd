"""What a source may ask for: so much at once, more with time, and never at another's cost."""

import pytest

from hospes.service.allowances import MAX_SOURCES, Allowances, RateLimitedError
from tests.simulators.world import Clock


def test_a_source_has_so_much_and_gets_it_back() -> None:
    """The next after the burst is refused until some time has passed; other sources do not feel it."""
    clock = Clock(0)
    allowances = Allowances("letters", 3, 0.5, clock)
    for _ in range(3):
        allowances.spend("one")
    with pytest.raises(RateLimitedError, match="too many letters from this address; please try again in 2 s"):
        allowances.spend("one")
    allowances.spend("other")
    clock.now += 2
    allowances.spend("one")
    with pytest.raises(RateLimitedError):
        allowances.spend("one")


def test_what_is_refused_is_not_counted() -> None:
    """Somebody who asked for too much may still have less."""
    allowances = Allowances("bytes", 100, 1, Clock(0))
    with pytest.raises(RateLimitedError):
        allowances.spend("one", 101)
    allowances.spend("one", 100)


def test_the_memory_is_bounded() -> None:
    """Ever new sources push the oldest out; nobody's memory grows."""
    allowances = Allowances("letters", 1, 0.001, Clock(0))
    for number in range(MAX_SOURCES + 1):
        allowances.spend(str(number))
    allowances.spend("0")
    with pytest.raises(RateLimitedError):
        allowances.spend(str(MAX_SOURCES))
