"""The audit bundle: one file that proves a journey's complete history offline, and the evidence that goes into it.

It only says what stands in the file and bounds it. Nothing in a bundle is believed because it was read: `verify` of
`clients.auditor` judges it against a pinned genesis, and `service.collect` fills it from a node.

Sources: PROTOCOL section 9. A bundle has one spelling (RFC 8785), so that no byte of it can change unnoticed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hospes.core import wire
from hospes.core.chain import Entry, EntryKind
from hospes.core.errors import MalformedError, TooLargeError
from hospes.core.identities import ADDRESS_BYTES, HASH_BYTES, SIGNATURE_BYTES, Address, Hash
from hospes.core.messages import MAX_LIST, Access, Answer, Deposit, Erasure, Grant, Receipt
from hospes.core.proof import AccountProof
from hospes.core.typed_data import Domain, digest, hash_struct, hash_words

MAX_BUNDLE_BYTES: Final = 64 << 20
"""Ours: an entry takes about 1 kB, an access with seven answers 5 kB, a proven word 4 kB; enough for years."""
MAX_ENTRIES: Final = 1 << 16
MAX_SHOWN: Final = 1 << 16
"""Openings, answers or receipts of one bundle."""
MAX_EPOCHS: Final = 256
MAX_HEADERS: Final = 1 << 14
"""Headers from a checkpoint to the bundle's block, each about 600 bytes."""


@dataclass(frozen=True, slots=True)
class SealedHeader:
    """A header's RLP with the authority's seal, which is empty for block 0: the pin itself makes that one final."""

    header: bytes
    seal: bytes


@dataclass(frozen=True, slots=True)
class CodeHashes:
    """keccak256 of the runtime code of each contract whose storage the bundle proves."""

    access_log: Hash
    consent: Hash
    registry: Hash

    def __post_init__(self) -> None:
        """Refuse hashes of another size."""
        for where, value in self.named().items():
            _require_size("CodeHashes", wire.camel(where), value, HASH_BYTES)

    def named(self) -> dict[str, Hash]:
        """Return the hashes by the names of the contracts."""
        return {"access_log": self.access_log, "consent": self.consent, "registry": self.registry}


@dataclass(frozen=True, slots=True)
class StateProofs:
    """Account and storage proofs of each contract, all at the bundle's block."""

    access_log: AccountProof
    consent: AccountProof
    registry: AccountProof

    def __post_init__(self) -> None:
        """Refuse slots in another order than the ascending one, which is the one spelling of a proof of them."""
        proofs = {"accessLog": self.access_log, "consent": self.consent, "registry": self.registry}
        for where, proof in proofs.items():
            slots = [one.slot for one in proof.slots]
            if sorted(set(slots)) != slots:
                raise MalformedError("StateProofs", f"{where}.slots", "expected ascending slots without repetition")


@dataclass(frozen=True, slots=True)
class ShownGrants:
    """Some or all grants of one consent.

    Attributes
    ----------
    grants : tuple of Grant
        Those shown, sorted by struct hash.
    siblings : tuple of Hash
        Struct hashes of the others, sorted.
    """

    grants: tuple[Grant, ...]
    siblings: tuple[Hash, ...]

    def __post_init__(self) -> None:
        """Refuse an empty, unsorted, repeated or giant list."""
        if not 1 <= len(self.grants) <= MAX_LIST - len(self.siblings):
            raise MalformedError("ShownGrants", "grants", f"expected 1 to {MAX_LIST} with the siblings")
        for where, hashes in (("grants", self._hashes()), ("siblings", list(self.siblings))):
            if any(len(item) != HASH_BYTES for item in hashes) or sorted(set(hashes)) != hashes:
                raise MalformedError("ShownGrants", where, "expected sorted items without repetition")

    def _hashes(self) -> list[Hash]:
        return [hash_struct(grant) for grant in self.grants]

    @property
    def grants_hash(self) -> Hash:
        """The hash that the chain knows the consent by."""
        return hash_words(sorted((*self._hashes(), *self.siblings)))


@dataclass(frozen=True, slots=True)
class Opening:
    """What an entry's hash stands for; exactly one of the four. It opens every entry that has its hash.

    Attributes
    ----------
    access : Access, optional
    grants : ShownGrants, optional
        Of a consent given or withdrawn.
    deposit : Deposit, optional
    erasure : Erasure, optional
    """

    access: Access | None = None
    grants: ShownGrants | None = None
    deposit: Deposit | None = None
    erasure: Erasure | None = None

    def __post_init__(self) -> None:
        """Refuse none or several."""
        given = [item for item in (self.access, self.grants, self.deposit, self.erasure) if item is not None]
        if len(given) != 1:
            raise MalformedError("Opening", "", "expected exactly one of access, grants, deposit and erasure")

    def entry_hash(self, domain: Domain) -> Hash:
        """Return the hash of the entries that it opens."""
        if self.grants is not None:
            return self.grants.grants_hash
        message = self.access or self.deposit or self.erasure
        assert message is not None  # noqa: S101 - one of four, by __post_init__
        return digest(domain, message)

    @property
    def kinds(self) -> tuple[EntryKind, ...]:
        """The kinds of entries that it can open."""
        if self.access is not None:
            return (EntryKind.ACCESS,)
        if self.deposit is not None:
            return (EntryKind.DEPOSITED,)
        if self.erasure is not None:
            return (EntryKind.ERASED,)
        return (EntryKind.GIVEN, EntryKind.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class SignedAnswer:
    """A keeper's signed `Answer`, without its box: that went to the hospital alone."""

    keeper: Address
    answer: Answer
    signature: bytes

    def __post_init__(self) -> None:
        """Refuse values of the wrong size."""
        _require_size("SignedAnswer", "keeper", self.keeper, ADDRESS_BYTES)
        _require_size("SignedAnswer", "signature", self.signature, SIGNATURE_BYTES)


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """A keeper's or store's signed `Receipt`."""

    signer: Address
    receipt: Receipt
    signature: bytes

    def __post_init__(self) -> None:
        """Refuse values of the wrong size."""
        _require_size("SignedReceipt", "signer", self.signer, ADDRESS_BYTES)
        _require_size("SignedReceipt", "signature", self.signature, SIGNATURE_BYTES)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a hospital or a wallet holds of one journey and hands to the auditor.

    Attributes
    ----------
    genesis : Hash
        Pin of the network.
    journey : Address
    openings : tuple of Opening
        Those that the holder chooses to show.
    answers : tuple of SignedAnswer
    receipts : tuple of SignedReceipt
    """

    genesis: Hash
    journey: Address
    openings: tuple[Opening, ...]
    answers: tuple[SignedAnswer, ...]
    receipts: tuple[SignedReceipt, ...]

    def __post_init__(self) -> None:
        """Refuse values of the wrong size and giant lists."""
        _require_size("Evidence", "genesis", self.genesis, HASH_BYTES)
        _require_size("Evidence", "journey", self.journey, ADDRESS_BYTES)
        _require_shown(self.openings, self.answers, self.receipts)

    def encode(self) -> bytes:
        """Return the file's bytes."""
        return wire.encode(self)

    @classmethod
    def decode(cls, data: bytes) -> "Evidence":
        """Read the file; any order of keys and white space is accepted, since its contents are judged one by one."""
        return wire.decode(cls, data, limit=MAX_BUNDLE_BYTES)


@dataclass(frozen=True, slots=True)
class AuditBundle:
    """All that is needed to judge one journey's history, given the pin of its network.

    Attributes
    ----------
    genesis : bytes
        ``genesis.json`` in canonical form.
    journey : Address
    final : SealedHeader
        The block that everything is proven at.
    headers : tuple of bytes
        RLP of the headers after a checkpoint up to that block; empty when the collector knew of no checkpoint.
    code_hashes : CodeHashes
    proofs : StateProofs
        Of the head and count, every consent word, `through`, id and word of every account that appears, the epochs.
    epochs : tuple of int
        Numbers of the keeper epochs that are proven, sorted: those of the keepers and deposits shown.
    entries : tuple of Entry
        From number 1 to the count.
    openings, answers, receipts : tuple
        As in `Evidence`.
    """

    genesis: bytes
    journey: Address
    final: SealedHeader
    headers: tuple[bytes, ...]
    code_hashes: CodeHashes
    proofs: StateProofs
    epochs: tuple[int, ...]
    entries: tuple[Entry, ...]
    openings: tuple[Opening, ...]
    answers: tuple[SignedAnswer, ...]
    receipts: tuple[SignedReceipt, ...]

    def __post_init__(self) -> None:
        """Refuse values of the wrong size, giant lists and entries that no log can have."""
        _require_size("AuditBundle", "journey", self.journey, ADDRESS_BYTES)
        _require_count("headers", self.headers, MAX_HEADERS)
        _require_count("epochs", self.epochs, MAX_EPOCHS)
        _require_count("entries", self.entries, MAX_ENTRIES)
        _require_shown(self.openings, self.answers, self.receipts)
        if sorted(set(self.epochs)) != list(self.epochs) or any(not 1 <= n < 1 << 32 for n in self.epochs):
            raise MalformedError("AuditBundle", "epochs", "expected sorted numbers from 1, without repetition")
        for i, entry in enumerate(self.entries):
            _require_entry(f"entries[{i}]", entry, self.journey)

    def encode(self) -> bytes:
        """Return the file's bytes."""
        return wire.encode(self)

    @classmethod
    def decode(cls, data: bytes) -> "AuditBundle":
        """Read the file.

        Raises
        ------
        TooLargeError, MalformedError
            Also when it is not in canonical form: a bundle has one spelling.
        """
        bundle = wire.decode(cls, data, limit=MAX_BUNDLE_BYTES)
        if bundle.encode() != data:
            raise MalformedError("AuditBundle", "", "not in canonical form")
        return bundle

    @property
    def consents(self) -> tuple[Hash, ...]:
        """The ``grantsHash`` of every consent that the entries name, sorted: their words are proven."""
        kinds = (EntryKind.GIVEN, EntryKind.WITHDRAWN)
        return tuple(sorted({entry.entry_hash for entry in self.entries if entry.kind in kinds}))

    @property
    def accounts(self) -> tuple[Address, ...]:
        """Every account that appears, sorted: its id and word are proven."""
        return appearing(self.entries, self.answers, self.receipts)


def appearing(
    entries: Iterable[Entry], answers: Iterable[SignedAnswer], receipts: Iterable[SignedReceipt]
) -> tuple[Address, ...]:
    """Return the accounts of entries, answers and receipts, sorted, each once."""
    accounts = {entry.account for entry in entries} | {answer.keeper for answer in answers}
    return tuple(sorted(accounts | {receipt.signer for receipt in receipts}))


def _require_entry(where: str, entry: Entry, journey: Address) -> None:
    if entry.journey != journey:
        raise MalformedError("AuditBundle", f"{where}.journey", "the entry is of another journey")
    _require_size("AuditBundle", f"{where}.account", entry.account, ADDRESS_BYTES)
    _require_size("AuditBundle", f"{where}.entryHash", entry.entry_hash, HASH_BYTES)
    if max(entry.number, entry.block, entry.time) >= 1 << 64:
        raise MalformedError("AuditBundle", where, "a number does not fit uint64")


def _require_shown(*lists: Sequence[object]) -> None:
    for where, items in zip(("openings", "answers", "receipts"), lists, strict=True):
        _require_count(where, items, MAX_SHOWN)


def _require_count(where: str, items: Sequence[object], limit: int) -> None:
    if len(items) > limit:
        raise TooLargeError(where, len(items), limit, "items")


def _require_size(what: str, where: str, value: bytes, size: int) -> None:
    if len(value) != size:
        raise MalformedError(what, where, f"expected {size} bytes, got {len(value)}")
