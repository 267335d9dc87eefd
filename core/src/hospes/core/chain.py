"""What the chain says, as values: entries and their fold, consent words, member words, alerts, epochs.

It does not know where a value stands in storage (`contracts.storage`) nor whether it is true (`core.proof`).

Sources: PROTOCOL sections 2 and 7.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Final

from hospes.core.errors import MalformedError, ProofError
from hospes.core.identities import Address, Country, Hash, MemberId, keccak

JOURNEY_LABEL: Final = keccak(b"Hospes journey 1")
SEAL_LABEL: Final = b"Hospes seal 1"
DEMONSTRATION_CHAIN_ID: Final = 0x486F73706573
_MASK: Final = (1 << 64) - 1


class Role(IntFlag):
    """What a member may do; a member can have several."""

    HOSPITAL = 1
    KEEPER = 2
    ORACLE = 4
    AUDITOR = 8
    VALIDATOR = 16


class EntryKind(IntEnum):
    """The kinds of entries of a journey's log."""

    ACCESS = 1
    GIVEN = 2
    WITHDRAWN = 3
    ENDED = 4
    ERASED = 5
    DEPOSITED = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """One numbered line of a journey's log.

    Attributes
    ----------
    journey : Address
    number : int
        From 1, without gaps.
    kind : EntryKind
    account : Address
        Sender of the transaction's call: the hospital for an access, the relayer otherwise.
    entry_hash : Hash
        What the line commits to (PROTOCOL section 2, "Log").
    block, time : int
        Number and timestamp (Unix seconds) of its block.
    """

    journey: Address
    number: int
    kind: EntryKind
    account: Address
    entry_hash: Hash
    block: int
    time: int


def first_head(chain_id: int, log: Address, journey: Address) -> Hash:
    """Return ``head_0`` of a journey: the head of a log without entries."""
    return keccak(JOURNEY_LABEL + chain_id.to_bytes(32) + _padded(log) + _padded(journey))


def next_head(head: Hash, entry: Entry) -> Hash:
    """Return the head after one more entry."""
    words = (entry.kind, entry.number)
    numbers = b"".join(word.to_bytes(32) for word in words)
    times = entry.block.to_bytes(32) + entry.time.to_bytes(32)
    return keccak(head + numbers + _padded(entry.account) + entry.entry_hash + times)


def fold(head: Hash, count: int, entries: Iterable[Entry]) -> Hash:
    """Return the head after `entries`, which must continue the log after number `count`.

    Raises
    ------
    ProofError
        When a number is missing or repeated, or a block goes backwards.
    """
    block = 0
    for number, entry in enumerate(entries, start=count + 1):
        if entry.number != number:
            raise ProofError("the log", f"expected entry {number}, got {entry.number}")
        if entry.block < block:
            raise ProofError("the log", f"entry {number} stands in an earlier block than the one before it")
        block = entry.block
        head = next_head(head, entry)
    return head


def seal_digest(chain_id: int, block_hash: Hash) -> Hash:
    """Return what the embedded authority signs under a block (PROTOCOL section 2, "Finality proof")."""
    return keccak(SEAL_LABEL + chain_id.to_bytes(32) + block_hash)


@dataclass(frozen=True, slots=True)
class ConsentWord:
    """What the chain says of one consent: when it was given and withdrawn; zero for never.

    Attributes
    ----------
    given_block, given_time, withdrawn_block, withdrawn_time : int
        Block number and Unix seconds; each pair is set once.
    """

    given_block: int
    given_time: int
    withdrawn_block: int
    withdrawn_time: int

    @classmethod
    def unpack(cls, word: int) -> "ConsentWord":
        """Read the storage word."""
        return cls(*_split(word))

    def pack(self) -> int:
        """Return the storage word."""
        return _join(self.given_block, self.given_time, self.withdrawn_block, self.withdrawn_time)


@dataclass(frozen=True, slots=True)
class AlertState:
    """What the chain says of one alert; all zero for one that was never raised.

    Attributes
    ----------
    raised_block, raised_time : int
        Block number and Unix seconds.
    acknowledged_block, acknowledged_time : int
        Zero until the addressee acknowledged.
    addressee : Address
        The account of the hospital that was asked.
    deadline : int
        Unix seconds by which it was to acknowledge.
    oracle_epoch : int
        The oracles that attested.
    escalated_to : Hash
        The alert that went to the next hospital; zero while none did.
    """

    raised_block: int
    raised_time: int
    acknowledged_block: int
    acknowledged_time: int
    addressee: Address
    deadline: int
    oracle_epoch: int
    escalated_to: Hash

    @classmethod
    def unpack(cls, word: int, asked: int, escalated_to: int) -> "AlertState":
        """Read the three storage words."""
        addressee = Address((asked >> 96).to_bytes(20))
        return cls(*_split(word), addressee, asked >> 32 & _MASK, asked & 0xFFFFFFFF, Hash(escalated_to.to_bytes(32)))

    def pack(self) -> tuple[int, int, int]:
        """Return the three storage words."""
        word = _join(self.raised_block, self.raised_time, self.acknowledged_block, self.acknowledged_time)
        asked = int.from_bytes(self.addressee) << 96 | self.deadline << 32 | self.oracle_epoch
        return word, asked, int.from_bytes(self.escalated_to)

    @property
    def raised(self) -> bool:
        """Whether it was raised."""
        return self.raised_block > 0

    @property
    def acknowledged(self) -> bool:
        """Whether its addressee acknowledged it, in time or late."""
        return self.acknowledged_block > 0


@dataclass(frozen=True, slots=True)
class MemberWord:
    """What the chain says of one account.

    Attributes
    ----------
    roles : Role
    country : Country
        Empty for an account that is no member.
    admitted_block, suspended_block : int
        `suspended_block` is zero for never.
    """

    roles: Role
    country: Country
    admitted_block: int
    suspended_block: int

    @classmethod
    def unpack(cls, word: int) -> "MemberWord":
        """Read the storage word."""
        roles, code, admitted, suspended = _split(word)
        try:
            text = code.to_bytes(2).lstrip(b"\0").decode("ascii")
        except (OverflowError, UnicodeDecodeError) as error:
            raise MalformedError("member word", "country", "not two ASCII letters") from error
        return cls(Role(roles), Country(text), admitted, suspended)

    def pack(self) -> int:
        """Return the storage word."""
        code = int.from_bytes(self.country.encode("ascii"))
        return _join(int(self.roles), code, self.admitted_block, self.suspended_block)

    def active_at(self, block: int) -> bool:
        """Whether the member is active at `block` (PROTOCOL section 2, "Registry")."""
        admitted = self.country != "" and self.admitted_block <= block
        return admitted and (self.suspended_block == 0 or self.suspended_block > block)


@dataclass(frozen=True, slots=True)
class Member:
    """One member as the registry knows it: account, id, word, and where its services are.

    Attributes
    ----------
    account : Address
    id : MemberId
    word : MemberWord
    service : str
        Address (URL) of its services; empty when it has none.
    box_key : bytes
        ``uint16 KEM id || public key``; empty when it has none.
    """

    account: Address
    id: MemberId
    word: MemberWord
    service: str
    box_key: bytes


@dataclass(frozen=True, slots=True)
class Epoch:
    """One set of keepers (or oracles) in order.

    Attributes
    ----------
    number : int
    accounts : tuple of Address
        The order fixes each keeper's x: its index + 1.
    threshold : int
        Shares needed.
    from_block : int
        First block at which it is in force.
    """

    number: int
    accounts: tuple[Address, ...]
    threshold: int
    from_block: int


def _padded(account: Address) -> bytes:
    return account.rjust(32, b"\0")


def _split(word: int) -> tuple[int, int, int, int]:
    return word >> 192 & _MASK, word >> 128 & _MASK, word >> 64 & _MASK, word & _MASK


def _join(first: int, second: int, third: int, fourth: int) -> int:
    return first << 192 | second << 128 | third << 64 | fourth
