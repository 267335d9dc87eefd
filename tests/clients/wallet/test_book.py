"""The book: pages come back as they were, nobody else reads them, and no crash or neighbour loses one."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from hospes.clients.wallet import book as module
from hospes.clients.wallet.book import Book
from hospes.clients.wallet.errors import NoConsentError, NoJourneyError, WalletFileError
from hospes.clients.wallet.locking import alone
from hospes.clients.wallet.pages import (
    Acceptance,
    BrakePage,
    ConsentPage,
    DepositPage,
    EndingPage,
    ErasurePage,
    HeldReceipt,
    JourneyPage,
    Pages,
)
from hospes.core import wire
from hospes.core.identities import Address, Hash, RecordId
from hospes.core.messages import Erasure, Receipt
from tests.simulators.strategies import addresses, consents, deposits, hashes, member_ids, uint64, words

NETWORK, OTHER = Hash(b"N" * 32), Hash(b"O" * 32)
KEY = b"k" * 32


def _few(items: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(items, max_size=2).map(tuple)


signatures = st.binary(max_size=65)
one_hash = hashes.map(lambda digest: (digest,))
erasures = st.builds(Erasure, words.map(lambda word: (RecordId(word),)), one_hash, uint64, hashes)
receipts = st.builds(Receipt, hashes, one_hash, uint64)
consent_pages = st.builds(ConsentPage, consents(), signatures, st.booleans(), uint64, _few(addresses), signatures)
deposit_pages = st.builds(
    DepositPage,
    deposits(),
    signatures,
    hashes,
    _few(hashes),
    _few(member_ids),
    _few(st.builds(Acceptance, addresses, signatures)),
    _few(st.binary(max_size=33)),
    st.booleans(),
)
journey_pages = st.builds(
    JourneyPage,
    hashes,
    uint64,
    st.integers(0, 2**32 - 1),
    addresses,
    st.text(st.characters(codec="utf-8"), max_size=20),
    words,
    uint64,
    _few(deposit_pages),
    _few(consent_pages),
    _few(st.builds(EndingPage, uint64, signatures)),
    _few(st.builds(ErasurePage, erasures, signatures, _few(st.builds(HeldReceipt, addresses, receipts, signatures)))),
    st.none() | consent_pages,
    st.none() | st.builds(BrakePage, uint64, hashes),
)


def _book(directory: Path, key: bytes = KEY) -> Book:
    return Book(directory / "book", key, os.urandom)


def _journey(index: int = 0, network: Hash = NETWORK, name: str = "") -> JourneyPage:
    address = Address(network[:1] * 19 + bytes([index]))
    return JourneyPage(network, 1 << 33, index, address, name, b"g" * 16, 1)


@settings(max_examples=15)
@given(_few(journey_pages))
def test_any_pages_come_back(journeys: tuple[JourneyPage, ...]) -> None:
    """Whatever a wallet can remember is read as it was written."""
    pages = Pages(journeys=journeys)
    assert wire.decode(Pages, wire.encode(pages)) == pages


def test_a_wallet_without_a_book_remembers_nothing(tmp_path: Path) -> None:
    """Before the first change there is no file and no page."""
    assert _book(tmp_path).read() == Pages()


def test_a_change_is_there_for_the_next_program(tmp_path: Path) -> None:
    """What one program wrote, another reads."""
    _book(tmp_path).change(lambda pages: pages.with_journey(_journey(name="Lisboa")))
    assert _book(tmp_path).read().journey(NETWORK).name == "Lisboa"


def test_nothing_of_a_page_stands_in_the_file(tmp_path: Path) -> None:
    """The file shows neither a name nor a gate secret, in bytes or in hexadecimal."""
    _book(tmp_path).change(lambda pages: pages.with_journey(_journey(name="Lisboa")))
    content = (tmp_path / "book").read_bytes()
    assert all(secret not in content for secret in (b"Lisboa", b"g" * 16, (b"g" * 16).hex().encode()))


@pytest.mark.parametrize("place", [0, 11, 12, 40, -1])
def test_a_changed_book_is_refused(tmp_path: Path, place: int) -> None:
    """One flipped bit anywhere, and no page is believed."""
    _book(tmp_path).change(lambda pages: pages.with_journey(_journey()))
    content = bytearray((tmp_path / "book").read_bytes())
    content[place] ^= 1
    (tmp_path / "book").write_bytes(content)
    with pytest.raises(WalletFileError):
        _book(tmp_path).read()


@pytest.mark.parametrize("content", [b"", b"short"])
def test_a_book_that_is_cut_off_is_refused(tmp_path: Path, content: bytes) -> None:
    """An empty file is not an empty book."""
    (tmp_path / "book").write_bytes(content)
    with pytest.raises(WalletFileError):
        _book(tmp_path).read()


def test_another_wallets_book_is_refused(tmp_path: Path) -> None:
    """A book opens under its own root secret alone."""
    _book(tmp_path).change(lambda pages: pages.with_journey(_journey()))
    with pytest.raises(WalletFileError):
        _book(tmp_path, b"q" * 32).read()


def test_a_crash_while_writing_leaves_the_book_before_or_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the power fails before the new book is in place, the old one is whole, and the next change succeeds."""
    book = _book(tmp_path)
    book.change(lambda pages: pages.with_journey(_journey(0)))
    monkeypatch.setattr("os.fsync", _power_cut)
    with pytest.raises(KeyboardInterrupt):
        book.change(lambda pages: pages.with_journey(_journey(1)))
    monkeypatch.undo()
    assert len(_book(tmp_path).read().journeys) == 1
    book.change(lambda pages: pages.with_journey(_journey(1)))
    assert len(_book(tmp_path).read().journeys) == 2


def _power_cut(_: int) -> None:
    raise KeyboardInterrupt


def test_a_book_that_could_not_be_read_again_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above its bound the change is refused, and all that was there can still be read."""
    book = _book(tmp_path)
    book.change(lambda pages: pages.with_journey(_journey(0)))
    monkeypatch.setattr(module, "MAX_BOOK_BYTES", 2_000)
    with pytest.raises(WalletFileError, match="full"):
        book.change(lambda pages: pages.with_journey(_journey(1, name="x" * 2_000)))
    assert [page.index for page in _book(tmp_path).read().journeys] == [0]


def test_programs_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    """Changes of several programs are made one after the other."""

    def begin(index: int) -> None:
        _book(tmp_path).change(lambda pages: pages.with_journey(_journey(index)))

    with ThreadPoolExecutor(8) as programs:
        list(programs.map(begin, range(24)))
    assert sorted(page.index for page in _book(tmp_path).read().journeys) == list(range(24))


def test_a_second_program_is_told_to_wait(tmp_path: Path) -> None:
    """What takes longer than a moment is refused to a second program, and free when the first is done."""
    with alone(tmp_path / "lock", wait=False), pytest.raises(WalletFileError), alone(tmp_path / "lock", wait=False):
        pass
    with alone(tmp_path / "lock", wait=False):
        pass


def test_journeys_of_two_networks_are_kept_apart(tmp_path: Path) -> None:
    """A journey is found on its own network alone, but no index of a chain id is used twice."""
    pages = _book(tmp_path).change(lambda now: now.with_journey(_journey(0)).with_journey(_journey(5, OTHER)))
    assert [page.index for page in pages.on(NETWORK)] == [0]
    assert pages.journey(OTHER).index == 5
    assert pages.next_index(1 << 33) == 6
    with pytest.raises(NoJourneyError):
        pages.journey(NETWORK, 5)


def test_the_latest_journey_is_taken_unless_one_is_named() -> None:
    """Without an index a command means the journey begun last."""
    pages = Pages().with_journey(_journey(0)).with_journey(_journey(1))
    assert pages.journey(NETWORK).index == 1
    assert pages.journey(NETWORK, 0).index == 0
    with pytest.raises(NoJourneyError):
        Pages().journey(NETWORK)


def test_a_later_state_of_a_journey_replaces_the_earlier() -> None:
    """A page that changed stands where it stood."""
    pages = Pages().with_journey(_journey(0)).with_journey(_journey(1)).with_journey(replace(_journey(0), name="new"))
    assert [(page.index, page.name) for page in pages.journeys] == [(0, "new"), (1, "")]


@pytest.mark.parametrize("number", [0, 1, -1])
def test_a_consent_that_is_not_there_is_told_so(number: int) -> None:
    """Consents are numbered from 1; another number is a typed error."""
    with pytest.raises(NoConsentError):
        _journey().consent(number)
