"""The contracts' storage: where each value stands, how to read it from proven slots, how to write it into block 0.

`slots` computes places; `reading` runs a reading over proven or fetched values; `registry`, `consent`, `access_log`
and `alerts` are the readings, `writing` is their opposite for a genesis. Nothing here proves a value (`core.proof`
does) or fetches one.

Sources: PROTOCOL section 2 ("Storage"); ``layout.json``.
"""

from hospes.contracts.storage.access_log import log_count, log_head, log_state
from hospes.contracts.storage.alerts import alert
from hospes.contracts.storage.consent import consent_word, through
from hospes.contracts.storage.reading import NotOnChainError, Reading, decode, resolve
from hospes.contracts.storage.registry import (
    Service,
    account_of,
    current_epoch,
    epoch,
    epoch_at,
    epoch_number,
    member,
    member_id,
    member_word,
    members,
    service_at,
)
from hospes.contracts.storage.slots import (
    account_slot,
    alert_slots,
    consent_slot,
    delay_slot,
    epoch_number_slot,
    epoch_slots,
    funding_slot,
    log_count_slot,
    log_head_slot,
    member_id_slot,
    member_word_slot,
    members_slot,
    service_count_slot,
    service_slots,
    through_slot,
)

__all__ = [
    "NotOnChainError",
    "Reading",
    "Service",
    "account_of",
    "account_slot",
    "alert",
    "alert_slots",
    "consent_slot",
    "consent_word",
    "current_epoch",
    "decode",
    "delay_slot",
    "epoch",
    "epoch_at",
    "epoch_number",
    "epoch_number_slot",
    "epoch_slots",
    "funding_slot",
    "log_count",
    "log_count_slot",
    "log_head",
    "log_head_slot",
    "log_state",
    "member",
    "member_id",
    "member_id_slot",
    "member_word",
    "member_word_slot",
    "members",
    "members_slot",
    "resolve",
    "service_at",
    "service_count_slot",
    "service_slots",
    "through",
    "through_slot",
]
