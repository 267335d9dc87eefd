"""Errors of the store: permissions that do not permit, blocks that are not there, files that fail.

None of them holds a byte of a block; a block is named by its content id at most.
"""

from hospes.core import content_ids
from hospes.core.errors import HospesError
from hospes.core.identities import Hash


class PermissionMissingError(HospesError):
    """A call without the header that carries its permission."""

    slug = "permission-missing"

    def __init__(self, header: str) -> None:
        self.header = header
        super().__init__(f"the header {header} is missing: every call of the store carries a permission")


class NotNamedError(HospesError):
    """A permission, well signed, that names other blocks or another store."""

    slug = "not-named"

    def __init__(self, what: str, reason: str) -> None:
        self.what, self.reason = what, reason
        super().__init__(f"this {what} does not permit it: {reason}")


class PermissionExpiredError(HospesError):
    """A permission whose deadline has passed by the store's clock."""

    slug = "permission-expired"

    def __init__(self, what: str, seconds: int) -> None:
        self.what, self.seconds = what, seconds
        super().__init__(f"the deadline of this {what} passed {seconds} s ago; sign a new one")


class ClockDiffersError(HospesError):
    """A `Fetch` dated too far from the store's clock to be fresh."""

    slug = "clock-differs"

    def __init__(self, seconds: int, limit: int) -> None:
        self.seconds, self.limit = seconds, limit
        super().__init__(f"the request is dated {seconds} s from the store's clock, {limit} s are allowed")


class NotAMemberError(HospesError):
    """A `Fetch` signed by an account that is no active member at the latest final block."""

    slug = "not-a-member"

    def __init__(self, block: int) -> None:
        self.block = block
        super().__init__(f"the account that signed is no active member at final block {block}")


class WrongBlockError(HospesError):
    """A block that does not have the content that its id names."""

    slug = "wrong-block"

    def __init__(self, digest: Hash) -> None:
        self.digest = digest
        super().__init__(f"the content is not that of {content_ids.encode(digest)}")


class BlockMissingError(HospesError):
    """A block that the store does not hold: never put, or erased."""

    slug = "block-missing"

    def __init__(self, digest: Hash) -> None:
        self.digest = digest
        super().__init__(f"the store does not hold {content_ids.encode(digest)}")


class BlockErasedError(HospesError):
    """A put of a block that its journey had erased: an old permission does not bring it back."""

    slug = "block-erased"

    def __init__(self, digest: Hash) -> None:
        self.digest = digest
        super().__init__(f"the journey erased {content_ids.encode(digest)}; seal the record again under a new key")


class BlockDamagedError(HospesError):
    """A block whose bytes on the store's disk are no longer those of its id."""

    slug = "block-damaged"

    def __init__(self, digest: Hash) -> None:
        self.digest = digest
        super().__init__(f"the store's copy of {content_ids.encode(digest)} is damaged; put it again")


class StoreFullError(HospesError):
    """A put beyond what the store, or one journey in it, may hold."""

    slug = "store-full"

    def __init__(self, whose: str, limit: int) -> None:
        self.whose, self.limit = whose, limit
        super().__init__(f"no room for the block: {whose} may hold {limit} bytes")


class StoreFailedError(HospesError):
    """The database of the store did not do what it must; nothing was acknowledged."""

    slug = "store-failed"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the store's database failed: {reason}")
