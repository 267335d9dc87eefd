"""Step 1 of a release: the box of a request, opened and read.

It decides nothing about the request; it refuses one that could not be answered whatever the decision.

Sources: PROTOCOL section 6 ("1. Open the box; decode"), section 5 ("Boxes and bodies").
"""

from dataclasses import dataclass

from hospes.core import boxes, wire
from hospes.core.bodies import AccessBox
from hospes.core.boxes import BoxSecret
from hospes.core.identities import ZERO_HASH, Address, Hash
from hospes.core.messages import Access
from hospes.core.typed_data import Domain, digest


@dataclass(frozen=True, slots=True)
class OpenedRequest:
    """A hospital's request as it was inside the box; only `open_request` returns one.

    Attributes
    ----------
    box : AccessBox
    access_hash : Hash
        Digest of the `Access`: what its entry must commit to.
    alert_hash : Hash
        Digest of the shown `Alert`; zero when none was shown.
    alert_journey : Address
        The journey that the shown alert names; empty when none was shown.
    """

    box: AccessBox
    access_hash: Hash
    alert_hash: Hash
    alert_journey: Address

    @property
    def access(self) -> Access:
        """What is asked for."""
        return self.box.access

    @property
    def break_glass(self) -> bool:
        """Whether this is a break-glass access, for `emergency`."""
        return self.box.access.break_glass


def open_request(domain: Domain, secret: BoxSecret, keeper: Address, box: bytes) -> OpenedRequest:
    """Open the box of ``POST /v1/access``.

    Parameters
    ----------
    domain : Domain
        Of the network.
    secret : BoxSecret
        This keeper's.
    keeper : Address
        This keeper's account.
    box : bytes

    Raises
    ------
    BoxError
        When the box is for another keeper, network or purpose.
    MalformedError
        When it does not hold an `AccessBox`, or names a recipient key that nothing can be sealed to.
    """
    shown = wire.decode(AccessBox, secret.open(box, boxes.request_info(domain, keeper)))
    boxes.check_public(shown.access.recipient_key, "AccessBox", "access.recipientKey")
    access_hash = digest(domain, shown.access)
    if shown.alert is None:
        return OpenedRequest(shown, access_hash, ZERO_HASH, Address(b""))
    return OpenedRequest(shown, access_hash, digest(domain, shown.alert), shown.alert.journey)
