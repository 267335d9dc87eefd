"""Mutated summaries: whatever is dropped, doubled, retyped, reordered or buried, they are read or refused by type.

Each example changes a good document in a few random places.
"""

import copy
import json
from collections import Counter
from typing import TypeAlias

from hypothesis import given, strategies as st

from hospes.core.errors import MalformedError, TooLargeError
from hospes.core.summary import Cut, SectionKind, Summary, cut_emergency, encode, read, render_text
from hospes.core.summary.layout import cells
from hospes.core.summary.tree import Json, JsonObject, as_object, as_text, items
from hospes.core.summary.words import speaks_of_penicillin
from tests.core.summary.paper_summary import PaperSummary, condition, observation, procedure
from tests.core.summary.places import TRAVELLER

Token: TypeAlias = str | int
Path: TypeAlias = tuple[Token, ...]

SELF_CONTAINED = frozenset({"AllergyIntolerance", "Condition", "Immunization", "Procedure"})
"""Types whose text depends on no other entry."""
OTHERS: list[Json] = [
    None,
    True,
    0,
    "",
    "x",
    [],
    {},
    [[]],
    {"resourceType": "Patient"},
    "2026-02-30",
    "urn:uuid:patient",
]
"""What stands where something else should."""


def _rich() -> JsonObject:
    paper = PaperSummary()
    paper.tell("11450-4", "gout", condition("Gout", "resolved", abatementDateTime="2020"))
    paper.tell("11450-4", "mood", condition("Depressive disorder"))
    paper.tell("47519-4", "hip", procedure("Hip replacement", "2018-10-23"))
    paper.tell("30954-2", "potassium", observation("Potassium", "4.7"))
    return paper.bundle


BASES: tuple[JsonObject, ...] = (_rich(), json.loads(TRAVELLER.read_bytes()))


def _members(value: Json) -> list[tuple[Token, Json]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


def _paths(value: Json, path: Path = ()) -> list[Path]:
    """Return the paths of everything below a value."""
    below = ([(*path, token), *_paths(child, (*path, token))] for token, child in _members(value))
    return [found for group in below for found in group]


PATHS = tuple(_paths(base) for base in BASES)


def _get(holder: Json, token: Token) -> Json:
    return dict(_members(holder)).get(token)


def _set(holder: Json, token: Token, value: Json) -> None:
    match holder, token:
        case dict(), str():
            holder[token] = value
        case list(), int():
            holder[token] = value
        case _:
            pass


def _drop(holder: Json, token: Token) -> None:
    match holder, token:
        case dict(), str():
            del holder[token]
        case list(), int():
            del holder[token]
        case _:
            pass


def _reorder(holder: Json, token: Token, draw: st.DrawFn) -> None:
    """Turn a list round, or let two members of an object change places."""
    if isinstance(holder, list):
        holder.reverse()
    elif isinstance(holder, dict) and isinstance(token, str):
        other = draw(st.sampled_from(sorted(holder)))
        holder[token], holder[other] = holder[other], holder[token]


def _double(holder: Json, token: Token, draw: st.DrawFn) -> None:
    if isinstance(holder, list):
        holder.insert(draw(st.integers(0, len(holder))), copy.deepcopy(_get(holder, token)))


def _deepen(holder: Json, token: Token, draw: st.DrawFn) -> None:
    buried: Json = _get(holder, token)
    for _ in range(draw(st.sampled_from((1, 2, 60)))):
        buried = _wrapped(buried, as_list=draw(st.booleans()))
    _set(holder, token, buried)


def _wrapped(value: Json, *, as_list: bool) -> Json:
    return [value] if as_list else {"x": value}


def _mutate(document: JsonObject, path: Path, draw: st.DrawFn) -> None:
    """Change the place that a path leads to, if an earlier change left one."""
    holder: Json = document
    for token in path[:-1]:
        holder = _get(holder, token)
    token = path[-1]
    if token not in dict(_members(holder)):
        return
    match draw(st.sampled_from(("drop", "double", "retype", "reorder", "deepen"))):
        case "drop":
            _drop(holder, token)
        case "double":
            _double(holder, token, draw)
        case "retype":
            _set(holder, token, copy.deepcopy(draw(st.sampled_from(OTHERS))))
        case "reorder":
            _reorder(holder, token, draw)
        case _:
            _deepen(holder, token, draw)


@st.composite
def mutants(draw: st.DrawFn) -> tuple[JsonObject, JsonObject]:
    """Draw a document and a mutant of it."""
    which = draw(st.sampled_from((0, 0, 0, 1)))
    mutant = copy.deepcopy(BASES[which])
    for _ in range(draw(st.integers(1, 4))):
        _mutate(mutant, draw(st.sampled_from(PATHS[which])), draw)
    return BASES[which], mutant


def _told(entry: Json) -> str:
    """Return the text that an entry of a self-contained type must be told by, or nothing."""
    resource = as_object(as_object(entry).get("resource"))
    if as_text(resource.get("resourceType")) not in SELF_CONTAINED:
        return ""
    return as_text(as_object(resource.get("code") or resource.get("vaccineCode")).get("text"))


def _survivors(base: JsonObject, mutant: JsonObject) -> Counter[str]:
    """Return the texts of the entries that no mutation touched."""
    before = {json.dumps(entry) for _, entry in items(base["entry"], "") if _told(entry)}
    after = mutant.get("entry")
    untouched = [entry for entry in (after if isinstance(after, list) else []) if json.dumps(entry) in before]
    return Counter(map(_told, untouched))


def _read(data: bytes) -> Summary | None:
    """Return the summary, or nothing if it was refused as it should be."""
    try:
        return read(data)
    except (MalformedError, TooLargeError) as refused:
        if "Eva" in str(refused):
            raise
        return None


@given(mutants())
def test_a_mutant_is_read_or_refused_by_type(pair: tuple[JsonObject, JsonObject]) -> None:
    """It comes back equal, is shown, is cut, and no fact is lost for the fault of another entry."""
    base, mutant = pair
    summary = _read(json.dumps(mutant).encode())
    if summary is None:
        return
    assert json.loads(encode(summary.document)) == mutant
    told = Counter(fact.text for fact in summary.facts)
    assert not _survivors(base, mutant) - told
    assert all(cells(line.text) <= 60 for line in render_text(summary, 60))
    cut = _cut(summary)
    if cut is not None:
        _check_cut(summary, cut)


def test_a_record_whose_cut_could_not_be_read_is_not_cut() -> None:
    """A cut repeats the identifier deeper than the record has it; beyond the bound it is refused, and not deposited."""
    deepest: JsonObject = {"value": "1"}
    refused = 0
    for _ in range(70):
        deepest = {"assigner": deepest}
        document = copy.deepcopy(BASES[0])
        document["identifier"] = {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:1", "assigner": deepest}
        summary = _read(json.dumps(document).encode())
        if summary is not None:
            cut = _cut(summary)
            refused += cut is None
            if cut is not None:
                read(cut.data)
    assert 0 < refused < 10


def _cut(summary: Summary) -> Cut | None:
    try:
        return cut_emergency(summary)
    except TooLargeError:
        return None


def _check_cut(summary: Summary, cut: Cut) -> None:
    """Check that a cut is a document, counts every fact, and carries every allergy and every word of penicillin."""
    emergency = read(cut.data)
    assert cut.carried + cut.left_out == len(list(summary.facts))
    allergies = Counter(fact.text for fact in summary.of(SectionKind.ALLERGIES))
    assert not allergies - Counter(fact.text for fact in emergency.facts)
    assert any(map(speaks_of_penicillin, _words(emergency))) or not any(map(speaks_of_penicillin, _words(summary)))
    assert json.loads(cut.data)["entry"][0]["resource"]["resourceType"] == "Composition"


def _words(summary: Summary) -> list[str]:
    told = [fact.text for fact in summary.facts if "Medic" not in fact.resource_type]
    return told + [block for part in summary.sections for block in part.narrative]


@given(st.binary(max_size=60), st.integers(0, 2_000), st.integers(0, 2_000))
def test_torn_bytes_are_read_or_refused_by_type(noise: bytes, start: int, length: int) -> None:
    """A document of which a part was overwritten or lost in transport is never a crash."""
    data = PaperSummary().data
    torn = data[:start] + noise + data[start + length :]
    summary = _read(torn)
    assert summary is None or summary.data == torn
