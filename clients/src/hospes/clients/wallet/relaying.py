"""Getting a signed call into the log: through any member, and into the proven journal before it counts.

The journey has no account and no money; a member sends its call. A member can refuse or delay, not change it. So the
wallet asks one after the other, alternating countries, and believes only the entry that its own reader proves.

Sources: PROTOCOL section 5 (``POST /v1/relay``: "a wallet tries members of two countries").
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hospes.clients.wallet.errors import NotRelayedError
from hospes.clients.wallet.keepers import Keepers, keepers_in_office, reason_of
from hospes.clients.wallet.wallet import Wallet
from hospes.core.bodies import RelayArguments, RelayReply, RelayRequest
from hospes.core.chain import Entry, EntryKind, Member
from hospes.core.identities import Address, Hash
from hospes.core.messages import Deposit, Erasure
from hospes.core.typed_data import digest, hash_struct
from hospes.service.client import Peer

PATIENCE_S: Final = 10.0
"""How long one member has to bring a call into a final block before the next is asked; a block takes about one."""
POLL_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Call:
    """A signed call and the entry that it must become.

    Attributes
    ----------
    request : RelayRequest
    kind : EntryKind
    entry_hash : Hash
    """

    request: RelayRequest
    kind: EntryKind
    entry_hash: Hash

    @property
    def journey(self) -> Address:
        """Whose call it is."""
        return self.request.arguments.journey

    def is_entry(self, entry: Entry) -> bool:
        """Whether an entry is what this call becomes."""
        return entry.kind is self.kind and entry.entry_hash == self.entry_hash


def give_call(journey: Address, grants_hash: Hash, deadline: int, signature: bytes) -> Call:
    """Return the giving of a consent."""
    arguments = RelayArguments(journey, grants_hash=grants_hash, deadline=deadline)
    return Call(RelayRequest("give", arguments, signature), EntryKind.GIVEN, grants_hash)


def withdraw_call(journey: Address, grants_hash: Hash, signature: bytes) -> Call:
    """Return the withdrawal of a consent."""
    request = RelayRequest("withdraw", RelayArguments(journey, grants_hash=grants_hash), signature)
    return Call(request, EntryKind.WITHDRAWN, grants_hash)


def end_call(journey: Address, through: int, signature: bytes) -> Call:
    """Return the ending of all consents given in a block up to `through`."""
    request = RelayRequest("end", RelayArguments(journey, through=through), signature)
    return Call(request, EntryKind.ENDED, Hash(through.to_bytes(32)))


def deposit_call(wallet: Wallet, deposit: Deposit, signature: bytes) -> Call:
    """Return the logging of a deposit."""
    arguments = RelayArguments(deposit.journey, body_hash=hash_struct(deposit.body))
    return Call(RelayRequest("deposit", arguments, signature), EntryKind.DEPOSITED, digest(wallet.domain, deposit))


def erase_call(wallet: Wallet, journey: Address, erasure: Erasure, signature: bytes) -> Call:
    """Return the logging of an erasure."""
    request = RelayRequest("erase", RelayArguments(journey, erasure=erasure), signature)
    return Call(request, EntryKind.ERASED, digest(wallet.domain, erasure))


async def logged(wallet: Wallet, call: Call) -> Entry | None:
    """Return the final entry that a call became, or None while there is none."""
    journal = await wallet.reader.journal(call.journey, await wallet.reader.tip())
    return next((entry for entry in journal.entries if call.is_entry(entry)), None)


async def relay(wallet: Wallet, call: Call, patience_s: float = PATIENCE_S) -> Entry:
    """Bring a call into the log and return its final entry; a call that is there already is not sent again.

    Raises
    ------
    NotRelayedError
        When no member brought it there in time. It may still come; repeating is safe.
    """
    outcome: Entry | str | None = await logged(wallet, call)
    missing: list[tuple[str, str]] = []
    for member in () if outcome else alternating(await keepers_in_office(wallet), wallet.entropy):
        outcome = await _through(wallet, member, call, patience_s)
        if isinstance(outcome, Entry):
            break
        missing.append((member.id, outcome))
    if not isinstance(outcome, Entry):
        raise NotRelayedError(call.request.call, missing)
    return outcome


async def await_entry(wallet: Wallet, call: Call, patience_s: float = PATIENCE_S) -> Entry | None:
    """Wait until a call that was sent is a final entry; None when it is not after `patience_s` seconds."""
    for _ in range(max(1, round(patience_s / POLL_S))):
        entry = await logged(wallet, call)
        if entry:
            return entry
        await asyncio.sleep(POLL_S)
    return None


async def _through(wallet: Wallet, member: Member, call: Call, patience_s: float) -> Entry | str:
    """Return the entry that `member` brought a call to, or why there is none."""
    try:
        await Peer(member.service, wallet.http).post("/v1/relay", call.request, RelayReply)
    except Exception as error:  # noqa: BLE001 - whatever one member brings about, the next one is asked
        # Refused, perhaps, because the call that another member took is in the log by now.
        return await logged(wallet, call) or reason_of(error)
    return await await_entry(wallet, call, patience_s) or f"not final after {patience_s:g} s"


def alternating(keepers: Keepers, entropy: Callable[[int], bytes]) -> tuple[Member, ...]:
    """Return the active keepers in a random order in which neighbours are of different countries while possible."""
    waiting = sorted(
        (member for member in keepers.members if member.word.active_at(keepers.at.number)), key=lambda _: entropy(8)
    )
    order: list[Member] = []
    while waiting:
        last = order[-1].word.country if order else ""
        following = next((member for member in waiting if member.word.country != last), waiting[0])
        waiting.remove(following)
        order.append(following)
    return tuple(order)
