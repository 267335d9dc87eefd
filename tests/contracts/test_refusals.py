"""The reasons of the contracts and what the library says of them."""

import re

import pytest
from eth_abi.abi import encode as abi_encode
from hypothesis import given, strategies as st

from hospes.contracts.refusals import ADVICE, UNKNOWN, ContractRefusedError, refusal
from hospes.contracts.storage import NotOnChainError
from hospes.core.errors import TABLE
from tests.contracts.conftest import SOURCES

_ASSERT = re.compile(r'^\s*assert .*, "([^"]*)"$', re.MULTILINE)
_ANY_ASSERT = re.compile(r"^\s*assert ", re.MULTILINE)


def test_every_reason_of_the_sources_has_advice() -> None:
    """The sources and the table have the same reasons, in snake case, and no check goes without one."""
    texts = [path.read_text() for path in SOURCES.glob("*.vy")]
    reasons = {reason for text in texts for reason in _ASSERT.findall(text)}
    assert reasons == set(ADVICE) - {UNKNOWN}
    assert all(re.fullmatch(r"[a-z0-9_]{1,32}", reason) for reason in reasons)
    for text in texts:
        assert len(_ANY_ASSERT.findall(text)) == len(_ASSERT.findall(text))


@pytest.mark.parametrize("reason", ADVICE)
def test_a_refusal_says_what_to_do(reason: str) -> None:
    """The data of a revert become an error that keeps the reason and says what to do."""
    data = bytes.fromhex("08c379a0") + abi_encode(["string"], [reason])
    error = refusal(data)
    assert isinstance(error, ContractRefusedError)
    assert error.reason == reason
    assert ADVICE[reason] in str(error)


@given(st.binary(max_size=200))
def test_revert_data_without_a_reason_are_unknown(data: bytes) -> None:
    """Whatever a call reverts with, there is an error for it."""
    assert refusal(data).reason == UNKNOWN
    assert refusal(bytes.fromhex("08c379a0") + data).reason in ADVICE


@pytest.mark.parametrize(
    ("size", "text"), [(2, b"\xff\xfe"), (2**256 - 1, b"ended")], ids=["not UTF-8", "longer than any memory"]
)
def test_a_reason_that_nobody_can_read_is_unknown(size: int, text: bytes) -> None:
    """A node may invent revert data; a text that is none becomes the error of every other unknown reason."""
    data = (32).to_bytes(32) + size.to_bytes(32) + text.ljust(32, b"\0")
    assert refusal(bytes.fromhex("08c379a0") + data).reason == UNKNOWN


@given(st.text(max_size=80))
def test_a_foreign_reason_is_not_repeated(reason: str) -> None:
    """Text that is no reason of ours, which may say anything, does not come into a message."""
    error = refusal(bytes.fromhex("08c379a0") + abi_encode(["string"], [reason]))
    assert error.reason == (reason if reason in ADVICE else UNKNOWN)


@pytest.mark.parametrize("error", [ContractRefusedError, NotOnChainError])
def test_errors_have_their_row(error: type[ContractRefusedError] | type[NotOnChainError]) -> None:
    """The errors of this part look outside as the table says."""
    assert error.slug in TABLE
