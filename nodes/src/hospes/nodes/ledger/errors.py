"""What the ledger refuses, and how each refusal looks on a wire.

Messages begin with the words that other Ethereum nodes use ("nonce too low", "already known"), because client
libraries recognise errors by them.

Sources: geth 1.17 ``core/txpool/errors.go``, ``core/error.go`` and ``internal/ethapi/errors.go`` for words and codes.
"""

import traceback
from pathlib import Path

from hospes.core.errors import HospesError
from hospes.core.identities import Address, Hash, to_hex


def place_of(error: BaseException) -> str:
    """Return where an unexpected error came from, for the log: a traceback could quote what was submitted."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown place"


class LedgerError(HospesError):
    """Root of what only the ledger raises."""

    slug = "ledger"


class UnsupportedTransactionError(LedgerError):
    """A transaction of a kind that this ledger does not take."""

    slug = "transaction-kind"

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(f"transaction type not supported: {kind}")


class WrongChainError(LedgerError):
    """A transaction signed for another network."""

    slug = "wrong-chain"

    def __init__(self, expected: int, got: int) -> None:
        self.expected, self.got = expected, got
        super().__init__(f"invalid chain id for signer: this network is {expected}, the transaction names {got}")


class NonceError(LedgerError):
    """A transaction that is not the sender's next one, queued ones included."""

    slug = "wrong-nonce"

    def __init__(self, sender: Address, expected: int, got: int) -> None:
        self.sender, self.expected, self.got = sender, expected, got
        word = "low" if got < expected else "high"
        super().__init__(
            f"nonce too {word}: address {to_hex(sender)}, next nonce {expected}, transaction's nonce {got}"
        )


class FundsError(LedgerError):
    """A sender who cannot pay for everything it has queued."""

    slug = "funds-missing"

    def __init__(self, sender: Address, balance: int, cost: int) -> None:
        self.sender, self.balance, self.cost = sender, balance, cost
        text = f"address {to_hex(sender)} has {balance} wei, queued transactions may cost {cost}"
        super().__init__(f"insufficient funds for gas * price + value: {text}")


class GasError(LedgerError):
    """A gas limit outside what a transaction may have."""

    slug = "wrong-gas"

    def __init__(self, gas: int, least: int, most: int) -> None:
        self.gas, self.least, self.most = gas, least, most
        reason = f"intrinsic gas too low: gas {gas}, needed at least {least}"
        if gas > most:
            reason = f"exceeds block gas limit: gas {gas}, at most {most} a transaction"
        super().__init__(reason)


class NotAMemberError(LedgerError):
    """A transaction from an account that is no active member of this network."""

    slug = "sender-not-a-member"

    def __init__(self, sender: Address) -> None:
        self.sender = sender
        super().__init__(f"sender not allowed: {to_hex(sender)} is not the account of an active member")


class AlreadyKnownError(LedgerError):
    """A transaction that is queued or sealed already."""

    slug = "already-known"

    def __init__(self, transaction: Hash) -> None:
        self.transaction = transaction
        super().__init__(f"already known: transaction {to_hex(transaction)}")


class BusyError(LedgerError):
    """More transactions (or calls) wait than the ledger keeps; whoever sent this one should try again later."""

    slug = "ledger-busy"

    def __init__(self, waiting: int, limit: int, what: str = "transactions") -> None:
        self.waiting, self.limit, self.what = waiting, limit, what
        pool = "txpool is full" if what == "transactions" else "too many requests"
        super().__init__(f"{pool}: {waiting} {what} wait, at most {limit} are kept; try again later")


class UnknownBlockError(LedgerError):
    """A block that this ledger has not sealed."""

    slug = "unknown-block"

    def __init__(self, block: str) -> None:
        self.block = block
        super().__init__(f"block not found: {block}")


class RevertedError(LedgerError):
    """A call that a contract refused.

    Parameters
    ----------
    output : bytes
        What the contract returned: usually ``Error(string)``, ABI-encoded.
    reason : str
        The text in it, or an empty string.
    """

    slug = "call-reverted"

    def __init__(self, output: bytes, reason: str) -> None:
        self.output, self.reason = output, reason
        super().__init__(f"execution reverted: {reason}" if reason else "execution reverted")


class ExecutionError(LedgerError):
    """A call that could not run to its end: no gas, no such instruction, no funds."""

    slug = "call-failed"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class DirectoryError(LedgerError):
    """A data directory that cannot be used as asked; the operator must decide."""

    slug = "ledger-directory"

    def __init__(self, directory: str, reason: str) -> None:
        self.directory, self.reason = directory, reason
        super().__init__(f"{directory}: {reason}")


class StrangerError(LedgerError):
    """An authority key that the pinned genesis does not name: nobody would accept what it seals."""

    slug = "stranger"

    def __init__(self, named: Address, given: Address) -> None:
        self.named, self.given = named, given
        super().__init__(f"the genesis names the authority {to_hex(named)}, the key given is of {to_hex(given)}")


class UnknownMethodError(LedgerError):
    """A JSON-RPC method that this ledger does not serve."""

    slug = "unknown-method"

    def __init__(self, method: str) -> None:
        self.method = method
        super().__init__(f"the method {method} does not exist or is not available")


class InvalidRequestError(LedgerError):
    """A text that is JSON but no JSON-RPC request."""

    slug = "invalid-request"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"invalid request: {reason}")


class UnparsableRequestError(LedgerError):
    """A body that is not JSON."""

    slug = "unparsable-request"

    def __init__(self) -> None:
        super().__init__("parse error: the body is not JSON")


class TooWideError(LedgerError):
    """A question whose answer would be larger than the ledger gives at once."""

    slug = "too-wide"

    def __init__(self, what: str, limit: int) -> None:
        self.what, self.limit = what, limit
        super().__init__(f"query exceeds limit: at most {limit} {what} in one answer; ask for a smaller range")


class TooCostlyError(LedgerError):
    """A question that takes more work than the ledger does for one."""

    slug = "too-costly"

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        super().__init__(f"execution timeout: one request may take {limit_s:g} s of processor time; ask for less")


class ForeignPageError(LedgerError):
    """A browser's request that a web page of a stranger made."""

    slug = "foreign-page"

    def __init__(self) -> None:
        super().__init__("web pages of this origin may not use this ledger")
