"""JSON on the wire: one spelling out, strict reading in."""

import json
import tracemalloc
from dataclasses import dataclass

import pytest
from hypothesis import given, strategies as st

from hospes.core import wire
from hospes.core.bodies import AccessBox, RelayRequest, ShareBox
from hospes.core.errors import HospesError, MalformedError, TooLargeError
from hospes.core.identities import ZERO_HASH, Address, Country
from hospes.core.messages import Consent, Deposit, Grant, Inquiry
from tests.simulators.strategies import consents, deposits

INQUIRY = Inquiry(Address(bytes(20)), Address(b"\x01" * 20), 7, 1_795_000_000)
TEXT = wire.encode(INQUIRY)
TREE: dict[str, object] = json.loads(TEXT)


@dataclass(frozen=True)
class Named:
    """One text without a rule of its own."""

    hospital: str


def test_form() -> None:
    """Names are camelCase, integers decimal strings, bytes 0x lower case, keys sorted."""
    expected = {"at": "1795000000", "fromNumber": "7", "journey": "0x" + "00" * 20, "keeper": "0x" + "01" * 20}
    assert json.dumps(expected, sort_keys=True, separators=(",", ":")).encode() == TEXT
    assert wire.decode(Inquiry, TEXT) == INQUIRY


@given(deposits(), consents())
def test_everything_written_is_read_back(deposit: Deposit, consent: Consent) -> None:
    """What one side sends is what the other side gets."""
    assert wire.decode(Deposit, wire.encode(deposit)) == deposit
    assert wire.decode(Consent, wire.encode(consent)) == consent


WITHOUT_AT = {key: value for key, value in TREE.items() if key != "at"}


@pytest.mark.parametrize(
    ("tree", "reason"),
    [
        (TREE | {"at": 1795000000}, "expected a string"),
        (TREE | {"at": "01795000000"}, "decimal digits"),
        (TREE | {"at": "-1"}, "decimal digits"),
        (TREE | {"at": "٣"}, "decimal digits"),
        (TREE | {"at": "1" * 79}, "decimal digits"),
        (TREE | {"at": str(2**64)}, "does not fit uint64"),
        (TREE | {"journey": "0x" + "0A" * 20}, "lower-case"),
        (TREE | {"journey": "00" * 20}, "expected 0x"),
        (TREE | {"journey": "0x" + "00" * 19}, "expected 20 bytes"),
        (TREE | {"journey": None}, "expected a string"),
        (TREE | {"extra": "1"}, "unknown key extra"),
        (WITHOUT_AT, "missing"),
        ([TREE], "expected an object"),
    ],
)
def test_every_other_form_is_refused(tree: object, reason: str) -> None:
    """A second spelling of a value, an unknown or a missing key is a typed error that says where."""
    with pytest.raises(MalformedError, match=reason):
        wire.decode(Inquiry, json.dumps(tree).encode())


BROKEN = {
    "empty": b"",
    "cut": b"{",
    "not UTF-8": b"\xff\xfe",
    "word": b"nul",
    "NaN": b'{"at":NaN}',
    "twice": b'{"at":"1","at":"2"}',
    "deep object": b'{"a":' * 100_000,
    "deep list": b"[" * 100_000,
    "endless string": b'"' + b'\\"' * 500_000,
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_what_is_not_json_is_refused(data: bytes) -> None:
    """Broken, ambiguous and bottomless JSON is a typed error, never a crash."""
    with pytest.raises(MalformedError):
        wire.decode(Inquiry, data)


def test_half_a_surrogate_pair_is_refused() -> None:
    """What could not be written again is not read: a report of it must not fail later."""
    named = b'{"hospital":"h\\ud800"}'
    with pytest.raises(MalformedError, match="surrogate"):
        wire.decode(Named, named)
    assert wire.decode(Named, b'{"hospital":"h\\ud83d\\ude00"}') == Named("h\U0001f600")


def test_size_is_bounded() -> None:
    """One byte, or one value, more than allowed is refused before it is read."""
    with pytest.raises(TooLargeError, match="bytes"):
        wire.decode(Inquiry, b" " * (wire.MAX_BYTES + 1))
    with pytest.raises(TooLargeError, match="values"):
        wire.decode(Inquiry, b"[" + b"[]," * (wire.MAX_VALUES // 2) + b"[]]", limit=1 << 26)


@pytest.mark.parametrize("filling", [b"a", b'\\"', b"[]"], ids=["letters", "escapes", "brackets"])
def test_reading_takes_memory_in_proportion(filling: bytes) -> None:
    """A message of the largest size costs a service a few times its length, whatever its strings hold."""
    text = b'{"hospital":"' + filling * (1_000_000 // len(filling)) + b'"}'
    tracemalloc.start()
    try:
        assert len(wire.decode(Named, text).hospital) >= 500_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * len(text)


def test_free_text_of_a_key_is_not_repeated() -> None:
    """An unknown key may be somebody's illness, so a message does not quote it."""
    with pytest.raises(MalformedError) as caught:
        wire.decode(Inquiry, b'{"has atrial fibrillation":"1"}')
    assert "fibrillation" not in str(caught.value)


def test_a_nested_error_says_where() -> None:
    """The path leads through objects and lists to the field."""
    grant = json.loads(
        wire.encode(Grant("country:PT", ("imaging",), ("treatment",), (Country("PT"),), 1, 2, ZERO_HASH, ZERO_HASH))
    )
    tree = {"deadline": "1", "grants": [grant | {"salt": "0x00"}]}
    with pytest.raises(MalformedError) as caught:
        wire.decode(Consent, json.dumps(tree).encode())
    assert caught.value.where == "grants[0].salt"


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_anything_is_read_or_refused(data: bytes) -> None:
    """No bytes make the reader fail in another way than by a typed error."""
    for cls in (Inquiry, AccessBox, RelayRequest, ShareBox):
        with pytest.raises(HospesError):
            wire.decode(cls, data)
