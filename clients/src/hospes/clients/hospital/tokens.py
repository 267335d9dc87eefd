"""Who may ask: a token stands for a practitioner, a purpose, and whether they may break the glass, until some day.

The file holds hashes of tokens, never tokens. It is looked at for every call that has a token, and read again when it
changed, so that taking somebody's line out ends what they may do. Whether a practitioner is who the hospital says is
the hospital's word.

Sources: RFC 6750 (bearer tokens), RFC 9110 section 11.4 (the scheme's case does not matter).
"""

import re
import threading
from collections.abc import Iterable, Mapping
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


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read, and of which file: its inode, size and times."""

    stamp: tuple[int, ...]
    badges: tuple[Badge, ...]
    by_hash: Mapping[Hash, Badge]


_NOBODY: Final = _Read((), (), {})


class Tokens:
    """The badges of one gateway; may be used by several threads.

    Parameters
    ----------
    path : Path
        The file; without it nobody may ask.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: _Read | None = None
        self._reading = threading.Lock()

    def badge(self, authorization: str, now: float) -> Badge:
        """Return the badge of the token in the header ``Authorization``; without a token no file is looked at.

        Raises
        ------
        TokenError
            When there is no token, nobody has it, or it has expired.
        ConfigurationError
            When the file cannot be read.
        """
        token_hash = hash_in(authorization)
        return _valid(self._known().by_hash.get(token_hash), now)

    def all(self) -> tuple[Badge, ...]:
        """Return every badge, expired ones too."""
        return self._known().badges

    def _known(self) -> _Read:
        """Return the badges, read again only when the file is another one than before."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return _NOBODY
        except OSError as error:
            raise self._unreadable(error) from error
        if status.st_mode & 0o077:
            reason = f"others can read or change who may ask; run: chmod 600 {self._path}"
            raise ConfigurationError(str(self._path), reason)
        stamp = status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        with self._reading:  # of many calls that find a new file, one reads it
            if self._read is None or self._read.stamp != stamp:
                badges = self._badges()
                self._read = _Read(stamp, badges, _by_hash(badges))
            return self._read

    def _badges(self) -> tuple[Badge, ...]:
        try:
            return wire.decode(_File, self._path.read_bytes(), limit=MAX_BADGES * 1024).badges
        except OSError as error:
            raise self._unreadable(error) from error
        except HospesError as error:
            raise ConfigurationError(str(self._path), f"this is not a file of tokens ({error})") from error

    def _unreadable(self, error: OSError) -> ConfigurationError:
        return ConfigurationError(str(self._path), f"the tokens cannot be read ({error.strerror})")

    def add(self, badge: Badge, now: float) -> None:
        """Write one more badge into the file, and leave out those that have expired."""
        kept = tuple(each for each in self.all() if each.not_after > now)
        write_private(self._path, wire.encode(_File((*kept, badge))))


def hash_of(token: str) -> Hash:
    """Return what the file holds of a token."""
    return keccak(token.encode())


def hash_in(authorization: str) -> Hash:
    """Return the hash of the token in a header, or raise `TokenError`."""
    bearer = _BEARER.fullmatch(authorization)
    if bearer is None:
        raise TokenError(NO_TOKEN)
    return hash_of(bearer["token"])


def find_badge(authorization: str, badges: Iterable[Badge], now: float) -> Badge:
    """Return the badge that a header's token stands for, or raise `TokenError`.

    Badges are found by the hash of the token, of which a caller can choose no part: how long it takes tells nothing.
    """
    return _valid(_by_hash(badges).get(hash_in(authorization)), now)


def _by_hash(badges: Iterable[Badge]) -> Mapping[Hash, Badge]:
    return {badge.token_hash: badge for badge in badges}


def _valid(found: Badge | None, now: float) -> Badge:
    if found is None:
        raise TokenError(UNKNOWN)
    if now >= found.not_after:
        raise TokenError(EXPIRED)
    return found
