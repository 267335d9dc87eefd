"""Readings of the registry's storage: members, their services, and the sets in office.

Sources: PROTOCOL section 2 ("Registry"). They do not know what a role may do.
"""

from dataclasses import dataclass
from typing import Final

from hospes.contracts.storage.reading import NotOnChainError, Reading
from hospes.contracts.storage.slots import (
    WORD,
    account_slot,
    data_slots,
    epoch_number_slot,
    epoch_slots,
    member_id_slot,
    member_word_slot,
    members_slot,
    service_count_slot,
    service_slots,
)
from hospes.core.chain import Epoch, Member, MemberWord, Role
from hospes.core.errors import MalformedError
from hospes.core.identities import Address, MemberId, member_id as checked_id, to_hex

MAX_SET: Final = 16
"""Accounts of an epoch (PROTOCOL section 1: "`shareHashes` (keeper order, at most 16)")."""
MAX_MEMBERS: Final = 1024
"""As in ``registry.vy``: a vote walks over all members, which must fit into a block."""
MAX_URL_BYTES: Final = 128
MAX_BOX_KEY_BYTES: Final = 1218
"""A KEM id and the longest public key foreseen, MLKEM768-X25519 (PROTOCOL section 5)."""


@dataclass(frozen=True, slots=True)
class Service:
    """Where a member's services are from a block on.

    Attributes
    ----------
    from_block : int
    url : str
        Empty when it cannot be read.
    box_key : bytes
        ``uint16 KEM id || public key``; empty for a member without boxes, and when it cannot be read.
    """

    from_block: int
    url: str
    box_key: bytes


def member_word(account: Address) -> Reading[MemberWord]:
    """Read roles, country, admission and suspension; an account that is no member has no roles and no country."""
    slot = member_word_slot(account)
    values = yield (slot,)
    return MemberWord.unpack(values[slot])


def member_id(account: Address) -> Reading[MemberId]:
    """Read the id of a member's account, or raise `NotOnChainError`."""
    slot = member_id_slot(account)
    values = yield (slot,)
    if values[slot] == 0:
        raise NotOnChainError("member with account", to_hex(account))
    return _member_id(values[slot])


def account_of(member: MemberId) -> Reading[Address]:
    """Read the account of a member, or raise `NotOnChainError`."""
    slot = account_slot(member)
    values = yield (slot,)
    if values[slot] == 0:
        raise NotOnChainError("member", member)
    return _address(values[slot], "account")


def members() -> Reading[tuple[Address, ...]]:
    """Read every account ever admitted, in order of admission."""
    slot = members_slot()
    count = (yield (slot,))[slot]
    if count > MAX_MEMBERS:
        raise MalformedError("registry storage", "members", f"more than {MAX_MEMBERS}")
    slots = tuple(range(slot + 1, slot + 1 + count))
    values = yield slots
    return tuple(_address(values[item], "members") for item in slots)


def service_at(account: Address, block: int) -> Reading[Service]:
    """Read the services of a member that are in force at `block`: the last line that began by then.

    A member writes its own line, and many members are read at once. So what of a line cannot be read is empty: that
    member cannot be reached, and everybody else can.

    Raises
    ------
    NotOnChainError
        When the member had none yet.
    """
    count_slot = service_count_slot(account)
    count = (yield (count_slot,))[count_slot]
    for index in reversed(range(count)):
        places = service_slots(account, index)
        values = yield (places.from_block, places.url, places.box_key)
        from_block = values[places.from_block]
        if from_block <= block:
            sizes = values[places.url], values[places.box_key]
            url = yield from _data(places.url, sizes[0], MAX_URL_BYTES)
            box_key = yield from _data(places.box_key, sizes[1], MAX_BOX_KEY_BYTES)
            return Service(from_block, _text(url), box_key)
    raise NotOnChainError("service of", to_hex(account))


def member(account: Address, block: int) -> Reading[Member]:
    """Read all that the registry says of an account: id, word, and services in force at `block`.

    Raises
    ------
    NotOnChainError
        When the account is no member. A member without services has empty ones.
    """
    name = yield from member_id(account)
    word = yield from member_word(account)
    try:
        service = yield from service_at(account, block)
    except NotOnChainError:
        service = Service(0, "", b"")
    return Member(account, name, word, service.url, service.box_key)


def epoch_number(role: Role) -> Reading[int]:
    """Read the number of the epoch in office, or raise `NotOnChainError` when there never was one."""
    slot = epoch_number_slot(role)
    values = yield (slot,)
    if values[slot] == 0:
        raise NotOnChainError("epoch of", _role_name(role))
    return values[slot]


def epoch(role: Role, number: int) -> Reading[Epoch]:
    """Read one epoch: its accounts in order, threshold and first block; the first has number 1.

    Raises
    ------
    NotOnChainError
        When it has not begun.
    """
    places = epoch_slots(role, number)
    values = yield (places.from_block, places.threshold, places.accounts)
    from_block, threshold, size = (values[slot] for slot in (places.from_block, places.threshold, places.accounts))
    if size == 0:
        raise NotOnChainError(f"epoch {number} of", _role_name(role))
    if size > MAX_SET:
        raise MalformedError("registry storage", "accounts", f"more than {MAX_SET}")
    slots = tuple(range(places.accounts + 1, places.accounts + 1 + size))
    values = yield slots
    return Epoch(number, tuple(_address(values[slot], "accounts") for slot in slots), threshold, from_block)


def current_epoch(role: Role) -> Reading[Epoch]:
    """Read the epoch in office, or raise `NotOnChainError` when there never was one."""
    number = yield from epoch_number(role)
    return (yield from epoch(role, number))


def epoch_at(role: Role, block: int) -> Reading[Epoch]:
    """Read the epoch that was in office at `block`, which is not later than the block the values are of.

    Raises
    ------
    NotOnChainError
        When none had begun by then.
    """
    number = yield from epoch_number(role)
    while number:
        found = yield from epoch(role, number)
        if found.from_block <= block:
            return found
        number -= 1
    raise NotOnChainError("epoch of", _role_name(role))


def _data(length_slot: int, size: int, limit: int) -> Reading[bytes]:
    """Read what a member wrote; nothing when it is longer than the contract can have taken."""
    if size > limit:
        return b""
    slots = data_slots(length_slot, size)
    values = yield slots
    return b"".join(values[slot].to_bytes(WORD) for slot in slots)[:size]


def _text(data: bytes) -> str:
    """Return a text, or nothing: the contract takes any bytes for one."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _member_id(word: int) -> MemberId:
    data = word.to_bytes(WORD).rstrip(b"\0")
    try:
        return checked_id(data.decode("ascii"))
    except UnicodeDecodeError as error:
        raise MalformedError("registry storage", "id", "not ASCII") from error


def _address(word: int, where: str) -> Address:
    if word >> 160:
        raise MalformedError("registry storage", where, "not an address")
    return Address(word.to_bytes(20))


def _role_name(role: Role) -> str:
    return f"{(role.name or 'no role').lower()}s"
