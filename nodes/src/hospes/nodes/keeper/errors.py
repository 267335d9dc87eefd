"""What a keeper refuses in steps 1 to 4, and in what it is asked to hold.

Each of these depends only on what the caller knows already. Whether a consent covers an access is never an error: that
answer is always a box.
"""

from hospes.core.errors import HospesError


class NotFinalError(HospesError):
    """An entry that the final log does not have, or not yet.

    Parameters
    ----------
    number : int
        The entry asked for.
    """

    slug = "not-final"

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"entry {number} is not final; try again later")


class WrongEntryError(HospesError):
    """An entry that is not the one of the access shown; what is wrong with it is not told to who may not know it.

    Parameters
    ----------
    number : int
    reason : str
        For this keeper only: who asked is not shown to be the hospital in the entry.
    """

    slug = "wrong-entry"

    def __init__(self, number: int, reason: str) -> None:
        self.number, self.reason = number, reason
        super().__init__(f"entry {number} does not stand for this access")


class StaleError(HospesError):
    """Something that was to be shown sooner, or by a clock nearer to ours.

    Parameters
    ----------
    what : str
        Such as ``"entry 7"``.
    age_s, limit_s : float
        How old it is, in seconds, and how old it may be.
    """

    slug = "stale"

    def __init__(self, what: str, age_s: float, limit_s: float) -> None:
        self.what, self.age_s, self.limit_s = what, age_s, limit_s
        super().__init__(f"{what} is {age_s:.0f} s old, at most {limit_s:.0f} s are allowed")


class ClockBehindError(HospesError):
    """The keeper's clock is behind the chain's, so that it cannot tell what is fresh."""

    slug = "clock-behind"

    def __init__(self, behind_s: float) -> None:
        self.behind_s = behind_s
        super().__init__(f"the latest final block is {behind_s:.0f} s ahead of this keeper's clock; try again later")


class DepositRefusedError(HospesError):
    """A deposit that this keeper cannot hold as it is."""

    slug = "deposit-refused"

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = where, reason
        super().__init__(f"the deposit is refused at {where}: {reason}")


class ConflictError(HospesError):
    """Something new that contradicts what this keeper holds."""

    slug = "conflict"

    def __init__(self, what: str, reason: str) -> None:
        self.what, self.reason = what, reason
        super().__init__(f"{what} is refused: {reason}")


class NoReceiptError(HospesError):
    """An erasure that this keeper was not handed, or whose grace period runs."""

    slug = "no-receipt"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"there is no receipt: {reason}")
