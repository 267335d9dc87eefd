"""A member's own keys, and the file they are kept in.

It does not make a member: the registry does, by votes.
"""

from dataclasses import dataclass
from pathlib import Path

from hospes.core import wire
from hospes.core.boxes import BoxSecret
from hospes.core.errors import ConfigurationError, HospesError
from hospes.core.identities import Account, MemberId, member_id
from hospes.service.private_files import write_private


@dataclass(frozen=True, slots=True)
class MemberKeys:
    """Who a service acts as.

    Attributes
    ----------
    id : MemberId
    account : Account
        Sends transactions and signs answers.
    box : BoxSecret
        Opens what is sealed to the member.
    """

    id: MemberId
    account: Account
    box: BoxSecret


@dataclass(frozen=True, slots=True)
class _File:
    id: MemberId
    account_secret: bytes
    box_secret: bytes


def store_member(path: Path, keys: MemberKeys) -> None:
    """Write the file, readable by its owner only, whole or not at all."""
    write_private(path, wire.encode(_File(keys.id, keys.account.secret, keys.box.secret)))


def load_member(path: Path) -> MemberKeys:
    """Read the file.

    Raises
    ------
    ConfigurationError
        When it is missing, not a member's file, or readable by others.
    """
    try:
        data = path.read_bytes()
        mode = path.stat().st_mode & 0o777
    except OSError as error:
        raise ConfigurationError(str(path), f"the member's keys cannot be read ({error.strerror})") from error
    if mode & 0o077:
        raise ConfigurationError(str(path), f"others can read the member's keys; run: chmod 600 {path}")
    try:
        file = wire.decode(_File, data)
        return MemberKeys(member_id(file.id), Account(file.account_secret), BoxSecret(file.box_secret))
    except HospesError as error:
        raise ConfigurationError(str(path), "this is not a file of a member's keys") from error
