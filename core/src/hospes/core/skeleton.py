"""The skeleton of JSON: what is left without its strings, so that it can be measured before anything is built from it.

It does not read JSON and judges nothing; the input need not be well formed. Time and memory are linear in its length.

Source: RFC 8259, section 7 (strings).
"""

import re
from typing import Final

_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
"""A string, or one that never ends: possessive, so that no input makes it look twice or remember where it was."""
_NO_BRACKETS: Final = bytes(sorted(set(range(256)) - set(b"[]{}")))
_STEP: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def skeleton(data: bytes) -> bytes:
    r"""Return JSON without its strings.

    >>> skeleton(b'{"a": ["[", "\\"{"]}')
    b'{: [, ]}'
    """
    return _STRING.sub(b"", data)


def depth(bones: bytes, limit: int) -> int:
    """Return the largest number of brackets open at once in a skeleton; above `limit` the first number that is.

    >>> depth(b"{: [, []]}", 9), depth(b"[" * 100, 9)
    (3, 10)
    """
    standing = deepest = 0
    for bracket in bones.translate(None, _NO_BRACKETS):
        standing += _STEP[bracket]
        deepest = max(deepest, standing)
        if deepest > limit:
            break
    return deepest
