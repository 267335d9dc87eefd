"""A reading: which slots a value needs, and what it is once they are known.

Some values tell where to look next (a count, then the last line; a length, then the text). A reading is therefore a
generator: it yields slots of one contract, receives their values, and returns the result. The same reading collects
slots for a node's proof and decodes what the proof gave, so the two cannot disagree. It proves nothing and does no I/O.

Sources: none; the shape is ours.
"""

from collections.abc import Callable, Generator, Mapping
from typing import TypeAlias, TypeVar

from hospes.core.errors import HospesError, ProofError

T = TypeVar("T")

Reading: TypeAlias = Generator[tuple[int, ...], Mapping[int, int], T]
"""Yields slots, is sent a mapping with at least these slots, returns a `T`. Good for one run."""


class NotOnChainError(HospesError):
    """Something that was looked up and that the chain does not hold, such as a member or an epoch.

    Parameters
    ----------
    what, name : str
        The kind of thing, and its public name: an account, an id, a number.
    """

    slug = "not-on-chain"

    def __init__(self, what: str, name: str) -> None:
        self.what, self.name = what, name
        super().__init__(f"the chain holds no {what} {name}")


def resolve(reading: Reading[T], fetch: Callable[[tuple[int, ...]], Mapping[int, int]]) -> T:
    """Run a reading, asking `fetch` for the values of the slots of each step.

    Raises
    ------
    NotOnChainError
        When the storage shows that there is no such thing.
    MalformedError
        When it holds what the contracts never write.
    """
    try:
        slots = next(reading)
        while True:
            slots = reading.send(fetch(slots))
    except StopIteration as stop:
        result: T = stop.value
        return result


def decode(reading: Reading[T], values: Mapping[int, int]) -> T:
    """Run a reading over values that are all known already, such as the slots of an audit bundle.

    Raises
    ------
    ProofError
        When it needs a slot that is not among them.
    NotOnChainError, MalformedError
        As `resolve`.
    """

    def known(slots: tuple[int, ...]) -> Mapping[int, int]:
        for slot in slots:
            if slot not in values:
                raise ProofError(f"slot {slot:#x}", "it is needed and was not given")
        return values

    return resolve(reading, known)
