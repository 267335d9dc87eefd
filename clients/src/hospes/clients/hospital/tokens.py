"""Who may ask: a token stands for a practitioner, a purpose, and whether they may break the glass, until some day.

The file holds hashes of tokens, never tokens. It is read for every call, so that taking somebody's line out ends what
they may do. Whether a practitioner is who the hospital says is the hospital's word.

Sources: RFC 6750 (bearer tokens), RFC 9110 section 11.4 (the scheme's case does not matter).
"""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hospes.clients.hospital.gateway_errors import TokenError
from hospes.core import wire
from hospes.core.errors import ConfigurationError, HospesError, MalformedError
from hospes.core.identities import HASH_BYTES, Hash, keccak
from hospes.core.messages import EMERGENCY, PURPOSES, check_text
from hospes.service.private_files import write_private

TOKEN_BYTES: Final = 32
"""Random bytes of a token: nobody guesses one, so a plain hash suffices to keep it."""
MAX_BADGES: Final = 10_000
_BEARER: Final = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +(?P<token>[A-Za-z0-9._~+/-]{1,256}=*)", re.ASCII)
NO_TOKEN: Final = "none came, or not as: Authorization: Bearer TOKEN"  # noqa: S105 - says what is missing
UNKNOWN: Final = "nobody here has this one"
EXPIRED: Final = "this one has expired; ask for a new one"


@dataclass(frozen=True, slots=True)
class Badge:
    """What a token stands for.

    Attributes
    ----------
    token_hash : Hash
        keccak256 of the token's characters.
    practitioner : str
        Who asks; the traveller will see it.
    purpose : str
        What for, when nothing is said; never `emergency`, which must be said each time.
    may_break_glass : bool
    not_after : int
        Unix seconds at which it expires.
    """

    token_hash: Hash
    practitioner: str
    purpose: str
    may_break_glass: bool
    not_after: int

    def __post_init__(self) -> None:
        """Refuse what no access could carry."""
        if len(self.token_hash) != HASH_BYTES:
            raise MalformedError("Badge", "tokenHash", f"expected {HASH_BYTES} bytes")
        check_text("Badge", "practitioner", self.practitioner)
        if self.purpose not in PURPOSES or self.purpose == EMERGENCY:
            raise MalformedError(
                "Badge", "purpose", "expected one of treatment, research; an emergency is said each time"
            )


@dataclass(frozen=True, slots=True)
class _File:
    badges: tuple[Badge, ...]


class Tokens:
    """The badges of one gateway.

    Parameters
    ----------
    path : Path
        The file; without it nobody may ask.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def badge(self, authorization: str, now: float) -> Badge:
        """Return the badge of the token in the header ``Authorization``.

        Raises
        ------
        TokenError
            When there is no token, nobody has it, or it has expired.
        ConfigurationError
            When the file cannot be read.
        """
        return find_badge(authorization, self.all(), now)

    def all(self) -> tuple[Badge, ...]:
        """Return every badge, expired ones too."""
        try:
            mode = self._path.stat().st_mode
            data = self._path.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise ConfigurationError(str(self._path), f"the tokens cannot be read ({error.strerror})") from error
        if mode & 0o077:
            reason = f"others can read or change who may ask; run: chmod 600 {self._path}"
            raise ConfigurationError(str(self._path), reason)
        try:
            return wire.decode(_File, data, limit=MAX_BADGES * 1024).badges
        except HospesError as error:
            raise ConfigurationError(str(self._path), f"this is not a file of tokens ({error})") from error

    def add(self, badge: Badge, now: float) -> None:
        """Write one more badge into the file, and leave out those that have expired."""
        kept = tuple(each for each in self.all() if each.not_after > now)
        write_private(self._path, wire.encode(_File((*kept, badge))))


def hash_of(token: str) -> Hash:
    """Return what the file holds of a token."""
    return keccak(token.encode())


def find_badge(authorization: str, badges: Sequence[Badge], now: float) -> Badge:
    """Return the badge that a header's token stands for, or raise `TokenError`.

    Every badge is compared, whichever fits, in a time that does not depend on how much of a hash agrees.
    """
    bearer = _BEARER.fullmatch(authorization)
    if bearer is None:
        raise TokenError(NO_TOKEN)
    wanted, found = hash_of(bearer["token"]), None
    for badge in badges:
        if hmac.compare_digest(badge.token_hash, wanted):
            found = badge
    if found is None:
        raise TokenError(UNKNOWN)
    if now >= found.not_after:
        raise TokenError(EXPIRED)
    return found
