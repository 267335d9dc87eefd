"""Errors of the hospital, worded for whoever stands at the bed or is called at night.

None holds a name, an illness or a secret. Those that come after the entry was logged say so: the traveller will see it.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hospes.core import content_ids
from hospes.core.errors import HospesError
from hospes.core.identities import Hash, MemberId, to_hex
from hospes.core.messages import Access
from hospes.service.errors import TransactionPendingError

if TYPE_CHECKING:
    from hospes.clients.hospital.quorum import Asked


class NotAHospitalError(HospesError):
    """Keys of an account that is no active hospital of this network."""

    slug = "not-a-hospital"

    def __init__(self, member: MemberId, reason: str) -> None:
        self.member, self.reason = member, reason
        super().__init__(f"{member} cannot ask for records: {reason}")


class WrongNetworkError(HospesError):
    """A card of another network; nothing was logged."""

    slug = "wrong-network"

    def __init__(self, chain_id: int, expected: int) -> None:
        self.chain_id, self.expected = chain_id, expected
        super().__init__(f"the card is of network {chain_id:#x}, this hospital is connected to {expected:#x}")


class NothingReleasedError(HospesError):
    """Enough keepers answered, and none released anything.

    Attributes
    ----------
    asked : Asked
        The access, its entry, and what became of each keeper.
    """

    slug = "nothing-released"

    def __init__(self, asked: "Asked") -> None:
        self.asked = asked
        super().__init__(
            "the keepers released nothing: no valid consent, wrong card, or no such journey; nobody can tell which "
            f"(the request is in the log as entry {asked.entry.number})"
        )


class TooFewSharesError(HospesError):
    """Some keepers could not be asked, refused or lied, and the others are too few to open a record.

    Attributes
    ----------
    asked : Asked
        The access, its entry, and what became of each keeper.
    needed, good : int
        Shares needed, and the most that any record has.
    """

    slug = "too-few-shares"

    def __init__(self, asked: "Asked", needed: int, good: int) -> None:
        self.asked, self.needed, self.good = asked, needed, good
        why = "; ".join(asked.complaints) or "the others released nothing"
        super().__init__(
            f"{good} keepers gave a share, {needed} are needed: {why} "
            f"(the request is in the log as entry {asked.entry.number}; asking again makes another entry)"
        )


class NobodyAskedError(TooFewSharesError):
    """An access that was logged, after which the ledger did not say who the keepers are.

    Parameters
    ----------
    asked : Asked
        The access and its entry; no keeper.
    reason : str
    """

    def __init__(self, asked: "Asked", reason: str) -> None:
        super().__init__(asked, 0, 0)
        self.reason = reason
        logged = f"the request is in the log as entry {asked.entry.number}; asking again makes another entry"
        self.args = (f"no keeper could be asked: {reason} ({logged})",)


class UnprovenAccessError(TransactionPendingError):
    """An access that was sent, and that the ledger did not prove to be in the log; it may be there.

    Parameters
    ----------
    access : Access
        What its entry would stand for.
    transaction : Hash
    seconds : float
        How long it was waited for.
    reason : str
    """

    def __init__(self, access: Access, transaction: Hash, seconds: float, reason: str) -> None:
        super().__init__(transaction, seconds)
        self.access, self.reason = access, reason
        sent = f"the request was sent (transaction {to_hex(transaction)})"
        told = "it may be in the log, where the traveller will see it; asking again makes another entry"
        self.args = (f"{sent}, and is not proven to be in the log: {reason}; {told}",)


class RecordsFailedError(HospesError):
    """Records whose key was put together and that still did not open.

    Attributes
    ----------
    asked : Asked
        The access, its entry, and what became of each keeper.
    reasons : tuple of str
        One for each record.
    """

    slug = "records-failed"

    def __init__(self, asked: "Asked", reasons: Iterable[str]) -> None:
        self.asked, self.reasons = asked, tuple(reasons)
        super().__init__(
            f"the keepers released the key, but no record could be opened: {'; '.join(self.reasons)} "
            f"(the request is in the log as entry {asked.entry.number})"
        )


class BlockUnavailableError(HospesError):
    """A block that no store of the network gave.

    Parameters
    ----------
    digest : Hash
        sha2-256 of the block.
    reasons : iterable of str
        One for each store that was asked.
    """

    slug = "block-unavailable"

    def __init__(self, digest: Hash, reasons: Iterable[str]) -> None:
        self.digest, self.reasons = digest, tuple(reasons)
        told = "; ".join(self.reasons) or "no store is configured"
        super().__init__(f"no store has block {content_ids.encode(digest)}: {told}")
