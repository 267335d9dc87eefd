"""Errors of the wallet: what the traveller, or who helps them, must know and can do next.

No message holds a name, an illness or a secret; members are named by their ids.
"""

from collections.abc import Iterable

from hospes.clients.wallet.sentences import counted
from hospes.core.errors import HospesError, MalformedError


class PassphraseError(HospesError):
    """A passphrase that does not open this wallet."""

    slug = "wrong-passphrase"

    def __init__(self) -> None:
        super().__init__("this passphrase does not open the wallet; please try again")


class WeakPassphraseError(HospesError):
    """A new passphrase that is too short to protect anything."""

    slug = "weak-passphrase"

    def __init__(self, shortest: int) -> None:
        self.shortest = shortest
        super().__init__(f"the passphrase is too short: choose at least {shortest} characters, several words are best")


class WalletFileError(HospesError):
    """A file of the wallet that is missing, damaged or in the way."""

    slug = "wallet-file"

    def __init__(self, path: object, reason: str) -> None:
        self.path, self.reason = str(path), reason
        super().__init__(f"{path}: {reason}")


class NoJourneyError(HospesError):
    """A journey that this wallet does not have.

    Parameters
    ----------
    index : int, optional
        None when it has none at all on this network.
    elsewhere : int
        How many it has on other networks.
    """

    slug = "no-journey"

    def __init__(self, index: int | None, elsewhere: int = 0) -> None:
        self.index, self.elsewhere = index, elsewhere
        which = "no journey yet" if index is None else f"no journey {index}"
        others = f" ({elsewhere} on other networks: --network)" if elsewhere else ""
        advice = "begin one with: hospes wallet new" if index is None else "see: hospes wallet status"
        super().__init__(f"this wallet has {which} on this network{others}; {advice}")


class NoConsentError(HospesError):
    """A consent or grant that a journey does not have.

    Parameters
    ----------
    which : str
        Such as ``"consent 2"``.
    journey : int, optional
        Index of the journey that was asked.
    elsewhere : iterable of int
        Indices of the journeys that have it.
    """

    slug = "no-consent"

    def __init__(self, which: str, journey: int | None = None, elsewhere: Iterable[int] = ()) -> None:
        self.which, self.journey, self.elsewhere = which, journey, tuple(elsewhere)
        super().__init__(_not_here(which, journey, self.elsewhere))


class NoRecordError(HospesError):
    """A record that a journey does not have; parameters as of `NoConsentError`."""

    slug = "no-record"

    def __init__(self, number: int, journey: int | None = None, elsewhere: Iterable[int] = ()) -> None:
        self.number, self.journey, self.elsewhere = number, journey, tuple(elsewhere)
        super().__init__(_not_here(f"record {number}", journey, self.elsewhere))


class NoSummaryError(MalformedError):
    """A file that was to be deposited as a patient summary and is none."""

    def __init__(self, file: str, error: HospesError) -> None:
        super().__init__(file, "", str(error))
        self.file = file
        said = f"{file} is no patient summary, which is expected as a FHIR R4 document bundle in JSON ({error})"
        self.args = (f"{said}; to deposit it as it is, say what it is: --class, and --media-type",)


class EndedForGoodError(HospesError):
    """A journey of which no consent can hold any more."""

    slug = "ended-for-good"

    def __init__(self) -> None:
        super().__init__("all consents of this journey were ended for good; begin a new journey: hospes wallet new")


class NoticeError(HospesError):
    """A notice of a keeper that does not explain its entry."""

    slug = "notice"

    def __init__(self, number: int, reason: str) -> None:
        self.number, self.reason = number, reason
        super().__init__(f"the notice about entry {number} does not hold: {reason}")


class SuspendedMemberError(HospesError):
    """A keeper or store that is no active member at the latest final block."""

    slug = "suspended-member"

    def __init__(self, member: str) -> None:
        self.member = member
        super().__init__(f"{member} is suspended")


class NotAgreedError(HospesError):
    """The traveller did not agree to what they were shown."""

    slug = "not-agreed"

    def __init__(self) -> None:
        super().__init__("nothing was signed")


class TooFewKeepersError(HospesError):
    """A deposit that too few keepers accepted; nothing stands on the chain, and it can be resumed.

    Parameters
    ----------
    accepted, needed : int
    missing : iterable of (str, str)
        Member id and reason of each keeper that did not accept.
    """

    slug = "too-few-keepers"

    def __init__(self, accepted: int, needed: int, missing: Iterable[tuple[str, str]]) -> None:
        self.accepted, self.needed, self.missing = accepted, needed, tuple(missing)
        super().__init__(
            f"{counted(accepted, 'keeper')} accepted the record, it takes {needed}; nothing was logged, repeat later "
            f"({_reasons(self.missing)})"
        )


class StoresFailedError(HospesError):
    """Blocks that no store of the network holds completely."""

    slug = "stores-failed"

    def __init__(self, missing: Iterable[tuple[str, str]]) -> None:
        self.missing = tuple(missing)
        super().__init__(f"no store holds the record; repeat the deposit later ({_reasons(self.missing)})")


class NotRelayedError(HospesError):
    """A signed call that did not become final by any of the members that were asked; it may still.

    Parameters
    ----------
    call : str
    missing : iterable of (str, str)
        Member id and reason, in the order asked.
    """

    slug = "not-relayed"

    def __init__(self, call: str, missing: Iterable[tuple[str, str]]) -> None:
        self.call, self.missing = call, tuple(missing)
        super().__init__(
            f"{call} is signed but not in the log yet; repeat the command, it will not happen twice "
            f"({_reasons(self.missing)})"
        )


class NoKeepersKnownError(NotRelayedError):
    """A signed call that can be handed to nobody: the ledger is away, and the book remembers no keepers.

    Parameters
    ----------
    call : str
    reason : str
        What is wrong with the ledger.
    """

    def __init__(self, call: str, reason: str) -> None:
        super().__init__(call, [("the ledger", reason)])
        told = f"{call} is signed and kept, but nothing has stopped yet: the ledger cannot be read ({reason})"
        self.args = (f"{told}, and this wallet remembers no keepers of the network to tell; repeat the command later",)


def _not_here(which: str, journey: int | None, elsewhere: tuple[int, ...]) -> str:
    """Return that a journey has no such thing, and which journey has."""
    where = "this journey" if journey is None else f"journey {journey}"
    if not elsewhere:
        return f"{where} has no {which}; see: hospes wallet status"
    if len(elsewhere) == 1:
        return f"{where} has no {which}; {which} is of journey {elsewhere[0]}: add --journey {elsewhere[0]}"
    others = ", ".join(str(index) for index in elsewhere)
    return f"{where} has no {which}; the journeys {others} each have one: add --journey and the number"


def _reasons(missing: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{member}: {reason}" for member, reason in missing) or "nobody was asked"
