"""Errors of the auditor."""

from hospes.clients.auditor.findings import Code
from hospes.core.errors import HospesError


class RefutedError(HospesError):
    """A bundle whose foundation does not hold, so that nothing else in it can be judged.

    Parameters
    ----------
    code : Code
        Which step failed.
    reason : str
    """

    slug = "bundle-refuted"

    def __init__(self, code: Code, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(f"the bundle is refuted ({code}): {reason}")
