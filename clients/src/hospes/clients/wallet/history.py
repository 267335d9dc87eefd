"""A journey's page beside its proven log: what became of each consent and deposit, and what the book knows nothing of.

It asks the chain once and then only compares; it changes nothing.

Sources: PROTOCOL section 2 ("Consent word", "Log").
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hospes.clients.wallet.pages import FOR_GOOD, ConsentPage, DepositPage, ErasurePage, JourneyPage
from hospes.clients.wallet.wallet import Wallet
from hospes.core.chain import Entry, EntryKind
from hospes.core.identities import ZERO_HASH, Hash
from hospes.core.messages import EMERGENCY, RecordClass
from hospes.core.proof import Journal
from hospes.core.typed_data import Domain, digest


class ConsentState(StrEnum):
    """What a consent is worth now."""

    PENDING = "signed, not in the log yet"
    VOID = "never reached the log in time"
    GIVEN = "given"
    OVER = "over: its time has passed"
    WITHDRAWING = "withdrawn, not in the log yet"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class DepositState(StrEnum):
    """How far a deposit is."""

    UNFINISHED = "unfinished"
    LOGGED = "deposited"
    GIVEN_UP = "given up"
    ERASED = "erased"


class Lack(StrEnum):
    """Why a card opens nothing."""

    ENDED = "every consent of its journey was ended for good"
    RECORD = "no emergency summary is deposited"
    PERMISSION = "no emergency permission holds"
    HOLDERS = "too few keepers hold the emergency permission"


LIVE: Final = (ConsentState.PENDING, ConsentState.GIVEN)
"""A consent that reads, or will once it is in the log."""


@dataclass(frozen=True, slots=True)
class History:
    """A journey's page and its proven log.

    Attributes
    ----------
    page : JourneyPage
    journal : Journal
    domain : Domain
    now : int
        Unix seconds.
    """

    page: JourneyPage
    journal: Journal
    domain: Domain
    now: int

    def entry(self, kind: EntryKind, entry_hash: Hash) -> Entry | None:
        """Return the entry of this kind and hash, if the log has it."""
        return next((e for e in self.journal.of_kind(kind) if e.entry_hash == entry_hash), None)

    def deposited(self, page: DepositPage) -> Entry | None:
        """Return the entry of a deposit, if the log has it."""
        return self.entry(EntryKind.DEPOSITED, digest(self.domain, page.deposit))

    def erased(self, page: ErasurePage) -> Entry | None:
        """Return the entry of an erasure, if the log has it."""
        return self.entry(EntryKind.ERASED, digest(self.domain, page.erasure))

    def deposit_state(self, page: DepositPage) -> DepositState:
        """Return how far a deposit is."""
        if any(page.record in erasure.erasure.records for erasure in self.page.erasures):
            return DepositState.ERASED
        if self.deposited(page):
            return DepositState.LOGGED
        return DepositState.UNFINISHED if page.unfinished else DepositState.GIVEN_UP

    def consent_state(self, page: ConsentPage) -> ConsentState:
        """Return what a consent is worth now."""
        given = self.entry(EntryKind.GIVEN, page.grants_hash)
        if self.entry(EntryKind.WITHDRAWN, page.grants_hash):
            return ConsentState.WITHDRAWN
        if page.withdrawal:
            return ConsentState.WITHDRAWING
        if given is None and self.ended_through() == FOR_GOOD:
            return ConsentState.ENDED
        if given is None:
            return ConsentState.VOID if self.time() > page.consent.deadline else ConsentState.PENDING
        if given.block <= self.ended_through():
            return ConsentState.ENDED
        lasting = any(grant.not_after > self.time() for grant in page.consent.grants)
        return ConsentState.GIVEN if lasting else ConsentState.OVER

    def ended_through(self) -> int:
        """Return the block up to which all consents have ended; 0 for none. Block 0 holds none."""
        return max((int.from_bytes(e.entry_hash) for e in self.journal.of_kind(EntryKind.ENDED)), default=0)

    def foreign(self) -> tuple[Entry, ...]:
        """Return entries that this journey's key signed and the book does not know.

        There are some when the book was restored from an old copy, and when somebody else has the key.
        """
        known = {(EntryKind.DEPOSITED, digest(self.domain, page.deposit)) for page in self.page.deposits}
        known |= {(EntryKind.GIVEN, page.grants_hash) for page in self.page.consents}
        known |= {(EntryKind.WITHDRAWN, page.grants_hash) for page in self.page.consents if page.withdrawal}
        known |= {(EntryKind.ERASED, digest(self.domain, page.erasure)) for page in self.page.erasures}
        known |= {(EntryKind.ENDED, Hash(page.through.to_bytes(32))) for page in self.page.endings}
        if self.page.brake:
            known.add((EntryKind.ENDED, Hash(self.page.brake.through.to_bytes(32))))
        signed = (entry for entry in self.journal.entries if entry.kind is not EntryKind.ACCESS)
        return tuple(entry for entry in signed if (entry.kind, entry.entry_hash) not in known)

    def braked(self) -> Entry | None:
        """Return the entry of the brake that this wallet signed, if somebody has used it."""
        brake = self.page.brake
        return self.entry(EntryKind.ENDED, Hash(brake.through.to_bytes(32))) if brake else None

    def lacks(self) -> tuple[Lack, ...]:
        """Return why whoever has the card can open nothing with it in an emergency; empty when they can."""
        if self.ended_through() == FOR_GOOD:
            return (Lack.ENDED,)
        records = [page for page in self.page.deposits if self._helps(page)]
        permissions = [page for page in self.page.consents if self._allows(page)]
        found = [*([] if records else [Lack.RECORD]), *([] if permissions else [Lack.PERMISSION])]
        if not found and not any(_is_held(page, record) for page in permissions for record in records):
            found.append(Lack.HOLDERS)
        return tuple(found)

    def _helps(self, page: DepositPage) -> bool:
        cut = page.deposit.body.what == RecordClass.EMERGENCY_SUMMARY.label
        return cut and self.deposit_state(page) is DepositState.LOGGED

    def _allows(self, page: ConsentPage) -> bool:
        """Whether a consent lets keepers release the emergency summary now to who shows the card alone."""
        if not page.standing or self.consent_state(page) is not ConsentState.GIVEN:
            return False
        return any(
            RecordClass.EMERGENCY_SUMMARY.label in grant.what
            and EMERGENCY in grant.why
            and grant.not_before <= self.time() < grant.not_after
            and grant.gate in (ZERO_HASH, self.page.card.gate)
            for grant in page.consent.grants
        )

    def time(self) -> int:
        """Return the later of the clock and the latest final block: contracts and keepers see at least that."""
        return max(self.now, self.journal.header.time)


def _is_held(consent: ConsentPage, record: DepositPage) -> bool:
    """Whether enough keepers of a record hold a consent to open it."""
    return len(set(consent.holders) & record.keepers()) >= record.deposit.body.threshold


async def history(wallet: Wallet, page: JourneyPage) -> History:
    """Return a journey's history at the latest final block."""
    journal = await wallet.reader.journal(page.address, await wallet.reader.tip())
    return History(page, journal, wallet.domain, wallet.now())
