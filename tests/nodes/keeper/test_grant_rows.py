"""A standing grant's row says what the grant says, and none is longer than another."""

from dataclasses import replace
from itertools import product
from string import ascii_uppercase

from hypothesis import given, strategies as st

from hospes.core.identities import Country, Hash
from hospes.core.messages import ANY_HOSPITAL, CLASSES, MAX_LIST, PURPOSES, Grant
from hospes.nodes.keeper.grant_rows import FITS_NOBODY, ROW_BYTES, STAND_IN, read_rows, rows_of
from tests.nodes.keeper.scenes import GRANT

COUNTRIES = tuple(Country(a + b) for a, b in product(ascii_uppercase, repeat=2))


def chosen(words: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    """Return lists of some words as grants have them."""
    return st.sets(st.sampled_from(words), min_size=1, max_size=MAX_LIST).map(lambda found: tuple(sorted(found)))


times = st.integers(0, (1 << 64) - 2)
grants = st.builds(
    Grant,
    who=st.one_of(st.just(ANY_HOSPITAL), st.from_regex(r"member:[a-z0-9-]{1,31}", fullmatch=True)),
    what=chosen(tuple(CLASSES)),
    why=chosen(PURPOSES),
    where=chosen(COUNTRIES),
    not_before=times,
    not_after=st.just((1 << 64) - 1),
    gate=st.binary(min_size=32, max_size=32).filter(any).map(Hash),
    salt=st.just(GRANT.salt),
)


@given(st.lists(grants, max_size=3), st.sampled_from(COUNTRIES))
def test_a_row_says_what_its_grant_says(made: list[Grant], country: Country) -> None:
    """Everything that a decision looks at comes back, each country and no other, from rows of one size."""
    rows = rows_of(made)
    assert len(rows) == ROW_BYTES * len(made)
    for grant, left in zip(made, read_rows(rows), strict=True):
        same = ("who", "what", "why", "not_before", "not_after", "gate")
        assert [getattr(left, name) for name in same] == [getattr(grant, name) for name in same]
        assert all(code in left.where for code in grant.where)
        assert (country in left.where) is (country in grant.where)


def test_the_longest_grant_has_a_row() -> None:
    """A name of 31 characters, 64 countries, all classes and purposes, and the last moment that there is."""
    longest = replace(
        GRANT,
        who="member:" + "h" * 31,
        what=tuple(sorted(CLASSES)),
        why=tuple(sorted(PURPOSES)),
        where=COUNTRIES[:MAX_LIST],
        not_after=(1 << 64) - 1,
    )
    (left,) = read_rows(rows_of([longest]))
    assert (left.who, left.where) == (longest.who, "".join(f"{code}," for code in COUNTRIES[:MAX_LIST]))


def test_a_stand_in_is_nobodys() -> None:
    """It is as long as a grant, and names nobody whom a member could be, not even one without an id."""
    assert len(STAND_IN) == ROW_BYTES
    (left,) = read_rows(STAND_IN)
    assert left == FITS_NOBODY
    assert left.who not in ("member:", "country:", ANY_HOSPITAL)
