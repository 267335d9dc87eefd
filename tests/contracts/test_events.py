"""Logs: what the contracts emit is decoded, and nothing else is."""

import pytest
from hypothesis import given, strategies as st

from hospes.contracts.artifacts import load
from hospes.contracts.events import ENTRY, decode_entry, decode_event, events
from hospes.core.chain import Entry, EntryKind
from hospes.core.errors import MalformedError
from hospes.core.identities import Address, Hash, keccak

JOURNEY = Address(b"j" * 20)
words = st.binary(min_size=32, max_size=32)


def topics(number: int = 7) -> list[bytes]:
    """Return the topics of an entry's log."""
    return [ENTRY, JOURNEY.rjust(32, b"\0"), number.to_bytes(32)]


def body(kind: int = 1, time: int = 9) -> bytes:
    """Return the data of an entry's log."""
    return kind.to_bytes(32) + (b"a" * 20).rjust(32, b"\0") + b"h" * 32 + time.to_bytes(32)


@pytest.mark.parametrize("kind", EntryKind)
def test_an_entry_is_decoded(kind: EntryKind) -> None:
    """Topics and data of a log give an entry with the number of its block."""
    expected = Entry(JOURNEY, 7, kind, Address(b"a" * 20), Hash(b"h" * 32), 42, 9)
    assert decode_entry(topics(), body(kind), 42) == expected


def test_the_entrys_topic_is_that_of_the_protocols_event() -> None:
    """The event has exactly the fields of the protocol, in its order."""
    event = next(event for event in load()["access_log"].events if event.name == "Entry")
    shown = [(each.kind, each.indexed, each.name) for each in event.inputs]
    assert shown == [
        ("address", True, "journey"),
        ("uint64", True, "number"),
        ("uint8", False, "kind"),
        ("address", False, "account"),
        ("bytes32", False, "entryHash"),
        ("uint64", False, "time"),
    ]
    assert event.topic == ENTRY == keccak(b"Entry(address,uint64,uint8,address,bytes32,uint64)")


@pytest.mark.parametrize(
    ("given_topics", "data", "reason"),
    [
        ([], body(), "no contract of Hospes has this event"),
        ([b"x" * 32], body(), "no contract of Hospes has this event"),
        (topics()[:2], body(), "expected 3, got 2"),
        ([*topics(), bytes(32)], body(), "expected 3, got 4"),
        (topics(1 << 64), body(), "do not decode"),
        ([ENTRY, b"\1" * 32, bytes(32)], body(), "do not decode"),
        ([ENTRY, JOURNEY, bytes(32)], body(), "do not decode"),
        (topics(), body()[:-1], "do not decode"),
        (topics(), body() + bytes(32), "not in canonical form"),
        (topics(), body(kind=256), "do not decode"),
        (topics(), body(kind=0), "no such kind of entry"),
        (topics(), body(kind=7), "no such kind of entry"),
        ([keccak(b"Executed(uint256)"), bytes(32)], b"", "another"),
    ],
)
def test_what_is_no_entry(given_topics: list[bytes], data: bytes, reason: str) -> None:
    """A log with other topics, other data or another event is a typed error."""
    with pytest.raises(MalformedError, match=reason):
        decode_entry(given_topics, data, 1)


@given(st.lists(words, max_size=4), st.binary(max_size=160))
def test_noise_is_a_typed_error(given_topics: list[bytes], data: bytes) -> None:
    """Bytes that are no event are malformed, whatever they are, behind a known topic too."""
    for first in ([], [ENTRY]):
        try:
            decode_event([*first, *given_topics], data)
        except MalformedError:
            continue
        assert first


def test_events_have_topics_of_their_own() -> None:
    """No two events of the contracts share a topic, so a log tells what it is."""
    assert len(events()) == sum(len(artifact.events) for artifact in load().values())
