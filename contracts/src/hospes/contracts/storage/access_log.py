"""Readings of the access log's storage.

Sources: PROTOCOL section 2 ("Log"). They do not fold entries; `core.chain` does.
"""

from hospes.contracts.addresses import ACCESS_LOG
from hospes.contracts.storage.reading import Reading
from hospes.contracts.storage.slots import WORD, log_count_slot, log_head_slot
from hospes.core.chain import first_head
from hospes.core.identities import Address, Hash


def log_head(journey: Address) -> Reading[Hash]:
    """Read a journey's head as it stands in storage: zero before the first entry."""
    slot = log_head_slot(journey)
    values = yield (slot,)
    return Hash(values[slot].to_bytes(WORD))


def log_count(journey: Address) -> Reading[int]:
    """Read how many entries a journey has."""
    slot = log_count_slot(journey)
    values = yield (slot,)
    return values[slot]


def log_state(journey: Address, chain_id: int) -> Reading[tuple[Hash, int]]:
    """Read a journey's head and count together; the head of a log without entries is ``head_0``."""
    slots = (log_head_slot(journey), log_count_slot(journey))
    values = yield slots
    head, count = (values[slot] for slot in slots)
    return (Hash(head.to_bytes(WORD)) if count else first_head(chain_id, ACCESS_LOG, journey)), count
