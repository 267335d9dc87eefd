"""An access: what a hospital asks for, made, appended to the chain, and found again in the proven log.

It asks no keeper. From `log_access` on, the traveller can see who asked.

Sources: PROTOCOL sections 1 (``Access``, ``gate``) and 2 ("Log").
"""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from hospes.clients.hospital.errors import NotAHospitalError, UnprovenAccessError, WrongNetworkError
from hospes.clients.hospital.logged import LoggedAccess
from hospes.clients.hospital.recipient import Entropy
from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG
from hospes.core.bodies import ShownGrant
from hospes.core.cards import Card
from hospes.core.chain import EntryKind, Member, Role
from hospes.core.errors import ProofError
from hospes.core.identities import HASH_BYTES, ZERO_HASH, Address, Hash
from hospes.core.messages import EMERGENCY, Access, Alert, RecordClass
from hospes.core.typed_data import Domain, digest
from hospes.service.chain import ChainReader
from hospes.service.errors import NodeError, TransactionPendingError, UnreachableError
from hospes.service.membership import MemberKeys
from hospes.service.sender import FINAL_S, POLL_S, Sender

BREAK_GLASS_CLASSES: Final = (RecordClass.EMERGENCY_SUMMARY.label,)


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody at a hospital wants to read, and what they can show for it.

    Attributes
    ----------
    journey : Address
    what : tuple of str
        Classes, in any order.
    why : str
        A purpose.
    practitioner : str
        Who asks, as the hospital states it; stands in the log's opening.
    grants : tuple of ShownGrant
        Grants that the traveller handed over; at most 8.
    gate : bytes
        The 16 bytes of the card; empty without card.
    alert : Alert, optional
        Evidence: one that the chain has as raised for this journey. With any other the keepers release nothing.
    """

    journey: Address
    what: tuple[str, ...]
    why: str
    practitioner: str
    grants: tuple[ShownGrant, ...] = ()
    gate: bytes = field(default=b"", repr=False)
    alert: Alert | None = field(default=None, repr=False)


def break_glass(card: Card, practitioner: str, alert: Alert | None = None) -> Request:
    """Return the request of an emergency: the emergency summary, for whoever holds the card."""
    return Request(card.journey, BREAK_GLASS_CLASSES, EMERGENCY, practitioner, gate=card.gate_secret, alert=alert)


def require_network(card: Card, chain_id: int) -> None:
    """Refuse a card of another network before anything is logged."""
    if card.chain_id != chain_id:
        raise WrongNetworkError(card.chain_id, chain_id)


async def own_membership(keys: MemberKeys, chain: ChainReader) -> Member:
    """Return this hospital as the registry has it.

    Raises
    ------
    NotAHospitalError
        When the account of `keys` is not this active hospital.
    """
    tip = await chain.tip()
    member = await chain.member(keys.account.address, tip)
    if member.id != keys.id:
        raise NotAHospitalError(keys.id, "the registry does not know its account under this name")
    if Role.HOSPITAL not in member.word.roles:
        raise NotAHospitalError(keys.id, "the registry does not have it as a hospital")
    if not member.word.active_at(tip.number):
        raise NotAHospitalError(keys.id, "it is suspended")
    return member


def evidence_of(request: Request, domain: Domain) -> Hash:
    """Return what the access names as its evidence: the hash of the alert, zero without one."""
    return ZERO_HASH if request.alert is None else digest(domain, request.alert)


def make_access(
    request: Request, member: Member, recipient_key: bytes, evidence: Hash, now: float, entropy: Entropy
) -> Access:
    """Return the access of a request, under a new salt.

    Raises
    ------
    MalformedError
        When a class, the purpose or the practitioner's name is not one that the protocol allows.
    """
    return Access(
        journey=request.journey,
        member=member.id,
        practitioner=request.practitioner,
        what=tuple(sorted(set(request.what))),
        why=request.why,
        where=member.word.country,
        recipient_key=recipient_key,
        evidence=evidence,
        requested_at=int(now),
        salt=Hash(entropy(HASH_BYTES)),
    )


async def log_access(access: Access, chain: ChainReader, sender: Sender) -> LoggedAccess:
    """Append an access and return it once it is final.

    Raises
    ------
    ContractRefusedError
        When the chain does not take it; nothing was logged.
    UnprovenAccessError
        When it was sent, and is not final in time, or the node does not prove it or answer; it may be in the log.
    NodeError, UnreachableError
        When the node did not take it.
    """
    transaction = await sender.send(ACCESS_LOG, calls.append(access.journey, digest(chain.domain, access)))
    try:
        await sender.final(transaction)
        return await _proven(access, chain, sender)
    except (NodeError, UnreachableError, ProofError, TransactionPendingError) as error:
        reason = "it takes longer than usual" if isinstance(error, TransactionPendingError) else str(error)
        raise UnprovenAccessError(access, transaction, FINAL_S, reason) from error


async def _proven(access: Access, chain: ChainReader, sender: Sender) -> LoggedAccess:
    """Return an access that a node calls final as the proven log has it."""
    access_hash = digest(chain.domain, access)
    deadline = asyncio.get_running_loop().time() + FINAL_S
    while asyncio.get_running_loop().time() < deadline:
        journal = await chain.journal(access.journey, await chain.tip())
        for entry in reversed(journal.of_kind(EntryKind.ACCESS)):
            if entry.entry_hash == access_hash and entry.account == sender.account.address:
                return LoggedAccess(access, entry, journal)
        await asyncio.sleep(POLL_S)
    raise ProofError("the entry", f"the log does not have it after {FINAL_S:g} s")
