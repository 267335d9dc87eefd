"""The decision: whether an access is what it says, which classes its grants cover, and which deposits are released.

Pure: the time, the proven chain and the holdings come in as values. It verifies no proof (the types it takes can only
be had verified) and seals nothing. Each check quotes the sentence of the protocol that asks for it; `mutants.py` of its
tests removes or flips every one of them, and none may go unnoticed.

Sources: PROTOCOL section 6 (steps 2 to 6), section 8 ("restored from a backup"); ARCHITECTURE section 5, rules 1 and 3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import dropwhile
from typing import Final

from hospes.core.bodies import MAX_SHOWN_GRANTS, ReleasedShare
from hospes.core.cards import gate_of
from hospes.core.chain import ConsentWord, Entry, EntryKind, Member, Role
from hospes.core.identities import ZERO_HASH, Hash
from hospes.core.messages import ANY_HOSPITAL, CLASSES, Grant, RecordClass
from hospes.core.proof import Journal
from hospes.nodes.keeper.errors import ClockBehindError, NotFinalError, StaleError, WrongEntryError
from hospes.nodes.keeper.held import Held, StandingConsent, StandingGrant
from hospes.nodes.keeper.opening import OpenedRequest

FRESH_S: Final = 600
"""Oldest entry that is answered, in seconds (PROTOCOL section 6, step 4)."""
AHEAD_S: Final = 30
"""How far the chain's time may be ahead of the keeper's clock, in seconds (PROTOCOL section 6, step 4)."""
LOOK_UPS: Final = MAX_SHOWN_GRANTS
"""Consents looked up for every access (PROTOCOL section 6, step 5)."""
DEPOSITS_A_CLASS: Final = 8
"""Newest deposits of one class in one answer (PROTOCOL section 6, step 6)."""
_NEVER: Final = ConsentWord(0, 0, 0, 0)
_Granted = tuple[Hash, Grant | StandingGrant]
"""A grant, by the consent that it is of."""


@dataclass(frozen=True, slots=True)
class ChainView:
    """What the chain says, all proven at the journal's final block.

    Attributes
    ----------
    journal : Journal
        Of the journey that the request names.
    member : Member
        Of the account in the entry asked for.
    words : mapping of Hash to ConsentWord
        Of the consents that `look_ups` named.
    through : int
        Consents given in a block up to this one have ended.
    raised : frozenset of Hash
        Of the alert that `evidence` named: its hash when it was raised on the chain, else none.
    """

    journal: Journal
    member: Member
    words: Mapping[Hash, ConsentWord]
    through: int
    raised: frozenset[Hash]


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A request with the final entry that it names; only `find` returns one."""

    request: OpenedRequest
    entry: Entry


@dataclass(frozen=True, slots=True)
class MatchedAccess:
    """A fresh request whose entry stands for it; only `match` returns one."""

    logged: LoggedRequest
    member: Member


@dataclass(frozen=True, slots=True)
class CoveredAccess:
    """A matched access with the classes that the traveller's consents cover; only `cover` returns one."""

    matched: MatchedAccess
    classes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Decision:
    """What is released to one access; the same shape when that is nothing.

    Attributes
    ----------
    entry : Entry
    break_glass : bool
        Whether the access was for `emergency`.
    shares : tuple of (RecordClass, ReleasedShare)
        By class, then newest first: the slots of the answer.
    """

    entry: Entry
    break_glass: bool
    shares: tuple[tuple[RecordClass, ReleasedShare], ...]

    @property
    def released(self) -> tuple[str, ...]:
        """The classes of which something is released, sorted."""
        return tuple(sorted({kind.label for kind, _ in self.shares}))


def decide(request: OpenedRequest, view: ChainView, held: Held, now: float) -> Decision:
    """Decide one access.

    Parameters
    ----------
    request : OpenedRequest
    view : ChainView
        At the latest final block, with the words of exactly the consents of `look_ups`, and the alert of `evidence`.
    held : Held
        For the journey that the request names, of the requested classes at least.
    now : float
        This keeper's clock, Unix seconds.

    Raises
    ------
    NotFinalError, WrongEntryError, ClockBehindError, StaleError
        In steps 2 to 4. Steps 5 and 6 leave out what is not covered and raise nothing.
    """
    logged = find(request, view.journal)
    matched = match(logged, view, now)
    covered = cover(matched, view, held)
    return release(covered, view, held)


def look_ups(logged: LoggedRequest, member: Member, held: Held, padding: Sequence[Hash]) -> tuple[Hash, ...]:
    """Return the consents to look up: always eight, whatever was asked and whatever is held.

    Parameters
    ----------
    padding : sequence of Hash
        Eight random hashes; they fill the places that are left.
    """
    return (*_claims(logged, member, held.standing), *padding)[:LOOK_UPS]


def evidence(request: OpenedRequest, padding: Hash) -> Hash:
    """Return the alert to look up: always one, whether or not the access names one.

    Parameters
    ----------
    padding : Hash
        Random; looked up when there is no evidence, and found by nobody.
    """
    named = request.access.evidence
    return padding if named == ZERO_HASH else named


def find(request: OpenedRequest, journal: Journal) -> LoggedRequest:
    """Find the entry, step 2: "The entry is final"; the journal was proven complete, so what it lacks is not."""
    number, last = request.box.number, len(journal.entries)
    if number > last:
        raise NotFinalError(number)
    return LoggedRequest(request, journal.entry(number))


def match(logged: LoggedRequest, view: ChainView, now: float) -> MatchedAccess:
    """Match entry and access, steps 3 and 4: the entry stands for it, is by the member it names, and is fresh."""
    _require_its_entry(logged, view.member)
    _require_fresh(logged.entry, view.journal.header.time, now)
    return MatchedAccess(logged, view.member)


def cover(matched: MatchedAccess, view: ChainView, held: Held) -> CoveredAccess:
    """Step 5: "Each requested class is decided alone"; conditions on the whole access leave none."""
    logged, member = matched.logged, matched.member
    claims = _claims(logged, member, held.standing)
    classes = {
        what for grants_hash in claims for what in claims[grants_hash] if _lives(grants_hash, logged, view, held)
    }
    served = (
        # Step 5: "nor [...] the member suspended, at the keeper's latest final block"
        member.word.active_at(view.journal.header.number)
        and _evidence_holds(logged.request, view.raised)
        and _erasures_known(view.journal, held)
    )
    return CoveredAccess(matched, frozenset(classes) if served else frozenset())


def release(covered: CoveredAccess, view: ChainView, held: Held) -> Decision:
    """Step 6: "For each covered class the logged, unerased deposits, newest first, at most 8"."""
    unerased = {one.digest: one for one in held.deposits if one.deposit.body.record not in held.erased}
    newest_first = [
        ReleasedShare(entry.number, unerased[entry.entry_hash].deposit, unerased[entry.entry_hash].share)
        for entry in reversed(view.journal.of_kind(EntryKind.DEPOSITED))
        if entry.entry_hash in unerased
    ]
    slots: list[tuple[RecordClass, ReleasedShare]] = []
    for what in sorted(covered.classes, key=CLASSES.__getitem__):
        of_class = [(CLASSES[what], share) for share in newest_first if share.deposit.body.what == what]
        slots += of_class[:DEPOSITS_A_CLASS]
    logged = covered.matched.logged
    return Decision(logged.entry, logged.request.break_glass, tuple(slots))


def _require_its_entry(logged: LoggedRequest, member: Member) -> None:
    """Step 3, sentence by sentence."""
    entry, access = logged.entry, logged.request.access
    checks = {
        # Step 3: "kind is access"
        "it is not the entry of an access": entry.kind is EntryKind.ACCESS,
        # Step 3: "the entry's journey = `Access.journey`"
        "it is an entry of another journey": entry.journey == access.journey,
        # Step 3: "the id registered for the entry's account [...] = `Access.member`"
        "another account's member was looked up": member.account == entry.account,
        "another member wrote it": member.id == access.member,
        # Step 3: "at that block [...] an active hospital"; id, roles and country never change, suspension is for good
        "its member was no hospital": Role.HOSPITAL in member.word.roles,
        "its member was not active": member.word.active_at(entry.block),
        # Step 3: "`Access.where` = its country"
        "its member is of another country": member.word.country == access.where,
        # Step 3: "entryHash = digest of `Access`"
        "it is the entry of another access": entry.entry_hash == logged.request.access_hash,
    }
    for reason, holds in checks.items():
        if not holds:
            raise WrongEntryError(entry.number, reason)


def _require_fresh(entry: Entry, final_time: int, now: float) -> None:
    """Step 4; `requestedAt` is information only and is not looked at."""
    # Step 4: "While the latest final block is more than 30 s ahead of the clock: try again later."
    if final_time - now > AHEAD_S:
        raise ClockBehindError(final_time - now)
    # Step 4: "max(keeper's clock, time of the latest final block) - the entry's time <= 600 s"
    age_s = max(now, final_time) - entry.time
    if age_s > FRESH_S:
        raise StaleError(f"entry {entry.number}", age_s, FRESH_S)


def _claims(logged: LoggedRequest, member: Member, standing: Sequence[StandingConsent]) -> dict[Hash, set[str]]:
    """Return the requested classes that grants would cover if their consents live, by consent.

    Shown grants come first, then standing ones, newest first; the first eight consents with a grant that matches. A
    consent that could not help takes no place, so that years of old ones do not push the break-glass one out.
    """
    shown: list[_Granted] = [(one.grants_hash, one.grant) for one in logged.request.box.grants]
    left: list[_Granted] = [(one.grants_hash, grant) for one in standing for grant in one.grants]
    claims: dict[Hash, set[str]] = {}
    for grants_hash, grant in (*shown, *left):
        classes = set(grant.what) & set(logged.request.access.what)
        if classes and _matches(grant, logged, member):
            claims.setdefault(grants_hash, set()).update(classes)
    return {grants_hash: claims[grants_hash] for grants_hash in tuple(claims)[:LOOK_UPS]}


def _matches(grant: Grant | StandingGrant, logged: LoggedRequest, member: Member) -> bool:
    """Step 5: "a grant that matches who, why, where, gate, and notBefore <= the entry's time < notAfter"."""
    access, gate = logged.request.access, gate_of(logged.request.box.gate)
    return (
        # Section 1: "`country:<code>` (hospitals whose registered country it is)"
        grant.who in (f"member:{member.id}", f"country:{member.word.country}", ANY_HOSPITAL)
        and access.why in grant.why
        and access.where in grant.where
        # Section 1: "zero for none [...] The requester shows the preimage to the keepers"
        and grant.gate in (ZERO_HASH, gate)
        and grant.not_before <= logged.entry.time < grant.not_after
    )


def _lives(grants_hash: Hash, logged: LoggedRequest, view: ChainView, held: Held) -> bool:
    """Step 5: the consent was given before the access and has not come to an end since, here or on the chain."""
    word = view.words.get(grants_hash, _NEVER)
    earlier = view.journal.entries[: logged.entry.number - 1]
    return (
        # Step 5: "of a consent given in an earlier entry"
        any(entry.kind is EntryKind.GIVEN and entry.entry_hash == grants_hash for entry in earlier)
        # Step 5: "neither withdrawn [...] in an earlier entry, nor withdrawn [...] at the [...] latest final block"
        and word.withdrawn_block == 0
        # Step 5: "nor ended": every consent given in a block up to `through`; one that was never given is of block 0
        and word.given_block > view.through
        # Section 6: "A `Withdrawal`, `Ending` [...] handed directly to a keeper is [...] honoured"
        and grants_hash not in held.withdrawn
        and word.given_block > held.through
    )


def _evidence_holds(request: OpenedRequest, raised: frozenset[Hash]) -> bool:
    """Step 5: "`evidence` other than zero must be the hash of the shown `Alert`, raised on the chain"."""
    named = request.access.evidence
    return named == ZERO_HASH or (
        named == request.alert_hash
        and named in raised
        # Step 5: "for the same journey"
        and request.alert_journey == request.access.journey
    )


def _erasures_known(journal: Journal, held: Held) -> bool:
    """Section 8: "refuses a journey with a later `erased` entry until it has the `Erasure` that matches it".

    Later than the first deposit that is held: a keeper that came after an erasure has nothing that it could mean.
    """
    mine = held.oldest | {one.digest for one in held.deposits}
    since = dropwhile(lambda entry: entry.entry_hash not in mine, journal.entries)
    return all(entry.entry_hash in held.erasures for entry in since if entry.kind is EntryKind.ERASED)
