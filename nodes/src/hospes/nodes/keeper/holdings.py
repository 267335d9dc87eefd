"""Everything that a keeper keeps: one file that may be backed up, and the file of keys that may not.

It decides nothing; it says what is held for a journey at one moment, and survives `kill -9` at any point.

Sources: PROTOCOL sections 6 and 8; ARCHITECTURE section 5, rules 3, 6 and 9.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from hospes.core.identities import Address, Hash
from hospes.core.messages import Consent
from hospes.core.proof import Journal
from hospes.nodes.keeper import break_glass, deposits, handed, notices, standing
from hospes.nodes.keeper.break_glass import BreakGlassWatch
from hospes.nodes.keeper.deposits import Deposits
from hospes.nodes.keeper.errors import ConflictError
from hospes.nodes.keeper.handed import Handed, HandedErasure
from hospes.nodes.keeper.held import Held, HeldDeposit
from hospes.nodes.keeper.notices import Notices
from hospes.nodes.keeper.slots import numbers_of, open_slots, read_slots
from hospes.nodes.keeper.standing import Standing
from hospes.nodes.keeper.vault import Vault
from hospes.service.database import Database

HOLDINGS_FILE: Final = "holdings.db"
KEYS_FILE: Final = "keys.db"
"""Never in a backup."""
_SCHEMA: Final = "".join(part.SCHEMA for part in (break_glass, deposits, handed, notices, standing))


class Holdings:
    """A keeper's disk.

    Parameters
    ----------
    directory : Path
        Made, for its owner only, when it is not there.
    entropy : callable
        Returns that many random bytes.

    Attributes
    ----------
    database : Database
        What may be backed up.
    vault : Vault
        The keys, which may not.
    deposits : Deposits
    standing : Standing
    handed : Handed
    notices : Notices
    break_glass : BreakGlassWatch

    Raises
    ------
    ConfigurationError
        When the files cannot be opened.
    """

    def __init__(self, directory: Path, entropy: Callable[[int], bytes]) -> None:
        self.database = Database(directory / HOLDINGS_FILE, _SCHEMA)
        self.vault = Vault(directory / KEYS_FILE, entropy)
        self.deposits = Deposits(self.database, self.vault)
        self.standing = Standing(self.database, self.vault)
        self.handed = Handed(self.database)
        self.notices = Notices(self.database)
        self.break_glass = BreakGlassWatch(self.database)
        self.vault.keep_only([*self.deposits.sealed(), *self.standing.sealed()])
        self.deposits.set_lost_aside()

    def held_for(self, journey: Address, classes: Iterable[str], journal: Journal) -> Held:
        """Return what one access can use of what is held, at one moment, after the same work whatever that is.

        Parameters
        ----------
        classes : iterable of str
            That are asked for.
        journal : Journal
            Of the journey; of its deposits those that stand in it can be used.
        """
        numbers = numbers_of(journal)
        with self.database.reading():
            slots = read_slots(self.database, journey, classes, numbers)
            consents = self.standing.lying(journey)
            withdrawn, through = self.handed.withdrawn(journey), self.handed.through(journey)
            erasures, erased = self.handed.erasures(journey), self.handed.erased(journey)
        # Opened without the lock, so that who asks for one journey holds up nobody who asks for another.
        deposits = open_slots(self.deposits, slots)
        return Held(self.standing.opened(consents), deposits, withdrawn, through, erasures, erased, slots.oldest)

    def held(self, journey: Address) -> Held:
        """Return everything that is held for a journey now, at one moment; its time grows with that."""
        with self.database.reading():
            return Held(
                standing=self.standing.of(journey),
                deposits=self.deposits.of(journey),
                withdrawn=self.handed.withdrawn(journey),
                through=self.handed.through(journey),
                erasures=self.handed.erasures(journey),
                erased=self.handed.erased(journey),
            )

    def keep_deposit(self, held: HeldDeposit, now: float) -> None:
        """Hold a deposit durably, unless its journey erased the record or has another deposit of it.

        Raises
        ------
        ConflictError
        """
        with self.database.writing():
            if held.deposit.body.record in self.handed.erased(held.deposit.journey):
                raise ConflictError("the deposit", "its journey erased the record")
            self.deposits.keep(held, now)

    def keep_standing(self, journey: Address, consent: Consent, notice_key: bytes, now: float) -> None:
        """Hold a standing consent durably, unless its journey withdrew it here.

        Raises
        ------
        ConflictError
        """
        with self.database.writing():
            if consent.grants_hash in self.handed.withdrawn(journey):
                raise ConflictError("the standing consent", "its journey withdrew it")
            self.standing.keep(journey, consent, notice_key, now)

    def knows(self, journey: Address) -> bool:
        """Return whether a journey has a deposit or a standing consent here."""
        with self.database.reading():
            return self.deposits.any_of(journey) or bool(self.standing.lying(journey))

    def unheard(self, before: float) -> tuple[Address, ...]:
        """Return the journeys of `Handed.unheard` that are not known here."""
        return tuple(journey for journey in self.handed.unheard(before) if not self.knows(journey))

    def withdraw(self, journey: Address, grants_hash: Hash, now: float) -> None:
        """Note a withdrawal durably; a standing consent that it ends is deleted."""
        with self.database.writing():
            self.handed.withdraw(journey, grants_hash, now)
            self.standing.drop(journey, grants_hash)

    def destroy(self, erasure: HandedErasure, now: float) -> None:
        """Delete the shares of an erasure whose grace period is over, and note what was deleted.

        Keys go first: whatever stops this half way, no copy of a share opens any more, and it can be repeated. The
        standing grants go with the journey's last deposit.
        """
        with self.database.writing():
            deleted = self.deposits.records_held(erasure.journey, erasure.records)
            clean = self.deposits.destroy_keys(erasure.journey, deleted)
            if not self.deposits.of(erasure.journey):
                clean = self.standing.drop_all(erasure.journey) and clean
            if clean:
                self.deposits.delete(erasure.journey, deleted)
                self.handed.conclude(erasure, deleted, now)

    def back_up(self, path: Path) -> None:
        """Write the copy that belongs into a backup: everything but the keys."""
        self.database.copy_to(path)

    def close(self) -> None:
        """Close the files; harmless when called twice."""
        self.database.close()
        self.vault.close()
