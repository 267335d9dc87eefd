"""What the console's page and its gateway say to each other, as `core.wire` reads and writes it.

It is between a page and the server that served it, not of the protocol: both change together.
"""

from dataclasses import dataclass

from hospes.clients.hospital.accesses import Line
from hospes.clients.hospital.inbox import Received, Standing
from hospes.clients.hospital.reading import Reading
from hospes.core.alert_box import DeviceState, Position, Reason, Trend
from hospes.core.errors import MalformedError
from hospes.core.identities import ADDRESS_BYTES, HASH_BYTES, Address, Country, Hash, MemberId


@dataclass(frozen=True, slots=True)
class ThisNetwork:
    """Whose console this is, and whether it is for real patients: what the door says before a token came."""

    member: MemberId
    demonstration: bool


@dataclass(frozen=True, slots=True)
class Session:
    """Who looks, where, and in which languages they can read."""

    practitioner: str
    purpose: str
    may_break_glass: bool
    not_after: int
    member: MemberId
    demonstration: bool
    languages: tuple[str, ...]
    now: int


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """One alert of the inbox; `standing` is a name of `Standing` in lower case, `told` its words."""

    alert_hash: Hash
    journey: Address
    addressee: MemberId
    severity: int
    raised_at: int
    deadline: int
    received_at: int
    standing: str
    told: str
    acknowledged_at: int
    late: bool
    reasons: tuple[Reason, ...]
    trend: tuple[Trend, ...]
    device: DeviceState
    position: Position | None = None

    @classmethod
    def of(cls, received: Received, account: Address) -> "ShownAlert":
        """Return an alert as the hospital of this account sees it."""
        alert, detail, state = received.box.alert, received.box.detail, received.state
        standing = received.standing(account)
        acknowledged_at = state.acknowledged_time if state and standing is Standing.ACKNOWLEDGED else 0
        return cls(
            alert_hash=received.alert_hash,
            journey=alert.journey,
            addressee=alert.addressee,
            severity=alert.severity,
            raised_at=alert.raised_at,
            deadline=alert.deadline,
            received_at=received.received_at,
            standing=standing.name.lower(),
            told=standing,
            acknowledged_at=acknowledged_at,
            late=acknowledged_at > alert.deadline,
            reasons=detail.reasons,
            trend=detail.trend,
            device=detail.device,
            position=detail.position,
        )


@dataclass(frozen=True, slots=True)
class ShownInbox:
    """The inbox, newest first."""

    alerts: tuple[ShownAlert, ...]
    now: int


@dataclass(frozen=True, slots=True)
class GivenCard:
    """The text of a card."""

    card: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Whose cards and grants are kept now, or no more."""

    journey: Address

    def __post_init__(self) -> None:
        """Refuse a journey of another size."""
        _require_journey("Kept", self.journey)


@dataclass(frozen=True, slots=True)
class ShownPatient:
    """Somebody for whom something is kept: never the gate secret itself."""

    journey: Address
    since: int
    card: bool
    grants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownPatients:
    """Everybody for whom something is kept."""

    patients: tuple[ShownPatient, ...]


@dataclass(frozen=True, slots=True)
class Press:
    """The first action of a break-glass."""

    journey: Address
    alert_hash: Hash | None = None

    def __post_init__(self) -> None:
        """Refuse values of another size."""
        _require_journey("Press", self.journey)
        if self.alert_hash is not None and len(self.alert_hash) != HASH_BYTES:
            raise MalformedError("Press", "alertHash", f"expected {HASH_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """What the second action must bring, and what will happen then."""

    name: str
    practitioner: str
    member: MemberId
    seconds: int


@dataclass(frozen=True, slots=True)
class Confirm:
    """The second action: who, and why."""

    practitioner: str
    reason: str
    to: str


@dataclass(frozen=True, slots=True)
class Look:
    """A reading under a grant, for the purpose of the token."""

    journey: Address
    to: str

    def __post_init__(self) -> None:
        """Refuse a journey of another size."""
        _require_journey("Look", self.journey)


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """A document that the page has, to be read in another language: no new access.

    Attributes
    ----------
    document, media_type, to : str
    written_in : str
        Its language, if somebody had to say it; empty otherwise.
    """

    document: str
    media_type: str
    to: str
    written_in: str


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """One record; `document` when it is text, so that the page can ask for another language."""

    what: str
    number: int
    deposited_at: int
    media_type: str
    origin: str
    issued: bool
    reading: Reading
    document: str | None = None


@dataclass(frozen=True, slots=True)
class ShownOpening:
    """What came of an access."""

    journey: Address
    entry: int
    country: Country
    break_glass: bool
    header: tuple[str, ...]
    warnings: tuple[str, ...]
    records: tuple[ShownRecord, ...]


@dataclass(frozen=True, slots=True)
class ShownAccesses:
    """The hospital's own list, newest first."""

    lines: tuple[Line, ...]


def _require_journey(what: str, journey: Address) -> None:
    if len(journey) != ADDRESS_BYTES:
        raise MalformedError(what, "journey", f"expected {ADDRESS_BYTES} bytes")
