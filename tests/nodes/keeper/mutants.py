"""Ways to break the decision, and the cases that notice.

`NAMED` is the list kept for ARCHITECTURE section 5, rules 1 and 3: each mutant removes or bends exactly one check, and
names the cases of `cases.py` that must fail with it. `flips` yields every mechanical one besides: each comparison
negated and moved by one, each `and` and `or` swapped and each of their parts dropped, each condition dropped or
negated.
"""

import ast
import copy
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final, cast

from hospes.nodes.keeper import decide

SOURCE: Final = Path(decide.__file__).read_text("utf-8")


@dataclass(frozen=True)
class Mutant:
    """One broken copy: the text to find (exactly once), what stands there instead, and who notices."""

    name: str
    old: str
    new: str
    killers: tuple[str, ...]


NAMED: Final = (
    # step 2
    Mutant("not final, yet found", "if number > last:", "if number > last + 1:", ("an entry beyond the final log",)),
    Mutant(
        "not final taken as the last",
        "journal.entry(number)",
        "journal.entries[-1]",
        ("an entry with others after it",),
    ),
    # step 3
    Mutant("any kind", "entry.kind is EntryKind.ACCESS,", "True,", ("an entry of another kind",)),
    Mutant("any journey", "entry.journey == access.journey,", "True,", ("an entry of another journey",)),
    Mutant(
        "any account",
        "member.account == entry.account,",
        "True,",
        ("another account's member", "another member's entry shown as one's own"),
    ),
    Mutant("any member", "member.id == access.member,", "True,", ("another member's entry",)),
    Mutant("any role", "Role.HOSPITAL in member.word.roles,", "True,", ("a member that is no hospital",)),
    Mutant(
        "any time of membership",
        "member.word.active_at(entry.block),",
        "True,",
        ("a hospital admitted after the entry", "a hospital suspended by the entry's block"),
    ),
    Mutant(
        "membership now instead of then",
        "member.word.active_at(entry.block),",
        "member.word.active_at(1 << 62),",
        ("a hospital suspended since",),
    ),
    Mutant(
        "any place",
        "member.word.country == access.where,",
        "True,",
        ("a hospital registered elsewhere than it says",),
    ),
    Mutant(
        "any access",
        "entry.entry_hash == logged.request.access_hash,",
        "True,",
        ("another access than the entry's", "a swapped recipient"),
    ),
    Mutant("checks without effect", "if not holds:", "if False:", ("an entry of another kind",)),
    # step 4
    Mutant("a clock behind is fine", "if final_time - now > AHEAD_S:", "if False:", ("a chain more than 30 s ahead",)),
    Mutant(
        "only the clock counts",
        "max(now, final_time) - entry.time",
        "now - entry.time",
        ("more than 600 s old by the chain",),
    ),
    Mutant(
        "only the chain counts",
        "max(now, final_time) - entry.time",
        "final_time - entry.time",
        ("more than 600 s old by the clock",),
    ),
    Mutant(
        "the slower of both counts",
        "max(now, final_time)",
        "min(now, final_time)",
        ("more than 600 s old by the clock",),
    ),
    Mutant(
        "anything is fresh",
        "if age_s > FRESH_S:",
        "if False:",
        ("more than 600 s old by the clock", "more than 600 s old by the chain"),
    ),
    Mutant(
        "fresh for a second more", "FRESH_S: Final = 600", "FRESH_S: Final = 601", ("more than 600 s old by the clock",)
    ),
    Mutant("fresh for a second less", "FRESH_S: Final = 600", "FRESH_S: Final = 599", ("600 s old by the clock",)),
    Mutant("ahead by a second more", "AHEAD_S: Final = 30", "AHEAD_S: Final = 31", ("a chain more than 30 s ahead",)),
    Mutant("ahead by a second less", "AHEAD_S: Final = 30", "AHEAD_S: Final = 29", ("a chain 30 s ahead",)),
    # step 5: the grant
    Mutant("nobody by name", 'f"member:{member.id}", ', "", ("an access as it should be",)),
    Mutant("anybody by name", 'f"member:{member.id}"', "grant.who", ("a grant to another member",)),
    Mutant("nobody by country", 'f"country:{member.word.country}", ', "", ("a grant to the member's country",)),
    Mutant("no hospital:*", ", ANY_HOSPITAL)", ")", ("a grant to every hospital with its gate",)),
    Mutant("any purpose", "access.why in grant.why\n", "True\n", ("a purpose that was not granted",)),
    Mutant("any country", "access.where in grant.where\n", "True\n", ("a country that was not granted",)),
    Mutant(
        "any gate",
        "grant.gate in (ZERO_HASH, gate)\n",
        "True\n",
        ("a grant to every hospital with another gate", "a grant to every hospital without the gate"),
    ),
    Mutant("no gate needed none", "(ZERO_HASH, gate)", "(gate,)", ("an access as it should be",)),
    Mutant("no gate opens", "(ZERO_HASH, gate)", "(ZERO_HASH,)", ("a grant to every hospital with its gate",)),
    Mutant(
        "not yet is now",
        "grant.not_before <= logged.entry.time < grant.not_after",
        "logged.entry.time < grant.not_after",
        ("a grant from the second after on",),
    ),
    Mutant(
        "over is now",
        "grant.not_before <= logged.entry.time < grant.not_after",
        "grant.not_before <= logged.entry.time",
        ("a grant up to the entry's second",),
    ),
    Mutant(
        "time of asking instead of the entry's",
        "grant.not_before <= logged.entry.time < grant.not_after",
        "grant.not_before <= access.requested_at < grant.not_after",
        ("an access as it should be",),
    ),
    Mutant(
        "all classes that are granted",
        "set(grant.what) & set(logged.request.access.what)",
        "set(grant.what)",
        ("a request for one of two classes",),
    ),
    Mutant(
        "all classes that are asked for",
        "set(grant.what) & set(logged.request.access.what)",
        "set(logged.request.access.what)",
        ("a grant of one of two classes", "a grant of other classes"),
    ),
    # step 5: the consent
    Mutant(
        "given in any entry",
        "view.journal.entries[: logged.entry.number - 1]",
        "view.journal.entries",
        ("a consent given in a later entry",),
    ),
    Mutant(
        "given by any kind of entry",
        "entry.kind is EntryKind.GIVEN and ",
        "",
        ("a consent that only its withdrawal mentions",),
    ),
    Mutant(
        "any consent given",
        "entry.kind is EntryKind.GIVEN and entry.entry_hash == grants_hash",
        "entry.kind is EntryKind.GIVEN",
        ("another consent that was given",),
    ),
    Mutant(
        "withdrawn lives",
        "        and word.withdrawn_block == 0\n",
        "",
        ("a consent withdrawn before the access", "a consent withdrawn after the access"),
    ),
    Mutant(
        "withdrawn later lives",
        "word.withdrawn_block == 0",
        "not 0 < word.withdrawn_block < logged.entry.block",
        ("a consent withdrawn after the access",),
    ),
    Mutant(
        "ended lives",
        "        and word.given_block > view.through\n",
        "",
        ("a consent ended through its block",),
    ),
    Mutant(
        "withdrawn here lives",
        "        and grants_hash not in held.withdrawn\n",
        "",
        ("a consent withdrawn at this keeper", "a standing grant withdrawn at this keeper"),
    ),
    Mutant(
        "one withdrawal here ends all",
        "grants_hash not in held.withdrawn",
        "not held.withdrawn",
        ("another consent withdrawn at this keeper",),
    ),
    Mutant(
        "ended here lives",
        "        and word.given_block > held.through\n",
        "",
        ("a consent ended at this keeper", "a brake pulled at this keeper"),
    ),
    Mutant(
        "ignored consents count", "if _lives(grants_hash, logged, view, held)", "", ("a consent that was never given",)
    ),
    # step 5: the whole access
    Mutant(
        "suspended is served",
        "member.word.active_at(view.journal.header.number)\n",
        "True\n",
        ("a hospital suspended since", "a hospital suspended in the latest final block"),
    ),
    Mutant(
        "any evidence",
        "        and _evidence_holds(logged.request, view.raised)\n",
        "",
        ("evidence without an alert",),
    ),
    Mutant("no evidence is none", "named == ZERO_HASH or (", "(", ("an access as it should be",)),
    Mutant(
        "any shown alert",
        "named == request.alert_hash\n        and ",
        "",
        ("evidence of another alert than shown",),
    ),
    Mutant("an alert never raised", "        and named in raised\n", "", ("evidence that was not raised",)),
    Mutant(
        "another alert raised",
        "        and named in raised\n",
        "        and raised\n",
        ("evidence shown while another alert was raised",),
    ),
    Mutant(
        "only the addressee's alert",
        "        and request.alert_journey == request.access.journey\n",
        "        and request.box.alert is not None and request.box.alert.addressee == request.access.member\n",
        ("evidence that was raised to another hospital", "evidence of another journey"),
    ),
    Mutant(
        "no evidence looked up",
        "return padding if named == ZERO_HASH else named",
        "return padding",
        ("evidence that is shown", "evidence that is not shown"),
    ),
    Mutant(
        "no evidence looked up as zero",
        "return padding if named == ZERO_HASH else named",
        "return named",
        ("no evidence", "an alert shown as no evidence"),
    ),
    Mutant(
        "the shown alert looked up",
        "    named = request.access.evidence\n    return padding",
        "    named = request.alert_hash\n    return padding",
        ("an alert shown as no evidence", "evidence for another alert than is shown"),
    ),
    Mutant(
        "anybody's alert",
        "        and request.alert_journey == request.access.journey\n",
        "",
        ("evidence of another journey",),
    ),
    Mutant(
        "erasures forgotten",
        "        and _erasures_known(view.journal, held)\n",
        "",
        ("an erasure that this keeper lacks", "an erasure between what is held"),
    ),
    Mutant(
        "erasures of others",
        "dropwhile(lambda entry: entry.entry_hash not in mine, journal.entries)",
        "journal.entries",
        ("an erasure before all that is held",),
    ),
    Mutant(
        "erasures before what is asked for",
        "held.oldest | {one.digest",
        "{one.digest",
        ("an erasure after the oldest that is held",),
    ),
    Mutant(
        "erasures before the access only",
        "journal.entries)\n    return all(",
        "journal.entries[:-1])\n    return all(",
        ("an erasure after the access that this keeper lacks",),
    ),
    Mutant(
        "refusal without effect",
        "frozenset(classes) if served else frozenset()",
        "frozenset(classes)",
        ("a hospital suspended since",),
    ),
    # step 5: which consents
    Mutant("standing grants ignored", "(*shown, *left)", "shown", ("a standing grant",)),
    Mutant(
        "standing before shown", "(*shown, *left)", "(*left, *shown)", ("a shown grant before eight standing ones",)
    ),
    Mutant(
        "more than eight count", "tuple(claims)[:LOOK_UPS]", "tuple(claims)", ("the ninth newest standing consent",)
    ),
    Mutant(
        "places for what cannot help",
        "if classes and _matches(grant, logged, member):",
        "if _matches(grant, logged, member):",
        ("a standing consent after eight of other classes",),
    ),
    Mutant("as many look-ups as needed", "*padding)[:LOOK_UPS]", "*padding)", ("one consent and seven to fill",)),
    # step 6
    Mutant(
        "erased is released",
        " if one.deposit.body.record not in held.erased}",
        "}",
        ("an erased deposit",),
    ),
    Mutant(
        "any entry logs a deposit",
        "reversed(view.journal.of_kind(EntryKind.DEPOSITED))",
        "reversed(view.journal.entries)",
        ("a deposit that another kind of entry mentions",),
    ),
    Mutant(
        "any class",
        " if share.deposit.body.what == what]",
        "]",
        ("a request for one of two classes", "a deposit of a class that was not asked for"),
    ),
    Mutant(
        "oldest first",
        "reversed(view.journal.of_kind(EntryKind.DEPOSITED))",
        "view.journal.of_kind(EntryKind.DEPOSITED)",
        ("eight of ten deposits of a class, newest first",),
    ),
    Mutant(
        "more than eight of a class",
        "of_class[:DEPOSITS_A_CLASS]",
        "of_class",
        ("eight of ten deposits of a class, newest first",),
    ),
    Mutant(
        "break-glass unnoticed",
        "logged.request.break_glass, ",
        "False, ",
        ("a break-glass purpose that was granted",),
    ),
)


def mutated(mutant: Mutant) -> ModuleType:
    """Return the rules with one text replaced; the text must stand there exactly once."""
    if SOURCE.count(mutant.old) != 1:
        raise LookupError(f"{mutant.name}: its text stands {SOURCE.count(mutant.old)} times in decide.py")
    return _module(mutant.name, ast.parse(SOURCE.replace(mutant.old, mutant.new)))


def flips() -> Iterator[tuple[str, ModuleType]]:
    """Yield every mechanical mutant with a name that says line, old and new."""
    tree = ast.parse(SOURCE)
    for place, node in enumerate(ast.walk(tree)):
        for flipped in _flipped(node):
            mutant = copy.deepcopy(tree)
            _replace(mutant, place, flipped)
            line = getattr(node, "lineno", 0)
            name = f"line {line}: {ast.unparse(node)} -> {ast.unparse(flipped)}"
            yield name, _module(name, ast.fix_missing_locations(mutant))


_NEGATED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
}
_MOVED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_OPPOSITE: Final = {"any": "all", "all": "any", "min": "max", "max": "min"}


def _flipped(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=ops):
            yield from _compared(node, ops)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            yield from (_without(node, value) for value in values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield ast.IfExp(test, orelse, body)
        case ast.comprehension(target=target, iter=iterable, ifs=ifs) if ifs:
            yield ast.comprehension(target, iterable, [], 0)
            yield ast.comprehension(target, iterable, [ast.UnaryOp(ast.Not(), ifs[0])], 0)
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _OPPOSITE:
            yield ast.Call(ast.Name(_OPPOSITE[name], ast.Load()), arguments, [])
        case _:
            pass


def _without(node: ast.BoolOp, part: ast.expr) -> ast.expr:
    rest = [value for value in node.values if value is not part]
    return ast.BoolOp(node.op, rest) if len(rest) > 1 else rest[0]


def _compared(node: ast.Compare, ops: list[ast.cmpop]) -> Iterator[ast.AST]:
    for i, op in enumerate(ops):
        for table in (_NEGATED, _MOVED):
            if type(op) in table:
                changed = [*ops[:i], table[type(op)](), *ops[i + 1 :]]
                yield ast.Compare(node.left, changed, node.comparators)


def _replace(tree: ast.AST, place: int, new: ast.AST) -> None:
    """Put `new` where the `place`-th node of the tree's walk stands."""
    old = next(node for i, node in enumerate(ast.walk(tree)) if i == place)
    for parent in ast.walk(tree):
        for name, value in cast("Iterable[tuple[str, object]]", ast.iter_fields(parent)):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list):
                items = cast("list[object]", value)
                setattr(parent, name, [new if item is old else item for item in items])


def _module(name: str, tree: ast.Module) -> ModuleType:
    module = ModuleType(f"mutant of decide: {name}")
    sys.modules[module.__name__] = module  # dataclasses look their module up
    try:
        exec(compile(tree, f"<{name}>", "exec"), module.__dict__)  # noqa: S102  (our own source, one check changed)
    finally:
        del sys.modules[module.__name__]
    return module
