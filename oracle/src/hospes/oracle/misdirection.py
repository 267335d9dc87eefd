"""Misdirection: what to do when an alert stands on the chain for another hospital, or until another time, than it says.

The contract cannot open a hash, so whoever holds the attestations of an alert can send it with terms of their own, or
link it to a wrong one. It is found by comparing the `Alert` with the chain; its sender is in the event. Nothing here
sends or signs anything.

Sources: docs/adr/0005-alerts.md ("Consequences"); PROTOCOL section 7 ("Alert words").
"""

from dataclasses import replace
from typing import Final, cast

from hospes.contracts.addresses import ALERTS
from hospes.contracts.events import RAISED, decode_event
from hospes.core.chain import AlertState
from hospes.core.errors import HospesError
from hospes.core.identities import Address, Hash
from hospes.core.messages import Alert
from hospes.core.proof import FinalHeader
from hospes.oracle.cases import ID_BYTES, MISDIRECTED, Case
from hospes.oracle.parts import OracleParts

LONGEST_CHAIN: Final = 64
"""Alerts before one that are looked at: more hospitals than are ever asked in a row."""


async def misdirected(parts: OracleParts, alert: Alert, state: AlertState, tip: FinalHeader) -> bool:
    """Return whether its sender told the chain another hospital or deadline than the alert has."""
    hospital = await parts.chain.member_named(alert.addressee, tip)
    return (state.addressee, state.deadline) != (hospital.account, alert.deadline)


def linked_wrongly(parts: OracleParts, case: Case, state: AlertState) -> bool:
    """Return whether the alert that followed on the chain is known here as another traveller's."""
    following = parts.cases.with_alert(state.escalated_to) if any(state.escalated_to) else None
    return following is not None and following.journey != case.journey


async def sender_of(parts: OracleParts, alert_hash: Hash, state: AlertState) -> Address | None:
    """Return who sent an alert to the chain, as this oracle's own node says; None when it does not say."""
    try:
        logs = await parts.chain.node.logs(ALERTS, [RAISED, alert_hash], state.raised_block, state.raised_block)
        return next((cast("Address", decode_event(log.topics, log.data).arguments["account"]) for log in logs), None)
    except HospesError:
        return None


def begun_anew(parts: OracleParts, case: Case, *, asked: bool) -> tuple[Case, ...]:
    """Return what becomes of a case whose alert went astray: it is closed, and followed by one of this oracle's own.

    Parameters
    ----------
    parts : OracleParts
    case : Case
        One that this oracle decided or attested.
    asked : bool
        Whether its hospital was asked all the same, and was silent.

    Returns
    -------
    tuple of Case
        The new one first; then the present one and those before it, which must not hold the new one back.
    """
    following = replace(
        case,
        id=parts.entropy(ID_BYTES),
        own=True,
        decided_at=case.decided_at if case.own else int(parts.clock()),
        alert=None,
        alert_hash=None,
        oracle_epoch=0,
        attestations=(),
        asked=(*case.asked, case.alert.addressee) if asked and case.alert is not None else case.asked,
        previous=None,
        delivered=False,
    )
    astray, before = [case], case.previous
    while before is not None and len(astray) < LONGEST_CHAIN:
        found = parts.cases.with_alert(before)
        before = None if found is None else found.previous
        astray += [] if found is None else [found]
    return (following, *(replace(one, outcome=MISDIRECTED) for one in astray))
