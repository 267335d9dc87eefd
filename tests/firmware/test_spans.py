"""Sets of numbers as spans: judged by sets of numbers."""

import pytest
from hypothesis import given, strategies as st

from hospes.core.errors import MalformedError
from hospes.firmware.spans import Span, Spans, check_spans, contains, with_span, without_spans

spans = st.tuples(st.integers(1, 30), st.integers(0, 12)).map(lambda pair: Span(pair[0], sum(pair)))


def numbers(some: Spans) -> set[int]:
    """Return the numbers one by one."""
    return {number for span in some for number in range(span.first, span.last + 1)}


@given(st.lists(spans), spans)
def test_spans_are_sets(added: list[Span], whole: Span) -> None:
    """Adding, taking out and looking up are those of sets, and the spans stay in order and apart."""
    some: Spans = ()
    for span in added:
        some = with_span(some, span)
        check_spans(some, "test")
    assert numbers(some) == numbers(tuple(added))
    assert numbers(without_spans(whole, some)) == numbers((whole,)) - numbers(some)
    check_spans(without_spans(whole, some), "test")
    assert all(contains(some, number) == (number in numbers(some)) for number in range(1, 50))


@pytest.mark.parametrize("pair", [(0, 1), (2, 1), (1, 1 << 48)], ids=str)
def test_an_impossible_span_is_refused(pair: tuple[int, int]) -> None:
    """A span holds at least one number, and only numbers that messages have."""
    assert len(Span(1, 1)) == 1
    with pytest.raises(MalformedError):
        Span(*pair)


@pytest.mark.parametrize("some", [(Span(1, 2), Span(3, 4)), (Span(5, 6), Span(1, 2))], ids=["touching", "out of order"])
def test_one_set_has_one_spelling(some: Spans) -> None:
    """Spans that touch or are out of order are refused where they come from outside."""
    with pytest.raises(MalformedError):
        check_spans(some, "test")
