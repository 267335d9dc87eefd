"""Finds everything that the chain says of one word: a block, a transaction, a journey, an entry, a head, a member.

It looks only, puts nothing into words itself (`telling` does), and proves nothing beyond the seals of blocks.

Sources: PROTOCOL section 2.
"""

import re
from collections.abc import Iterator
from typing import Final

from hospes.contracts import storage
from hospes.contracts.artifacts import ADDRESSES
from hospes.core.errors import MalformedError
from hospes.core.identities import Address, Hash, MemberId, to_hex
from hospes.nodes.ledger.archive import Archive
from hospes.nodes.ledger.telling import TRUST, Finding, Telling

MAX_MENTIONS: Final = 20
"""Transactions listed for a word that stands in many."""
_NUMBER: Final = re.compile(r"[0-9]{1,19}|0x[0-9a-f]{1,16}")
_MEMBER: Final = re.compile(r"[a-z0-9-]{1,31}")
_HASH: Final = re.compile(r"(?:0x)?[0-9a-f]{64}")
_ADDRESS: Final = re.compile(r"(?:0x)?[0-9a-f]{40}")


class Inspector:
    """Answers for one word after another.

    Parameters
    ----------
    archive : Archive
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._telling = Telling(archive)

    def find(self, word: str) -> tuple[Finding, ...]:
        """Return everything that the chain says of `word`.

        Parameters
        ----------
        word : str
            A block number, a member's id, or hexadecimal: 32 bytes of any meaning, or an address.

        Raises
        ------
        MalformedError
            When it can be none of these.
        NotOnChainError
            When the chain says nothing of it.
        """
        text = word.strip().lower()
        if _HASH.fullmatch(text):
            found = tuple(self._hash(Hash(bytes.fromhex(text.removeprefix("0x")))))
        elif _ADDRESS.fullmatch(text):
            found = tuple(self._address(Address(bytes.fromhex(text.removeprefix("0x")))))
        elif _NUMBER.fullmatch(text) or _MEMBER.fullmatch(text):
            found = (*self._number(text), *self._named(text))
        else:
            reason = "expected a block number, a member's id, an address (20 bytes) or a hash (32 bytes)"
            raise MalformedError("word", "", reason)
        if not found:
            raise storage.NotOnChainError("trace of", text)
        return found

    def _number(self, text: str) -> Iterator[Finding]:
        if _NUMBER.fullmatch(text) and int(text, 16 if text.startswith("0x") else 10) <= self._archive.head.number:
            yield self._telling.block(self._archive.block(int(text, 16 if text.startswith("0x") else 10)))

    def _named(self, text: str) -> Iterator[Finding]:
        for member in self._archive.members.values():
            if member.id == MemberId(text):
                yield from self._known(member.account)

    def _hash(self, word: Hash) -> Iterator[Finding]:
        genesis = self._archive.genesis
        if word == genesis.pin():
            facts = {"pin": to_hex(word), "chain": str(genesis.chain_id), "block 0": to_hex(genesis.block_hash)}
            yield Finding("This is the pin of this network's genesis.", facts)
        if word == genesis.allocation_hash:
            facts = {"hash": to_hex(word), "chain": str(genesis.chain_id)}
            yield Finding("This is the hash of the allocation: what block 0 holds.", facts)
        block, transaction = self._archive.block_with(word), self._archive.transaction(word)
        if block is not None:
            yield self._telling.block(block)
        if transaction is not None:
            yield self._telling.transaction(transaction)
        yield from self._entries(word)
        yield from self._mentions(word, to_hex(word))

    def _entries(self, word: Hash) -> Iterator[Finding]:
        for line in self._archive.lines():
            if line.entry.entry_hash == word:
                yield self._telling.entry(line, f"This is the hash of entry {line.entry.number} of a journey.")
            if line.head == word:
                yield self._telling.entry(line, f"This is the head of a journey after entry {line.entry.number}.")

    def _address(self, address: Address) -> Iterator[Finding]:
        found = tuple(self._known(address))
        lines = tuple(self._archive.lines(address))
        if lines:
            found = (*found, self._telling.journey(address, lines))
        yield from found or self._mentions(Hash(address.rjust(32, b"\0")), to_hex(address))

    def _known(self, address: Address) -> Iterator[Finding]:
        telling, contracts = self._telling, {contract: name for name, contract in ADDRESSES.items()}
        member, seen = self._archive.members.get(address), self._archive.account(address)
        if address == self._archive.genesis.authority:
            yield telling.account(address, "This is the authority that seals this ledger.", TRUST)
        if member is not None:
            sent = (line for line in self._archive.lines() if line.entry.account == address)
            yield telling.member(member, sent)
        elif address in contracts:
            yield telling.account(address, f"This is the contract {contracts[address]}.")
        elif seen.code:
            yield telling.account(address, "This is a contract, but none of Hospes.")
        elif seen.balance or seen.nonce:
            yield telling.account(address, "This is an account of no member.")

    def _mentions(self, word: Hash, name: str) -> Iterator[Finding]:
        """Look into all calldata and all logs."""
        found = {seen.hash: "in its calldata" for seen in self._archive.transactions() if seen.holds(word)}
        for log in self._archive.logs():
            if log.holds(word):
                before = found.get(log.transaction, "")
                found[log.transaction] = "in its calldata and its events" if "calldata" in before else "in its events"
        lines = [f"{to_hex(key)}  {where}" for key, where in found.items()]
        if lines:
            more = (f"and {len(lines) - MAX_MENTIONS} more",) if len(lines) > MAX_MENTIONS else ()
            count = "One transaction mentions" if len(lines) == 1 else f"{len(lines)} transactions mention"
            yield Finding(f"{count} {name}.", {}, (*lines[:MAX_MENTIONS], *more))
