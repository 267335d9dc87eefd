"""Errors of the auditor."""

from hospes.clients.auditor.findings import Code
from hospes.core.errors import HospesError, MalformedError


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


class WrongFileError(MalformedError):
    """A file that is not what it was given as.

    Parameters
    ----------
    file : str
    kind : str
        What was expected, such as ``"audit bundle"``.
    error : HospesError
        Why it is none.
    """

    def __init__(self, file: str, kind: str, error: HospesError) -> None:
        super().__init__(file, "", str(error))
        self.file, self.kind = file, kind
        self.args = (f"{file} is no {kind}: {error}",)
