"""Agreement of the entries with the rest of the chain's state, with what members signed and with what holders showed.

Pure comparisons over a `ProvenHistory`; each yields findings and stops at nothing. Whether a keeper kept its rules
cannot be seen here: a release that nobody logged leaves no trace in a bundle.

Sources: PROTOCOL sections 2, 6, 8 and 9.
"""

from collections.abc import Iterator

from hospes.clients.auditor.findings import Code, Finding, Severity
from hospes.clients.auditor.history import ProvenHistory
from hospes.clients.auditor.meaning import FOR_GOOD
from hospes.core.audit import Opening, SignedAnswer, SignedReceipt
from hospes.core.chain import ConsentWord, Entry, EntryKind, Role
from hospes.core.errors import SignatureError
from hospes.core.identities import require_signer, to_hex
from hospes.core.messages import Access, Deposit
from hospes.core.typed_data import digest


def all_findings(history: ProvenHistory) -> Iterator[Finding]:
    """Yield what every check of this module finds."""
    yield from consent_findings(history)
    yield from through_findings(history)
    yield from hospital_findings(history)
    yield from opening_findings(history)
    yield from answer_findings(history)
    yield from receipt_findings(history)


def consent_findings(history: ProvenHistory) -> Iterator[Finding]:
    """Compare each consent's word with the entries that gave and withdrew it: each happens at most once."""
    for grants_hash, word in history.words.items():
        given = history.named(grants_hash, (EntryKind.GIVEN,))
        withdrawn = history.named(grants_hash, (EntryKind.WITHDRAWN,))
        where = f"consent {to_hex(grants_hash)}"
        if len(given) > 1 or len(withdrawn) > 1:
            yield Finding(Code.CONSENT, where, "it was given or withdrawn more than once")
        elif word != ConsentWord(*_moment(given), *_moment(withdrawn)):
            yield Finding(Code.CONSENT, where, "its word is not that of its entries")
        elif given and withdrawn and given[0].number > withdrawn[0].number:
            yield Finding(Code.CONSENT, where, "it was given after it was withdrawn")


def through_findings(history: ProvenHistory) -> Iterator[Finding]:
    """Compare `through` with the endings: each is larger than the one before, and no consent begins under it."""
    through = 0
    for entry in history.entries:
        if entry.kind is EntryKind.GIVEN and entry.block <= through:
            yield Finding(Code.THROUGH, _place(entry), f"given in block {entry.block}, ended through {through}")
        if entry.kind is EntryKind.ENDED:
            value = int.from_bytes(entry.entry_hash)
            if not through < value <= FOR_GOOD:
                yield Finding(Code.THROUGH, _place(entry), f"an ending through {value} after one through {through}")
            through = value
    if through != history.through:
        yield Finding(Code.THROUGH, "", f"the chain has {history.through}, the entries end with {through}")


def hospital_findings(history: ProvenHistory) -> Iterator[Finding]:
    """Check that each access was appended by an account that was an active hospital at its block."""
    for entry in history.journal.of_kind(EntryKind.ACCESS):
        party = history.parties[entry.account]
        if Role.HOSPITAL not in party.word.roles:
            yield Finding(Code.HOSPITAL, _place(entry), f"{party.name} is no hospital")
        elif party.word.suspended_block == entry.block:
            # Within one block the contract knows which came first; the words do not.
            text = f"{party.name} was suspended in the same block"
            yield Finding(Code.HOSPITAL, _place(entry), text, Severity.NOTICE)
        elif not party.word.active_at(entry.block):
            yield Finding(Code.HOSPITAL, _place(entry), f"{party.name} was not active in block {entry.block}")


def opened(history: ProvenHistory, opening: Opening) -> tuple[Entry, ...]:
    """Return the entries that an opening opens."""
    return history.named(opening.entry_hash(history.genesis.domain), opening.kinds)


def opening_findings(history: ProvenHistory) -> Iterator[Finding]:
    """Check that each opening opens an entry, and that what it says agrees with the registry."""
    for place, opening in enumerate(history.bundle.openings, start=1):
        entries = opened(history, opening)
        if not entries:
            yield Finding(Code.OPENING, f"opening {place}", "the log has no entry of its hash")
        for entry in entries:
            if opening.access is not None:
                yield from _access_findings(history, entry, opening.access)
            if opening.deposit is not None:
                yield from _deposit_findings(history, entry, opening.deposit)


def answer_findings(history: ProvenHistory) -> Iterator[Finding]:
    """Check that each signed answer has its entry, and that a keeper signed it."""
    for place, signed in enumerate(history.bundle.answers, start=1):
        reason = _answer_fault(history, signed)
        if reason:
            yield Finding(Code.ANSWER, f"answer {place}", reason)


def receipt_findings(history: ProvenHistory) -> Iterator[Finding]:
    """Check that each receipt has its erasure, and that a member signed it."""
    domain = history.genesis.domain
    erasures = {digest(domain, each.erasure): each.erasure for each in history.bundle.openings if each.erasure}
    for place, signed in enumerate(history.bundle.receipts, start=1):
        reason = _receipt_fault(history, signed)
        if reason:
            yield Finding(Code.RECEIPT, f"receipt {place}", reason)
        erasure = erasures.get(signed.receipt.erasure_hash)
        if erasure and not set(signed.receipt.deleted) <= {*erasure.records, *erasure.digests}:
            yield Finding(Code.RECEIPT, f"receipt {place}", "it names what the erasure does not")


def _access_findings(history: ProvenHistory, entry: Entry, access: Access) -> Iterator[Finding]:
    party = history.parties[entry.account]
    if access.journey != entry.journey:
        yield Finding(Code.OPENING, _place(entry), "the access that it opens to is for another journey")
    if access.member != party.id:
        yield Finding(Code.OPENING, _place(entry), f"it says {access.member}, and {party.name} appended it")
    if access.where != party.word.country:
        yield Finding(Code.OPENING, _place(entry), f"it says {access.where}, and {party.name} is not registered there")


def _deposit_findings(history: ProvenHistory, entry: Entry, deposit: Deposit) -> Iterator[Finding]:
    number = deposit.body.keeper_epoch
    epoch = history.epochs.get(number)
    if deposit.journey != entry.journey:
        yield Finding(Code.OPENING, _place(entry), "the deposit that it opens to is of another journey")
    if epoch is None:
        yield Finding(Code.OPENING, _place(entry), f"it is for keeper epoch {number}, which is not proven")
    elif (deposit.body.threshold, len(deposit.body.share_hashes)) != (epoch.threshold, len(epoch.accounts)):
        yield Finding(Code.OPENING, _place(entry), f"its shares are not those of keeper epoch {number}")


def _answer_fault(history: ProvenHistory, signed: SignedAnswer) -> str:
    answer, keeper = signed.answer, history.parties[signed.keeper]
    try:
        require_signer(digest(history.genesis.domain, answer), signed.signature, signed.keeper, "the answer")
    except SignatureError as error:
        return str(error)
    if not history.keeper_epochs(signed.keeper):
        return f"{keeper.name} is in none of the proven keeper epochs"
    if not 1 <= answer.number <= len(history.entries):
        return f"{keeper.name} answered entry {answer.number}, and the log ends with entry {len(history.entries)}"
    entry = history.entries[answer.number - 1]
    if entry.kind is not EntryKind.ACCESS or entry.entry_hash != answer.entry_hash:
        return f"{keeper.name} answered an access that is not entry {answer.number}"
    return ""


def _receipt_fault(history: ProvenHistory, signed: SignedReceipt) -> str:
    signer = history.parties[signed.signer]
    try:
        require_signer(digest(history.genesis.domain, signed.receipt), signed.signature, signed.signer, "the receipt")
    except SignatureError as error:
        return str(error)
    if signer.id is None:
        return f"{signer.name} is no member"
    if not history.named(signed.receipt.erasure_hash, (EntryKind.ERASED,)):
        return f"{signer.name} deleted for an erasure that the log does not have"
    return ""


def _moment(entries: tuple[Entry, ...]) -> tuple[int, int]:
    return (entries[0].block, entries[0].time) if entries else (0, 0)


def _place(entry: Entry) -> str:
    return f"entry {entry.number}"
