"""What a gateway asks for on somebody's behalf: one pure function from who, whose, what is held and what was said.

It asks nobody. The word `break_glass` stands wherever the purpose `emergency` can come from; there is no other way.

Sources: ARCHITECTURE section 2 (break-glass); PROTOCOL section 5 ("The gateway holds cards and grants given to it").
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from hospes.clients.hospital.access import BREAK_GLASS_CLASSES, Request
from hospes.clients.hospital.gateway_errors import NotAllowedError
from hospes.clients.hospital.tokens import Badge
from hospes.core.bodies import MAX_SHOWN_GRANTS, ShownGrant
from hospes.core.errors import MalformedError
from hospes.core.identities import Address
from hospes.core.messages import EMERGENCY, Alert, RecordClass

SUMMARY_CLASSES: Final = (RecordClass.PATIENT_SUMMARY.label,)
_SAID: Final[dict[tuple[str, ...], bool]] = {(): False, ("false",): False, ("true",): True}


@dataclass(frozen=True, slots=True)
class Held:
    """What a gateway can show for one journey.

    Attributes
    ----------
    gate : bytes
        The card's 16 bytes; empty without card.
    grants : tuple of ShownGrant
    alert : Alert, optional
        One that the chain has as raised to this hospital for this journey.
    """

    gate: bytes = field(default=b"", repr=False)
    grants: tuple[ShownGrant, ...] = field(default=(), repr=False)
    alert: Alert | None = field(default=None, repr=False)


def said_break_glass(values: Sequence[str]) -> bool:
    """Return whether a request says ``break_glass=true``, once and exactly.

    Raises
    ------
    MalformedError
        For any other word, or for two: nobody's glass is broken by a slip, and nobody's silently not.
    """
    said = _SAID.get(tuple(values))
    if said is None:
        raise MalformedError("request", "break_glass", "expected true or false, at most once")
    return said


def request_for(badge: Badge, journey: Address, held: Held, *, break_glass: bool) -> Request:
    """Return the request to make.

    Parameters
    ----------
    badge : Badge
        Who asks, and what for unless `break_glass`.
    journey : Address
    held : Held
    break_glass : bool
        Whether the request said so.

    Raises
    ------
    NotAllowedError
        When the glass is to be broken and the badge does not allow it.
    """
    if break_glass and not badge.may_break_glass:
        raise NotAllowedError("break the glass")
    what, why = (BREAK_GLASS_CLASSES, EMERGENCY) if break_glass else (SUMMARY_CLASSES, badge.purpose)
    fitting = [one for one in held.grants if why in one.grant.why and set(what) & set(one.grant.what)]
    latest = sorted(fitting, key=lambda one: -one.grant.not_after)[:MAX_SHOWN_GRANTS]
    alert = held.alert if break_glass else None
    return Request(journey, what, why, badge.practitioner, tuple(latest), held.gate, alert)
