"""The table of decisions: each rule's positive and negative side by side, by name.

`test_decide.py` asks the rules; `test_mutants.py` asks mutated copies of them and wants the named cases to notice.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Final

from hospes.core.bodies import ShownGrant
from hospes.core.cards import gate_of
from hospes.core.chain import ConsentWord, EntryKind, MemberWord, Role
from hospes.core.errors import HospesError
from hospes.core.identities import Country, Hash, MemberId
from hospes.core.messages import Grant
from hospes.core.typed_data import digest
from hospes.nodes.keeper import decide as rules
from hospes.nodes.keeper.errors import ClockBehindError, NotFinalError, StaleError, WrongEntryError
from hospes.nodes.keeper.held import HeldDeposit
from tests.nodes.keeper.scenes import (
    ACCESS,
    ACCESS_BLOCK,
    ALERT,
    ALERT_HASH,
    DEPOSIT_BLOCK,
    DOMAIN,
    GATE_SECRET,
    GATED,
    GIVEN_BLOCK,
    GRANT,
    LATEST_BLOCK,
    LISBOA,
    MEDICATION,
    MEMBER,
    NOTHING_HELD,
    OTHER_JOURNEY,
    OTHER_SECRET,
    PADDING,
    PORTO,
    SUMMARY,
    TIME,
    Line,
    Scene,
    asking,
    but,
    consent,
    deposit,
    granting,
    salted,
    standing,
)

BOTH: Final = (("patient-summary", 3), ("medication", 2))
NOTHING: Final = ()
GRANTS_HASH: Final = consent(GRANT).grants_hash
GIVEN: Final = ConsentWord(GIVEN_BLOCK, TIME - 900, 0, 0)
DEPOSITS: Final = Scene().before[1:]
EMERGENCY: Final = replace(ACCESS, why="emergency")
HELD: Final = Scene().held
EVIDENT: Final = replace(ACCESS, evidence=ALERT_HASH)
ERASURE: Final = Hash(salted("erasure"))
OTHER_ALERT: Final = replace(ALERT, salt=salted("other alert"))
FOREIGN_ALERT: Final = replace(ALERT, journey=OTHER_JOURNEY)
ELSEWHERE: Final = replace(ALERT, addressee=MemberId("hospital-porto"))
ELSEWHERE_EVIDENCE: Final = replace(ACCESS, evidence=digest(DOMAIN, ELSEWHERE))
FOREIGN_EVIDENCE: Final = replace(ACCESS, evidence=digest(DOMAIN, FOREIGN_ALERT))
PAIR: Final = standing(
    replace(GRANT, what=("medication",)),
    replace(GRANT, what=("patient-summary",)),
    replace(GRANT, who="country:ES"),
)
"""One grant for each class, and one that does not match."""
MANY: Final = tuple(deposit("medication", f"many {i}") for i in range(10))

Expected = tuple[tuple[str, int], ...] | type[HospesError]


@dataclass(frozen=True)
class Case:
    """A scene and what must come of it; `look_ups` or `evidence` instead of a decision where that is the question."""

    scene: Scene
    expected: Expected = NOTHING
    look_ups: tuple[Hash, ...] | None = None
    evidence: Hash | None = None

    def passes(self, module: ModuleType = rules) -> bool:
        """Return whether the rules in `module` do as expected."""
        try:
            if self.look_ups is not None:
                return self.scene.looked_up(module) == self.look_ups
            if self.evidence is not None:
                return self.scene.evidence(module) == self.evidence
            return self.scene.ask(module) == self.expected
        except HospesError as error:
            return type(error) is self.expected


def _word(roles: Role = Role.HOSPITAL, country: str = "PT", admitted: int = 1, suspended: int = 0) -> Scene:
    return but(member=replace(MEMBER, word=MemberWord(roles, Country(country), admitted, suspended)))


def _others(count: int, change: Callable[[Grant], Grant] = lambda grant: grant) -> tuple[Grant, ...]:
    """Return grants that match as the default one does but were never given."""
    return tuple(change(replace(GRANT, salt=salted(f"other {i}"))) for i in range(count))


def _shown(*grants: Grant) -> tuple[ShownGrant, ...]:
    return tuple(ShownGrant.of(consent(grant), grant) for grant in grants)


def _left(*grants: Grant) -> Scene:
    return but(shown=(), held=replace(HELD, standing=tuple(standing(grant) for grant in grants)))


def _crowded(shown: tuple[Grant, ...], *left: Grant) -> Scene:
    return replace(_left(*left), shown=_shown(*shown))


def _logged(*deposits: HeldDeposit, since: tuple[Line, ...] = ()) -> Scene:
    """Return a scene with these deposits logged after the consent, all held."""
    lines = tuple(Line(EntryKind.DEPOSITED, one.digest, DEPOSIT_BLOCK) for one in deposits)
    return but(before=(Scene().before[0], *lines, *since), held=replace(HELD, deposits=deposits))


def _erased_line(block: int = DEPOSIT_BLOCK) -> Line:
    return Line(EntryKind.ERASED, ERASURE, block)


FINDING: Final = {
    "an access as it should be": Case(but(), BOTH),
    "an entry beyond the final log": Case(but(number=5), NotFinalError),
    "an entry long beyond the final log": Case(but(number=1 << 63), NotFinalError),
    "the last entry of the final log": Case(but(after=()), BOTH),
    "an entry with others after it": Case(but(after=(Line(EntryKind.GIVEN, salted("later"), 22),)), BOTH),
}

MATCHING: Final = {
    "an entry of another kind": Case(
        but(entry=Line(EntryKind.DEPOSITED, digest(DOMAIN, ACCESS), ACCESS_BLOCK, LISBOA)), WrongEntryError
    ),
    "an entry of another journey": Case(
        but(entry=Line(EntryKind.ACCESS, digest(DOMAIN, ACCESS), ACCESS_BLOCK, LISBOA, TIME, OTHER_JOURNEY)),
        WrongEntryError,
    ),
    "another account's member": Case(but(member=replace(MEMBER, account=PORTO)), WrongEntryError),
    "another member's entry": Case(but(member=replace(MEMBER, id=MemberId("hospital-porto"))), WrongEntryError),
    "another member's entry shown as one's own": Case(
        but(entry=Line(EntryKind.ACCESS, digest(DOMAIN, ACCESS), ACCESS_BLOCK, PORTO)), WrongEntryError
    ),
    "a member that is no hospital": Case(_word(Role.KEEPER), WrongEntryError),
    "a hospital that is a keeper too": Case(_word(Role.HOSPITAL | Role.KEEPER), BOTH),
    "a hospital admitted after the entry": Case(_word(admitted=ACCESS_BLOCK + 1), WrongEntryError),
    "a hospital admitted in the entry's block": Case(_word(admitted=ACCESS_BLOCK), BOTH),
    "a hospital suspended by the entry's block": Case(_word(suspended=ACCESS_BLOCK), WrongEntryError),
    "a hospital registered elsewhere than it says": Case(_word(country="ES"), WrongEntryError),
    "another access than the entry's": Case(
        but(
            access=replace(ACCESS, what=("medication",)),
            entry=Line(EntryKind.ACCESS, digest(DOMAIN, ACCESS), ACCESS_BLOCK, LISBOA),
        ),
        WrongEntryError,
    ),
    "a swapped recipient": Case(
        but(
            access=replace(ACCESS, recipient_key=b"\x00\x20" + b"x" * 32),
            entry=Line(EntryKind.ACCESS, digest(DOMAIN, ACCESS), ACCESS_BLOCK, LISBOA),
        ),
        WrongEntryError,
    ),
}

FRESHNESS: Final = {
    "600 s old by the clock": Case(but(now=TIME + 600.0), BOTH),
    "more than 600 s old by the clock": Case(but(now=TIME + 600.5), StaleError),
    "600 s old by the chain": Case(but(final_time=TIME + 600, now=TIME + 580.0), BOTH),
    "more than 600 s old by the chain": Case(but(final_time=TIME + 601, now=TIME + 580.0), StaleError),
    "a chain 30 s ahead": Case(but(final_time=TIME + 37, now=TIME + 7.0), BOTH),
    "a chain more than 30 s ahead": Case(but(final_time=TIME + 38, now=TIME + 7.0), ClockBehindError),
    "a chain long behind": Case(but(final_time=TIME, now=TIME + 599.0), BOTH),
    "any time of asking": Case(asking(replace(ACCESS, requested_at=TIME + 10**6)), BOTH),
}

GRANTS: Final = {
    "a grant to another member": Case(granting(replace(GRANT, who="member:hospital-porto")), NOTHING),
    "a grant to the member's country": Case(granting(replace(GRANT, who="country:PT")), BOTH),
    "a grant to another country": Case(granting(replace(GRANT, who="country:ES")), NOTHING),
    "a grant to every hospital with its gate": Case(granting(GATED, gate=GATE_SECRET), BOTH),
    "a grant to every hospital with another gate": Case(granting(GATED, gate=OTHER_SECRET), NOTHING),
    "a grant to every hospital without the gate": Case(granting(GATED), NOTHING),
    "a grant to the member with its gate": Case(
        granting(replace(GRANT, gate=gate_of(GATE_SECRET)), gate=GATE_SECRET), BOTH
    ),
    "a grant to the member with another gate": Case(
        granting(replace(GRANT, gate=gate_of(GATE_SECRET)), gate=OTHER_SECRET), NOTHING
    ),
    "a gate that no grant asks for": Case(but(gate=GATE_SECRET), BOTH),
    "a purpose that was not granted": Case(asking(EMERGENCY), NOTHING),
    "a break-glass purpose that was granted": Case(
        granting(replace(GRANT, why=("emergency", "treatment")), access=EMERGENCY), BOTH
    ),
    "a country that was not granted": Case(granting(replace(GRANT, where=(Country("ES"),))), NOTHING),
    "one of the countries granted": Case(granting(replace(GRANT, where=(Country("ES"), Country("PT")))), BOTH),
    "a grant from the entry's second on": Case(granting(replace(GRANT, not_before=TIME)), BOTH),
    "a grant from the second after on": Case(granting(replace(GRANT, not_before=TIME + 1)), NOTHING),
    "a grant up to the entry's second": Case(granting(replace(GRANT, not_after=TIME)), NOTHING),
    "a grant up to the second after": Case(granting(replace(GRANT, not_after=TIME + 1)), BOTH),
    "a grant of one of two classes": Case(granting(replace(GRANT, what=("medication",))), (("medication", 2),)),
    "a request for one of two classes": Case(asking(replace(ACCESS, what=("medication",))), (("medication", 2),)),
    "a grant of other classes": Case(granting(replace(GRANT, what=("imaging",))), NOTHING),
}

CONSENTS: Final = {
    "a consent that was never given": Case(but(before=DEPOSITS, words={GRANTS_HASH: GIVEN}), NOTHING),
    "a consent given in a later entry": Case(
        but(
            before=DEPOSITS,
            after=(Line(EntryKind.GIVEN, GRANTS_HASH, 22),),
            words={GRANTS_HASH: ConsentWord(22, TIME + 2, 0, 0)},
        ),
        NOTHING,
    ),
    "a consent given in the access's block, before it": Case(
        but(
            before=(*DEPOSITS, Line(EntryKind.GIVEN, GRANTS_HASH, ACCESS_BLOCK)),
            words={GRANTS_HASH: ConsentWord(ACCESS_BLOCK, TIME, 0, 0)},
        ),
        (("patient-summary", 2), ("medication", 1)),
    ),
    "a consent that only its withdrawal mentions": Case(
        but(before=(Line(EntryKind.WITHDRAWN, GRANTS_HASH, GIVEN_BLOCK), *DEPOSITS)), NOTHING
    ),
    "another consent that was given": Case(
        but(before=(Line(EntryKind.GIVEN, salted("another"), GIVEN_BLOCK), *DEPOSITS)), NOTHING
    ),
    "a consent that was not looked up": Case(but(words={}), NOTHING),
    "a consent withdrawn before the access": Case(
        but(words={GRANTS_HASH: ConsentWord(GIVEN_BLOCK, TIME - 900, 12, TIME - 800)}), NOTHING
    ),
    "a consent withdrawn after the access": Case(
        but(words={GRANTS_HASH: ConsentWord(GIVEN_BLOCK, TIME - 900, 22, TIME + 2)}), NOTHING
    ),
    "a consent ended through its block": Case(but(through=GIVEN_BLOCK), NOTHING),
    "a consent given after the ending": Case(but(through=GIVEN_BLOCK - 1), BOTH),
    "a consent withdrawn at this keeper": Case(but(held=replace(HELD, withdrawn=frozenset({GRANTS_HASH}))), NOTHING),
    "another consent withdrawn at this keeper": Case(
        but(held=replace(HELD, withdrawn=frozenset({salted("another")}))), BOTH
    ),
    "a consent ended at this keeper": Case(but(held=replace(HELD, through=GIVEN_BLOCK)), NOTHING),
    "a consent given after the ending at this keeper": Case(but(held=replace(HELD, through=GIVEN_BLOCK - 1)), BOTH),
    "a brake pulled at this keeper": Case(but(held=replace(HELD, through=2**64 - 1)), NOTHING),
}

WHOLE: Final = {
    "a hospital suspended since": Case(_word(suspended=ACCESS_BLOCK + 1), NOTHING),
    "a hospital suspended in the latest final block": Case(_word(suspended=LATEST_BLOCK), NOTHING),
    "a hospital to be suspended": Case(_word(suspended=LATEST_BLOCK + 1), BOTH),
    "evidence without an alert": Case(asking(EVIDENT), NOTHING),
    "evidence that was raised but is not shown": Case(asking(EVIDENT, raised=frozenset({ALERT_HASH})), NOTHING),
    "evidence that was not raised": Case(asking(EVIDENT, alert=ALERT), NOTHING),
    "evidence shown while another alert was raised": Case(
        asking(EVIDENT, alert=ALERT, raised=frozenset({digest(DOMAIN, OTHER_ALERT)})), NOTHING
    ),
    "evidence that was raised to another hospital": Case(
        asking(ELSEWHERE_EVIDENCE, alert=ELSEWHERE, raised=frozenset({digest(DOMAIN, ELSEWHERE)})), BOTH
    ),
    "evidence shown and raised": Case(asking(EVIDENT, alert=ALERT, raised=frozenset({ALERT_HASH})), BOTH),
    "evidence of another alert than shown": Case(
        asking(EVIDENT, alert=OTHER_ALERT, raised=frozenset({ALERT_HASH, digest(DOMAIN, OTHER_ALERT)})), NOTHING
    ),
    "evidence of another journey": Case(
        asking(FOREIGN_EVIDENCE, alert=FOREIGN_ALERT, raised=frozenset({digest(DOMAIN, FOREIGN_ALERT)})), NOTHING
    ),
    "an alert that is not called evidence": Case(but(alert=ALERT), BOTH),
    "an erasure that this keeper lacks": Case(but(before=(*Scene().before, _erased_line())), NOTHING),
    "an erasure after the access that this keeper lacks": Case(but(after=(_erased_line(22),)), NOTHING),
    "an erasure that this keeper has": Case(
        but(before=(*Scene().before, _erased_line()), held=replace(HELD, erasures=frozenset({ERASURE}))), BOTH
    ),
    "an erasure before all that is held": Case(
        but(before=(_erased_line(5), *Scene().before)), (("patient-summary", 4), ("medication", 3))
    ),
    "an erasure after the oldest that is held": Case(
        but(
            before=(Line(EntryKind.DEPOSITED, salted("oldest"), 4), _erased_line(5), *Scene().before),
            held=replace(HELD, oldest=frozenset({salted("oldest")})),
        ),
        NOTHING,
    ),
    "an erasure between what is held": Case(
        but(before=(*Scene().before[:2], _erased_line(), *Scene().before[2:])), NOTHING
    ),
}

STANDING: Final = {
    "no grant at all": Case(but(shown=()), NOTHING),
    "a standing grant": Case(_left(GRANT), BOTH),
    "a standing grant withdrawn at this keeper": Case(
        replace(_left(GRANT), held=replace(HELD, standing=(standing(GRANT),), withdrawn=frozenset({GRANTS_HASH}))),
        NOTHING,
    ),
    "a standing consent of two grants": Case(
        but(
            shown=(),
            held=replace(HELD, standing=(PAIR,)),
            before=(Line(EntryKind.GIVEN, PAIR.grants_hash, GIVEN_BLOCK), *DEPOSITS),
            words={PAIR.grants_hash: GIVEN},
        ),
        BOTH,
    ),
    "the eighth newest standing consent": Case(_left(*_others(7), GRANT), BOTH),
    "the ninth newest standing consent": Case(_left(*_others(8), GRANT), NOTHING),
    "a standing consent after seven shown": Case(_crowded(_others(7), GRANT), BOTH),
    "a standing consent after eight shown": Case(_crowded(_others(8), GRANT), NOTHING),
    "a standing consent after eight that do not match": Case(
        _crowded(_others(8, lambda grant: replace(grant, who="country:ES")), GRANT), BOTH
    ),
    "a standing consent after eight of other classes": Case(
        _crowded(_others(8, lambda grant: replace(grant, what=("imaging",))), GRANT), BOTH
    ),
    "a shown grant before eight standing ones": Case(_crowded((GRANT,), *_others(8)), BOTH),
}

DEPOSITED: Final = {
    "a deposit that was never logged": Case(but(before=Scene().before[:2]), (("medication", 2),)),
    "a deposit that another kind of entry mentions": Case(
        but(before=(*Scene().before[:2], Line(EntryKind.ACCESS, SUMMARY.digest, DEPOSIT_BLOCK))), (("medication", 2),)
    ),
    "a deposit logged after the access": Case(
        but(before=Scene().before[:2], after=(Line(EntryKind.DEPOSITED, SUMMARY.digest, 22),)),
        (("patient-summary", 4), ("medication", 2)),
    ),
    "a deposit that this keeper does not hold": Case(but(held=replace(HELD, deposits=(SUMMARY,))), BOTH[:1]),
    "an erased deposit": Case(
        but(held=replace(HELD, erased=frozenset({SUMMARY.deposit.body.record}))), (("medication", 2),)
    ),
    "a deposit of a class that was not asked for": Case(_logged(MEDICATION, deposit("imaging", "x-ray")), BOTH[1:]),
    "eight of ten deposits of a class, newest first": Case(
        _logged(*MANY), tuple(("medication", number) for number in range(11, 3, -1))
    ),
    "ten deposits of one class and one of another": Case(
        _logged(*MANY, SUMMARY),
        (("patient-summary", 12), *(("medication", number) for number in range(11, 3, -1))),
    ),
    "nothing held": Case(but(held=NOTHING_HELD), NOTHING),
}

LOOKING_UP: Final = {
    "one consent and seven to fill": Case(but(), look_ups=(GRANTS_HASH, *PADDING[:7])),
    "nothing but to fill": Case(but(shown=()), look_ups=PADDING),
    "a grant that does not match": Case(granting(replace(GRANT, who="country:ES")), look_ups=PADDING),
    "shown ones first, then standing ones, up to eight": Case(
        _crowded((GRANT,), *_others(9)),
        look_ups=(GRANTS_HASH, *(consent(grant).grants_hash for grant in _others(7))),
    ),
    "a consent shown twice": Case(but(shown=(*_shown(GRANT), *_shown(GRANT))), look_ups=(GRANTS_HASH, *PADDING[:7])),
    "no evidence": Case(but(), evidence=PADDING[0]),
    "an alert shown as no evidence": Case(but(alert=ALERT), evidence=PADDING[0]),
    "evidence that is shown": Case(asking(EVIDENT, alert=ALERT), evidence=ALERT_HASH),
    "evidence that is not shown": Case(asking(EVIDENT), evidence=ALERT_HASH),
    "evidence for another alert than is shown": Case(asking(EVIDENT, alert=OTHER_ALERT), evidence=ALERT_HASH),
}

CASES: Final = FINDING | MATCHING | FRESHNESS | GRANTS | CONSENTS | WHOLE | STANDING | DEPOSITED | LOOKING_UP
