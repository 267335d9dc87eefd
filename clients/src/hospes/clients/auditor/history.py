"""A bundle whose foundation holds: pinned, sealed, proven, and folded to the head.

Every later check takes a `ProvenHistory`, which only `prove` returns. It judges neither openings nor signatures of
members.

Sources: PROTOCOL sections 2 and 9.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from hospes.clients.auditor.errors import RefutedError
from hospes.clients.auditor.findings import Code
from hospes.clients.auditor.witness import Witness
from hospes.contracts import storage
from hospes.contracts.addresses import ACCESS_LOG, CONSENT, REGISTRY, require_constant
from hospes.contracts.artifacts import load
from hospes.core.audit import AuditBundle
from hospes.core.chain import ConsentWord, Entry, EntryKind, Epoch, MemberWord, Role
from hospes.core.errors import HospesError
from hospes.core.genesis import Genesis
from hospes.core.identities import Address, Hash, MemberId, to_hex
from hospes.core.proof import FinalHeader, Header, Journal, extend_journal, open_journal, verify_descent, verify_seal


class Checkpoint(NamedTuple):
    """A block that the auditor knows from elsewhere to be final."""

    height: int
    hash: Hash


@dataclass(frozen=True, slots=True)
class Party:
    """An account of the bundle as the registry knows it.

    Attributes
    ----------
    account : Address
    id : MemberId or None
        None for an account that is no member.
    word : MemberWord
    """

    account: Address
    id: MemberId | None
    word: MemberWord

    @property
    def name(self) -> str:
        """The member's id, or the account when it is no member."""
        return self.id or to_hex(self.account)


@dataclass(frozen=True, slots=True)
class ProvenHistory:
    """A bundle with all that the chain says about it.

    Attributes
    ----------
    bundle : AuditBundle
    genesis : Genesis
    journal : Journal
        Every entry, none missing up to `journal.header`.
    words : mapping of Hash to ConsentWord
        By ``grantsHash``, of each consent that the entries name.
    through : int
    parties : mapping of Address to Party
    epochs : mapping of int to Epoch
        Keeper epochs by number.
    by_hash : mapping of Hash to tuple of Entry
        The entries by what they commit to.
    """

    bundle: AuditBundle
    genesis: Genesis
    journal: Journal
    words: Mapping[Hash, ConsentWord]
    through: int
    parties: Mapping[Address, Party]
    epochs: Mapping[int, Epoch]
    by_hash: Mapping[Hash, tuple[Entry, ...]]

    @property
    def final(self) -> FinalHeader:
        """The block that everything is proven at."""
        return self.journal.header

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry, in order."""
        return self.journal.entries

    def named(self, entry_hash: Hash, kinds: Sequence[EntryKind]) -> tuple[Entry, ...]:
        """Return the entries of this hash and one of these kinds."""
        return tuple(entry for entry in self.by_hash.get(entry_hash, ()) if entry.kind in kinds)

    def keeper_epochs(self, account: Address) -> tuple[Epoch, ...]:
        """Return the proven epochs that an account is a keeper of."""
        return tuple(epoch for epoch in self.epochs.values() if account in epoch.accounts)


def prove(bundle: AuditBundle, pin: Hash, checkpoint: Checkpoint | None) -> ProvenHistory:
    """Return the bundle's history if its foundation holds.

    Parameters
    ----------
    bundle : AuditBundle
    pin : Hash
        `Genesis.pin` of the network, from elsewhere than the bundle.
    checkpoint : Checkpoint, optional
        A block that the bundle's must descend from, or be.

    Raises
    ------
    RefutedError
        At the first step that fails.
    """
    with _step(Code.PIN):
        genesis = _pinned(bundle.genesis, pin)
    with _step(Code.SEAL):
        final = verify_seal(genesis, bundle.final.header, bundle.final.seal)
        _require(final.seal == bundle.final.seal, Code.SEAL, "block 0 needs no seal, and the bundle gives it one")
    with _step(Code.CHECKPOINT):
        _require_descent(bundle, final, checkpoint)
    with _step(Code.STORAGE):
        log = Witness(final, ACCESS_LOG, bundle.proofs.access_log)
        consent = Witness(final, CONSENT, bundle.proofs.consent)
        registry = Witness(final, REGISTRY, bundle.proofs.registry)
    _require_code(bundle, {"access_log": log, "consent": consent, "registry": registry})
    with _step(Code.STORAGE):
        head, count = log.read(storage.log_state(bundle.journey, genesis.chain_id))
        words = {each: consent.read(storage.consent_word(bundle.journey, each)) for each in bundle.consents}
        through = consent.read(storage.through(bundle.journey))
        parties = {account: _party(registry, account) for account in bundle.accounts}
        epochs = {number: registry.read(storage.epoch(Role.KEEPER, number)) for number in bundle.epochs}
        for witness in (log, consent, registry):
            witness.require_read()
    with _step(Code.LOG):
        journal = extend_journal(open_journal(genesis, bundle.journey), final, head, count, bundle.entries)
    return ProvenHistory(bundle, genesis, journal, words, through, parties, epochs, _by_hash(bundle.entries))


@contextmanager
def _step(code: Code) -> Generator[None]:
    try:
        yield
    except RefutedError:
        raise
    except HospesError as error:
        raise RefutedError(code, str(error)) from error


def _require(holds: bool, code: Code, reason: str) -> None:  # noqa: FBT001 - the condition is what it is about
    if not holds:
        raise RefutedError(code, reason)


def _pinned(document: bytes, pin: Hash) -> Genesis:
    genesis = Genesis.decode(document)
    _require(genesis.pin() == pin, Code.PIN, f"the bundle is of network {to_hex(genesis.pin())}, not of the pinned one")
    _require(genesis.encode() == document, Code.PIN, "the genesis is not in canonical form")
    require_constant(genesis.contracts)
    return genesis


def _require_descent(bundle: AuditBundle, final: FinalHeader, checkpoint: Checkpoint | None) -> None:
    known = {final.number: final.hash}
    if bundle.headers:
        first = Header.decode(bundle.headers[0])
        verify_descent(first, bundle.headers[1:], final.header)
        known |= {first.number - 1: first.parent_hash, first.number: first.hash}
        known |= {header.number: header.hash for header in map(Header.decode, bundle.headers[1:])}
    if checkpoint is None:
        return
    height = checkpoint.height
    _require(height <= final.number, Code.CHECKPOINT, f"the bundle ends at block {final.number}, before block {height}")
    _require(height in known, Code.CHECKPOINT, f"the bundle does not hold the headers from block {height} on")
    _require(known[height] == checkpoint.hash, Code.CHECKPOINT, f"it descends from another block {height}")


def _require_code(bundle: AuditBundle, witnesses: Mapping[str, Witness]) -> None:
    stated = bundle.code_hashes.named()
    for name, witness in witnesses.items():
        _require(
            stated[name] == witness.code_hash, Code.CODE, f"the {name} contract's code is not what the bundle says"
        )
        known = load()[name].code_hash
        _require(witness.code_hash == known, Code.CODE, f"the {name} contract is not the one that this version knows")


def _by_hash(entries: Sequence[Entry]) -> Mapping[Hash, tuple[Entry, ...]]:
    found: dict[Hash, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.entry_hash, []).append(entry)
    return {name: tuple(group) for name, group in found.items()}


def _party(registry: Witness, account: Address) -> Party:
    word = registry.read(storage.member_word(account))
    try:
        name = registry.read(storage.member_id(account))
    except storage.NotOnChainError:
        return Party(account, None, word)
    return Party(account, name, word)
