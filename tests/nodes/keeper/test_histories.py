"""The decision over whole histories, judged by a second, slower telling of the rules.

The model writes a log as the contracts would and says in plain words what may be released; `decide` must say the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import given, strategies as st

from hospes.core.bodies import ShownGrant
from hospes.core.chain import ConsentWord, EntryKind, Role
from hospes.core.errors import HospesError
from hospes.core.identities import Country, Hash, MemberId
from hospes.core.typed_data import digest
from tests.nodes.keeper.cases import BOTH, EVIDENT, NOTHING
from tests.nodes.keeper.scenes import (
    ACCESS_BLOCK,
    BOTH_HELD,
    DOMAIN,
    GIVEN_BLOCK,
    GRANT,
    LISBOA,
    TIME,
    Line,
    Scene,
    but,
    consent,
    deposit,
    salted,
    standing,
)

CLASSES = ("medication", "patient-summary")
GRANTS = tuple(replace(GRANT, what=(CLASSES[i % 2],), salt=salted(f"history {i}")) for i in range(4))
HASHES = tuple(consent(grant).grants_hash for grant in GRANTS)
DEPOSITS = tuple(deposit(CLASSES[i % 2], f"history {i}") for i in range(4))
ERASURES = tuple(salted(f"erasure {i}") for i in range(4))


@dataclass
class Model:
    """The three contracts as far as one journey's consents and log go, and one keeper's holdings."""

    block: int = 1
    lines: list[Line] = field(default_factory=list[Line])
    given_at: dict[int, int] = field(default_factory=dict[int, int])
    withdrawn_at: dict[int, int] = field(default_factory=dict[int, int])
    through: int = 0
    handed_withdrawals: set[int] = field(default_factory=set[int])
    handed_through: int = 0
    erased: set[int] = field(default_factory=set[int])
    handed_erasures: set[int] = field(default_factory=set[int])

    def write(self, kind: EntryKind, entry_hash: Hash) -> None:
        """Add an entry."""
        self.lines.append(Line(kind, entry_hash, self.block))

    def happen(self, event: tuple[str, int]) -> None:
        """Let one thing happen, if the contracts take it."""
        getattr(self, "_" + event[0])(event[1])

    def _block(self, _: int) -> None:
        self.block += 1

    def _give(self, i: int) -> None:
        if i not in self.given_at and i not in self.withdrawn_at and self.block > self.through:
            self.given_at[i] = self.block
            self.write(EntryKind.GIVEN, HASHES[i])

    def _withdraw(self, i: int) -> None:
        if i not in self.withdrawn_at:
            self.withdrawn_at[i] = self.block
            self.write(EntryKind.WITHDRAWN, HASHES[i])

    def _end(self, back: int) -> None:
        through = self.block - back
        if through > self.through:
            self.through = through
            self.write(EntryKind.ENDED, Hash(through.to_bytes(32)))

    def _hand_withdrawal(self, i: int) -> None:
        self.handed_withdrawals.add(i)

    def _hand_ending(self, back: int) -> None:
        self.handed_through = max(self.handed_through, self.block - back)

    def _deposit(self, i: int) -> None:
        if all(line.entry_hash != DEPOSITS[i].digest for line in self.lines):
            self.write(EntryKind.DEPOSITED, DEPOSITS[i].digest)

    def _erase(self, i: int) -> None:
        if i not in self.erased:
            self.erased.add(i)
            self.write(EntryKind.ERASED, ERASURES[i])

    def _hand_erasure(self, i: int) -> None:
        self.handed_erasures.add(i)

    def scene(self, before: int, shown: frozenset[int], left: frozenset[int], held: frozenset[int]) -> Scene:
        """Return the scene in which an access stands after the first `before` entries, asked at the end of it all."""
        here = replace(
            BOTH_HELD,
            standing=tuple(standing(GRANTS[i]) for i in sorted(left)),
            deposits=tuple(DEPOSITS[i] for i in sorted(held)),
            withdrawn=frozenset(HASHES[i] for i in self.handed_withdrawals),
            through=self.handed_through,
            erasures=frozenset(ERASURES[i] for i in self.handed_erasures),
            erased=frozenset(DEPOSITS[i].deposit.body.record for i in self.handed_erasures),
        )
        words = {
            HASHES[i]: ConsentWord(self.given_at.get(i, 0), 0, self.withdrawn_at.get(i, 0), 0)
            for i in range(len(HASHES))
        }
        return but(
            shown=tuple(ShownGrant.of(consent(GRANTS[i]), GRANTS[i]) for i in sorted(shown)),
            before=tuple(self.lines[:before]),
            after=tuple(self.lines[before:]),
            words=words,
            through=self.through,
            held=here,
            latest=max(self.block, ACCESS_BLOCK),
        )

    def lives(self, i: int, before: int) -> bool:
        """Whether a consent was given before the access, and nobody ever withdrew or ended it by now."""
        if not any(line.kind is EntryKind.GIVEN and line.entry_hash == HASHES[i] for line in self.lines[:before]):
            return False
        endings = [int.from_bytes(line.entry_hash) for line in self.lines if line.kind is EntryKind.ENDED]
        withdrawals = {line.entry_hash for line in self.lines if line.kind is EntryKind.WITHDRAWN}
        ended = any(self.given_at[i] <= through for through in (*endings, self.handed_through))
        return HASHES[i] not in withdrawals and i not in self.handed_withdrawals and not ended

    def released(self, before: int, consents: frozenset[int], held: frozenset[int]) -> set[tuple[str, int]]:
        """Return what may be released, in no order."""
        numbers = {line.entry_hash: n + (n > before) for n, line in enumerate(self.lines, start=1)}
        mine = {numbers[DEPOSITS[i].digest]: i for i in held if DEPOSITS[i].digest in numbers}
        unknown = [numbers[ERASURES[i]] for i in self.erased - self.handed_erasures]
        if mine and any(number > min(mine) for number in unknown):
            return set()
        classes = {CLASSES[i % 2] for i in consents if self.lives(i, before)}
        kept = {number: i for number, i in mine.items() if i not in self.handed_erasures}
        return {(CLASSES[i % 2], number) for number, i in kept.items() if CLASSES[i % 2] in classes}


NAMES = ("block", "give", "withdraw", "end", "hand_withdrawal", "hand_ending", "deposit", "erase", "hand_erasure")
OFTEN = ("give", "deposit", "block", "give", "deposit")
events = st.tuples(st.sampled_from(NAMES + OFTEN), st.integers(0, 3))
choices = st.frozensets(st.integers(0, 3))


@given(st.lists(events, max_size=30), st.integers(0, 30), choices, choices, choices)
def test_no_history_releases_more_or_less_than_the_rules_say(
    history: list[tuple[str, int]], place: int, shown: frozenset[int], left: frozenset[int], held: frozenset[int]
) -> None:
    """Over any order of consents, endings, deposits and erasures, on the chain or handed over, exactly what the
    traveller allowed is released; above all nothing that an earlier, later or directly handed end stopped.
    """
    model = Model()
    for event in history:
        model.happen(event)
    before = min(place, len(model.lines))
    found = model.scene(before, shown, left, held).ask()
    assert set(found) == model.released(before, shown | left, held)


def _regranted(change: Mapping[str, Any]) -> Callable[[Scene], Scene]:
    """Return a change of the grant that is given, shown and looked up like the one it replaces."""

    def apply(scene: Scene) -> Scene:
        grant = replace(scene.shown[0].grant, **change)
        old, new = scene.shown[0].grants_hash, consent(grant).grants_hash
        lines = tuple(
            replace(line, entry_hash=new if line.entry_hash == old else line.entry_hash) for line in scene.before
        )
        here = replace(scene.held, withdrawn=frozenset({new} if old in scene.held.withdrawn else ()))
        words = {new: scene.words[old]}
        return replace(scene, shown=(ShownGrant.of(consent(grant), grant),), before=lines, words=words, held=here)

    return apply


def _reheld(**change: object) -> Callable[[Scene], Scene]:
    return lambda scene: replace(scene, held=replace(scene.held, **change))  # type: ignore[arg-type]


def _word(**change: int) -> Callable[[Scene], Scene]:
    return lambda scene: replace(scene, words={key: replace(word, **change) for key, word in scene.words.items()})


def _membership(**change: object) -> Callable[[Scene], Scene]:
    return lambda scene: replace(
        scene,
        member=replace(scene.member, word=replace(scene.member.word, **change)),  # type: ignore[arg-type]
    )


FAULTS: dict[str, Callable[[Scene], Scene]] = {
    "not final": lambda scene: replace(scene, number=len(scene.before) + 2),
    "kind": lambda scene: replace(
        scene, entry=Line(EntryKind.GIVEN, digest(DOMAIN, scene.access), ACCESS_BLOCK, LISBOA)
    ),
    "another's": lambda scene: replace(scene, member=replace(scene.member, id=MemberId("hospital-porto"))),
    "role": _membership(roles=Role.KEEPER),
    "suspended": _membership(suspended_block=ACCESS_BLOCK + 1),
    "elsewhere": _membership(country=Country("ES")),
    "old": lambda scene: replace(scene, now=TIME + 601.0),
    "who": _regranted({"who": "member:hospital-porto"}),
    "why": _regranted({"why": ("research",)}),
    "where": _regranted({"where": (Country("ES"),)}),
    "gate": _regranted({"gate": salted("gate")}),
    "too early": _regranted({"not_before": TIME + 1, "not_after": TIME + 2}),
    "too late": _regranted({"not_before": TIME - 1, "not_after": TIME}),
    "what": _regranted({"what": ("imaging",)}),
    "never given": lambda scene: replace(
        scene, before=(replace(scene.before[0], kind=EntryKind.WITHDRAWN), *scene.before[1:])
    ),
    "withdrawn": _word(withdrawn_block=ACCESS_BLOCK + 1),
    "ended": lambda scene: replace(scene, through=GIVEN_BLOCK),
    "withdrawn here": lambda scene: _reheld(withdrawn=frozenset({scene.shown[0].grants_hash}))(scene),
    "ended here": _reheld(through=GIVEN_BLOCK),
    "erased here": _reheld(erased=frozenset(held.deposit.body.record for held in BOTH_HELD.deposits)),
    "nothing held": _reheld(deposits=()),
    "evidence": lambda scene: replace(scene, access=replace(scene.access, evidence=EVIDENT.evidence)),
}
"""Everything without which nothing may be covered, each taken away alone."""


@given(st.frozensets(st.sampled_from(sorted(FAULTS)), max_size=4))
def test_nothing_is_covered_without_every_single_condition(faults: frozenset[str]) -> None:
    """Take away any conditions, together or alone, and nothing is released; take away none, and both deposits are."""
    scene = Scene()
    for fault in sorted(faults):
        scene = FAULTS[fault](scene)
    try:
        released = scene.ask()
    except HospesError:
        released = NOTHING
    assert released == (NOTHING if faults else BOTH)
