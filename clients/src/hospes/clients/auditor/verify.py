"""The verdict on one audit bundle, offline: what is proven, what is found, and one sentence that says it.

It reads no clock and no network. It cannot see a release that nobody logged: t colluding keepers leave no trace, and no
bundle proves that a release did not happen.

Sources: PROTOCOL section 9.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from hospes.clients.auditor.agreement import all_findings, opened
from hospes.clients.auditor.errors import RefutedError
from hospes.clients.auditor.findings import Code, Finding, Severity
from hospes.clients.auditor.history import Checkpoint, ProvenHistory, prove
from hospes.clients.auditor.meaning import ending, kind_name, meaning
from hospes.core.audit import AuditBundle, Opening
from hospes.core.chain import Entry, EntryKind
from hospes.core.errors import HospesError
from hospes.core.genesis import Genesis
from hospes.core.identities import Address, Hash, MemberId
from hospes.core.moments import moment


@dataclass(frozen=True, slots=True)
class Line:
    """One proven entry with its meaning.

    Attributes
    ----------
    number, block, time : int
        Time in Unix seconds.
    kind : str
    account : Address
    who : str
        The member's id, or the account when it is no member. For other kinds than access it is the relayer.
    entry_hash : Hash
    meaning : str
        ``"not shown"`` unless the bundle opens it.
    answers : tuple of MemberId
        Keepers whose signed answers to it the bundle holds.
    """

    number: int
    block: int
    time: int
    kind: str
    account: Address
    who: str
    entry_hash: Hash
    meaning: str
    answers: tuple[MemberId, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an auditor can say of a bundle.

    Attributes
    ----------
    proven : bool
        Whether no finding is an error.
    sentence : str
    findings : tuple of Finding
    lines : tuple of Line
        Every entry; empty when the foundation does not hold.
    journey : Address
    block, time : int
        The bundle's block and its Unix seconds; zero when the foundation does not hold.
    authority : Address or None
        Whose seal everything rests on; None when the foundation does not hold.
    demonstration : bool
        Whether this is the demonstration network, which every screen must say; of a bundle whose foundation does not
        hold, what it says itself.
    """

    proven: bool
    sentence: str
    findings: tuple[Finding, ...]
    lines: tuple[Line, ...]
    journey: Address
    block: int
    time: int
    authority: Address | None
    demonstration: bool


def verify(bundle: AuditBundle, pin: Hash, as_of: int | None = None, checkpoint: Checkpoint | None = None) -> Verdict:
    """Judge a bundle.

    Parameters
    ----------
    bundle : AuditBundle
    pin : Hash
        `Genesis.pin` of the network, from elsewhere than the bundle.
    as_of : int, optional
        Unix seconds: must the bundle be complete up to then?
    checkpoint : Checkpoint, optional
        A block known from elsewhere to be final, against forgery by an old authority's key.

    Returns
    -------
    Verdict
        Never an error: what does not hold is a finding.
    """
    try:
        history = prove(bundle, pin, checkpoint)
    except RefutedError as error:
        return _refuted(bundle, error)
    findings = (*all_findings(history), *_late(history, as_of))
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    return Verdict(
        proven=not errors,
        sentence=_contradicted(errors) if errors else _complete(history, as_of),
        findings=findings,
        lines=tuple(_lines(history)),
        journey=bundle.journey,
        block=history.final.number,
        time=history.final.time,
        authority=history.genesis.authority,
        demonstration=history.genesis.demonstration,
    )


def respelled(bundle: AuditBundle, file: str) -> Verdict:
    """Return the verdict on a file that says what a bundle says in other bytes than a bundle is written in."""
    reason = f"{file} was changed since it was written: every byte of a bundle counts, white space too"
    return _refuted(bundle, RefutedError(Code.FILE, reason))


def _refuted(bundle: AuditBundle, error: RefutedError) -> Verdict:
    finding = Finding(error.code, "", error.reason)
    return Verdict(
        proven=False,
        sentence=f"NOT PROVEN: {error.reason}; nothing else in this bundle can be judged.",
        findings=(finding,),
        lines=(),
        journey=bundle.journey,
        block=0,
        time=0,
        authority=None,
        demonstration=_says_demonstration(bundle),
    )


def _says_demonstration(bundle: AuditBundle) -> bool:
    """Whether a bundle, which need not be believed, says that it is of the demonstration network."""
    try:
        return Genesis.decode(bundle.genesis).demonstration
    except HospesError:
        return False


def _late(history: ProvenHistory, as_of: int | None) -> Iterable[Finding]:
    """Find a bundle that ends too early; every later block has a later time, so equal is enough."""
    if as_of is not None and history.final.time < as_of:
        text = f"it ends with block {history.final.number} at {moment(history.final.time)}, before {moment(as_of)}"
        yield Finding(Code.AS_OF, "", text)


def _contradicted(errors: list[Finding]) -> str:
    if all(finding.code is Code.AS_OF for finding in errors):
        return f"NOT COMPLETE: {errors[0].text}; entries between the two are unknown."
    count = f"{len(errors)} findings contradict it, first" if len(errors) > 1 else "one finding contradicts it"
    return f"NOT PROVEN: {count}: {errors[0]}."


def _complete(history: ProvenHistory, as_of: int | None) -> str:
    until = f"block {history.final.number} at {moment(history.final.time)}"
    count = len(history.entries)
    if not count:
        known = f"up to {until}" if as_of is None else f"as of {moment(as_of)}, proven up to {until}"
        return f"Nothing was ever written under this address, {known}: compare it with the traveller's."
    entries = "1 entry" if count == 1 else f"{count} entries, none missing"
    if as_of is None:
        return f"Complete up to {until}: {entries}; later entries unknown."
    return f"Complete as of {moment(as_of)}: {entries}, proven up to {until}."


def _lines(history: ProvenHistory) -> Iterable[Line]:
    shown: dict[int, Opening] = {}
    for opening in history.bundle.openings:
        shown |= {entry.number: opening for entry in opened(history, opening)}
    answering = _answering(history)
    for entry in history.entries:
        yield _line(history, entry, shown.get(entry.number), answering.get(entry.number, set()))


def _line(history: ProvenHistory, entry: Entry, opening: Opening | None, answering: set[MemberId]) -> Line:
    return Line(
        number=entry.number,
        block=entry.block,
        time=entry.time,
        kind=kind_name(entry.kind, opening),
        account=entry.account,
        who=history.parties[entry.account].name,
        entry_hash=entry.entry_hash,
        meaning=ending(entry.entry_hash) if entry.kind is EntryKind.ENDED else meaning(opening),
        answers=tuple(sorted(answering)),
    )


def _answering(history: ProvenHistory) -> dict[int, set[MemberId]]:
    """Return who answered each entry; meaningful once `agreement` found nothing against the answers."""
    found: dict[int, set[MemberId]] = {}
    for signed in history.bundle.answers:
        name = history.parties[signed.keeper].id
        if name is not None:
            found.setdefault(signed.answer.number, set()).add(name)
    return found
