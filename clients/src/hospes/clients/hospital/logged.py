"""An access that stands in the log: what keepers can be asked with.

It makes none and appends none (`access` does).
"""

from dataclasses import dataclass

from hospes.core.chain import Entry
from hospes.core.messages import Access
from hospes.core.proof import Journal


@dataclass(frozen=True, slots=True)
class LoggedAccess:
    """An access that stands in the proven log; only `log_access` returns one.

    Attributes
    ----------
    access : Access
    entry : Entry
    journal : Journal
        The journey's log, proven up to a block that has the entry.
    """

    access: Access
    entry: Entry
    journal: Journal
