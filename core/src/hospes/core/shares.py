"""Shamir shares of a record's key: any `threshold` of them give it back, fewer say nothing about it.

Arithmetic is on tables, so its time depends on the bytes: split and combine run on the traveller's and the hospital's
own machine, never on a keeper's answer path. Authenticity of a share is its hash in the deposit, not checked here.

Sources: Shamir, How to share a secret (CACM 22, 1979); field GF(2^8) with 0x11b as in FIPS 197; PROTOCOL section 4.
"""

from collections.abc import Callable, Sequence
from typing import Final

from hospes.core.errors import ShareError

KEY_BYTES: Final = 32
SHARE_BYTES: Final = 1 + KEY_BYTES
MAX_SHARES: Final = 255
"""Non-zero elements of the field."""


def _tables() -> tuple[list[int], list[int]]:
    exponents, logarithms, value = [0] * 510, [0] * 256, 1
    for power in range(MAX_SHARES):
        exponents[power] = exponents[power + MAX_SHARES] = value
        logarithms[value] = power
        value ^= value << 1  # times 3, a generator of the multiplicative group
        if value & 0x100:
            value ^= 0x11B
    return exponents, logarithms


_EXP, _LOG = _tables()


def split(key: bytes, threshold: int, count: int, entropy: Callable[[int], bytes]) -> tuple[bytes, ...]:
    """Return `count` shares of `key`; the i-th (from 0) has x = i + 1.

    Parameters
    ----------
    key : bytes
        32 bytes.
    threshold, count : int
        ``1 <= threshold <= count <= 255``.
    entropy : callable
        Returns that many random bytes; `os.urandom` in production.

    Raises
    ------
    ShareError
        For a key of another size or an impossible threshold.
    """
    if len(key) != KEY_BYTES:
        raise ShareError(f"the key has {len(key)} bytes, not {KEY_BYTES}")
    if not 1 <= threshold <= count <= MAX_SHARES:
        raise ShareError(f"a threshold of {threshold} of {count} is impossible")
    higher = [entropy(KEY_BYTES) for _ in range(threshold - 1)]
    rows = list(zip(key, *higher, strict=True))
    return tuple(bytes([x]) + bytes(_evaluate(row, x) for row in rows) for x in range(1, count + 1))


def combine(shares: Sequence[bytes], threshold: int) -> bytes:
    """Return the key from the first `threshold` of `shares`.

    Raises
    ------
    ShareError
        For too few shares, a threshold below one (no share at all would give a key of zeros), a wrong size, or a zero
        or repeated x. Wrong bytes give a wrong key: check `key_check`.
    """
    if not 1 <= threshold <= len(shares):
        raise ShareError(f"{len(shares)} of the {threshold} needed")
    chosen = shares[:threshold]
    if any(len(share) != SHARE_BYTES for share in chosen):
        raise ShareError(f"a share does not have {SHARE_BYTES} bytes")
    xs = [share[0] for share in chosen]
    if 0 in xs or len(set(xs)) != len(xs):
        raise ShareError("an x is zero or stands twice")
    weights = [_weight(x, xs) for x in xs]
    key = bytearray(KEY_BYTES)
    for share, weight in zip(chosen, weights, strict=True):
        for i in range(KEY_BYTES):
            key[i] ^= _times(weight, share[1 + i])
    return bytes(key)


def _times(a: int, b: int) -> int:
    return _EXP[_LOG[a] + _LOG[b]] if a and b else 0


def _evaluate(coefficients: Sequence[int], x: int) -> int:
    """Return the polynomial at x by Horner's rule; the constant term comes first."""
    value = 0
    for coefficient in reversed(coefficients):
        value = _times(value, x) ^ coefficient
    return value


def _weight(x: int, xs: Sequence[int]) -> int:
    """Return Lagrange's weight of `x` at zero: the product of other / (other - x)."""
    power = sum(_LOG[other] - _LOG[other ^ x] for other in xs if other != x)
    return _EXP[power % MAX_SHARES]
