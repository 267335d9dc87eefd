"""What can be wrong with what risk is given.

Nothing here is raised for a value that is missing or impossible: those are counted and said, and the rest is judged.
"""

from hospes.core.errors import HospesError


class UnknownVariableError(HospesError):
    """A name that is in none of the tables of risk.

    Parameters
    ----------
    name : str
        What was asked for.
    table : str
        The table that does not have it, such as ``"variable"`` or ``"feature"``.
    """

    slug = "unknown-variable"

    def __init__(self, name: str, table: str) -> None:
        self.name, self.table = name[:64], table
        super().__init__(f"there is no {table} {self.name!r}")


class DamagedModelError(HospesError):
    """A file of a learned model that is not the one its card describes.

    Parameters
    ----------
    model : str
        Name of the model.
    reason : str
    """

    slug = "damaged-model"

    def __init__(self, model: str, reason: str) -> None:
        self.model, self.reason = model, reason
        super().__init__(f"the model {model} cannot be used: {reason}")


class TooFewCasesError(HospesError):
    """An evaluation of too little: it needs cases of both outcomes.

    Parameters
    ----------
    with_outcome, without_outcome : int
        Cases that were found of each kind.
    """

    slug = "too-few-cases"

    def __init__(self, with_outcome: int, without_outcome: int) -> None:
        self.with_outcome, self.without_outcome = with_outcome, without_outcome
        super().__init__(
            f"nothing to evaluate: {with_outcome} cases with the outcome and {without_outcome} without; "
            "at least one of each is needed"
        )
