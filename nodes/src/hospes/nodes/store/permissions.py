"""What a call of the store must carry, and the pure decisions on it.

A put needs the journey's `Blocks`, a deletion its `Erasure`, a get a member's `Fetch`. Whether the signer of a `Fetch`
is a member is asked of the chain by the caller (`service`); time comes in as an argument.

Sources: PROTOCOL section 3.
"""

from typing import Final, TypeVar

from hospes.core.identities import Address, Hash, recover, require_signer
from hospes.core.permissions import HEADER, DeletePermission, FetchPermission, PutPermission, from_header
from hospes.core.typed_data import Domain, digest as message_digest
from hospes.nodes.store.errors import (
    ClockDiffersError,
    NotNamedError,
    PermissionExpiredError,
    PermissionMissingError,
)

T = TypeVar("T")
FRESH_S: Final = 300
"""How far a `Fetch` may be dated from the store's clock (PROTOCOL section 5, as for an `Inquiry`)."""


def read_permission(cls: type[T], header: str | None) -> T:
    """Return the permission in a header.

    Raises
    ------
    PermissionMissingError
        When there is no header.
    TooLargeError, MalformedError
        When it is not base64url without padding of the JSON of a `cls`.
    """
    if header is None:
        raise PermissionMissingError(HEADER)
    return from_header(cls, header)


def check_put(permission: PutPermission, domain: Domain, digest: Hash, now: float) -> Address:
    """Return the journey that may put this block.

    Raises
    ------
    SignatureError, NotNamedError, PermissionExpiredError
        When the journey did not sign it, it names other blocks, or its deadline has passed.
    """
    blocks = permission.blocks
    require_signer(message_digest(domain, blocks), permission.signature, permission.journey, "Blocks")
    _require_named("Blocks", digest, blocks.digests)
    _require_before("Blocks", blocks.deadline, now)
    return permission.journey


def check_delete(permission: DeletePermission, domain: Domain, digest: Hash, now: float) -> Hash:
    """Return the hash of the erasure under which this block may be deleted, or raise as `check_put` does."""
    erasure = permission.erasure
    erasure_hash = message_digest(domain, erasure)
    require_signer(erasure_hash, permission.signature, permission.journey, "Erasure")
    _require_named("Erasure", digest, erasure.digests)
    _require_before("Erasure", erasure.deadline, now)
    return erasure_hash


def check_fetch(permission: FetchPermission, domain: Domain, digest: Hash, store: Address, now: float) -> Address:
    """Return the account that asks for this block of this store, just now.

    Raises
    ------
    SignatureError, NotNamedError, ClockDiffersError
        When no key signed it, it names another block or store, or is dated more than 300 s away.
    """
    fetch = permission.fetch
    account = recover(message_digest(domain, fetch), permission.signature, "Fetch")
    _require_named("Fetch", digest, (fetch.digest,))
    if fetch.store != store:
        raise NotNamedError("Fetch", "it is for another store")
    difference = abs(int(now) - fetch.at)
    if difference > FRESH_S:
        raise ClockDiffersError(difference, FRESH_S)
    return account


def _require_named(what: str, digest: Hash, named: tuple[Hash, ...]) -> None:
    if digest not in named:
        raise NotNamedError(what, "it does not name this block")


def _require_before(what: str, deadline: int, now: float) -> None:
    if now > deadline:
        raise PermissionExpiredError(what, int(now) - deadline)
