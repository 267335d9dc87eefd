"""A grant on its way to a hospital: a small file, or a QR code of the same text.

It shows one grant and only the hashes of its siblings, so the hospital learns nothing of what others may read. It is no
secret key: the keepers still check who asks, and the log still says so.

Sources: PROTOCOL section 5 ("A hospital gets a grant that is not standing as a file or QR from the wallet: grant,
siblings' struct hashes, deadline").
"""

from hospes.clients.wallet.errors import NoConsentError
from hospes.clients.wallet.pages import ConsentPage, JourneyPage
from hospes.core import wire
from hospes.core.bodies import GrantFile, ShownGrant


def grant_file(journey: JourneyPage, consent: ConsentPage, number: int = 1) -> bytes:
    """Return the file of one grant of a consent.

    Parameters
    ----------
    number : int
        Which grant, from 1, in the order in which the sentences show them.

    Raises
    ------
    NoConsentError
        When the consent has no such grant, or was withdrawn: no keeper would release anything for it.
    """
    if consent.withdrawal:
        raise NoConsentError("permission to hand on in this consent, which was withdrawn")
    grants = consent.consent.grants
    if not 1 <= number <= len(grants):
        raise NoConsentError(f"permission {number} in this consent")
    return wire.encode(GrantFile(journey.address, ShownGrant.of(consent.consent, grants[number - 1])))
