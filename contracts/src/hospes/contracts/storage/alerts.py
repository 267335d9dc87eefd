"""Readings of the alerts' storage.

Sources: PROTOCOL section 7. They do not know what an alert says, nor whether its opening agrees with its addressee.
"""

from hospes.contracts.storage.reading import Reading
from hospes.contracts.storage.slots import alert_slots
from hospes.core.chain import AlertState
from hospes.core.identities import Hash


def alert(alert_hash: Hash) -> Reading[AlertState]:
    """Read all that the chain says of an alert, in one step; all zero for one that was never raised."""
    places = alert_slots(alert_hash)
    values = yield places
    return AlertState.unpack(*(values[slot] for slot in places))
