"""What a transaction must satisfy before it may wait for a block.

It does not execute, and a block is never refused for these rules: membership is checked here and in the contracts
(ARCHITECTURE section 4, "Ledger"). Checks go from cheap to dear: form, network, signature, sender, money.

Sources: EIP-2 (low s), EIP-155, EIP-2681 (nonces), EIP-3860, EIP-7623, EIP-7825; geth ``txMaxSize``.
"""

from dataclasses import dataclass
from typing import Final, Protocol, cast

from eth.abc import SignedTransactionAPI
from eth_utils.exceptions import ValidationError

from hospes.contracts.storage import member_word_slot
from hospes.core.chain import MemberWord
from hospes.core.errors import MalformedError, SignatureError, TooLargeError
from hospes.core.identities import CURVE_ORDER, Address
from hospes.nodes.ledger import evm
from hospes.nodes.ledger.errors import (
    FundsError,
    GasError,
    NonceError,
    NotAMemberError,
    UnsupportedTransactionError,
    WrongChainError,
)

MAX_TRANSACTION_BYTES: Final = 1 << 17
"""128 KiB, the largest transaction that the network engine's pool takes."""
_FIRST_OF_LIST: Final = 0xC0
"""A legacy transaction is an RLP list; a typed one begins with its type (EIP-2718)."""
_ACCESS_LIST_FROM_END: Final = 4
"""The access list, then yParity, r and s (EIP-2930, EIP-1559)."""
_TYPES: Final = (None, 1, 2)
"""Legacy (EIP-155), EIP-2930 and EIP-1559. Blobs (3) have no place here; delegations (4) would give a member's account
code that the registry never admitted."""


class StateReader(Protocol):
    """The sealed state that ingress looks at."""

    @property
    def next_block(self) -> int:
        """Number of the block that will be sealed next."""
        ...

    def nonce(self, account: Address) -> int:
        """Return the number of transactions that the account has sent."""
        ...

    def balance(self, account: Address) -> int:
        """Return the account's wei."""
        ...

    def storage(self, account: Address, slot: int) -> int:
        """Return one word of a contract's storage."""
        ...


class Policy(Protocol):
    """Who may write."""

    def require(self, sender: Address, state: StateReader) -> None:
        """Raise `NotAMemberError` unless `sender` may write to the next block."""
        ...


@dataclass(frozen=True, slots=True)
class MembersOnly:
    """Only the accounts of active members write.

    Attributes
    ----------
    registry : Address
    word_slot : WordSlot
        From `hospes.contracts.storage`.
    """

    registry: Address

    def require(self, sender: Address, state: StateReader) -> None:
        """Raise `NotAMemberError` unless `sender` is an active member when the next block is sealed."""
        word = MemberWord.unpack(state.storage(self.registry, member_word_slot(sender)))
        if not word.active_at(state.next_block):
            raise NotAMemberError(sender)


class Anybody:
    """Every account that can pay may write; for tests and development only."""

    def require(self, sender: Address, state: StateReader) -> None:
        """Refuse nobody."""


def parse_transaction(raw: bytes, chain_id: int) -> SignedTransactionAPI:
    """Return the transaction in `raw`, which stands on its own feet: form, network, signature, gas.

    Raises
    ------
    TooLargeError, MalformedError, UnsupportedTransactionError, WrongChainError, SignatureError, GasError
    """
    if len(raw) > MAX_TRANSACTION_BYTES:
        raise TooLargeError("transaction", len(raw), MAX_TRANSACTION_BYTES)
    transaction = evm.decode_transaction(raw)
    _require_kind(transaction, chain_id)
    _require_one_spelling(raw)
    _require_signature(transaction)
    _require_gas(transaction)
    return transaction


def _require_one_spelling(raw: bytes) -> None:
    """Refuse an empty list where a number belongs: py-evm reads it as 0, and the transaction would have two hashes."""
    typed = raw[0] < _FIRST_OF_LIST
    fields = cast("list[object]", evm.decode_items(raw[1:] if typed else raw))
    lists = [index for index, field in enumerate(fields) if isinstance(field, list)]
    if lists != ([len(fields) - _ACCESS_LIST_FROM_END] if typed else []):
        raise MalformedError("transaction", "", "a list stands where a field should")


def require_valid(transaction: SignedTransactionAPI, state: StateReader, *, queued: int, queued_cost: int) -> None:
    """Check a parsed transaction against the sealed state and what its sender has queued.

    Parameters
    ----------
    transaction : SignedTransactionAPI
    state : StateReader
    queued : int
        How many transactions of the sender wait already.
    queued_cost : int
        The wei that those may take.

    Raises
    ------
    NonceError, FundsError
    """
    sender = Address(transaction.sender)
    expected = state.nonce(sender) + queued
    if transaction.nonce != expected:
        raise NonceError(sender, expected, transaction.nonce)
    balance, wanted = state.balance(sender), queued_cost + evm.cost(transaction)
    if wanted > balance:
        raise FundsError(sender, balance, wanted)


def _require_kind(transaction: SignedTransactionAPI, chain_id: int) -> None:
    if transaction.type_id not in _TYPES:
        raise UnsupportedTransactionError(f"type {transaction.type_id}, only legacy, 1 and 2 are taken")
    if transaction.chain_id is None:
        raise UnsupportedTransactionError("signed for every network (before EIP-155)")
    if transaction.chain_id != chain_id:
        raise WrongChainError(chain_id, transaction.chain_id)


def _require_signature(transaction: SignedTransactionAPI) -> None:
    if not 0 < transaction.s <= CURVE_ORDER // 2:
        raise SignatureError("the transaction", "its s is not in the lower half")
    try:
        transaction.validate()
        _ = transaction.sender  # recovers it, once
    except Exception as error:  # eth-keys, coincurve and py-evm each have their own
        reason = "its fields are out of range" if isinstance(error, ValidationError) else "no key could have made it"
        raise SignatureError("the transaction", reason) from error


def _require_gas(transaction: SignedTransactionAPI) -> None:
    creates = evm.creates_contract(transaction)
    if creates and len(transaction.data) > evm.MAX_INITCODE_BYTES:
        raise TooLargeError("initcode", len(transaction.data), evm.MAX_INITCODE_BYTES)
    least = evm.least_gas(transaction.data, creates=creates, access_list=evm.access_list_of(transaction))
    if not least <= transaction.gas <= evm.MAX_TRANSACTION_GAS:
        raise GasError(transaction.gas, least, evm.MAX_TRANSACTION_GAS)
