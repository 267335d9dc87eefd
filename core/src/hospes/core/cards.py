"""The card: journey and gate secret, printed, so that a hospital can help somebody who cannot speak.

It does not draw a QR code; the QR code holds the text of `encode`.

Sources: PROTOCOL section 1 ("Card"), RFC 4648 section 6 (base32).
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from hospes.core.errors import MalformedError
from hospes.core.identities import ADDRESS_BYTES, Address, Hash, keccak

GATE_SECRET_BYTES: Final = 16
_VERSION: Final = 1
_SIZE: Final = 1 + 8 + ADDRESS_BYTES + GATE_SECRET_BYTES + 4
_LOOK_ALIKES: Final = str.maketrans({"0": "O", "1": "I", "8": "B", "-": None})
"""Digits that base32 does not have are read as the letters they are mistaken for; dashes are skipped."""


@dataclass(frozen=True, slots=True)
class Card:
    """What the card says.

    Attributes
    ----------
    chain_id : int
    journey : Address
    gate_secret : bytes
        16 random bytes; `gate` is their hash.
    """

    chain_id: int
    journey: Address
    gate_secret: bytes

    def __post_init__(self) -> None:
        """Refuse values of the wrong size."""
        if len(self.journey) != ADDRESS_BYTES or len(self.gate_secret) != GATE_SECRET_BYTES:
            raise MalformedError("card", "", "expected a journey of 20 and a gate secret of 16 bytes")
        if not 0 <= self.chain_id < 1 << 64:
            raise MalformedError("card", "", "expected a chain id below 2**64")

    @property
    def gate(self) -> Hash:
        """What grants name: the hash of the secret."""
        return gate_of(self.gate_secret)

    def encode(self) -> str:
        """Return the text of the card: base32 in groups of four."""
        body = bytes([_VERSION]) + self.chain_id.to_bytes(8) + self.journey + self.gate_secret
        text = base64.b32encode(body + keccak(body)[:4]).decode().rstrip("=")
        return " ".join(text[i : i + 4] for i in range(0, len(text), 4))

    @classmethod
    def decode(cls, text: str) -> "Card":
        """Read a card as scanned or typed: case, white space, dashes and look-alike digits do not matter.

        Raises
        ------
        MalformedError
            When a character is missing or wrong; the checksum misses one typing error in four thousand million.
        """
        letters = "".join(text.split()).translate(_LOOK_ALIKES).upper()
        try:
            data = base64.b32decode(letters + "=" * (-len(letters) % 8))
        except (binascii.Error, ValueError) as error:
            raise MalformedError("card", "", "a character does not belong to a card") from error
        if len(data) != _SIZE:
            raise MalformedError("card", "", "some characters are missing or too many")
        if keccak(data[:-4])[:4] != data[-4:] or data[0] != _VERSION:
            raise MalformedError("card", "", "the checksum does not fit; please compare it with the printed card")
        card = cls(int.from_bytes(data[1:9]), Address(data[9:29]), data[29:45])
        if card.encode().replace(" ", "") != letters:
            raise MalformedError("card", "", "the last character does not fit; please compare it with the printed card")
        return card


def gate_of(secret: bytes) -> Hash:
    """Return the gate of a gate secret."""
    return keccak(secret)
