"""What an oracle refuses, and what can fail in it. None tells a stranger whether a journey is known here."""

from hospes.core.errors import HospesError


class EnrolmentRefusedError(HospesError):
    """An enrolment, or its end, that cannot be taken as it is.

    Parameters
    ----------
    reason : str
        Told only to whoever signed for the journey.
    """

    slug = "enrolment-refused"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the oracle cannot take it: {reason}")


class NotAttestedError(HospesError):
    """An alert that this oracle does not attest: one answer for every reason, to whoever asks.

    Parameters
    ----------
    reason : str
        One word for this oracle's metrics only; it is not in the message.
    """

    slug = "not-attested"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__("this oracle does not attest it")


class OracleFullError(HospesError):
    """There is no room for one more of something.

    Parameters
    ----------
    what : str
        In the plural.
    limit : int
    """

    slug = "oracle-full"

    def __init__(self, what: str, limit: int) -> None:
        self.what, self.limit = what, limit
        super().__init__(f"this oracle has its {limit} {what} already; try again later, or another oracle")


class NoHospitalError(HospesError):
    """Nobody is left to be asked: no active hospital that this oracle knows and that was not asked yet."""

    slug = "no-hospital"

    def __init__(self, asked: int) -> None:
        self.asked = asked
        super().__init__(f"no hospital is left to be asked; {asked} were asked")


class OracleFileError(HospesError):
    """The oracle's database failed, so that nothing may be acknowledged.

    Parameters
    ----------
    reason : str
        What the database said; it quotes no value.
    """

    slug = "oracle-file"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the oracle's database failed ({reason})")
