"""What the calls and the tasks of one oracle share: who it is, what it sees, what it keeps, whom it knows, its clock.

It does nothing by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass

import httpx

from hospes.core.chain import Epoch, Member, Role
from hospes.core.identities import Account, Address, Hash, keccak
from hospes.core.messages import Attestation
from hospes.core.proof import FinalHeader
from hospes.core.typed_data import Domain, digest
from hospes.oracle.cases import Case, Cases
from hospes.oracle.choosing import Hospitals
from hospes.oracle.configuration import OracleConfiguration
from hospes.oracle.detailing import position_of
from hospes.oracle.enrolment import Enrolled, Enrolments
from hospes.oracle.happenings import Happenings
from hospes.oracle.policy import Policy, Whom
from hospes.oracle.scoring import Scorer
from hospes.service.chain import ChainReader
from hospes.service.membership import MemberKeys
from hospes.service.sender import Sender


@dataclass(frozen=True, slots=True)
class OracleParts:
    """The shared parts of one oracle.

    Attributes
    ----------
    configuration : OracleConfiguration
    keys : MemberKeys
        Of the member that runs it.
    chain : ChainReader
        With a memory that survives a restart.
    sender : Sender
        Of the member's account.
    http : httpx.AsyncClient
    hospitals : Hospitals
    scorer : Scorer
    enrolments : Enrolments
    cases : Cases
    happenings : Happenings
    clock : callable
        Unix seconds.
    entropy : callable
        Returns that many random bytes.
    """

    configuration: OracleConfiguration
    keys: MemberKeys
    chain: ChainReader
    sender: Sender
    http: httpx.AsyncClient
    hospitals: Hospitals
    scorer: Scorer
    enrolments: Enrolments
    cases: Cases
    happenings: Happenings
    clock: Callable[[], float]
    entropy: Callable[[int], bytes]

    @property
    def domain(self) -> Domain:
        """The signing domain of the network."""
        return self.chain.domain

    @property
    def account(self) -> Account:
        """The oracle's account."""
        return self.keys.account

    @property
    def address(self) -> Address:
        """The oracle's address."""
        return self.keys.account.address

    @property
    def policy(self) -> Policy:
        """When to alert."""
        return self.scorer.policy

    def attestation(self, alert_hash: Hash, epoch: int) -> bytes:
        """Return this oracle's signature for an alert."""
        return self.account.sign(attestation_digest(self.domain, alert_hash, epoch))

    async def epoch(self, tip: FinalHeader) -> Epoch:
        """Return the oracles in office, or raise `NotOnChainError`."""
        return await self.chain.epoch(tip, role=Role.ORACLE)

    async def ranked(self, enrolled: Enrolled, row: str, tip: FinalHeader) -> tuple[Member, ...]:
        """Return the hospitals that can be asked for a traveller, the first to be asked first."""
        found = self.policy.row(row)
        whom = Whom.NEAREST if found is None else found.whom
        position = enrolled.track.position
        where = None if position is None else position_of(position)
        members = await self.chain.everybody(tip)
        return self.hospitals.ranked(members, tip.number, where, enrolled.enrolment.where, whom)

    def turn(self, epoch: Epoch, case: Case, oracle: Address | None = None) -> int:
        """Return how many oracles come before this one, or another, in raising a case."""
        return turn_of(epoch, case.journey, case.row, oracle or self.address)


def attestation_digest(domain: Domain, alert_hash: Hash, epoch: int) -> Hash:
    """Return what an oracle signs for an alert."""
    return digest(domain, Attestation(alert_hash, epoch))


def turn_of(epoch: Epoch, journey: Address, row: str, oracle: Address) -> int:
    """Return the place of an oracle, from 0, in the order for a journey and a row of the policy: by hash.

    One that is not in office comes after all that are.
    """
    ordered = sorted(epoch.accounts, key=lambda account: keccak(journey + row.encode() + account))
    return ordered.index(oracle) if oracle in ordered else len(ordered)
