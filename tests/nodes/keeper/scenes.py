"""Scenes that `decide` is asked about: one that is covered, and every single change to it.

A scene is plain values; `Scene.ask` puts them to the rules, which may be a mutated copy of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

from hospes.core.bodies import AccessBox, ShownGrant
from hospes.core.cards import gate_of
from hospes.core.chain import ConsentWord, Entry, EntryKind, Member, MemberWord, Role
from hospes.core.identities import ZERO_HASH, Address, Country, Hash, MemberId, RecordId, keccak
from hospes.core.messages import Access, Alert, Consent, Deposit, DepositBody, Grant, sorted_grants
from hospes.core.proof import FinalHeader, Header, Journal
from hospes.core.typed_data import Domain, digest
from hospes.nodes.keeper import decide as rules
from hospes.nodes.keeper.grant_rows import read_rows, rows_of
from hospes.nodes.keeper.held import Held, HeldDeposit, StandingConsent
from hospes.nodes.keeper.opening import OpenedRequest

DOMAIN = Domain(0x486F73706573, Address(b"\x0c" * 20))
JOURNEY, OTHER_JOURNEY = Address(b"\xaa" * 20), Address(b"\xab" * 20)
LISBOA, PORTO = Address(b"\x01" * 20), Address(b"\x02" * 20)
RELAYER = Address(b"\x03" * 20)
GATE_SECRET, OTHER_SECRET = b"g" * 16, b"h" * 16
PADDING = tuple(keccak(b"padding" + bytes([i])) for i in range(8))
TIME = 1_800_000_000
"""Of the entry of the access, Unix seconds."""
GIVEN_BLOCK, DEPOSIT_BLOCK, ACCESS_BLOCK, LATEST_BLOCK = 10, 11, 20, 25


def salted(label: str) -> Hash:
    """Return a salt of its own for each label."""
    return keccak(label.encode())


GRANT = Grant(
    who="member:hospital-lisboa",
    what=("medication", "patient-summary"),
    why=("treatment",),
    where=(Country("PT"),),
    not_before=TIME - 1000,
    not_after=TIME + 1000,
    gate=ZERO_HASH,
    salt=salted("grant"),
)
ACCESS = Access(
    journey=JOURNEY,
    member=MemberId("hospital-lisboa"),
    practitioner="Dr. Ana Silva",
    what=("medication", "patient-summary"),
    why="treatment",
    where=Country("PT"),
    recipient_key=b"\x00\x20" + b"k" * 32,
    evidence=ZERO_HASH,
    requested_at=0,
    salt=salted("access"),
)
ALERT = Alert(JOURNEY, MemberId("hospital-lisboa"), 3, TIME - 60, TIME + 60, ZERO_HASH, salted("alert"))
ALERT_HASH = digest(DOMAIN, ALERT)
MEMBER = Member(
    LISBOA, MemberId("hospital-lisboa"), MemberWord(Role.HOSPITAL, Country("PT"), 1, 0), "http://lisboa", b""
)
NOTHING_HELD = Held((), (), frozenset(), 0, frozenset(), frozenset())


def consent(*grants: Grant) -> Consent:
    """Return a consent of these grants."""
    return Consent(sorted_grants(grants), TIME + 5000)


def deposit(what: str, label: str) -> HeldDeposit:
    """Return a deposit of one class as the keeper holds it."""
    record = RecordId(salted("record " + label))
    hashes = tuple(salted(f"{label} {i}") for i in range(3))
    body = DepositBody(record, what, salted("manifest"), 1, 2, hashes, salted("check"), 0, salted(label))
    whole = Deposit(JOURNEY, body)
    return HeldDeposit(digest(DOMAIN, whole), whole, b"\x01" + keccak(label.encode()))


MEDICATION, SUMMARY = deposit("medication", "one"), deposit("patient-summary", "two")


BOTH_HELD = replace(NOTHING_HELD, deposits=(MEDICATION, SUMMARY))


@dataclass(frozen=True)
class Line:
    """One entry to be numbered by `Scene`."""

    kind: EntryKind
    entry_hash: Hash
    block: int
    account: Address = RELAYER
    time: int = TIME
    journey: Address = JOURNEY


@dataclass(frozen=True)
class Scene:
    """Everything that one decision looks at; the default is covered and releases both deposits."""

    shown: tuple[ShownGrant, ...] = (ShownGrant.of(consent(GRANT), GRANT),)
    access: Access = ACCESS
    gate: bytes = b""
    alert: Alert | None = None
    raised: frozenset[Hash] = frozenset()
    before: tuple[Line, ...] = (
        Line(EntryKind.GIVEN, consent(GRANT).grants_hash, GIVEN_BLOCK),
        Line(EntryKind.DEPOSITED, MEDICATION.digest, DEPOSIT_BLOCK),
        Line(EntryKind.DEPOSITED, SUMMARY.digest, DEPOSIT_BLOCK),
    )
    entry: Line | None = None
    after: tuple[Line, ...] = ()
    number: int | None = None
    member: Member = MEMBER
    words: Mapping[Hash, ConsentWord] = field(
        default_factory=lambda: {consent(GRANT).grants_hash: ConsentWord(GIVEN_BLOCK, TIME - 900, 0, 0)}
    )
    through: int = 0
    held: Held = BOTH_HELD
    final_time: int = TIME + 5
    latest: int = LATEST_BLOCK
    now: float = TIME + 7.0

    def request(self) -> OpenedRequest:
        """Return the opened request."""
        number = len(self.before) + 1 if self.number is None else self.number
        box = AccessBox(self.access, number, self.shown, self.gate, self.alert)
        alert_hash = ZERO_HASH if self.alert is None else digest(DOMAIN, self.alert)
        alert_journey = Address(b"") if self.alert is None else self.alert.journey
        return OpenedRequest(box, digest(DOMAIN, self.access), alert_hash, alert_journey)

    def view(self) -> rules.ChainView:
        """Return what the chain says."""
        entry = self.entry or Line(EntryKind.ACCESS, digest(DOMAIN, self.access), ACCESS_BLOCK, LISBOA)
        lines = (*self.before, entry, *self.after)
        entries = tuple(
            Entry(line.journey, number, line.kind, line.account, line.entry_hash, line.block, line.time)
            for number, line in enumerate(lines, start=1)
        )
        header = Header(self.latest, self.final_time, ZERO_HASH, ZERO_HASH, ZERO_HASH, b"")
        journal = Journal(JOURNEY, FinalHeader(header, b"", DOMAIN.chain_id), ZERO_HASH, entries)
        return rules.ChainView(journal, self.member, self.words, self.through, self.raised)

    def ask(self, module: ModuleType = rules) -> tuple[tuple[str, int], ...]:
        """Return (class, entry number) of what the rules in `module` release, or raise what they raise."""
        decision: rules.Decision = module.decide(self.request(), self.view(), self.held, self.now)
        assert decision.break_glass is self.access.break_glass
        return tuple((kind.label, share.number) for kind, share in decision.shares)

    def looked_up(self, module: ModuleType = rules) -> tuple[Hash, ...]:
        """Return the consents that the rules in `module` look up."""
        view = self.view()
        found: tuple[Hash, ...] = module.look_ups(
            module.find(self.request(), view.journal), self.member, self.held, PADDING
        )
        return found

    def evidence(self, module: ModuleType = rules) -> Hash:
        """Return the alert that the rules in `module` look up."""
        found: Hash = module.evidence(self.request(), PADDING[0])
        return found


def but(**changes: Any) -> Scene:  # noqa: ANN401  (the fields of `Scene`, each of its own type)
    """Return the default scene with some values replaced."""
    return replace(Scene(), **changes)


def granting(grant: Grant, **changes: Any) -> Scene:  # noqa: ANN401  (as `but`)
    """Return a scene with another grant, given as the default one was."""
    given = consent(grant)
    line = Line(EntryKind.GIVEN, given.grants_hash, GIVEN_BLOCK)
    values: dict[str, Any] = {
        "shown": (ShownGrant.of(given, grant),),
        "before": (line, *Scene().before[1:]),
        "words": {given.grants_hash: ConsentWord(GIVEN_BLOCK, TIME - 900, 0, 0)},
    }
    return replace(Scene(), **(values | changes))


def asking(access: Access, **changes: Any) -> Scene:  # noqa: ANN401  (as `but`)
    """Return a scene with another access, logged as the default one was."""
    return replace(Scene(), access=access, **changes)


def standing(*grants: Grant) -> StandingConsent:
    """Return these grants as a standing consent."""
    given = consent(*grants)
    return StandingConsent(given.grants_hash, read_rows(rows_of(given.grants)))


GATED = replace(GRANT, who="hospital:*", gate=gate_of(GATE_SECRET), salt=salted("gated"))
