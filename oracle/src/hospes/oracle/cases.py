"""Cases: alerts that this oracle raises or attested, durable before anything of them leaves, until they are closed.

It only keeps them. A case is changed by being replaced, whole, on the disk and then in memory; what is to be done for
one is said by `raising`.

Sources: ARCHITECTURE section 5, rule 9.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from hospes.core import wire
from hospes.core.alert_box import AlertDetail
from hospes.core.identities import Address, Hash, MemberId
from hospes.core.messages import Alert
from hospes.oracle.holdings import Holdings

CASE: Final = b"case"
ID_BYTES: Final = 16
STOOD_BACK: Final = "stood back"
ACKNOWLEDGED: Final = "acknowledged"
ESCALATED: Final = "escalated"
NEVER_RAISED: Final = "never raised"
NOBODY_LEFT: Final = "nobody left"
UNANSWERED: Final = "unanswered"
MISDIRECTED: Final = "misdirected"
WITHOUT_EFFECT: Final = frozenset({STOOD_BACK, NEVER_RAISED, NOBODY_LEFT, MISDIRECTED})
"""Outcomes of cases whose alert never came to a hospital."""
MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Attested:
    """One oracle's signature over the `Attestation` of a case's alert."""

    oracle: Address
    signature: bytes


@dataclass(frozen=True, slots=True)
class Case:
    """One alert, from the decision to its end.

    Attributes
    ----------
    id : bytes
        16 random bytes.
    journey : Address
    row : str
        The policy's, that led.
    severity : int
    own : bool
        Whether this oracle decided it; else it attested another's.
    decided_at : int
        Unix seconds by this oracle's clock.
    as_of_ms : int
        Time of the judgement, by the device.
    detail : AlertDetail
    alert : Alert or None
        None until a hospital was chosen.
    alert_hash : Hash or None
    oracle_epoch : int
        Of the attestations; 0 before.
    attestations : tuple of Attested
        This oracle's own is among them once there is an alert.
    asked : tuple of MemberId
        Hospitals that were asked before in this matter.
    previous : Hash or None
        The alert that nobody acknowledged.
    delivered : bool
        Whether the hospital has it on its disk.
    outcome : str
        Empty while it is open.
    """

    id: bytes
    journey: Address
    row: str
    severity: int
    own: bool
    decided_at: int
    as_of_ms: int
    detail: AlertDetail = field(repr=False)
    alert: Alert | None = None
    alert_hash: Hash | None = None
    oracle_epoch: int = 0
    attestations: tuple[Attested, ...] = ()
    asked: tuple[MemberId, ...] = ()
    previous: Hash | None = None
    delivered: bool = False
    outcome: str = ""

    @property
    def open(self) -> bool:
        """Whether something is still to be done or to be waited for."""
        return not self.outcome

    def same_event(self, other: "Case", quiet_s: int) -> bool:
        """Whether two cases of one row tell of one event: judged at times that are less than its quiet time apart."""
        return abs(self.as_of_ms - other.as_of_ms) < quiet_s * MS

    def signed_by(self, oracle: Address) -> bool:
        """Whether this oracle's attestation is there."""
        return any(one.oracle == oracle for one in self.attestations)


class Cases:
    """The cases of one oracle; may be used by several threads.

    Parameters
    ----------
    holdings : Holdings
    """

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings
        self._lock = threading.RLock()
        self._cases: dict[bytes, Case] = {}
        for journey, sealed in holdings.rows("SELECT journey, sealed FROM cases ORDER BY place"):
            case = wire.decode(Case, holdings.vault.open(Address(journey), CASE, sealed))
            self._cases[case.id] = case

    def all(self) -> tuple[Case, ...]:
        """Return all of them, the oldest first."""
        return tuple(self._cases.values())

    def open(self) -> tuple[Case, ...]:
        """Return those that are open."""
        return tuple(case for case in self.all() if case.open)

    def of(self, journey: Address, row: str) -> tuple[Case, ...]:
        """Return those of one journey and row, the oldest first."""
        return tuple(case for case in self.all() if (case.journey, case.row) == (journey, row))

    def get(self, case_id: bytes) -> Case | None:
        """Return one of them; None once its journey is forgotten."""
        return self._cases.get(case_id)

    def with_alert(self, alert_hash: Hash) -> Case | None:
        """Return the case of an alert."""
        return next((case for case in self.all() if case.alert_hash == alert_hash), None)

    def keep(self, *cases: Case) -> None:
        """Keep new cases; durable, all or none, when this returns."""
        with self._lock:
            with self._holdings.writing():
                self.write(cases)
            self.remember(cases)

    def change(self, case_id: bytes, change: Callable[[Case], Case]) -> Case | None:
        """Replace a case by what `change` makes of its present state, durably; None once it is forgotten.

        `change` may raise, and nothing changes then.
        """
        with self._lock:
            case = self._cases.get(case_id)
            if case is None:
                return None
            changed = change(case)
            if changed != case:
                self.keep(changed)
            return changed

    def divide(self, case_id: bytes, change: Callable[[Case], tuple[Case, ...]]) -> tuple[Case, ...]:
        """Keep, all or none, what `change` makes of a case's present state; nothing once it is forgotten."""
        with self._lock:
            case = self._cases.get(case_id)
            made = () if case is None else change(case)
            if made:
                self.keep(*made)
            return made

    def admit(self, case: Case, blocked: Callable[[Case], bool], stand_back: Callable[[Case], bool]) -> bool:
        """Keep a case unless another one of its journey and row blocks it; others of it stand back.

        Returns
        -------
        bool
            False when it was blocked; nothing has changed then.
        """
        with self._lock:
            others = [one for one in self.of(case.journey, case.row) if one.id != case.id]
            if any(map(blocked, others)):
                return False
            backing = [replace(one, outcome=STOOD_BACK) for one in others if stand_back(one)]
            self.keep(case, *backing)
            return True

    def write(self, cases: Iterable[Case]) -> None:
        """Write cases as part of the caller's writing; call `remember` after it."""
        for case in cases:
            sealed = self._holdings.vault.seal(case.journey, CASE, wire.encode(case))
            statement = "INSERT INTO cases (id, journey, sealed) VALUES (?, ?, ?)"
            statement += " ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed"
            self._holdings.run(statement, case.id, case.journey, sealed)

    def remember(self, cases: Iterable[Case]) -> None:
        """Have cases in memory that are on the disk."""
        with self._lock:
            self._cases = self._cases | {case.id: case for case in cases}

    def forget(self, journey: Address) -> None:
        """Drop a journey's cases from memory; whoever calls this destroyed its key."""
        with self._lock:
            self._cases = {key: case for key, case in self._cases.items() if case.journey != journey}

    def drop_closed(self, before: int) -> None:
        """Delete closed cases that were decided before a time, in Unix seconds."""
        old = [case for case in self.all() if not case.open and case.decided_at < before]
        for case in old:
            self._holdings.run("DELETE FROM cases WHERE id = ?", case.id)
        gone = {case.id for case in old}
        with self._lock:
            self._cases = {key: case for key, case in self._cases.items() if key not in gone}
