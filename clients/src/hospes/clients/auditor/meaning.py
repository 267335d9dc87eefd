"""What an entry means, in one line of plain words, as far as its holder chose to show it.

It repeats what messages say; it does not judge them (`agreement` does).
"""

from typing import Final

from hospes.core.audit import Opening, ShownGrants
from hospes.core.chain import EntryKind
from hospes.core.identities import to_hex
from hospes.core.messages import Access, Deposit, Erasure, Grant
from hospes.core.moments import moment

HIDDEN: Final = "not shown"
FOR_GOOD: Final = (1 << 64) - 1
"""The largest `through` of an ending: no consent of the journey holds afterwards."""


def counted(count: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "block"), counted(2, "block")
    ('1 block', '2 blocks')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def meaning(opening: Opening | None) -> str:
    """Return what an opening says, or that there is none."""
    match (opening.access or opening.grants or opening.deposit or opening.erasure) if opening else None:
        case Access() as access:
            return _access(access)
        case ShownGrants() as grants:
            return _grants(grants)
        case Deposit() as deposit:
            return _deposit(deposit)
        case Erasure() as erasure:
            return _erasure(erasure)
        case None:
            return HIDDEN


def ending(entry_hash: bytes) -> str:
    """Return what an ending says; it needs no opening."""
    through = int.from_bytes(entry_hash)
    return "every consent, now and later" if through == FOR_GOOD else f"every consent given up to block {through}"


def kind_name(kind: EntryKind, opening: Opening | None) -> str:
    """Return the kind of an entry; a shown emergency access is called by its name."""
    if opening is not None and opening.access is not None and opening.access.break_glass:
        return "break-glass"
    return kind.name.lower()


def _access(access: Access) -> str:
    return f"{access.practitioner} ({access.where}) asked for {', '.join(access.what)}, for {access.why}"


def _grants(shown: ShownGrants) -> str:
    texts = [_grant(grant) for grant in shown.grants]
    if shown.siblings:
        texts.append(f"{len(shown.siblings)} more not shown")
    return "; ".join(texts)


def _grant(grant: Grant) -> str:
    span = f"from {moment(grant.not_before)} until {moment(grant.not_after)}"
    card = " with the card" if any(grant.gate) else ""
    where = ", ".join(grant.where)
    return f"{grant.who} may read {', '.join(grant.what)} for {', '.join(grant.why)} in {where}{card}, {span}"


def _deposit(deposit: Deposit) -> str:
    body = deposit.body
    shares = f"{body.threshold} of {len(body.share_hashes)} keepers of epoch {body.keeper_epoch}"
    return f"{body.what}, record {to_hex(body.record[:4])}, {shares}"


def _erasure(erasure: Erasure) -> str:
    return f"{counted(len(erasure.records), 'record')}, {counted(len(erasure.digests), 'block')}"
