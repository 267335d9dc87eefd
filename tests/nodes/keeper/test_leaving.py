"""An answer is under way until its last byte was handed over, and no longer than a reader may take."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from hospes.core import wire
from hospes.core.bodies import AccessRequest
from hospes.nodes.keeper import leaving
from hospes.nodes.keeper.leaving import Leaving
from tests.nodes.keeper.test_release import consented
from tests.nodes.keeper.travelling import Company, run

Message = MutableMapping[str, Any]


class Connection:
    """A connection that asks for an access and reads its answer as a test wants.

    Attributes
    ----------
    counts : list of int
        How many answers were under way whenever bytes were handed over.
    notices : list of int
        How many notices were kept by then.
    stuck : asyncio.Event
        Set when the reader stops reading, if it does.
    """

    def __init__(self, company: Company, request: AccessRequest, *, reads: bool) -> None:
        self._company, self._reads = company, reads
        self._messages: list[Message] = [{"type": "http.request", "body": wire.encode(request), "more_body": False}]
        self.counts: list[int] = []
        self.notices: list[int] = []
        self.stuck = asyncio.Event()

    async def receive(self) -> Message:
        """Give the body, then nothing more."""
        if not self._messages:
            await asyncio.Event().wait()
        return self._messages.pop()

    async def send(self, _: Message) -> None:
        """Take a message, slowly."""
        await asyncio.sleep(0.01)
        self.counts.append(self._company.under_way.counts(self._company.address))
        self.notices.append(len(self._company.keeper.holdings.notices.of(self._company.address, 0)))
        if not self._reads:
            self.stuck.set()
            await asyncio.Event().wait()

    async def ask(self) -> None:
        """Have the keeper's app handle the request."""
        scope: Message = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/v1/access",
            "raw_path": b"/v1/access",
            "query_string": b"",
            "root_path": "",
            "headers": [],
            "client": ("127.0.0.1", 1),
            "server": ("keeper", 80),
        }
        await self._company.keeper.app(scope, self.receive, self.send)


def test_an_answer_is_under_way_until_its_last_byte_was_handed_over(company: Company) -> None:
    """Whatever stands between the keeper and the connection: each message still finds the answer under way, and its
    notice kept.
    """

    async def flow() -> None:
        grant = await consented(company)
        connection = Connection(company, company.request(await company.asked(), grant), reads=True)
        await connection.ask()
        assert len(connection.counts) >= 2
        assert set(connection.counts) == set(connection.notices) == {1}
        assert company.under_way.counts(company.address) == 0

    run(flow())


def test_a_slow_reader_holds_up_no_withdrawal_for_long(company: Company) -> None:
    """A withdrawal waits for an answer that is leaving; one that nobody reads is cut off after some seconds."""

    async def flow() -> None:
        grant = await consented(company)
        company.keeper.app.user_middleware[0].kwargs["send_s"] = 0.1
        connection = Connection(company, company.request(await company.asked(), grant), reads=False)
        asking = asyncio.create_task(connection.ask())
        await connection.stuck.wait()
        settling = asyncio.create_task(company.under_way.settled(company.address))
        await asyncio.sleep(0.02)
        assert not settling.done()
        await asyncio.gather(asking, settling)
        assert len(connection.counts) == 1

    run(flow())


def test_other_timeouts_are_not_taken_for_slow_readers() -> None:
    """A handler that times out is a failure like any other."""

    async def handler(*_: object) -> None:
        await asyncio.sleep(0)
        raise TimeoutError

    async def nothing(*_: object) -> Any:  # noqa: ANN401
        raise AssertionError

    async def flow() -> None:
        try:
            await Leaving(handler)({"type": "http"}, nothing, nothing)
        except TimeoutError:
            return
        raise AssertionError("it was swallowed")

    run(flow())
    assert leaving.SEND_S == 5
