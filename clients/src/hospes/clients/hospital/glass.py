"""Break-glass in two actions: somebody presses, then says who they are and why; only then anything is asked.

It asks nothing itself and forgets everything with the process. A page that is clicked by accident, or by a script that
presses one button, opens no record.

Sources: ARCHITECTURE section 1 ("break-glass in two actions").
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hospes.clients.hospital.gateway_errors import NotAllowedError, NotConfirmedError
from hospes.clients.hospital.tokens import Badge
from hospes.core.identities import Address, Hash
from hospes.core.messages import check_text

MAX_PRESSED: Final = 256
"""Begun and not confirmed, at once; the oldest gives way."""
_NAME_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Pressed:
    """The first action.

    Attributes
    ----------
    journey : Address
    alert_hash : Hash or None
        The alert that it answers.
    token_hash : Hash
        Whose token pressed.
    practitioner : str
        The name that the second action must repeat.
    until : float
        Unix seconds.
    """

    journey: Address
    alert_hash: Hash | None
    token_hash: Hash
    practitioner: str
    until: float


class Glass:
    """Those who pressed and did not confirm yet.

    Parameters
    ----------
    two_actions_s : int
        Seconds between the two.
    entropy : callable
        Returns that many random bytes.
    """

    def __init__(self, two_actions_s: int, entropy: Callable[[int], bytes]) -> None:
        self._two_actions_s, self._entropy = two_actions_s, entropy
        self._pressed: dict[str, Pressed] = {}

    def press(self, badge: Badge, journey: Address, alert_hash: Hash | None, now: float) -> str:
        """Take the first action, and return the name that the second must bring.

        Raises
        ------
        NotAllowedError
            When the badge does not allow it: told now, not after a reason was typed.
        """
        if not badge.may_break_glass:
            raise NotAllowedError("break the glass")
        while len(self._pressed) >= MAX_PRESSED:
            del self._pressed[next(iter(self._pressed))]
        name = self._entropy(_NAME_BYTES).hex()
        until = now + self._two_actions_s
        self._pressed[name] = Pressed(journey, alert_hash, badge.token_hash, badge.practitioner, until)
        return name

    def confirm(self, badge: Badge, name: str, practitioner: str, reason: str, now: float) -> Pressed:
        """Take the second action, once, and return the first.

        Raises
        ------
        NotConfirmedError
            When nobody pressed, it is too late, or it is somebody else.
        MalformedError
            When the reason is empty or not one printable line.
        """
        check_text("break-glass", "reason", reason)
        pressed = self._pressed.get(name)
        if pressed is None or now >= pressed.until:
            self._pressed.pop(name, None)
            raise NotConfirmedError(f"press again, and confirm within {self._two_actions_s} s")
        if pressed.token_hash != badge.token_hash:
            raise NotConfirmedError("somebody else pressed; press yourself, and confirm")
        if practitioner != pressed.practitioner:
            raise NotConfirmedError("the name to confirm is the one that the traveller will see")
        return self._pressed.pop(name)
