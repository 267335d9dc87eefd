"""Errors of the rim: a node, a member's service, a transaction or a database that did not do what was asked."""

from hospes.core.errors import HospesError
from hospes.core.identities import Hash, to_hex


class NodeError(HospesError):
    """The ledger node answered with an error, or with something that is no answer.

    Parameters
    ----------
    method : str
        The JSON-RPC method.
    reason : str
        What the node said.
    code : int
        Its JSON-RPC error code; 0 when the answer could not be read.
    """

    slug = "ledger-node"

    def __init__(self, method: str, reason: str, code: int = 0) -> None:
        self.method, self.reason, self.code = method, reason, code
        super().__init__(f"the ledger node refused {method}: {reason}")


class UnreachableError(HospesError):
    """A service that did not answer in time, or at all."""

    slug = "unreachable"

    def __init__(self, service: str, reason: str) -> None:
        self.service, self.reason = service, reason
        super().__init__(f"{service} cannot be reached: {reason}")


class RemoteError(HospesError):
    """A member's service refused, with a problem document.

    Parameters
    ----------
    service : str
        Its address.
    status : int
        HTTP status.
    problem : str
        The slug of the error there.
    detail : str
        Its message.
    """

    slug = "remote"

    def __init__(self, service: str, status: int, problem: str, detail: str) -> None:
        self.service, self.status, self.problem, self.detail = service, status, problem, detail
        super().__init__(f"{service} refused ({status} {problem}): {detail}")


class TransactionFailedError(HospesError):
    """A transaction that is on the chain but whose contract refused it."""

    slug = "transaction-failed"

    def __init__(self, transaction: Hash, reason: str) -> None:
        self.transaction, self.reason = transaction, reason
        super().__init__(f"transaction {to_hex(transaction)} failed: {reason}")


class TransactionPendingError(HospesError):
    """A transaction that did not become final in the time given; it may still."""

    slug = "transaction-pending"

    def __init__(self, transaction: Hash, seconds: float) -> None:
        self.transaction, self.seconds = transaction, seconds
        super().__init__(f"transaction {to_hex(transaction)} is not final after {seconds:g} s; it may still become so")


class DatabaseFailedError(HospesError):
    """A database that was opened and does not do its work any more: its disk is full, or its file damaged or locked.

    Parameters
    ----------
    reason : str
        What SQLite said; it quotes no value.
    """

    slug = "database-failed"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the database of this service failed: {reason}")
