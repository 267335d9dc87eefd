"""No byte of a bundle can change unnoticed."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, cast

import pytest
from hypothesis import given, settings, strategies as st

from hospes.clients.auditor import verify
from hospes.core.audit import AuditBundle
from hospes.core.errors import HospesError
from hospes.core.identities import Hash


def _passes(data: bytes, pin: Hash) -> bool:
    try:
        return verify(AuditBundle.decode(data), pin).proven
    except HospesError:
        return False


@pytest.fixture(scope="module")
def file(bundle: AuditBundle) -> bytes:
    """The bundle as it lies on a disk."""
    return bundle.encode()


def test_the_bundle_itself_passes(file: bytes, pin: Hash) -> None:
    """What follows would prove nothing about a bundle that never passed."""
    assert _passes(file, pin)


@settings(max_examples=150)
@given(place=st.integers(0, 10**9), change=st.integers(1, 255))
def test_any_changed_byte_is_found(file: bytes, pin: Hash, place: int, change: int) -> None:
    """One byte exchanged for any other, anywhere in the file, and it is refused or not proven."""
    at = place % len(file)
    assert not _passes(file[:at] + bytes([file[at] ^ change]) + file[at + 1 :], pin)


def _leaves(tree: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items: Iterable[tuple[object, object]] = ()
    if isinstance(tree, dict):
        items = cast("dict[object, object]", tree).items()
    elif isinstance(tree, list):
        items = enumerate(cast("list[object]", tree))
    else:
        yield path
    for key, value in items:
        yield from _leaves(value, (*path, key))


def _file(tree: object) -> bytes:
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _changed(text: str, place: int) -> str:
    """Return a text of the same form with one character changed."""
    digits = "0123456789abcdef" if text.startswith("0x") else "0123456789" if text.isdigit() else "abcdefgh"
    old = text[place]
    return text[:place] + next(digit for digit in digits[1:] if digit != old) + text[place + 1 :]


def test_every_value_is_bound(file: bytes, pin: Hash) -> None:
    """Each value of the file is changed in turn into another of the same form, at its last character."""
    tree = json.loads(file)
    unnoticed: list[tuple[Any, ...]] = []
    for path in _leaves(tree):
        *parents, last = path
        place = tree
        for key in parents:
            place = place[key]
        kept = place[last]
        place[last] = _changed(kept, len(kept) - 1)
        if _passes(_file(tree), pin):
            unnoticed.append(path)
        place[last] = kept
    assert unnoticed == []


def test_nothing_proven_can_be_left_out(file: bytes, pin: Hash) -> None:
    """Dropping an entry or an epoch is found; so is dropping what was shown, while its proofs stay behind."""
    tree = json.loads(file)
    for name in ("entries", "epochs"):
        for i in range(len(tree[name])):
            assert not _passes(_file(tree | {name: tree[name][:i] + tree[name][i + 1 :]}), pin)
    assert not _passes(_file(tree | {"answers": [], "receipts": []}), pin)
