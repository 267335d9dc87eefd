"""Shamir shares: any threshold of them gives the key back, fewer say nothing."""

import os
import random
from itertools import combinations

import pytest
from hypothesis import given, strategies as st

from hospes.core.errors import ShareError
from hospes.core.shares import combine, split
from tests.simulators.strategies import words


@given(words, st.integers(1, 8), st.integers(0, 4), st.randoms(use_true_random=False))
def test_any_threshold_of_shares_gives_the_key(key: bytes, threshold: int, more: int, draw: random.Random) -> None:
    """The key comes back from every choice of shares, in any order."""
    shares = split(key, threshold, threshold + more, draw.randbytes)
    chosen = draw.sample(shares, threshold)
    assert combine(chosen, threshold) == key


def test_the_field_is_that_of_the_protocol() -> None:
    """Shares equal the polynomial computed the slow way, by shift and reduction with 0x11b."""

    def times(a: int, b: int) -> int:
        product = 0
        while b:
            product ^= a if b & 1 else 0
            a = a << 1 ^ (0x11B if a & 0x80 else 0)
            b >>= 1
        return product

    key, slope = os.urandom(32), os.urandom(32)
    for share in split(key, 2, 255, lambda _: slope):
        assert share[1:] == bytes(k ^ times(s, share[0]) for k, s in zip(key, slope, strict=True))


def test_fewer_shares_say_nothing() -> None:
    """With one share missing every key is as possible as any other: some last share leads to it."""
    key, other = os.urandom(32), os.urandom(32)
    few = split(key, 3, 5, os.urandom)[:2]
    # The last share that makes `other` the key exists: solve for it, byte by byte.
    found = bytearray()
    for i in range(32):
        candidates = (x for x in range(256) if _with(few, i, x) == other[i])
        found.append(next(candidates))
    assert combine([*few, b"\x03" + bytes(found)], 3) == other


def _with(few: tuple[bytes, ...], i: int, value: int) -> int:
    last = b"\x03" + bytes(i) + bytes([value]) + bytes(31 - i)
    return combine([*few, last], 3)[i]


def test_three_of_four_are_not_enough() -> None:
    """Every set below the threshold is refused, and as many shares of a lower threshold give another key."""
    key = os.urandom(32)
    shares = split(key, 4, 7, os.urandom)
    for few in combinations(shares, 3):
        with pytest.raises(ShareError, match="3 of the 4"):
            combine(few, 4)
        assert combine(few, 3) != key


@pytest.mark.parametrize("x", [0, 1])
def test_zero_and_repeated_x_are_refused(x: int) -> None:
    """A share at zero would be the key itself; one x twice is one share only."""
    shares = split(bytes(32), 2, 3, os.urandom)
    with pytest.raises(ShareError, match="zero or stands twice"):
        combine([shares[0], bytes([x]) + shares[1][1:]], 2)


def test_sizes() -> None:
    """Keys and shares have one size, thresholds are possible."""
    for key, threshold, count in ((bytes(31), 1, 1), (bytes(32), 0, 1), (bytes(32), 2, 1), (bytes(32), 1, 256)):
        with pytest.raises(ShareError):
            split(key, threshold, count, os.urandom)
    with pytest.raises(ShareError, match="33 bytes"):
        combine([bytes(32)], 1)
    for threshold in (0, -1):
        with pytest.raises(ShareError, match="1 of the"):
            combine(split(bytes(32), 1, 1, os.urandom), threshold)
