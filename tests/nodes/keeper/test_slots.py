"""What is read for one access: never more than it can use, and the same work whatever is held."""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hospes.core.chain import EntryKind
from hospes.core.identities import RecordId
from hospes.core.proof import Journal
from hospes.nodes.keeper.deposits import MAX_WAITING
from hospes.nodes.keeper.errors import DepositRefusedError
from hospes.nodes.keeper.held import HeldDeposit
from hospes.nodes.keeper.holdings import KEYS_FILE, Holdings
from hospes.service.database import Row
from tests.nodes.keeper.scenes import DEPOSIT_BLOCK, JOURNEY, Line, Scene, but, deposit, salted

WHAT = ("medication", "patient-summary")


def journal(*deposits: HeldDeposit) -> Journal:
    """Return the journal in which these deposits were logged, in this order, before the access."""
    lines = tuple(Line(EntryKind.DEPOSITED, one.digest, DEPOSIT_BLOCK) for one in deposits)
    return but(before=lines).view().journal


def many(what: str, count: int) -> tuple[HeldDeposit, ...]:
    """Return deposits of one class."""
    return tuple(deposit(what, f"{what} {i}") for i in range(count))


@pytest.fixture
def holdings(tmp_path: Path) -> Iterator[Holdings]:
    """Return an empty keeper's disk."""
    made = Holdings(tmp_path / "keeper", os.urandom)
    yield made
    made.close()


def keep(holdings: Holdings, *deposits: HeldDeposit, logged: bool = True) -> None:
    """Hold deposits; `logged` ones get their numbers as they stand in `journal`."""
    with holdings.database.writing():
        for number, one in enumerate(deposits, start=1):
            holdings.keep_deposit(one, 0)
            if logged:
                holdings.deposits.mark_logged(one.digest, number)


def usable(holdings: Holdings, logged: Journal, *classes: str) -> set[HeldDeposit]:
    """Return the deposits that are read for an access."""
    return set(holdings.held_for(JOURNEY, classes or WHAT, logged).deposits)


@pytest.mark.parametrize("logged", [True, False], ids=["numbered", "not looked up yet"])
def test_an_access_reads_the_newest_eight_of_each_class_it_asks_for(holdings: Holdings, *, logged: bool) -> None:
    """By the log's order, whether or not the keeper has noted it yet; other classes are not read."""
    medication, summaries, images = many("medication", 10), many("patient-summary", 3), many("imaging", 3)
    everything = (*medication, *summaries, *images)
    keep(holdings, *everything, logged=logged)
    assert usable(holdings, journal(*everything)) == {*medication[2:], *summaries}
    assert usable(holdings, journal(*everything), "imaging") == set(images)
    if not logged:
        backwards = journal(*reversed(everything))
        assert usable(holdings, backwards) == {*medication[:8], *summaries}


def test_a_deposit_that_the_log_does_not_have_takes_no_place(holdings: Holdings) -> None:
    """Nor does one that was erased here, whose grace period runs."""
    medication = many("medication", 12)
    keep(holdings, *medication[:10])
    keep(holdings, *medication[10:], logged=False)
    holdings.handed.erase(JOURNEY, salted("erasure"), [RecordId(medication[9].deposit.body.record)], 1 << 40, 0)
    logged = journal(*medication[:10], medication[11])
    assert usable(holdings, logged) == {*medication[2:9], medication[11]}


def test_a_deposit_whose_key_is_lost_takes_no_place(holdings: Holdings, tmp_path: Path) -> None:
    """After a backup without keys was restored, what the wallet repaired is read as if the rest had never been."""
    medication = many("medication", 10)
    keep(holdings, *medication)
    holdings.close()
    (tmp_path / "keeper" / KEYS_FILE).unlink()
    restored = Holdings(tmp_path / "keeper", os.urandom)
    assert usable(restored, journal(*medication)) == set()
    assert restored.held_for(JOURNEY, WHAT, journal(*medication)).oldest == frozenset()
    keep(restored, medication[0], logged=False)
    assert usable(restored, journal(*medication)) == {medication[0]}
    restored.close()


def test_the_oldest_deposit_is_known_beside_those_that_are_read(holdings: Holdings) -> None:
    """An erasure after it may mean what is held here, whichever class is asked for."""
    (image,), medication = many("imaging", 1), many("medication", 10)
    keep(holdings, image, *medication)
    assert image.digest in holdings.held_for(JOURNEY, WHAT, journal(image, *medication)).oldest


def test_only_so_many_deposits_wait_for_their_entries(holdings: Holdings) -> None:
    """The sixty-fifth that is not known to be logged is refused; once one of them is, it is taken."""
    *waiting, last = many("medication", MAX_WAITING + 1)
    keep(holdings, *waiting, logged=False)
    with pytest.raises(DepositRefusedError):
        holdings.keep_deposit(last, 0)
    holdings.keep_deposit(waiting[0], 0)  # the same again
    holdings.deposits.mark_logged(waiting[0].digest, 1)
    holdings.keep_deposit(last, 0)


HELD_COUNTS = (0, 50, 600)
FACTOR = 1.5
"""What the medians may differ by; reading everything that is held differed by more than fifty."""


@pytest.mark.slow
def test_the_work_does_not_grow_with_what_is_held(tmp_path: Path) -> None:
    """The median time to read for an access is the same with no deposit, with 50 and with 600 of them."""
    logged = journal(*many("medication", max(HELD_COUNTS)))  # the log is public: its length tells nothing
    reads: dict[int, Callable[[], object]] = {}
    opened: list[Holdings] = []
    for count in HELD_COUNTS:
        holdings = Holdings(tmp_path / str(count), os.urandom)
        opened.append(holdings)
        keep(holdings, *many("medication", count))
        reads[count] = lambda holdings=holdings: holdings.held_for(JOURNEY, WHAT, logged)  # type: ignore[misc]
    times: dict[int, list[float]] = {count: [] for count in HELD_COUNTS}
    for _ in range(60):
        for count, read in reads.items():
            began = time.perf_counter()
            read()
            times[count].append(time.perf_counter() - began)
    medians = [statistics.median(times[count]) for count in HELD_COUNTS]
    for holdings in opened:
        holdings.close()
    assert max(medians) < FACTOR * min(medians), medians


def test_an_empty_disk_still_does_the_work(holdings: Holdings, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many keys are looked up for a journey that is not known as for one with more than can be used."""
    asked: list[str] = []
    rows = holdings.vault.database.rows

    def counted(query: str, *values: object) -> list[Row]:
        asked.append(query)
        return rows(query, *values)

    monkeypatch.setattr(holdings.vault.database, "rows", counted)
    medication = many("medication", 10)
    counts: list[int] = []
    for held in ((), medication):
        keep(holdings, *held)
        asked.clear()
        holdings.held_for(JOURNEY, WHAT, journal(*medication))
        counts.append(len(asked))
    assert counts == [80, 80]
    assert Scene().access.what == WHAT
