"""Logs are found by contract and topics, by the index as by looking at each of them."""

import pytest
from hypothesis import given, strategies as st

from hospes.core.identities import Address
from hospes.nodes.ledger import logs
from hospes.nodes.ledger.errors import TooWideError
from hospes.nodes.ledger.logs import LogQuery, find_logs, logs_of
from tests.simulators.ledgers import NOTEPAD, REFUSER, SmallLedger, account, note, small_ledger


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> SmallLedger:
    """Six blocks of notes, which no test of this module changes."""
    small = small_ledger(tmp_path_factory.mktemp("noted"))
    for number in range(6):
        for index in range(5):
            small.submit(account(index % 3), note((number + index) % 4, number))
        small.seal()
    return small


_topics = st.lists(st.frozensets(st.integers(0, 5), max_size=3), max_size=2).map(tuple)
_contracts = st.frozensets(st.sampled_from([NOTEPAD, REFUSER]), max_size=2)


@given(first=st.integers(0, 8), last=st.integers(0, 8), contracts=_contracts, topics=_topics)
def test_the_index_finds_what_looking_at_every_log_finds(
    noted: SmallLedger, first: int, last: int, contracts: frozenset[Address], topics: tuple[frozenset[int], ...]
) -> None:
    """For any question the fast search and the slow one give the same logs in the same order."""
    query = LogQuery(first, last, contracts, topics)
    chain = noted.engine.chain
    slow = [
        (found.block.number, found.index)
        for number in range(first, min(last, chain.head_number()) + 1)
        for found in logs_of(chain.block(number))
        if query.matches(found.log)
    ]
    assert [(found.block.number, found.index) for found in find_logs(chain, query)] == slow


def test_indices_count_within_the_block(noted: SmallLedger) -> None:
    """A log knows its transaction and its place among all logs of the block."""
    places = [(found.transaction_index, found.index) for found in logs_of(noted.engine.chain.block(3))]
    assert places == [(index, index) for index in range(5)]


def test_too_wide_a_question_is_refused(noted: SmallLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer is bounded by its logs and by the blocks that must be looked into."""
    everything = LogQuery(0, 6)
    with monkeypatch.context() as patch:
        patch.setattr(logs, "MAX_LOGS", 29)
        with pytest.raises(TooWideError, match="at most 29 logs"):
            find_logs(noted.engine.chain, everything)
    monkeypatch.setattr(logs, "MAX_BLOCKS", 6)
    with pytest.raises(TooWideError, match="at most 6 blocks"):
        find_logs(noted.engine.chain, everything)
    assert len(find_logs(noted.engine.chain, LogQuery(1, 6))) == 30
