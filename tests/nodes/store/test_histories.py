"""Over any history the SQLite store answers as the model does, also after it was closed and opened again."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from hospes.core.content_ids import digest_of
from hospes.core.errors import HospesError
from hospes.core.identities import Address
from hospes.nodes.store.blocks import BlockStore, SqliteBlocks
from tests.simulators.blocks import ModelBlocks

JOURNEYS = st.sampled_from([Address(b"A" * 20), Address(b"B" * 20)])
BLOCKS = st.sampled_from([b"", b"one", b"two", b"x" * 9000])


class Histories(RuleBasedStateMachine):
    """Two stores, told the same."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.model: BlockStore = ModelBlocks()
        self.real: BlockStore = SqliteBlocks(self.directory / "blocks.db")

    @rule(journey=JOURNEYS, block=BLOCKS)
    def put(self, journey: Address, block: bytes) -> None:
        """Put a block."""
        assert self._outcome("put", journey, digest_of(block), block)

    @rule(block=BLOCKS)
    def get(self, block: bytes) -> None:
        """Get a block."""
        assert self._outcome("get", digest_of(block))

    @rule(journey=JOURNEYS, block=BLOCKS, at=st.integers(0, 2**40))
    def delete(self, journey: Address, block: bytes, at: int) -> None:
        """Delete a block."""
        assert self._outcome("delete", journey, digest_of(block), at)

    @rule(now=st.integers(0, 2**40))
    def newcomers(self, now: int) -> None:
        """See who is new; the order of those first seen at one time is nobody's business."""
        real, model = self.real.newcomers(now), self.model.newcomers(now)
        assert set(real) == set(model)

    @rule(journey=JOURNEYS)
    def acknowledge(self, journey: Address) -> None:
        """Acknowledge a newcomer."""
        assert self._outcome("acknowledge", journey, 1)

    @rule(journey=JOURNEYS)
    def drop(self, journey: Address) -> None:
        """Drop a newcomer."""
        assert self._outcome("drop", journey)

    @rule()
    def reopen(self) -> None:
        """Stop and start."""
        self.real.close()
        self.real = SqliteBlocks(self.directory / "blocks.db")

    def teardown(self) -> None:
        """Clean up."""
        self.real.close()
        shutil.rmtree(self.directory)

    def _outcome(self, call: str, *arguments: object) -> bool:
        return _told(self.model, call, arguments) == _told(self.real, call, arguments)


def _told(store: BlockStore, call: str, arguments: tuple[object, ...]) -> object:
    try:
        return getattr(store, call)(*arguments)
    except HospesError as error:
        return type(error), str(error)


def test_any_history_gives_the_same_answers_in_both_stores() -> None:
    """Any history of puts, gets, deletions and restarts gives the same answers in the model and in SQLite."""
    histories = settings(max_examples=15, stateful_step_count=20, deadline=None)
    run_state_machine_as_test(Histories, settings=histories)
