"""Puts what the chain holds into words: blocks, transactions, entries, journeys, members.

It searches nothing. What an entry's hash stands for is not on the chain, so it cannot be told.

Sources: ARCHITECTURE section 2 (the words); PROTOCOL section 2.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from hospes.contracts.abi import Value
from hospes.contracts.artifacts import ADDRESSES
from hospes.contracts.calls import Call, decode_call
from hospes.contracts.events import decode_event
from hospes.contracts.refusals import ADVICE
from hospes.core.chain import Entry, EntryKind, Member, Role
from hospes.core.errors import MalformedError, ProofError
from hospes.core.identities import Address, Hash, to_hex
from hospes.core.moments import moment
from hospes.nodes.ledger.archive import Archive, Line, SeenBlock, SeenLog, SeenTransaction, entry_of

TRUST: Final = "One authority seals this ledger, and it is trusted: it could seal what is false."
DEMONSTRATION: Final = "This is the demonstration network: nothing here is about a real person."
KINDS: Final = {
    EntryKind.ACCESS: "access",
    EntryKind.GIVEN: "consent given",
    EntryKind.WITHDRAWN: "consent withdrawn",
    EntryKind.ENDED: "consents ended",
    EntryKind.ERASED: "erasure",
    EntryKind.DEPOSITED: "deposit",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the chain says.

    Attributes
    ----------
    title : str
        A sentence.
    facts : dict of str to str
        Label to value.
    lines : tuple of str
        What belongs to it, one below the other.
    """

    title: str
    facts: dict[str, str] = field(default_factory=dict[str, str])
    lines: tuple[str, ...] = ()


class Telling:
    """Tells of one ledger.

    Parameters
    ----------
    archive : Archive
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def summary(self) -> Finding:
        """Tell what the ledger is and how much it holds."""
        archive, genesis, head = self._archive, self._archive.genesis, self._archive.head
        entries = [line.entry for line in archive.lines()]
        kinds = Counter(entry.kind for entry in entries)
        active = sum(member.word.active_at(head.number) for member in archive.members.values())
        facts = {
            "chain": f"{genesis.chain_id} ({genesis.chain_id:#x})",
            "pinned genesis": to_hex(genesis.pin()),
            "authority": to_hex(genesis.authority),
            "head": f"block {head.number}, {moment(head.time)}",
            "head hash": to_hex(head.hash),
            "seal of the head": self._seal(head.number),
            "blocks": str(head.number + 1),
            "transactions": str(archive.transaction_count()),
            "members": f"{len(archive.members)}, of which {active} are active",
            "journeys": str(len({entry.journey for entry in entries})),
            "entries": str(len(entries)),
        }
        facts |= {f"entries: {KINDS[kind]}": str(kinds[kind]) for kind in EntryKind}
        if genesis.demonstration:
            return Finding("A ledger of the demonstration network.", facts, (TRUST,))
        return Finding("A ledger.", facts, (TRUST,))

    def block(self, block: SeenBlock) -> Finding:
        """Tell of a block, its transactions and its entries."""
        facts = {
            "block": str(block.number),
            "time": moment(block.time),
            "hash": to_hex(block.hash),
            "parent": to_hex(block.parent),
            "state root": to_hex(block.state_root),
            "seal": self._seal(block.number),
            "transactions": str(len(block.transactions)),
        }
        lines: list[str] = []
        for transaction in block.transactions:
            receipt = self._archive.receipt(transaction.hash)
            outcome = "" if receipt.succeeded else ", REFUSED"
            lines.append(f"transaction {to_hex(transaction.hash)}: {_call(transaction)}{outcome}")
            lines += self._entries(receipt.logs)
        return Finding(f"This is block {block.number}.", facts, tuple(lines))

    def transaction(self, transaction: SeenTransaction) -> Finding:
        """Tell of a transaction, its outcome, its arguments and its events."""
        receipt = self._archive.receipt(transaction.hash)
        facts = {
            "transaction": to_hex(transaction.hash),
            "block": f"{transaction.block}, {moment(self._archive.block(transaction.block).time)}",
            "place in block": str(transaction.index),
            "from": self.who(transaction.sender),
            "to": "a new contract" if transaction.to is None else self.who(transaction.to),
            "outcome": "done" if receipt.succeeded else "REFUSED by the contract; it changed nothing",
            "gas used": str(receipt.gas_used),
            "call": _call(transaction),
        }
        if not receipt.succeeded:
            facts["refused because"] = _advised(self._archive.refusal(transaction))
        call = _decoded(transaction)
        if call is not None:
            facts |= {f"argument {name}": _shown(value) for name, value in call.arguments.items()}
        others = (self._event(log) for log in receipt.logs if entry_of(log) is None)
        return Finding("This is a transaction.", facts, (*self._entries(receipt.logs), *others))

    def journey(self, journey: Address, lines: tuple[Line, ...]) -> Finding:
        """Tell of a journey and all its entries."""
        head, through = self._archive.kept_head(journey), self._archive.through(journey)
        numbers = [line.entry.number for line in lines]
        whole = numbers == list(range(1, len(lines) + 1)) and lines[-1].head == head
        facts = {
            "journey": to_hex(journey),
            "entries": str(len(lines)),
            "head": to_hex(head),
            "log": "whole: the entries fold to this head" if whole else "BROKEN: the entries do not fold to this head",
            "consents ended": f"all that were given up to block {through}" if through else "never",
        }
        return Finding("This is a journey.", facts, tuple(self.told(line.entry, "") for line in lines))

    def entry(self, line: Line, title: str) -> Finding:
        """Tell of an entry and of the head after it."""
        entry = line.entry
        facts = {
            "journey": to_hex(entry.journey),
            "entry": str(entry.number),
            "kind": KINDS[entry.kind],
            "entry hash": to_hex(entry.entry_hash),
            _by(entry): self.who(entry.account),
            "block": f"{entry.block}, {moment(entry.time)}",
            "transaction": to_hex(line.transaction),
            "head after it": to_hex(line.head),
        }
        if entry.kind is EntryKind.ENDED:
            facts["ended"] = f"every consent given up to block {int.from_bytes(entry.entry_hash)}"
        if entry.kind in (EntryKind.GIVEN, EntryKind.WITHDRAWN):
            facts["the consent now"] = self._consent(entry.journey, entry.entry_hash)
        return Finding(title, facts)

    def member(self, member: Member, lines: Iterable[Line]) -> Finding:
        """Tell of a member and the entries that it sent."""
        word, head = member.word, self._archive.head.number
        facts = {
            "member": member.id,
            "country": word.country,
            "roles": ", ".join(str(role.name).lower() for role in Role if role in word.roles),
            "admitted": f"in block {word.admitted_block}",
            "suspended": f"in block {word.suspended_block}" if word.suspended_block else "never",
            "active now": "yes" if word.active_at(head) else "NO",
            "services": member.service or "none registered",
            "box key": to_hex(member.box_key) if member.box_key else "none",
        }
        told = (self.told(line.entry) for line in lines)
        return Finding(f"This is the member {member.id}.", facts | self._account(member.account), tuple(told))

    def account(self, address: Address, title: str, *lines: str) -> Finding:
        """Tell of an account or a contract."""
        return Finding(title, self._account(address), lines)

    def told(self, entry: Entry, where: str | None = None) -> str:
        """Tell of an entry in one line; `where` stands for its journey when that is clear."""
        member = self._archive.members.get(entry.account)
        who = member.id if member else to_hex(entry.account)
        place = f" of journey {to_hex(entry.journey)}" if where is None else where
        return (
            f"{moment(entry.time)}  block {entry.block}  entry {entry.number}{place}: "
            f"{KINDS[entry.kind]}, {_by(entry)} {who}, hash {to_hex(entry.entry_hash)}"
        )

    def who(self, address: Address) -> str:
        """Name an address: a contract, a member, or nobody known."""
        for name, contract in ADDRESSES.items():
            if contract == address:
                return f"the contract {name}"
        member = self._archive.members.get(address)
        return f"{member.id} ({member.word.country}, {to_hex(address)})" if member else f"{to_hex(address)} (no member)"

    def _seal(self, number: int) -> str:
        try:
            self._archive.sealed(number)
        except ProofError as error:
            return f"DOES NOT HOLD: {error.reason}"
        return "holds: the authority sealed it, the block is final"

    def _entries(self, logs: Iterable[SeenLog]) -> list[str]:
        entries = (entry_of(log) for log in logs)
        return [self.told(entry) for entry in entries if entry is not None]

    def _event(self, log: SeenLog) -> str:
        try:
            happened = decode_event(log.topics, log.data)
        except MalformedError:
            return f"event of {self.who(log.contract)}, {len(log.topics)} topics and {len(log.data)} bytes"
        told = ", ".join(f"{name} {_shown(value)}" for name, value in happened.arguments.items())
        return f"event {happened.contract}.{happened.event}: {told}"

    def _consent(self, journey: Address, grants_hash: Hash) -> str:
        word, through = self._archive.consent(journey, grants_hash), self._archive.through(journey)
        given = f"given in block {word.given_block}" if word.given_block else "never given"
        if word.withdrawn_block:
            return f"{given}, withdrawn in block {word.withdrawn_block}"
        if word.given_block <= through:
            return f"{given}, ended with all up to block {through}"
        return f"{given}, neither withdrawn nor ended"

    def _account(self, address: Address) -> dict[str, str]:
        seen = self._archive.account(address)
        facts = {"address": to_hex(address), "balance": f"{seen.balance} wei", "transactions sent": str(seen.nonce)}
        return facts | ({"code": f"{len(seen.code)} bytes"} if seen.code else {})


def _advised(reason: str) -> str:
    """Return a refusal with what can be done about it."""
    word = reason.rpartition(" ")[2]
    if not reason:
        return "not known: on the block before, the same call works"
    return f"{word}: {ADVICE[word]}" if word in ADVICE else reason


def _by(entry: Entry) -> str:
    return "by" if entry.kind is EntryKind.ACCESS else "relayed by"


def _decoded(transaction: SeenTransaction) -> Call | None:
    try:
        return decode_call(transaction.data)
    except MalformedError:
        return None


def _call(transaction: SeenTransaction) -> str:
    call = _decoded(transaction)
    if transaction.to is None:
        return "creates a contract"
    if call is None:
        return f"{len(transaction.data)} bytes that are no call of a contract of Hospes"
    return f"{call.contract}.{call.function}" + ("" if call.address == transaction.to else " (sent elsewhere)")


def _shown(value: Value) -> str:
    if isinstance(value, bytes):
        return to_hex(value)
    if isinstance(value, tuple):
        return ", ".join(to_hex(item) for item in value)
    return str(value)
