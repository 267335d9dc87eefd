"""Enrolling: a journey tells each oracle in office of its wearable, each under a frame key of its own.

The keys are new with every enrolment and are returned for the device; the wallet keeps none of them, so that a wallet
that was killed on the way simply enrols again. It speaks to no device.

Sources: PROTOCOL sections 5 (``POST /v1/enrol``) and 7 ("Enrolment"); docs/adr/0007-oracle.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hospes.clients.wallet.keepers import Missing, ask_each, check_active
from hospes.clients.wallet.pages import JourneyPage
from hospes.clients.wallet.wallet import Wallet
from hospes.core import boxes, wire
from hospes.core.chain import Epoch, Member, Role
from hospes.core.errors import ProofError
from hospes.core.identities import Country, keccak
from hospes.core.messages import Enrolment
from hospes.core.oracle_bodies import FRAME_KEY_BYTES, EnrolBox, EnrolReply, EnrolRequest
from hospes.core.typed_data import digest
from hospes.service.client import Peer


@dataclass(frozen=True, slots=True)
class Paired:
    """What the device must know of one oracle.

    Attributes
    ----------
    oracle : Member
    stream : int
        The oracle's index at the device.
    frame_key : bytes
    frames_port : int
        Where it takes frames, on the host of its services.
    """

    oracle: Member
    stream: int
    frame_key: bytes = field(repr=False)
    frames_port: int


@dataclass(frozen=True, slots=True)
class Enrolled:
    """How an enrolment went.

    Attributes
    ----------
    epoch : Epoch
        The oracles in office, and how many must attest an alert.
    paired : tuple of Paired
        Those that took it, in the order of the epoch.
    missing : tuple of Missing
        Those that did not, and why.
    """

    epoch: Epoch
    paired: tuple[Paired, ...]
    missing: tuple[Missing, ...]


async def enrol(wallet: Wallet, journey: JourneyPage, device: int, where: Country, not_after: int) -> Enrolled:
    """Enrol a device at all oracles in office.

    Parameters
    ----------
    wallet : Wallet
    journey : JourneyPage
        Its card's gate goes along, so that an alert can bring it to the hospital.
    device : int
        As its frames name it.
    where : Country
        Whom to ask while the device knows no position.
    not_after : int
        Unix seconds: when it ends by itself.

    Raises
    ------
    NotOnChainError
        When the network has no oracles.
    """
    tip = await wallet.reader.tip()
    epoch = await wallet.reader.epoch(tip, role=Role.ORACLE)
    oracles = await wallet.reader.members(epoch.accounts, tip)
    boxes_of = {
        oracle.account: _box(wallet, journey, oracle, stream, device, where, not_after)
        for stream, oracle in enumerate(oracles)
    }

    async def tell(oracle: Member, peer: Peer) -> Paired:
        check_active(oracle, tip)
        box = boxes_of[oracle.account]
        info = boxes.enrol_info(wallet.domain, journey.address, oracle.account)
        request = EnrolRequest(journey.address, boxes.seal(oracle.box_key, info, wire.encode(box)))
        reply = await peer.post("/v1/enrol", request, EnrolReply)
        if reply.enrolment_hash != digest(wallet.domain, box.enrolment):
            raise ProofError("enrolment", "the oracle took another one")
        return Paired(oracle, box.enrolment.stream, box.frame_key, reply.frames_port)

    told = await ask_each(wallet, oracles, tell)
    return Enrolled(epoch, _in_order([paired for _, paired in told.answers]), told.missing)


def _box(
    wallet: Wallet, journey: JourneyPage, oracle: Member, stream: int, device: int, where: Country, not_after: int
) -> EnrolBox:
    key = wallet.entropy(FRAME_KEY_BYTES)
    gate = journey.card.gate
    enrolment = Enrolment(
        journey.address, oracle.account, device, stream, keccak(key), gate, where, not_after, wallet.now()
    )
    return EnrolBox(enrolment, wallet.sign(journey, enrolment), key, journey.gate_secret)


def _in_order(paired: Sequence[Paired]) -> tuple[Paired, ...]:
    return tuple(sorted(paired, key=lambda one: one.stream))
