"""Answers that are decided but have not left yet, so that a withdrawal can wait for them before it is acknowledged.

It holds nobody up: an answer never waits, and what begins later is decided with the withdrawal already on disk.

Sources: PROTOCOL section 6 ("handed directly to a keeper is durable and honoured before the reply").
"""

import asyncio
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager

from hospes.core.identities import Address


class UnderWay:
    """The answers of one keeper that are under way, by journey."""

    def __init__(self) -> None:
        self._answers: defaultdict[Address, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def answering(self, journey: Address) -> Generator[None]:
        """Count one answer as under way; enter before the holdings are read, leave when it is sent."""
        left = asyncio.Event()
        self._answers[journey].add(left)
        try:
            yield
        finally:
            left.set()
            self._answers[journey].discard(left)
            if not self._answers[journey]:
                del self._answers[journey]

    def counts(self, journey: Address) -> int:
        """Return how many answers to a journey are under way now."""
        return len(self._answers.get(journey, ()))

    async def settled(self, journey: Address) -> None:
        """Wait until the answers to a journey that are under way now have left."""
        for left in tuple(self._answers.get(journey, ())):
            await left.wait()
