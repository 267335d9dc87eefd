"""JSON as it comes and goes: nothing is lost, and what is hostile or ambiguous is refused before anything is built."""

import json
import time
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from hospes.core.errors import MalformedError, TooLargeError
from hospes.core.summary.bounds import MAX_BYTES, MAX_DEPTH, MAX_ENTRIES, MAX_QUOTES, MAX_VALUES, measure
from hospes.core.summary.tree import Json, encode, items, objects, parse, texts
from tests.core.summary.paper_summary import PaperSummary, Tree, link, observation

PATIENT_DATA = "Eva Example has pneumonia"

leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text()
)
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=25,
)
documents = st.dictionaries(st.text(max_size=8), trees, max_size=4)


def _depth(value: Json) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


@given(documents)
def test_every_object_comes_back_as_it_went(value: dict[str, Json]) -> None:
    """Reading what was written gives the same members in the same order, each number with each of its digits."""
    read = parse(encode(value))
    assert read == value
    assert encode(read) == encode(value)


@given(documents)
def test_the_skeleton_counts_what_the_tree_holds(value: dict[str, Json]) -> None:
    """Members and depth, counted before anything is decoded, are those of the decoded document."""
    data, room = encode(value), MAX_DEPTH - _depth(value)
    deepest = b"[" * room + data + b"]" * room
    assert measure(data) == measure(deepest) == sum(len(found) for _, found in objects(value))
    with pytest.raises(TooLargeError, match="levels"):
        measure(b"[" + deepest + b"]")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_bytes_that_are_no_json_object_are_refused_by_type(data: bytes) -> None:
    """Whatever the bytes, they are an object for every reader of JSON, or refused."""
    try:
        parse(data)
    except MalformedError:
        return
    assert isinstance(json.loads(data.removeprefix(b"\xef\xbb\xbf")), dict)


@pytest.mark.parametrize("number", ["1.50", "-0.0", "1E+400", "0.1", "12345678901234567890123", "1E-7"])
def test_numbers_keep_their_digits(number: str) -> None:
    """A dose of 1.50 does not become 1.5, and no number is rounded to a binary fraction."""
    document = parse(f'{{"value":{number}}}'.encode())
    assert encode(document) == f'{{"value":{number}}}'.encode()
    assert document["value"] == Decimal(number)


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b'{"a": 1, "a": 1}', "/a"),
        (b'{"entry": [{"resource": {"status": "x", "status": "y"}}]}', "/entry/0/resource/status"),
        (b'{"a": {"b": 1, "b": 2}, "a": 3}', "/a"),
        (b'{"a": 1, "\\u0061": 2}', "/a"),
        (f'{{"{PATIENT_DATA}": {{"x": 1, "x": 2}}}}'.encode(), "/*/x"),
    ],
)
def test_a_repeated_name_is_refused_with_its_place(data: bytes, where: str) -> None:
    """Two readers would disagree about which of two values holds; a name that is no element's is not repeated."""
    with pytest.raises(MalformedError) as refused:
        parse(data)
    assert refused.value.where == where
    assert PATIENT_DATA not in str(refused.value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'"text"',
        b"{",
        b"{} {}",
        b'{"a": 01}',
        b'{"a": NaN}',
        b'{"a": 1,}',
        b'{"a": "\n"}',
        b'{"a": "\\ud800"}',
        b'{"a": "\xff"}',
        b"\xff\xfe{}",
        b'{"a": 1e99999999999999999999}',
        b'{"a": ' + b"9" * 100_000 + b"}",
        f'{{"name": "{PATIENT_DATA}" oops}}'.encode(),
    ],
)
def test_what_is_not_json_is_refused(data: bytes) -> None:
    """A refusal says what was read and holds nothing of it, nor does any error that it came from."""
    with pytest.raises(MalformedError) as refused:
        parse(data)
    assert refused.value.what == "patient summary"
    assert PATIENT_DATA not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_byte_order_mark_is_no_reason_to_refuse() -> None:
    """Some systems write one."""
    assert parse(b"\xef\xbb\xbf" + b'{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    ("data", "unit"),
    [
        (b" " * (MAX_BYTES + 1), "bytes"),
        (b'{"a":' + b"[" * 100_000, "levels"),
        (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), "levels"),
        (b'{"a":[' + b"{}," * MAX_VALUES + b"{}]}", "values"),
        (b'{"a":[' + b'"",' * (MAX_QUOTES // 2) + b'""]}', "quotation marks"),
        (b'{"a":"' + b'\\"' * MAX_QUOTES + b'"}', "quotation marks"),
        (b'{"entry":[' + b"{}," * 10_000_000, "bytes"),
    ],
    ids=["bytes", "depth of 100,000", "depth", "values", "strings", "escapes", "10 million entries"],
)
def test_hostile_sizes_are_refused_at_once(data: bytes, unit: str) -> None:
    """Nothing is decoded, so that a refusal costs one look at the bytes, and says which bound was met."""
    start = time.perf_counter()
    with pytest.raises(TooLargeError) as refused:
        parse(data)
    assert refused.value.unit == unit
    assert refused.value.size > refused.value.limit
    assert time.perf_counter() - start < 1


def test_brackets_in_strings_are_no_depth() -> None:
    """A text full of brackets, quotes and backslashes is a text."""
    text = '[{"\\' * 100
    assert parse(encode({"text": text})) == {"text": text}


def test_too_many_entries_are_refused() -> None:
    """The number of entries has a bound of its own."""
    paper = PaperSummary()
    paper.bundle["entry"] += [{}] * MAX_ENTRIES
    with pytest.raises(TooLargeError, match="entries"):
        paper.read()


def _listed_again_and_again(paper: PaperSummary) -> None:
    paper.add("story", observation("Story", "x y " * 100_000))
    paper.sections[1]["entry"] += [link("story")] * 1_000


def _panels_of_one(paper: PaperSummary) -> None:
    paper.add("one", observation("One", "1"))
    paper.tell("30954-2", "panel", observation("Panel", "", hasMember=[link("one")] * 3_000))["entry"] *= 3_000


@pytest.mark.parametrize("grow", [_listed_again_and_again, _panels_of_one])
def test_repetition_is_bounded(grow: Callable[[PaperSummary], None]) -> None:
    """A document that is small because it refers to the same thing again and again takes no hours and no gigabytes."""
    paper = PaperSummary()
    grow(paper)
    assert len(paper.data) < 1_000_000
    with pytest.raises(TooLargeError, match="repetitions counted"):
        paper.read()


def test_what_many_refer_to_is_no_repetition_too_many() -> None:
    """Five thousand results of one laboratory are a large summary, and are read."""
    paper = PaperSummary()
    for number in range(5_000):
        paper.add(f"r{number}", observation("Potassium", "4.7", performer=[link("author")]))
    assert len(list(paper.read().facts)) == 5_003


def test_walks_keep_the_order_of_the_document() -> None:
    """Objects, strings and items come in the order in which they stand, with their places."""
    tree: Tree = {"a": [{"b": "1"}, [{"c~/": "2"}, "3"]], "d": {"e": "4"}}
    assert [place for place, _ in objects(tree)] == ["", "/a/0", "/a/1/0", "/d"]
    assert list(texts(tree)) == [("b", "1"), ("c~/", "2"), ("a", "3"), ("e", "4")]
    assert [place for place, _ in items(tree["a"], "/a")] == ["/a/0", "/a/1/0", "/a/1/1"]
    assert list(items("alone", "/x")) == [("/x", "alone")]
    assert not list(items(None, "/x"))
