"""Hypothesis strategies for the protocol's values, shared by the tests of core."""

from hypothesis import strategies as st

from hospes.core.identities import Address, Country, Hash, MemberId, RecordId
from hospes.core.messages import CLASSES, PURPOSES, Consent, Deposit, DepositBody, Grant, sorted_grants

words = st.binary(min_size=32, max_size=32)
hashes = words.map(Hash)
addresses = st.binary(min_size=20, max_size=20).map(Address)
member_ids = st.from_regex(r"\A[a-z0-9-]{1,31}\Z").map(MemberId)
countries = st.from_regex(r"\A[A-Z]{2}\Z").map(Country)
uint64 = st.integers(0, 2**64 - 1)
whos = st.one_of(member_ids.map("member:{}".format), countries.map("country:{}".format))


def sorted_tuples(items: st.SearchStrategy[str], most: int = 4) -> st.SearchStrategy[tuple[str, ...]]:
    """Non-empty, sorted, unique."""
    return st.lists(items, min_size=1, max_size=most, unique=True).map(lambda found: tuple(sorted(found)))


@st.composite
def grants(draw: st.DrawFn) -> Grant:
    """Any grant that the protocol allows."""
    begin, end = sorted(draw(st.lists(uint64, min_size=2, max_size=2, unique=True)))
    where = tuple(Country(code) for code in draw(sorted_tuples(countries)))
    what, why = draw(sorted_tuples(st.sampled_from(sorted(CLASSES)))), draw(sorted_tuples(st.sampled_from(PURPOSES)))
    return Grant(draw(whos), what, why, where, begin, end, draw(hashes), draw(hashes))


@st.composite
def consents(draw: st.DrawFn) -> Consent:
    """Any consent of up to three grants."""
    return Consent(sorted_grants(draw(st.lists(grants(), min_size=1, max_size=3, unique=True))), draw(uint64))


@st.composite
def deposits(draw: st.DrawFn) -> Deposit:
    """Any deposit that the protocol allows."""
    shares = tuple(draw(st.lists(hashes, min_size=1, max_size=16)))
    body = DepositBody(
        record=RecordId(draw(words)),
        what=draw(st.sampled_from(sorted(CLASSES))),
        manifest=draw(hashes),
        keeper_epoch=draw(st.integers(0, 2**32 - 1)),
        threshold=draw(st.integers(1, len(shares))),
        share_hashes=shares,
        key_check=draw(hashes),
        deposited_at=draw(uint64),
        salt=draw(hashes),
    )
    return Deposit(draw(addresses), body)
