"""Happenings: a live view is for everybody, and nobody has all of it for ever."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

import pytest

from hospes.oracle.errors import OracleFullError
from hospes.oracle.happenings import Happenings


def test_one_source_does_not_hold_every_view() -> None:
    """There is an end for one address, below that of all, and a view that is left makes room."""
    happenings = Happenings(lambda: 0.0, 3, 2)

    async def story() -> None:
        async with AsyncExitStack() as stack:
            first = await stack.enter_async_context(AsyncExitStack())
            for of_first in (first, stack):
                await of_first.enter_async_context(happenings.listening("one"))
            with pytest.raises(OracleFullError, match="one address"):
                happenings.require_room("one")
            await stack.enter_async_context(happenings.listening("another"))
            with pytest.raises(OracleFullError, match="3 live views"):
                happenings.require_room("a third")
            await first.aclose()
            happenings.require_room("one")

    asyncio.run(story())


async def heard(events: AsyncGenerator[bytes, None]) -> list[bytes]:
    """Return what comes until the end."""
    return [event async for event in events]


def test_a_view_ends_by_itself() -> None:
    """After its time it is closed, with heartbeats until then, and its place is free."""
    happenings = Happenings(lambda: 0.0, 1, 1)

    async def story() -> None:
        async with asyncio.timeout(5):
            events = await heard(happenings.events("one", 0.02, 0.1))
        assert len(events) > 2
        assert set(events) == {b": here\n\n"}
        happenings.require_room("one")

    asyncio.run(story())
