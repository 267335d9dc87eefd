"""Events of the contracts: entries from logs, and all others by name.

It does not know whether a log is true: the entries of a journey are judged together, by the head that they fold to
(`core.chain.fold`).

Sources: PROTOCOL section 2 ("Log"); contracts/SPEC.md; Solidity ABI specification ("Events").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, cast

from hospes.contracts.abi import Value, decode_values
from hospes.contracts.artifacts import Event, load
from hospes.core.chain import Entry, EntryKind
from hospes.core.errors import MalformedError
from hospes.core.identities import Address, Hash, keccak

ENTRY: Final = keccak(b"Entry(address,uint64,uint8,address,bytes32,uint64)")
"""First topic of every entry's log; the second is the journey, the third the number, 32 bytes each."""

RAISED: Final = keccak(b"Raised(bytes32,address,uint64,uint32,address)")
"""First topic of a raised alert's log; the second is its hash, the third its addressee."""
ACKNOWLEDGED: Final = keccak(b"Acknowledged(bytes32,address,bool)")
"""First topic of an acknowledgement's log; the second is the alert's hash, the third its addressee."""
ESCALATED: Final = keccak(b"Escalated(bytes32,bytes32,address)")
"""First topic of an escalation's log; the second is the alert's hash, the third that of the next one."""


@dataclass(frozen=True, slots=True)
class Happened:
    """A decoded event.

    Attributes
    ----------
    contract, event : str
    arguments : dict of str to Value
        By the names of the interface, indexed ones first.
    """

    contract: str
    event: str
    arguments: dict[str, Value]


def decode_entry(topics: Sequence[bytes], data: bytes, block: int) -> Entry:
    """Read one entry from a log of the access log contract in block number `block`.

    Raises
    ------
    MalformedError
        When the log is no entry.
    """
    happened = decode_event(topics, data)
    if happened.event != "Entry":
        raise MalformedError("entry", "", "the log is of another event")
    values = happened.arguments
    try:
        kind = EntryKind(cast("int", values["kind"]))
    except ValueError as error:
        raise MalformedError("entry", "kind", "no such kind of entry") from error
    return Entry(
        journey=Address(cast("bytes", values["journey"])),
        number=cast("int", values["number"]),
        kind=kind,
        account=Address(cast("bytes", values["account"])),
        entry_hash=Hash(cast("bytes", values["entryHash"])),
        block=block,
        time=cast("int", values["time"]),
    )


def decode_event(topics: Sequence[bytes], data: bytes) -> Happened:
    """Read any event of the contracts; the caller compares the log's address with the contract's.

    Raises
    ------
    MalformedError
        When no contract has such an event, or the log is not in its form.
    """
    if not topics or topics[0] not in events():
        raise MalformedError("event", "", "no contract of Hospes has this event")
    contract, event = events()[Hash(topics[0])]
    indexed = [each for each in event.inputs if each.indexed]
    unindexed = [each for each in event.inputs if not each.indexed]
    if len(topics) != len(indexed) + 1:
        raise MalformedError(event.name, "topics", f"expected {len(indexed) + 1}, got {len(topics)}")
    # Every indexed argument is a single word, so the topics together are the encoding of all of them.
    arguments = decode_values(event.name, indexed, b"".join(topics[1:]))
    return Happened(contract, event.name, arguments | decode_values(event.name, unindexed, data))


@cache
def events() -> dict[Hash, tuple[str, Event]]:
    """Return every event with its contract, by first topic; no two contracts share one."""
    return {event.topic: (name, event) for name, artifact in load().items() for event in artifact.events}
