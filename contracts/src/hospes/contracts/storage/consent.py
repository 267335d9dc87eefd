"""Readings of the consent contract's storage.

Sources: PROTOCOL section 2 ("Consent word"). They do not decide whether a consent covers anything.
"""

from hospes.contracts.storage.reading import Reading
from hospes.contracts.storage.slots import consent_slot, through_slot
from hospes.core.chain import ConsentWord
from hospes.core.identities import Address, Hash


def consent_word(journey: Address, grants_hash: Hash) -> Reading[ConsentWord]:
    """Read when a consent was given and withdrawn; all zero for never."""
    slot = consent_slot(journey, grants_hash)
    values = yield (slot,)
    return ConsentWord.unpack(values[slot])


def through(journey: Address) -> Reading[int]:
    """Read the block up to which a journey ended every consent; zero for none."""
    slot = through_slot(journey)
    values = yield (slot,)
    return values[slot]
