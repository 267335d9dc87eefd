"""The contracts' storage as block 0 has it: the opposite of the readings.

It writes what it is told; `contracts.genesis` first refuses what the registry would refuse. A running chain is written
by the contracts only.

Sources: PROTOCOL section 2 ("Genesis holds the contracts with their storage"); ``layout.json``.
"""

from collections.abc import Sequence

from hospes.contracts.storage.slots import (
    WORD,
    account_slot,
    data_slots,
    delay_slot,
    epoch_number_slot,
    epoch_slots,
    funding_slot,
    id_word,
    member_id_slot,
    member_word_slot,
    members_slot,
    service_count_slot,
    service_slots,
)
from hospes.core.chain import Epoch, Member, Role
from hospes.core.identities import Address


def written_member(member: Member) -> dict[int, int]:
    """Return the slots of one member: id, word, account and, when it has an address, its first service line."""
    slots = {
        member_id_slot(member.account): id_word(member.id),
        member_word_slot(member.account): member.word.pack(),
        account_slot(member.id): int.from_bytes(member.account),
    }
    if member.service:
        places = service_slots(member.account, 0)
        slots[service_count_slot(member.account)] = 1
        slots[places.from_block] = member.word.admitted_block
        slots |= _written_bytes(places.url, member.service.encode())
        slots |= _written_bytes(places.box_key, member.box_key)
    return _without_zeros(slots)


def written_members(accounts: Sequence[Address]) -> dict[int, int]:
    """Return the slots of the list of accounts."""
    return _without_zeros(_written_addresses(members_slot(), accounts))


def written_epoch(role: Role, epoch: Epoch) -> dict[int, int]:
    """Return the slots of one epoch, in office."""
    places = epoch_slots(role, epoch.number)
    slots = {
        epoch_number_slot(role): epoch.number,
        places.from_block: epoch.from_block,
        places.threshold: epoch.threshold,
    }
    return _without_zeros(slots | _written_addresses(places.accounts, epoch.accounts))


def written_rules(delay_s: int, funding_wei: int) -> dict[int, int]:
    """Return the slots of the two numbers that no vote changes."""
    return _without_zeros({delay_slot(): delay_s, funding_slot(): funding_wei})


def _written_bytes(length_slot: int, data: bytes) -> dict[int, int]:
    words = (data[start : start + WORD].ljust(WORD, b"\0") for start in range(0, len(data), WORD))
    texts = zip(data_slots(length_slot, len(data)), words, strict=True)
    return {length_slot: len(data)} | {slot: int.from_bytes(word) for slot, word in texts}


def _written_addresses(length_slot: int, accounts: Sequence[Address]) -> dict[int, int]:
    items = enumerate(accounts, start=length_slot + 1)
    return {length_slot: len(accounts)} | {slot: int.from_bytes(account) for slot, account in items}


def _without_zeros(slots: dict[int, int]) -> dict[int, int]:
    """Drop zeros, which a state does not hold."""
    return {slot: value for slot, value in slots.items() if value}
