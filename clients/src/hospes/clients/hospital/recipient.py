"""The key that the answers to one access are sealed to.

It decides nothing and is never written anywhere.

Sources: PROTOCOL section 5 ("A recipient key serves one access and is destroyed").
"""

from collections.abc import Callable
from typing import TypeAlias

from hospes.core.boxes import BoxSecret
from hospes.core.errors import BoxError
from hospes.core.identities import SECRET_BYTES

Entropy: TypeAlias = Callable[[int], bytes]
"""Returns that many random bytes."""


class Recipient:
    """A box key for one access, dropped after use.

    Python cannot promise to overwrite its memory; the process of a hospital is trusted with the record itself.

    Parameters
    ----------
    entropy : callable
    """

    def __init__(self, entropy: Entropy) -> None:
        self._secret: BoxSecret | None = BoxSecret(entropy(SECRET_BYTES))
        self.public = self._secret.public

    def open(self, box: bytes, info: bytes) -> bytes:
        """Open an answer's box, or raise `BoxError`; also after `destroy`."""
        if self._secret is None:
            raise BoxError("hospes/answer/1")
        return self._secret.open(box, info)

    def destroy(self) -> None:
        """Forget the key: nobody opens these answers again, whoever kept them."""
        self._secret = None
